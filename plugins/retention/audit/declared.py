"""The declaration as it is now, and which runs of the span were made under another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from retention.audit.archive import Archive
from retention.declare.bundle import Bundle
from retention.evidence.ledger import canonical
from retention.evidence.records import Run
from retention.workspace import Workspace


@dataclass(frozen=True)
class Declared:
    """What is declared today beside what the runs were made under."""

    policy_hash: str
    decision_set: str
    others: dict[str, tuple[str, ...]]  # other hashes that runs of the span had, and those runs
    files: int


def write(archive: Archive, workspace: Workspace, bundle: Bundle, runs: Sequence[Run]) -> Declared:
    """Writes every declared file, and `declaration/hashes.json`: today's hashes, and the others of the span with their runs."""
    others: dict[str, list[str]] = {}
    for run in runs:
        if run.policy_hash != bundle.policy_hash:
            others.setdefault(run.policy_hash, []).append(run.run_id)
    files = 0
    for folder, inside in ((workspace.declarations, "declaration/compliance"), (workspace.sql, "declaration/stores")):
        for path in _files(folder):
            archive.copy(f"{inside}/{path.relative_to(folder).as_posix()}", path)
            files += 1
    told = {
        "policy_hash": bundle.policy_hash,
        "decision_set": bundle.decisions.set,
        "parts": bundle.hashes,
        "runs_under_another": others,
    }
    archive.text("declaration/hashes.json", canonical(told) + "\n")
    return Declared(bundle.policy_hash, bundle.decisions.set, {key: tuple(ids) for key, ids in others.items()}, files)


def _files(folder: Path) -> list[Path]:
    """What is declared: YAML, queries and the policy's text; nothing hidden, and nothing that a program left there."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.suffix in (".yaml", ".sql", ".txt", ".md")
                  and not any(part.startswith(".") for part in path.relative_to(folder).parts))  # fmt: skip
