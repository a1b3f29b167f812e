"""Whether the publications of the register, and their approvals, are still those that the ledger sealed."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Table, inspect, select

from retention.evidence import tables
from retention.evidence.records import RegisterApproval, RegisterVersion

Kind = Literal["register", "approval"]
Sealed = dict[int, dict[str, Any]]  # what the ledger says, by the number of the row it is about

_AT_ONCE = 16  # publications held in memory together
_SPOKEN = {"as_of": "day", "published_at": "instant", "at": "instant", "declaration_hash": "declaration", "note_hash": "note"}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one publication or approval: `version 2.3 of the register` `was edited: …`."""

    where: str
    what: str


def of_version(version: RegisterVersion) -> dict[str, Any]:
    """What of a publication is sealed: everything, its content by its hash."""
    return {
        "seq": version.seq,
        "number": version.number,
        "as_of": version.as_of.isoformat(),
        "published_at": version.published_at.isoformat(timespec="microseconds"),
        "declaration_hash": version.declaration_hash,
        "content_hash": version.content_hash,
    }


def of_approval(approval: RegisterApproval) -> dict[str, Any]:
    """What of an approval is sealed: everything, its note by its hash."""
    return {
        "seq": approval.seq,
        "number": approval.number,
        "declaration_hash": approval.declaration_hash,
        "approver": approval.approver,
        "at": approval.at.isoformat(timespec="microseconds"),
        "note_hash": hashlib.sha256(approval.note.encode()).hexdigest(),
    }


def versions(connection: Connection) -> list[RegisterVersion]:
    """All publications as they are kept, the first one first."""
    t = tables.register_version
    query = select(*(column for column in t.c if column is not t.c.content)).order_by(t.c.seq)
    return [RegisterVersion(**row) for row in connection.execute(query).mappings()] if _is_there(connection, t) else []


def approvals(connection: Connection) -> list[RegisterApproval]:
    """All approvals as they are kept, the first one first."""
    t = tables.register_approval
    query = select(t).order_by(t.c.seq)
    return [RegisterApproval(**row) for row in connection.execute(query).mappings()] if _is_there(connection, t) else []


def faults(connection: Connection, *, contents: bool = False) -> Iterator[Fault]:
    """Publications and approvals that were edited, are missing, or were never sealed. `contents`: every content is read too."""
    kept = versions(connection)
    yield from _faults("register", {version.seq: of_version(version) for version in kept}, sealed(connection, "register"))
    given = {approval.seq: of_approval(approval) for approval in approvals(connection)}
    yield from _faults("approval", given, sealed(connection, "approval"))
    if contents and kept:
        yield from _contents(connection)


def sealed(connection: Connection, kind: Kind) -> Sealed:
    """What the ledger says of publications, or of approvals."""
    t = tables.ledger.c
    payloads = connection.execute(select(t.payload).where(t.kind == kind).order_by(t.seq)).scalars()
    said = [json.loads(payload) for payload in payloads]
    return {each["seq"]: each for each in said}


def content_fault(where: str, content: bytes, expected: str) -> Fault | None:
    """What is wrong with one compressed content."""
    try:
        found = hashlib.sha256(zlib.decompress(content)).hexdigest()
    except zlib.error:
        return Fault(where, "was edited: its content cannot be unpacked")
    return None if found == expected else Fault(where, "was edited: its content does not have the hash that was sealed")


def name_of(kind: Kind, payload: dict[str, Any]) -> str:
    """`version 2.3 of the register`, `approval 4 (version 2.3)`."""
    number = payload["number"]
    return f"version {number} of the register" if kind == "register" else f"approval {payload['seq']} (version {number})"


def _faults(kind: Kind, kept: Sealed, said: Sealed) -> Iterator[Fault]:
    for seq in sorted(kept.keys() | said.keys()):
        if seq not in said:
            yield Fault(name_of(kind, kept[seq]), "is not sealed in the ledger")
        elif seq not in kept:
            yield Fault(name_of(kind, said[seq]), "is in the ledger but its record is missing")
        elif kept[seq] != said[seq]:
            differing = [_SPOKEN.get(key, key) for key in said[seq] if kept[seq].get(key) != said[seq][key]]
            yield Fault(name_of(kind, said[seq]), f"was edited: {', '.join(differing)} differs from what was sealed")


def _contents(connection: Connection) -> Iterator[Fault]:
    t = tables.register_version.c
    said = sealed(connection, "register")
    query = select(t.seq, t.content, t.content_hash).order_by(t.seq)
    for seq, content, content_hash in connection.execution_options(yield_per=_AT_ONCE).execute(query):
        payload = said.get(seq, {"number": "?", "content_hash": content_hash})
        fault = content_fault(name_of("register", payload), content, payload["content_hash"])
        if fault is not None:
            yield fault


def _is_there(connection: Connection, wanted: Table) -> bool:
    """Whether the evidence has the table: a file of an earlier version, opened for reading alone, does not."""
    return connection.dialect.name != "sqlite" or wanted.name in inspect(connection).get_table_names()
