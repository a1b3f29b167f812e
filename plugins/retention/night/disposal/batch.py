"""One batch: one transaction that disposes of a slice of a unit, leaves its receipt and moves the unit's position on.

Killed at any instant it happened wholly or not at all, and the position says what is left.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError

from retention import clock
from retention.declare.stores import Population
from retention.errors import StoreError
from retention.evidence import keysets
from retention.night import facts
from retention.night.context import Night
from retention.night.disposal.judging import judging
from retention.night.disposal.statements import Disposer, Slice, suppress
from retention.night.disposal.units import Unit, locked_unit
from retention.night.on_hold import present
from retention.night.plan import Plan
from retention.stores import tables
from retention.stores.lease import check_lease
from retention.stores.session import StoreSession, failure_of


@dataclass(frozen=True)
class Batch:
    """What one batch did: rows disposed of, rows on the list that were no longer due, and how far the unit was moved on."""

    unit: Unit
    rows: int
    spared: int
    size: int


@dataclass
class Shared:
    """What the workers of one process share.

    `turn`: who may change rows. What one server can delete is bound by its log, so that of two workers one does while the
    other reads which rows are due; both at once take as long as one after the other.
    The statements of each kind of work are made once, for that takes longer than many a batch.
    """

    turn: threading.Semaphore = field(default_factory=threading.Semaphore)
    _disposers: dict[tuple[object, ...], Disposer] = field(default_factory=dict)
    _one_makes: threading.Lock = field(default_factory=threading.Lock)

    def disposer(self, name: tuple[object, ...], make: Callable[[], Disposer]) -> Disposer:
        with self._one_makes:
            if name not in self._disposers:
                self._disposers[name] = make()
            return self._disposers[name]


@dataclass
class Job:
    """What all batches of a plan share. Each worker has one of its own."""

    night: Night
    session: StoreSession  # with the limits of the store's pace, which a scan need not keep to
    plan: Plan
    secret: bytes
    stale: bool
    shared: Shared = field(default_factory=Shared)
    _refused: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def disposer(self, connection: Connection, unit: Unit) -> Disposer:
        """The statements for this kind of work, while no hold can change."""
        holds = present(connection)

        def make() -> Disposer:
            forms = judging(self.night, connection, unit, stale=self.stale, holds=holds)
            return Disposer(connection.dialect, forms, unit, self.last_key(unit.population), self.shared.turn)

        return self.shared.disposer((unit.population, unit.strategy, unit.code, unit.part, holds, self.stale), make)

    def last_key(self, population: str) -> int | None:
        """Rows above it came after the scan, and are the next night's."""
        last: int | None = self.plan.document["last_keys"].get(population)
        return last

    def refused(self, connection: Connection, population: Population) -> tuple[Any, ...]:
        """The keys that the database has refused to let go of in this run."""
        if population.name not in self._refused:
            self._refused[population.name] = _refused(connection, self.night.run_id, population)
        return self._refused[population.name]

    def forget_refused(self) -> None:
        """More may have been refused: read them again."""
        self._refused.clear()


def one_batch(job: Job, number: int, size: int, *, careful: bool = False, told: bool = False) -> Batch | None:
    """Disposes of the next slice of a unit; None where none is left. `size` is in rows, or pages of a PostgreSQL range.

    Where the database refuses to let go of a row (Refused), call again with `careful`: the slice is then halved until that row
    stands alone; it is spared, noted, and everything else goes. Where other programs keep changing its rows (Conflict), call
    again with `told`: on PostgreSQL these are then judged by what they have become. Raises PlanError where another run has
    taken the store, Busy where another worker is at this unit.
    """
    night, told = job.night, told or careful
    with job.session.writing("disposing", one_moment=not told) as connection:
        check_lease(connection, night.run_id)
        unit = locked_unit(connection, night.run_id, number)
        if unit.done:
            return None
        disposer = job.disposer(connection, unit)
        high = _until(connection, disposer, unit, size)
        part = Slice(unit.position, high, refused=job.refused(connection, disposer.population), told=told)
        if night.publishes:
            facts.refresh(connection, night.store, night.horizon, disposer.subjects(connection, part))
        gone = _halving(connection, night, disposer, part) if careful else _dispose(connection, disposer, part)
        if unit.population in night.partitioned:
            check_once(unit.population, gone)
        if careful:
            job.forget_refused()
        spared = high - unit.position - len(gone) if unit.strategy == "listed" else 0
        done = replace(
            unit,
            position=high,
            batches=unit.batches + (len(gone) > 0),
            rows=unit.rows + len(gone),
            spared=unit.spared + spared,
        )
        if len(gone):
            leave_receipt(connection, job, done, gone, spared)
        move_on(connection, night.run_id, done)
        return Batch(done, len(gone), spared, high - unit.position)


