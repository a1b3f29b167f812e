"""What the operator has decided, and what is still awaited."""

from __future__ import annotations

from retention.declare.decisions import Decision
from retention.declare.rules import decision_ids
from retention.workbook import Area, Column, Field, Marked, Sheet, Value
from ropa.register.context import Register, bullets


def write(register: Register) -> tuple[Sheet, Area]:
    """One line per decision."""
    wanted = fields(register)
    sheet = register.sheet("decisions", [field.column.width for field in wanted])
    return sheet, sheet.records(wanted, register.bundle.decisions.decisions, main=True)


def fields(register: Register) -> tuple[Field[Decision], ...]:
    say = register.say

    def value(decision: Decision) -> Value:
        if decision.decided:
            return register.decided(decision)
        return Marked(say("undecided"), "bad")

    def source(decision: Decision) -> Value:
        text = decision.undecided or decision.source
        return say.of(text) if text else ""

    def review(decision: Decision) -> Value:
        return Marked(decision.review_by, "bad") if register.overdue_for_review(decision) else decision.review_by

    return (
        Field(Column(say("decisions.question"), 38, "strong"), lambda d: say.of(d.question)),
        Field(Column(say("decisions.state"), 12), lambda d: state(register, d)),
        Field(Column(say("decisions.value"), 22), value),
        Field(Column(say("decisions.source"), 38), source),
        Field(Column(say("decisions.approver"), 16), lambda d: d.approver),
        Field(Column(say("decisions.date"), 11, "date"), lambda d: d.checked_on),
        Field(Column(say("decisions.review"), 11, "date"), review),
        Field(Column(say("decisions.waiting"), 24), lambda d: waiting(register, d.id)),
        Field(Column(say("id"), 30, "code"), lambda d: d.id),
    )


def state(register: Register, decision: Decision) -> Value:
    """Decided, undecided, or due for review."""
    if not decision.decided:
        return Marked(register.say("decisions.undecided"), "bad")
    if register.overdue_for_review(decision):
        return Marked(register.say("decisions.review_due"), "bad")
    return Marked(register.say("decisions.decided"), "good")


def waiting(register: Register, decision_id: str) -> str | None:
    """The rules that rest on a decision."""
    rules = [rule for rule in register.bundle.rules.rules if decision_id in decision_ids(rule)]
    return bullets(register.say.of(rule.title) for rule in rules) or None
