"""Which stores are mapped and what an operator should read about each: just enough of the declaration to draw its DAG.

A DAG file is parsed again and again, so nothing is checked here and nothing heavy is imported. A declaration that cannot be
read still gets its DAG: its run then fails with the full reason, and the other stores' DAGs are not harmed.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
Tree = dict[str, Any]


@dataclass(frozen=True)
class StoreCard:
    """A mapped store as its DAG shows it."""

    name: str
    title: str
    publishes: bool  # tells the other stores who is a customer, so it goes first
    rules: str  # Markdown


def store_cards(environment: Mapping[str, str] = os.environ) -> tuple[StoreCard, ...]:
    """One card for every folder that holds a `store.yaml`, in the order of their names."""
    stores = REPOSITORY / environment.get("RETENTION_SQL", "include/sql")
    declarations = REPOSITORY / environment.get("RETENTION_DECLARATIONS", "ropa/declarations")
    rules = _read(declarations / "retention.yaml")
    return tuple(_card(path, rules) for path in sorted(stores.glob("*/store.yaml")))


def _read(path: Path) -> Tree | None:
    """A YAML file by libyaml, ten times faster than the checked reader; None where it cannot be read."""
    try:
        tree = yaml.load(path.read_bytes(), yaml.CSafeLoader)
    except (OSError, yaml.YAMLError):
        return None
    return tree if isinstance(tree, dict) else None


def _card(path: Path, rules: Tree | None) -> StoreCard:
    name, store = path.parent.name, _read(path)
    try:
        populations = (store or {})["populations"]
        return StoreCard(
            name=name,
            title=str((store or {})["title"]["en"]),
            publishes=any(population.get("role") for population in populations),
            rules=_rules_in_words(rules or {}, populations),
        )
    except (KeyError, TypeError, AttributeError):
        return StoreCard(name, name, False, "*The declaration cannot be read. `retention check` says why and how to mend it.*")


def _rules_in_words(rules: Tree, populations: list[Tree]) -> str:
    seen = {(population["category"], population["kind"]) for population in populations}
    lines = [
        f"| `{rule['id']}` | {rule['title']['en']} | {kept(rule, rules['anchors'])} | {rule.get('action', 'delete')} |"
        for rule in rules["rules"]
        if any(_concerns(rule["scope"], category, kind) for category, kind in seen)
    ]
    return "\n".join(["| rule | concerns | kept | then |", "|---|---|---|---|", *lines])


def _concerns(scope: Tree, category: str, kind: str) -> bool:
    kinds = scope.get("kinds")
    return category in scope["categories"] and (not kinds or kind in kinds) and kind not in scope.get("except_kinds", ())


def kept(rule: Tree, anchors: Tree) -> str:
    period = _period(rule.get("period") or rule["maximum"])
    if rule["criterion"] == "relationship":
        return f"while a contract is live, then {period}"
    if "anchor_decision" in rule:
        return f"{period} from the date that decision `{rule['anchor_decision']}` settles"
    since = f"{period} from {anchors[rule['anchor']]['en']}"
    if rule["criterion"] == "legitimate_interest":
        return f"while its assessment (`{rule['assessment']['decision']}`) holds, at most {since}"
    return f"at least {since}" if rule["criterion"] == "floor" else since


def _period(period: Tree) -> str:
    """The policy's own period, or the name of the decision that owes one: its value is the register's to tell."""
    return str(period["value"]) if "value" in period else f"the period of decision `{period['decision']}`"
