"""Units of work: what a plan leaves to be done, in the store itself, each with the position it has reached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, Select, case, delete, func, insert, literal, select, text
from sqlalchemy.exc import DBAPIError

from retention.declare.stores import Population
from retention.declare.words import Action
from retention.errors import Busy
from retention.evidence.records import ScanLine
from retention.night.context import Night
from retention.night.disposal.strategy import Choice
from retention.night.verdicts import Compiled, Verdict
from retention.resolve import those_before
from retention.stores import partitions, tables
from retention.stores.dialects import dialect_of, server
from retention.stores.session import failure_of

UNITS_A_WORKER = 4  # so that a worker that drew dense ranges does not keep the others waiting
LISTED_UNIT = 20_000  # a list shorter than this is not worth sharing out


@dataclass(frozen=True)
class Unit:
    """A range of a table (pages or keys) or of the candidate list, `low` inclusive, `high` exclusive."""

    unit: int
    wave: int
    population: str
    strategy: str
    rule: str
    reason: str
    action: Action
    code: int
    low: int
    high: int
    position: int
    batches: int
    rows: int
    spared: int
    part: str | None = None  # PostgreSQL: the partition in whose pages the range lies, or that goes as a whole

    @property
    def done(self) -> bool:
        return self.position >= self.high


def waves(night: Night) -> dict[str, int]:
    """The wave of each population: after those that go before it. Populations of one wave do not depend on each other."""
    depth: dict[str, int] = {}
    for population in night.populations:  # children first
        depth[population.name] = 1 + max((depth[before.name] for before in those_before(night.store, population)), default=-1)
    return depth


def lay_out(night: Night, connection: Connection, choices: Sequence[Choice], lines: tuple[ScanLine, ...], stale: bool) -> None:
    """Replaces the store's units and candidate list by those of this run."""
    connection.execute(delete(tables.candidate))
    connection.execute(delete(tables.work))
    connection.execute(delete(tables.refused).where(tables.refused.c.run_id != night.run_id))
    if night.partitioned:
        partitions.forget_attached(connection)
    add(night, connection, choices, lines, stale)


def add(
    night: Night,
    connection: Connection,
    choices: Sequence[Choice],
    lines: tuple[ScanLine, ...],
    stale: bool,
    last_keys: Mapping[str, int | None] | None = None,
) -> None:
    """Adds units for these choices to those of the run. `last_keys`: what lies above them came after the scan."""
    t, r = tables.work.c, tables.receipt.c
    last = connection.execute(select(func.max(t.unit)).where(t.run_id == night.run_id)).scalar() or 0
    begun = connection.execute(select(func.max(r.batch)).where(r.run_id == night.run_id)).scalar() or 0
    depth = waves(night)
    rows: list[dict[str, Any]] = []
    for choice in choices:
        if not choice.due and choice.strategy != "partition":
            continue
        parts = choice.parts if choice.strategy == "listed" else ()
        compiled = night.compile(
            choice.population, facts_stale=stale, children_gone=last_keys is not None, attached=True, parts=parts
        )
        found: Iterable[tuple[Verdict, int, int, str | None]]
        if choice.strategy == "range":
            found = _ranges(night, connection, compiled, lines, choice.parts)
        elif choice.strategy == "partition":
            whole = next(verdict for verdict in compiled.due_verdicts() if verdict.action is Action.DELETE)
            found = ((whole, 0, 1, part) for part in choice.parts)  # the receipts say by which rules its rows went
        else:
            listed = _listed(connection, compiled, (last_keys or {}).get(choice.population))
            found = ((verdict, low, high, None) for verdict, low, high in listed)
        for verdict, low, high, part in found:
            rule, reason, action = verdict.words
            rows.append(
                {
                    "run_id": night.run_id,
                    "unit": last + len(rows) + 1,
                    "wave": depth[choice.population],
                    "population": choice.population,
                    "strategy": choice.strategy,
                    "rule": rule,
                    "reason": reason,
                    "action": action,
                    "code": verdict.code,
                    "low": low,
                    "high": high,
                    "part": part,
                    "position": low,
                    "batches": begun,  # receipts of an earlier attempt of this run keep their numbers
                    "rows": 0,
                    "spared": 0,
                }
            )
    if rows:
        connection.execute(insert(tables.work), rows)


