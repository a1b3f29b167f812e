"""What of the evidence goes into a pack, row by row: nothing here grows with the number of rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Select, String, and_, or_, select, type_coerce

from retention.audit.archive import Archive
from retention.audit.span import Slice, Span
from retention.evidence import tables
from retention.evidence.ledger import canonical
from retention.evidence.records import Run
from retention.stores.dialects.sqlite import spare_memory

ROWS_AT_ONCE = 500
# A hold says of whom or of what, and why, to those who placed it: its reference leads there.
_HOLD = ("hold_id", "kind", "scope", "store", "population", "category", "reference", "approver", "review_by", "placed_at",
         "released_at", "released_by")  # fmt: skip
_ACTS = {"holds": ("hold",), "approvals": ("approval", "plan_answer"), "actions": ("action",)}


def write(archive: Archive, connection: Connection, span: Span, part: Slice, runs: Iterable[Run]) -> dict[str, int]:
    """Writes ledger, receipts, plans, validation, runs, holds, approvals and manual acts. Returns how many of each."""
    spare_memory(connection)
    counts = {
        "ledger": _lines(archive, "ledger/entries.jsonl", _ledger(connection, part)),
        "receipts": _lines(archive, "receipts.jsonl", _receipts(connection, part)),
        "runs": _lines(archive, "runs.jsonl", (vars(run) for run in runs)),
        "validation": _lines(archive, "validation.jsonl", _of_runs(connection, tables.validation, span)),
        "counts": _lines(archive, "counts.jsonl", _of_runs(connection, tables.scan, span)),
        "holds in force": _lines(archive, "holds/in-force.jsonl", _holds(connection, span)),
    }
    for name, kinds in _ACTS.items():
        counts[name] = _lines(archive, f"acts/{name}.jsonl", _acts(connection, part, kinds))
    counts["plans"] = _plans(archive, connection, part)
    head = connection.execute(select(tables.ledger.c.seq, tables.ledger.c.hash).where(tables.ledger.c.seq == part.last)).first()
    archive.text("ledger/head.json", canonical({"seq": head[0], "hash": head[1]} if head else {"seq": 0, "hash": ""}) + "\n")
    return counts


def _lines(archive: Archive, name: str, rows: Iterable[Mapping[str, Any]]) -> int:
    """One JSON object a line. Returns how many."""
    count = 0

    def encoded() -> Iterator[bytes]:
        nonlocal count
        for row in rows:
            count += 1
            yield canonical(dict(row)).encode() + b"\n"

    archive.write(name, encoded())
    return count


def _stream(connection: Connection, query: Select[Any]) -> Iterator[dict[str, Any]]:
    found = connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}).mappings()
    yield from (dict(row) for row in found)


def _in(part: Slice) -> Any:
    return tables.ledger.c.seq.between(part.first, part.last)


def _ledger(connection: Connection, part: Slice) -> Iterator[dict[str, Any]]:
    return _stream(connection, select(tables.ledger).where(_in(part)).order_by(tables.ledger.c.seq))


def _receipts(connection: Connection, part: Slice) -> Iterator[dict[str, Any]]:
    """Everything of a receipt but its key set, which says nothing to whoever has no digest key; and the entry that seals it."""
    t, r = tables.ledger.c, tables.receipt.c
    query = select(t.seq.label("ledger_entry"), *(column for column in r if column.name != "keyset")).select_from(
        tables.ledger.join(tables.receipt, and_(t.kind == "receipt", t.reference == r.receipt_id))
    )
    return _stream(connection, query.where(_in(part)).order_by(t.seq))


def _of_runs(connection: Connection, table: Any, span: Span) -> Iterator[dict[str, Any]]:
    r = tables.run.c
    query = select(table).select_from(table.join(tables.run, r.run_id == table.c.run_id))
    query = query.where(r.started_at >= span.begins, r.started_at < span.ends)
    return _stream(connection, query.order_by(*table.primary_key.columns))


def _holds(connection: Connection, span: Span) -> Iterator[dict[str, Any]]:
    """Those in force at some time of the span."""
    h = tables.hold.c
    query = select(*(h[name] for name in _HOLD)).where(
        h.placed_at < span.ends, or_(h.released_at.is_(None), h.released_at >= span.begins)
    )
    return _stream(connection, query.order_by(h.placed_at, h.hold_id))


def _acts(connection: Connection, part: Slice, kinds: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    t = tables.ledger.c
    query = select(t.seq, t.at, t.kind, t.store, t.run_id, t.payload).where(_in(part), t.kind.in_(kinds)).order_by(t.seq)
    return _stream(connection, query)


def _plans(archive: Archive, connection: Connection, part: Slice) -> int:
    """Each plan as it was sealed, in a file named by its hash, which is the SHA-256 of the file."""
    t = tables.ledger.c
    count = 0
    query = select(t.reference, type_coerce(t.payload, String).label("payload")).where(_in(part), t.kind == "plan")
    for row in _stream(connection, query.order_by(t.seq)):
        archive.text(f"plans/{row['reference']}.json", row["payload"])
        count += 1
    return count
