"""Where everything lies: declarations, queries, stores, evidence, outputs. Read from the environment, with defaults that work.

| variable | default | meaning |
|---|---|---|
| `RETENTION_HOME` | `var` | stores (embedded), evidence and the digest key |
| `RETENTION_OUTPUT` | `output` | registers and reports: a folder, or `s3://bucket/prefix`, `gs://…` (`outputs.py`) |
| `RETENTION_DECISIONS` | `production` | which decision set is in force |
| `RETENTION_DECLARATIONS` | `ropa/declarations` | compliance's folder |
| `RETENTION_SQL` | `include/sql` | the data engineers' folder |
| `RETENTION_EVIDENCE` | `sqlite:///<home>/evidence.db` | evidence database |
| `RETENTION_STORE_<NAME>` | `sqlite:///<home>/stores/<name>.db` | one store's database |
| `RETENTION_REPLICA_<NAME>` | – | a replica that a store names under `pace.replica_connections` |
| `RETENTION_HEADROOM` | `1.0` | free room wanted beside a database file, in sizes of the file |
| `RETENTION_DIGEST_KEY` | the file `<home>/digest.key` | secret of the keyed digests in receipts, 32 bytes or more in hex |

An address is a file, `postgresql+psycopg://user:password@host/database` or `mariadb+pymysql://…`; under Airflow also
`airflow:<connection id>`.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from retention.declare.bundle import Bundle, load_bundle
from retention.errors import EvidenceError, OutputError
from retention.evidence.database import Evidence

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Workspace:
    """Folders and addresses of one installation."""

    home: Path
    output: Path
    declarations: Path
    sql: Path
    decision_set: str = "production"
    evidence_url: str = ""
    store_urls: Mapping[str, str] = field(default_factory=dict)
    headroom: float = 1.0
    output_url: str = ""  # where outputs go when they are finished, if that is no folder
    output_options: Mapping[str, Any] = field(default_factory=dict, repr=False)  # credentials for it

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> Workspace:
        """The workspace the environment describes; relative folders are relative to the installation."""
        home = REPOSITORY / environment.get("RETENTION_HOME", "var")
        prefix = "RETENTION_STORE_"
        output = environment.get("RETENTION_OUTPUT", "output").removeprefix("file://")
        elsewhere = "://" in output
        return cls(
            home=home,
            output=home / "output" if elsewhere else REPOSITORY / output,
            output_url=output.rstrip("/") if elsewhere else "",
            declarations=REPOSITORY / environment.get("RETENTION_DECLARATIONS", "ropa/declarations"),
            sql=REPOSITORY / environment.get("RETENTION_SQL", "include/sql"),
            decision_set=environment.get("RETENTION_DECISIONS", "production"),
            evidence_url=environment.get("RETENTION_EVIDENCE", f"sqlite:///{home / 'evidence.db'}"),
            store_urls={name.removeprefix(prefix).lower(): url for name, url in environment.items() if name.startswith(prefix)},
            headroom=float(environment.get("RETENTION_HEADROOM", "1.0")),
        )

    @classmethod
    def at(cls, folder: Path, *, decision_set: str = "production") -> Workspace:
        """A workspace of its own in a folder, with the installation's declarations: for demonstrations and tests."""
        return replace(
            cls.from_env({}),
            home=folder / "var",
            output=folder / "output",
            decision_set=decision_set,
            evidence_url=f"sqlite:///{folder / 'var' / 'evidence.db'}",
        )

    def bundle(self) -> Bundle:
        """Everything declared, checked. Read again whenever a byte of it changed. Raises DeclarationError."""
        return _bundle(self.declarations, self.sql, self.decision_set, _content(self.declarations, self.sql))

    def store_url(self, store: str) -> str:
        return self.store_urls.get(store, f"sqlite:///{self.store_file(store)}")

    def store_file(self, store: str) -> Path:
        """Where an embedded store lies."""
        return self.home / "stores" / f"{store}.db"

    def evidence(self, *, readonly: bool = False) -> Evidence:
        return Evidence(self.evidence_url or f"sqlite:///{self.home / 'evidence.db'}", readonly=readonly)

    def digest_key(self, *, make: bool = True) -> bytes:
        """The secret of the keyed digests, made on first use where `make` allows it.

        A damaged or lost one is refused with EvidenceError: a new one would orphan the receipts written with the old one.
        """
        text = os.environ.get("RETENTION_DIGEST_KEY")
        path = self.home / "digest.key"
        if text is None:
            if make and not path.exists():
                _make_key(path)
            text = path.read_text(encoding="ascii", errors="replace") if path.exists() else ""
        try:
            key = bytes.fromhex(text.strip())
        except ValueError:
            key = b""
        if len(key) < 32:
            raise EvidenceError(
                "the digest key is lost, or is not 32 bytes in hexadecimal",
                file=path,
                mend="restore it from its backup: receipts cannot be matched to records without it",
            )
        return key

    def output_folder(self, name: str) -> Path:
        """A folder under the output folder, made if need be. Raises OutputError where it cannot be written."""
        folder = self.output / name
        if self.output_url:
            from retention.outputs import try_out

            try_out(self)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / ".writable"
            probe.write_bytes(b"")
            probe.unlink()
        except OSError as reason:
            raise OutputError(
                f"the output folder cannot be written ({type(reason).__name__})",
                file=folder,
                mend="give write permission, or set RETENTION_OUTPUT to a folder that is writable",
            ) from None
        return folder


def _content(*folders: Path) -> str:
    """SHA-256 over every declaration: a hundred times faster than reading them as what they are."""
    digest = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.*")):
            if path.is_file() and path.suffix != ".py":
                digest.update(f"{path}\0{path.stat().st_size}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


@lru_cache(maxsize=4)
def _bundle(declarations: Path, sql: Path, decision_set: str, _content: str) -> Bundle:
    return load_bundle(declarations, sql, decision_set)


def _make_key(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
