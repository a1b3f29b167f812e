"""A declaration that is not in force yet: what stands in the file, and where it differs from the one that is."""

from __future__ import annotations

import datetime as dt
import difflib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retention.declare.bundle import Bundle, load_bundle
from retention.declare.decisions import Decision, Decisions, PeriodDecision
from retention.declare.rules import decision_ids
from retention.declare.source import Source
from retention.declare.words import Text, period_text
from retention.workspace import Workspace

_UNDECIDED = Text(fr="non décidé", en="undecided")
_ABSENT = Text(fr="absent du jeu : compte comme non décidé", en="not in the set: counts as undecided")


@dataclass(frozen=True)
class Difference:
    """One decision or rule of which two declarations say different things."""

    what: str  # id of the decision or the rule
    title: Text
    before: Text
    after: Text


def proposed(
    workspace: Workspace, bundle: Bundle, *, decisions: str | None, rules: str | None = None, named: bool = False
) -> Bundle:
    """The declaration with another decision set (a name, or a file), other rules (a file), or both.

    `named`: the set is one of those declared, and no path is taken for it. Raises DeclarationError, with file, line and mend,
    for what cannot be read or names what nobody knows.
    """
    name = decisions if decisions is not None else workspace.decision_set
    path = None if named else _file(name)
    other = load_bundle(
        workspace.declarations,
        workspace.sql,
        name,
        decisions_file=path,
        rules_file=Path(rules) if rules is not None else None,
    )
    _check_known(path or workspace.declarations / "decisions" / f"{name}.yaml", bundle, other)
    return other


def called(decisions: str | None) -> str | None:
    """What a set given as a file is to be called: as the file is, in letters that a file name can hold."""
    path = _file(decisions) if decisions is not None else None
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", path.stem) if path is not None else None


def _file(decisions: str) -> Path | None:
    """What was given as a file; None where it is the name of a declared set."""
    path = Path(decisions)
    return path if path.suffix in (".yaml", ".yml") or len(path.parts) > 1 or path.is_file() else None


def _check_known(path: Path, bundle: Bundle, other: Bundle) -> None:
    """Raises DeclarationError for a decision that no rule waits for and the set in force does not mention."""
    known = {decision.id for decision in bundle.decisions.decisions}
    known |= {name for rule in other.rules.rules for name in decision_ids(rule)}
    for number, decision in enumerate(other.decisions.decisions):
        if decision.id not in known:
            near = difflib.get_close_matches(decision.id, sorted(known), n=1)
            raise Source(path).error(
                f"no rule waits for a decision called {decision.id!r}, and the set in force has none of that name",
                at=("decisions", number, "id"),
                mend=f"write `{near[0]}`, if that is meant" if near else "correct its id, or remove it",
            )


def differences(before: Bundle, after: Bundle) -> tuple[Difference, ...]:
    """Every decision and rule that two declarations do not agree on."""
    found = []
    ids = dict.fromkeys(d.id for bundle in (before, after) for d in bundle.decisions.decisions)
    for name in ids:
        old, new = before.decisions.get(name), after.decisions.get(name)
        if _value(old) != _value(new):
            known = new or old
            assert known is not None
            found.append(Difference(name, known.question, _said(old), _said(new)))
    rules = {rule.id: rule for rule in before.rules.rules}
    others = {rule.id: rule for rule in after.rules.rules}
    for name in dict.fromkeys((*rules, *others)):
        if rules.get(name) != others.get(name):
            title = (others.get(name) or rules[name]).title
            found.append(Difference(name, title, _present(name in rules, "before"), _present(name in others, "after")))
    return tuple(found)


def missing(bundle: Bundle) -> tuple[str, ...]:
    """Decisions that a rule waits for and the set does not mention: they count as undecided."""
    decisions: Decisions = bundle.decisions
    names = dict.fromkeys(name for rule in bundle.rules.rules for name in decision_ids(rule))
    return tuple(name for name in names if decisions.get(name) is None)


def _value(decision: Decision | None) -> Any:
    return decision.value if decision is not None else None


def _present(there: bool, when: str) -> Text:
    if not there:
        return Text(fr="absente", en="absent")
    return Text(fr="en vigueur", en="in force") if when == "before" else Text(fr="nouvelle rédaction", en="new wording")


def _said(decision: Decision | None) -> Text:
    if decision is None:
        return _ABSENT
    value = decision.value
    if value is None:
        return _UNDECIDED
    if isinstance(decision, PeriodDecision) and isinstance(value, int):
        return Text(fr=period_text(value, "fr"), en=period_text(value, "en"))
    if isinstance(value, dt.date):
        return Text(fr=f"{value:%d/%m/%Y}", en=f"{value.day} {value:%b %Y}")
    said = ", ".join(value) if isinstance(value, tuple) else str(value)
    return Text(fr=said, en=said)
