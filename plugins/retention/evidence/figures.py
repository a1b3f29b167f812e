"""What the evidence of a night adds up to. Register and report both count with this, so that they cannot disagree."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args

from retention.evidence.database import Evidence
from retention.evidence.records import Receipt, Run, ScanLine, Status, ValidationLine

FINISHED: tuple[Status, ...] = ("passed", "reservations", "rehearsal")


@dataclass(frozen=True)
class Overdue:
    """Records past their last day: how many, and the first day on which the oldest of them was due."""

    rows: int
    since: dt.date | None

    def days(self, as_of: dt.date) -> int | None:
        """The age of the oldest, in days."""
        return (as_of - self.since).days if self.since is not None else None


@dataclass(frozen=True)
class Tally:
    """Rows by outcome. `spared` were due until their batch came, when a hold or a change saved them."""

    scanned: int
    kept: int
    held: int
    quarantined: int
    due: int
    disposed: int
    spared: int
    outstanding: int  # still due when the run ended

    @property
    def gap(self) -> int:
        """Rows without an outcome, or with two: anything but 0 is a fault."""
        return self.scanned - (self.kept + self.held + self.quarantined + self.disposed + self.spared + self.outstanding)


@dataclass(frozen=True)
class NightFigures:
    """One run of one store with everything it left behind."""

    run: Run
    before: tuple[ScanLine, ...]
    after: tuple[ScanLine, ...]
    validation: tuple[ValidationLine, ...]
    receipts: tuple[Receipt, ...]

    @property
    def latest(self) -> tuple[ScanLine, ...]:
        """The last scan the run got to."""
        return self.after or self.before

    def tally(self, about: Callable[[ScanLine], bool] | None = None, done: Callable[[Receipt], bool] | None = None) -> Tally:
        """Rows by outcome, of all the run saw or of the lines and receipts asked about."""
        lines = [line for line in self.before if about is None or about(line)]
        receipts = [receipt for receipt in self.receipts if done is None or done(receipt)]
        by = {
            name: sum(line.rows for line in lines if line.disposition == name) for name in ("keep", "held", "quarantine", "due")
        }
        disposed, spared = sum(r.rows for r in receipts), sum(r.spared for r in receipts)
        if self.after:
            left = sum(line.rows for line in self.after if line.disposition == "due" and (about is None or about(line)))
        else:
            left = max(by["due"] - disposed - spared, 0)
        return Tally(sum(by.values()), by["keep"], by["held"], by["quarantine"], by["due"], disposed, spared, left)

    def disposed(self, action: str, done: Callable[[Receipt], bool] | None = None) -> int:
        return sum(r.rows for r in self.receipts if r.action == action and (done is None or done(r)))

    def overdue(self, about: Callable[[ScanLine], bool] | None = None) -> Overdue:
        """What is still due although nothing lawful keeps it: after a night of disposal this must be nothing."""
        return _overdue(line for line in self._left() if about is None or about(line))

    def frozen(self, about: Callable[[ScanLine], bool] | None = None) -> Overdue:
        """What would be due were it not for a hold: late, and lawfully so."""
        frozen = (line for line in self.latest if line.disposition == "held" and line.overdue)
        return _overdue(line for line in frozen if about is None or about(line))

    def failures(self, about: Callable[[ValidationLine], bool] | None = None) -> tuple[ValidationLine, ...]:
        """Expectations that did not pass."""
        return tuple(line for line in self.validation if line.outcome != "PASS" and (about is None or about(line)))

    def _left(self) -> list[ScanLine]:
        """Lines that are due and were not disposed of; of a run that was cut short, those whose rows have no receipt."""
        if self.after:
            return [line for line in self.after if line.disposition == "due"]
        dealt: dict[tuple[str, str], int] = {}
        for receipt in self.receipts:
            key = (receipt.population, receipt.rule)
            dealt[key] = dealt.get(key, 0) + receipt.rows + receipt.spared
        return left_of((line for line in self.before if line.disposition == "due"), dealt)


@dataclass(frozen=True)
class LastNight:
    """What is known of a store up to a day: its last run, whatever became of it, and the last one that finished counting."""

    store: str
    last: Run | None
    figures: NightFigures | None


def figures_of(evidence: Evidence, run: Run, *, receipts: bool = True) -> NightFigures:
    """Everything a run left behind. Without its `receipts`, of which there may be very many, nothing counts as disposed of."""
    return NightFigures(
        run,
        evidence.scan(run.run_id, "before"),
        evidence.scan(run.run_id, "after"),
        evidence.validation(run.run_id),
        evidence.receipts([run.run_id]) if receipts else (),
    )


def last_nights(evidence: Evidence | None, stores: Iterable[str], as_of: dt.date) -> dict[str, LastNight]:
    """For every store, what its runs up to `as_of` leave on record. A rehearsal counts only where nothing else does."""
    return {store: _last_night(evidence, store, as_of) for store in stores}


def left_of(due: Iterable[ScanLine], dealt: Mapping[tuple[str, str], int]) -> list[ScanLine]:
    """Due lines without the rows that have been dealt with, which are told by population and rule."""
    open_accounts, left = dict(dealt), []
    for line in due:
        key = (line.population, line.rule or "")
        taken = min(open_accounts.get(key, 0), line.rows)
        if taken:
            open_accounts[key] -= taken
        if line.rows > taken:
            left.append(replace(line, rows=line.rows - taken))
    return left


def latest_per_store(runs: Sequence[Run]) -> dict[str, Run]:
    """The last started run of each store."""
    latest: dict[str, Run] = {}
    for run in sorted(runs, key=lambda run: (run.started_at, run.run_id)):
        latest[run.store] = run
    return dict(sorted(latest.items()))


def oldest(overdue: Iterable[Overdue]) -> Overdue:
    """Several counts as one."""
    known = tuple(overdue)
    days = [each.since for each in known if each.since is not None]
    return Overdue(sum(each.rows for each in known), min(days, default=None))


def _overdue(lines: Iterable[ScanLine]) -> Overdue:
    return oldest(Overdue(line.rows, line.oldest_due) for line in lines)


def _last_night(evidence: Evidence | None, store: str, as_of: dt.date) -> LastNight:
    if evidence is None:
        return LastNight(store, None, None)

    def newest(*statuses: Status) -> Run | None:
        return next(iter(evidence.runs(store, limit=1, until=as_of, statuses=statuses)), None)

    # the last is the one of the latest date: a night of a past date made since (a backfill) is not it
    real = newest(*(status for status in get_args(Status) if status != "rehearsal"))
    counted = newest(*(status for status in FINISHED if status != "rehearsal")) or newest("rehearsal")
    return LastNight(store, real or counted, figures_of(evidence, counted) if counted else None)
