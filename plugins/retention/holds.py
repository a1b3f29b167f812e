"""Holds and approved erasure requests: recorded as evidence, delivered into every store they concern."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy import Connection, delete, func, insert, inspect, select, update

from retention import clock, dates
from retention.declare.bundle import Bundle
from retention.declare.mapped import MappedStore
from retention.declare.words import Action
from retention.errors import NotFound, RetentionError, StoreError
from retention.evidence import ledger
from retention.evidence import tables as evidence_tables
from retention.evidence.database import Evidence
from retention.evidence.records import Hold
from retention.stores import tables
from retention.stores.keys import KEY_WORDS, normal_key
from retention.stores.lease import bump
from retention.stores.places import placed
from retention.stores.session import StoreSession, open_store
from retention.traces import exists, traces
from retention.workspace import Workspace

ERASURE = "erasure"
KINDS = (*tables.HOLD_RANK, ERASURE)
_EMAIL = re.compile(r"\S@\S")


@dataclass(frozen=True)
class Request:
    """A hold or an erasure request as somebody asks for it. One of subject, record or category says what it is about."""

    kind: str
    reason: str
    reference: str
    approver: str
    review_by: dt.date
    subject_key: str | None = None
    store: str | None = None
    population: str | None = None
    record_key: str | None = None
    category: str | None = None

    @property
    def scope(self) -> Literal["subject", "record", "category"]:
        if self.subject_key is not None:
            return "subject"
        return "record" if self.record_key is not None else "category"


def names_somebody(text: str) -> bool:
    """Whether a text that stays in the evidence seems to hold an email address."""
    return bool(_EMAIL.search(text))


@dataclass(frozen=True)
class Placement:
    """What became of a request: the hold, and the stores that could not be told yet (they are before their next purge)."""

    hold: Hold
    delivered: tuple[str, ...]
    pending: tuple[str, ...]
    stranger: bool = False  # no published fact knows the subject: perhaps the reference was mistyped


def place(workspace: Workspace, bundle: Bundle, evidence: Evidence, request: Request) -> Placement:
    """Records a hold and delivers it. It counts from the moment the evidence database has it."""
    _check(bundle, request)
    hold = Hold(
        hold_id=f"H-{uuid.uuid4().hex[:12]}",
        kind=request.kind,
        scope=request.scope,
        subject_key=request.subject_key,
        store=request.store,
        population=request.population,
        record_key=request.record_key,
        category=request.category,
        reason=request.reason,
        reference=request.reference,
        approver=request.approver,
        review_by=request.review_by,
        placed_at=clock.now(),
        released_at=None,
        released_by=None,
        release_note=None,
    )
    with evidence.writing() as connection:
        connection.execute(insert(evidence_tables.hold).values(vars(hold)))
        ledger.append(connection, [_entry("placed", hold)])
    return _deliver(workspace, bundle, evidence, hold)


def place_if_there(workspace: Workspace, bundle: Bundle, evidence: Evidence, request: Request) -> Placement:
    """As `place`, but a hold on one record is refused, with NotFound, where that record is gone already.

    It looks before placing, and again once the store knows of the hold: if a batch got there in between, the hold is released
    again, on record. Of a store that cannot be read only the receipts are asked; the hold counts there before its next batch.
    """
    _check(bundle, request)
    if request.scope != "record":
        return place(workspace, bundle, evidence, request)
    request = _with_normal_key(bundle, request)
    _check_there(workspace, bundle, evidence, request)
    placed = place(workspace, bundle, evidence, request)
    try:
        if placed.pending and _may_be_at_work(workspace, str(request.store)):
            raise StoreError(
                f"store {request.store} is too busy to be told of the hold, which was withdrawn: a batch might miss it",
                mend="place it again",
            )
        _check_there(workspace, bundle, evidence, request)
    except (NotFound, StoreError) as gone:
        release(workspace, bundle, evidence, placed.hold.hold_id, by="retention", note=f"not accepted: {gone.message}")
        raise
    return placed


def _may_be_at_work(workspace: Workspace, store: str) -> bool:
    """Whether a night may be at work in a store that could not be written to: it is there, and so are our tables."""
    session = StoreSession(store, workspace.store_url(store))
    try:
        with session.reading("looking whether it is there") as connection:
            return inspect(connection).has_table(tables.lease.name)
    except StoreError:
        return False
    finally:
        session.close()


def _with_normal_key(bundle: Bundle, request: Request) -> Request:
    """The key as evidence writes it: a hold on `007` would freeze nothing where keys are numbers."""
    population = bundle.store(str(request.store)).declared.population(str(request.population))
    key = normal_key(population, str(request.record_key))
    if key is None:
        words = KEY_WORDS[population.key_type]
        raise NotFound(f"population {population.name} has no such record: its keys are {words}", mend="check the key")
    return replace(request, record_key=key)


def _check_there(workspace: Workspace, bundle: Bundle, evidence: Evidence, request: Request) -> None:
    """Raises NotFound where the record of a request is not in its store: disposed of, or never there."""
    store, name, key = str(request.store), str(request.population), str(request.record_key)
    mapped = placed(bundle.store(store), workspace.store_url(store))
    population = mapped.declared.population(name)
    session = open_store(mapped, workspace.store_url(store))
    try:
        try:
            there: bool | None = exists(session, population, key)
        except StoreError:
            there = None
        if there:
            return
        found = traces(workspace, evidence, session if there is False else None, store, name, key)
    finally:
        session.close()
    gone = [receipt for receipt in found if receipt.action in (Action.DELETE, Action.ARCHIVE)]
    if gone:
        last = gone[-1]
        if last.action == Action.ARCHIVE and population.archive is not None:
            raise NotFound(
                f"already archived (run {last.run_id}, batch {last.batch}, {last.disposed_at:%Y-%m-%d %H:%M:%S} UTC)",
                mend=f"place the hold on what is kept of it: --record {population.archive.population}:KEY",
            )
        raise NotFound(
            f"already disposed of (run {last.run_id}, batch {last.batch}, {last.disposed_at:%Y-%m-%d %H:%M:%S} UTC)",
            mend=f"nothing is left to freeze; its receipt: `retention explain --store {store} --record {name}:KEY`",
        )
    if there is False:
        raise NotFound(f"population {name} of store {store} has no such record", mend="check the key")


def release(workspace: Workspace, bundle: Bundle, evidence: Evidence, hold_id: str, *, by: str, note: str) -> Placement:
    """Releases a hold. The rows it froze are judged anew at the next run; no new period starts."""
    hold = next((h for h in evidence.holds(active_only=False) if h.hold_id == hold_id), None)
    if hold is None:
        raise NotFound(f"no hold is called {hold_id!r}", mend="list them: `retention hold list`")
    if not hold.active:
        raise RetentionError(f"hold {hold_id} was released already", mend="nothing is left to do")
    released = replace(hold, released_at=clock.now(), released_by=by, release_note=note)
    t = evidence_tables.hold
    with evidence.writing() as connection:
        values = {"released_at": released.released_at, "released_by": by, "release_note": note}
        connection.execute(update(t).where(t.c.hold_id == hold_id).values(values))
        ledger.append(connection, [_entry("released", released)])
    return _deliver(workspace, bundle, evidence, released)


def mark(evidence: Evidence) -> tuple[object, ...]:
    """Changes whenever a hold is placed or released."""
    h = evidence_tables.hold.c
    with evidence.glance() as connection:
        return tuple(connection.execute(select(func.count(h.hold_id), func.count(h.released_at), func.max(h.placed_at))).one())


def reconcile(evidence: Evidence, store: MappedStore, session: StoreSession) -> int:
    """Makes a store's holds those of the evidence database. Returns how many are in force there."""
    with session.writing("bringing holds up to date") as connection:
        bump(connection)  # first: who read the evidence before another's hold must not write after it
        rows = [_row(hold) for hold in evidence.holds() if _concerns(hold, store)]
        _replace(connection, rows)
    return len(rows)


