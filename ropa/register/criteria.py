"""A retention rule in words: its scope, its criterion, its period, where these come from, and the cutoff they give."""

from __future__ import annotations

import datetime as dt

from retention.dates import cutoff, cutoff_from_year_close
from retention.declare.rules import (
    Elapsed,
    Floor,
    FromDecision,
    FromPolicy,
    LegitimateInterest,
    Period,
    Relationship,
    Rule,
    decision_ids,
)
from retention.declare.words import period_text
from ropa.register.context import Register, bullets


def awaited(register: Register, rule: Rule) -> tuple[str, ...]:
    """The decisions the rule waits for: nobody has taken them, so it disposes of nothing."""
    decisions = register.bundle.decisions
    return tuple(name for name in decision_ids(rule) if not ((found := decisions.get(name)) and found.decided))


def scope(register: Register, rule: Rule) -> str:
    """Which records the rule is about."""
    say, kinds, about = register.say, register.bundle.rules.kinds, rule.scope
    titles = register.category_titles
    parts = [", ".join(say.of(titles[category]) for category in about.categories)]
    if about.kinds:
        parts.append(say("scope.kinds", names=", ".join(say.of(kinds[kind]) for kind in about.kinds)))
    if about.except_kinds:
        parts.append(say("scope.except", names=", ".join(say.of(kinds[kind]) for kind in about.except_kinds)))
    if about.standings:
        parts.append(say("scope.standings", names=", ".join(say(f"standing.{standing}") for standing in about.standings)))
    if about.states:
        parts.append(say("scope.states", names=", ".join(about.states)))
    return bullets(parts)


def criterion(register: Register, rule: Rule) -> str:
    """How long, in one or two sentences."""
    if isinstance(rule, Relationship):
        return register.say("criterion.relationship", period=_length(register, rule.period))
    if isinstance(rule, LegitimateInterest):
        return _interest(register, rule)
    if isinstance(rule, Floor):
        return _floor(register, rule)
    return _elapsed(register, rule)


def period(register: Register, rule: Rule) -> str:
    """`25 mois`, or that nobody has decided."""
    months = _months(register, _period_of(rule))
    return period_text(months, register.language) if months is not None else register.say("undecided")


def source(register: Register, rule: Rule) -> str:
    """Where criterion and period come from: the policy's words, the law, and each decision with who took it and when."""
    say, policy = register.say, register.bundle.policy
    parts = [
        say("source.policy", citation=register.citation(statement.cites[:1]))
        for statement in map(policy.statement, rule.cites)
        if statement
    ]
    if rule.law:
        parts.append(say("source.law", law=rule.law))
    parts += [_decision(register, name) for name in decision_ids(rule)]
    return bullets(parts)


def latest_due(register: Register, rule: Rule) -> dt.date | None:
    """The latest starting date that is due on the register's day; None while a decision is missing."""
    months = _months(register, _period_of(rule))
    if months is None or awaited(register, rule):
        return None
    close = _value(register, rule.from_year_close) if isinstance(rule, Floor) and rule.from_year_close else None
    if isinstance(close, str):
        return cutoff_from_year_close(register.as_of, months, close)
    return cutoff(register.as_of, months)


def _elapsed(register: Register, rule: Elapsed) -> str:
    say = register.say
    if rule.anchor_decision:
        chosen = _value(register, FromDecision(decision=rule.anchor_decision))
        anchor = register.anchor(chosen) if isinstance(chosen, str) else say("criterion.anchor_undecided")
    else:
        anchor = register.anchor(str(rule.anchor))
    parts = [say("criterion.elapsed", period=_length(register, rule.period), anchor=anchor)]
    if rule.open_until:
        parts.append(say("criterion.open_until", anchor=register.anchor(rule.open_until)))
    if rule.ceiling:
        parts.append(say("criterion.ceiling"))
    if rule.elements:
        parts.append(say("criterion.elements", names=_elements(register, rule.elements)))
    return " ".join(parts)


def _interest(register: Register, rule: LegitimateInterest) -> str:
    say = register.say
    until = _value(register, rule.assessment)
    parts = [
        say(
            "criterion.interest",
            until=say.date(until) if isinstance(until, dt.date) else say("undecided"),
            period=_length(register, rule.maximum),
            anchor=register.anchor(rule.anchor),
        )
    ]
    if rule.elements:
        parts.append(say("criterion.blanked", names=_elements(register, rule.elements)))
    if rule.smallest_cell:
        cell = _value(register, rule.smallest_cell)
        parts.append(say("criterion.cell", count=cell if cell is not None else say("undecided")))
    return " ".join(parts)


def _floor(register: Register, rule: Floor) -> str:
    say = register.say
    anchor = register.anchor(rule.anchor)
    if rule.from_year_close:
        close = _value(register, rule.from_year_close)
        anchor = say(
            "criterion.year_close",
            close=register.day_of_year(close) if isinstance(close, str) else say("undecided"),
            anchor=anchor,
        )
    covered = _value(register, rule.elements)
    names = _elements(register, covered) if isinstance(covered, tuple) else say("undecided")
    return say("criterion.floor", period=_length(register, rule.period), anchor=anchor, names=names)


def _decision(register: Register, name: str) -> str:
    say, found = register.say, register.bundle.decisions.get(name)
    if found is None:
        return say("source.absent", id=name)
    if not found.decided:
        return say("source.undecided", id=name, awaited=say.of(found.undecided) if found.undecided else "")
    assert found.checked_on is not None
    assert found.review_by is not None
    return say(
        "source.decision",
        id=name,
        value=register.decided(found),
        source=say.of(found.source) if found.source else "",
        approver=found.approver,
        date=say.date(found.checked_on),
        review=say.date(found.review_by),
    )


def _period_of(rule: Rule) -> Period:
    return rule.maximum if isinstance(rule, LegitimateInterest) else rule.period


def _length(register: Register, wanted: Period) -> str:
    months = _months(register, wanted)
    return period_text(months, register.language) if months is not None else register.say("criterion.period_undecided")


def _months(register: Register, wanted: Period) -> int | None:
    if isinstance(wanted, FromPolicy):
        return wanted.value
    value = _value(register, wanted)
    return value if isinstance(value, int) else None


def _value(register: Register, wanted: FromDecision) -> object:
    found = register.bundle.decisions.get(wanted.decision)
    return found.value if found is not None and found.decided else None


def _elements(register: Register, names: tuple[str, ...]) -> str:
    titles = register.bundle.policy.elements()
    return ", ".join(register.say.of(titles[name]) if name in titles else name for name in names)
