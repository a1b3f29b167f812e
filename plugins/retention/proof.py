"""The proof that a record was disposed of, as a document that whoever has no secret and no database can check.

docs/verify_proof.py checks it; docs/design/evidence.md says what it proves and what it gives away.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from retention.declare.stores import Population
from retention.errors import EvidenceError, NotFound, OutputError, StoreError
from retention.evidence import keysets, ledger
from retention.evidence import tables as evidence_tables
from retention.evidence.database import Evidence
from retention.evidence.records import Receipt
from retention.stores.session import StoreSession
from retention.traces import exists, known_key, receipts_of, traces
from retention.workspace import Workspace

FORMAT = "retention proof 1"
SENTENCE = "record {key} of {store}.{population}: {action} under rule {rule}, run {run_id}, at {disposed_at} UTC"


def prove(workspace: Workspace, evidence: Evidence, store: str, population: Population, key: str) -> dict[str, Any]:
    """The proof by the latest receipt in the evidence that names the record. `key` is as the database writes it.

    Raises NotFound where there is none, EvidenceError where the digest key is missing or the ledger lacks the receipt.
    """
    secret = known_key(workspace)
    if secret is None:
        raise EvidenceError("there is no digest key, so no key set can be opened", mend="restore it from its backup")
    found = traces(workspace, evidence, None, store, population.name, key)
    if not found:
        raise _unproven(workspace, evidence, store, population, key)
    with evidence.snapshot() as connection:
        return _document(connection, secret, found[-1], key)


def write(document: dict[str, Any], path: Path) -> None:
    """Writes a proof as JSON. Raises OutputError where it cannot."""
    try:
        path.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as reason:
        raise OutputError(
            f"the proof cannot be written ({type(reason).__name__})", file=path, mend="check the folder"
        ) from None


def _document(connection: Connection, secret: bytes, receipt: Receipt, key: str) -> dict[str, Any]:
    t, r = evidence_tables.ledger, evidence_tables.receipt
    row = connection.execute(select(r).where(r.c.receipt_id == receipt.receipt_id)).mappings().one()
    query = select(t).where(t.c.kind == "receipt", t.c.reference == receipt.receipt_id)
    entry = connection.execute(query).mappings().one_or_none()
    if entry is None:
        raise EvidenceError("the receipt is not sealed in the ledger", mend="see what else is wrong: `retention verify`")
    proof = keysets.prove(secret, keysets.KeySet.of(dict(row)), key)
    payload: dict[str, Any] = json.loads(entry["payload"])
    return {
        "format": FORMAT,
        "what": SENTENCE.format(key=key, **payload),
        "store": receipt.store,
        "population": receipt.population,
        "key": key,
        "receipt": payload,
        "scheme": proof.scheme,
        "leaf": _leaf(proof),
        "path": [[side, other.hex()] for side, other in proof.path],
        "ledger_entry": json.loads(ledger.canonical(dict(entry))),
    }


def _leaf(proof: keysets.Proof) -> dict[str, Any]:
    if proof.block is None or proof.bitmap is None:
        return {"salt": proof.salt.hex()}
    return {"block": proof.block, "salt": proof.salt.hex(), "bitmap": proof.bitmap.hex()}


def _unproven(workspace: Workspace, evidence: Evidence, store: str, population: Population, key: str) -> NotFound:
    """Why there is no proof, as far as the store can tell."""
    where = f"population {population.name} of store {store}"
    session = StoreSession(store, workspace.store_url(store))
    try:
        if exists(session, population, key):
            return NotFound(f"the record still exists in {where}: no receipt names it", mend="see why it is kept: `explain`")
        if traces(workspace, evidence, session, store, population.name, key):
            return NotFound(
                f"a receipt names the record, but only {where} has it yet",
                mend=f"have it sealed: the record step of the run, or the next night (`retention run --store {store}`)",
            )
    except StoreError:
        return NotFound(f"no receipt in the evidence names such a record of {where}, and the store is out of reach")
    finally:
        session.close()
    if any(keyset.scheme == "counts" for _, keyset in receipts_of(evidence, None, store, population.name)):
        return NotFound(
            f"{where} has no such record, and no receipt names it, but some give only the number of their records",
            mend="declare `partition_evidence: keys` for proofs of the partitions that will go from now on",
        )
    return NotFound(
        f"{where} has no such record, and no receipt names it", mend="check the key; a record never there leaves no trace"
    )
