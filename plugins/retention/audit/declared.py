"""The declarations in force in a span, each in a folder named by its hash, and beside them the declaration as it is now."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from sqlalchemy import Connection, select

from retention.audit.archive import Archive
from retention.audit.span import Slice
from retention.declare.bundle import Bundle
from retention.declare.files import read_back
from retention.errors import DeclarationError
from retention.evidence import declarations, tables
from retention.evidence.ledger import canonical
from retention.evidence.records import Run
from retention.workspace import Workspace

FOLDER = "declaration/in-force"
_NAMING = ("plan", "run")  # entries of the ledger whose payload names the declaration they were made under


@dataclass(frozen=True)
class InForce:
    """A declaration that runs of the span were made under.

    `files`: enclosed as kept; `unread` where this version reads them as another declaration, or not at all; `today` where
    they were not kept, and today's are those; `missing`. `ledger_entry`: the one that seals them.
    """

    policy_hash: str
    decision_set: str
    runs: tuple[str, ...]
    files: Literal["kept", "unread", "today", "missing"]
    ledger_entry: int | None = None


@dataclass(frozen=True)
class Declared:
    """What is declared today beside what the runs were made under."""

    policy_hash: str
    decision_set: str
    in_force: tuple[InForce, ...]
    files: int  # of today

    @property
    def others(self) -> dict[str, tuple[str, ...]]:
        """Hashes that runs of the span had besides today's, and those runs."""
        return {each.policy_hash: each.runs for each in self.in_force if each.policy_hash != self.policy_hash}

    @property
    def missing(self) -> tuple[InForce, ...]:
        return tuple(each for each in self.in_force if each.files == "missing")


def write(
    archive: Archive, workspace: Workspace, bundle: Bundle, connection: Connection, part: Slice, runs: Sequence[Run]
) -> Declared:
    """Writes today's files, those of each declaration in force, and `declaration/hashes.json`, which says what is what.

    Raises EvidenceError where files that were kept are not those that were sealed.
    """
    files = _today(archive, workspace)
    found = tuple(_in_force(archive, connection, bundle, name, runs) for name in _hashes(connection, part, runs))
    declared = Declared(bundle.policy_hash, bundle.decisions.set, found, files)
    told = {
        "policy_hash": bundle.policy_hash,
        "decision_set": bundle.decisions.set,
        "parts": bundle.hashes,
        "in_force": [asdict(each) for each in found],
        "runs_under_another": declared.others,
    }
    archive.text("declaration/hashes.json", canonical(told) + "\n")
    return declared


def _today(archive: Archive, workspace: Workspace) -> int:
    count = 0
    for folder, inside in ((workspace.declarations, "declaration/compliance"), (workspace.sql, "declaration/stores")):
        for path in _files(folder):
            archive.copy(f"{inside}/{path.relative_to(folder).as_posix()}", path)
            count += 1
    return count


def _files(folder: Path) -> list[Path]:
    """What is declared: YAML, queries and the policy's text; nothing hidden, and nothing that a program left there."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in (".yaml", ".sql", ".txt", ".md")
                  and not any(part.startswith(".") for part in path.relative_to(folder).parts))  # fmt: skip


def _hashes(connection: Connection, part: Slice, runs: Sequence[Run]) -> list[str]:
    """Every declaration that a run, a plan or an entry of the span was made under, or that was first kept in it."""
    return sorted({*(run.policy_hash for run in runs), *_sealed_hashes(connection, part)})


def _sealed_hashes(connection: Connection, part: Slice) -> Iterator[str]:
    t = tables.ledger.c
    query = select(t.payload).where(t.seq.between(part.first, part.last), t.kind.in_((*_NAMING, "declaration")))
    for payload in connection.execute(query, execution_options={"yield_per": 500}).scalars():
        if (name := json.loads(payload).get("policy_hash")) is not None:
            yield str(name)


def _in_force(archive: Archive, connection: Connection, bundle: Bundle, policy_hash: str, runs: Sequence[Run]) -> InForce:
    """Encloses one declaration, as far as it was kept."""
    under = [run for run in runs if run.policy_hash == policy_hash]
    ids = tuple(run.run_id for run in under)
    files = declarations.files_in(connection, policy_hash)
    if files is None:
        known_set = under[0].decision_set if under else ""
        return InForce(policy_hash, known_set, ids, "today" if policy_hash == bundle.policy_hash else "missing")
    for name, text in files.items():
        archive.text(f"{FOLDER}/{policy_hash}/{name}", text)
    entry = _entry(connection, policy_hash)
    archive.text(f"{FOLDER}/{policy_hash}/sealed.json", canonical(entry) + "\n")
    known_set = json.loads(entry["payload"])["decision_set"]
    return InForce(policy_hash, known_set, ids, "kept" if _reads(files, policy_hash) else "unread", entry["seq"])


def _entry(connection: Connection, policy_hash: str) -> dict[str, Any]:
    t = tables.ledger
    query = select(t).where(t.c.kind == "declaration", t.c.reference == policy_hash)
    return dict(connection.execute(query).mappings().one())


def _reads(files: Mapping[str, str], policy_hash: str) -> bool:
    """Whether this version still reads them as the declaration that they are."""
    try:
        with read_back(files, policy_hash):
            return True
    except DeclarationError:
        return False