def _replace(connection: Connection, rows: list[dict[str, object]]) -> None:
    """Only the difference is written: a hold in force is never absent for an instant, not even inside the transaction."""
    t = tables.hold
    there = set(connection.execute(select(t.c.hold_id)).scalars())
    fresh = [row for row in rows if row["hold_id"] not in there]
    if fresh:
        connection.execute(insert(t), fresh)
    for gone in there - {row["hold_id"] for row in rows}:
        connection.execute(delete(t).where(t.c.hold_id == gone))


def _row(hold: Hold) -> dict[str, object]:
    return {
        "hold_id": hold.hold_id,
        "rank": tables.ERASURE_RANK if hold.kind == ERASURE else tables.HOLD_RANK[hold.kind],
        "subject_key": hold.subject_key,
        "population": hold.population,
        "record_key": hold.record_key,
        "category": hold.category,
        "placed_on": dates.paris_date(hold.placed_at.replace(tzinfo=dt.UTC)),
    }


def _concerns(hold: Hold, store: MappedStore) -> bool:
    if hold.scope == "record":
        return hold.store == store.name
    if hold.scope == "category":
        return any(population.category == hold.category for population in store.declared.populations)
    return True


def _deliver(workspace: Workspace, bundle: Bundle, evidence: Evidence, hold: Hold) -> Placement:
    delivered, pending = [], []
    for store in _concerned(bundle, hold):
        session = StoreSession(store.name, workspace.store_url(store.name))
        try:
            session.ensure_tables()
            reconcile(evidence, store, session)
            delivered.append(store.name)
        except StoreError:
            pending.append(store.name)
        finally:
            session.close()
    return Placement(hold, tuple(delivered), tuple(pending), _is_stranger(evidence, hold))


