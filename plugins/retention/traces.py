"""The trace a record left when it was disposed of: its key in the key set of a receipt."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, inspect, literal, select
from sqlalchemy import table as sql_table
from sqlalchemy.sql.expression import column as sql_column

from retention.declare.stores import Population
from retention.errors import StoreError
from retention.evidence import keysets
from retention.evidence import tables as evidence_tables
from retention.evidence.database import Evidence
from retention.evidence.keysets import KeySet
from retention.evidence.records import Receipt
from retention.stores import tables
from retention.stores.dialects.server import NO_TABLE
from retention.stores.keys import is_key
from retention.stores.partitions import detached
from retention.stores.places import table_of
from retention.stores.session import StoreSession
from retention.workspace import Workspace

_TRIES = 2
_AT_ONCE = 16  # receipts held in memory together: each carries the key set of its batch


def known_key(workspace: Workspace) -> bytes | None:
    """The digest key, where there is one already. Looking for traces never makes a new one."""
    if "RETENTION_DIGEST_KEY" in os.environ or (workspace.home / "digest.key").exists():
        return workspace.digest_key()
    return None


def traces(
    workspace: Workspace, evidence: Evidence | None, session: StoreSession | None, store: str, population: str, record_key: str
) -> tuple[Receipt, ...]:
    """The receipts that name this record, oldest first: those of the evidence, then those only the store has yet.

    `record_key` is the key as the database writes it. Without a `session` the store is not asked.
    """
    key = known_key(workspace)
    if key is None:
        return ()
    return tuple(
        receipt
        for receipt, keyset in receipts_of(evidence, session, store, population)
        if keysets.contains(key, keyset, record_key)
    )


def receipts_of(
    evidence: Evidence | None, session: StoreSession | None, store: str, population: str
) -> Iterator[tuple[Receipt, KeySet]]:
    """Every receipt of a population with its key set, one after the other."""
    seen: set[str] = set()
    if evidence is not None:
        with evidence.engine.connect() as connection:
            for receipt, keyset in _read(connection, evidence_tables.receipt, store, population):
                seen.add(receipt.receipt_id)
                yield receipt, keyset
    if session is not None:
        with session.reading("reading receipts") as connection:
            if inspect(connection).has_table(tables.receipt.name):
                for receipt, keyset in _read(connection, tables.receipt, store, population):
                    if receipt.receipt_id not in seen:
                        yield receipt, keyset


def _read(connection: Connection, table: Table, store: str, population: str) -> Iterator[tuple[Receipt, KeySet]]:
    query = select(table).where(table.c.store == store, table.c.population == population)
    ordered = query.order_by(table.c.disposed_at, table.c.receipt_id)
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(ordered).mappings():
        plain: dict[str, Any] = {name: value for name, value in row.items() if name != "keyset"}
        yield Receipt(**plain), KeySet.of(dict(row))


def exists(session: StoreSession, population: Population, key: str) -> bool:
    """Whether the store has a record of this key, in a detached partition too. Raises StoreError where it cannot be asked."""
    for _ in range(_TRIES):
        try:
            return _exists(session, population, key)
        except StoreError as reason:  # a partition may be dropped between finding it and looking into it
            if NO_TABLE.words not in reason.message:
                raise
    return _exists(session, population, key)


def _exists(session: StoreSession, population: Population, key: str) -> bool:
    own = population.key
    with session.reading("looking for a record") as connection:
        apart = (sql_table(part, sql_column(own)) for part in detached(connection).get(population.name, ()))
        for table in (table_of(population, own), *apart):
            query = select(literal(1)).select_from(table).where(is_key(table.c[own], population, key))
            if connection.execute(query).first() is not None:
                return True
    return False
