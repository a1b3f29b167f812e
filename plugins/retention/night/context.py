"""A night: which store, as of when, under which declaration, with what it needs at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from sqlalchemy.sql.expression import TableClause

from retention import dates
from retention.declare.bundle import Bundle
from retention.declare.mapped import MappedStore
from retention.declare.stores import Population
from retention.evidence.database import Evidence
from retention.night.anchors import Granted
from retention.night.on_hold import Present
from retention.night.verdicts import About, Compiled, Setting
from retention.resolve import Asked, children_first, resolve
from retention.stores import partitions
from retention.stores.inline import inline_rows
from retention.stores.inspect import Schema, read_schema, sound_populations
from retention.stores.places import table_of
from retention.stores.session import StoreSession, open_store
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
    requested_by: str | None = None  # who started the run; None: the schedule
    _compiled: dict[tuple[object, ...], Compiled] = field(default_factory=dict, repr=False)

    @property
    def observed_on(self) -> dt.date:
        """The Paris day on which the run began: facts and holds are read as they are then, whatever the as-of."""
        return dates.paris_date(self.started_at.replace(tzinfo=dt.UTC))

    @cached_property
    def session(self) -> StoreSession:
        return open_store(self.store, self.workspace.store_url(self.store.name))

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

    @cached_property
    def partitioned(self) -> frozenset[str]:
        """The populations whose table is kept in parts: the place of a row is told within its part."""
        if self.session.dialect != "postgresql":
            return frozenset()
        return frozenset(p.name for p in self.populations if self.partition_columns(p))

    def partition_columns(self, population: Population) -> tuple[str, ...]:
        """The columns that say in which partition of its table a row lies."""
        return self._schema[population.full_table].partitioned_by if population.full_table in self._schema else ()

    @cached_property
    def _schema(self) -> Schema:
        """As the night found it: a plan is bound to it."""
        with self.session.reading("reading the schema") as connection:
            return read_schema(connection, self.store.declared.schemas)

    def detached(self) -> partitions.Detached:
        """The parts of each population that are no longer read through its table, and not dropped yet: as it is now."""
        if not self.partitioned:
            return {}
        with self.session.reading("looking for detached partitions") as connection:
            return partitions.detached(connection)

    def detached_of(self, population: Population) -> tuple[str, ...]:
        return self.detached().get(population.name, ())

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
        attached: bool = False,
        parts: Sequence[str] = (),
        granted: Granted | None = None,
    ) -> Compiled:
        """The verdicts of a population as SQL.

        `children_gone`: once child rows have been disposed of. `place`: on PostgreSQL, beside the physical place of each row.
        `inline`: over the table itself, where `inlines` says that this can be; `table`: the one of another verdict.
        `holds`: the kinds of holds that there are. `granted`: what its rows are known to meet.
        Its rows are all there are, those in detached partitions too; with `attached` or `place` those that a statement on its
        table reaches, with `parts` those of these partitions.
        """
        detached, dialect = self.detached(), self.session.dialect
        placed, apart = place and dialect == "postgresql", tuple(sorted(detached.items()))
        form = (
            population,
            facts_stale,
            children_gone,
            place,
            alias,
            inline,
            table,
            holds,
            attached,
            tuple(parts),
            apart,
            granted,
        )
        if form not in self._compiled:  # saying it takes longer than many a step of a small night
            setting = Setting(
                self.as_of, self.horizon, facts_stale, dialect, self.sound, children_gone, holds, self.partitioned, detached
            )
            every = self.seen(detached)
            if parts:
                every = {**every, population: self._of_parts(population, parts)}
            elif attached or place:
                every = {**every, population: self.asked[population]}
            self._compiled[form] = Compiled(
                population, every, setting, alias, place=placed, inline=inline, table=table, granted=granted
            )
        return self._compiled[form]

    def inlines(self, population: str) -> bool:
        """Whether a population's query is plain enough to be asked of its table without a join.

        Never where the table is kept in parts: the place of a row says nothing there without its part, and what is detached is
        not to be seen in the table.
        """
        if population in self.partitioned:
            return False
        asked = self.asked[population]
        return inline_rows(asked.population, asked.sql, table_of(asked.population, *asked.population.columns)) is not None

    def seen(self, detached: partitions.Detached) -> dict[str, Asked]:
        """What is asked of every population, of its rows in detached partitions too."""
        if not detached:
            return self.asked
        store = partitions.seeing_detached(self.store, detached)
        return {name: replace(asked, store=store) for name, asked in self.asked.items()}

    def _of_parts(self, population: str, parts: Sequence[str]) -> Asked:
        """The same asked of some partitions; of one as if it were the table."""
        asked = self.asked[population]
        store = partitions.over_parts(self.store, asked.population, parts)
        table = parts[0] if len(parts) == 1 else asked.population.table
        return replace(asked, store=store, population=asked.population.model_copy(update={"table": table}))
