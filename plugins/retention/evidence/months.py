"""What happened in a span of nights, as the evidence database adds it up: runs, what they disposed of, checks that failed."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import BigInteger, ColumnElement, Connection, cast, func, select

from retention.evidence.database import Evidence
from retention.evidence.records import Run
from retention.evidence.tables import receipt, run, validation


@dataclass(frozen=True)
class DisposedThen:
    """What one run disposed of under one rule in one population."""

    run_id: str
    store: str
    as_of: dt.date
    population: str
    rule: str
    action: str
    rows: int
    batches: int


@dataclass(frozen=True)
class FailedCheck:
    """An expectation that did not pass: in how many nights, the worst count, the last run in which it happened."""

    store: str
    population: str
    expectation: str
    severity: str
    nights: int
    worst: int | None
    last: dt.date


@dataclass(frozen=True)
class Span:
    """Everything that is on record about the nights from `first` to `last`."""

    first: dt.date
    last: dt.date
    runs: tuple[Run, ...]
    disposed: tuple[DisposedThen, ...]
    checks: tuple[FailedCheck, ...]
    begun: dt.date | None  # the first night on record at all


def span(evidence: Evidence, first: dt.date, last: dt.date) -> Span:
    """All of it at one moment, runs in the order they were started; rehearsals among them."""
    with evidence.snapshot() as connection:
        begun = connection.execute(select(func.min(run.c.as_of))).scalar()
        within = run.c.as_of.between(first, last)
        query = select(run).where(within).order_by(run.c.as_of, run.c.store, run.c.started_at)
        runs = tuple(Run(**row) for row in connection.execute(query).mappings())
        return Span(first, last, runs, _disposed(connection, within), _checks(connection, within), begun)


def _disposed(connection: Connection, within: ColumnElement[bool]) -> tuple[DisposedThen, ...]:
    r = receipt.c
    query = (
        select(
            r.run_id,
            r.store,
            run.c.as_of,
            r.population,
            r.rule,
            r.action,
            cast(func.sum(r.rows), BigInteger),
            func.count(),
        )
        .select_from(run.join(receipt, r.run_id == run.c.run_id))
        .where(within)
        .group_by(r.run_id, r.store, run.c.as_of, r.population, r.rule, r.action)
        .order_by(run.c.as_of, r.store, r.population, r.rule, r.action)
    )
    return tuple(DisposedThen(*row) for row in connection.execute(query))


def _checks(connection: Connection, within: ColumnElement[bool]) -> tuple[FailedCheck, ...]:
    v = validation.c
    query = (
        select(
            run.c.store,
            v.population,
            v.expectation,
            v.severity,
            func.count(run.c.as_of.distinct()),
            func.max(v.unexpected),
            func.max(run.c.as_of),
        )
        .select_from(run.join(validation, v.run_id == run.c.run_id))
        .where(within, v.outcome != "PASS")
        .group_by(run.c.store, v.population, v.expectation, v.severity)
        .order_by(v.severity, run.c.store, v.population, v.expectation)
    )
    return tuple(FailedCheck(*row) for row in connection.execute(query))
