"""Operator decisions: what the policy leaves open and a named person has settled, or not."""

from __future__ import annotations

import datetime as dt
import unicodedata
from typing import Annotated, Literal, get_args

from pydantic import Field, StringConstraints, model_validator

from retention.declare.source import Declared
from retention.declare.words import Identifier, Months, Text, TextOnce


class _Decision(Declared):
    """Decided (`value` with its source, date, approver and review date) or undecided (`undecided` says what is awaited)."""

    id: Identifier
    question: Text
    undecided: Text | None = None
    source: TextOnce | None = None
    checked_on: dt.date | None = None
    approver: str | None = None
    review_by: dt.date | None = None

    @property
    def decided(self) -> bool:
        return self.undecided is None

    @model_validator(mode="after")
    def _decided_or_not(self) -> _Decision:
        has_value = getattr(self, "value", None) is not None
        if has_value == (self.undecided is not None):
            raise ValueError(
                f"decision {self.id} is both decided and undecided, or neither. "
                "Mend: give either `value` or `undecided`, never both"
            )
        if has_value:
            missing = [f for f in ("source", "checked_on", "approver", "review_by") if getattr(self, f) is None]
            if missing:
                raise ValueError(
                    f"decision {self.id} has a value but no {', '.join(missing)}. Mend: add them, or mark it undecided"
                )
        return self


class PeriodDecision(_Decision):
    kind: Literal["period"]
    value: Months | None = None


class ChoiceDecision(_Decision):
    kind: Literal["choice"]
    options: tuple[str, ...] = Field(min_length=2)
    value: str | None = None

    @model_validator(mode="after")
    def _known_option(self) -> ChoiceDecision:
        if self.value is not None and self.value not in self.options:
            raise ValueError(f"{self.value!r} is none of {', '.join(self.options)}. Mend: choose one of them")
        return self


class DateDecision(_Decision):
    """A date until which something holds, such as an interest assessment."""

    kind: Literal["date"]
    value: dt.date | None = None


class DayOfYearDecision(_Decision):
    """A day of every year as MM-DD, such as the close of the financial year."""

    kind: Literal["day_of_year"]
    value: str | None = Field(default=None, pattern=r"^\d\d-\d\d$")

    @model_validator(mode="after")
    def _every_year_has_it(self) -> DayOfYearDecision:
        if self.value is not None:
            try:
                dt.date.fromisoformat(f"2023-{self.value}")
            except ValueError:
                raise ValueError(f"{self.value} is not a day that every year has. Mend: write MM-DD, such as 12-31") from None
        return self


class ElementsDecision(_Decision):
    """Data elements a legal obligation covers."""

    kind: Literal["elements"]
    value: tuple[Identifier, ...] | None = Field(default=None, min_length=1)


class CountDecision(_Decision):
    kind: Literal["count"]
    value: int | None = Field(default=None, ge=1, le=1_000_000)


class TextDecision(_Decision):
    """An organisational fact: the hosting country, a provider's name."""

    kind: Literal["text"]
    value: str | None = Field(default=None, min_length=1)


Decision = Annotated[
    PeriodDecision | ChoiceDecision | DateDecision | DayOfYearDecision | ElementsDecision | CountDecision | TextDecision,
    Field(discriminator="kind"),
]


class Limits(Declared):
    """Operational limits of a night. They can stop a run; they can never make a record due."""

    candidate_share: float = Field(gt=0, le=1)  # of a population; more than that only goes with a person's approval
    candidate_floor: int = Field(ge=0)  # below this many candidates the share says nothing
    candidate_count: int | None = Field(default=None, ge=1)  # of a population; likewise
    quarantine_share: float = Field(ge=0, le=1)  # of a population; more unreadable rows than that stop the night
    fact_age_days: int = Field(ge=0, le=31)  # facts of data subjects older than that keep the row
    batch_rows: int = Field(ge=1, le=1_000_000)  # of a batch at most, whatever the store's pace says
    tombstone_days: int = Field(default=90, ge=0)  # how long after a subject is gone a backup with its rows may be restored
    idle_nights: int = Field(default=30, ge=2)  # a population never disposed of in so many nights is an alarm


ApprovalReason = Literal["declaration_changed", "new_population", "candidate_share", "candidate_count", "after_idle"]
APPROVAL_REASONS: tuple[ApprovalReason, ...] = get_args(ApprovalReason)
LIMIT_REASONS: tuple[ApprovalReason, ...] = ("candidate_share", "candidate_count")  # needed whatever is declared
Login = Annotated[str, StringConstraints(min_length=1, max_length=120)]


class Approval(Declared):
    """When a person must look before anything is disposed of, and who may approve. What is not declared is needed."""

    needed_for: tuple[ApprovalReason, ...] = APPROVAL_REASONS  # a limit that is passed is always a reason
    two_persons: bool = True  # the approver is neither who started the run nor in `changed_by`
    approvers: tuple[Login, ...] | None = Field(default=None, min_length=1)  # None: whoever may answer at all
    changed_by: tuple[Login, ...] = ()  # who wrote this declaration
    timeout_hours: float = Field(default=20, gt=0, le=168)  # no answer by then is a refusal

    @model_validator(mode="after")
    def _somebody_is_left(self) -> Approval:
        if self.two_persons and self.approvers and {*map(same_login, self.approvers)} <= {*map(same_login, self.changed_by)}:
            raise ValueError(
                "every approver is named in `changed_by`, so nobody could approve. "
                "Mend: name an approver who did not change the declaration"
            )
        return self


def same_login(login: str) -> str:
    """A login as it is compared: without regard to case, to white space around it, or to how its letters are encoded."""
    return unicodedata.normalize("NFKC", login).strip().casefold()


class Decisions(Declared):
    """One decision set: `ropa/declarations/decisions/<set>.yaml`."""

    set: Identifier
    title: Text
    example: bool
    limits: Limits
    approval: Approval = Field(default_factory=Approval)
    decisions: tuple[Decision, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Decisions:
        seen: set[str] = set()
        for decision in self.decisions:
            if decision.id in seen:
                raise ValueError(f"decision {decision.id} stands twice. Mend: keep one")
            seen.add(decision.id)
        return self

    def get(self, decision_id: str) -> Decision | None:
        """The decision of that id, or None where the set does not mention it (which counts as undecided)."""
        return next((d for d in self.decisions if d.id == decision_id), None)
