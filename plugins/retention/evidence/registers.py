"""Keeps publications of the register and their approvals. It knows numbers, days and hashes; what a register says it does not.

A publication or an approval and its entry in the ledger are one transaction, behind the ledger's head: of two publications at
once, one comes second and finds the other's there.
"""

from __future__ import annotations

import datetime as dt
import zlib
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from retention import clock
from retention.errors import EvidenceError, NotFound, RegisterError
from retention.evidence import ledger, seals, tables
from retention.evidence.database import Evidence
from retention.evidence.heads import lock_head
from retention.evidence.records import RegisterApproval, RegisterVersion

_MEND = "restore the evidence database from its backup; `retention verify` tells what else was touched"


@dataclass(frozen=True)
class Proposal:
    """A register that is to be published: its day, the hash of what it declares, its content and the content's hash."""

    as_of: dt.date
    declaration_hash: str
    content: str
    content_hash: str


@dataclass(frozen=True)
class Shelf:
    """All publications and approvals, held against the ledger. The first one first."""

    versions: tuple[RegisterVersion, ...]
    approvals: tuple[RegisterApproval, ...]

    @property
    def latest(self) -> RegisterVersion | None:
        return self.versions[-1] if self.versions else None

    def version(self, number: str) -> RegisterVersion:
        """Raises NotFound."""
        found = next((version for version in self.versions if version.number == number), None)
        if found is None:
            raise NotFound(f"no version of the register has the number {number!r}", mend=self._choice())
        return found

    def standing(self, day: dt.date) -> RegisterVersion:
        """The latest publication that stood on a day. Raises NotFound, naming the first one."""
        found = next((version for version in reversed(self.versions) if version.as_of <= day), None)
        if found is None:
            raise NotFound(f"no version of the register stood on {day}", mend=self._choice())
        return found

    def before(self, version: RegisterVersion) -> RegisterVersion | None:
        """The publication before it."""
        return next((other for other in reversed(self.versions) if other.seq < version.seq), None)

    def approval(self, version: RegisterVersion) -> RegisterApproval | None:
        """The first approval of what a version declares, given to it or to an earlier version."""
        ranks = {other.number: other.seq for other in self.versions}
        for approval in self.approvals:
            if approval.declaration_hash == version.declaration_hash and ranks.get(approval.number, 0) <= version.seq:
                return approval
        return None

    def _choice(self) -> str:
        if self.latest is None:
            return "publish the first one: `retention register`"
        first = self.versions[0]
        return f"the first is {first.number} of {first.as_of}; `retention register versions` lists them all"


def shelf(evidence: Evidence) -> Shelf:
    """All publications and approvals. Raises EvidenceError where one was edited or is missing."""
    with evidence.snapshot() as connection:
        return _shelf(connection)


def content(evidence: Evidence, version: RegisterVersion) -> str:
    """What a publication says. Raises EvidenceError where it no longer has the hash that was sealed."""
    t = tables.register_version.c
    with evidence.snapshot() as connection:
        found = connection.execute(select(t.content).where(t.seq == version.seq)).scalar_one()
    fault = seals.content_fault(f"version {version.number} of the register", found, version.content_hash)
    if fault is not None:
        raise EvidenceError(f"{fault.where} {fault.what}", mend=_MEND)
    return zlib.decompress(found).decode()


def publish(evidence: Evidence, proposal: Proposal) -> tuple[RegisterVersion, bool]:
    """Keeps a register as the next version, or answers the latest one where it says the same; and whether it is new.

    Raises RegisterError for a day before that of the latest version, EvidenceError where the latest was tampered with.
    """
    with evidence.writing() as connection:
        lock_head(connection, "ledger")
        last = _shelf(connection).latest
        if last is not None and last.content_hash == proposal.content_hash:
            return last, False
        version = _next(last, proposal)
        packed = zlib.compress(proposal.content.encode(), 9)
        connection.execute(insert(tables.register_version).values(**vars(version), content=packed))
        reference = f"{version.number}@{version.content_hash}"
        ledger.append(connection, [ledger.Entry("register", reference, seals.of_version(version))])
        return version, True


def approve(evidence: Evidence, number: str, approver: str, note: str) -> tuple[RegisterApproval, bool]:
    """Records that somebody approves what a version declares; and whether that is new.

    Who approved the same before has done so: nothing is added. Raises NotFound for a number nobody published, RegisterError
    where later versions declare something else.
    """
    with evidence.writing() as connection:
        lock_head(connection, "ledger")
        known = _shelf(connection)
        version = known.version(number)
        assert known.latest is not None
        if version.declaration_hash != known.latest.declaration_hash:
            raise RegisterError(
                f"version {number} no longer is what is declared: version {known.latest.number} declares something else",
                mend=f"read and approve that one: `retention register approve {known.latest.number} --by NAME --note TEXT`",
            )
        declared = (each for each in known.approvals if each.declaration_hash == version.declaration_hash)
        given = next((each for each in declared if each.approver == approver), None)
        if given is not None:
            return given, False
        seq = known.approvals[-1].seq + 1 if known.approvals else 1
        approval = RegisterApproval(seq, version.declaration_hash, number, approver, clock.now(), note)
        connection.execute(insert(tables.register_approval).values(vars(approval)))
        reference = f"{number}@{version.content_hash}#{seq}"
        ledger.append(connection, [ledger.Entry("approval", reference, seals.of_approval(approval))])
        return approval, True


def _shelf(connection: Connection) -> Shelf:
    try:
        fault = next(seals.faults(connection), None)
        if fault is None:
            return Shelf(tuple(seals.versions(connection)), tuple(seals.approvals(connection)))
    except (ValueError, TypeError, KeyError) as reason:
        what = f"holds a value that cannot be read ({type(reason).__name__}): it was altered"
        fault = seals.Fault("the store of the register's versions", what)
    raise EvidenceError(f"{fault.where} {fault.what}", mend=_MEND)


def _next(last: RegisterVersion | None, proposal: Proposal) -> RegisterVersion:
    """The version that follows: major where it declares something else, minor where only the day or the findings differ."""
    if last is not None and proposal.as_of < last.as_of:
        raise RegisterError(
            f"a register of {proposal.as_of} is not published any more: version {last.number} speaks for {last.as_of}",
            mend=f"`retention register --as-of {proposal.as_of}` writes the version that stood then",
        )
    same = last is not None and last.declaration_hash == proposal.declaration_hash
    major = 1 if last is None else last.major + (not same)
    return RegisterVersion(
        seq=last.seq + 1 if last is not None else 1,
        major=major,
        minor=last.minor + 1 if last is not None and same else 0,
        as_of=proposal.as_of,
        published_at=clock.now(),
        declaration_hash=proposal.declaration_hash,
        content_hash=proposal.content_hash,
    )
