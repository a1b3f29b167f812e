"""The register as tables of plain cells, for expectations to be asked of.

A cell holds what a field says; `not stated` where the policy is silent, None where the field is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from retention.declare.words import Text
from ropa.register.model import NOT_STATED, Activity, Gap, Names, Register, Transfer

Cell = str | None
Row = dict[str, Cell]

STATED, KNOWN, LISTED = "stated", "known", "listed as a gap"
SETTLED = 6  # rank of a gap that a decision has closed (`making.gaps`)

COLUMNS: dict[str, tuple[str, ...]] = {
    "controller": ("name", "contact", "dpo", "roles"),
    "contacts": ("answer",),
    "activities": (
        "reference_once", "purpose", "subjects", "data", "recipients", "transfers", "time_limit", "security", "bases",
    ),
    "activity_categories": ("rule",),
    "activity_recipients": ("recipient",),
    "categories": ("activities",),
    "recipients": ("activities",),
    "cookies": ("recipient",),
    "rules": ("period", "decided"),
    "transfers": ("country", "safeguards", "closed"),
    "decisions": ("review",),
    "processor": ("name", "processing", "controllers", "transfers", "security"),
    "references": ("target",),
}  # fmt: skip


def frames(register: Register) -> dict[str, list[Row]]:
    """Rows by table; each has a `reference` (what is named where an expectation fails) and the table's columns."""
    return {
        "controller": [_controller(register)],
        "contacts": [_row(each.id, answer=NOT_STATED) for each in register.controller.missing],
        "activities": [_activity(activity) for activity in register.activities],
        "activity_categories": list(_activity_categories(register)),
        "activity_recipients": list(_activity_recipients(register)),
        "categories": [_row(c.id, activities=_naming(register, "categories", c.id)) for c in register.categories],
        "recipients": [_row(r.id, activities=_naming(register, "recipients", r.id)) for r in register.recipients],
        "cookies": [_row(c.id, recipient=_cell(c.recipient)) for c in register.cookies if not c.own],
        "rules": list(_rules(register)),
        "transfers": list(_transfers(register)),
        "decisions": [_row(d.id, review="due" if d.review_due else "not due") for d in register.decisions],
        "processor": list(_processor(register)),
        "references": list(_references(register)),
    }


def _row(reference: str, **cells: Cell) -> Row:
    return {"reference": reference} | cells


def _cell(value: Any) -> Cell:
    """What a field says: a text in both languages, names, a tuple of them, or that the policy does not say."""
    if isinstance(value, Text):
        return STATED if value.fr.strip() and value.en.strip() else None
    if isinstance(value, Names):
        return NOT_STATED if value.kind == "not_stated" else (STATED if value.items else None)
    if isinstance(value, str):
        return value.strip() or None
    return STATED if value else None


def _controller(register: Register) -> Row:
    controller = register.controller
    address = (controller.street, controller.postcode, controller.city)
    return _row(
        "controller",
        name=_cell(controller.name),
        contact=STATED if all(map(_cell, address)) and _cell(controller.country) else None,
        dpo=_cell(controller.dpo.title),
        roles=_cell(controller.roles),
    )


def _activity(activity: Activity) -> Row:
    return _row(
        activity.ref,
        reference_once=_cell(activity.ref),
        purpose=_cell(activity.purpose),
        subjects=_cell(activity.subjects),
        data=_cell(activity.categories),
        recipients=_cell(activity.recipients),
        transfers=_cell(activity.transfers),
        time_limit=_cell(activity.time_limit),
        security=_cell(activity.security),
        bases=_cell(activity.bases),
    )


def _activity_categories(register: Register) -> Iterator[Row]:
    """Each category of each activity, with the rules of the activity that govern it."""
    governed = {line.id: line.categories for line in register.schedule if line.declared}
    for activity in register.activities:
        for category in activity.categories.items:
            rules = [rule.id for rule in activity.rules if category.id in governed.get(rule.id, ())]
            yield _row(f"{activity.ref}/{category.id}", rule=", ".join(rules) or None)


