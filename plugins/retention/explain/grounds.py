"""What a rule rests on, in words: the policy's lines and quotes, the law, the operator's decisions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from retention.declare.bundle import Bundle
from retention.declare.decisions import Decision
from retention.declare.rules import Rule, decision_ids
from retention.declare.words import Language, period_text
from retention.explain.answer import Clause, Ground


def anchor_title(bundle: Bundle, anchor: str, language: Language) -> str:
    title = bundle.rules.anchors.get(anchor)
    return title.in_(language) if title else anchor


def grounds(bundle: Bundle, rule: Rule, language: Language) -> dict[str, Any]:
    decisions = tuple(_ground(bundle, decision_id, language) for decision_id in decision_ids(rule))
    return {"clauses": clauses(bundle, rule.cites, language), "law": rule.law, "decisions": decisions}


def clauses(bundle: Bundle, cites: Iterable[str], language: Language) -> tuple[Clause, ...]:
    found = []
    for cited in cites:
        statement = bundle.policy.statement(cited)
        if statement is not None:
            quotes = tuple(cite.quote for cite in statement.cites)
            found.append(Clause(cited, statement.title.in_(language), statement.lines, quotes))
    return tuple(found)


def _ground(bundle: Bundle, decision_id: str, language: Language) -> Ground:
    decision = bundle.decisions.get(decision_id)
    if decision is None:
        awaited = f"decision set {bundle.decisions.set} does not mention it"
        return Ground(decision_id, decision_id, None, None, None, None, None, awaited)
    return Ground(
        decision_id,
        decision.question.in_(language),
        _value(bundle, decision, language),
        decision.source.in_(language) if decision.source else None,
        decision.approver,
        decision.checked_on,
        decision.review_by,
        decision.undecided.in_(language) if decision.undecided else None,
    )


def _value(bundle: Bundle, decision: Decision, language: Language) -> str | None:
    if decision.value is None:
        return None
    if decision.kind == "period":
        return period_text(decision.value, language)
    if decision.kind == "choice":
        return anchor_title(bundle, decision.value, language)
    if decision.kind == "elements":
        titles = bundle.policy.elements()
        return ", ".join(titles[element].in_(language) if element in titles else element for element in decision.value)
    return str(decision.value)
