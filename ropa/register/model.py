"""The register as data: what one publication says, in both languages. Every edition is made of it and of nothing else.

A text is a `Text` (French and English), a day a `date`, a count an `int`. `not stated` stands where the policy is silent, None
where there is nothing to say (a count nobody has taken, a decision nobody has made).
"""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import BaseModel, ConfigDict

from retention.declare.policy import NOT_STATED as NOT_STATED
from retention.declare.policy import BasisKind, NotStated
from retention.declare.words import Category, Text

Verdict = Literal["yes", "partly", "unknown", "no"]
WORST_LAST: tuple[Verdict, ...] = ("yes", "partly", "unknown", "no")


class Part(BaseModel):
    """Base of every part of the register: immutable, and nothing in it that nobody declared."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(Part):
    """Something declared elsewhere, by its id and title."""

    id: str
    title: Text


class Names(Part):
    """What a field names. `all`: everything there is, spelt out in `items`; `not_stated`: the policy does not say."""

    kind: Literal["named", "all", "not_stated"]
    items: tuple[Named, ...] = ()


class Citation(Part):
    """Lines of the policy (`L214, L216`) and the words found there."""

    lines: str
    quote: str


class Statement(Part):
    """Something the policy states."""

    id: str
    title: Text
    detail: Text | None
    lines: str
    citations: tuple[Citation, ...]


# who, and on what it rests


class Controller(Part):
    """Who answers for the processing."""

    name: str
    registration_number: str
    street: str
    postcode: str
    city: str
    country: Text
    sites: tuple[str, ...]
    roles: tuple[Statement, ...]
    dpo: Statement
    missing: tuple[Named, ...]  # what a register must carry and the policy does not say
    lines: str


class Grounding(Part):
    """What the register rests on: policy, decisions, and the hash of everything declared."""

    policy_title: Text
    policy_file: str
    policy_sha256: str
    decision_set: Named
    example: bool  # a decision set of no force: not to be presented as a register
    policy_hash: str  # of all that can change what is disposed of
    declaration_hash: str  # of all that is declared, activities included
    created_on: dt.date
    updated_on: dt.date


# what the runs found


class RunRef(Part):
    """One night of one store."""

    run_id: str
    as_of: dt.date
    status: Literal["running", "waiting", "passed", "reservations", "failed", "rehearsal"]
    started_at: dt.datetime
    policy_hash: str


class Night(Part):
    """A store's last run, whatever became of it, and the one whose figures the register gives."""

    store: Named
    last: RunRef | None
    counted: RunRef | None
    same_declaration: bool  # whether the last run applied what this register declares
    late_days: int | None  # how old the figures are on the register's day


class Late(Part):
    """Records past their last day: how many, and since when the oldest."""

    rows: int
    since: dt.date | None


class Ground(Part):
    """Why records are frozen, and how many on that ground."""

    kind: Named
    rows: int


class Disposed(Part):
    """Records disposed of over some span, by what became of them."""

    deleted: int
    anonymised: int
    minimised: int
    archived: int

    @property
    def total(self) -> int:
        return self.deleted + self.anonymised + self.minimised + self.archived


class Checks(Part):
    """Expectations on the populations concerned. A warning says that some rows could not be judged."""

    passed: int
    warnings: int
    failed: int
    errors: int


class Finding(Part):
    """What the runs found and did, of a rule, a category or an activity. A count of None: no run has counted."""

    scanned: int | None  # seen by the last run before it disposed of anything
    records: int | None  # held when it ended
    oldest: dt.date | None  # the earliest anchor of a record that is kept
    due: int | None
    held: int | None
    quarantined: int | None
    undecided: int | None
    spared: int | None  # due until their batch came, when a hold or a change saved them
    overdue: Late | None
    frozen: Late | None  # of the held, those that would be due
    grounds: tuple[Ground, ...]
    last_run: Disposed | None
    days_30: Disposed | None
    months_12: Disposed | None
    checks: Checks | None
    verdict: Verdict  # retained and erased in accordance with the policy?
    why: tuple[Text, ...]  # if not, why; reservations
    runs: tuple[str, ...]  # whose figures these are
    counted_on: dt.date | None  # as-of of the oldest of them


# what is declared


class Basis(Part):
    """A legal basis of an activity. `doubtful`: stated, but hard to defend; `inferred`: the policy does not say so."""

    basis: BasisKind
    title: Text
    article: Text
    doubtful: bool
    inferred: bool
    note: Text | None


class ActivityCategory(Part):
    """One category of data in one activity, as the runs found it."""

    category: Named
    finding: Finding


class Activity(Part):
    """One processing activity of the controller (article 30(1))."""

    id: str
    ref: str
    title: Text
    purpose: Text
    purposes: tuple[Named, ...]  # sub-purposes, in the policy's words
    subjects: Names
    subjects_inferred: bool
    categories: Names
    elements: Names
    recipients: Names
    transfers: Names
    bases: tuple[Basis, ...] | NotStated
    time_limit: Text
    rules: tuple[Named, ...]
    security: Names
    gaps: tuple[Named, ...]
    notes: tuple[Text, ...]
    lines: str
    citations: tuple[Citation, ...]
    found: tuple[ActivityCategory, ...]
    verdict: Verdict
    why: tuple[Text, ...]


class StatedBasis(Part):
    """A legal basis in the policy's words."""

    title: Text
    article: Text
    lines: str


