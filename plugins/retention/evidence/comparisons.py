"""What a declaration changes in a store, as whoever had to approve a plan was told: sealed in the ledger, and nowhere else."""

from __future__ import annotations

import json

from sqlalchemy import Connection, select

from retention import clock
from retention.evidence import ledger, tables
from retention.evidence.database import Evidence
from retention.evidence.records import Asked, Comparison


def keep(evidence: Evidence, asked: Asked, found: Comparison) -> None:
    """Seals what was found for a plan. Made again, it is sealed again. Raises EvidenceError."""
    said = {"plan_hash": asked.plan_hash, "after": asked.policy_hash, **vars(found)}
    reference = f"{asked.plan_hash}@{clock.now().isoformat()}"
    with evidence.writing() as connection:
        ledger.append(connection, [ledger.Entry("impact", reference, said, asked.run.run_id, asked.run.store)])


def latest(connection: Connection, plan_hash: str) -> Comparison | None:
    """What was last found for a plan."""
    t = tables.ledger.c
    query = select(t.payload).where(t.kind == "impact", t.reference.startswith(f"{plan_hash}@", autoescape=True))
    payload = connection.execute(query.order_by(t.seq.desc()).limit(1)).scalar()
    if payload is None:
        return None
    said = json.loads(payload)
    return Comparison(said["outcome"], said["before"], said["changes"], said["workbooks"])
