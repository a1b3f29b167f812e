"""The versions of the register: published, approved, and read again as they were."""

from __future__ import annotations

import datetime as dt
import unicodedata
from dataclasses import dataclass

from pydantic import ValidationError

from retention.errors import EvidenceError, RegisterError
from retention.evidence import registers
from retention.evidence.database import Evidence
from retention.evidence.records import RegisterApproval, RegisterVersion
from retention.evidence.registers import Proposal, Shelf
from ropa.register.model import Register
from ropa.register.publication import Approval, Publication, content, content_hash

LONGEST_NAME, LONGEST_NOTE = 120, 4000


@dataclass(frozen=True)
class Approved:
    """What became of an approval: the version it was given to, and whether anything was recorded that was not there before."""

    publication: Publication
    approval: Approval
    recorded: bool


def publish(evidence: Evidence, register: Register) -> Publication:
    """Keeps a register as the next version, or answers the latest one where it says the same to the letter.

    Raises RegisterError for a day before that of the latest version, EvidenceError where the versions were tampered with.
    """
    proposal = Proposal(register.as_of, register.grounding.declaration_hash, content(register), content_hash(register))
    version, _ = registers.publish(evidence, proposal)
    return _opened(evidence, registers.shelf(evidence), version)


def publications(evidence: Evidence, *, last: int | None = None) -> tuple[Publication, ...]:
    """The `last` publications, or all of them, the first one first. Raises EvidenceError where one was tampered with."""
    shelf = registers.shelf(evidence)
    wanted = shelf.versions if last is None else shelf.versions[-last:]
    return tuple(_opened(evidence, shelf, version) for version in wanted)


def publication(evidence: Evidence, number: str) -> Publication:
    """The publication with a number. Raises NotFound; EvidenceError where it was tampered with."""
    shelf = registers.shelf(evidence)
    return _opened(evidence, shelf, shelf.version(number))


def standing(evidence: Evidence, day: dt.date) -> Publication:
    """The publication that stood on a day: the latest one that speaks for that day or an earlier one.

    Raises NotFound where none did; EvidenceError where it was tampered with.
    """
    shelf = registers.shelf(evidence)
    return _opened(evidence, shelf, shelf.standing(day))


def latest_day(evidence: Evidence) -> dt.date | None:
    """The day that the latest publication speaks for; None where there is none."""
    latest = registers.shelf(evidence).latest
    return latest.as_of if latest is not None else None


def before(evidence: Evidence, publication: Publication) -> Publication | None:
    """The publication before another, if there is one."""
    shelf = registers.shelf(evidence)
    previous = shelf.before(shelf.version(publication.number))
    return _opened(evidence, shelf, previous) if previous is not None else None


def approve(evidence: Evidence, number: str, approver: str, note: str) -> Approved:
    """Approves what a version declares. Of several approvers the first one stands; all are kept.

    Raises RegisterError where it cannot be approved: an empty name or note, example decisions, another declaration since.
    """
    approver = _written(approver, "name", "--by", LONGEST_NAME)
    note = _written(note, "note", "--note", LONGEST_NOTE)
    read = publication(evidence, number)
    if read.register.grounding.example:
        raise RegisterError(
            f"version {number} rests on example decisions, which nobody has taken: it cannot be approved",
            mend="take the decisions (ropa/declarations/decisions), set RETENTION_DECISIONS to them, publish and approve that",
        )
    approval, recorded = registers.approve(evidence, number, approver, note)
    return Approved(publication(evidence, number), _approval(approval), recorded)


def approvals(evidence: Evidence, publication: Publication) -> tuple[Approval, ...]:
    """Everybody who approved what a publication declares, the first one first."""
    declared = publication.register.grounding.declaration_hash
    return tuple(_approval(each) for each in registers.shelf(evidence).approvals if each.declaration_hash == declared)


def _opened(evidence: Evidence, shelf: Shelf, version: RegisterVersion) -> Publication:
    try:
        register = Register.model_validate_json(registers.content(evidence, version))
    except ValidationError:  # not chained: it would quote what it read
        raise EvidenceError(
            f"version {version.number} of the register was written by another version of this installation, which this one "
            "cannot read",
            mend=f"read it with the one that was in use on {version.published_at:%Y-%m-%d}",
        ) from None
    given = shelf.approval(version)
    return Publication(
        major=version.major,
        minor=version.minor,
        published_at=version.published_at,
        register=register,
        approval=_approval(given) if given is not None else None,
        sealed_hash=version.content_hash,
    )


def _approval(given: RegisterApproval) -> Approval:
    return Approval(given.approver, given.at, given.note, given.number)


def _written(text: str, what: str, option: str, longest: int) -> str:
    """A name or a note as it is kept. Raises RegisterError."""
    text = text.strip()
    if not text:
        raise RegisterError(f"an approval needs a {what}", mend=f"give {option}")
    if len(text) > longest:
        raise RegisterError(f"the {what} of an approval is at most {longest} characters long", mend="write it shorter")
    if any(
        unicodedata.category(character) in ("Cc", "Cs") for character in (text.replace("\n", " ") if what == "note" else text)
    ):
        raise RegisterError(f"the {what} of an approval holds control characters", mend="type it again without them")
    return text
