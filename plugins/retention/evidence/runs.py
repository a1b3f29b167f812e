"""Gives runs their status, and seals it in the ledger."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, update

from retention import clock
from retention.evidence import ledger, tables
from retention.evidence.records import LedgerHead, Run, Status

UNDER_WAY = ("running", "waiting")


def seal_status(
    connection: Connection, run: Run, status: Status, *, note: str | None = None, payload: dict[str, Any] | None = None
) -> LedgerHead | None:
    """Says what has become of a run, in the caller's transaction. One that waits or goes on has not finished."""
    at = clock.now()
    said = {
        "store": run.store,
        "as_of": run.as_of,
        "status": status,
        "policy_hash": run.policy_hash,
        "decision_set": run.decision_set,
        "dry_run": run.dry_run,
        **(payload or {}),
    }
    t = tables.run
    values = {"status": status, "finished_at": None if status in UNDER_WAY else at, "note": note}
    connection.execute(update(t).where(t.c.run_id == run.run_id).values(values))
    entry = ledger.Entry("run", f"{run.run_id}@{at.isoformat()}", said, run.run_id, run.store)
    return ledger.append(connection, [entry])
