"""Everything that is declared, read together, checked against itself, and named by one hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel

from retention.declare.activities import Activities, ProcessorRegister
from retention.declare.decisions import Decision, Decisions
from retention.declare.policy import Policy, load_policy
from retention.declare.rules import Elapsed, Floor, FromDecision, LegitimateInterest, Relationship, Rule, Rules
from retention.declare.source import Source
from retention.declare.stores import Population, Store
from retention.errors import DeclarationError

FACT_ANCHORS = ("trial_start", "trial_end", "relationship_end")


@dataclass(frozen=True)
class MappedStore:
    """A store's declaration with the text of its population queries."""

    declared: Store
    folder: Path
    queries: dict[str, str]  # population name -> SQL text
    source: Source

    @property
    def name(self) -> str:
        return self.declared.store

    def query_path(self, population: Population) -> Path:
        return self.folder / population.query

    def error(self, population: str, message: str, mend: str) -> DeclarationError:
        """A declaration error at a population's entry in store.yaml."""
        for index, declared in enumerate(self.declared.populations):
            if declared.name == population:
                return self.source.error(message, at=("populations", index), mend=mend)
        return self.source.error(message, mend=mend)


@dataclass(frozen=True)
class Bundle:
    """One declaration: policy, decisions, rules, activities and stores."""

    policy: Policy
    decisions: Decisions
    rules: Rules
    activities: Activities
    processor: ProcessorRegister
    stores: dict[str, MappedStore]
    hashes: dict[str, str]  # of each part, for whoever asks what changed

    @property
    def policy_hash(self) -> str:
        """SHA-256 over everything that can change what is disposed of."""
        return _digest(self.hashes)

    def store(self, name: str) -> MappedStore:
        if name not in self.stores:
            raise DeclarationError(f"no store is called {name!r}", mend=f"choose one of: {', '.join(self.stores)}")
        return self.stores[name]

    def publisher(self) -> MappedStore | None:
        """The store whose populations publish facts of data subjects."""
        return next((s for s in self.stores.values() if any(p.role for p in s.declared.populations)), None)


def load_bundle(declarations: Path, stores: Path, decision_set: str) -> Bundle:
    """Reads and cross-checks everything declared.

    Raises DeclarationError, with file, line and mend, for the first thing that is wrong.
    """
    policy = load_policy(declarations / "policy.yaml")
    rules_source = Source(declarations / "retention.yaml")
    rules = rules_source.parse(Rules)
    decisions_path = declarations / "decisions" / f"{decision_set}.yaml"
    if not decisions_path.exists():
        known = ", ".join(sorted(path.stem for path in decisions_path.parent.glob("*.yaml")))
        raise DeclarationError(f"no decision set is called {decision_set!r}", file=decisions_path, mend=f"choose one of: {known}")
    decisions = Source(decisions_path).parse(Decisions)
    activities = Source(declarations / "activities.yaml").parse(Activities)
    processor = Source(declarations / "processor.yaml").parse(ProcessorRegister)
    mapped = {store.name: store for store in (_map_store(path) for path in sorted(stores.glob("*/store.yaml")))}
    if not mapped:
        raise DeclarationError("no store is mapped", file=stores, mend="add <store>/store.yaml and its queries")
    _check_rules(rules, rules_source, policy, decisions)
    for store in mapped.values():
        _check_store(store, rules, policy)
    _check_publisher(mapped)
    hashes = {
        "policy": policy.sha256,
        "policy_facts": _digest(policy),
        "decisions": _digest(decisions),
        "rules": _digest(rules),
        **{
            f"store:{name}": _digest({"declared": store.declared.model_dump(mode="json"), "queries": store.queries})
            for name, store in mapped.items()
        },
    }
    return Bundle(policy, decisions, rules, activities, processor, mapped, hashes)