def _is_stranger(evidence: Evidence, hold: Hold) -> bool:
    """Whether facts have been published and none of them is about the hold's subject."""
    known = evidence_tables.subject_fact.c.subject_key
    with evidence.snapshot() as connection:
        published = connection.execute(select(evidence_tables.fact_generation.c.generation).limit(1)).first() is not None
        about = connection.execute(select(known).where(known == hold.subject_key)).first()
    return hold.scope == "subject" and published and about is None


def _concerned(bundle: Bundle, hold: Hold) -> Iterable[MappedStore]:
    return (store for store in bundle.stores.values() if _concerns(hold, store))


def _entry(what: str, hold: Hold) -> ledger.Entry:
    """The ledger says that a hold was placed or released, by whom and why in general, never on whom."""
    payload = {
        "hold_id": hold.hold_id,
        "kind": hold.kind,
        "scope": hold.scope,
        "reference": hold.reference,
        "approver": hold.approver,
        "review_by": hold.review_by,
        "placed_at": hold.placed_at,
        "released_at": hold.released_at,
        "released_by": hold.released_by,
    }
    return ledger.Entry("hold", f"{hold.hold_id}:{what}", payload, store=hold.store)


def _check(bundle: Bundle, request: Request) -> None:
    if request.kind not in KINDS:
        raise RetentionError(f"there is no hold of kind {request.kind!r}", mend=f"choose one of: {', '.join(KINDS)}")
    given = [request.subject_key is not None, request.record_key is not None, request.category is not None]
    if sum(given) != 1:
        raise RetentionError(
            "a hold is about one subject, one record or one category",
            mend="give exactly one of --subject, --record or --category",
        )
    if request.kind == ERASURE and request.scope == "category":
        raise RetentionError("an erasure request is about a person, not about a category", mend="give --subject or --record")
    if request.scope == "record":
        if request.store is None or request.population is None:
            raise RetentionError(
                "a record is named by its store and population too", mend="give --store and --record POPULATION:KEY"
            )
        store = bundle.store(request.store)
        if request.population not in [population.name for population in store.declared.populations]:
            names = ", ".join(population.name for population in store.declared.populations)
            raise NotFound(f"store {request.store} has no population {request.population!r}", mend=f"choose one of: {names}")
    categories = {population.category for store in bundle.stores.values() for population in store.declared.populations}
    if request.category is not None and request.category not in categories:
        raise RetentionError(
            f"there is no category {request.category!r}", mend=f"choose one of: {', '.join(sorted(categories))}"
        )
    for name in ("reason", "reference", "approver"):
        if not getattr(request, name).strip():
            raise RetentionError(f"a hold needs a {name}", mend=f"give --{name}")
