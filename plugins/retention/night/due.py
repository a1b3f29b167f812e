"""How many records are due at this moment, exactly and at the least cost: without a night, and without reading a whole table.

A row that is due meets one of a few conditions that indexes serve. The store is asked first which of them any row meets,
which takes a look at an index each; only rows that meet one of those are given the whole verdict.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, exists, func, literal_column, or_, select
from sqlalchemy import case as sql_case

from retention.declare.bundle import Bundle
from retention.declare.words import Category
from retention.explain.reader import Reader
from retention.night.verdicts import Bool, Compiled, Way
from retention.stores.inspect import sound_populations
from retention.workspace import Workspace


@dataclass(frozen=True)
class DueNow:
    """What a night that began now would find due in a store, by category, on the facts the store has."""

    store: str
    rows: dict[Category, int]
    facts_old: bool  # a night would bring them up to date first


def due_now(workspace: Workspace, bundle: Bundle, store: str, as_of: dt.date) -> DueNow:
    """Counts what is due in a store, all of it at one moment. Raises StoreError where it cannot be read or was not prepared."""
    rows: dict[Category, int] = {}
    with Reader(workspace, bundle, store, as_of) as reader, reader.session.reading("counting what is due") as connection:
        sound = sound_populations(connection, reader.store)
        for population in reader.store.declared.populations:
            found = DueCount(reader.compile(population.name, sound=sound)).on(connection)
            rows[population.category] = rows.get(population.category, 0) + found
        return DueNow(store, rows, reader.facts_old and any(asked.needs_facts for asked in reader.asked.values()))


class DueCount:
    """Counts the due rows of a population; its statements are built once."""

    def __init__(self, compiled: Compiled) -> None:
        self._compiled, self._verdicts = compiled, compiled.due_verdicts()
        self._ways = compiled.ways_to_be_due() if self._verdicts else []
        # What our own tables say first: to plan a look at the rows costs a server more than the look.
        self._first = _asked([self._met(way) if way.open is None else way.open for way in self._ways])
        self._second: dict[tuple[Way, ...], Any] = {}

    def on(self, connection: Connection) -> int:
        """The rows that a scan in this transaction would count as due."""
        ways = self._open(connection)
        if not ways:
            return 0
        query = self._compiled.select(func.count()).where(or_(*(way.met for way in ways)), self._compiled.due(self._verdicts))
        return int(connection.execute(query).scalar_one())

    def _open(self, connection: Connection) -> list[Way]:
        """The ways that some row meets."""
        found = _answered(connection, self._first, self._ways)
        unsure = tuple(way for way in found if way.open is not None)
        if not unsure:
            return found
        if unsure not in self._second:
            self._second[unsure] = _asked([self._met(way) for way in unsure])
        met = _answered(connection, self._second[unsure], unsure)
        return [way for way in found if way.open is None or way in met]

    def _met(self, way: Way) -> Bool:
        return exists(select(literal_column("1")).select_from(self._compiled.origin).where(way.met))


def _asked(conditions: Sequence[Bool]) -> Select[Any]:
    """One by one, for no database looks a disjunction of them up in its indexes."""
    return select(*(sql_case((condition, 1), else_=0).label(f"way_{number}") for number, condition in enumerate(conditions)))


def _answered(connection: Connection, asked: Select[Any], ways: Sequence[Way]) -> list[Way]:
    return [way for way, met in zip(ways, connection.execute(asked).one(), strict=True) if met] if ways else []
