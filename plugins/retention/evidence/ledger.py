"""The ledger: append-only, chained, sealed by one writer at a time, verifiable by a stranger.

Each entry's hash covers its own content and the hash before it. The first entry chains from 64 zeros.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Connection, String, and_, insert, select, type_coerce

from retention import clock
from retention.errors import EvidenceError
from retention.evidence import keysets, seals, tables
from retention.evidence.database import Evidence
from retention.evidence.heads import GENESIS, lock_head, move_head
from retention.evidence.records import LedgerHead

AT_ONCE = 16  # receipts held in memory together: each carries the key set of its batch


@dataclass(frozen=True)
class Entry:
    """Something worth keeping for ever. (`kind`, `reference`) names it: it enters the ledger once, however often it comes."""

    kind: str
    reference: str
    payload: dict[str, Any]
    run_id: str | None = None
    store: str | None = None


def append(connection: Connection, entries: Iterable[Entry]) -> LedgerHead | None:
    """Seals entries that are not in the ledger yet, within the caller's transaction. Returns the head.

    One transaction at a time gets past the head's row, until it commits: two chains cannot grow from one head.
    """
    t = tables.ledger.c
    seq, previous = lock_head(connection, "ledger")
    for entry in entries:
        known = select(t.seq).where(t.kind == entry.kind, t.reference == entry.reference)
        if connection.execute(known).first():
            continue
        seq += 1
        row: dict[str, Any] = {
            "seq": seq,
            "at": clock.now(),
            "kind": entry.kind,
            "run_id": entry.run_id,
            "store": entry.store,
            "reference": entry.reference,
            "payload": canonical(entry.payload),
            "previous": previous,
        }
        row["hash"] = previous = entry_hash(row)
        connection.execute(insert(tables.ledger).values(row))
    move_head(connection, "ledger", seq, previous)
    return LedgerHead(seq, previous) if seq else None


def is_sealed(evidence: Evidence, kind: str, reference: str) -> bool:
    """Whether the ledger has an entry of that kind and reference."""
    t = tables.ledger.c
    with evidence.snapshot() as connection:
        return connection.execute(select(t.seq).where(t.kind == kind, t.reference == reference)).first() is not None


def canonical(value: Any) -> str:
    """JSON with sorted keys and no white space: the form that is hashed."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain)


