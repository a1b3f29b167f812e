"""The table of contents, and how to read the register."""

from __future__ import annotations

from collections.abc import Sequence

from retention.workbook import Column, Field, Marked, Value
from ropa.register.editions.own.edition import Edition
from ropa.register.editions.own.page import Facts, Heading, Page, Table

WIDTHS = (32, 92, 24)


def page(edition: Edition, pages: Sequence[Page]) -> Page:
    """One line per sheet, then the legend."""
    say = edition.say
    fields: tuple[Field[Page], ...] = (
        Field(
            Column(say("contents.col.sheet"), kind="strong"),
            lambda page: Marked(say(f"{page.key}.sheet"), target=edition.link(page.key)),
        ),
        Field(Column(say("contents.col.holds")), lambda page: say(f"{page.key}.intro")),
        Field(Column(say("contents.col.entries"), kind="count"), lambda page: page.entries),
    )
    blocks = (Table(fields, pages), Heading(say("contents.legend")), Facts(_legend(edition)))
    return Page("contents", WIDTHS, blocks, len(pages))


def _legend(edition: Edition) -> tuple[tuple[str, Value], ...]:
    say = edition.say
    return (
        (say("contents.lines"), say("contents.lines.text")),
        (say("not_stated"), Marked(say("contents.not_stated"), "note")),
        (say("inferred"), Marked(say("contents.inferred"), "note")),
        (say("undecided"), Marked(say("contents.undecided"), "alert")),
        (say("verdict.unknown"), say("contents.unknown")),
        (say("contents.evidence"), say("contents.evidence.text")),
    )
