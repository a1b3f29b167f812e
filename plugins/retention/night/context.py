"""A night: which store, as of when, under which declaration, with what it needs at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.sql.expression import TableClause

from retention import dates
from retention.declare.bundle import Bundle
from retention.declare.mapped import MappedStore
from retention.declare.stores import Population
from retention.evidence.database import Evidence
from retention.night.on_hold import Present
from retention.night.verdicts import About, Compiled, Setting
from retention.resolve import Asked, children_first, resolve
from retention.stores.inline import inline_rows
from retention.stores.inspect import sound_populations
from retention.stores.session import StoreSession
from retention.workspace import Workspace

Progress = Callable[[str, int, int], None]  # what, done, of how many


def silent(_what: str, _done: int, _total: int) -> None:
    """No progress shown."""


@dataclass
class Night:
    """One run over one store. Steps take it and leave what they found in the evidence database."""

    workspace: Workspace
    bundle: Bundle
    evidence: Evidence
    store: MappedStore
    run_id: str
    as_of: dt.date
    horizon: dt.date
    dry_run: bool
    started_at: dt.datetime  # naive UTC
    progress: Progress = field(default=silent)

    @property
    def observed_on(self) -> dt.date:
        """The Paris day on which the run began: facts and holds are read as they are then, whatever the as-of."""
        return dates.paris_date(self.started_at.replace(tzinfo=dt.UTC))

    @cached_property
    def session(self) -> StoreSession:
        return StoreSession(self.store.name, self.workspace.store_url(self.store.name))

    @cached_property
    def asked(self) -> dict[str, Asked]:
        return resolve(self.bundle, self.store, self.as_of)

    @cached_property
    def populations(self) -> tuple[Population, ...]:
        """Children before parents."""
        return children_first(self.store)

    @property
    def publishes(self) -> bool:
        """Whether this is the store that tells the others the facts of data subjects."""
        publisher = self.bundle.publisher()
        return publisher is not None and publisher.name == self.store.name

    @cached_property
    def sound(self) -> frozenset[str]:
        """The populations that cannot have lost a parent."""
        with self.session.reading("reading the schema") as connection:
            return sound_populations(connection, self.store)

    def compile(
        self,
        population: str,
        *,
        facts_stale: bool,
        children_gone: bool = False,
        place: bool = False,
        alias: str = "p",
        inline: About | None = None,
        table: TableClause | None = None,
        holds: Present | None = None,
    ) -> Compiled:
        """The verdicts of a population as SQL.

        `children_gone`: once child rows have been disposed of. `place`: on PostgreSQL, beside the physical place of each row.
        `inline`: over the table itself, where `inlines` says that this can be; `table`: the one of another verdict.
        `holds`: the kinds of holds that there are.
        """
        setting = Setting(self.as_of, self.horizon, facts_stale, self.session.dialect, self.sound, children_gone, holds)
        placed = place and setting.dialect == "postgresql"
        return Compiled(population, self.asked, setting, alias, place=placed, inline=inline, table=table)

    def inlines(self, population: str) -> bool:
        """Whether a population's query is plain enough to be asked of its table without a join."""
        asked = self.asked[population]
        table = sql_table(asked.population.table, *(sql_column(name) for name in asked.population.columns))
        return inline_rows(asked.population, asked.sql, table) is not None
