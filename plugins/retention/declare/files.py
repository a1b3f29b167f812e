"""A declaration as the files that can change it, by name and text; and read again from nothing but them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from retention.declare.bundle import Bundle, load_bundle
from retention.declare.source import unreadable
from retention.errors import DeclarationError

COMPLIANCE, STORES = "compliance", "stores"  # the two folders of every set of files
_ALWAYS = ("policy.yaml", "retention.yaml", "activities.yaml", "processor.yaml")
_DECISIONS = f"{COMPLIANCE}/decisions/"

Files = Mapping[str, str]  # `compliance/policy.yaml`, `stores/usage/visits.sql` … -> text, line ends as they are


def files_of(bundle: Bundle, declarations: Path, stores: Path) -> dict[str, str]:
    """The files that `load_bundle` reads for this declaration, as they lie there now. Raises DeclarationError."""
    names = [*_ALWAYS, bundle.policy.text_file, f"decisions/{bundle.decisions.set}.yaml"]
    paths = {f"{COMPLIANCE}/{name}": declarations / name for name in names}
    for store in bundle.stores.values():
        queries = [population.query for population in store.declared.populations]
        paths |= {f"{STORES}/{store.name}/{name}": stores / store.name / name for name in ("store.yaml", *queries)}
    return {name: _text(path) for name, path in sorted(paths.items())}


@contextmanager
def read_back(files: Files, policy_hash: str) -> Iterator[Bundle]:
    """The declaration that these files are, read in a folder of its own, which is gone afterwards.

    Raises DeclarationError where they cannot be read, or are read as a declaration of another hash.
    """
    with tempfile.TemporaryDirectory(prefix="retention-declaration-") as name:
        folder = Path(name)
        sets = [each.removeprefix(_DECISIONS).removesuffix(".yaml") for each in files if each.startswith(_DECISIONS)]
        if len(sets) != 1:
            raise _error(policy_hash, "it has not exactly one decision set")
        _lay_out(files, folder, policy_hash)
        try:
            bundle = load_bundle(folder / COMPLIANCE, folder / STORES, sets[0])
        except DeclarationError as reason:  # its place would be in a folder that nobody finds any more
            raise _error(policy_hash, f"{reason.where.removeprefix(f'{folder}/')}: {reason.message}") from None
        if bundle.policy_hash != policy_hash:
            raise _error(policy_hash, "this version of the program reads it as another declaration")
        yield bundle


def _lay_out(files: Files, folder: Path, policy_hash: str) -> None:
    for name, text in files.items():
        parts = name.split("/")
        if parts[0] not in (COMPLIANCE, STORES) or "\\" in name or any(part in ("", ".", "..") for part in parts):
            raise _error(policy_hash, "it has a file that lies elsewhere")
        path = folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode())


def _error(policy_hash: str, reason: str) -> DeclarationError:
    return DeclarationError(
        f"the files of declaration {policy_hash[:16]} cannot be read back: {reason}",
        mend="read them as they are: `retention audit-pack` encloses them",
    )


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as reason:
        raise unreadable(path, reason) from None
