"""The retention schedule: each rule as declared, and what the last night of every store found and did under it."""

from __future__ import annotations

from collections.abc import Iterator

from retention.declare.rules import Elapsed, Floor, Rule
from retention.declare.words import CATEGORIES
from ropa.register.making import criteria, findings
from ropa.register.making.context import Making
from ropa.register.making.findings import ERASURE, concerns
from ropa.register.model import ScheduleLine


def schedule(making: Making) -> Iterator[ScheduleLine]:
    """Every rule, then what stands outside them: its lines together count every record once."""
    for rule in making.bundle.rules.rules:
        yield _of_rule(making, rule)
    say, stores = making.say, tuple(making.bundle.stores)
    for name, title, scope, criterion, finding in (
        (
            ERASURE,
            making.bundle.rules.erasure,
            "schedule.erasure.scope",
            "schedule.erasure.criterion",
            findings.of_erasure(making),
        ),
        ("none", say("schedule.none"), "schedule.none.scope", "schedule.none.criterion", findings.without_rule(making)),
    ):
        yield ScheduleLine(
            id=name, title=title, declared=False, scope=(say(scope),), criterion=say(criterion), months=None, awaited=(),
            sources=(), action="delete" if name == ERASURE else None, cutoff=None, categories=CATEGORIES, stores=stores,
            finding=finding,
        )  # fmt: skip


def _of_rule(making: Making, rule: Rule) -> ScheduleLine:
    stores = making.bundle.stores.items()
    concerned = {name: [p for p in store.declared.populations if concerns(rule, p)] for name, store in stores}
    archived = isinstance(rule, Floor) and any(p.archive for each in concerned.values() for p in each)
    return ScheduleLine(
        id=rule.id,
        title=rule.title,
        declared=True,
        scope=criteria.scope(making, rule),
        criterion=criteria.criterion(making, rule),
        months=criteria.months(making, rule),
        awaited=criteria.awaited(making, rule),
        sources=criteria.sources(making, rule),
        action="archive" if archived else rule.action.value,  # of what a floor keeps: where it is kept
        cutoff=criteria.latest_due(making, rule),
        categories=rule.scope.categories,
        stores=tuple(name for name, populations in concerned.items() if populations),
        finding=findings.of_rule(making, rule),
        only=rule.elements if isinstance(rule, Elapsed) else (),
    )
