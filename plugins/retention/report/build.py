"""Puts the report together: the runs it is about, the sheets in their order, the file."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path

from retention.dates import paris_date
from retention.declare.bundle import Bundle
from retention.declare.words import Language
from retention.errors import NotFound
from retention.evidence.database import Evidence
from retention.evidence.figures import NightFigures, figures_of, latest_per_store
from retention.evidence.trends import trend
from retention.report import breakdown, detail, holds, quarantine, receipts, summary, trends, undecided, validation
from retention.report.context import Report
from retention.report.labels import LABELS
from retention.report.trends import year_until
from retention.workbook import EDITION_BREAK, Book, Words
from retention.workspace import Workspace

NAMES: dict[Language, str] = {"fr": "rapport", "en": "report"}


def build_report(workspace: Workspace, bundle: Bundle, evidence: Evidence, run_ids: Sequence[str], language: Language) -> Path:
    """Writes the report on these runs and answers where."""
    nights = _nights(evidence, run_ids)
    folder = workspace.output_folder("reports")
    report = fill(bundle, evidence, nights, language)
    return report.book.save(folder, f"{NAMES[language]}-{report.as_of.isoformat()}.xlsx")


def build_detail(workspace: Workspace, bundle: Bundle, evidence: Evidence, run_ids: Sequence[str], language: Language) -> Path:
    """Writes the detail on these runs and answers where. Nobody but its owner can read it."""
    nights = _nights(evidence, run_ids, receipts=False)
    folder = workspace.output_folder("reports")
    report = opened(bundle, evidence, nights, language, title="detail.book")
    detail.fill(report, workspace)
    path = report.book.save(folder, f"{NAMES[language]}-{report.as_of.isoformat()}-detail.xlsx")
    detail.keep_private(path)
    return path


def opened(
    bundle: Bundle,
    evidence: Evidence,
    nights: dict[str, NightFigures],
    language: Language,
    *,
    title: str = "title",
    as_of: dt.date | None = None,
) -> Report:
    """An empty workbook about these nights, with what stands on all of its pages."""
    say = Words(LABELS, language)
    as_of = as_of or max(night.run.as_of for night in nights.values())
    owner = bundle.policy.controller.name
    sets = sorted({night.run.decision_set for night in nights.values()})
    edition = EDITION_BREAK.join(
        [
            say("edition", owner=owner, date=say.date(as_of)),
            say("edition.more", sets=", ".join(sets), hash=bundle.policy_hash[:8]),
        ]
    )
    warnings = []
    if bundle.decisions.example:
        warnings.append(say("example"))
    rehearsed = [night.run.status == "rehearsal" for night in nights.values()]
    if any(rehearsed):
        warnings.append(say("rehearsal" if all(rehearsed) else "rehearsal.some"))
    if any(_made_later(night) for night in nights.values()):
        warnings.append(say("made_later"))
    book = Book(language, title=say(title), subject=say("subject"), owner=owner, edition=edition, warning=" – ".join(warnings))
    return Report(bundle, evidence, nights, as_of, book, say)


def _made_later(night: NightFigures) -> bool:
    """Whether a run speaks for a day that was over when it was made: a backfill, or a date that a person chose."""
    return paris_date(night.run.started_at.replace(tzinfo=dt.UTC)) > night.run.as_of


def fill(bundle: Bundle, evidence: Evidence, nights: dict[str, NightFigures], language: Language) -> Report:
    """The workbook, not yet written."""
    report = opened(bundle, evidence, nights, language)
    first = summary.write(report)
    others = {
        "breakdown": breakdown.write,
        "disposed": breakdown.write_disposed,
        "holds": holds.write,
        "quarantine": quarantine.write,
        "undecided": undecided.write,
        "validation": validation.write,
        "receipts": receipts.write,
        "ledger": receipts.write_ledger,
    }
    trends.write(report, trend(evidence, bundle.stores, year_until(report.as_of), report.as_of))
    addresses = {"summary": first.at(1)} | {key: write(report).at(1) for key, write in others.items()}
    summary.write_waiting(report, first, addresses)
    return report


def _nights(evidence: Evidence, run_ids: Sequence[str], *, receipts: bool = True) -> dict[str, NightFigures]:
    """The last of the runs of each store, with everything it left. Raises NotFound for a run nobody knows."""
    if not run_ids:
        raise NotFound("there is no run to report on", mend="run a night first: `retention run`")
    runs = []
    for run_id in run_ids:
        run = evidence.run(run_id)
        if run is None:
            raise NotFound(f"the evidence knows no run {run_id!r}", mend="choose a run from the list of runs")
        runs.append(run)
    return {store: figures_of(evidence, run, receipts=receipts) for store, run in latest_per_store(runs).items()}
