"""The categories of data and the elements each is made of."""

from __future__ import annotations

from retention.workbook import Column, Field, Value
from ropa.register.editions.own.activities import with_mark
from ropa.register.editions.own.edition import Edition, bullets
from ropa.register.editions.own.page import Heading, Page, Table
from ropa.register.model import DataCategory, Element, Statement


def page(edition: Edition) -> Page:
    """Two tables: the categories, then every element with its category and where it is kept."""
    register = edition.register
    blocks = (
        Table(_category_fields(edition), register.categories),
        Heading(edition.say("data.elements")),
        Table(_element_fields(edition), register.elements, repeat=True),
    )
    return Page("data", (20, 27, 30, 29, 26, 16), blocks, len(register.categories) + len(register.elements))


def _category_fields(edition: Edition) -> tuple[Field[DataCategory], ...]:
    say = edition.say

    def whose(category: DataCategory) -> Value:
        named = edition.titles(category.subjects) or say("none")
        return with_mark(edition, named) if category.subjects_inferred else named

    def stated(statements: tuple[Statement, ...]) -> str:
        return bullets(f"{say.of(each.title)} ({each.lines})" for each in statements)

    def origin(category: DataCategory) -> Value:
        return edition.not_stated if isinstance(category.sources, str) else stated(category.sources) or None

    def bases(category: DataCategory) -> Value:
        return bullets(f"{say.of(b.title)} ({say.of(b.article)}, {b.lines})" for b in category.bases) or None

    return (
        Field(Column(say("data.category"), kind="strong"), lambda c: say.of(c.title)),
        Field(Column(say("activities.subjects")), whose),
        Field(Column(say("activities.purposes")), lambda c: stated(c.purposes) or None),
        Field(Column(say("activities.basis")), bases),
        Field(Column(say("data.origin")), origin),
        Field(Column(say("source")), lambda c: c.lines),
    )


def _element_fields(edition: Edition) -> tuple[Field[Element], ...]:
    say = edition.say
    titles = {category.id: category.title for category in edition.register.categories}

    def category(element: Element) -> Value:
        return say.of(titles[element.category]) if element.category else say("data.technical")

    return (
        Field(Column(say("data.category"), kind="strong"), category),
        Field(Column(say("data.element")), lambda e: say.of(e.title)),
        Field(Column(say("data.note")), lambda e: edition.text(e.note)),
        Field(Column(say("data.kept"), span=2), lambda e: ", ".join(e.columns) or say("data.not_kept")),
        Field(Column(say("source")), lambda e: e.lines or say("data.no_line")),
    )
