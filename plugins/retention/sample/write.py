"""Fills new stores: tables from the schemas, rows in chunks, indexes last."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, TypeVar

from sqlalchemy.engine import URL

from retention.sample.rows import STORES, TABLES, Row
from retention.sample.schema import Schema, Temporal, store_schema
from retention.sample.sink import Sink, sink

CHUNK = 5_000

# Where a store goes: a new SQLite file, or the URL of a database
Place = Path | str | URL
Target = Callable[[str], Place] | Mapping[str, Place]
_T = TypeVar("_T")


class Writer:
    """The four stores, open for loading. Use it as a context: leaving it builds the indexes and closes the stores.

    `typed` leaves out the rows that a database with types cannot hold, whatever the stores are; None leaves them out where one
    of the stores is such a database. `left_out` tells which: store, table and key.
    """

    def __init__(self, target: Target, *, typed: bool | None = None) -> None:
        place_of = target if callable(target) else target.__getitem__
        self.places = {store: place_of(store) for store in STORES}
        self.counts: Counter[type[Row]] = Counter()
        self.left_out: set[tuple[str, str, str]] = set()
        self._sinks: dict[str, Sink] = {store: sink(place) for store, place in self.places.items()}
        self._schemas: dict[str, Schema] = {
            store: store_schema(store, one.dialect, one.database) for store, one in self._sinks.items()
        }
        self._typed = any(one.dialect != "sqlite" for one in self._sinks.values()) if typed is None else typed
        self._dates = {kind: self._dated(kind) for kind in TABLES}

    def __enter__(self) -> Writer:
        for one in self._sinks.values():
            one.refuse()
        for store, one in self._sinks.items():
            one.begin(self._schemas[store])
        return self

    def add(self, kind: type[Row], rows: Iterable[Row]) -> None:
        """Insert rows of one table, a chunk at a time."""
        store, table = TABLES[kind]
        for chunk in chunks(self._held(kind, rows) if self._typed else rows, CHUNK):
            self._sinks[store].add(self._schemas[store].names[table], kind._fields, chunk)
            self.counts[kind] += len(chunk)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for store, one in self._sinks.items():
            if kind is None:
                one.finish(self._schemas[store])
            else:
                one.abandon()

    def _held(self, kind: type[Row], rows: Iterable[Row]) -> Iterator[Row]:
        """The rows whose instants and dates a column of that type can hold."""
        store, table = TABLES[kind]
        for row in rows:
            if all(_readable(row[place], what) for place, what in self._dates[kind]):
                yield row
            else:
                self.left_out.add((store, table, str(row[0])))

    def _dated(self, kind: type[Row]) -> Sequence[tuple[int, Temporal]]:
        """Where in a row its instants and dates stand."""
        store, table = TABLES[kind]
        columns = self._schemas[store].temporal[table]
        return [(kind._fields.index(name), what) for name, what in columns.items()]


def chunks(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Lists of at most `size` items."""
    source = iter(items)
    while chunk := list(islice(source, size)):
        yield chunk


def _readable(value: Any, kind: Temporal) -> bool:
    if value is None:
        return True
    try:
        if kind == "date":
            return dt.date.fromisoformat(value).isoformat() == str(value)
        return dt.datetime.fromisoformat(value).isoformat(sep=" ") == str(value)
    except ValueError:
        return False
