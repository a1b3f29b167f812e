"""The one guarded path that changes a store.

A batch is one transaction. It takes a slice of candidates, evaluates the whole verdict and the holds again inside the DELETE or
UPDATE, and leaves its receipt before it commits. Killed at any instant it happened wholly or not at all; the candidates left
are the work left.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, func, insert, not_, select, update
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table

from retention import clock
from retention.declare.words import Action
from retention.evidence import keysets
from retention.night import facts
from retention.night.claims import check_claim
from retention.night.context import Night
from retention.night.plan import Plan, check_plan, check_validated, load_plan
from retention.night.scan import candidate_key
from retention.night.verdicts import Compiled
from retention.resolve import children_of
from retention.stores import tables
from retention.stores.dialect import month_start


@dataclass(frozen=True)
class Work:
    """Candidates that are to be treated alike."""

    rule: str
    reason: str  # "small_cell" where a row due for anonymisation is deleted instead
    action: Action
    code: int
    late: int

    def candidates(self) -> tuple[Any, ...]:
        """What singles these candidates out in the list."""
        c = tables.candidate.c
        return (c.late == self.late, c.action == self.action.value, c.code == self.code, c.reason == self.reason)


@dataclass(frozen=True)
class Outcome:
    """What a disposal did: rows by action, and candidates it spared because they were no longer due."""

    disposed: dict[str, int]
    spared: int
    batches: int


def dispose(night: Night) -> Outcome:
    """Disposes of the plan's candidates, children before parents.

    Raises PlanError where the plan no longer fits or a later run has claimed the store; what is receipted stays receipted.
    """
    plan = load_plan(night)
    if night.dry_run:
        return Outcome({}, 0, 0)
    check_plan(night, plan)
    check_validated(night)
    key = night.workspace.digest_key(make=not night.evidence.disposed())
    disposed: dict[str, int] = {}
    spared = batches = done = 0
    stale = facts.facts_stale(night)
    for population in night.populations:
        compiled = night.compile(population.name, facts_stale=stale)
        while (batch := _next_batch(night, compiled, plan, key)) is not None:
            action, rows, left_alone = batch
            disposed[action] = disposed.get(action, 0) + rows
            spared, batches, done = spared + left_alone, batches + 1, done + rows + left_alone
            night.progress(f"dispose {night.store.name}", done, plan.candidates)
    return Outcome(disposed, spared, batches)


def _next_batch(night: Night, compiled: Compiled, plan: Plan, key: bytes) -> tuple[str, int, int] | None:
    """One batch of one population, or None when no candidate is left. Returns action, rows disposed of, rows spared."""
    with night.session.writing(f"disposing of {compiled.population.name}") as connection:
        check_claim(connection, night.run_id)
        slice_ = _take_slice(connection, night, compiled)
        if slice_ is None:
            return None
        work, first, last = slice_
        keys = _keys(compiled, work, first, last)
        if compiled.population in _publishing(night):
            facts.refresh(
                connection,
                night.store,
                night.horizon,
                select(compiled.rows.c.subject_key).where(compiled.rows.c.record_key.in_(keys)),
            )
        gone = _apply(connection, compiled, work, keys)
        t = tables.candidate
        taken = int(connection.execute(delete(t).where(*_slice_of(compiled, work, first, last))).rowcount)
        _leave_receipt(connection, night, compiled, plan, work, gone, taken - len(gone), key)
        return work.action.value, len(gone), taken - len(gone)


def _publishing(night: Night) -> Sequence[Any]:
    """The populations whose facts can be refreshed on the spot: those of the store that publishes them."""
    publisher = night.bundle.publisher()
    return night.populations if publisher is not None and publisher.name == night.store.name else ()


def _take_slice(connection: Connection, night: Night, compiled: Compiled) -> tuple[Work, int, int] | None:
    """The next candidates of one kind of work, as a range of sequence numbers."""
    c = tables.candidate.c
    mine = and_(c.run_id == night.run_id, c.population == compiled.population.name)
    kind = select(c.rule, c.reason, c.action, c.code, c.late).where(mine).order_by(c.late, c.action, c.code, c.reason).limit(1)
    head = connection.execute(kind).one_or_none()
    if head is None:
        return None
    work = Work(head.rule, head.reason, Action(head.action), head.code, head.late)
    size = night.bundle.decisions.limits.batch_rows
    numbers = select(c.seq).where(mine, *work.candidates()).order_by(c.seq).limit(size).subquery()
    first, last = connection.execute(select(func.min(numbers.c.seq), func.max(numbers.c.seq))).one()
    return work, int(first), int(last)


def _slice_of(compiled: Compiled, work: Work, first: int, last: int) -> Sequence[Any]:
    c = tables.candidate.c
    return (c.population == compiled.population.name, *work.candidates(), c.seq.between(first, last))


def _keys(compiled: Compiled, work: Work, first: int, last: int) -> Any:
    return select(candidate_key(compiled)).where(*_slice_of(compiled, work, first, last))


def _apply(connection: Connection, compiled: Compiled, work: Work, keys: Any) -> list[Any]:
    """Deletes or blanks the rows of the slice that are still due. Returns their keys."""
    verdict = compiled.verdicts[work.code - 1]
    population = compiled.population
    due = compiled.select(compiled.rows.c.record_key).where(compiled.rows.c.record_key.in_(keys), compiled.due([verdict]))
    table = compiled.table
    target = table.c[population.key]
    if work.action is Action.DELETE:
        unreferenced = [not_(reference) for reference in _references(compiled)]
        fingerprints = _fingerprints(connection, compiled, due)
        statement = delete(table).where(target.in_(due), *unreferenced).returning(target)
        gone = list(connection.execute(statement).scalars())
        _suppress(connection, compiled, [fingerprints[key] for key in gone if key in fingerprints])
        return gone
    values = {name: _blank(compiled, name) for name in verdict.blanked}
    return list(connection.execute(update(table).where(target.in_(due)).values(values).returning(target)).scalars())


def _references(compiled: Compiled) -> list[Any]:
    """Whether rows that refer to this one are still there: a parent is spared rather than torn from its children."""
    found = []
    for child in children_of(compiled.asked.store, compiled.population):
        if child.parent is not None:
            rows = sql_table(child.table, sql_column(child.parent.column)).alias(f"ref_{child.name}")
            found.append(
                select(rows.c[child.parent.column])
                .where(rows.c[child.parent.column] == compiled.table.c[compiled.population.key])
                .exists()
            )
    return found


def _blank(compiled: Compiled, name: str) -> Any:
    blank = compiled.population.columns[name].blank
    if blank == "month":
        return month_start(compiled.table.c[name], compiled.setting.dialect)
    return {"null": None, "empty": "", "zero": 0}[blank]


def _fingerprints(connection: Connection, compiled: Compiled, due: Any) -> dict[Any, dict[str, Any]]:
    """What the suppression list keeps of profiles about to go, by record key. Keyed digests, at most a batch of them."""
    suppression = compiled.population.suppression
    if suppression is None:
        return {}
    rows = compiled.table.alias("leaving")
    in_state = compiled.select(compiled.rows.c.record_key).where(
        compiled.rows.c.record_key.in_(due), compiled.rows.c.state.in_(suppression.states)
    )
    kept = [rows.c[column].label(name) for name, column in suppression.columns.items()]
    key = rows.c[compiled.population.key]
    query = select(key.label("leaving_key"), *kept).where(
        key.in_(in_state), rows.c[suppression.columns[suppression.key]].is_not(None)
    )
    found = (dict(row) for row in connection.execute(query).mappings())
    return {row.pop("leaving_key"): row for row in found}


def _suppress(connection: Connection, compiled: Compiled, fingerprints: list[dict[str, Any]]) -> None:
    """Keeps each fingerprint once. After the DELETE: a fingerprint on the list would judge the profiles still to go."""
    suppression = compiled.population.suppression
    if suppression is None or not fingerprints:
        return
    into = sql_table(suppression.table, *(sql_column(name) for name in suppression.columns))
    fresh = {row[suppression.key]: row for row in fingerprints}
    known = select(into.c[suppression.key]).where(into.c[suppression.key].in_(bindparam("keys", expanding=True)))
    keys = list(fresh)
    for start in range(0, len(keys), 500):
        for there in connection.execute(known, {"keys": keys[start : start + 500]}).scalars():
            fresh.pop(there, None)
    if fresh:
        connection.execute(insert(into), list(fresh.values()))


def _leave_receipt(
    connection: Connection, night: Night, compiled: Compiled, plan: Plan, work: Work, gone: list[Any], spared: int, key: bytes
) -> None:
    t, population = tables.receipt, compiled.population.name
    mine = and_(t.c.run_id == night.run_id, t.c.population == population)
    batch = int(connection.execute(select(func.coalesce(func.max(t.c.batch), 0)).where(mine)).scalar_one()) + 1
    receipt_id = f"{night.run_id}/{population}/{batch}"
    connection.execute(
        insert(t).values(
            receipt_id=receipt_id,
            run_id=night.run_id,
            store=night.store.name,
            population=population,
            batch=batch,
            rule=work.rule,
            action=work.action.value,
            as_of=night.as_of,
            plan_hash=plan.plan_hash,
            rows=len(gone),
            spared=spared,
            disposed_at=clock.now(),
            **keysets.seal(key, receipt_id, night.store.name, population, gone).columns(),
        )
    )
