"""Data held: of each category and activity what the stores hold, what was disposed of, and whether that is as declared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from retention.workbook import Column, Field, Marked, Value
from ropa.register.editions.own import found
from ropa.register.editions.own.edition import Edition
from ropa.register.editions.own.page import Heading, Note, Page, Table
from ropa.register.model import Activity, ActivityCategory, DataCategory, Finding

NAMES = (6.0, 19.0, 17.0)  # reference, activity, category
HELD = {
    "records": 11.0, "oldest": 12.0, "due": 11.0, "overdue": 10.0, "since": 12.0, "frozen": 9.0, "grounds": 24.0,
    "quarantined": 12.5, "undecided": 11.0,
}  # fmt: skip
DONE = {
    "last_run": 11.0, "days_30": 11.0, "months_12": 11.0, "runs": 30.0, "checks": 17.0, "verdict": 18.0, "why": 34.0,
}  # fmt: skip
BARS = ("records", "months_12")


@dataclass(frozen=True)
class Line:
    """One category in one activity."""

    activity: Activity
    part: ActivityCategory

    @property
    def finding(self) -> Finding:
        return self.part.finding


def page(edition: Edition, cards: Mapping[str, str]) -> Page:
    """Two tables of the same columns. `cards` are the addresses of the activities' own records."""
    say, register = edition.say, edition.register
    bars = tuple(say(f"holdings.{name}") for name in BARS)
    lines = [Line(activity, part) for activity in register.activities for part in activity.found]
    blocks = (
        Heading(say("holdings.categories")),
        Note(say("holdings.counted_once")),
        Table(_category_fields(edition), register.categories, totals=_totals(edition), bars=bars),
        Heading(say("holdings.activities"), new_page=True),
        Note(say("holdings.counted_often")),
        Table(_activity_fields(edition, cards), lines, repeat=True, filters=True, bars=bars),
    )
    widths = (*NAMES, *HELD.values(), *DONE.values())
    return Page("holdings", widths, blocks, len(register.categories) + len(lines), len(NAMES) + len(HELD), len(NAMES))


def _category_fields(edition: Edition) -> tuple[Field[DataCategory], ...]:
    say = edition.say
    name: Field[DataCategory] = Field(
        Column(say("holdings.category"), kind="strong", span=len(NAMES)), lambda c: say.of(c.title)
    )
    return (name, *_found_of_categories(edition))


def _found_of_categories(edition: Edition) -> tuple[Field[DataCategory], ...]:
    held, done = edition.say("holdings.held_group"), edition.say("holdings.done_group")
    return (
        *(found.field(edition, name, width, _of_category, group=held) for name, width in HELD.items()),
        *(found.field(edition, name, width, _of_category, group=done) for name, width in DONE.items()),
    )


def _of_category(category: DataCategory) -> Finding:
    return category.finding


def _activity_fields(edition: Edition, cards: Mapping[str, str]) -> tuple[Field[Line], ...]:
    say = edition.say
    held, done = say("holdings.held_group"), say("holdings.done_group")
    return (
        Field(
            Column(say("activities.ref"), kind="strong"),
            lambda line: Marked(line.activity.ref, target=cards.get(line.activity.id)),
        ),
        Field(Column(say("activities.name"), kind="strong"), lambda line: say.of(line.activity.title)),
        Field(Column(say("holdings.category"), kind="strong"), lambda line: say.of(line.part.category.title)),
        *(found.field(edition, name, width, _of_line, group=held) for name, width in HELD.items()),
        *(found.field(edition, name, width, _of_line, group=done) for name, width in DONE.items()),
    )


def _of_line(line: Line) -> Finding:
    return line.finding


def _totals(edition: Edition) -> tuple[Value, ...]:
    """A total under every column of counts: each record counts once."""
    findings = [category.finding for category in edition.register.categories]
    return (
        edition.say("total"),
        *(found.total(name, findings) if name in found.COUNTS else "" for name in (*HELD, *DONE)),
    )
