"""Facts of data subjects that cross stores: aggregated where known, published as evidence, pulled where they are needed."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Integer,
    MetaData,
    Select,
    String,
    Subquery,
    Table,
    and_,
    case,
    delete,
    func,
    insert,
    literal,
    not_,
    or_,
    select,
    update,
)
from sqlalchemy import Date as SqlDate
from sqlalchemy.schema import CreateTable

from retention import clock, dates
from retention.declare.mapped import MappedStore
from retention.declare.stores import AnchorType, Population
from retention.declare.words import Standing
from retention.evidence import tables as evidence_tables
from retention.evidence.database import Evidence
from retention.evidence.heads import lock_head, move_head
from retention.night.context import Night
from retention.stores import tables
from retention.stores.columns import OPTIONS
from retention.stores.dialect import exact, readable
from retention.stores.query import population_rows
from retention.stores.session import StoreSession

CHUNK = 20_000
FACT_COLUMNS = ("contracts", "contract_until", "trials", "trial_start", "trial_end", "problem")

_staging = Table(
    "fact_staging",
    MetaData(),
    Column("subject_key", String(128), primary_key=True),
    Column("contracts", Integer),
    Column("contract_until", SqlDate),
    Column("trials", Integer),
    Column("trial_start", SqlDate),
    Column("trial_end", SqlDate),
    Column("problem", String(64)),
    prefixes=["TEMPORARY"],
    **OPTIONS,
)


@dataclass(frozen=True)
class Fact:
    """What is known of one data subject. Dates are civil dates in Paris."""

    subject_key: str
    contracts: int
    contract_until: dt.date | None
    trials: int
    trial_start: dt.date | None
    trial_end: dt.date | None
    problem: str | None


Merge = Callable[[Fact, Any], Fact]

# aggregation, in the store that knows


def _by_role(store: MappedStore, role: str) -> Population:
    return next(population for population in store.declared.populations if population.role == role)


def _aggregate(store: MappedStore, dialect: str, horizon: dt.date, subjects: Any = None) -> Select[Any]:
    """One row per data subject, from the populations that have a role. `subjects` narrows it to a set of keys."""

    def rows(role: str) -> tuple[Population, Subquery]:
        population = _by_role(store, role)
        return population, population_rows(population, store.queries[population.name], f"f_{role}")

    def grouped(source: Subquery, *columns: ColumnElement[Any]) -> Subquery:
        subject = exact(source.c.subject_key)
        query = select(subject.label("subject_key"), *columns).group_by(subject)
        return (query if subjects is None else query.where(source.c.subject_key.in_(subjects))).subquery(f"g_{source.name}")

    _, known = rows("subject")
    subject = grouped(known, func.count().label("times"))

    population, source = rows("contract")
    open_end = _open_end(population.anchors["contract_end"])
    broken = _broken(population, source, ("contract_start", "contract_end"), dialect)
    contract = grouped(
        source,
        func.count().label("n"),
        func.max(case((not_(broken), func.coalesce(source.c.contract_end, open_end)))).label("until"),
        func.max(case((broken, 1), else_=0)).label("broken"),
    )

    population, source = rows("trial")
    unconverted = not_(_converted(population, source))
    start, end = source.c.trial_start, source.c.trial_end
    zone = ZoneInfo(store.declared.timezone)
    tomorrow: Any = horizon + dt.timedelta(days=1)
    if population.anchors["trial_start"] == "instant":
        tomorrow = dates.start_of_day(tomorrow, zone)
    ahead = func.coalesce(start >= tomorrow, False)
    broken = or_(_broken(population, source, ("trial_start", "trial_end"), dialect), ahead)
    plain = and_(unconverted, not_(broken))
    trial = grouped(
        source,
        func.sum(case((unconverted, 1), else_=0)).label("n"),
        func.sum(case((unconverted, 0), else_=1)).label("converted"),
        func.max(case((plain, start))).label("start"),
        func.max(case((plain, end))).label("end"),
        func.sum(case((and_(unconverted, end.is_(None)), 1), else_=0)).label("running"),
        func.max(case((broken, 1), else_=0)).label("broken"),
    )
    contracts, trials = func.coalesce(contract.c.n, 0), func.coalesce(trial.c.n, 0)
    problem = case(
        (subject.c.times > 1, "ambiguous_subject"),
        (func.coalesce(contract.c.broken, 0) == 1, "contract_unreadable"),
        (func.coalesce(trial.c.broken, 0) == 1, "trial_unreadable"),
        (and_(func.coalesce(trial.c.converted, 0) > 0, contracts == 0), "converted_without_contract"),
    )
    known_facts = tables.fact.alias("known")
    remembered = [known_facts.c[name].label(f"known_{name}") for name in FACT_COLUMNS]
    return (
        select(
            subject.c.subject_key,
            contracts.label("contracts"),
            contract.c.until,
            trials.label("trials"),
            trial.c.start,
            trial.c.end,
            func.coalesce(trial.c.running, 0).label("running"),
            problem.label("problem"),
            *remembered,
        )
        .select_from(
            subject.outerjoin(contract, contract.c.subject_key == subject.c.subject_key)
            .outerjoin(trial, trial.c.subject_key == subject.c.subject_key)
            .outerjoin(known_facts, known_facts.c.subject_key == subject.c.subject_key)
        )
        .where(subject.c.subject_key.is_not(None))
    )


def _open_end(kind: AnchorType) -> Any:
    return dates.OPEN_END if kind == "date" else dt.datetime.combine(dates.OPEN_END, dt.time())


def _converted(population: Population, source: Subquery) -> ColumnElement[bool]:
    states = [state for state, standing in population.standing_by_state.items() if standing is Standing.CUSTOMER]
    return source.c.state.in_(states)


def _broken(population: Population, source: Subquery, names: tuple[str, str], dialect: str) -> ColumnElement[bool]:
    """Rows from which nothing about the subject may be concluded."""
    start, end = (source.c[name] for name in names)
    usable = [state for state in population.states if state not in population.quarantined_states]
    return or_(
        start.is_(None),
        func.coalesce(not_(readable(start, population.anchors[names[0]], dialect)), True),
        and_(end.is_not(None), not_(readable(end, population.anchors[names[1]], dialect))),
        func.coalesce(end < start, False),
        func.coalesce(source.c.state.not_in(usable), True),
    )


def read_facts(
    connection: Connection, store: MappedStore, horizon: dt.date, subjects: Any = None, merge: Merge | None = None
) -> Iterator[Fact]:
    """Facts as the store knows them now, streamed. `connection` is one on the store that publishes.

    `merge` says what of the facts known before goes on counting.
    """
    merge = merge or _remembering
    query = _aggregate(store, connection.dialect.name, horizon, subjects)
    zone = ZoneInfo(store.declared.timezone)
    for row in connection.execute(query, execution_options={"yield_per": CHUNK}):
        now = Fact(
            subject_key=str(row.subject_key),
            contracts=int(row.contracts),
            contract_until=_civil(row.until, zone),
            trials=int(row.trials),
            trial_start=_civil(row.start, zone),
            trial_end=None if row.running else _civil(row.end, zone),
            problem=row.problem,
        )
        yield merge(now, row)


def _remembering(now: Fact, row: Any) -> Fact:
    """The fact as it is now; but contracts or trials that have all been disposed of go on counting as they were last known.

    Else disposing of a contract would turn a former customer into a prospect, under another rule, in the middle of a night.
    """
    if now.contracts == 0 and row.known_contracts:
        problem = None if now.problem == "converted_without_contract" else now.problem
        now = replace(now, contracts=row.known_contracts, contract_until=row.known_contract_until, problem=problem)
    if now.trials == 0 and row.known_trials:
        now = replace(now, trials=row.known_trials, trial_start=row.known_trial_start, trial_end=row.known_trial_end)
    return now


def _raised(now: Fact, row: Any) -> Fact:
    """The fact as it is now, or as it was known when the night began, whichever keeps longer.

    In mid-night rows of the subject may have gone in a batch before: what is left of them says less than was known.
    """
    now = _remembering(now, row)
    if row.known_contracts and now.contracts:
        until = _latest(now.contract_until, row.known_contract_until)
        now = replace(now, contracts=max(now.contracts, row.known_contracts), contract_until=until)
    if row.known_trials and now.trials:
        running = now.trial_end is None or row.known_trial_end is None
        now = replace(
            now,
            trials=max(now.trials, row.known_trials),
            trial_start=_latest(now.trial_start, row.known_trial_start),
            trial_end=None if running else _latest(now.trial_end, row.known_trial_end),
        )
    return replace(now, problem=now.problem or row.known_problem)


def _latest(*days: dt.date | None) -> dt.date | None:
    return max((day for day in days if day is not None), default=None)


def _civil(value: dt.date | dt.datetime | None, zone: ZoneInfo) -> dt.date | None:
    """The Paris date of an anchor; an open end stays an open end."""
    if isinstance(value, dt.datetime):
        return dates.OPEN_END if value.date() == dates.OPEN_END else dates.paris_date(value.replace(tzinfo=zone))
    return value


# publication


def publish(night: Night) -> int:
    """Publishes a generation of facts if the latest is older than this night. Returns the generation in force.

    Raises StoreError where the store that knows is out of reach; the last generation then stays in force.
    """
    publisher = night.bundle.publisher()
    current = latest_generation(night.evidence)
    if publisher is None or (current and current[1] >= night.observed_on and publisher.name != night.store.name):
        return current[0] if current else 0
    session = StoreSession(publisher.name, night.workspace.store_url(publisher.name))
    try:
        session.ensure_tables()  # what is remembered of a subject lies in a table of ours there
        with session.reading("reading facts of data subjects") as source, night.evidence.writing() as evidence:
            return _publish_into(evidence, read_facts(source, publisher, night.horizon), night, publisher.name)
    finally:
        session.close()


def latest_generation(evidence: Evidence) -> tuple[int, dt.date, str] | None:
    """Number, as-of and token of the newest generation."""
    g = evidence_tables.fact_generation.c
    with evidence.snapshot() as connection:
        row = connection.execute(select(g.generation, g.as_of, g.token).order_by(g.generation.desc()).limit(1)).one_or_none()
    return (int(row[0]), row[1], str(row[2])) if row else None


def _publish_into(connection: Connection, facts: Iterator[Fact], night: Night, source: str) -> int:
    """Takes the difference to the last generation in SQL: only what changed gets a new revision."""
    known, staged = evidence_tables.subject_fact, _staging
    connection.execute(CreateTable(staged, if_not_exists=True))  # dropping it again would end the transaction on MariaDB
    connection.execute(delete(staged))
    subjects = 0
    while chunk := [vars(fact) for fact in islice(facts, CHUNK)]:
        connection.execute(insert(staged), chunk)
        subjects += len(chunk)
    g = evidence_tables.fact_generation
    generation = lock_head(connection, "facts")[0] + 1
    here = select(staged.c.subject_key).where(staged.c.subject_key == known.c.subject_key).exists()
    same = select(staged.c.subject_key).where(
        staged.c.subject_key == known.c.subject_key,
        *(staged.c[name].is_not_distinct_from(known.c[name]) for name in FACT_COLUMNS),
    )
    values = {
        name: select(staged.c[name]).where(staged.c.subject_key == known.c.subject_key).scalar_subquery()
        for name in FACT_COLUMNS
    }
    changed = connection.execute(
        update(known)
        .where(here, or_(~same.exists(), known.c.gone_on.is_not(None)))
        .values(**values, gone_on=None, revision=generation)
    ).rowcount
    columns = ["subject_key", *FACT_COLUMNS, "revision"]
    fresh = select(staged.c.subject_key, *(staged.c[name] for name in FACT_COLUMNS), literal(generation)).where(
        ~select(known.c.subject_key).where(known.c.subject_key == staged.c.subject_key).exists()
    )
    changed += connection.execute(
        insert(known).from_select(columns, fresh), execution_options={"preserve_rowcount": True}
    ).rowcount
    connection.execute(
        update(known).where(known.c.gone_on.is_(None), ~here).values(gone_on=night.observed_on, revision=generation)
    )
    token = uuid.uuid4().hex
    connection.execute(
        insert(g).values(
            generation=generation,
            token=token,
            source=source,
            as_of=night.observed_on,
            run_id=night.run_id,
            subjects=subjects,
            changed=changed,
            published_at=clock.now(),
        )
    )
    move_head(connection, "facts", generation, token)
    return generation


# in the store that needs them


def pull(night: Night) -> tuple[int, bool]:
    """Brings a store's copy of the facts up to date. Returns how many rows came, and whether it is stale for this night."""
    newest = latest_generation(night.evidence)
    known, state = evidence_tables.subject_fact, tables.fact_state
    with night.session.writing("copying facts of data subjects") as store:
        held = _held(store, night.evidence)
        came = 0
        if newest and newest[0] > held:
            query = select(
                known.c.subject_key, *(known.c[name] for name in FACT_COLUMNS), known.c.gone_on, known.c.revision
            ).where(known.c.revision > held)
            with night.evidence.engine.connect() as evidence:
                result = evidence.execute(query, execution_options={"yield_per": CHUNK}).mappings()
                while chunk := [dict(row) for row in islice(result, CHUNK)]:
                    _replace(store, chunk)
                    came += len(chunk)
            store.execute(delete(state))
            store.execute(insert(state).values(slot=1, generation=newest[0], as_of=newest[1], token=newest[2]))
    return came, facts_stale(night)


