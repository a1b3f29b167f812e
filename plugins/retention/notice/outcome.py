"""What a run left behind and what that means for what is overdue or unproven: from the evidence alone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from retention.declare.bundle import Bundle
from retention.errors import EvidenceError
from retention.evidence.database import Evidence
from retention.evidence.figures import NightFigures, Overdue, figures_of
from retention.evidence.records import LedgerHead, Run
from retention.status import status


@dataclass(frozen=True)
class Outcome:
    """One run of one store, and how its store stands after it. Counts are rows."""

    run: Run | None  # None where it ended before it was on record
    disposed: int
    unproven: int  # of those disposed of: whose last check has not been made, or was not passed
    quarantined: int
    warnings: int  # expectations that did not pass without stopping the night
    overdue: Overdue
    frozen: Overdue
    counted: dt.date | None  # the day these counts speak for

    @property
    def red(self) -> bool:
        return bool(self.overdue.rows or self.unproven)

    @property
    def rehearsal(self) -> bool:
        return self.run is not None and self.run.dry_run


def outcome(bundle: Bundle, evidence: Evidence, store: str, run_id: str, today: dt.date) -> Outcome:
    """How a run of a store ended. Raises NotFound where no such store is declared, EvidenceError as it comes."""
    bundle.store(store)
    try:
        run = evidence.run(run_id)
        figures = figures_of(evidence, run) if run is not None else None
        day = max(today, run.as_of) if run is not None else today
        stands = next(each for each in status(bundle, evidence, day).stores if each.store == store)
    except SQLAlchemyError as reason:  # not chained: its text may carry values
        raise EvidenceError(f"the evidence database cannot be read ({type(reason).__name__})") from None
    return Outcome(
        run=run,
        disposed=sum(receipt.rows for receipt in figures.receipts) if figures else 0,
        unproven=_unproven(figures) if figures else 0,
        quarantined=sum(category.quarantined for category in stands.categories),
        warnings=sum(line.severity == "warning" for line in figures.failures()) if figures else 0,
        overdue=stands.overdue,
        frozen=Overdue(sum(category.frozen.rows for category in stands.categories), None),
        counted=stands.counted.as_of if stands.counted else None,
    )


def _unproven(figures: NightFigures) -> int:
    after = [line for line in figures.validation if line.stage == "after"]
    passed = bool(after) and all(line.outcome == "PASS" for line in after if line.severity == "blocking")
    return 0 if passed else sum(receipt.rows for receipt in figures.receipts)


def note(found: Outcome, head: LedgerHead | None) -> str:
    """A run in one line: what it did, under which declaration, and where the ledger ended."""
    run = found.run
    if run is None:
        return "ended before it was on record"
    did = f"rehearsal as of {run.as_of}" if run.dry_run else f"{run.status} as of {run.as_of}: {found.disposed} disposed of"
    left = [
        f"{count} {word}"
        for count, word in (
            (found.unproven, "unproven"),
            (found.overdue.rows, "overdue"),
            (found.frozen.rows, "overdue but held"),
            (found.quarantined, "in quarantine"),
        )
        if count
    ]
    where = [f"policy {run.policy_hash[:12]}", f"decisions {run.decision_set}"]
    where += [f"ledger {head.seq} {head.hash[:12]}"] if head else []
    return " · ".join([", ".join([did, *left]), *where])