def _activity_recipients(register: Register) -> Iterator[Row]:
    declared = {recipient.id for recipient in register.recipients}
    for activity in register.activities:
        for recipient in activity.recipients.items:
            yield _row(f"{activity.ref}/{recipient.id}", recipient=KNOWN if recipient.id in declared else "undeclared")


def _naming(register: Register, field: str, name: str) -> Cell:
    """The references of the activities that name something in a field."""
    refs = [a.ref for a in register.activities if name in {item.id for item in getattr(a, field).items}]
    return ", ".join(refs) or None


def _rules(register: Register) -> Iterator[Row]:
    for line in register.schedule:
        if line.declared:
            period = f"P{line.months}M" if line.months is not None else None
            yield _row(
                line.id, period=period or ("awaited" if line.awaited else None), decided=None if line.awaited else "decided"
            )


def _transfers(register: Register) -> Iterator[Row]:
    """Transfers to a third country."""
    for transfer in register.transfers:
        if transfer.third_country is True:
            safeguards = _cell(transfer.safeguards)
            closed = safeguards if safeguards not in (None, NOT_STATED) else (LISTED if _listed(register, transfer) else None)
            yield _row(transfer.id, country=_cell(transfer.country), safeguards=safeguards, closed=closed)


def _listed(register: Register, transfer: Transfer) -> bool:
    """Whether an open gap speaks of a transfer: of one of its recipients, or of the same lines of the policy."""
    lines = {line for citation in transfer.citations for line in _lines(citation.lines)}
    recipients = {recipient.id for recipient in transfer.recipients.items}
    return any(gap.id in recipients or lines & _lines(gap.lines or "") for gap in register.gaps if _open(gap))


def _open(gap: Gap) -> bool:
    return gap.rank < SETTLED


def _lines(label: str) -> set[str]:
    return set(re.findall(r"L\d+", label))


def _processor(register: Register) -> Iterator[Row]:
    for each in register.processor.activities:
        yield _row(
            each.ref,
            name=_cell(register.controller.name),
            processing=_cell(each.processing),
            controllers=_cell(each.controllers),
            transfers=_cell(each.transfers),
            security=_cell(each.security),
        )


def _references(register: Register) -> Iterator[Row]:
    """Everything the register refers to by its id, and whether it is there. Recipients have an expectation of their own."""
    known: dict[str, set[str]] = {
        "activity": {activity.ref for activity in register.activities},
        "category": {str(category.id) for category in register.categories},
        "element": {element.id for element in register.elements},
        "transfer": {transfer.id for transfer in register.transfers},
        "rule": {line.id for line in register.schedule},
        "decision": {decision.id for decision in register.decisions} | {gap.id for gap in register.gaps},
        "measure": {measure.id for measure in register.security},
        "store": {night.store.id for night in register.nights},
    }
    for reference, kind, target in _referred(register):
        yield _row(f"{reference}/{target}", target=KNOWN if target in known[kind] else f"unknown {kind}")


def _referred(register: Register) -> Iterator[tuple[str, str, str]]:
    """Who refers, to what kind of thing, by which id."""
    for activity in register.activities:
        for kind, field in (
            ("category", "categories"),
            ("element", "elements"),
            ("transfer", "transfers"),
            ("measure", "security"),
        ):
            yield from _each(activity.ref, kind, (item.id for item in getattr(activity, field).items))
        yield from _each(activity.ref, "rule", (rule.id for rule in activity.rules))
        yield from _each(activity.ref, "category", (found.category.id for found in activity.found))
    for element in register.elements:
        yield from _each(element.id, "category", [element.category] if element.category else [])
    for recipient in register.recipients:
        yield from _each(recipient.id, "activity", recipient.activities)
    for transfer in register.transfers:
        yield from _each(transfer.id, "activity", transfer.activities)
    for line in register.schedule:
        yield from _each(line.id, "category", line.categories)
        yield from _each(line.id, "decision", line.awaited)
        yield from _each(line.id, "store", line.stores)
    for decision in register.decisions:
        yield from _each(decision.id, "rule", (rule.id for rule in decision.rules))


def _each(reference: str, kind: str, targets: Iterable[str]) -> Iterator[tuple[str, str, str]]:
    for target in targets:
        yield reference, kind, target
