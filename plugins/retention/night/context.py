"""A night: which store, as of when, under which declaration, with what it needs at hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from retention import dates
from retention.declare.bundle import Bundle
from retention.declare.mapped import MappedStore
from retention.declare.stores import Parent, Population
from retention.evidence.database import Evidence
from retention.night.verdicts import Compiled, Setting
from retention.resolve import Asked, children_first, resolve
from retention.stores.inspect import Schema, read_schema
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
        """The populations that cannot have lost a parent: PostgreSQL has checked their foreign key, and goes on checking it.

        SQLite checks one only for those who ask, and MariaDB lets an import switch it off: there each row is looked at.
        """
        if self.session.dialect != "postgresql":
            return frozenset()
        with self.session.reading("reading the schema") as connection:
            schema = read_schema(connection, self.store.declared.schemas)
        return frozenset(p.name for p in self.populations if p.parent and self._refers(schema, p.full_table, p.parent))

    def _refers(self, schema: Schema, name: str, parent: Parent) -> bool:
        known, above = schema.get(name), self.store.declared.population(parent.population)
        return (
            known is not None
            and parent.column not in known.unchecked
            and any((column, referred) == (parent.column, above.full_table) for column, referred, _ in known.foreign_keys)
        )

    def compile(
        self, population: str, *, facts_stale: bool, children_gone: bool = False, place: bool = False, alias: str = "p"
    ) -> Compiled:
        """The verdicts of a population as SQL.

        `children_gone`: once child rows have been disposed of. `place`: on PostgreSQL, beside the physical place of each row.
        """
        setting = Setting(self.as_of, self.horizon, facts_stale, self.session.dialect, self.sound, children_gone)
        return Compiled(population, self.asked, setting, alias, place=place and setting.dialect == "postgresql")