class DataCategory(Part):
    """One of the policy's four categories of data."""

    id: Category
    title: Text
    subjects: tuple[Named, ...]
    subjects_inferred: bool
    purposes: tuple[Statement, ...]
    bases: tuple[StatedBasis, ...]
    sources: tuple[Statement, ...] | NotStated
    lines: str
    finding: Finding


class Element(Part):
    """A data element, and the columns that hold it (`contacts.email`). Without a category: technical, outside the policy."""

    id: str
    title: Text
    category: Category | None
    note: Text | None
    columns: tuple[str, ...]
    lines: str | None


class RecipientData(Part):
    """A category disclosed to a recipient; `only` names elements where it is not all of the category."""

    category: Named
    only: tuple[Named, ...]


class Recipient(Part):
    """Whoever data is disclosed to."""

    id: str
    name: Text
    kind: Literal["provider", "group", "successor", "adviser", "authority"]
    data: tuple[RecipientData, ...] | NotStated
    purpose: Text
    country: Text | NotStated
    safeguards: Text | NotStated
    activities: tuple[str, ...]  # references: R1, R7
    lines: str


class Transfer(Part):
    """Where data is said to be kept or sent."""

    id: str
    title: Text
    country: Text | NotStated
    third_country: bool | NotStated
    recipients: Names
    safeguards: Text | NotStated
    activities: tuple[str, ...]
    citations: tuple[Citation, ...]


class ScheduleLine(Part):
    """A line of the retention schedule: a rule (`id` of retention.yaml), erasure requests, or records without a rule."""

    id: str
    title: Text
    declared: bool  # a rule, and not one of the two other lines
    scope: tuple[Text, ...]
    criterion: Text
    months: int | None  # the period in calendar months; None: undecided, or the line has none
    awaited: tuple[str, ...]  # decisions nobody has taken: the rule disposes of nothing
    sources: tuple[Text, ...]
    action: Literal["delete", "anonymise", "minimise", "archive"] | None
    cutoff: dt.date | None  # the latest starting date that is due on the register's day
    categories: tuple[Category, ...]
    stores: tuple[str, ...]
    finding: Finding
    only: tuple[str, ...] = ()  # ids of the elements the line is about, where it is not about whole records


class Right(Part):
    """A right of the data subject, or what the policy sets against one (`limits`)."""

    id: str
    title: Text
    limits: Text | None
    article: Text
    scope: Text | None
    effect: Text | None
    citations: tuple[Citation, ...]


class Cookie(Part):
    """A cookie, or a supplier that sets one."""

    id: str
    title: Text
    setter: str
    own: bool  # set by the company itself
    count: int | NotStated
    lifetime: Text | NotStated
    recipient: Text | NotStated
    citations: tuple[Citation, ...]


class Decision(Part):
    """What the operator owes: decided, or what is awaited."""

    id: str
    question: Text
    decided: bool
    value: Text | None
    source: Text | None
    awaited: Text | None
    approver: str | None
    checked_on: dt.date | None
    review_by: dt.date | None
    review_due: bool
    rules: tuple[Named, ...]


class Gap(Part):
    """One thing to settle. `rank` 1 is the most urgent (`making.gaps`)."""

    id: str
    rank: int
    title: Text
    detail: Text
    closes: Text
    owner: Text
    where: Text | None
    lines: str | None
    waiting: int | None  # records that stay without a term because of it


class ProcessorActivity(Part):
    """One category of processing carried out for customers (article 30(2))."""

    id: str
    ref: str
    title: Text
    processing: Text
    controllers: tuple[Text, ...] | NotStated
    transfers: tuple[Text, ...] | NotStated
    security: Names
    missing: tuple[Named, ...]
    gaps: tuple[Named, ...]
    lines: str


class ProcessorRecord(Part):
    """The processor's record, kept apart."""

    title: Text
    notice: Text
    created_on: dt.date
    updated_on: dt.date
    activities: tuple[ProcessorActivity, ...]


class Quotation(Part):
    """One citation of the register: for which statement, which lines, which words."""

    section: Text
    title: Text
    id: str
    citation: Citation


class RegisterCheck(Part):
    """One expectation on the register itself. `legal`: the law requires the field, so a failure stops the publication's DAG."""

    id: str
    title: Text
    article: Text | None
    legal: bool
    outcome: Literal["PASS", "FAIL", "ERROR"]
    concerns: tuple[str, ...]  # references of the activities, categories or recipients that fail it


class Register(Part):
    """Everything one publication says."""

    title: Text
    as_of: dt.date
    controller: Controller
    grounding: Grounding
    nights: tuple[Night, ...]
    activities: tuple[Activity, ...]
    categories: tuple[DataCategory, ...]
    elements: tuple[Element, ...]
    recipients: tuple[Recipient, ...]
    transfers: tuple[Transfer, ...]
    schedule: tuple[ScheduleLine, ...]
    security: tuple[Statement, ...]
    rights: tuple[Right, ...]
    exercise: tuple[Statement, ...]
    cookies: tuple[Cookie, ...]
    cookie_practice: tuple[Statement, ...]
    decisions: tuple[Decision, ...]
    gaps: tuple[Gap, ...]
    processor: ProcessorRecord
    quotations: tuple[Quotation, ...]
    checks: tuple[RegisterCheck, ...] = ()  # empty until the register has been checked (`ropa.register.checking`)

    def night(self, store: str) -> Night:
        return next(night for night in self.nights if night.store.id == store)
