"""The trace a record left when it was disposed of: its keyed digest among the leaves of receipts."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Table, inspect, select

from retention.evidence import ledger
from retention.evidence import tables as evidence_tables
from retention.evidence.database import Evidence
from retention.evidence.records import Receipt
from retention.stores import tables
from retention.stores.session import StoreSession
from retention.workspace import Workspace

_AT_ONCE = 16  # receipts held in memory together: each carries a digest for every record of its batch


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
    leaf = ledger.leaf(key, store, population, record_key)
    found = {
        receipt.receipt_id: receipt for receipt, leaves in receipts_of(evidence, session, store, population) if leaf in leaves
    }
    return tuple(found.values())


def receipts_of(
    evidence: Evidence | None, session: StoreSession | None, store: str, population: str
) -> Iterator[tuple[Receipt, frozenset[bytes]]]:
    """Every receipt of a population with its leaves, one after the other."""
    seen: set[str] = set()
    if evidence is not None:
        with evidence.engine.connect() as connection:
            for receipt, leaves in _read(connection, evidence_tables.receipt, store, population):
                seen.add(receipt.receipt_id)
                yield receipt, leaves
    if session is not None:
        with session.reading("reading receipts") as connection:
            if inspect(connection).has_table(tables.receipt.name):
                for receipt, leaves in _read(connection, tables.receipt, store, population):
                    if receipt.receipt_id not in seen:
                        yield receipt, leaves


def _read(connection: Connection, table: Table, store: str, population: str) -> Iterator[tuple[Receipt, frozenset[bytes]]]:
    query = select(table).where(table.c.store == store, table.c.population == population)
    ordered = query.order_by(table.c.disposed_at, table.c.receipt_id)
    for row in connection.execution_options(yield_per=_AT_ONCE).execute(ordered).mappings():
        plain: dict[str, Any] = dict(row)
        leaves = frozenset(ledger.split_leaves(plain.pop("leaves")))
        yield Receipt(**plain), leaves
