"""When a record falls due, by the rules that apply to it and the days they run from: the sentence of the verdict, looked ahead.

Of today the verdict alone speaks; this module says only what becomes of what it keeps.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from retention import dates
from retention.declare.rules import LegitimateInterest, Relationship
from retention.declare.words import Action
from retention.night.verdicts import Verdict
from retention.outlook.calendar import Months
from retention.resolve import Asked, Term

When = Literal["due", "month", "later", "open", "undecided", "waits", "never", "unjudged"]
NoDate = Literal["open", "undecided", "never"]
End = dt.date | NoDate  # the last day on which something keeps a record; or why there is none
_UNKNOWN = ("facts_stale",)


@dataclass(frozen=True)
class Due:
    """When: due already, in a `month` ahead (its first day), later than that, or why no date can be told."""

    when: When
    month: dt.date | None = None


@dataclass(frozen=True)
class Signature:
    """All that the due month of a row depends on."""

    days: Mapping[str, dt.date | None]  # a day that stands for the anchor's range
    applies: frozenset[str]  # rules that are about the row
    full: frozenset[str]  # rules whose columns still say something in it
    requested: bool  # somebody asks for its erasure


@dataclass(frozen=True)
class Prospect:
    """What one declaration says of a row: today's verdict, when it falls due, and when nothing of it is left."""

    verdict: Verdict
    due: Due
    leaves: Due
    rule: str | None  # the rule that decides when


@dataclass(frozen=True)
class _Way:
    """One way to fall due: the last day before it, the last day on which anything of the row is there, and by which rule."""

    end: End
    gone: End
    rule: str | None


class Outlook:
    """One declaration's view of one population."""

    def __init__(self, asked: Asked, months: Months) -> None:
        self.asked, self.months = asked, months

    def prospect(self, verdict: Verdict, row: Signature) -> Prospect:
        if verdict.disposition == "quarantine" or verdict.reason in _UNKNOWN:
            unjudged = Due("unjudged")
            return Prospect(verdict, unjudged, unjudged, verdict.rule)
        if verdict.reason == "child_kept":
            return Prospect(verdict, Due("waits"), Due("waits"), verdict.rule)
        ways = list(self._ways(row))
        gone = self._due(_earliest(way.gone for way in ways))
        if verdict.disposition == "due":
            return Prospect(verdict, Due("due"), Due("due") if verdict.action is Action.DELETE else gone, verdict.rule)
        end = _earliest(way.end for way in ways)
        due = self._due(end)
        if due.when == "due":  # by its dates it would be, and yet today's verdict keeps it
            return Prospect(verdict, Due("waits"), Due("waits"), verdict.rule)
        deciding = next((way.rule for way in ways if way.end == end), verdict.rule)
        return Prospect(verdict, due, gone, verdict.rule or deciding)

    def _due(self, end: End) -> Due:
        if not isinstance(end, dt.date):
            return Due(end)
        day = end + dt.timedelta(days=1) if end < dates.OPEN_END else end
        if day <= self.months.as_of:
            return Due("due")
        month = self.months.of(day)
        return Due("month", month) if month else Due("later")

    def _ways(self, row: Signature) -> Iterator[_Way]:
        """Every way in which the row falls due, be it once."""
        asked = self.asked
        for term in _about(row, asked.ceilings):
            if not term.awaited:
                yield self._final(row, _end(term, row), term)
        whole = list(_about(row, asked.whole))
        if whole:
            yield self._final(row, _latest(_end(term, row) for term in whole), whole[0])
        floors = list(_about(row, asked.floors)) if asked.is_archive else []
        if floors:
            end = _latest(_end(floor, row) for floor in floors)
            yield _Way(end, end, floors[0].id)
        for term in _about(row, asked.partial):
            if not term.awaited and term.blanked and term.id in row.full:
                yield _Way(_end(term, row), "never", term.id)
        if row.requested:
            live = row.days.get("relationship_end")
            yield self._final(row, live if live is not None and live != dates.OPEN_END else "open", None)

    def _final(self, row: Signature, end: End, term: Term | None) -> _Way:
        """What floors, and what was done before, make of a row that nothing else keeps after `end`."""
        rule = term.id if term is not None else None
        floors = list(_about(row, self.asked.floors))
        if any(floor.awaited for floor in floors):
            return _Way("undecided", "undecided", next(floor.id for floor in floors if floor.awaited))
        if term is not None and term.rule.action is Action.ANONYMISE:
            return _Way(end if term.id in row.full else "never", "never", rule)
        law = _latest(_end(floor, row) for floor in floors) if floors else None
        if law is None or (isinstance(end, dt.date) and isinstance(law, dt.date) and law <= end):
            return _Way(end, end, rule)
        both = _latest((end, law))
        if self.asked.archive is not None or any(floor.id in row.full for floor in floors):
            return _Way(end, both, rule)  # all but what the law keeps
        return _Way(both, both, floors[0].id)


def _about(row: Signature, terms: Iterable[Term]) -> Iterator[Term]:
    return (term for term in terms if term.id in row.applies)


def _end(term: Term, row: Signature) -> End:
    """The last day on which a term keeps the row."""
    day = row.days.get(term.anchor)
    if term.awaited or term.months is None:
        return "undecided"
    if day is None:
        return "never"
    if day == dates.OPEN_END:
        return term.holds_until if isinstance(term.rule, LegitimateInterest) and term.holds_until else "open"
    last = term.last_day(day)
    if last is None:
        return "open" if isinstance(term.rule, Relationship) else "never"
    if term.open_until:
        until = row.days.get(term.open_until)
        return max(last, until) if until is not None and until != dates.OPEN_END else "open"
    return last


_STRONGEST: tuple[NoDate, ...] = ("undecided", "never", "open")


def _latest(ends: Iterable[End]) -> End:
    """When all of them are over; a missing decision before an open matter, for with it no date can ever come."""
    known = list(ends)
    for word in _STRONGEST:
        if word in known:
            return word
    return max(end for end in known if isinstance(end, dt.date))


def _earliest(ends: Iterable[End]) -> End:
    """When the first of them is over."""
    known = list(ends)
    days = [end for end in known if isinstance(end, dt.date)]
    return min(days) if days else next((word for word in ("undecided", "open") if word in known), "never")
