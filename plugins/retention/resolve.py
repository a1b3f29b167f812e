"""Rules × decisions × populations: what is asked of each population on an as-of date.

A `Term` is one rule as it stands for one population: from which anchor, up to which cutoff, waiting for which decision.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from retention import dates
from retention.declare.bundle import Bundle
from retention.declare.decisions import Decisions
from retention.declare.mapped import MappedStore
from retention.declare.rules import (
    Elapsed,
    Floor,
    FromDecision,
    FromPolicy,
    LegitimateInterest,
    Relationship,
    Rule,
    decision_ids,
)
from retention.declare.stores import AnchorType, Population
from retention.declare.words import Action, Standing

FACT_ANCHORS = ("trial_start", "trial_end", "relationship_end")  # known of every subject, whichever store a row lies in


@dataclass(frozen=True)
class Term:
    """One rule as it stands for one population.

    `cutoff` is the latest anchor date that is due; None while a decision in `awaited` is missing.
    """

    rule: Rule
    anchor: str
    anchor_type: AnchorType
    on_fact: bool  # the anchor comes from the subject's facts, not from the row
    awaited: tuple[str, ...] = ()
    months: int | None = None
    cutoff: dt.date | None = None
    lapsed: bool = False  # the interest assessment no longer holds: due whatever the anchor
    holds_until: dt.date | None = None
    year_close: str | None = None
    open_on_fact: bool = False  # `open_until` is read from the subject's facts
    blanked: tuple[str, ...] = ()  # columns that anonymise or minimise blanks
    smallest_cell: int | None = None

    @property
    def id(self) -> str:
        return self.rule.id

    @property
    def open_until(self) -> str | None:
        return self.rule.open_until if isinstance(self.rule, Elapsed) else None

    def cutoff_on(self, as_of: dt.date) -> dt.date | None:
        """The latest anchor date that is due on that date; None while a decision is awaited."""
        return _cutoff(as_of, self.months, self.year_close) if self.months is not None and not self.awaited else None

    def last_day(self, anchor: dt.date) -> dt.date | None:
        """The last day a record with that anchor date may be kept under this rule; None where nobody has decided."""
        if self.months is None or self.awaited:
            return None
        start = dates.year_close(anchor, self.year_close) if self.year_close else anchor
        if start == dates.OPEN_END:
            return None
        last = dates.last_day(start, self.months)
        return min(last, self.holds_until) if self.holds_until else last


@dataclass(frozen=True)
class Asked:
    """Everything asked of one population."""

    store: MappedStore
    population: Population
    whole: tuple[Term, ...]  # rules that keep or release the whole row
    ceilings: tuple[Term, ...]  # rules that release it whatever those say
    floors: tuple[Term, ...]  # rules that keep named fields
    partial: tuple[Term, ...]  # rules over named fields only
    standings: frozenset[Standing]  # those a row of it can have
    is_archive: bool = False  # floors alone keep its rows, whole; when they are over nothing does

    @property
    def terms(self) -> tuple[Term, ...]:
        return (*self.whole, *self.ceilings, *self.floors, *self.partial)

    @property
    def archive(self) -> Population | None:
        """Where rows go that a floor keeps; None where they are minimised in place."""
        archive = self.population.archive
        return self.store.declared.population(archive.population) if archive is not None else None

    @property
    def blanked(self) -> tuple[str, ...]:
        """The columns that are blanked where they stand. A floor whose rows are archived blanks none there."""
        in_place = self.terms if self.archive is None else (*self.whole, *self.ceilings, *self.partial)
        return tuple(sorted({column for term in in_place if not term.awaited for column in term.blanked}))

    @property
    def sql(self) -> str:
        return self.store.queries[self.population.name]

    @property
    def needs_facts(self) -> bool:
        return self.population.subject != "none"


def resolve(bundle: Bundle, store: MappedStore, as_of: dt.date) -> dict[str, Asked]:
    """What is asked of every population of a store. Raises DeclarationError where a rule needs an anchor nobody maps."""
    return {population.name: _ask(bundle, store, population, as_of) for population in store.declared.populations}


def children_first(store: MappedStore) -> tuple[Population, ...]:
    """The store's populations, each after those that go before it. Raises DeclarationError for a cycle."""
    waiting = {population.name: population for population in store.declared.populations}
    ordered: list[Population] = []
    while waiting:
        free = [
            p for p in waiting.values() if not any(before.name in waiting for before in those_before(store, p) if before != p)
        ]
        if not free:
            raise store.error(
                next(iter(waiting)),
                "populations refer to each other in a circle",
                "remove one `parent`: children are disposed of before parents",
            )
        for population in free:
            ordered.append(waiting.pop(population.name))
    return tuple(ordered)


def those_before(store: MappedStore, population: Population) -> tuple[Population, ...]:
    """The populations that are disposed of before this one: what refers to it, and its archive, where keys may come free."""
    archive = population.archive
    archives = () if archive is None else (store.declared.population(archive.population),)
    return (*children_of(store, population), *archives)


def children_of(store: MappedStore, population: Population) -> tuple[Population, ...]:
    """The populations that refer to this one."""
    return tuple(p for p in store.declared.populations if p.parent and p.parent.population == population.name)