def _plain(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(type(value).__name__)


def entry_hash(row: dict[str, Any]) -> str:
    """SHA-256 over everything of an entry but its hash."""
    return hashlib.sha256(canonical({name: row[name] for name in row if name != "hash"}).encode()).hexdigest()


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with the evidence."""

    where: str
    what: str


class Said(NamedTuple):
    """What a receipt says, in 32 bytes, and the run that left it."""

    run_id: str
    digest: bytes


Read = Callable[[Sequence[str] | None], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True)
class StoreReceipts:
    """The receipts of a store at one moment, by id; `read` asks it again, about some of them or (None) about all."""

    at_first: dict[str, Said]
    read_again: Read

    @classmethod
    def read(cls, read: Read) -> StoreReceipts:
        return cls({row["receipt_id"]: _said(row) for row in read(None)}, read)

    def again(self, ids: Sequence[str]) -> dict[str, Said]:
        """Those of these receipts that the store has now."""
        found: dict[str, Said] = {}
        for start in range(0, len(ids), 500):
            found |= {row["receipt_id"]: _said(row) for row in self.read_again(ids[start : start + 500])}
        return found


def verify(
    evidence: Evidence,
    *,
    head: LedgerHead | None = None,
    receipts: Mapping[str, StoreReceipts] | None = None,
    secret: bytes | None = None,
) -> list[Finding]:
    """Everything that is wrong with the ledger; an empty list when it holds.

    `head` is a head kept elsewhere: the ledger must contain it. `receipts` are those of each store: each must be in the
    evidence once, unaltered, and in the ledger, unless its run is still at work; and none may be in the evidence that its store
    does not have. With the `secret` every key set is opened and must be as large as its receipt says and lead to its root.
    Declarations, publications of the register, their approvals and answers to plans must be those that were sealed, contents
    included.
    Nights may go on meanwhile: the evidence is read as of one moment, and later than the stores.
    """
    try:
        with evidence.snapshot() as connection:
            return _verify(connection, head, receipts or {}, secret)
    except (ValueError, TypeError, KeyError) as reason:
        return [Finding("evidence", f"holds a value that cannot be read ({type(reason).__name__}): it was altered")]


def _verify(
    connection: Connection, head: LedgerHead | None, receipts: Mapping[str, StoreReceipts], secret: bytes | None
) -> list[Finding]:
    findings: list[Finding] = []
    kept: dict[str, dict[str, Said]] = {store: {} for store in receipts}
    previous, expected, noted = GENESIS, 1, head is None or head == LedgerHead(0, GENESIS)
    for entry, at, receipt in _entries(connection):
        findings += _entry_findings(entry, at, previous, expected)
        previous, expected = entry["hash"], entry["seq"] + 1
        noted = noted or head == LedgerHead(entry["seq"], entry["hash"])
        if receipt is not None:
            findings += _receipt_findings(receipt, json.loads(entry["payload"]), secret)
            kept.get(receipt["store"], {})[receipt["receipt_id"]] = _said(receipt)
        elif entry["kind"] == "receipt":
            findings.append(Finding(f"receipt {entry['reference']}", "is in the ledger but its record is missing"))
    if head is not None and not noted:
        what = f"the head noted outside the database (entry {head.seq}) is not in it: the ledger was cut or replaced"
        findings.append(Finding("ledger head", what))
    for loose in _unsealed(connection):
        findings.append(Finding(f"receipt {loose['receipt_id']}", "is not sealed in the ledger"))
        kept.get(loose["store"], {})[loose["receipt_id"]] = _said(loose)
    running = set(connection.execute(select(tables.run.c.run_id).where(tables.run.c.status == "running")).scalars())
    for store, theirs in receipts.items():
        findings += _store_findings(store, theirs, kept[store], running)
    faults = (
        *seals.faults(connection, contents=True),
        *seals.answer_faults(connection),
        *seals.declaration_faults(connection, contents=True),
    )
    return findings + [Finding(fault.where, fault.what) for fault in faults]


def _entries(connection: Connection) -> Iterator[tuple[dict[str, Any], object, dict[str, Any] | None]]:
    """Every entry, the instant as its database keeps it, and the receipt it seals. A few in memory at a time."""
    t, r = tables.ledger, tables.receipt
    sealed = and_(t.c.kind == "receipt", t.c.reference == r.c.receipt_id)
    at = type_coerce(t.c.at, String).label("at_kept")
    query = select(t, at, r).select_from(t.outerjoin(r, sealed)).order_by(t.c.seq)
    for row in connection.execution_options(yield_per=AT_ONCE).execute(query):
        values = row._mapping
        receipt = {column.name: values[column] for column in r.c}
        entry = {column.name: values[column] for column in t.c}
        yield entry, values["at_kept"], receipt if receipt["receipt_id"] is not None else None


def _unsealed(connection: Connection) -> Iterator[dict[str, Any]]:
    t, r = tables.ledger, tables.receipt
    sealed = select(t.c.seq).where(t.c.kind == "receipt", t.c.reference == r.c.receipt_id).exists()
    query = select(r).where(~sealed).order_by(r.c.receipt_id)
    yield from (dict(row) for row in connection.execution_options(yield_per=AT_ONCE).execute(query).mappings())


def _entry_findings(entry: dict[str, Any], at: object, previous: str, expected: int) -> Iterator[Finding]:
    where = f"ledger entry {entry['seq']}"
    if entry["seq"] != expected:
        yield Finding(where, f"entry {expected} is missing before it")
    if entry["previous"] != previous:
        yield Finding(where, "does not follow the entry before it: one was removed, inserted or reordered")
    rewritten = isinstance(at, str) and at != entry["at"].isoformat(" ", "microseconds")  # SQLite reads it in several spellings
    if rewritten or entry_hash(entry) != entry["hash"]:
        yield Finding(where, "was altered after it was sealed")


def _receipt_findings(row: dict[str, Any], sealed: dict[str, Any], secret: bytes | None) -> Iterator[Finding]:
    where = f"receipt {row['receipt_id']}"
    if json.loads(canonical(receipt_payload(row))) != sealed:
        yield Finding(where, "differs from what was sealed")
    if keysets.blob_hash(row["keyset"]) != row["keyset_hash"]:
        yield Finding(where, "its key set was altered")
        return
    keyset = keysets.KeySet.of(row)
    if keyset.scheme == "counts":  # all it says is a number, and that is sealed
        if keyset.root or keyset.blob:
            yield Finding(where, "gives only a count, and has a key set all the same")
        return
    if secret is None and keyset.scheme == "blocks":
        return
    try:
        found = keysets.opened(secret or b"", keyset)
    except EvidenceError:
        yield Finding(where, "its key set does not open with the digest key")
        return
    if found.count != row["rows"] or found.root() != row["root"]:
        yield Finding(where, "its key set does not lead to its root, or names another number of records")


def _store_findings(store: str, theirs: StoreReceipts, ours: dict[str, Said], running: set[str]) -> Iterator[Finding]:
    there = theirs.at_first | theirs.again(sorted(ours.keys() - theirs.at_first.keys()))
    for receipt_id in sorted(there.keys() - ours.keys()):
        if there[receipt_id].run_id not in running:
            yield Finding(f"store {store}", f"receipt {receipt_id} has not reached the ledger")
    for receipt_id in sorted(ours.keys() - there.keys()):
        yield Finding(f"store {store}", f"receipt {receipt_id} is in the ledger but no longer in the store")
    for receipt_id in sorted(there.keys() & ours.keys()):
        if there[receipt_id] != ours[receipt_id]:
            yield Finding(f"store {store}", f"receipt {receipt_id} differs between store and ledger")


def _said(row: Mapping[str, Any]) -> Said:
    content = canonical(receipt_payload(row)) + keysets.blob_hash(row["keyset"])
    return Said(row["run_id"], hashlib.sha256(content.encode()).digest())


def receipt_payload(row: Mapping[str, Any]) -> dict[str, Any]:
    """What of a receipt is sealed: everything but the key set, which its hash stands for."""
    return {name: value for name, value in row.items() if name != "keyset"}