def _until(connection: Connection, disposer: Disposer, unit: Unit, size: int) -> int:
    """Where the slice ends. Keys may have wide gaps: there the rows are counted off, not the keys."""
    if unit.strategy == "listed" or connection.dialect.name == "postgresql":
        return min(unit.position + size, unit.high)
    key = disposer.key
    beyond = select(key).where(key >= unit.position, key < unit.high).order_by(key).offset(size).limit(1)
    found = connection.execute(beyond).scalar()
    return unit.high if found is None else int(found)


def _dispose(connection: Connection, disposer: Disposer, part: Slice) -> Any:
    fingerprints = disposer.fingerprints(connection, part)
    gone = disposer.dispose(connection, part)
    if fingerprints:
        suppress(connection, disposer.compiled, [fingerprints[key] for key in list(gone) if key in fingerprints])
    return gone


def _halving(connection: Connection, night: Night, disposer: Disposer, part: Slice) -> Any:
    """Disposes of a slice in which the database refuses some row: of ever smaller halves, until that row stands alone."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))  # what is checked at COMMIT would be found too late
    gone: list[Any] = []
    waiting = [tuple(disposer.due_keys(connection, part))]
    while waiting:
        keys = waiting.pop()
        try:
            with connection.begin_nested():
                done = _dispose(connection, disposer, replace(part, only=keys))
                # Numbers of Python, or their receipt would take them for text.
                gone += done if isinstance(done, list) else done.tolist()
        except DBAPIError as raw:
            failure = failure_of(raw, connection.dialect.name)
            if failure is None or failure.kind != "refused":
                raise
            if len(keys) == 1:
                _note_refused(connection, night.run_id, disposer.population, keys[0])
            else:
                waiting += [keys[len(keys) // 2 :], keys[: len(keys) // 2]]
    return gone


def _note_refused(connection: Connection, run_id: str, population: Population, key: Any) -> None:
    connection.execute(insert(tables.refused).values(run_id=run_id, population=population.name, record_key=str(key)))


def _refused(connection: Connection, run_id: str, population: Population) -> tuple[Any, ...]:
    r = tables.refused.c
    query = select(r.record_key).where(r.run_id == run_id, r.population == population.name)
    keys = connection.execute(query).scalars()
    return tuple(int(key) if population.key_type == "integer" else key for key in keys)


def check_once(population: str, keys: Any) -> None:
    """Raises StoreError where a key is there twice: of a partitioned table no constraint says that it is not."""
    if _twice(keys):
        raise StoreError(
            f"population {population} has two rows with the same key, so that no receipt could say which of them went",
            mend="give each row a key of its own: the primary key of a partitioned table does not see to it",
        )


def _twice(keys: Any) -> bool:
    if not isinstance(keys, np.ndarray):
        return len(set(keys)) < len(keys)
    ordered = keys if (keys[1:] > keys[:-1]).all() else np.sort(keys)
    return bool((ordered[1:] == ordered[:-1]).any())


def leave_receipt(connection: Connection, job: Job, unit: Unit, gone: Any, spared: int) -> None:
    """The receipt of what a batch of this unit has just disposed of: its keys, or only their number."""
    night = job.night
    receipt_id = f"{night.run_id}/{unit.population}/{unit.unit}.{unit.batches}"
    if isinstance(gone, int):
        rows, made = gone, keysets.counted(receipt_id, night.store.name, unit.population)
    else:
        rows, made = len(gone), keysets.seal(job.secret, receipt_id, night.store.name, unit.population, gone)
    connection.execute(
        insert(tables.receipt).values(
            receipt_id=receipt_id,
            run_id=night.run_id,
            store=night.store.name,
            population=unit.population,
            unit=unit.unit,
            batch=unit.batches,
            rule=unit.rule,
            action=unit.action.value,
            as_of=night.as_of,
            plan_hash=job.plan.plan_hash,
            rows=rows,
            spared=spared,
            disposed_at=clock.now(),
            **made.columns(),
        )
    )


def move_on(connection: Connection, run_id: str, unit: Unit) -> None:
    """Notes how far a unit has got."""
    t = tables.work
    values = {name: getattr(unit, name) for name in ("position", "batches", "rows", "spared")}
    connection.execute(update(t).where(t.c.run_id == run_id, t.c.unit == unit.unit).values(values))
