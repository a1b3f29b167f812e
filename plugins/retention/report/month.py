"""A month as the report sees it: its span, its nights, the year that ends with it, and the grounds of its verdict."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from retention.cells import as_civil
from retention.declare.decisions import Decision
from retention.declare.words import Language
from retention.evidence.months import Span
from retention.evidence.records import Hold
from retention.evidence.trends import UNFINISHED, NightLine, TotalLine, totals
from retention.report.context import Report
from retention.report.verdict import LEVELS, Level, Matter

NOTICE = 31  # days before its review date from which a decision is shown
MONTHS: dict[Language, tuple[str, ...]] = {
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
    ),
    "en": (
        "January", "February", "March", "April", "May", "June",
        "July", "August", "September", "October", "November", "December",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Month:
    """`last` is its last day, or in a month under way the last day so far. `year`: the nights of twelve months."""

    report: Report
    first: dt.date
    last: dt.date
    whole: bool
    span: Span
    year: tuple[NightLine, ...]

    @property
    def lines(self) -> tuple[NightLine, ...]:
        return tuple(line for line in self.year if line.as_of >= self.first)

    @property
    def name(self) -> str:
        return f"{MONTHS[self.report.language][self.first.month - 1]} {self.first.year}"

    @property
    def worst(self) -> NightLine | None:
        """The night and store with the oldest overdue record."""
        late = [line for line in self.lines if line.overdue.rows]
        return max(late, key=lambda line: (line.age or 0, line.overdue.rows), default=None)

    @property
    def final(self) -> tuple[NightLine, ...]:
        """Each store's last night of the month, missing or not."""
        return tuple({line.store: line for line in self.lines}.values())

    @property
    def total(self) -> TotalLine | None:
        """The last night of all stores."""
        every = totals(self.lines)
        return every[-1] if every else None

    def placed(self) -> tuple[Hold, ...]:
        return tuple(hold for hold in self._holds() if self._within(hold.placed_at))

    def released(self) -> tuple[Hold, ...]:
        return tuple(hold for hold in self._holds() if hold.released_at and self._within(hold.released_at))

    def in_force(self) -> tuple[Hold, ...]:
        """Those in force at the end of its last day."""

        def before(moment: dt.datetime) -> bool:
            return as_civil(moment).date() <= self.last

        return tuple(
            hold for hold in self._holds() if before(hold.placed_at) and not (hold.released_at and before(hold.released_at))
        )

    def reviews(self) -> tuple[Decision, ...]:
        """Decisions whose review date has passed or comes within a month, the earliest first."""
        until = self.last + dt.timedelta(days=NOTICE)
        due = (d for d in self.report.bundle.decisions.decisions if d.review_by is not None and d.review_by <= until)
        return tuple(sorted(due, key=lambda decision: (decision.review_by or until, decision.id)))

    def _holds(self) -> tuple[Hold, ...]:
        return self.report.evidence.holds(active_only=False)

    def _within(self, moment: dt.datetime) -> bool:
        return self.first <= as_civil(moment).date() <= self.last


def grounds(month: Month) -> tuple[Matter, ...]:
    """Everything that stood between the month and good order, the gravest first."""
    found = [*_nights(month), *_overdue(month), *_left(month), *_reviews(month)]
    return tuple(sorted(found, key=lambda matter: -LEVELS.index(matter.level)))


def _nights(month: Month) -> Iterator[Matter]:
    """Nights that failed or never were: still so at the end of the month, or mended since."""
    say, operations = month.report.say, month.report.say("whom.operations")
    for final in month.final:
        store = month.report.store(final.store)
        own = [line for line in month.lines if line.store == final.store]
        missing, failed = sum(line.missing for line in own), sum(line.status in UNFINISHED for line in own)
        if all(line.missing for line in own):
            yield Matter("attend", say("month.never", store=store), missing, operations, "nights")
            continue
        if missing:
            level: Level = "attend" if final.missing else "reservations"
            yield Matter(level, say("month.missing", store=store), missing, operations, "nights")
        if failed:
            level = "attend" if final.status in UNFINISHED else "reservations"
            yield Matter(level, say("month.failed", store=store), failed, operations, "runs")


def _overdue(month: Month) -> Iterator[Matter]:
    say, operations = month.report.say, month.report.say("whom.operations")
    for final in month.final:
        late = [line for line in month.lines if line.store == final.store and line.overdue.rows]
        if late:
            still = final.overdue.rows > 0
            what = say("month.overdue" if still else "month.overdue_past", store=month.report.store(final.store))
            yield Matter("attend" if still else "reservations", what, len(late), operations, "nights")


def _left(month: Month) -> Iterator[Matter]:
    say, report = month.report.say, month.report
    quarantined = sum(line.rows for _, line in report.lines(latest=True) if line.disposition == "quarantine")
    blocking = sum(check.nights for check in month.span.checks if check.severity == "blocking")
    warnings = sum(check.nights for check in month.span.checks if check.severity == "warning")
    awaited = [decision for decision in report.bundle.decisions.decisions if not decision.decided]
    candidates: Iterable[tuple[str, int, str, str]] = (
        ("matter.quarantine", quarantined, "whom.owners", "quarantine"),
        ("month.blocking", blocking, "whom.operations", "checks"),
        ("month.warnings", warnings, "whom.owners", "checks"),
        ("matter.undecided", report.rows("undecided"), "whom.operator", "reviews"),
        ("month.awaited", len(awaited), "whom.operator", "reviews"),
        ("matter.no_criterion", report.rows("no_criterion"), "whom.compliance", "reviews"),
    )
    yield from (Matter("reservations", say(what), count, say(whom), sheet) for what, count, whom, sheet in candidates if count)


def _reviews(month: Month) -> Iterator[Matter]:
    say = month.report.say
    holds = sum(hold.review_by < month.last for hold in month.in_force())
    if holds:
        yield Matter("reservations", say("matter.review"), holds, say("whom.approvers"), "movements")
    late = [decision for decision in month.reviews() if decision.review_by and decision.review_by < month.last]
    if late:
        yield Matter("reservations", say("month.reviews_late"), len(late), say("whom.operator"), "reviews")
