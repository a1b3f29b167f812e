"""Which partitions go as a whole: those in which the verdict of every row is to delete it, and nothing else is in the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, literal, literal_column, not_, select
from sqlglot import exp

from retention import clock
from retention.declare.stores import Population
from retention.declare.words import Action
from retention.night.context import Night
from retention.night.disposal.judging import Judging, judging_part
from retention.night.disposal.strategy import Choice, Partitions
from retention.night.on_hold import present
from retention.night.verdicts import Compiled, Verdict
from retention.stores import tables
from retention.stores.partitions import Part, Partitioned, read_partitioned
from retention.stores.query import statement_of

Words = tuple[str, str, str]  # rule, reason, action


@dataclass(frozen=True)
class Found:
    """What the partitions of one population are fit for. `whole` has the rows of each that goes as a whole, by verdict."""

    population: str
    whole: dict[str, dict[Words, int]] = field(default_factory=dict)
    waiting: dict[str, dict[Words, int]] = field(default_factory=dict)  # detached, their grace not over
    walked: tuple[str, ...] | None = ()
    why_rows: str = ""  # why none that is attached goes as a whole

    def partitions(self) -> Partitions:
        whole, waiting = _total(self.whole), _total(self.waiting)
        why = [self.why_rows] if self.why_rows else []
        if waiting:
            why.append(f"{waiting:,} wait in {', '.join(self.waiting)} until their grace is over")
        return Partitions(whole, waiting, self.walked, "; ".join(why))

    def choice(self) -> Choice | None:
        """The choice that whole partitions are."""
        if not self.whole:
            return None
        due = _total(self.whole)
        names = list(self.whole)
        shown = ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")
        why = f"every row of {shown} is to be deleted: detached, then dropped"
        return Choice(self.population, "partition", why, due, due, tuple(names))

    def counts(self) -> Iterator[tuple[Words, int, bool]]:
        """Rows by verdict, and whether they go tonight."""
        for groups, tonight in ((self.whole, True), (self.waiting, False)):
            for of_part in groups.values():
                yield from ((words, rows, tonight) for words, rows in of_part.items())


def _total(groups: dict[str, dict[Words, int]]) -> int:
    return sum(rows for of_part in groups.values() for rows in of_part.values())


def find(night: Night, connection: Connection, population: Population, *, stale: bool, last_key: int | None) -> Found:
    """Looks at every partition of a population, attached or detached."""
    found = Found(population.name)
    if population.schema_name is not None:
        return replace(found, walked=None, why_rows="no partition goes as a whole, for its table lies in a schema of its own")
    table = read_partitioned(connection, population.table)
    if table is None:
        return found
    for name in night.detached_of(population):
        judged = judge(night, connection, population, name, stale=stale, last_key=last_key)
        waits = judged.stays == 0 and not grace_over(night, connection, name)
        (found.waiting if waits else found.whole)[name] = judged.leaves
    why_rows, walked = why_not(night, population, table), []
    if not may_be_named(night, population, table):
        return replace(found, walked=None, why_rows=why_rows)
    for part in table.parts:
        compiled = night.compile(population.name, facts_stale=stale, parts=(part.name,))
        if not _any(connection, compiled, compiled.could_be_due(), compiled.due(compiled.due_verdicts())):
            continue
        if not why_rows and fit(part) and not _any(connection, compiled, not_(_deleted(compiled))):
            judged = judge(night, connection, population, part.name, stale=stale, last_key=last_key)
            if not judged.stays:
                found.whole[part.name] = judged.leaves
                continue
        walked.append(part.name)
    return replace(found, walked=tuple(walked), why_rows=why_rows)


@dataclass(frozen=True)
class Judged:
    """The rows of a partition: those that leave by verdict, and how many stay."""

    leaves: dict[Words, int]
    stays: int

    @property
    def rows(self) -> int:
        return sum(self.leaves.values()) + self.stays


def judge(
    night: Night,
    connection: Connection,
    population: Population,
    part: str,
    *,
    stale: bool,
    last_key: int | None,
    children_gone: bool = False,
) -> Judged:
    """Asks of every row of a partition whether it is to be deleted, and by which verdict."""
    how: dict[str, Any] = {"facts_stale": stale, "children_gone": children_gone}
    compiled = night.compile(population.name, **how, parts=(part,))
    holds = present(connection)
    for verdicts in _by_words(compiled):
        alike = judging_part(night, connection, compiled, verdicts, part, **how, attached=True, holds=holds)
        if alike is not None and (rows := _all_leave(connection, alike, last_key)):
            return Judged({verdicts[0].words: rows}, 0)
    known = compiled.rows.c.record_key <= last_key if last_key is not None else literal(value=True)
    frozen = compiled.frozen if _touched(connection, compiled) else literal(value=False)
    named = compiled.code.label("code"), frozen.label("frozen"), known.label("known")
    query = compiled.select(*named, func.count()).group_by("code", "frozen", "known")
    leaves: dict[Words, int] = {}
    stays = 0
    for code, frozen, is_known, rows in connection.execute(query):
        verdict = compiled.verdicts[code - 1]
        if deletes(verdict) and not frozen and is_known:
            leaves[verdict.words] = leaves.get(verdict.words, 0) + rows
        else:
            stays += rows
    return Judged(leaves, stays)


def _by_words(compiled: Compiled) -> list[tuple[Verdict, ...]]:
    """The verdicts that delete, together where they do so by the same rule, those with a condition to take for granted."""
    found: dict[Words, tuple[Verdict, ...]] = {}
    for verdict in compiled.due_verdicts():
        if deletes(verdict):
            found[verdict.words] = (*found.get(verdict.words, ()), verdict)
    return [verdicts for verdicts in found.values() if compiled.grant(verdicts) is not None]


def _all_leave(connection: Connection, judging: Judging, last_key: int | None) -> int:
    """The rows of a partition, where all of them have these verdicts; else 0."""
    (conditions,) = judging.of_the_table()
    table = judging.parts[0].table
    known = [] if last_key is None else [judging.parts[0].rows.c.record_key <= last_key]
    leave = func.count().filter(and_(*conditions, *known))
    there, leaving = connection.execute(select(func.count(), leave).select_from(table)).one()
    return int(there) if there == leaving else 0


def _touched(connection: Connection, compiled: Compiled) -> bool:
    """Whether some hold is about some row of a partition. Holds are few: searched from their side, one way after another."""
    hold = tables.hold.alias("touching")
    ways = (select(literal(1)).where(hold.c.rank < tables.ERASURE_RANK, way).limit(1) for way in compiled.on_hold.reaches(hold))
    return any(connection.execute(way).first() is not None for way in ways)


def deletes(verdict: Verdict) -> bool:
    return verdict.disposition == "due" and verdict.action is Action.DELETE


def _deleted(compiled: Compiled) -> ColumnElement[bool]:
    """Whether a row's verdict is to delete it, whatever holds say: cheap, and false for the first row of most partitions."""
    codes: list[ColumnElement[int]] = [literal_column(str(verdict.code)) for verdict in compiled.verdicts if deletes(verdict)]
    return compiled.code.in_(codes)


