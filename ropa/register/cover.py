"""The cover: who answers, what this edition rests on, where everything stands, how to read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from retention.evidence.figures import LastNight
from retention.workbook import Column, Field, Marked, Sheet, Value
from ropa.register.context import Register, bullets

WIDTHS = (35, 26, 15, 20, 40, 32)


@dataclass(frozen=True)
class Entry:
    """A line of the table of contents."""

    key: str
    count: int | None
    address: str


def write(register: Register) -> Sheet:
    """Everything but the table of contents, which needs the other sheets."""
    sheet = register.sheet("cover", WIDTHS)
    _controller(register, sheet)
    _basis(register, sheet)
    return sheet


def write_contents(register: Register, sheet: Sheet, entries: Sequence[Entry]) -> None:
    """The table of contents, then the legend."""
    say = register.say
    sheet.page_break()
    sheet.heading(say("cover.contents"))
    sheet.table(
        [
            Column(say("cover.col.sheet"), kind="strong"),
            Column(say("cover.col.holds"), span=4),
            Column(say("cover.col.entries"), kind="count"),
        ],
        [
            (Marked(say(f"{entry.key}.sheet"), target=entry.address), say(f"{entry.key}.intro"), entry.count)
            for entry in entries
        ],
    )
    sheet.heading(say("cover.legend"))
    legend: tuple[tuple[str, Value], ...] = (
        (say("cover.legend.lines"), say("cover.legend.lines.text")),
        (say("not_stated"), Marked(say("cover.legend.not_stated"), "note")),
        (say("inferred"), Marked(say("cover.legend.inferred"), "note")),
        (say("undecided"), Marked(say("cover.legend.undecided"), "alert")),
        (say("cover.legend.evidence"), say("cover.legend.evidence.text")),
    )
    sheet.facts(legend)


def _controller(register: Register, sheet: Sheet) -> None:
    say, controller = register.say, register.bundle.policy.controller
    sheet.heading(say("cover.controller"))
    roles = bullets(
        f"{say.of(role.title)} ({role.lines})" + (f" – {say.of(role.detail)}" if role.detail else "")
        for role in controller.roles
    )
    dpo = say.of(controller.dpo.title)
    if controller.dpo.detail:
        dpo += f". {say.of(controller.dpo.detail)}"
    sheet.facts(
        [
            (say("cover.name"), Marked(controller.name, "total")),
            (say("cover.number"), controller.registration_number),
            (
                say("cover.address"),
                f"{controller.street}, {controller.postcode} {controller.city}, {say.of(controller.country)}",
            ),
            (say("cover.sites"), ", ".join(controller.sites)),
            (say("cover.roles"), roles),
            (say("cover.dpo"), f"{dpo} ({controller.dpo.lines})"),
            *((say.of(missing.title), register.not_stated) for missing in controller.not_stated),
            (say("source"), register.lines(controller.cites)),
        ]
    )


def _basis(register: Register, sheet: Sheet) -> None:
    say, bundle = register.say, register.bundle
    decisions = bundle.decisions
    sheet.heading(say("cover.basis"))
    decision_set = f"{say.of(decisions.title)} ({decisions.set})"
    sheet.facts(
        [
            (say("cover.as_of"), Marked(say.date(register.as_of), "total")),
            (say("cover.policy"), f"{say.of(bundle.policy.title)} – {bundle.policy.text_file}"),
            (say("cover.version"), bundle.policy.sha256),
            (
                say("cover.decisions"),
                Marked(f"{decision_set} – {say('example.short')}", "bad") if decisions.example else decision_set,
            ),
            (say("cover.hash"), bundle.policy_hash),
            (
                say("cover.dates"),
                say(
                    "cover.dates.text",
                    created=say.date(bundle.activities.created_on),
                    updated=say.date(bundle.activities.updated_on),
                ),
            ),
        ]
    )
    sheet.space()
    sheet.records(_night_fields(register), register.nights.values())


def _night_fields(register: Register) -> tuple[Field[LastNight], ...]:
    say = register.say

    def store(night: LastNight) -> Value:
        return say.of(register.bundle.store(night.store).declared.title)

    def declaration(night: LastNight) -> Value:
        if night.last is None:
            return None
        same = night.last.policy_hash == register.bundle.policy_hash
        return Marked(say("cover.same") if same else say("cover.other"), "plain" if same else "bad")

    def basis(night: LastNight) -> Value:
        if night.figures is None:
            return Marked(say("cover.no_figures"), "bad")
        other = night.last is not None and night.figures.run.run_id != night.last.run_id
        return Marked(night.figures.run.run_id, "warn" if other else "plain")

    return (
        Field(Column(say("cover.col.store"), kind="strong"), store),
        Field(Column(say("cover.col.last"), kind="moment"), lambda night: night.last and night.last.started_at),
        Field(Column(say("cover.col.as_of"), kind="date"), lambda night: night.last and night.last.as_of),
        Field(Column(say("cover.col.status")), lambda night: status(register, night)),
        Field(Column(say("cover.col.run"), kind="code"), basis),
        Field(Column(say("cover.col.declaration")), declaration),
    )


def status(register: Register, night: LastNight) -> Value:
    """The outcome of a store's last run."""
    if night.last is None:
        return Marked(register.say("status.never"), "bad")
    word = register.say(f"status.{night.last.status}")
    return Marked(word, "good" if night.last.status == "passed" else "warn" if night.last.status == "reservations" else "bad")
