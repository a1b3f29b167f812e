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
from retention.declare.words import Text
from ropa.register.making.context import Making, day_of_year, in_months
from ropa.register.phrases import joined


def awaited(making: Making, rule: Rule) -> tuple[str, ...]:
    """The decisions the rule waits for: nobody has taken them, so it disposes of nothing."""
    decisions = making.bundle.decisions
    return tuple(name for name in decision_ids(rule) if not ((found := decisions.get(name)) and found.decided))


def scope(making: Making, rule: Rule) -> tuple[Text, ...]:
    """Which records the rule is about."""
    say, kinds, about = making.say, making.bundle.rules.kinds, rule.scope
    parts = [joined(making.category_titles[category] for category in about.categories)]
    if about.kinds:
        parts.append(say("scope.kinds", names=joined(kinds[kind] for kind in about.kinds)))
    if about.except_kinds:
        parts.append(say("scope.except", names=joined(kinds[kind] for kind in about.except_kinds)))
    if about.standings:
        parts.append(say("scope.standings", names=joined(say(f"standing.{standing}") for standing in about.standings)))
    if about.states:
        parts.append(say("scope.states", names=", ".join(about.states)))
    return tuple(parts)


def criterion(making: Making, rule: Rule) -> Text:
    """How long, in one or two sentences."""
    if isinstance(rule, Relationship):
        return making.say("criterion.relationship", period=_length(making, rule.period))
    if isinstance(rule, LegitimateInterest):
        return _interest(making, rule)
    if isinstance(rule, Floor):
        return _floor(making, rule)
    return _elapsed(making, rule)


def months(making: Making, rule: Rule) -> int | None:
    """The rule's period in calendar months; None while nobody has decided."""
    return _months(making, rule.maximum if isinstance(rule, LegitimateInterest) else rule.period)


def sources(making: Making, rule: Rule) -> tuple[Text, ...]:
    """Where criterion and period come from: the policy's words, the law, and each decision with who took it and when."""
    say, policy = making.say, making.bundle.policy
    cites = [stated.cites[0] for stated in map(policy.statement, rule.cites) if stated]
    quoted = [Text(fr=f"{c.label}\u00a0: «\u00a0{c.quote}\u00a0»", en=f"{c.label}: “{c.quote}”") for c in cites]
    parts = [say("source.policy", citation=each) for each in quoted]
    if rule.law:
        parts.append(say("source.law", law=rule.law))
    return (*parts, *(_decision(making, name) for name in decision_ids(rule)))


def latest_due(making: Making, rule: Rule) -> dt.date | None:
    """The latest starting date that is due on the register's day; None while a decision is missing."""
    period = months(making, rule)
    if period is None or awaited(making, rule):
        return None
    close = _value(making, rule.from_year_close) if isinstance(rule, Floor) and rule.from_year_close else None
    if isinstance(close, str):
        return cutoff_from_year_close(making.as_of, period, close)
    return cutoff(making.as_of, period)


def _elapsed(making: Making, rule: Elapsed) -> Text:
    say = making.say
    if rule.anchor_decision:
        chosen = _value(making, FromDecision(decision=rule.anchor_decision))
        anchor = making.anchor(chosen) if isinstance(chosen, str) else say("criterion.anchor_undecided")
    else:
        anchor = making.anchor(str(rule.anchor))
    parts = [say("criterion.elapsed", period=_length(making, rule.period), anchor=anchor)]
    if rule.open_until:
        parts.append(say("criterion.open_until", anchor=making.anchor(rule.open_until)))
    if rule.ceiling:
        parts.append(say("criterion.ceiling"))
    if rule.elements:
        parts.append(say("criterion.elements", names=making.elements(rule.elements)))
    return joined(parts, " ")


def _interest(making: Making, rule: LegitimateInterest) -> Text:
    say = making.say
    until = _value(making, rule.assessment)
    parts = [
        say(
            "criterion.interest",
            until=until if isinstance(until, dt.date) else say("undecided"),
            period=_length(making, rule.maximum),
            anchor=making.anchor(rule.anchor),
        )
    ]
    if rule.elements:
        parts.append(say("criterion.blanked", names=making.elements(rule.elements)))
    if rule.smallest_cell:
        cell = _value(making, rule.smallest_cell)
        parts.append(say("criterion.cell", count=cell if isinstance(cell, int) else say("undecided")))
    return joined(parts, " ")


def _floor(making: Making, rule: Floor) -> Text:
    say = making.say
    anchor = making.anchor(rule.anchor)
    if rule.from_year_close:
        close = _value(making, rule.from_year_close)
        anchor = say(
            "criterion.year_close", close=day_of_year(close) if isinstance(close, str) else say("undecided"), anchor=anchor
        )
    covered = _value(making, rule.elements)
    names = making.elements(covered) if isinstance(covered, tuple) else say("undecided")
    return say("criterion.floor", period=_length(making, rule.period), anchor=anchor, names=names)


def _decision(making: Making, name: str) -> Text:
    say, found = making.say, making.bundle.decisions.get(name)
    if found is None:
        return say("source.absent", id=name)
    if found.undecided is not None:
        return say("source.undecided", id=name, awaited=found.undecided)
    assert found.source is not None
    assert found.checked_on is not None
    assert found.review_by is not None
    return say(
        "source.decision",
        id=name,
        value=making.decided(found),
        source=found.source,
        approver=found.approver or "",
        date=found.checked_on,
        review=found.review_by,
    )


def _length(making: Making, wanted: Period) -> Text:
    found = _months(making, wanted)
    return in_months(found) if found is not None else making.say("criterion.period_undecided")


def _months(making: Making, wanted: Period) -> int | None:
    if isinstance(wanted, FromPolicy):
        return wanted.value
    value = _value(making, wanted)
    return value if isinstance(value, int) else None


def _value(making: Making, wanted: FromDecision) -> object:
    found = making.bundle.decisions.get(wanted.decision)
    return found.value if found is not None and found.decided else None
