"""Dates for the sample, worked out apart from the product's own calculator so that the two can disagree."""

from __future__ import annotations

import datetime as dt
from typing import NamedTuple
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

_PARIS = ZoneInfo("Europe/Paris")
_NOON = dt.time(12)


class Edge(NamedTuple):
    """An instant (UTC text) beside a boundary, and whether it is due."""

    instant: str
    due: bool


class DayEdge(NamedTuple):
    """A civil date beside a boundary, and whether it is due."""

    day: dt.date
    due: bool


def utc_text(day: dt.date, time: dt.time = _NOON) -> str:
    """A moment of a Paris day as the stores write it."""
    moment = dt.datetime.combine(day, time, tzinfo=_PARIS).astimezone(dt.UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S")


def is_due(anchor: dt.date, months: int, as_of: dt.date) -> bool:
    """Whether the last day, one addition clipped to the month, lies before the as-of date."""
    return anchor + relativedelta(months=months) < as_of


class Moments:
    """Anchors relative to one as-of date."""

    def __init__(self, as_of: dt.date) -> None:
        self.as_of = as_of

    def ago(self, *, years: int = 0, months: int = 0, days: int = 0) -> dt.date:
        return self.as_of - relativedelta(years=years, months=months, days=days)

    def ahead(self, *, years: int = 0, months: int = 0, days: int = 0) -> dt.date:
        return self.as_of + relativedelta(years=years, months=months, days=days)

    def latest_due(self, months: int) -> dt.date:
        """The latest anchor date that is due; that of the next day is kept."""
        day = self.ago(months=months) + dt.timedelta(days=4)
        while not is_due(day, months, self.as_of):
            day -= dt.timedelta(days=1)
        return day

    def day_edges(self, months: int) -> tuple[DayEdge, DayEdge]:
        """The last date that is due and the first that is not."""
        due = self.latest_due(months)
        return DayEdge(due, True), DayEdge(due + dt.timedelta(days=1), False)

    def edges(self, months: int) -> tuple[Edge, ...]:
        """Instants on both sides of the boundary: at noon, and near midnight in Paris, when UTC has another day."""
        due, kept = (edge.day for edge in self.day_edges(months))
        return (
            Edge(utc_text(due), True),
            Edge(utc_text(due, dt.time(0, 30)), True),
            Edge(utc_text(due, dt.time(23, 30)), True),
            Edge(utc_text(kept, dt.time(0, 30)), False),
            Edge(utc_text(kept), False),
        )

    def clipped(self, months: int) -> tuple[DayEdge, ...]:
        """Anchors whose last day was clipped to a shorter month and is today or yesterday. Most as-of dates have none."""
        near = (self.latest_due(months) + dt.timedelta(days=offset) for offset in range(-3, 5))
        eve = self.as_of - dt.timedelta(days=1)
        return tuple(
            DayEdge(day, is_due(day, months, self.as_of))
            for day in near
            if (last := day + relativedelta(months=months)).day < day.day and last in (eve, self.as_of)
        )
