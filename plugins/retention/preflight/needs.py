"""The least that a night must be allowed to do, table by table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import MetaData
from sqlglot import exp

from retention.declare.mapped import MappedStore
from retention.evidence import tables as evidence_tables
from retention.migrations import EVIDENCE, STORE
from retention.resolve import Asked
from retention.stores import tables as store_tables
from retention.stores.query import statement_of

# What proves a disposal, its declaration or a publication can be added to, and never be changed or taken away, by the role that
# disposes.
APPEND_ONLY = {
    store_tables.receipt.name,
    evidence_tables.receipt.name,
    evidence_tables.ledger.name,
    evidence_tables.register_version.name,
    evidence_tables.register_approval.name,
    evidence_tables.declaration.name,
}
PRIVILEGES = ("SELECT", "INSERT", "UPDATE", "DELETE")


Table = tuple[str, str]  # the schema it lies apart in, or nothing, and its name


@dataclass(frozen=True)
class Need:
    """What a night does to one table: privileges on the whole of it, and the columns it blanks."""

    table: str
    privileges: frozenset[str]
    blanks: tuple[str, ...] = ()
    schema: str | None = None  # where it lies apart

    @property
    def name(self) -> str:
        return f"{self.schema}.{self.table}" if self.schema else self.table


def store_needs(store: MappedStore, asked: dict[str, Asked]) -> tuple[Need, ...]:
    """A night's needs in a store. Any row may go, for an approved request for erasure may be about it."""
    declared = store.declared
    privileges: dict[Table, set[str]] = {(p.schema_name or "", p.table): {"SELECT", "DELETE"} for p in declared.populations}
    for population in declared.populations:
        if population.suppression is not None:
            privileges.setdefault(("", population.suppression.table), set()).update({"SELECT", "INSERT"})
        if declared.archived_from(population) is not None:
            privileges[population.schema_name or "", population.table].add("INSERT")
        for table in _read_by(store.queries[population.name]):
            privileges.setdefault(table, set()).add("SELECT")
    blanks = {(p.schema_name or "", p.table): asked[p.name].blanked for p in declared.populations}
    theirs = (
        Need(table, frozenset(names), blanks.get((schema, table), ()), schema or None)
        for (schema, table), names in sorted(privileges.items())
    )
    return (*theirs, *_ours(store_tables.metadata, STORE.version_table))


def evidence_needs() -> tuple[Need, ...]:
    """A night's needs in the evidence database."""
    return tuple(_ours(evidence_tables.metadata, EVIDENCE.version_table))


def _ours(metadata: MetaData, version_table: str) -> Iterable[Need]:
    for name in sorted(metadata.tables):
        yield Need(name, frozenset({"SELECT", "INSERT"} if name in APPEND_ONLY else PRIVILEGES))
    yield Need(version_table, frozenset({"SELECT"}))


def _read_by(query: str) -> set[Table]:
    """The tables a population query reads."""
    parsed = statement_of(query)
    inner = {cte.alias for cte in parsed.find_all(exp.CTE)}
    return {(table.db, table.name) for table in parsed.find_all(exp.Table) if table.db or table.name not in inner}
