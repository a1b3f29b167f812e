"""The verdict of a population in the forms that disposal asks it in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.sql.expression import TableClause

from retention.night.context import Night
from retention.night.on_hold import Present
from retention.night.verdicts import About, Compiled


@dataclass(frozen=True)
class Judging:
    """`joined` stands beside the table. `parts` are about the table itself, where the query is plain enough for that.

    The parts are about different rows, and say together what `joined` says; each needs the facts of subjects at most as a set
    to look into.
    """

    joined: Compiled
    parts: tuple[Compiled, ...] = ()


def judging(night: Night, population: str, *, stale: bool, holds: Present, part: str | None = None) -> Judging:
    """The forms for one population, once its children have gone, while there are these kinds of holds.

    `part`: for the rows of this partition alone, as if it were the table.
    """
    parts = () if part is None else (part,)

    def said(about: About | None, table: TableClause | None = None) -> Compiled:
        return night.compile(
            population, facts_stale=stale, children_gone=True, place=True, inline=about, table=table, holds=holds, parts=parts
        )

    joined = said(None)
    if not night.inlines(population):
        return Judging(joined)
    return Judging(joined, tuple(said(about, joined.table) for about in _parts(night, population)))


def _parts(night: Night, population: str) -> tuple[About, ...]:
    asked = night.asked[population]
    if not asked.needs_facts:
        return ("anybody",)
    # Where every row must name somebody, one that names nobody is in quarantine.
    return ("known",) if asked.population.subject == "required" else ("nobody", "known")
