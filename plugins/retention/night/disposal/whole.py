"""A partition that goes as a whole: detached beside readers and writers, judged once more, receipted and dropped.

    noted → DETACH … CONCURRENTLY → (killed: FINALIZE) → grace → every row judged: receipts and DROP, or ATTACH

What is done is told by the catalogue, not by what a worker remembers: whoever comes next goes on from there. Detaching changes
no row; the one transaction that drops also judges and receipts, under the lease, so that no hold can come between.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Literal

import numpy as np
from sqlalchemy import (
    BigInteger,
    Connection,
    LargeBinary,
    cast,
    delete,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.exc import DBAPIError

from retention import clock
from retention.declare.stores import Population
from retention.declare.words import Action
from retention.errors import Busy, StoreError, Transient
from retention.night.disposal import parts, units
from retention.night.disposal.batch import Batch, Job, check_once, leave_receipt, move_on
from retention.night.disposal.statements import pages
from retention.night.disposal.units import Unit, locked_unit
from retention.stores import tables
from retention.stores.lease import check_lease, superseded
from retention.stores.partitions import lock_name, quoted, read_partitioned
from retention.stores.session import failure_of

log = logging.getLogger(__name__)

KEYS_A_RECEIPT = 2_000_000  # held in memory together, 8 bytes each

State = Literal["attached", "pending", "detached", "gone"]


def dispose(job: Job, number: int) -> Batch | None:
    """Takes a unit's partition as far as it can be taken now; None where nothing is left to do, or its rows go one by one.

    Raises Busy where another worker is at it, Transient where a lock was not to be had: call again.
    """
    unit = _unit(job, number)
    with job.session.outside("detaching a partition") as connection, _alone(connection, str(unit.part)):
        unit = _unit(job, number)
        if unit.done:
            return None
        if _state(connection, unit) in ("attached", "pending"):
            # One at a time of each table: while one is half detached the database refuses to begin with another.
            with _alone(connection, f"of {_population(job, unit).table}"):
                if not _detached(connection, job, unit):
                    return None
        return _settle(job, number)


def give_up(job: Job, number: int) -> None:
    """After too many tries: the rows of a partition go one by one, or it is left to a later run where it cannot be attached."""
    unit = _unit(job, number)
    with job.session.outside("detaching a partition") as connection, _alone(connection, str(unit.part)):
        state = _state(connection, unit)
        if state == "attached":
            _by_rows(job, number, "others kept it locked")
            return
        if state == "detached":
            with contextlib.suppress(Transient):  # too large to be judged within the time limit, or locked for too long
                _attached_again(job, number)
                return
    log.warning("partition %s is detached and not dropped yet: others keep it locked; a later run goes on", unit.part)
    with job.session.writing("laying out the work") as connection:
        check_lease(connection, job.night.run_id)
        unit = locked_unit(connection, job.night.run_id, number)
        move_on(connection, job.night.run_id, replace(unit, position=unit.high))


# where it stands


def _unit(job: Job, number: int) -> Unit:
    with job.night.session.reading("reading the units of work") as connection:
        found = next((unit for unit in units.units_of(connection, job.night.run_id) if unit.unit == number), None)
    if found is None:  # a later run has laid out its own
        raise superseded()
    return found


def _state(connection: Connection, unit: Unit) -> State:
    found: State = connection.execute(_STATE, {"part": unit.part}).scalar_one()
    return found


# By the object id that was noted, where one was: a table made since under that name is another.
_STATE = text("""
    SELECT CASE WHEN c.oid IS NULL THEN 'gone' WHEN i.inhdetachpending THEN 'pending'
                WHEN i.inhrelid IS NOT NULL THEN 'attached' WHEN d.part IS NULL THEN 'gone' ELSE 'detached' END
      FROM (SELECT CAST(:part AS text) AS name) w
      LEFT JOIN retention_detached d ON d.part = w.name
      LEFT JOIN pg_class c ON c.relname = w.name AND c.relnamespace = CAST(current_schema() AS regnamespace)
       AND (d.part IS NULL OR c.oid = CAST(d.relation AS oid))
      LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
