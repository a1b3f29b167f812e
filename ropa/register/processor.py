"""The processor's register (art. 30(2)), kept apart: what is known of it, and what is still to be written."""

from __future__ import annotations

from retention.declare.activities import ProcessorActivity
from retention.declare.policy import NOT_STATED
from retention.workbook import Area, Column, Field, Marked, Sheet, Value
from ropa.register.context import Register, bullets


def write(register: Register) -> tuple[Sheet, Area]:
    """The notice, then the categories of processing."""
    processor = register.bundle.processor
    sheet = register.sheet("processor", (7, 21, 25, 20, 18, 18, 38, 26, 8))
    sheet.paragraph(register.say.of(processor.notice), "warn")
    sheet.space()
    return sheet, sheet.records(_fields(register), processor.activities)


def _fields(register: Register) -> tuple[Field[ProcessorActivity], ...]:
    say, policy = register.say, register.bundle.policy
    measures = {measure.id: measure.title for measure in policy.security}
    gaps = {gap.id: gap.title for gap in policy.gaps}

    def texts(value: object) -> Value:
        if value == NOT_STATED or not isinstance(value, tuple):
            return register.not_stated
        return bullets(say.of(text) for text in value)

    def missing(activity: ProcessorActivity) -> Value:
        return (
            Marked(bullets(say.of(each.title) for each in activity.not_stated), "note") if activity.not_stated else say("none")
        )

    return (
        Field(Column(say("activities.ref"), kind="strong"), lambda p: p.ref),
        Field(Column(say("activities.name"), kind="strong"), lambda p: say.of(p.title)),
        Field(Column(say("processor.processing")), lambda p: say.of(p.processing)),
        Field(Column(say("processor.controllers")), lambda p: texts(p.controllers)),
        Field(Column(say("activities.transfers")), lambda p: texts(p.transfers)),
        Field(Column(say("activities.security")), lambda p: register.listed(p.security, measures)),
        Field(Column(say("processor.missing")), missing),
        Field(Column(say("activities.gaps")), lambda p: register.listed(p.gaps, gaps)),
        Field(Column(say("source")), lambda p: p.lines),
    )
