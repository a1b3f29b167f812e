"""What every part of the making needs: the declaration, what the nights left, the day, how declared things are named."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from retention.declare.bundle import Bundle
from retention.declare.decisions import DateDecision, Decision, ElementsDecision, PeriodDecision
from retention.declare.policy import NOT_STATED
from retention.declare.policy import Statement as Stated
from retention.declare.words import CATEGORIES, Cite, Text, period_text
from retention.evidence.figures import LastNight
from retention.evidence.records import Disposed
from ropa.register.model import Citation, Named, Names, Statement
from ropa.register.phrases import Phrases, joined, same


@dataclass(frozen=True)
class Spans:
    """What has been disposed of, by store, population, rule and action, over the spans the register speaks of."""

    days_30: tuple[Disposed, ...]
    months_12: tuple[Disposed, ...]


@dataclass(frozen=True)
class Making:
    """One register in the making."""

    bundle: Bundle
    nights: Mapping[str, LastNight]
    spans: Spans | None  # None: there is no evidence
    as_of: dt.date
    say: Phrases

    # naming declared things

    def named(self, name: str, titles: Mapping[str, Text]) -> Named:
        return Named(id=name, title=titles[name])

    def names(self, wanted: Iterable[str] | str, titles: Mapping[str, Text]) -> Names:
        """What a field of the declaration names; of `all`, everything there is."""
        if wanted == NOT_STATED:
            return Names(kind="not_stated")
        if isinstance(wanted, str):
            return Names(kind="all", items=tuple(Named(id=name, title=title) for name, title in titles.items()))
        return Names(kind="named", items=tuple(self.named(name, titles) for name in wanted))

    def categories(self, wanted: tuple[str, ...] | str) -> Names:
        """Categories of data; all four of them as `all`."""
        every = isinstance(wanted, tuple) and set(wanted) == set(CATEGORIES)
        return self.names("all" if every else wanted, self.category_titles)

    @cached_property
    def category_titles(self) -> dict[str, Text]:
        return {category.id: category.title for category in self.bundle.policy.categories}

    @cached_property
    def statement_titles(self) -> dict[str, Text]:
        return {statement.id: statement.title for statement in self.bundle.policy.statements()}

    @cached_property
    def recipient_titles(self) -> dict[str, Text]:
        return {recipient.id: recipient.title for recipient in self.bundle.policy.recipients}

    @cached_property
    def gap_titles(self) -> dict[str, Text]:
        return {gap.id: gap.title for gap in self.bundle.policy.gaps}

    @cached_property
    def measure_titles(self) -> dict[str, Text]:
        return {measure.id: measure.title for measure in self.bundle.policy.security}

    def store(self, name: str) -> Named:
        return Named(id=name, title=self.bundle.store(name).declared.title)

    def anchor(self, name: str) -> Text:
        return self.bundle.rules.anchors.get(name) or same(name)

    def elements(self, names: Iterable[str]) -> Text:
        titles = self.bundle.policy.elements()
        return joined(titles.get(name) or same(name) for name in names)

    # decisions in words

    def decided(self, decision: Decision) -> Text:
        """A decision's value in words."""
        value = decision.value
        assert value is not None
        if isinstance(decision, PeriodDecision) and decision.value is not None:
            return in_months(decision.value)
        if isinstance(decision, DateDecision) and decision.value is not None:
            return self.say("until", date=decision.value)
        if isinstance(decision, ElementsDecision) and decision.value is not None:
            return self.elements(decision.value)
        if decision.kind == "day_of_year":
            return day_of_year(str(value))
        if value in ("yes", "no"):
            return self.say(str(value))
        return self.anchor(value) if isinstance(value, str) else same(str(value))

    def review_due(self, decision: Decision) -> bool:
        return decision.review_by is not None and decision.review_by < self.as_of


def in_months(months: int) -> Text:
    """`25 mois`, `25 months`."""
    return Text(fr=period_text(months, "fr"), en=period_text(months, "en"))


def day_of_year(month_day: str) -> Text:
    """MM-DD as `31/12`, `31 December`."""
    month, day = month_day.split("-")
    return Text(fr=f"{day}/{month}", en=dt.date(2023, int(month), int(day)).strftime("%d %B").lstrip("0"))


def citations(cites: Iterable[Cite]) -> tuple[Citation, ...]:
    return tuple(Citation(lines=cite.label, quote=cite.quote) for cite in cites)


def statement(stated: Stated) -> Statement:
    """Something the policy states, as the register carries it."""
    return Statement(
        id=stated.id, title=stated.title, detail=stated.detail, lines=stated.lines, citations=citations(stated.cites)
    )
