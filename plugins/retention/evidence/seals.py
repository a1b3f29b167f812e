"""Whether declarations, publications of the register, their approvals and answers to plans are those the ledger sealed."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args

from sqlalchemy import Column, Connection, Table, inspect, select

from retention.evidence import tables
from retention.evidence.records import Answer, Declaration, PlanAnswer, RegisterApproval, RegisterVersion

Kind = Literal["register", "approval", "plan_answer", "declaration"]
Sealed = dict[Any, dict[str, Any]]  # what the ledger says, by what names the row it is about

_AT_ONCE = 16  # contents held in memory together
_SPOKEN = {
    "as_of": "day",
    "published_at": "instant",
    "at": "instant",
    "kept_at": "instant",
    "declaration_hash": "declaration",
    "decision_set": "decision set",
    "content_hash": "content",
    "note_hash": "note",
}


@dataclass(frozen=True)
class Fault:
    """What is wrong with one declaration, publication, approval or answer: `version 2.3 of the register` `was edited: …`."""

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


def of_answer(answer: PlanAnswer) -> dict[str, Any]:
    """What of an answer to a plan is sealed: everything, its note by its hash."""
    return {
        "plan_hash": answer.plan_hash,
        "answer": answer.answer,
        "run_id": answer.run_id,
        "store": answer.store,
        "who": answer.who,
        "at": answer.at.isoformat(timespec="microseconds"),
        "note_hash": hashlib.sha256(answer.note.encode()).hexdigest(),
        "via": answer.via,
    }


def of_declaration(kept: Declaration) -> dict[str, Any]:
    """What of a declaration is sealed: everything, its files by their hash."""
    return {
        "policy_hash": kept.policy_hash,
        "decision_set": kept.decision_set,
        "kept_at": kept.kept_at.isoformat(timespec="microseconds"),
        "content_hash": kept.content_hash,
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


def answers(connection: Connection, plan_hash: str | None = None) -> list[PlanAnswer]:
    """Answers to one plan, or to all, as they are kept; the first one first."""
    t = tables.plan_answer
    query = select(t).order_by(t.c.at, t.c.plan_hash, t.c.answer)
    wanted = query if plan_hash is None else query.where(t.c.plan_hash == plan_hash)
    return [PlanAnswer(**row) for row in connection.execute(wanted).mappings()] if _is_there(connection, t) else []


def declarations(connection: Connection, policy_hash: str | None = None) -> list[Declaration]:
    """One declaration, or all, as they are kept; the first one first."""
    t = tables.declaration
    query = select(*(column for column in t.c if column is not t.c.content)).order_by(t.c.kept_at, t.c.policy_hash)
    wanted = query if policy_hash is None else query.where(t.c.policy_hash == policy_hash)
    return [Declaration(**row) for row in connection.execute(wanted).mappings()] if _is_there(connection, t) else []


def faults(connection: Connection, *, contents: bool = False) -> Iterator[Fault]:
    """Publications and approvals that were edited, are missing, or were never sealed. `contents`: every content is read too."""
    kept = versions(connection)
    yield from _faults("register", {version.seq: of_version(version) for version in kept}, sealed(connection, "register"))
    given = {approval.seq: of_approval(approval) for approval in approvals(connection)}
    yield from _faults("approval", given, sealed(connection, "approval"))
    if contents and kept:
        t = tables.register_version.c
        said = sealed(connection, "register")
        yield from _contents(connection, "register", t.seq, t.content, said, [version.seq for version in kept])


def answer_faults(connection: Connection, plan_hash: str | None = None) -> Iterator[Fault]:
    """Answers to one plan, or to all, that were edited, are missing, or were never sealed."""
    kept = [of_answer(answer) for answer in answers(connection, plan_hash)]
    references = None if plan_hash is None else [answer_reference(plan_hash, each) for each in get_args(Answer)]
    said = sealed(connection, "plan_answer", references)
    yield from _faults("plan_answer", {_name("plan_answer", each): each for each in kept}, said)


def declaration_faults(connection: Connection, policy_hash: str | None = None, *, contents: bool = False) -> Iterator[Fault]:
    """One declaration, or all, where they were edited, are missing, or were never sealed. `contents`: files are read too."""
    kept = {each.policy_hash: of_declaration(each) for each in declarations(connection, policy_hash)}
    said = sealed(connection, "declaration", None if policy_hash is None else [policy_hash])
    yield from _faults("declaration", kept, said)
    if contents and kept:
        t = tables.declaration.c
        yield from _contents(connection, "declaration", t.policy_hash, t.content, said, sorted(kept))


def answer_reference(plan_hash: str, answer: str) -> str:
    """What names an answer in the ledger: a plan has at most one of each kind."""
    return f"{plan_hash}/{answer}"


def sealed(connection: Connection, kind: Kind, references: Sequence[str] | None = None) -> Sealed:
    """What the ledger says of declarations, publications, approvals or answers: of all, or of those these references name."""
    t = tables.ledger.c
    query = select(t.payload).where(t.kind == kind).order_by(t.seq)
    payloads = connection.execute(query if references is None else query.where(t.reference.in_(references))).scalars()
    said = [json.loads(payload) for payload in payloads]
    return {_name(kind, each): each for each in said}


def _name(kind: Kind, payload: dict[str, Any]) -> Any:
    if kind == "plan_answer":
        return answer_reference(payload["plan_hash"], payload["answer"])
    return payload["policy_hash" if kind == "declaration" else "seq"]


def content_hash(content: bytes) -> str:
    """What names a content, before it is compressed."""
    return hashlib.sha256(content).hexdigest()


def content_fault(where: str, content: bytes, expected: str) -> Fault | None:
    """What is wrong with one compressed content."""
    try:
        found = content_hash(zlib.decompress(content))
    except zlib.error:
        return Fault(where, "was edited: its content cannot be unpacked")
    return None if found == expected else Fault(where, "was edited: its content does not have the hash that was sealed")


def name_of(kind: Kind, payload: dict[str, Any]) -> str:
    """`version 2.3 of the register`, `approval 4 (version 2.3)`, `the answer “approved” to the plan of run usage:…`."""
    if kind == "declaration":
        return f"declaration {payload['policy_hash'][:16]}"
    if kind == "plan_answer":
        return f"the answer “{payload['answer']}” to the plan of run {payload['run_id']}"
    number = payload["number"]
    return f"version {number} of the register" if kind == "register" else f"approval {payload['seq']} (version {number})"


def _faults(kind: Kind, kept: Sealed, said: Sealed) -> Iterator[Fault]:
    for name in sorted(kept.keys() | said.keys()):
        if name not in said:
            yield Fault(name_of(kind, kept[name]), "is not sealed in the ledger")
        elif name not in kept:
            yield Fault(name_of(kind, said[name]), "is in the ledger but its record is missing")
        elif kept[name] != said[name]:
            differing = [_SPOKEN.get(key, key) for key in said[name] if kept[name].get(key) != said[name][key]]
            yield Fault(name_of(kind, said[name]), f"was edited: {', '.join(differing)} differs from what was sealed")


def _contents(
    connection: Connection, kind: Kind, name: Column[Any], content: Column[Any], said: Sealed, names: Sequence[Any]
) -> Iterator[Fault]:
    """Contents that are not those sealed, a few in memory at a time. What was never sealed is another fault."""
    for start in range(0, len(names), _AT_ONCE):
        query = select(name, content).where(name.in_(names[start : start + _AT_ONCE])).order_by(name)
        for each, packed in connection.execute(query):
            if each in said:
                fault = content_fault(name_of(kind, said[each]), packed, said[each]["content_hash"])
                if fault is not None:
                    yield fault


def _is_there(connection: Connection, wanted: Table) -> bool:
    """Whether the evidence has the table: a file of an earlier version, opened for reading alone, does not."""
    return connection.dialect.name != "sqlite" or wanted.name in inspect(connection).get_table_names()
