"""The ledger: append-only, chained, sealed by one writer at a time, verifiable by a stranger.

Each entry's hash covers its own content and the hash before it. The first entry chains from 64 zeros.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, insert, select

from retention import clock
from retention.evidence import tables
from retention.evidence.database import Evidence
from retention.evidence.heads import GENESIS, lock_head, move_head
from retention.evidence.records import LedgerHead

LEAF_BYTES = 16


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
    with evidence.engine.connect() as connection:
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


def verify(
    evidence: Evidence, *, head: LedgerHead | None = None, receipts: dict[str, Sequence[Any]] | None = None
) -> list[Finding]:
    """Everything that is wrong with the ledger; an empty list when it holds.

    `head` is a head kept elsewhere: the ledger must contain it. `receipts` are those of each store as the store has them: each
    must be in the evidence once, unaltered, and in the ledger; and none may be in the evidence that its store does not have.
    """
    try:
        return _verify(evidence, head, receipts or {})
    except (ValueError, TypeError, KeyError) as reason:
        return [Finding("evidence", f"holds a value that cannot be read ({type(reason).__name__}): it was altered")]


def _verify(evidence: Evidence, head: LedgerHead | None, receipts: dict[str, Sequence[Any]]) -> list[Finding]:
    findings: list[Finding] = []
    sealed: dict[str, dict[str, Any]] = {}
    hashes = {0: GENESIS}
    previous, expected = GENESIS, 1
    with evidence.snapshot() as connection:
        for row in connection.execute(select(tables.ledger).order_by(tables.ledger.c.seq)).mappings():
            where = f"ledger entry {row['seq']}"
            if row["seq"] != expected:
                findings.append(Finding(where, f"entry {expected} is missing before it"))
            if row["previous"] != previous:
                findings.append(Finding(where, "does not follow the entry before it: one was removed, inserted or reordered"))
            if entry_hash(dict(row)) != row["hash"]:
                findings.append(Finding(where, "was altered after it was sealed"))
            previous, expected = row["hash"], row["seq"] + 1
            hashes[row["seq"]] = previous
            if row["kind"] == "receipt":
                sealed[row["reference"]] = json.loads(row["payload"])
        kept = {row["receipt_id"]: dict(row) for row in connection.execute(select(tables.receipt)).mappings()}
    if head is not None and hashes.get(head.seq) != head.hash:
        findings.append(
            Finding(
                "ledger head",
                f"the head noted outside the database (entry {head.seq}) is not in it: the ledger was cut or replaced",
            )
        )
    findings += _compare(sealed, kept)
    for store, rows in receipts.items():
        findings += _compare_store(store, [dict(row) for row in rows], kept)
    return findings


def _compare(sealed: dict[str, dict[str, Any]], kept: dict[str, dict[str, Any]]) -> list[Finding]:
    findings = [
        Finding(f"receipt {i}", "is in the ledger but its record is missing") for i in sorted(sealed.keys() - kept.keys())
    ]
    findings += [Finding(f"receipt {i}", "is not sealed in the ledger") for i in sorted(kept.keys() - sealed.keys())]
    for receipt_id in sorted(sealed.keys() & kept.keys()):
        row = kept[receipt_id]
        if json.loads(canonical(receipt_payload(row))) != sealed[receipt_id]:
            findings.append(Finding(f"receipt {receipt_id}", "differs from what was sealed"))
        if merkle_root(split_leaves(row["leaves"])) != row["root"] or len(row["leaves"]) != row["rows"] * LEAF_BYTES:
            findings.append(Finding(f"receipt {receipt_id}", "its leaves do not lead to its root"))
    return findings


def _compare_store(store: str, rows: list[dict[str, Any]], kept: dict[str, dict[str, Any]]) -> list[Finding]:
    there = {row["receipt_id"]: row for row in rows}
    ours = {receipt_id: row for receipt_id, row in kept.items() if row["store"] == store}
    findings = [
        Finding(f"store {store}", f"receipt {i} has not reached the ledger") for i in sorted(there.keys() - ours.keys())
    ]
    findings += [
        Finding(f"store {store}", f"receipt {i} is in the ledger but no longer in the store")
        for i in sorted(ours.keys() - there.keys())
    ]
    for receipt_id in sorted(there.keys() & ours.keys()):
        if any(there[receipt_id][name] != ours[receipt_id][name] for name in ours[receipt_id]):
            findings.append(Finding(f"store {store}", f"receipt {receipt_id} differs between store and ledger"))
    return findings


def receipt_payload(row: dict[str, Any]) -> dict[str, Any]:
    """What of a receipt is sealed: everything but the leaves, which its root stands for."""
    return {name: value for name, value in row.items() if name != "leaves"}


# keyed digests and Merkle roots (RFC 6962 prefixes)


def leaf(key: bytes, store: str, population: str, record_key: object) -> bytes:
    """The keyed digest by which a record can be recognised by whoever has the key, and by nobody else. 16 bytes."""
    return hmac.digest(key, f"{store}\0{population}\0{record_key}".encode(), "sha256")[:LEAF_BYTES]


def split_leaves(blob: bytes) -> list[bytes]:
    return [blob[at : at + LEAF_BYTES] for at in range(0, len(blob), LEAF_BYTES)]


def merkle_root(leaves: Sequence[bytes]) -> str:
    """Root over leaves in the order given, in hexadecimal; of no leaves, the hash of nothing. An odd node moves up unpaired."""
    if not leaves:
        return hashlib.sha256(b"").hexdigest()
    level = [hashlib.sha256(b"\x00" + one).digest() for one in leaves]
    while len(level) > 1:
        paired = [hashlib.sha256(b"\x01" + level[at] + level[at + 1]).digest() for at in range(0, len(level) - 1, 2)]
        level = paired + level[len(level) - len(level) % 2 :]
    return level[0].hex()