def _ask(bundle: Bundle, store: MappedStore, population: Population, as_of: dt.date) -> Asked:
    standings = _possible_standings(population)
    groups: dict[str, tuple[Term, ...]] = {"whole": (), "ceilings": (), "floors": (), "partial": ()}
    for rule in bundle.rules.rules:
        if _can_apply(rule, population, standings):
            groups[_group(rule)] += (_term(bundle, store, population, rule, as_of),)
    archive = store.declared.archived_from(population) is not None
    return Asked(store=store, population=population, standings=standings, is_archive=archive, **groups)


def _group(rule: Rule) -> str:
    if isinstance(rule, Floor):
        return "floors"
    if isinstance(rule, Elapsed) and rule.elements:
        return "partial"
    if isinstance(rule, Elapsed) and rule.ceiling:
        return "ceilings"
    return "whole"


def _possible_standings(population: Population) -> frozenset[Standing]:
    if population.subject == "none":
        return frozenset({Standing.ANONYMOUS})
    usable = set(population.states) - set(population.quarantined_states)
    if usable <= set(population.standing_by_state):
        return frozenset(population.standing_by_state.values())
    known = {Standing.CUSTOMER, Standing.TRIAL, Standing.PROSPECT}
    return frozenset(known | {Standing.ANONYMOUS} if population.subject == "optional" else known)


def _can_apply(rule: Rule, population: Population, standings: frozenset[Standing]) -> bool:
    scope = rule.scope
    return (
        population.category in scope.categories
        and (not scope.kinds or population.kind in scope.kinds)
        and population.kind not in scope.except_kinds
        and (not scope.standings or bool(standings & set(scope.standings)))
        and (not scope.states or bool(set(population.states) & set(scope.states)))
    )


def _value(decisions: Decisions, decision_id: str) -> Any:
    """A decision's value, None where it is undecided or absent."""
    decision = decisions.get(decision_id)
    return getattr(decision, "value", None) if decision is not None and decision.decided else None


def _awaited(decisions: Decisions, rule: Rule) -> tuple[str, ...]:
    return tuple(name for name in decision_ids(rule) if _value(decisions, name) is None)


def _months(decisions: Decisions, rule: Rule) -> int | None:
    period = rule.maximum if isinstance(rule, LegitimateInterest) else rule.period
    if isinstance(period, FromPolicy):
        return period.value
    value: int | None = _value(decisions, period.decision)
    return value


def _anchor_name(decisions: Decisions, rule: Rule) -> str:
    if isinstance(rule, Relationship):
        return "relationship_end"
    if isinstance(rule, Elapsed) and rule.anchor_decision is not None:
        return _value(decisions, rule.anchor_decision) or rule.open_until or "trial_start"
    return str(rule.anchor)


def _term(bundle: Bundle, store: MappedStore, population: Population, rule: Rule, as_of: dt.date) -> Term:
    decisions = bundle.decisions
    anchor = _anchor_name(decisions, rule)
    on_fact = anchor not in population.anchors
    if on_fact and (anchor not in FACT_ANCHORS or population.subject == "none"):
        raise store.error(
            population.name,
            f"population {population.name} has no anchor {anchor!r}, which rule {rule.id} runs from",
            f"select it as {anchor} in {population.query} and declare it under `anchors`, or narrow the rule's scope",
        )
    months = _months(decisions, rule)
    awaited = _awaited(decisions, rule)
    year_close = _optional(decisions, getattr(rule, "from_year_close", None))
    holds_until = _optional(decisions, getattr(rule, "assessment", None))
    return Term(
        rule=rule,
        anchor=anchor,
        anchor_type="date" if on_fact else population.anchors[anchor],
        on_fact=on_fact,
        awaited=awaited,
        months=months,
        cutoff=_cutoff(as_of, months, year_close) if months is not None and not awaited else None,
        lapsed=bool(not awaited and holds_until is not None and holds_until < as_of),
        holds_until=holds_until,
        year_close=year_close,
        open_on_fact=isinstance(rule, Elapsed) and rule.open_until is not None and rule.open_until not in population.anchors,
        blanked=_blanked(decisions, store, population, rule),
        smallest_cell=_optional(decisions, getattr(rule, "smallest_cell", None)),
    )


def _optional(decisions: Decisions, source: FromDecision | None) -> Any:
    return _value(decisions, source.decision) if source is not None else None


def _cutoff(as_of: dt.date, months: int, year_close: str | None) -> dt.date:
    return dates.cutoff_from_year_close(as_of, months, year_close) if year_close else dates.cutoff(as_of, months)


def _blanked(decisions: Decisions, store: MappedStore, population: Population, rule: Rule) -> tuple[str, ...]:
    """The columns the rule's action blanks: those of its elements, or for a floor those it does not cover.

    In an archive there are none: it took nothing else.
    """
    if isinstance(rule, Floor) and store.declared.archived_from(population) is not None:
        return ()
    if isinstance(rule, Floor):
        covered = set(_value(decisions, rule.elements.decision) or ())
        return tuple(name for name, c in population.columns.items() if c.element not in covered and name != population.key)
    if rule.action is Action.ANONYMISE and isinstance(rule, Elapsed | LegitimateInterest):
        return tuple(name for name, c in population.columns.items() if c.element in rule.elements and name != population.key)
    return ()
