"""Tombstones: the last facts of subjects that are gone, kept exactly as long as some store still holds rows of theirs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from itertools import islice

from sqlalchemy import Connection, delete, func, insert, not_, or_, select

from retention.evidence import tables as evidence_tables
from retention.evidence.heads import lock_head
from retention.night.context import Night
from retention.night.facts import CHUNK
from retention.stores import tables
from retention.stores.query import population_rows


def settle(night: Night) -> int:
    """Forgets, in this store, tombstones that no row needs; and everywhere, those no store needs. Returns how many went.

    A store that has not run since a subject went may still need the tombstone: it is kept until every store has been asked, and
    for as long as a backup may be restored that still has rows of the subject (`limits.tombstone_days`).
    """
    with night.session.writing("settling tombstones") as store:
        _forget_unused(store, night)
        generation = store.execute(select(tables.fact_state.c.generation)).scalar() or 0
        with night.evidence.writing() as evidence:
            return _settle_evidence(evidence, _still_used(store), night, int(generation))


def _forget_unused(store: Connection, night: Night) -> None:
    fact = tables.fact
    used, seen = [], night.seen(night.detached())
    for population in night.populations:
        if population.subject != "none":
            rows = population_rows(population, seen[population.name].sql, f"u_{population.name}")
            used.append(select(rows.c.record_key).where(rows.c.subject_key == fact.c.subject_key).exists())
    store.execute(delete(fact).where(fact.c.gone_on.is_not(None), *([not_(or_(*used))] if used else [])))


def _still_used(store: Connection) -> Iterator[str]:
    fact = tables.fact.c
    gone = select(fact.subject_key).where(fact.gone_on.is_not(None))
    yield from store.execute(gone, execution_options={"yield_per": CHUNK}).scalars()


def _settle_evidence(evidence: Connection, used: Iterator[str], night: Night, generation: int) -> int:
    use, asked, known = evidence_tables.tombstone_use, evidence_tables.tombstone_asked, evidence_tables.subject_fact
    lock_head(evidence, "facts")  # no generation is published, and no other store settles, meanwhile
    evidence.execute(delete(use).where(use.c.store == night.store.name))
    while chunk := [{"store": night.store.name, "subject_key": key} for key in islice(used, CHUNK)]:
        evidence.execute(insert(use), chunk)
    evidence.execute(delete(asked).where(asked.c.store == night.store.name))
    evidence.execute(insert(asked).values(store=night.store.name, generation=generation))
    concerned = [s.name for s in night.bundle.stores.values() if any(p.subject != "none" for p in s.declared.populations)]
    answers = evidence.execute(select(func.count(), func.min(asked.c.generation)).where(asked.c.store.in_(concerned))).one()
    if answers[0] < len(concerned):
        return 0
    oldest = night.observed_on - dt.timedelta(days=night.bundle.decisions.limits.tombstone_days)
    settled = (
        known.c.gone_on < oldest,
        known.c.revision <= answers[1],
        ~select(use.c.subject_key).where(use.c.subject_key == known.c.subject_key).exists(),
    )
    return int(evidence.execute(delete(known).where(*settled)).rowcount)
