"""The verdict of a population in the forms that disposal asks it in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, func, literal_column, select
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.expression import TableClause

from retention.night.conditions import both, either
from retention.night.context import Night
from retention.night.disposal.units import Unit, alike
from retention.night.on_hold import Present
from retention.night.verdicts import About, Compiled, Verdict
from retention.stores import tables

Bool = ColumnElement[bool]
FEW_SUBJECTS = 50_000  # whose facts a server makes a set of within a few milliseconds, once a batch


@dataclass(frozen=True)
class Judging:
    """The verdicts that one statement carries out. `joined` stands beside the table.

    `parts` are about the table itself, where the query is plain enough for that: about different rows, and together they say
    what `joined` says of those that meet what is granted; each needs the facts of subjects at most as a set to look into.
    `statements`: how many it takes to ask all of them. `as_set`: what is asked of a subject says nothing of the row.
    """

    joined: Compiled
    verdicts: tuple[Verdict, ...]
    parts: tuple[Compiled, ...] = ()
    statements: int = 1
    as_set: bool = False

    def of_the_table(self) -> list[list[Bool]]:
        """The rows with these verdicts, as conditions on the table: a list for each statement that it takes."""
        surely, found = self.surely(self.parts[0]), [self._part(compiled) for compiled in self.parts]
        return [[*surely, part] for part in found] if self.statements > 1 else [[*surely, either(*found)]]

    def surely(self, compiled: Compiled) -> list[Bool]:
        """What a row with these verdicts meets: it is what they take for granted, or spares it to be asked."""
        if compiled.anchors.granted is not None:
            return [compiled.anchors.what_is_granted()]
        surely = compiled.surely(self.verdicts)
        return [] if surely is None else [surely]

    def _part(self, compiled: Compiled) -> Bool:
        """No row of somebody is due without its facts: it is quarantined where they are unknown."""
        judged = compiled.due(self.verdicts)
        if compiled.inline == "anybody":
            return judged
        if compiled.inline == "nobody":
            return both(compiled.naming.is_(None), judged)
        facts = compiled.known
        if self.as_set:
            return compiled.naming.in_(select(facts.c.subject_key).where(judged))
        known: Any = select(literal_column("1")).select_from(facts).where(facts.c.subject_key == compiled.naming, judged)
        return exists(known.correlate(compiled.table))


def judging(night: Night, connection: Connection, unit: Unit, *, stale: bool, holds: Present) -> Judging:
    """The forms for one kind of work, once the children of its rows have gone, while there are these kinds of holds."""
    parts = () if unit.part is None else (unit.part,)
    how: dict[str, Any] = {"facts_stale": stale, "children_gone": True, "place": True, "holds": holds, "parts": parts}
    joined = night.compile(unit.population, **how)
    verdicts = tuple(alike(joined, unit.code))
    if not night.inlines(unit.population):
        return Judging(joined, verdicts)
    return _of_table(night, connection, joined, verdicts, joined.table, how)


def judging_part(
    night: Night, connection: Connection, joined: Compiled, verdicts: tuple[Verdict, ...], part: str, **how: Any
) -> Judging | None:
    """The forms for the rows of a partition by itself; None where it takes more than one statement to ask them."""
    population = joined.population
    if not night.reads_plainly(population.name):
        return None
    table = sql_table(part, *(sql_column(name) for name in population.columns))
    made = _of_table(night, connection, joined, verdicts, table, how)
    return made if made.statements == 1 else None


def _of_table(
    night: Night,
    connection: Connection,
    joined: Compiled,
    verdicts: tuple[Verdict, ...],
    table: TableClause,
    how: dict[str, Any],
) -> Judging:
    granted, population = joined.grant(verdicts), joined.population.name
    abouts = _parts(night, population)
    parts = tuple(night.compile(population, **how, inline=about, table=table, granted=granted) for about in abouts)
    if connection.dialect.name != "postgresql":
        return Judging(joined, verdicts, parts)
    as_set = not _says_of_rows(parts, verdicts) and _few_subjects(connection)
    # An OR would keep PostgreSQL from joining the facts.
    return Judging(joined, verdicts, parts, 1 if as_set else len(parts), as_set)


def _parts(night: Night, population: str) -> tuple[About, ...]:
    asked = night.asked[population]
    if not asked.needs_facts:
        return ("anybody",)
    # Where every row must name somebody, one that names nobody is in quarantine.
    return ("known",) if asked.population.subject == "required" else ("nobody", "known")


def _says_of_rows(parts: Sequence[Compiled], verdicts: Sequence[Verdict]) -> bool:
    """Whether what is asked of a subject asks for a column of the row as well."""
    asked = [(part, part.due(verdicts)) for part in parts if part.inline == "known"]
    return any(
        isinstance(each, ColumnClause) and each.table is part.table for part, due in asked for each in visitors.iterate(due)
    )


def _few_subjects(connection: Connection) -> bool:
    some = select(literal_column("1")).select_from(tables.fact).limit(FEW_SUBJECTS + 1).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one()) <= FEW_SUBJECTS
