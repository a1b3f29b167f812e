"""What one run made, for the page that its tasks in Airflow lead to: plan, checks, receipts, entries of the ledger."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from retention.dates import PARIS
from retention.evidence import tables
from retention.evidence.database import Evidence
from retention.evidence.records import Run, ValidationLine
from retention.typography import Words

MOST = 200  # receipts and entries shown; the report has all


@dataclass(frozen=True)
class Made:
    """A run and what it left. `receipts` and `entries` are the first of them."""

    run: Run
    plan_hash: str | None
    candidates: tuple[dict[str, Any], ...]
    validation: tuple[ValidationLine, ...]
    receipts: tuple[dict[str, Any], ...]
    batches: int
    rows: int
    entries: tuple[dict[str, Any], ...]


def made(evidence: Evidence, store: str, run_id: str) -> Made | None:
    """None where that store has no such run. However many receipts there are, so many are read and no more."""
    run = evidence.run(run_id)
    if run is None or run.store != store:
        return None
    plan = evidence.plan(run_id)
    r, t = tables.receipt.c, tables.ledger.c
    with evidence.snapshot() as connection:
        batches, rows = connection.execute(select(func.count(), func.sum(r.rows)).where(r.run_id == run_id)).one()
        shown = (r.receipt_id, r.population, r.rule, r.action, r.rows, r.root, r.disposed_at)
        order = (r.store, r.population, r.unit, r.batch)
        receipts = connection.execute(select(*shown).where(r.run_id == run_id).order_by(*order).limit(MOST)).mappings()
        sealed = select(t.seq, t.kind, t.hash).where(t.run_id == run_id, t.kind != "receipt").order_by(t.seq).limit(MOST)
        return Made(
            run=run,
            plan_hash=plan[0] if plan else None,
            candidates=tuple(plan[1]["candidates"]) if plan else (),
            validation=evidence.validation(run_id),
            receipts=tuple(dict(row) for row in receipts),
            batches=int(batches),
            rows=int(rows or 0),
            entries=tuple(dict(row) for row in connection.execute(sealed).mappings()),
        )


def moment(instant: dt.datetime | None, say: Words) -> str:
    """A stored instant (UTC without a zone) as Paris clocks show it."""
    if instant is None:
        return say("run.open")
    there = instant.replace(tzinfo=dt.UTC).astimezone(PARIS)
    return f"{say.date(there.date())} {there:%H:%M}"
