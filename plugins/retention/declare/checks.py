"""Declarations checked against each other: a rule's citations, decisions, kinds and anchors; a store's kinds and elements."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from retention.declare.decisions import Decision, Decisions
from retention.declare.mapped import MappedStore
from retention.declare.policy import Policy
from retention.declare.rules import Elapsed, Floor, FromDecision, Relationship, Rule, Rules
from retention.declare.source import Source

_EXPECTED_KIND = {
    "anchor_decision": "choice",
    "period": "period",
    "maximum": "period",
    "assessment": "date",
    "smallest_cell": "count",
    "elements": "elements",
    "from_year_close": "day_of_year",
}


def check_rules(rules: Rules, source: Source, policy: Policy, decisions: Decisions) -> None:
    """Raises DeclarationError for the first name in a rule that nothing stands behind."""
    for index, rule in enumerate(rules.rules):
        at = ("rules", index)
        for field, kind in _EXPECTED_KIND.items():
            _check_decision(getattr(rule, field, None), kind, decisions, source, (*at, field))
        for field, name, mend in _unknown_names(rule, rules, policy, decisions):
            raise source.error(f"rule {rule.id} names {name!r}, which is not declared", at=(*at, field), mend=mend)


def _unknown_names(rule: Rule, rules: Rules, policy: Policy, decisions: Decisions) -> Iterator[tuple[str, str, str]]:
    """Field, name and mend for every name of a rule that is not declared."""
    elements = policy.elements()
    named = () if isinstance(rule, Floor) else getattr(rule, "elements", ())
    for field, names, known, mend in (
        ("cites", rule.cites, policy.statement, "cite a statement of policy.yaml by its id"),
        ("scope", (*rule.scope.kinds, *rule.scope.except_kinds), rules.kinds.get, "add it under `kinds` or correct the name"),
        ("elements", named, elements.get, "declare the element in policy.yaml or correct the name"),
        ("anchor", _anchor_names(rule, decisions), rules.anchors.get, "add it under `anchors` or correct the name"),
    ):
        for name in names:
            if known(name) is None:
                yield field, name, mend


def _check_decision(value: Any, kind: str, decisions: Decisions, source: Source, at: tuple[int | str, ...]) -> None:
    decision_id = value.decision if isinstance(value, FromDecision) else value if kind == "choice" else None
    if not isinstance(decision_id, str):
        return
    found = decisions.get(decision_id)
    if found is not None and found.kind != kind:
        raise source.error(
            f"decision {decision_id} is a {found.kind}, where a {kind} is needed", at=at, mend=f"name a decision of kind {kind}"
        )


def _anchor_names(rule: Rule, decisions: Decisions) -> tuple[str, ...]:
    """Every anchor the rule may need under these decisions."""
    if isinstance(rule, Relationship):
        return ("relationship_end",)
    names: list[str] = []
    if isinstance(rule, Elapsed):
        if rule.anchor_decision:
            chosen: Decision | None = decisions.get(rule.anchor_decision)
            value = getattr(chosen, "value", None)
            names += [value] if value else []
        if rule.open_until:
            names.append(rule.open_until)
    if rule.anchor if not isinstance(rule, Relationship) else None:
        names.append(str(rule.anchor))
    return tuple(names)


def check_store(store: MappedStore, rules: Rules, policy: Policy) -> None:
    elements = policy.elements()
    for index, population in enumerate(store.declared.populations):
        at = ("populations", index)
        if population.kind not in rules.kinds:
            raise store.source.error(
                f"population {population.name} is of kind {population.kind!r}, which no rule knows",
                at=(*at, "kind"),
                mend="use a kind of retention.yaml, or add it there",
            )
        for name, column in population.columns.items():
            if column.element not in elements:
                raise store.source.error(
                    f"column {population.table}.{name} holds {column.element!r}, an element that policy.yaml does not declare",
                    at=(*at, "columns", name),
                    mend="declare the element in policy.yaml or correct the name",
                )
        subject_columns = [
            n for n, c in population.columns.items() if c.element in ("email", "name", "telephone", "subscription_email")
        ]
        if population.key in subject_columns:
            raise store.source.error(
                f"the key {population.key} of population {population.name} holds contact data",
                at=(*at, "key"),
                mend="use a surrogate key: keys appear in work lists",
            )


def check_publisher(stores: dict[str, MappedStore]) -> None:
    publishers = [s for s in stores.values() if any(p.role for p in s.declared.populations)]
    if len(publishers) > 1:
        names = ", ".join(store.name for store in publishers)
        raise publishers[1].source.error(
            f"several stores publish facts of data subjects: {names}",
            at=("populations",),
            mend="give `role` to populations of one store only: which of two is right must not be guessed",
        )
    for store in publishers:
        for role in ("subject", "contract", "trial"):
            count = sum(p.role == role for p in store.declared.populations)
            if count != 1:
                raise store.source.error(
                    f"{count} populations have the role {role!r}",
                    at=("populations",),
                    mend="exactly one population of the store must have it",
                )
