"""Keeps each declaration that a night began under, by its policy hash. It knows names and texts; what they declare it does not.

A declaration and its entry in the ledger are one transaction, behind the ledger's head: of two nights at once, one comes second
and finds the other's there.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping

from sqlalchemy import Connection, insert, select

from retention import clock
from retention.errors import EvidenceError
from retention.evidence import ledger, seals, tables
from retention.evidence.database import Evidence
from retention.evidence.heads import lock_head
from retention.evidence.records import Declaration

_MEND = "restore the evidence database from its backup; `retention verify` tells what else was touched"


def is_known(evidence: Evidence, policy_hash: str) -> bool:
    """Whether a declaration is kept, or was: one that the ledger sealed is never written a second time."""
    with evidence.snapshot() as connection:
        return _is_known(connection, policy_hash)


def keep(evidence: Evidence, policy_hash: str, decision_set: str, files: Mapping[str, str]) -> bool:
    """Keeps the files of a declaration, by name and text, and says whether that is new. Raises EvidenceError."""
    content = ledger.canonical(dict(files)).encode()
    with evidence.writing() as connection:
        lock_head(connection, "ledger")
        if _is_known(connection, policy_hash):
            return False
        made = Declaration(policy_hash, decision_set, clock.now(), seals.content_hash(content))
        connection.execute(insert(tables.declaration).values(**vars(made), content=zlib.compress(content, 9)))
        ledger.append(connection, [ledger.Entry("declaration", policy_hash, seals.of_declaration(made))])
        return True


def files(evidence: Evidence, policy_hash: str) -> dict[str, str] | None:
    """The files of a declaration, by name; None where it was never kept. Raises EvidenceError where it was tampered with."""
    with evidence.snapshot() as connection:
        return files_in(connection, policy_hash)


def files_in(connection: Connection, policy_hash: str) -> dict[str, str] | None:
    """As `files`, in a transaction of the caller's."""
    fault = next(seals.declaration_faults(connection, policy_hash, contents=True), None)
    if fault is not None:
        raise EvidenceError(f"{fault.where} {fault.what}", mend=_MEND)
    if not seals.declarations(connection, policy_hash):
        return None
    t = tables.declaration.c
    content = connection.execute(select(t.content).where(t.policy_hash == policy_hash)).scalar_one()
    found: dict[str, str] = json.loads(zlib.decompress(content))
    return found


def _is_known(connection: Connection, policy_hash: str) -> bool:
    sealed = seals.sealed(connection, "declaration", [policy_hash])
    return bool(sealed) or bool(seals.declarations(connection, policy_hash))
