"""Everything that is declared, read together, checked against itself, and named by one hash."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from retention.declare.activities import Activities, ProcessorRegister, load_activities, load_processor
from retention.declare.archives import check_archives
from retention.declare.checks import check_publisher, check_rules, check_store
from retention.declare.decisions import Decisions
from retention.declare.mapped import MappedStore, map_store
from retention.declare.policy import Policy, load_policy
from retention.declare.rules import Rules
from retention.declare.source import Source
from retention.errors import DeclarationError


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


def load_bundle(
    declarations: Path,
    stores: Path,
    decision_set: str,
    *,
    decisions_file: Path | None = None,
    rules_file: Path | None = None,
) -> Bundle:
    """Reads and cross-checks everything declared.

    `decisions_file` and `rules_file` stand in for the decision set and for retention.yaml: a draft, wherever it lies.
    Raises DeclarationError, with file, line and mend, for the first thing that is wrong.
    """
    policy = load_policy(declarations / "policy.yaml")
    rules_source = Source(rules_file or declarations / "retention.yaml")
    rules = rules_source.parse(Rules)
    decisions = Source(decisions_file).parse(Decisions) if decisions_file else _decision_set(declarations, decision_set)
    activities = load_activities(declarations / "activities.yaml", policy, rules)
    processor = load_processor(declarations / "processor.yaml", policy)
    mapped = {store.name: store for store in (map_store(path) for path in sorted(stores.glob("*/store.yaml")))}
    if not mapped:
        raise DeclarationError("no store is mapped", file=stores, mend="add <store>/store.yaml and its queries")
    check_rules(rules, rules_source, policy, decisions)
    for store in mapped.values():
        check_store(store, rules, policy)
        check_archives(store, rules, decisions)
    check_publisher(mapped)
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


def _decision_set(declarations: Path, name: str) -> Decisions:
    """The set of that name, from the file of that name."""
    path = declarations / "decisions" / f"{name}.yaml"
    if not path.exists():
        known = ", ".join(sorted(other.stem for other in path.parent.glob("*.yaml")))
        raise DeclarationError(f"no decision set is called {name!r}", file=path, mend=f"choose one of: {known}")
    source = Source(path)
    decisions = source.parse(Decisions)
    if decisions.set != name:
        raise source.error(
            f"the set calls itself {decisions.set!r} but its file is {name}.yaml",
            at=("set",),
            mend="give both the same name",
        )
    return decisions


def _digest(value: BaseModel | dict[str, Any]) -> str:
    plain = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
