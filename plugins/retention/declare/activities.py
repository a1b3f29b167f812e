"""The processing activities of the article 30 register: `ropa/declarations/activities.yaml` and `processor.yaml`."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints, model_validator

from retention.declare.citations import check_citations, read_policy_text
from retention.declare.policy import (
    ARTICLES,
    NOT_STATED,
    BasisKind,
    DataCategory,
    Missing,
    NotStated,
    OtherPurpose,
    Policy,
    check_known,
    lines_of,
)
from retention.declare.rules import Rules
from retention.declare.source import Declared, Source
from retention.declare.words import Category, Cite, Identifier, Text

All = Literal["all"]
ALL: All = "all"

ActivityId = Annotated[str, StringConstraints(pattern=r"^r[1-9][0-9]?$")]
ProcessorActivityId = Annotated[str, StringConstraints(pattern=r"^p[1-9][0-9]?$")]


class ActivityBasis(Declared):
    """The ground of an activity. `doubtful`: stated, but hard to defend; `inferred`: the policy does not say so itself."""

    basis: BasisKind
    statement: Identifier | None = None  # the legal basis in policy.yaml
    doubtful: bool = False
    inferred: bool = False
    note: Text | None = None

    @property
    def article(self) -> str:
        return ARTICLES[self.basis]

    @model_validator(mode="after")
    def _doubt_is_explained(self) -> ActivityBasis:
        if self.doubtful and self.note is None:
            raise ValueError("a doubtful basis does not say why. Mend: give `note`")
        if (self.statement is None) != self.inferred:
            raise ValueError("a basis is either stated or inferred. Mend: name its `statement`, or write `inferred: true`")
        return self


class Activity(Declared):
    """One processing activity of the controller (art. 30(1) GDPR)."""

    id: ActivityId
    title: Text
    purpose: Text  # the main purpose
    purposes: tuple[Identifier, ...] = Field(max_length=5)  # statements of the policy, as sub-purposes
    subjects: tuple[Identifier, ...] = Field(min_length=1)
    subjects_inferred: bool  # the policy does not say whose data this activity concerns
    categories: tuple[Category, ...] | All | NotStated
    elements: tuple[Identifier, ...] | All | NotStated  # of those categories
    recipients: tuple[Identifier, ...] | NotStated
    transfers: tuple[Identifier, ...] | NotStated
    bases: tuple[ActivityBasis, ...] | NotStated
    retention: tuple[Identifier, ...] = ()  # what the policy promises
    rules: tuple[Identifier, ...]  # what governs the records, in retention.yaml
    time_limit: Text
    security: tuple[Identifier, ...] | All | NotStated
    gaps: tuple[Identifier, ...] = ()
    notes: tuple[Text, ...] = ()
    cites: tuple[Cite, ...] = Field(min_length=1)

    @property
    def ref(self) -> str:
        """`R7`."""
        return self.id.upper()

    @property
    def lines(self) -> str:
        return lines_of(self.cites)

    @property
    def basis_doubtful(self) -> bool:
        return any(basis.doubtful for basis in self.bases if isinstance(basis, ActivityBasis))


class Activities(Declared):
    """The controller's register (art. 30(1) GDPR)."""

    title: Text
    created_on: dt.date
    updated_on: dt.date
    activities: tuple[Activity, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _each_once(self) -> Activities:
        seen: set[str] = set()
        for activity in self.activities:
            if activity.id in seen:
                raise ValueError(f"activity {activity.id} stands twice. Mend: keep one")
            seen.add(activity.id)
        if self.updated_on < self.created_on:
            raise ValueError("the register was updated before it was created. Mend: correct `created_on` or `updated_on`")
        return self

    def get(self, activity_id: str) -> Activity | None:
        return next((activity for activity in self.activities if activity.id == activity_id), None)


class ProcessorActivity(Declared):
    """One category of processing carried out for customers (art. 30(2) GDPR)."""

    id: ProcessorActivityId
    title: Text
    processing: Text
    controllers: tuple[Text, ...] | NotStated
    transfers: tuple[Text, ...] | NotStated
    security: tuple[Identifier, ...] | NotStated
    not_stated: tuple[Missing, ...]
    gaps: tuple[Identifier, ...] = ()
    cites: tuple[Cite, ...] = Field(min_length=1)

    @property
    def ref(self) -> str:
        return self.id.upper()

    @property
    def lines(self) -> str:
        return lines_of(self.cites)


class ProcessorRegister(Declared):
    """The processor's register (art. 30(2) GDPR), kept apart from the controller's."""

    title: Text
    notice: Text
    created_on: dt.date
    updated_on: dt.date
    activities: tuple[ProcessorActivity, ...] = Field(min_length=1)


def load_activities(path: Path, policy: Policy, rules: Rules) -> Activities:
    """The controller's register, once its citations hold and everything it names is declared."""
    source = Source(path)
    register = source.parse(Activities)
    _check_text(source, register, policy)
    known = _Known(policy, rules)
    for index, activity in enumerate(register.activities):
        known.check(source, index, activity)
    return register


def load_processor(path: Path, policy: Policy) -> ProcessorRegister:
    """The processor's register, once its citations hold and everything it names is declared."""
    source = Source(path)
    register = source.parse(ProcessorRegister)
    _check_text(source, register, policy)
    security = {measure.id for measure in policy.security}
    gaps = {gap.id for gap in policy.gaps}
    for index, activity in enumerate(register.activities):
        at = ("activities", index)
        check_known(source, activity.security, security, what="security measure", at=(*at, "security"))
        check_known(source, activity.gaps, gaps, what="gap", at=(*at, "gaps"))
    return register


def _check_text(source: Source, register: Activities | ProcessorRegister, policy: Policy) -> None:
    text = read_policy_text(source, source.path.parent / policy.text_file, sha256=policy.sha256, at=())
    check_citations(source, register, text)


class _Known:
    """What an activity may name, field by field."""

    def __init__(self, policy: Policy, rules: Rules) -> None:
        self.names: dict[str, tuple[str, set[str]]] = {
            "purposes": (
                "purpose",
                {purpose.id for category in policy.categories for purpose in category.purposes}
                | {purpose.id for purpose in policy.other_purposes},
            ),
            "subjects": ("category of data subjects", {subject.id for subject in policy.subjects}),
            "elements": ("data element", set(policy.elements())),
            "recipients": ("recipient", {recipient.id for recipient in policy.recipients}),
            "transfers": ("transfer", {transfer.id for transfer in policy.transfers}),
            "retention": ("promise about retention", {promise.id for promise in policy.retention}),
            "rules": ("retention rule", {rule.id for rule in rules.rules}),
            "security": ("security measure", {measure.id for measure in policy.security}),
            "gaps": ("gap", {gap.id for gap in policy.gaps}),
        }
        holders: tuple[DataCategory | OtherPurpose, ...] = (*policy.categories, *policy.other_purposes)
        self.bases = {basis.id: basis.basis for holder in holders for basis in holder.legal_bases}

    def check(self, source: Source, index: int, activity: Activity) -> None:
        at = ("activities", index)
        for field, (what, known) in self.names.items():
            check_known(source, getattr(activity, field), known, what=what, at=(*at, field))
        if activity.bases == NOT_STATED:
            return
        for i, basis in enumerate(activity.bases):
            if isinstance(basis, ActivityBasis) and basis.statement is not None:
                self._check_basis(source, (*at, "bases", i), basis)

    def _check_basis(self, source: Source, at: tuple[int | str, ...], basis: ActivityBasis) -> None:
        stated = self.bases.get(basis.statement or "")
        if stated is None:
            check_known(source, (basis.statement,), self.bases, what="legal basis", at=(*at, "statement"))
        elif stated != basis.basis:
            raise source.error(
                f"{basis.statement} is a basis of {stated}, not of {basis.basis}",
                at=(*at, "basis"),
                mend="correct `basis` or `statement`",
            )