""")


@contextmanager
def _alone(connection: Connection, part: str) -> Iterator[None]:
    """Keeps other workers from this partition over several transactions: for as long as the session lives, and no longer."""
    with contextlib.suppress(DBAPIError):  # not on every system: a session then notices later that its worker was killed
        connection.execute(text("SELECT set_config('client_connection_check_interval', '1s', false)"))
    key = {"name": lock_name(part)}
    if not connection.execute(text("SELECT pg_try_advisory_lock(hashtextextended(:name, 0))"), key).scalar_one():
        raise Busy(f"another worker is at partition {part}", mend="let it finish")
    try:
        yield
    finally:
        try:
            connection.execute(text("SELECT pg_advisory_unlock(hashtextextended(:name, 0))"), key)
        except DBAPIError:
            connection.invalidate()


def _is_transient(raw: DBAPIError) -> bool:
    failure = failure_of(raw, "postgresql")
    return failure is not None and failure.kind == "transient"


def _population(job: Job, unit: Unit) -> Population:
    return job.night.store.declared.population(unit.population)


def _alter(connection: Connection, job: Job, unit: Unit, how: str, part: str | None = None) -> None:
    table = quoted(_population(job, unit).table)
    _run(connection, f"ALTER TABLE {table} DETACH PARTITION {quoted(part or str(unit.part))} {how}")


def _run(connection: Connection, statement: str) -> None:
    """A statement without parameters: to the driver a % would say that one is to come."""
    connection.exec_driver_sql(statement.replace("%", "%%"))


# before it is detached


def _detached(connection: Connection, job: Job, unit: Unit) -> bool:
    """Detaches a partition, or goes on with one half detached; False where its rows go one by one instead."""
    for part in connection.execute(_HALF, {"table": _population(job, unit).table}).scalars().all():
        _alter(connection, job, unit, "FINALIZE", part)
    state = _state(connection, unit)
    if state == "pending":
        _by_rows(job, unit.unit, "somebody else is detaching it")
        return False
    if state != "attached":
        return True
    if not _note(job, unit.unit):
        return False
    try:
        _alter(connection, job, unit, "CONCURRENTLY")
    except DBAPIError as raw:
        if _is_transient(raw) or _state(connection, unit) != "attached":
            raise
        _by_rows(job, unit.unit, "the database does not detach it")
        return False
    return True


# Half detached by a worker of ours that was killed. Another's is not for us to finish.
_HALF = text("""
    SELECT d.part FROM retention_detached d JOIN pg_inherits i ON i.inhrelid = CAST(d.relation AS oid)
      JOIN pg_class c ON c.oid = i.inhparent
     WHERE i.inhdetachpending AND c.relname = :table AND c.relnamespace = CAST(current_schema() AS regnamespace)
""")


def _note(job: Job, number: int) -> bool:
    """Notes that the partition is about to be detached; False where its rows go one by one instead."""
    night = job.night
    with job.session.writing("detaching a partition") as connection:
        check_lease(connection, night.run_id)
        unit = locked_unit(connection, night.run_id, number)
        if unit.done:
            return False
        obstacle = _obstacle(job, connection, unit)
        if obstacle:
            _instead(connection, job, unit, obstacle)
            return False
        d = tables.detached
        connection.execute(delete(d).where(d.c.part == unit.part))
        connection.execute(_NOTED, {"part": unit.part, "population": unit.population, "run": night.run_id, "at": clock.now()})
    return True


_NOTED = text("""
    INSERT INTO retention_detached (part, relation, population, bounds, run_id, begun_at)
    SELECT c.relname, CAST(c.oid AS bigint), :population, pg_get_expr(c.relpartbound, c.oid), :run, :at
      FROM pg_class c WHERE c.relname = :part AND c.relnamespace = CAST(current_schema() AS regnamespace)
