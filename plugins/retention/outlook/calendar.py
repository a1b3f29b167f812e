"""The months ahead, and ranges of anchor days within which every record falls due in the same month."""

from __future__ import annotations

import calendar
import datetime as dt
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, case, literal_column

from retention import dates
from retention.resolve import Term

Expr = ColumnElement[Any]
ABSENT, UNREADABLE = -1, -2  # numbers of the buckets of anchors that are not there, or say nothing


@dataclass(frozen=True)
class Months:
    """The rest of the as-of date's month, and so many months after it. A month is named by its first day."""

    as_of: dt.date
    count: int

    @cached_property
    def firsts(self) -> tuple[dt.date, ...]:
        first = self.as_of.replace(day=1)
        return tuple(dates.shift_months(first, number) for number in range(self.count + 1))

    @cached_property
    def ends(self) -> tuple[dt.date, ...]:
        """The as-of dates on which it is asked what is due: today, and the last day of each month."""
        lasts = (first.replace(day=calendar.monthrange(first.year, first.month)[1]) for first in self.firsts)
        return tuple(dict.fromkeys((self.as_of, *lasts)))

    def of(self, day: dt.date) -> dt.date | None:
        """The month of a day ahead; None where it lies beyond the last."""
        first = day.replace(day=1)
        return first if first <= self.firsts[-1] else None


@dataclass(frozen=True)
class Buckets:
    """Ranges of anchor days. `starts` are the first days of all but the first range, which lies before them, in their order."""

    starts: tuple[dt.date, ...]

    def day(self, number: int | None) -> dt.date | None:
        """A day that stands for all of a range; None for that of absent or unreadable anchors."""
        if number is None or number < 0:
            return None
        return self.starts[number - 1] if number else self.starts[0] - dt.timedelta(days=1)

    def holding(self, day: dt.date) -> int:
        return bisect_right(self.starts, day)

    def number(self, anchor: Expr, bound: Callable[[dt.date], Any], readable: ColumnElement[bool], *, typed: bool) -> Expr:
        """The number of an anchor's range, by halving: some seven comparisons a row.

        `bound`: the first value of the anchor's type on a day. In a `typed` column only the outermost ranges can hold what is
        no date, and an absent one compares as if it were after everything.
        """

        def leaf(number: int) -> Expr:
            plain: Expr = literal_column(str(number))
            if not typed or 0 < number < len(self.starts):
                return plain
            return case(
                (anchor.is_(None), literal_column(str(ABSENT))), (readable, plain), else_=literal_column(str(UNREADABLE))
            )

        def among(low: int, high: int) -> Expr:
            if low == high:
                return leaf(low)
            middle = (low + high + 1) // 2
            return case((anchor < bound(self.starts[middle - 1]), among(low, middle - 1)), else_=among(middle, high))

        found = among(0, len(self.starts))
        if typed:
            return found
        return case((anchor.is_(None), literal_column(str(ABSENT))), (readable, found), else_=literal_column(str(UNREADABLE)))


def buckets_of(terms: Iterable[Term], name: str, months: Months, horizon: dt.date, also: Sequence[dt.date] = ()) -> Buckets:
    """The ranges of an anchor within which each of these terms says the same of every day, and so does the verdict of today.

    `also`: first days of further ranges.
    """
    day = dt.timedelta(days=1)
    starts = {months.as_of, horizon + day, dates.OPEN_END, *also}
    for term in terms:
        if term.anchor == name:
            cutoffs = (term.cutoff_on(end) for end in months.ends)
            starts.update(cutoff + day for cutoff in cutoffs if cutoff is not None)
        if term.open_until == name:
            starts.update(months.ends)
    if name == "relationship_end":  # until then a contract stands against a request
        starts.update(months.ends)
    return Buckets(tuple(sorted(starts)))