def _digest(value: BaseModel | dict[str, Any]) -> str:
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _map_store(path: Path) -> MappedStore:
    source = Source(path)
    declared = source.parse(Store)
    if declared.store != path.parent.name:
        raise source.error(f"the store is called {declared.store!r} but lies in folder {path.parent.name!r}", at=("store",),
                           mend="give both the same name")
    try:
        ZoneInfo(declared.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        raise source.error(f"time zone {declared.timezone!r} is unknown", at=("timezone",),
                           mend="use an IANA name such as UTC or Europe/Paris") from None
    queries = {}
    for index, population in enumerate(declared.populations):
        file = path.parent / population.query
        if not file.is_file():
            raise source.error(f"population {population.name}: {population.query} does not exist beside store.yaml",
                               at=("populations", index, "query"), mend="add the file or correct its name")
        queries[population.name] = file.read_text(encoding="utf-8")
    return MappedStore(declared, path.parent, queries, source)


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


_EXPECTED_KIND = {
    "anchor_decision": "choice", "period": "period", "maximum": "period", "assessment": "date",
    "smallest_cell": "count", "elements": "elements", "from_year_close": "day_of_year",
}


def _check_rules(rules: Rules, source: Source, policy: Policy, decisions: Decisions) -> None:
    elements = policy.elements()
    for index, rule in enumerate(rules.rules):
        at = ("rules", index)
        for cited in rule.cites:
            if policy.statement(cited) is None:
                raise source.error(f"rule {rule.id} cites {cited!r}, which policy.yaml does not state", at=(*at, "cites"),
                                   mend="cite a statement of policy.yaml by its id")
        for field, kind in _EXPECTED_KIND.items():
            _check_decision(getattr(rule, field, None), kind, decisions, source, (*at, field))
        for kind in (*rule.scope.kinds, *rule.scope.except_kinds):
            if kind not in rules.kinds:
                raise source.error(f"rule {rule.id} names the kind {kind!r}, which is not declared", at=(*at, "scope"),
                                   mend="add it under `kinds` or correct the name")
        for element in getattr(rule, "elements", ()) if not isinstance(rule, Floor) else ():
            if element not in elements:
                raise source.error(f"rule {rule.id} names the data element {element!r}, which policy.yaml does not declare",
                                   at=(*at, "elements"), mend="correct the name")
        for anchor in _anchor_names(rule, decisions):
            if anchor not in rules.anchors:
                raise source.error(f"rule {rule.id} runs from {anchor!r}, which is not declared", at=at,
                                   mend="add it under `anchors` or correct the name")


def _check_decision(value: Any, kind: str, decisions: Decisions, source: Source, at: tuple[int | str, ...]) -> None:
    decision_id = value.decision if isinstance(value, FromDecision) else value if kind == "choice" else None
    if not isinstance(decision_id, str):
        return
    found = decisions.get(decision_id)
    if found is not None and found.kind != kind:
        raise source.error(f"decision {decision_id} is a {found.kind}, where a {kind} is needed", at=at,
                           mend=f"name a decision of kind {kind}")


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


def _check_store(store: MappedStore, rules: Rules, policy: Policy) -> None:
    elements = policy.elements()
    for index, population in enumerate(store.declared.populations):
        at = ("populations", index)
        if population.kind not in rules.kinds:
            raise store.source.error(f"population {population.name} is of kind {population.kind!r}, which no rule knows",
                                     at=(*at, "kind"), mend="use a kind of retention.yaml, or add it there")
        for name, column in population.columns.items():
            if column.element not in elements:
                raise store.source.error(
                    f"column {population.table}.{name} holds the data element {column.element!r}, which policy.yaml does not declare",
                    at=(*at, "columns", name), mend="declare the element in policy.yaml or correct the name")
        subject_columns = [n for n, c in population.columns.items() if c.element in ("email", "name", "telephone", "subscription_email")]
        if population.key in subject_columns:
            raise store.source.error(f"the key {population.key} of population {population.name} holds contact data",
                                     at=(*at, "key"), mend="use a surrogate key: keys appear in work lists")


def _check_publisher(stores: dict[str, MappedStore]) -> None:
    publishers = [s for s in stores.values() if any(p.role for p in s.declared.populations)]
    if len(publishers) > 1:
        names = ", ".join(store.name for store in publishers)
        raise publishers[1].source.error(f"several stores publish facts of data subjects: {names}", at=("populations",),
                                         mend="give `role` to populations of one store only: which of two is right must not be guessed")
    for store in publishers:
        for role in ("subject", "contract", "trial"):
            count = sum(p.role == role for p in store.declared.populations)
            if count != 1:
                raise store.source.error(f"{count} populations have the role {role!r}", at=("populations",),
                                         mend="exactly one population of the store must have it")
