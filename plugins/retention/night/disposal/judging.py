"""The verdict of a population in the forms that disposal asks it in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, func, literal_column, select
from sqlalchemy.sql import visitors
from sqlalchemy.sql.elements import ColumnClause
from sqlalchemy.sql.expression import TableClause

from retention.night.context import Night
from retention.night.disposal.units import Unit, alike
from retention.night.on_hold import Present
from retention.night.verdicts import About, Compiled
from retention.stores import tables

FEW_SUBJECTS = 50_000  # whose facts a server makes a set of within a few milliseconds, once a batch


@dataclass(frozen=True)
class Judging:
    """`joined` stands beside the table. `parts` are about the table itself, where the query is plain enough for that.

    The parts are about different rows, and say together what `joined` says of those that meet what is granted; each needs the
    facts of subjects at most as a set to look into. With `together` one statement asks all of them: what it asks of a subject
    says nothing of the row, and there are few subjects.
    """

    joined: Compiled
    parts: tuple[Compiled, ...] = ()
    together: bool = False


def judging(night: Night, connection: Connection, unit: Unit, *, stale: bool, holds: Present) -> Judging:
    """The forms for one kind of work, once the children of its rows have gone, while there are these kinds of holds."""
    population = unit.population
    parts = () if unit.part is None else (unit.part,)
    joined = night.compile(population, facts_stale=stale, children_gone=True, place=True, holds=holds, parts=parts)
    if not night.inlines(population):
        return Judging(joined)
    verdicts = alike(joined, unit.code)
    granted = joined.grant(verdicts)

    def of(about: About) -> Compiled:
        return night.compile(
            population,
            facts_stale=stale,
            children_gone=True,
            place=True,
            holds=holds,
            parts=parts,
            inline=about,
            table=joined.table,
            granted=granted,
        )

    found = tuple(of(about) for about in _parts(night, population))
    apart = all(part.inline != "known" or not _says_of(part.table, part.due(verdicts)) for part in found)
    together = connection.dialect.name == "postgresql" and apart and _few_subjects(connection)
    return Judging(joined, found, together)


def _parts(night: Night, population: str) -> tuple[About, ...]:
    asked = night.asked[population]
    if not asked.needs_facts:
        return ("anybody",)
    # Where every row must name somebody, one that names nobody is in quarantine.
    return ("known",) if asked.population.subject == "required" else ("nobody", "known")


def _says_of(table: TableClause, condition: ColumnElement[bool]) -> bool:
    """Whether the condition asks for a column of the table."""
    return any(isinstance(part, ColumnClause) and part.table is table for part in visitors.iterate(condition))


def _few_subjects(connection: Connection) -> bool:
    some = select(literal_column("1")).select_from(tables.fact).limit(FEW_SUBJECTS + 1).subquery()
    return int(connection.execute(select(func.count()).select_from(some)).scalar_one()) <= FEW_SUBJECTS
