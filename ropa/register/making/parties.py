"""Who takes part: the controller, the recipients, the places data is kept in or sent to."""

from __future__ import annotations

from retention.declare.policy import NOT_STATED, NotStated
from retention.declare.policy import Recipient as DeclaredRecipient
from ropa.register.making.context import Making, citations, statement
from ropa.register.model import Controller, Named, Recipient, RecipientData, Transfer


def controller(making: Making) -> Controller:
    """Who answers for the processing."""
    declared = making.bundle.policy.controller
    return Controller(
        name=declared.name,
        registration_number=declared.registration_number,
        street=declared.street,
        postcode=declared.postcode,
        city=declared.city,
        country=declared.country,
        sites=declared.sites,
        roles=tuple(map(statement, declared.roles)),
        dpo=statement(declared.dpo),
        missing=tuple(Named(id=missing.id, title=missing.title) for missing in declared.not_stated),
        lines=", ".join(f"L{line}" for line in sorted({line for cite in declared.cites for line in cite.lines})),
    )


def recipients(making: Making) -> tuple[Recipient, ...]:
    """Whoever data is disclosed to."""
    return tuple(
        Recipient(
            id=declared.id,
            name=declared.title,
            kind=declared.kind,
            data=_data(making, declared),
            purpose=declared.purpose,
            country=declared.country,
            safeguards=declared.safeguards,
            activities=_used_by(making, "recipients", declared.id),
            lines=declared.lines,
        )
        for declared in making.bundle.policy.recipients
    )


def _data(making: Making, declared: DeclaredRecipient) -> tuple[RecipientData, ...] | NotStated:
    if isinstance(declared.categories, str):
        return NOT_STATED
    elements = making.bundle.policy.elements()
    return tuple(
        RecipientData(
            category=making.named(name, making.category_titles),
            only=tuple(making.named(element, elements) for element in declared.only.get(name, ())),
        )
        for name in declared.categories
    )


def transfers(making: Making) -> tuple[Transfer, ...]:
    """Where data is said to be kept or sent, contradictions included."""
    return tuple(
        Transfer(
            id=declared.id,
            title=declared.title,
            country=declared.country,
            third_country=declared.third_country,
            recipients=making.names(declared.recipients, making.recipient_titles),
            safeguards=declared.safeguards,
            activities=_used_by(making, "transfers", declared.id),
            citations=citations(declared.cites),
        )
        for declared in making.bundle.policy.transfers
    )


def _used_by(making: Making, field: str, name: str) -> tuple[str, ...]:
    return tuple(activity.ref for activity in making.bundle.activities.activities if name in getattr(activity, field))
