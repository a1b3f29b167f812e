"""What the operator has decided, and what is still awaited."""

from __future__ import annotations

from retention.declare.rules import Rule, decision_ids
from ropa.register.making.context import Making
from ropa.register.model import Decision, Named


def decisions(making: Making) -> tuple[Decision, ...]:
    """One for each decision of the set in force."""
    return tuple(
        Decision(
            id=declared.id,
            question=declared.question,
            decided=declared.decided,
            value=making.decided(declared) if declared.decided else None,
            source=declared.source,
            awaited=declared.undecided,
            approver=declared.approver,
            checked_on=declared.checked_on,
            review_by=declared.review_by,
            review_due=making.review_due(declared),
            rules=tuple(Named(id=rule.id, title=rule.title) for rule in resting_on(making, declared.id)),
        )
        for declared in making.bundle.decisions.decisions
    )


def resting_on(making: Making, decision_id: str) -> tuple[Rule, ...]:
    """The rules that rest on a decision."""
    return tuple(rule for rule in making.bundle.rules.rules if decision_id in decision_ids(rule))
