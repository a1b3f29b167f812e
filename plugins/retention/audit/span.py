"""The days a pack is about, and which part of the evidence was written in them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from retention.dates import PARIS
from retention.errors import RetentionError
from retention.evidence import tables
from retention.evidence.records import Run


@dataclass(frozen=True)
class Span:
    """Paris days, both included."""

    first: dt.date
    last: dt.date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise RetentionError(f"{self.last} lies before {self.first}", mend="give --from the earlier day")

    @property
    def begins(self) -> dt.datetime:
        return _utc(self.first)

    @property
    def ends(self) -> dt.datetime:
        """The first instant that is no longer in it."""
        return _utc(self.last + dt.timedelta(days=1))

    def __contains__(self, day: dt.date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Slice:
    """Entries of the ledger, from one number to another; none where `first` is 0."""

    first: int
    last: int


def slice_of(connection: Connection, span: Span) -> Slice:
    """The entries that were sealed in a span: they lie next to each other."""
    t = tables.ledger.c
    within = (t.at >= span.begins, t.at < span.ends)
    first, last = connection.execute(select(func.min(t.seq), func.max(t.seq)).where(*within)).one()
    return Slice(first or 0, last or 0)


def runs_of(connection: Connection, span: Span) -> tuple[Run, ...]:
    """The runs that were started in a span, the first one first."""
    t = tables.run.c
    query = select(tables.run).where(t.started_at >= span.begins, t.started_at < span.ends)
    return tuple(Run(**row) for row in connection.execute(query.order_by(t.started_at, t.run_id)).mappings())


def _utc(day: dt.date) -> dt.datetime:
    """Midnight of Paris as it is kept: UTC without a zone."""
    return dt.datetime.combine(day, dt.time(), PARIS).astimezone(dt.UTC).replace(tzinfo=None)