def instead(night: Night, connection: Connection, unit: Unit, *, stale: bool) -> None:
    """Lays out the rows of a partition that does not go as a whole after all, in ranges, for the wave of its unit."""
    lines = night.evidence.scan(night.run_id, "before")
    with dialect_of(connection.dialect.name).alone(connection):  # units are numbered on from the last
        add(night, connection, [Choice(unit.population, "range", "", 0, 1, (str(unit.part),))], lines, stale)


def alike(compiled: Compiled, code: int) -> list[Verdict]:
    """The verdicts that are carried out by the same statement as that of this code."""
    one = compiled.verdicts[code - 1]
    return [v for v in compiled.due_verdicts() if v.words == one.words and v.blanked == one.blanked]


def _ranges(
    night: Night, connection: Connection, compiled: Compiled, lines: tuple[ScanLine, ...], parts: Sequence[str]
) -> Iterator[tuple[Verdict, int, int, str | None]]:
    """Ranges of a table, or of each of its partitions: pages are numbered in each anew."""
    shares = max(1, night.store.declared.pace.workers * UNITS_A_WORKER // max(1, len(parts)))
    for part in parts or (None,):
        low, high = _extent(connection, compiled, part)
        for verdict in _groups(compiled, lines):
            bounds = [low + (high - low) * share // shares for share in range(shares + 1)]
            yield from ((verdict, a, b, part) for a, b in pairwise(bounds) if a < b)


def _groups(compiled: Compiled, lines: tuple[ScanLine, ...]) -> Iterator[Verdict]:
    """One verdict for each group of alike ones that the scan met."""
    met = {(line.rule or "", line.reason, line.action or "") for line in lines if line.population == compiled.population.name}
    seen: set[tuple[Any, ...]] = set()
    for verdict in compiled.due_verdicts():
        name = (verdict.words, verdict.blanked)
        if verdict.words in met and name not in seen:
            seen.add(name)
            yield verdict


def _extent(connection: Connection, compiled: Compiled, part: str | None) -> tuple[int, int]:
    """First and one past the last page of a table on PostgreSQL, key elsewhere."""
    if connection.dialect.name == "postgresql":
        preparer = connection.dialect.identifier_preparer
        quoted = preparer.format_table(compiled.table) if part is None else preparer.quote(part)
        pages = connection.execute(
            text("SELECT pg_relation_size(CAST(:name AS regclass)) / current_setting('block_size')::int"), {"name": quoted}
        ).scalar_one()
        return 0, int(pages)
    key = compiled.table.c[compiled.population.key]
    first, last = connection.execute(select(func.min(key), func.max(key))).one()
    return (0, 0) if first is None else (int(first), int(last) + 1)


def _listed(connection: Connection, compiled: Compiled, last_key: int | None) -> Iterator[tuple[Verdict, int, int]]:
    """Lists the due rows of a population, and yields a range of the list for each kind of work."""
    verdicts = compiled.due_verdicts()
    if not verdicts:
        return
    c, population = tables.candidate.c, compiled.population
    connection.execute(delete(tables.candidate).where(c.population == population.name))
    known = [] if last_key is None else [compiled.rows.c.record_key <= last_key]
    judged = (  # materialised, for the CASE is long and would be evaluated once for every name derived from it
        compiled.select(compiled.rows.c.record_key, compiled.code.label("code"), _goes_late(compiled).label("late"))
        .where(compiled.could_be_due(), compiled.due(verdicts), *known)
        .cte("judged")
    )
    if connection.dialect.name in ("sqlite", "postgresql"):
        judged = judged.prefix_with("MATERIALIZED")
    number = func.row_number().over(order_by=(judged.c.late, judged.c.code, judged.c.record_key))
    key = candidate_key(population)
    connection.execute(
        insert(tables.candidate).from_select(
            ["population", "seq", "code", key.name],
            select(literal(population.name), number, judged.c.code, judged.c.record_key),
        )
    )
    for code, first, last in _islands(connection, population):
        verdict = compiled.verdicts[code - 1]
        yield from ((verdict, a, b) for a, b in _split(first, last + 1, apart=population.suppression is None))


def _islands(connection: Connection, population: Population) -> Iterator[tuple[int, int, int]]:
    """Code, first and last number of each stretch of one code. A code comes twice where some of its rows go late."""
    c = tables.candidate.c
    island = (c.seq - func.row_number().over(partition_by=c.code, order_by=c.seq)).label("island")
    n = select(c.seq, c.code, island).where(c.population == population.name).subquery("numbered").c
    query = select(n.code, func.min(n.seq), func.max(n.seq)).group_by(n.code, n.island).order_by(func.min(n.seq))
    yield from ((int(code), int(first), int(last)) for code, first, last in connection.execute(query))


def _split(low: int, high: int, *, apart: bool) -> Iterator[tuple[int, int]]:
    step = LISTED_UNIT if apart else high - low
    yield from ((a, min(a + step, high)) for a in range(low, high, step))


def _goes_late(compiled: Compiled) -> Any:
    """Whether a row leaves a fingerprint behind: on the list it would stop other profiles of that address in mid-night."""
    suppression = compiled.population.suppression
    if suppression is None:
        return literal(0)
    return case((compiled.rows.c.state.in_(suppression.states), 1), else_=0)


def candidate_key(population: Population) -> Any:
    """The column of the candidate list that holds keys of this population's type."""
    return tables.candidate.c.record_int if population.key_type == "integer" else tables.candidate.c.record_text


def units_of(connection: Connection, run_id: str, *, wave: int | None = None) -> tuple[Unit, ...]:
    """The units of a run in order."""
    t = tables.work
    query = _of_run(run_id).order_by(t.c.unit)
    if wave is not None:
        query = query.where(t.c.wave == wave)
    return tuple(_unit(row) for row in connection.execute(query).mappings())


def locked_unit(connection: Connection, run_id: str, number: int) -> Unit:
    """A unit under lock, so that retry and zombie, or two workers, take turns. Raises Busy where another has it.

    Whoever waited for it would then see the unit as it was: on PostgreSQL a batch sees one moment.
    """
    query = _of_run(run_id).where(tables.work.c.unit == number).with_for_update(nowait=True)
    try:
        return _unit(connection.execute(query).mappings().one())
    except DBAPIError as raw:
        failure = failure_of(raw, connection.dialect.name)
        if failure not in (server.LOCKED, server.CONFLICT):
            raise
        raise Busy("another worker is at this unit of work", mend="nothing: it is tried again") from None


def _of_run(run_id: str) -> Select[Any]:
    t = tables.work
    return select(*(column for column in t.c if column.name != "run_id")).where(t.c.run_id == run_id)


def _unit(row: Any) -> Unit:
    return Unit(**{**row, "action": Action(row["action"])})


def candidate_counts(
    connection: Connection,
    night: Night,
    choices: Iterable[Choice],
    lines: tuple[ScanLine, ...],
    whole: Mapping[tuple[str, str, str, str], int],
) -> list[Any]:
    """Rows per population, rule, reason and action: of the list where there is one, else as the scan counted them.

    `lines` are without the rows of partitions that go as a whole; these are counted in `whole`.
    """
    counts = dict(whole)
    listed = {choice.population for choice in choices if choice.strategy == "listed"}
    for line in lines:
        if line.disposition == "due" and line.population not in listed:
            name = (line.population, line.rule or "", line.reason, line.action or "")
            counts[name] = counts.get(name, 0) + line.rows
    for unit in units_of(connection, night.run_id):
        if unit.strategy == "listed":
            name = (unit.population, unit.rule, unit.reason, unit.action.value)
            counts[name] = counts.get(name, 0) + unit.high - unit.low
    return [
        {"population": population, "rule": rule, "reason": reason, "action": action, "rows": rows}
        for (population, rule, reason, action), rows in sorted(counts.items())
    ]