def _held(store: Connection, evidence: Evidence) -> int:
    """The generation the store's copy stands at.

    Where the evidence does not know it (it was restored from a backup, and counts anew), the copy is dropped and pulled whole.
    """
    state, g = tables.fact_state.c, evidence_tables.fact_generation.c
    mine = store.execute(select(state.generation, state.token)).one_or_none()
    if mine is None:
        return 0
    with evidence.snapshot() as connection:
        known = connection.execute(select(g.generation).where(g.generation == mine[0], g.token == mine[1])).first()
    if known is None:
        store.execute(delete(tables.fact))
        return 0
    return int(mine[0])


def _replace(store: Connection, chunk: list[dict[str, Any]]) -> None:
    copy = tables.fact
    for start in range(0, len(chunk), 500):
        keys = [row["subject_key"] for row in chunk[start : start + 500]]
        store.execute(delete(copy).where(copy.c.subject_key.in_(keys)))
    store.execute(insert(copy), chunk)


def facts_stale(night: Night) -> bool:
    """Whether the store's copy is too old to conclude anything from for this night."""
    with night.session.reading() as store:
        as_of = store.execute(select(tables.fact_state.c.as_of)).scalar()
    oldest = night.observed_on - dt.timedelta(days=night.bundle.decisions.limits.fact_age_days)
    return as_of is None or as_of < oldest


def refresh(connection: Connection, store: MappedStore, horizon: dt.date, subjects: Any) -> None:
    """Recomputes, inside a batch's transaction, the facts of its subjects from the rows as they are now.

    Only for the store that publishes: a contract signed since the scan is seen before anything is disposed of.
    """
    fresh = [
        vars(fact) | {"gone_on": None, "revision": 0} for fact in read_facts(connection, store, horizon, subjects, _raised)
    ]
    if fresh:
        revision = func.coalesce(select(func.max(tables.fact_state.c.generation)).scalar_subquery(), 0)
        known = connection.execute(select(revision)).scalar_one()
        _replace(connection, [row | {"revision": known} for row in fresh])
