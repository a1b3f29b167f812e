"""What a store's nights have done before: asked of indexes, so that years of evidence cost no more than a week of it."""

from __future__ import annotations

import json
from collections.abc import Iterable

from sqlalchemy import Connection, select

from retention.evidence import tables

COMPLETED = ("passed", "reservations")


def last_policy_hash(connection: Connection, store: str) -> str | None:
    """Under which declaration the store was last disposed of, by the sealed plan of that receipt; None where it never was."""
    r, t = tables.receipt.c, tables.ledger.c
    newest = select(r.plan_hash).where(r.store == store, r.rows > 0).order_by(r.disposed_at.desc(), r.receipt_id).limit(1)
    plan_hash = connection.execute(newest).scalar()
    if plan_hash is None:
        return None
    sealed = connection.execute(select(t.payload).where(t.kind == "plan", t.reference == plan_hash)).scalar()
    return str(json.loads(sealed)["policy_hash"]) if sealed is not None else ""


def never_disposed(connection: Connection, store: str, populations: Iterable[str]) -> set[str]:
    """Those of these populations of which nothing was ever disposed."""
    r = tables.receipt.c
    found = select(r.receipt_id).where(r.store == store, r.rows > 0).limit(1)
    return {name for name in populations if connection.execute(found.where(r.population == name)).first() is None}


def idle(connection: Connection, store: str, nights: int, populations: Iterable[str]) -> set[str]:
    """Those of these populations of which nothing was due in the last so many completed nights; none before there are as many.

    A night that a person refused, or that failed, is not completed: what was due then does not count as usual.
    """
    r, s = tables.run.c, tables.scan.c
    completed = (r.store == store, r.status.in_(COMPLETED))
    days = select(r.as_of).where(*completed).group_by(r.as_of).order_by(r.as_of.desc()).limit(nights)
    last = connection.execute(days).scalars().all()
    if len(last) < nights:
        return set()
    busy = (
        select(s.population)
        .select_from(tables.run.join(tables.scan, s.run_id == r.run_id))
        .where(*completed, r.as_of >= last[-1], s.stage == "before", s.disposition == "due", s.rows > 0)
        .distinct()
    )
    return set(populations) - set(connection.execute(busy).scalars())
