"""What the evidence database says, as data classes: the border between it and reports, register and command line."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Disposition = Literal["keep", "held", "quarantine", "due"]
Status = Literal["running", "waiting", "passed", "reservations", "failed", "rehearsal"]
Answer = Literal["approved", "refused", "expired"]
# The workbooks were made; both ask the same of every record; nothing was disposed of before; the earlier declaration was not
# kept, was tampered with, cannot be read back; the store was mapped otherwise; its records could not be judged.
Compared = Literal["made", "same", "first", "not_kept", "altered", "unreadable", "mapping", "failed"]


@dataclass(frozen=True)
class Run:
    """One night of one store. `rehearsal` is a run that was asked not to dispose, or whose as-of lies in the future.

    `waiting` is a run whose plan a person has to approve first.
    """

    run_id: str
    store: str
    as_of: dt.date
    horizon: dt.date
    policy_hash: str
    decision_set: str
    dry_run: bool
    status: Status
    started_at: dt.datetime
    finished_at: dt.datetime | None
    note: str | None


@dataclass(frozen=True)
class ScanLine:
    """Rows of one population that were told the same: `rows` of them, anchored between `oldest` and `newest`."""

    population: str
    category: str
    kind: str
    disposition: Disposition
    rule: str | None
    reason: str
    action: str | None
    hold_kind: str | None
    overdue: bool
    rows: int
    oldest: dt.date | None
    newest: dt.date | None
    oldest_due: dt.date | None


@dataclass(frozen=True)
class ValidationLine:
    """One expectation on one population. `unexpected` is a count of rows, None where it could not be evaluated."""

    stage: Literal["before", "after"]
    population: str
    expectation: str
    severity: Literal["blocking", "warning"]
    outcome: Literal["PASS", "FAIL", "ERROR"]
    unexpected: int | None


@dataclass(frozen=True)
class Receipt:
    """One batch that was disposed of, written in the transaction that did it."""

    receipt_id: str
    run_id: str
    store: str
    population: str
    unit: int
    batch: int
    rule: str
    action: str
    as_of: dt.date
    plan_hash: str
    rows: int
    spared: int  # candidates that were no longer due, or had been frozen, when their batch came
    root: str
    scheme: str
    keyset_hash: str
    disposed_at: dt.datetime


@dataclass(frozen=True)
class Hold:
    """A hold, or an approved erasure request (`kind == "erasure"`)."""

    hold_id: str
    kind: str
    scope: Literal["subject", "record", "category"]
    subject_key: str | None
    store: str | None
    population: str | None
    record_key: str | None
    category: str | None
    reason: str
    reference: str
    approver: str
    review_by: dt.date
    placed_at: dt.datetime
    released_at: dt.datetime | None
    released_by: str | None
    release_note: str | None

    @property
    def active(self) -> bool:
        return self.released_at is None


@dataclass(frozen=True)
class Disposed:
    """What has been disposed of under one rule in one population, over some span."""

    store: str
    population: str
    rule: str
    action: str
    rows: int
    batches: int
    first: dt.datetime
    last: dt.datetime


@dataclass(frozen=True)
class LedgerHead:
    """The last entry of the ledger. Kept outside the database too, it betrays a truncated ledger."""

    seq: int
    hash: str


@dataclass(frozen=True)
class RegisterVersion:
    """One publication of the register, without what it says. Versions of one `declaration_hash` declare the same."""

    seq: int
    major: int
    minor: int
    as_of: dt.date
    published_at: dt.datetime
    declaration_hash: str
    content_hash: str

    @property
    def number(self) -> str:
        """`3.14`."""
        return f"{self.major}.{self.minor}"


@dataclass(frozen=True)
class RegisterApproval:
    """Somebody's approval of what a version declares."""

    seq: int
    declaration_hash: str
    number: str
    approver: str
    at: dt.datetime
    note: str


@dataclass(frozen=True)
class Declaration:
    """A declaration that a night began under, without its files. `content_hash` is the SHA-256 of their canonical JSON."""

    policy_hash: str
    decision_set: str
    kept_at: dt.datetime
    content_hash: str


@dataclass(frozen=True)
class PlanAnswer:
    """What a person answered when a plan needed approval; `expired` where nobody did in time (`who` is empty then)."""

    plan_hash: str
    answer: Answer
    run_id: str
    store: str
    who: str
    at: dt.datetime
    note: str
    via: str  # by which way: airflow, or cli and the account it ran under


@dataclass(frozen=True)
class Candidates:
    """Rows that a plan would dispose of."""

    population: str
    rule: str
    reason: str
    action: str
    rows: int


@dataclass(frozen=True)
class ApprovalReason:
    """Why a plan needs a person: of the whole store (`population` None) or of one population, with its limit if it has one."""

    code: str
    population: str | None
    rows: int
    limit: float | None = None  # a share, a number of rows, or a number of nights


@dataclass(frozen=True)
class Comparison:
    """What a declaration changes in a store, held against the one that the store was last disposed of under."""

    outcome: Compared
    before: str | None = None  # the policy hash of that one
    changes: Mapping[str, int] = field(default_factory=dict)  # records by effect, as `outlook.impact` names them
    workbooks: Mapping[str, str] = field(default_factory=dict)  # name below the output folder -> SHA-256


@dataclass(frozen=True)
class Asked:
    """A plan that needs a person, as the plan itself says it, and what was answered."""

    run: Run
    plan_hash: str
    policy_hash: str
    reasons: tuple[ApprovalReason, ...]
    candidates: tuple[Candidates, ...]
    oldest: dt.date | None  # anchors of what would go
    newest: dt.date | None
    requested_by: str | None  # None: the schedule
    two_persons: bool
    answer_by: dt.datetime  # naive UTC
    answers: tuple[PlanAnswer, ...]
    comparison: Comparison | None = None  # where the declaration has changed, and somebody has compared

    @property
    def rows(self) -> int:
        return sum(each.rows for each in self.candidates)

    def answered(self, answer: Answer) -> PlanAnswer | None:
        return next((each for each in self.answers if each.answer == answer), None)
