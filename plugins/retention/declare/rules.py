"""Retention rules: criteria as data. What a rule means is in `docs/design/overview.md`."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from retention.declare.source import Declared
from retention.declare.words import Action, Category, Identifier, Months, Standing, Text


class Scope(Declared):
    """Which rows a rule is about; an empty tuple means all."""

    categories: tuple[Category, ...] = Field(min_length=1)
    kinds: tuple[Identifier, ...] = ()
    except_kinds: tuple[Identifier, ...] = ()
    standings: tuple[Standing, ...] = ()
    states: tuple[Identifier, ...] = ()


class FromPolicy(Declared):
    """A period the policy itself states: statement id in policy.yaml and the value."""

    policy: Identifier
    value: Months


class FromDecision(Declared):
    """A value the operator owes."""

    decision: Identifier


Period = FromPolicy | FromDecision


class _Rule(Declared):
    id: Identifier
    title: Text
    scope: Scope
    cites: tuple[Identifier, ...] = ()  # ids of statements in policy.yaml on which the rule rests
    law: str | None = None  # a legal source outside the policy
    action: Action = Action.DELETE

    @model_validator(mode="after")
    def _rests_on_something(self) -> _Rule:
        if not self.cites and self.law is None:
            raise ValueError(f"rule {self.id} rests on nothing. Mend: cite a statement of the policy or name the law")
        return self


class Elapsed(_Rule):
    """Due when the period from the anchor has run out. With `elements` it concerns those columns only."""

    criterion: Literal["elapsed"]
    anchor: Identifier | None = None
    anchor_decision: Identifier | None = None  # a choice decision whose value names the anchor
    period: Period
    open_until: Identifier | None = None  # while this anchor is absent or ahead the matter is open: kept and flagged
    ceiling: bool = False  # once reached it outweighs other rules' reasons to keep (never a floor or a hold)
    elements: tuple[Identifier, ...] = ()

    @model_validator(mode="after")
    def _one_anchor(self) -> Elapsed:
        if (self.anchor is None) == (self.anchor_decision is None):
            raise ValueError(f"rule {self.id} needs one anchor. Mend: give `anchor` or `anchor_decision`, not both")
        if bool(self.elements) != (self.action is Action.ANONYMISE):
            raise ValueError(
                f"rule {self.id}: `elements` go with `action: anonymise`, and only with it. Mend: give both or neither"
            )
        return self


class Relationship(_Rule):
    """Kept while any contract of the subject is live; due when the period from the latest end has run out."""

    criterion: Literal["relationship"]
    period: Period


class LegitimateInterest(_Rule):
    """Kept while the dated assessment holds, at most for the period from the anchor."""

    criterion: Literal["legitimate_interest"]
    anchor: Identifier
    maximum: Period
    assessment: FromDecision
    elements: tuple[Identifier, ...] = ()  # what `anonymise` blanks
    smallest_cell: FromDecision | None = None  # below this many alike, an anonymised row is deleted instead


class Floor(_Rule):
    """A legal obligation to keep named elements for a period; the rest of the row goes when nothing else keeps it."""

    criterion: Literal["floor"]
    anchor: Identifier
    period: Period
    elements: FromDecision
    from_year_close: FromDecision | None = None  # the period runs from the close of the financial year of the anchor
    action: Literal[Action.MINIMISE] = Action.MINIMISE


Rule = Annotated[Elapsed | Relationship | LegitimateInterest | Floor, Field(discriminator="criterion")]


class HoldKind(Declared):
    """A ground for freezing rows, with what it yields to."""

    id: Literal["legal_claim", "restriction", "legal_obligation", "vital_interests", "insurance"]
    title: Text
    cites: tuple[Identifier, ...]
    yields_to_erasure: bool


class Rules(Declared):
    """`ropa/declarations/retention.yaml`."""

    kinds: dict[Identifier, Text]
    anchors: dict[Identifier, Text]
    rules: tuple[Rule, ...] = Field(min_length=1)
    holds: tuple[HoldKind, ...] = Field(min_length=5, max_length=5)
    erasure: Text
    erasure_cites: tuple[Identifier, ...]

    @model_validator(mode="after")
    def _each_once(self) -> Rules:
        seen: set[str] = set()
        for rule in self.rules:
            if rule.id in seen:
                raise ValueError(f"rule {rule.id} stands twice. Mend: keep one")
            seen.add(rule.id)
        if len({hold.id for hold in self.holds}) != len(self.holds):
            raise ValueError("a hold kind stands twice. Mend: keep one of each")
        return self


def decision_ids(rule: Rule) -> tuple[str, ...]:
    """The decisions a rule waits for."""
    found: list[str] = []
    if isinstance(rule, Elapsed) and rule.anchor_decision:
        found.append(rule.anchor_decision)
    period = rule.maximum if isinstance(rule, LegitimateInterest) else rule.period
    if isinstance(period, FromDecision):
        found.append(period.decision)
    if isinstance(rule, LegitimateInterest):
        found.append(rule.assessment.decision)
        if rule.smallest_cell:
            found.append(rule.smallest_cell.decision)
    if isinstance(rule, Floor):
        found.append(rule.elements.decision)
        if rule.from_year_close:
            found.append(rule.from_year_close.decision)
    return tuple(found)