""")


def _obstacle(job: Job, connection: Connection, unit: Unit) -> str:
    """What has come between since the plan was made; every row is asked again only where a hold has."""
    night, population = job.night, _population(job, unit)
    table = read_partitioned(connection, population.table)
    if table is None:
        return "its table is not partitioned any more"
    there = parts.why_not(night, population, table)
    if there:
        return there
    if not any(part.name == unit.part and parts.fit(part) for part in table.parts):
        return "something is about this partition alone"
    holds = sorted(connection.execute(select(tables.hold.c.hold_id)).scalars())
    if holds != job.plan.document["holds"] and _judged(job, connection, unit).stays:
        return "not all of its rows are to go any more"
    return ""


def _judged(job: Job, connection: Connection, unit: Unit) -> parts.Judged:
    return parts.judge(
        job.night,
        connection,
        _population(job, unit),
        str(unit.part),
        stale=job.stale,
        last_key=job.last_key(unit.population),
        children_gone=True,
    )


# once it is detached


def _settle(job: Job, number: int) -> Batch | None:
    """Drops a detached partition with receipts for its rows, attaches it again where one of them stays, or lets it wait."""
    night = job.night
    with job.session.writing("dropping a partition") as connection:
        check_lease(connection, night.run_id)
        unit = locked_unit(connection, night.run_id, number)
        d, part = tables.detached, quoted(str(unit.part))
        state = _state(connection, unit)
        if state == "gone":  # somebody else dropped it: what is missing without receipt is found by the validation
            connection.execute(delete(d).where(d.c.part == unit.part))
            move_on(connection, night.run_id, replace(unit, position=unit.high))
        if unit.done or state != "detached":
            return None
        first_seen = (d.c.part == unit.part, d.c.detached_at.is_(None))
        connection.execute(update(d).where(*first_seen).values(detached_at=clock.now()))
        _run(connection, f"LOCK TABLE {part} IN ACCESS EXCLUSIVE MODE")
        judged = _judged(job, connection, unit)
        if judged.stays:
            _give_back(connection, job, unit, "not all of its rows are to go any more")
            return None
        done = replace(unit, position=unit.high)
        if parts.grace_over(night, connection, str(unit.part)):
            try:
                with connection.begin_nested():
                    done = _receipted(connection, job, done, judged)
                    _run(connection, f"DROP TABLE {part}")
                    connection.execute(delete(d).where(d.c.part == unit.part))
            except DBAPIError as raw:
                if failure_of(raw, "postgresql") is not None:
                    raise
                _give_back(connection, job, unit, "the database does not drop it")
                return None
        move_on(connection, night.run_id, done)
        return Batch(done, done.rows - unit.rows, 0, 1)


def _give_back(connection: Connection, job: Job, unit: Unit, why: str) -> None:
    _attach(connection, job, unit)
    _instead(connection, job, unit, why)


def _attach(connection: Connection, job: Job, unit: Unit) -> None:
    """Gives a partition back to its table, under the bounds it had."""
    d = tables.detached
    bounds = connection.execute(select(d.c.bounds).where(d.c.part == unit.part)).scalar_one()
    table = quoted(_population(job, unit).table)
    try:
        _run(connection, f"ALTER TABLE {table} ATTACH PARTITION {quoted(str(unit.part))} {bounds}")
    except DBAPIError as raw:
        if failure_of(raw, "postgresql") is not None:
            raise
        raise StoreError(
            f"partition {unit.part} cannot be attached again, and not all of its rows may go",
            mend=f"see what lies in its place in {_population(job, unit).table}, make room for it, and run again",
        ) from None
    connection.execute(delete(d).where(d.c.part == unit.part))


def _receipted(connection: Connection, job: Job, unit: Unit, judged: parts.Judged) -> Unit:
    """Leaves a receipt for each verdict among the rows of a partition, and for each so many of them."""
    if _population(job, unit).partition_evidence == "counts":
        for words, rows in judged.leaves.items():
            unit = _one_more(unit, words, rows)
            leave_receipt(connection, job, unit, rows, 0)
        return unit
    left = dict(judged.leaves)
    for words, keys in _keys(connection, job, unit, judged):
        unit = _one_more(unit, words, len(keys))
        left[words] -= len(keys)
        leave_receipt(connection, job, unit, keys, 0)
    if any(left.values()):
        raise StoreError(f"the rows of partition {unit.part} changed under its lock", mend="see what the database's log says")
    return unit


def _one_more(unit: Unit, words: parts.Words, rows: int) -> Unit:
    rule, reason, action = words
    return replace(unit, rule=rule, reason=reason, action=Action(action), batches=unit.batches + 1, rows=unit.rows + rows)


def _keys(connection: Connection, job: Job, unit: Unit, judged: parts.Judged) -> Iterator[tuple[parts.Words, Any]]:
    """The keys of a partition, by verdict, so many at a time. It is locked: what its rows were told just now still holds."""
    compiled = job.night.compile(
        unit.population, facts_stale=job.stale, children_gone=True, parts=(str(unit.part),), place=True
    )
    there = connection.execute(
        text("SELECT pg_relation_size(CAST(:name AS regclass)) / current_setting('block_size')::int"),
        {"name": quoted(str(unit.part))},
    ).scalar_one()
    step = max(1, there * KEYS_A_RECEIPT // judged.rows)
    key = compiled.table.c[compiled.population.key] if len(judged.leaves) == 1 else compiled.rows.c.record_key
    packed = func.string_agg(func.int8send(cast(key, BigInteger)), literal_column("''::bytea"), type_=LargeBinary)
    for words in judged.leaves:
        if len(judged.leaves) == 1:  # nobody need be asked again which rows they are: all of them
            query = select(packed).where(*pages(compiled.table.c.ctid))
        else:
            mine = compiled.due(v for v in compiled.due_verdicts() if v.words == words)
            query = compiled.select(packed).where(*pages(compiled.rows.c.record_tid), mine)
        for low in range(0, there, step):
            found = connection.execute(query, {"low": f"({low},0)", "high": f"({low + step},0)"}).scalar()
            keys = np.frombuffer(found or b"", dtype=">i8").astype(np.int64)
            if len(keys):
                check_once(unit.population, keys)
                yield words, keys


# otherwise


def _by_rows(job: Job, number: int, why: str) -> None:
    """Forgets that a partition was to be detached: its rows go one by one."""
    with job.session.writing("laying out the work") as connection:
        check_lease(connection, job.night.run_id)
        unit = locked_unit(connection, job.night.run_id, number)
        d = tables.detached
        connection.execute(delete(d).where(d.c.part == unit.part))
        if not unit.done:
            _instead(connection, job, unit, why)


def _attached_again(job: Job, number: int) -> None:
    with job.session.writing("attaching a partition again") as connection:
        check_lease(connection, job.night.run_id)
        unit = locked_unit(connection, job.night.run_id, number)
        if not unit.done:
            _give_back(connection, job, unit, "it could not be judged and dropped within the time limits")


def _instead(connection: Connection, job: Job, unit: Unit, why: str) -> None:
    """Ends a unit by laying out its rows in its place, for the same wave."""
    log.warning("the rows of partition %s go one by one: %s", unit.part, why)
    units.instead(job.night, connection, unit, stale=job.stale)
    move_on(connection, job.night.run_id, replace(unit, position=unit.high))
