"""What a declaration changes in a store, as whoever had to approve a plan was told: sealed in the ledger, and nowhere else."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from retention.evidence import ledger, tables
from retention.evidence.database import Evidence
from retention.evidence.records import Asked, Comparison


def keep(evidence: Evidence, asked: Asked, found: Comparison) -> None:
    """Seals what was found for a plan. Raises EvidenceError."""
    said = {"plan_hash": asked.plan_hash, "after": asked.policy_hash, **vars(found)}
    with evidence.writing() as connection:
        ledger.append(connection, [ledger.Entry("impact", asked.plan_hash, said, asked.run.run_id, asked.run.store)])


def found_for(connection: Connection, plan_hash: str) -> Comparison | None:
    """What was found for a plan."""
    t = tables.ledger.c
    payload = connection.execute(select(t.payload).where(t.kind == "impact", t.reference == plan_hash)).scalar()
    if payload is None:
        return None
    said = json.loads(payload)
    return Comparison(said["outcome"], said["before"], said["changes"], said["workbooks"])
