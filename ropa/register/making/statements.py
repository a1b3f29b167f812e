"""What the policy says of security, rights and cookies, and every citation of the register."""

from __future__ import annotations

from collections.abc import Iterator

from retention.declare.activities import Activity, ProcessorActivity
from retention.declare.citations import models_in
from retention.declare.policy import NOT_STATED, Controller, Statement
from retention.declare.policy import Cookie as DeclaredCookie
from ropa.register.making.context import Making, citations
from ropa.register.model import Citation, Cookie, Quotation, Right
from ropa.register.phrases import article, joined, same

OWN = "SMS Envoi"  # as the policy names the company where it speaks of cookies


def rights(making: Making) -> tuple[Right, ...]:
    """The rights, and what the policy sets against them."""
    declared = making.bundle.policy.rights
    titles = {right.id: right.title for right in declared}
    return tuple(
        Right(
            id=right.id,
            title=right.title,
            limits=titles[right.limits] if right.limits else None,
            article=article(right.article),
            scope=right.detail,
            effect=right.effect,
            citations=citations(right.cites),
        )
        for right in declared
    )


def cookies(making: Making) -> tuple[Cookie, ...]:
    """The cookies the policy lists."""
    return tuple(_cookie(making, declared) for declared in making.bundle.policy.cookies)


def _cookie(making: Making, declared: DeclaredCookie) -> Cookie:
    known = making.recipient_titles
    return Cookie(
        id=declared.id,
        title=declared.title,
        setter=declared.setter,
        own=declared.setter == OWN,
        count=declared.count,
        lifetime=declared.lifetime,
        recipient=known[declared.recipient] if declared.recipient != NOT_STATED else NOT_STATED,
        citations=citations(declared.cites),
    )


def quotations(making: Making) -> Iterator[Quotation]:
    """All citations of the policy's statements, the activities and the processor's record."""
    for place, model in models_in(making.bundle.policy):
        if isinstance(model, Controller | Statement):
            title = same(model.name) if isinstance(model, Controller) else model.title
            named = "controller" if isinstance(model, Controller) else model.id
            for cite in model.cites:
                yield Quotation(
                    section=making.say(f"sources.{place[0]}"),
                    title=title,
                    id=named,
                    citation=Citation(lines=cite.label, quote=cite.quote),
                )
    for part, activities in (
        ("sources.activity", making.bundle.activities.activities),
        ("sources.processor", making.bundle.processor.activities),
    ):
        for activity in activities:
            yield from _of_activity(making, part, activity)


def _of_activity(making: Making, part: str, activity: Activity | ProcessorActivity) -> Iterator[Quotation]:
    title = joined((same(activity.ref), activity.title), " – ")
    for citation in citations(activity.cites):
        yield Quotation(section=making.say(part), title=title, id=activity.id, citation=citation)
