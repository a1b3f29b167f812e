"""Puts a pack together: evidence, register, reports, declaration, Airflow's history, index, and what checks it."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from retention import outputs
from retention.audit import contents, declared, index
from retention.audit.archive import Archive, settled, writing
from retention.audit.history import Airflow
from retention.audit.span import Slice, Span, runs_of, slice_of
from retention.declare.bundle import Bundle
from retention.declare.words import Language
from retention.evidence import registers, tables
from retention.evidence.database import Evidence
from retention.evidence.ledger import canonical
from retention.evidence.records import LedgerHead, RegisterVersion
from retention.workspace import REPOSITORY, Workspace

VERIFIERS = ("verify_pack.py", "verify_proof.py")  # for whoever has no more than a Python
_DATED = re.compile(r"(\d{4}-\d{2})(-\d{2})?(?:-[a-z]+)?\.(?:xlsx|ods)$")

# Writes the workbooks of a version of the register into a folder: who knows the register gives it.
Books = Callable[[RegisterVersion, Path], Sequence[Path]]


@dataclass(frozen=True)
class Packed:
    """A pack that was written: where, the hash its manifest ends with, and how many of what are in it."""

    path: Path
    seal: str
    counts: Mapping[str, int]
    declared: declared.Declared


def pack(
    workspace: Workspace,
    bundle: Bundle,
    evidence: Evidence,
    span: Span,
    path: Path,
    *,
    books: Books,
    language: Language = "fr",
    airflow: Airflow | None = None,
) -> Packed:
    """Writes the pack of a span. Raises OutputError, EvidenceError, or RetentionError where Airflow does not tell."""
    with writing(path) as archive, evidence.snapshot() as connection:
        part, runs = slice_of(connection, span), runs_of(connection, span)
        counts = contents.write(archive, connection, span, part, runs)
        counts["versions"] = _register(archive, evidence, span, books)
        counts["reports"] = _reports(archive, workspace, span)
        found = declared.write(archive, workspace, bundle, connection, part, runs)
        counts["declaration"] = found.files
        counts["declarations in force"] = sum(each.ledger_entry is not None for each in found.in_force)
        if airflow is not None:
            counts |= _history(archive, airflow, [f"retention_{store}" for store in bundle.stores], span)
        facts = index.Facts(span, runs, _head(connection, part), counts, found, airflow is not None)
        archive.text("index.html", index.html(facts, language))
        archive.text("index.md", index.markdown(facts, language))
        for name in VERIFIERS:
            archive.copy(name, REPOSITORY / "docs" / name)
        seal = archive.manifest()
    return Packed(path, seal, counts, found)


def _head(connection: Connection, part: Slice) -> LedgerHead | None:
    t = tables.ledger.c
    found = connection.execute(select(t.seq, t.hash).where(t.seq == part.last)).first()
    return LedgerHead(*found) if found else None


def _register(archive: Archive, evidence: Evidence, span: Span, books: Books) -> int:
    """The versions published in the span, and the one that stood when it began: as sealed, and as workbooks."""
    before = [version for version in registers.shelf(evidence).versions if version.published_at < span.ends]
    standing = [version for version in before if version.published_at < span.begins][-1:]
    versions = standing + [version for version in before if version.published_at >= span.begins]
    for version in versions:
        folder = f"register/{version.number}"
        archive.text(f"{folder}/register.json", registers.content(evidence, version))
        with tempfile.TemporaryDirectory(prefix="retention-pack-") as made:
            for book in books(version, Path(made)):
                moment = version.published_at.isoformat(timespec="seconds") + "Z"
                archive.write(f"{folder}/{book.name}", [settled(book.read_bytes(), moment)])
    return len(versions)


def _reports(archive: Archive, workspace: Workspace, span: Span) -> int:
    """Reports as they lie there, by the day or month in their names. Details stay: they name records."""
    count = 0
    for output in outputs.listed(workspace):
        folder, _, name = output.name.rpartition("/")
        if folder == "reports" and not name.startswith("~$") and "-detail" not in name and _within(name, span):
            archive.write(output.name, outputs.content(workspace, output))
            count += 1
    return count


def _within(name: str, span: Span) -> bool:
    """Whether a report is about a day of the span, or about a month that has one."""
    found = _DATED.search(name)
    if found is None:
        return False
    try:
        if found[2]:
            return dt.date.fromisoformat(found[1] + found[2]) in span
        first = dt.date.fromisoformat(f"{found[1]}-01")
    except ValueError:
        return False
    last = (first + dt.timedelta(days=31)).replace(day=1) - dt.timedelta(days=1)
    return first <= span.last and last >= span.first


def _history(archive: Archive, airflow: Airflow, nights: Iterable[str], span: Span) -> dict[str, int]:
    dags = [*nights, "article30_register", "monthly_report", "policy_impact"]
    runs: list[tuple[str, str]] = []
    counts = {"airflow runs": 0, "airflow tasks": 0, "airflow events": 0}

    def lines(what: str, rows: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
        for row in rows:
            counts[f"airflow {what}"] += 1
            if what == "runs":
                runs.append((row["dag_id"], row["dag_run_id"]))
            yield canonical(row).encode() + b"\n"

    archive.write("airflow/runs.jsonl", lines("runs", (run for dag in dags for run in airflow.runs(dag, span))))
    archive.write("airflow/tasks.jsonl", lines("tasks", (task for run in runs for task in airflow.tasks(*run))))
    archive.write("airflow/events.jsonl", lines("events", (event for dag in dags for event in airflow.events(dag, span))))
    return counts
