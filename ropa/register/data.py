"""The categories of data and the elements each is made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from retention.declare.policy import DataCategory, LegalBasis, Statement
from retention.workbook import Area, Column, Field, Sheet, Value
from ropa.register.context import Register, bullets


def write(register: Register) -> tuple[Sheet, Area]:
    """Two tables: the four categories, then every element with its category and where it is kept."""
    say = register.say
    sheet = register.sheet("data", (20, 27, 30, 29, 26, 16))
    area = sheet.records(_category_fields(register), register.bundle.policy.categories)
    sheet.heading(say("data.elements"))
    sheet.records(_element_fields(register), _elements(register), repeat=True)
    return sheet, area


def _category_fields(register: Register) -> tuple[Field[DataCategory], ...]:
    say = register.say
    subjects = {subject.id: subject.title for subject in register.bundle.policy.subjects}

    def whose(category: DataCategory) -> Value:
        named = register.listed(category.subjects, subjects)
        return f"{named}\n({say('inferred')})" if category.subjects_inferred else named

    def source(category: DataCategory) -> Value:
        if isinstance(category.sources, str):
            return register.not_stated
        return bullets(f"{say.of(each.title)} ({each.lines})" for each in category.sources)

    return (
        Field(Column(say("data.category"), kind="strong"), lambda c: say.of(c.title)),
        Field(Column(say("activities.subjects")), whose),
        Field(Column(say("activities.purposes")), lambda c: bullets(f"{say.of(p.title)} ({p.lines})" for p in c.purposes)),
        Field(Column(say("activities.basis")), lambda c: bullets(_basis(register, basis) for basis in c.legal_bases)),
        Field(Column(say("data.origin")), source),
        Field(Column(say("source")), lambda c: c.lines),
    )


def _basis(register: Register, basis: LegalBasis) -> str:
    return f"{register.say.of(basis.title)} ({register.article(basis.article)}, {basis.lines})"


@dataclass(frozen=True)
class _Element:
    category: str
    title: str
    note: str | None
    kept: str | None
    lines: str


def _elements(register: Register) -> Iterator[_Element]:
    say, policy = register.say, register.bundle.policy
    for category in policy.categories:
        for element in category.elements:
            yield _stated(register, category, element)
    for technical in policy.technical_elements:
        yield _Element(
            say("data.technical"),
            say.of(technical.title),
            say.of(technical.note),
            _kept(register, technical.id),
            say("data.no_line"),
        )


def _stated(register: Register, category: DataCategory, element: Statement) -> _Element:
    say = register.say
    note = say.of(element.detail) if element.detail else None
    return _Element(say.of(category.title), say.of(element.title), note, _kept(register, element.id), element.lines)


def _kept(register: Register, element: str) -> str | None:
    """Tables and columns that hold the element."""
    found = [
        f"{population.table}.{name}"
        for store in register.bundle.stores.values()
        for population in store.declared.populations
        for name, column in population.columns.items()
        if column.element == element
    ]
    return ", ".join(found) or None


def _element_fields(register: Register) -> tuple[Field[_Element], ...]:
    say = register.say
    return (
        Field(Column(say("data.category"), kind="strong"), lambda e: e.category),
        Field(Column(say("data.element")), lambda e: e.title),
        Field(Column(say("data.note")), lambda e: e.note),
        Field(Column(say("data.kept"), span=2), lambda e: e.kept or say("data.not_kept")),
        Field(Column(say("source")), lambda e: e.lines),
    )
