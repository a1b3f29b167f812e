"""Conditions about the anchors of a row, in the zone of its store; and what of them a statement may take for granted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, false, true

from retention import dates
from retention.declare.stores import AnchorType
from retention.night.conditions import both, either, negated
from retention.stores.dialect import readable

Bool = ColumnElement[bool]
Expr = ColumnElement[Any]


@dataclass(frozen=True)
class Granted:
    """That an anchor of every row in question can be read and lies before a moment: the statement sees to it apart.

    A verdict need then not ask it again of each row, which costs a database more than to find the row.
    """

    anchor: str
    before: Any  # a date, or a naive time in the store's zone


class Anchors:
    """The anchors of one row: `columns` by name, `kinds` those of the row itself."""

    def __init__(
        self, columns: Any, kinds: Mapping[str, AnchorType], timezone: str, dialect: str, granted: Granted | None = None
    ) -> None:
        self._columns, self._kinds, self._dialect, self.granted = columns, kinds, dialect, granted
        self._zone = ZoneInfo(timezone)

    def bound(self, kind: AnchorType, day: dt.date) -> Any:
        """The first value of that type that lies on `day` or later."""
        return dates.start_of_day(day, self._zone) if kind == "instant" else day

    def at_last(self, anchor: Expr, kind: AnchorType, day: dt.date) -> Bool:
        """anchor date <= day, on the bare anchor."""
        at_last: Bool = anchor < self.bound(kind, day + dt.timedelta(days=1))
        return at_last

    def later(self, anchor: Expr, kind: AnchorType, day: dt.date) -> Bool:
        """anchor date > day."""
        later: Bool = anchor >= self.bound(kind, day + dt.timedelta(days=1))
        return later

    # of the row itself, by name

    def missing(self, name: str) -> Bool:
        return false() if self._is_granted(name) else self._columns[name].is_(None)

    def unreadable(self, name: str) -> Bool:
        """Whether it is there and is not what its type says."""
        if self._is_granted(name):
            return false()
        anchor = self._columns[name]
        return both(anchor.is_not(None), negated(readable(anchor, self._kinds[name], self._dialect)))

    def reached(self, name: str, day: dt.date) -> Bool:
        """Whether its date is `day` at the latest."""
        certain = self._is_granted(name) and self._end_of(name, day) >= self._before
        return true() if certain else self.at_last(self._columns[name], self._kinds[name], day)

    def after(self, name: str, day: dt.date) -> Bool:
        """Whether its date is later than `day`."""
        certain = self._is_granted(name) and self._end_of(name, day) >= self._before
        return false() if certain else self.later(self._columns[name], self._kinds[name], day)

    def open_on(self, name: str, day: dt.date) -> Bool:
        """Whether it has not come by the beginning of `day`, or never will."""
        return either(self.missing(name), self.after(name, day - dt.timedelta(days=1)))

    def what_is_granted(self) -> Bool:
        """As the condition that a statement has to add."""
        if self.granted is None:
            return true()
        anchor = self._columns[self.granted.anchor]
        return both(anchor < self._before, readable(anchor, self._kinds[self.granted.anchor], self._dialect))

    def grant(self, name: str, day: dt.date) -> Granted:
        """What is granted of a row whose anchor has been reached on `day`."""
        return Granted(name, self._end_of(name, day))

    def _is_granted(self, name: str) -> bool:
        return self.granted is not None and self.granted.anchor == name

    @property
    def _before(self) -> Any:
        assert self.granted is not None
        return self.granted.before

    def _end_of(self, name: str, day: dt.date) -> Any:
        return self.bound(self._kinds[name], day + dt.timedelta(days=1))