def _any(connection: Connection, compiled: Compiled, *where: ColumnElement[bool]) -> bool:
    return connection.execute(compiled.select(literal(1)).where(*where).limit(1)).first() is not None


def grace_over(night: Night, connection: Connection, part: str) -> bool:
    """Whether a detached partition has waited long enough. Never where nobody has seen it detached yet."""
    d = tables.detached.c
    since: dt.datetime | None = connection.execute(select(d.detached_at).where(d.part == part)).scalar()
    seconds = night.store.declared.pace.partition_grace_seconds
    return seconds == 0 or (since is not None and (clock.now() - since).total_seconds() >= seconds)


def why_not(night: Night, population: Population, table: Partitioned) -> str:
    """Why no partition of a table goes as a whole; empty where one may."""
    obstacles = {
        "it is not partitioned by the range of one column": not table.by_range,
        "it has a default partition": table.has_default,
        "another table refers to it": table.referred,
        "it does not belong to this user": not table.owned,
        "it has triggers, which a dropped partition does not set off": table.has_triggers,
        "one of its partitions is half detached by somebody else": table.pending,
        "its partitions cannot be named one by one": not may_be_named(night, population, table),
        "its keys are text": population.key_type != "integer",
        "its rows leave fingerprints": population.suppression is not None,
        "this store publishes facts, which every batch computes anew": night.publishes,
        "a population query reads it more than once": _read_twice(night, population),
    }
    found = next((obstacle for obstacle, there in obstacles.items() if there), "")
    return f"no partition goes as a whole, for {found}" if found else ""


def _read_twice(night: Night, population: Population) -> bool:
    """Whether a query names the table elsewhere than after its own FROM: it would not see there what is detached."""
    times = {
        name: sum(table.name == population.table for table in statement_of(sql).find_all(exp.Table))
        for name, sql in night.store.queries.items()
    }
    own = statement_of(night.store.queries[population.name])
    source = (own.args.get("from_") or own.args["from"]).this
    return sum(times.values()) > 1 or bool(source.args.get("db"))


def fit(part: Part) -> bool:
    """Whether a partition can be detached and dropped by itself."""
    return part.plain and part.owned and not part.leaned_on


def may_be_named(night: Night, population: Population, table: Partitioned) -> bool:
    """Whether statements may name each partition. What blanking moves to another one must be changed through the table."""
    blanked: set[str] = {name for term in night.asked[population.name].terms for name in term.blanked}
    moves = blanked & set(night.partition_columns(population))
    return not moves and all(part.here and part.may_delete and (part.may_update or not blanked) for part in table.parts)


def document(found: Found) -> dict[str, Any]:
    """What the plan says of the partitions of a population that go as a whole."""
    return {part: sum(groups.values()) for part, groups in found.whole.items()}
