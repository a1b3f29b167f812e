"""Closing a night: receipts into the ledger, the run's verdict, the head beside the reports."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, insert, inspect, select

from retention import outputs
from retention.errors import OutputError
from retention.evidence import ledger
from retention.evidence import tables as evidence_tables
from retention.evidence.heads import lock_head
from retention.evidence.records import LedgerHead, Run, Status
from retention.evidence.runs import seal_status
from retention.night.context import Night
from retention.stores import tables
from retention.stores.session import StoreSession
from retention.workspace import Workspace

HEAD_FILE = "ledger-head.json"


def collect_receipts(night: Night) -> int:
    """Copies receipts that the evidence does not have yet, of this run or of one that was killed, and seals them."""
    with night.session.reading("reading receipts") as store:
        with night.evidence.snapshot() as evidence:
            known = set(
                evidence.execute(
                    select(evidence_tables.receipt.c.receipt_id).where(evidence_tables.receipt.c.store == night.store.name)
                ).scalars()
            )
        ids = store.execute(
            select(tables.receipt.c.receipt_id).order_by(tables.receipt.c.disposed_at, tables.receipt.c.receipt_id)
        ).scalars()
        fresh = [receipt_id for receipt_id in ids if receipt_id not in known]
        copied = 0
        for receipt_id in fresh:  # one at a time: a receipt carries the key set of its batch
            row = dict(store.execute(select(tables.receipt).where(tables.receipt.c.receipt_id == receipt_id)).mappings().one())
            with night.evidence.writing() as connection:
                copied += _seal(connection, row)
    return copied


def _seal(connection: Connection, row: dict[str, Any]) -> bool:
    """Copies a receipt and seals it. False where another run has done so since: two may be at it at once."""
    lock_head(connection, "ledger")
    r = evidence_tables.receipt
    if connection.execute(select(r.c.receipt_id).where(r.c.receipt_id == row["receipt_id"])).first() is not None:
        return False
    connection.execute(insert(r).values(row))
    entry = ledger.Entry("receipt", row["receipt_id"], ledger.receipt_payload(row), row["run_id"], row["store"])
    ledger.append(connection, [entry])
    return True


def close_run(
    night: Night, status: Status, note: str | None = None, payload: dict[str, Any] | None = None
) -> LedgerHead | None:
    """Gives the run its status and seals it. Returns the ledger's head."""
    bundle = night.bundle
    run = Run(
        night.run_id,
        night.store.name,
        night.as_of,
        night.horizon,
        bundle.policy_hash,
        bundle.decisions.set,
        night.dry_run,
        status,
        night.started_at,
        None,
        note,
    )
    with night.evidence.writing() as connection:
        return seal_status(connection, run, status, note=note, payload=payload)


def set_status(night: Night, status: Status, note: str | None = None) -> None:
    """Says that the run waits or goes on, where that is new."""
    run = night.evidence.run(night.run_id)
    if run is not None and run.status != status:
        close_run(night, status, note)


def note_head(workspace: Workspace, head: LedgerHead | None) -> None:
    """Writes the ledger's head beside the reports: whoever has the file notices a ledger that was cut."""
    if head is None:
        return
    path = workspace.output_folder("reports") / HEAD_FILE
    try:
        path.write_text(json.dumps({"seq": head.seq, "hash": head.hash}) + "\n", encoding="ascii")
    except OSError as reason:
        raise OutputError(
            f"the ledger's head cannot be written ({type(reason).__name__})", file=path, mend="give write permission"
        ) from None


def noted_head(workspace: Workspace) -> LedgerHead | None:
    """The head as it was last written beside the reports."""
    path = workspace.output / "reports" / HEAD_FILE
    text = path.read_text(encoding="ascii") if path.is_file() else None
    if text is None and workspace.output_url:
        text = outputs.read(workspace, f"reports/{HEAD_FILE}")
    if text is None:
        return None
    noted = json.loads(text)
    return LedgerHead(int(noted["seq"]), str(noted["hash"]))


def store_receipts(workspace: Workspace, store: str) -> ledger.StoreReceipts:
    """What a store's receipts say, for the ledger to be held against. A store that was never prepared has none."""

    def read(ids: Sequence[str] | None) -> Iterator[Mapping[str, Any]]:
        session = StoreSession(store, workspace.store_url(store))
        query = select(tables.receipt)
        try:
            with session.reading("reading receipts") as connection:
                if inspect(connection).has_table(tables.receipt.name):
                    wanted = query if ids is None else query.where(tables.receipt.c.receipt_id.in_(ids))
                    found = connection.execution_options(yield_per=ledger.AT_ONCE).execute(wanted).mappings()
                    yield from (dict(row) for row in found)
        finally:
            session.close()

    return ledger.StoreReceipts.read(read)
