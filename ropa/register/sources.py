"""Every citation of the register: which lines, which words, for which statement."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from retention.declare.activities import Activity, ProcessorActivity
from retention.declare.citations import models_in
from retention.declare.policy import Controller, Statement
from retention.declare.words import Cite
from retention.workbook import Area, Column, Field, Sheet
from ropa.register.context import Register


@dataclass(frozen=True)
class Quotation:
    """One citation."""

    section: str
    title: str
    cite: Cite
    id: str


def write(register: Register) -> tuple[Sheet, Area]:
    """One line per citation."""
    say = register.say
    wanted: tuple[Field[Quotation], ...] = (
        Field(Column(say("sources.section"), 19, "strong"), lambda q: q.section),
        Field(Column(say("sources.statement"), 38), lambda q: q.title),
        Field(Column(say("sources.lines"), 11), lambda q: q.cite.label),
        Field(Column(say("sources.words"), 68, "quote"), lambda q: register.quoted(q.cite.quote)),
        Field(Column(say("id"), 24, "code"), lambda q: q.id),
    )
    sheet = register.sheet("sources", [field.column.width for field in wanted])
    return sheet, sheet.records(wanted, quotations(register), main=True)


def quotations(register: Register) -> list[Quotation]:
    """All citations of the policy's statements, the activities and the processor's register."""
    bundle = register.bundle
    controller = [_activity(register, "sources.activity", activity) for activity in bundle.activities.activities]
    processor = [_activity(register, "sources.processor", activity) for activity in bundle.processor.activities]
    return [*_policy(register), *(quotation for each in (*controller, *processor) for quotation in each)]


def _activity(register: Register, section: str, activity: Activity | ProcessorActivity) -> list[Quotation]:
    title = f"{activity.ref} – {register.say.of(activity.title)}"
    return [Quotation(register.say(section), title, cite, activity.id) for cite in activity.cites]


def _policy(register: Register) -> Iterator[Quotation]:
    for place, model in models_in(register.bundle.policy):
        if isinstance(model, Controller | Statement):
            section = register.say(f"sources.{place[0]}")
            title = model.name if isinstance(model, Controller) else register.say.of(model.title)
            named = "controller" if isinstance(model, Controller) else model.id
            yield from (Quotation(section, title, cite, named) for cite in model.cites)
