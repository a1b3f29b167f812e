"""How nights compare over time: one line per store and night, counted by the evidence database itself.

A night is one as-of date of one store. Rehearsals are no nights. Where a night was run again, what the stores hold is told by
its last run, and what was disposed of by all of its runs together.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, Connection, RowMapping, Select, and_, case, cast, exists, func, not_, select

from retention.evidence.database import Evidence
from retention.evidence.figures import Overdue, left_of, oldest
from retention.evidence.records import ScanLine, Status
from retention.evidence.tables import ledger, receipt, run, scan

UNFINISHED = ("failed", "running")
COUNTS = ("scanned", "kept", "held", "quarantined", "due", "disposed")


@dataclass(frozen=True)
class NightLine:
    """One night of one store. `status` and `run_id` are those of its last run, None where the night is missing.

    Counts are those of its last run that got as far as counting.
    """

    store: str
    as_of: dt.date
    run_id: str | None
    status: Status | None
    runs: int
    scanned: int
    kept: int
    held: int
    quarantined: int
    due: int
    disposed: int
    overdue: Overdue

    @property
    def missing(self) -> bool:
        return self.run_id is None

    @property
    def counted(self) -> bool:
        """Whether a run got as far as counting: of a night without one nothing is known but that it failed."""
        return self.scanned > 0 or self.status in ("passed", "reservations")

    @property
    def age(self) -> int | None:
        """Days by which the oldest overdue record is late; 0 where none is, None where that is not known."""
        if not self.counted:
            return None
        return self.overdue.days(self.as_of) if self.overdue.rows else 0


@dataclass(frozen=True)
class TotalLine:
    """One night of all stores: sums, and how many of the stores that were to run have run and counted."""

    as_of: dt.date
    expected: int
    ran: int
    failed: int
    counted: int  # stores of which a run got as far as counting
    scanned: int
    kept: int
    held: int
    quarantined: int
    due: int
    disposed: int
    overdue: Overdue

    @property
    def missing(self) -> int:
        return self.expected - self.ran

    @property
    def age(self) -> int | None:
        if not self.counted:
            return None
        return self.overdue.days(self.as_of) if self.overdue.rows else 0


def trend(evidence: Evidence, stores: Iterable[str], first: dt.date, last: dt.date) -> tuple[NightLine, ...]:
    """One line per store and day from `first` to `last`, by store and then by day.

    A store's days begin with its first night on record: before that nothing is missing. A store that never had one is missing
    from the first night of any store on.
    """
    with evidence.snapshot() as connection:
        begun = _begun(connection)
        nights = {(night.store, night.as_of): night for night in _nights(connection, first, last)}
    if not begun:
        return ()
    earliest = min(begun.values())
    lines = []
    for store in stores:
        for day in days(max(first, begun.get(store, earliest)), last):
            lines.append(nights.get((store, day)) or _missing(store, day))
    return tuple(lines)


def marks(evidence: Evidence, first: dt.date, last: dt.date) -> dict[dt.date, str]:
    """By month (its first day), a digest that changes with its runs, and with what the ledger has while one is at work.

    Where nights of earlier days have been run since, all of them change: what was missing may have been.
    """
    r = run.c
    query = select(r.as_of, r.run_id, r.status, r.started_at, r.finished_at).where(r.as_of.between(first, last))
    with evidence.snapshot() as connection:
        begun = sorted(_begun(connection).items())
        head = connection.execute(select(func.max(ledger.c.seq))).scalar()
        rows = connection.execute(query.order_by(r.as_of, r.run_id)).all()
    digests = {day.replace(day=1): hashlib.sha256(repr(begun).encode()) for day in days(first, last)}
    for as_of, *said in rows:
        digests[as_of.replace(day=1)].update(repr((as_of, said, head if said[1] == "running" else None)).encode())
    return {month: digest.hexdigest() for month, digest in digests.items()}


def totals(lines: Iterable[NightLine]) -> tuple[TotalLine, ...]:
    """Every day of these lines, all stores together."""
    by_day: dict[dt.date, list[NightLine]] = defaultdict(list)
    for line in lines:
        by_day[line.as_of].append(line)
    return tuple(_total(day, by_day[day]) for day in sorted(by_day))


def days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """Every day from first to last; none where last comes first."""
    for number in range((last - first).days + 1):
        yield first + dt.timedelta(days=number)


def _missing(store: str, day: dt.date) -> NightLine:
    return NightLine(store, day, None, None, 0, 0, 0, 0, 0, 0, 0, Overdue(0, None))


def _total(day: dt.date, lines: Sequence[NightLine]) -> TotalLine:
    return TotalLine(
        day,
        expected=len(lines),
        ran=sum(not line.missing for line in lines),
        failed=sum(line.status in UNFINISHED for line in lines),
        counted=sum(line.counted for line in lines),
        overdue=oldest(line.overdue for line in lines),
        **{name: sum(getattr(line, name) for line in lines) for name in COUNTS},
    )


# what the database adds up


def _begun(connection: Connection) -> dict[str, dt.date]:
    query = select(run.c.store, func.min(run.c.as_of)).where(run.c.status != "rehearsal").group_by(run.c.store)
    return {store: day for store, day in connection.execute(query)}


def _nights(connection: Connection, first: dt.date, last: dt.date) -> Iterator[NightLine]:
    within = and_(run.c.as_of >= first, run.c.as_of <= last, run.c.status != "rehearsal")
    runs = connection.execute(
        select(run.c.run_id, run.c.store, run.c.as_of, run.c.status).where(within).order_by(run.c.started_at, run.c.run_id)
    ).all()
    before = {row["run_id"]: row for row in _summed(connection, within, "before")}
    after = {row["run_id"]: row for row in _summed(connection, within, "after")}
    dealt = _dealt(connection, within)
    undone = _undone(connection, within, dealt) if before.keys() - after.keys() else {}
    by_night: dict[tuple[str, dt.date], list[Any]] = defaultdict(list)
    for found in runs:
        by_night[found.store, found.as_of].append(found)
    for (store, day), its in by_night.items():
        rows = {found.run_id: sum(gone for gone, _ in dealt.get(found.run_id, {}).values()) for found in its}
        told = next((found for found in reversed(its) if found.run_id in before), its[-1])
        seen: Mapping[Any, Any] = before.get(told.run_id) or {}
        scanned, kept, held, quarantined = (int(seen.get(name) or 0) for name in ("scanned", "kept", "held", "quarantined"))
        due = int(seen.get("due") or 0) + sum(rows[found.run_id] for found in its if found is not told)
        overdue = _overdue(after.get(told.run_id), undone.get(told.run_id))
        disposed = sum(rows.values())
        run_id, status = its[-1].run_id, its[-1].status
        yield NightLine(store, day, run_id, status, len(its), scanned, kept, held, quarantined, due, disposed, overdue)


def _overdue(after: RowMapping | None, undone: Overdue | None) -> Overdue:
    if after is not None:
        return Overdue(int(after["due"] or 0), after["since"])
    return undone or Overdue(0, None)


def _summed(connection: Connection, within: Any, stage: str) -> Iterator[RowMapping]:
    """Rows by disposition of every run, at one stage."""
    s = scan.c

    def rows(disposition: str) -> Any:
        return cast(func.sum(case((s.disposition == disposition, s.rows), else_=0)), BigInteger)

    query = (
        select(
            s.run_id,
            cast(func.sum(s.rows), BigInteger).label("scanned"),
            rows("keep").label("kept"),
            rows("held").label("held"),
            rows("quarantine").label("quarantined"),
            rows("due").label("due"),
            func.min(case((s.disposition == "due", s.oldest_due))).label("since"),
        )
        .select_from(run.join(scan, s.run_id == run.c.run_id))
        .where(within, s.stage == stage)
        .group_by(s.run_id)
    )
    yield from connection.execute(query).mappings()


def _dealt(connection: Connection, within: Any) -> dict[str, dict[tuple[str, str], tuple[int, int]]]:
    """By run, then by population and rule: rows disposed of, and rows dealt with one way or the other."""
    r = receipt.c
    query = (
        select(
            r.run_id,
            r.population,
            r.rule,
            cast(func.sum(r.rows), BigInteger),
            cast(func.sum(r.rows + r.spared), BigInteger),
        )
        .select_from(run.join(receipt, r.run_id == run.c.run_id))
        .where(within)
        .group_by(r.run_id, r.population, r.rule)
    )
    found: dict[str, dict[tuple[str, str], tuple[int, int]]] = defaultdict(dict)
    for run_id, population, rule, rows, taken in connection.execute(query):
        found[run_id][population, rule] = (int(rows), int(taken))
    return found


def _undone(
    connection: Connection, within: Any, dealt: Mapping[str, Mapping[tuple[str, str], tuple[int, int]]]
) -> dict[str, Overdue]:
    """What runs that ended before they counted again have left: due lines whose rows have no receipt."""
    again = scan.alias("again")
    counted_again = exists().where(again.c.run_id == scan.c.run_id, again.c.stage == "after")
    query: Select[Any] = (
        select(*(column for column in scan.c if column.name not in ("stage", "line")))
        .select_from(run.join(scan, scan.c.run_id == run.c.run_id))
        .where(within, scan.c.stage == "before", scan.c.disposition == "due", not_(counted_again))
        .order_by(scan.c.run_id, scan.c.population, scan.c.line)
    )
    lines: dict[str, list[ScanLine]] = defaultdict(list)
    for row in connection.execute(query).mappings():
        lines[row["run_id"]].append(ScanLine(**{name: value for name, value in row.items() if name != "run_id"}))
    found = {}
    for run_id, due in lines.items():
        taken = {key: both for key, (_, both) in dealt.get(run_id, {}).items()}
        found[run_id] = oldest(Overdue(line.rows, line.oldest_due) for line in left_of(due, taken))
    return found
