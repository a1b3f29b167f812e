"""The processor's record (article 30(2)), a book of its own: who, what for whom, transfers, measures; what is missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from openpyxl.utils import quote_sheetname

from retention.declare.words import Language
from retention.workbook import Book, Column, Marked, Sheet, Value
from ropa.register.editions import official
from ropa.register.editions.official import Heading, Says, file_name, marked
from ropa.register.editions.processor_labels import GAPS, GAPS_WIDTHS, LABELS, MEASURES, MISSING, PARTIES, PROCESSING, TRANSFERS
from ropa.register.model import ProcessorActivity, Register
from ropa.register.publication import Publication

NAMES: dict[Language, str] = {"fr": "registre-sous-traitant", "en": "register-processor"}


@dataclass(frozen=True)
class Party:
    """The processor, or a controller it acts for."""

    role: str
    name: str
    address: str
    telephone: str
    email: str
    representative: str
    dpo: str


@dataclass(frozen=True)
class ProcessingLine:
    """A category of processing, for one controller."""

    ref: str
    activity: str
    controller: str
    processing: str
    source: str


@dataclass(frozen=True)
class TransferLine:
    """A transfer of a category of processing, for one controller."""

    ref: str
    activity: str
    controller: str
    transfers: str
    safeguards: str


@dataclass(frozen=True)
class MeasuresLine:
    """The measures of a category of processing."""

    ref: str
    activity: str
    measures: str


@dataclass(frozen=True)
class MissingLine:
    """Something the article requires and the policy does not say."""

    ref: str
    activity: str
    missing: str
    id: str


@dataclass(frozen=True)
class GapLine:
    """A gap or contradiction that bears on the record."""

    rank: int
    matter: str
    detail: str
    closes: str
    owner: str


@dataclass(frozen=True)
class ProcessorRegister:
    """Everything the record says."""

    parties: tuple[Party, ...]
    processing: tuple[ProcessingLine, ...]
    transfers: tuple[TransferLine, ...]
    measures: tuple[MeasuresLine, ...]
    missing: tuple[MissingLine, ...]
    gaps: tuple[GapLine, ...]


def write(publication: Publication, language: Language, folder: Path) -> Path:
    """Writes the workbook and answers where."""
    return filled(publication, language).save(folder, file_name(NAMES, publication, language, "xlsx"))


def processor_register(register: Register, language: Language) -> ProcessorRegister:
    """The record in words."""
    says = Says(LABELS, language)
    activities = register.processor.activities
    return ProcessorRegister(
        parties=(_processor(register, says), *(party for activity in activities for party in _controllers(activity, says))),
        processing=tuple(
            ProcessingLine(each.ref, says.of(each.title), controller, says.of(each.processing), each.lines)
            for each in activities
            for controller in _names(each, says)
        ),
        transfers=tuple(
            TransferLine(each.ref, says.of(each.title), controller, _transfers(each, says), says.not_stated)
            for each in activities
            for controller in _names(each, says)
        ),
        measures=tuple(MeasuresLine(each.ref, says.of(each.title), says.names(each.security)) for each in activities),
        missing=tuple(
            MissingLine(each.ref, says.of(each.title), says.of(missing.title), missing.id)
            for each in activities
            for missing in each.missing
        ),
        gaps=tuple(_gaps(register, says)),
    )


def _processor(register: Register, says: Says) -> Party:
    controller, silent = register.controller, says.not_stated
    address = f"{controller.street}, {controller.postcode} {controller.city}, {says.of(controller.country)}"
    return Party(says("role.processor"), controller.name, address, silent, silent, silent, says.of(controller.dpo.title))


def _controllers(activity: ProcessorActivity, says: Says) -> Iterator[Party]:
    for name in _names(activity, says):
        yield Party(says("role.controller", ref=activity.ref), name, *[says.not_stated] * 5)


def _names(activity: ProcessorActivity, says: Says) -> list[str]:
    """Each controller; one line that says so where none is named."""
    if isinstance(activity.controllers, str) or not activity.controllers:
        return [says.not_stated]
    return [says.of(name) for name in activity.controllers]


def _transfers(activity: ProcessorActivity, says: Says) -> str:
    if isinstance(activity.transfers, str):
        return says.not_stated
    return says.texts(activity.transfers, says("none"))


def _gaps(register: Register, says: Says) -> Iterator[GapLine]:
    """The register's gaps that its activities name, each once, the most urgent first."""
    named = {gap.id for activity in register.processor.activities for gap in activity.gaps}
    for gap in register.gaps:
        if gap.id in named:
            yield GapLine(gap.rank, says.of(gap.title), says.of(gap.detail), says.of(gap.closes), says.of(gap.owner))


# the book


def filled(publication: Publication, language: Language) -> Book:
    """The book, not yet written."""
    says = Says(LABELS, language)
    book = official.book(publication, says, title=says("book"))
    record = processor_register(publication.register, language)
    cover = book.sheet(says("sheet.cover"), says("title.cover"), says("intro.cover"), (34, 80, 14))
    parts: tuple[tuple[str, Sequence[Heading], Sequence[Any]], ...] = (
        ("parties", PARTIES, record.parties),
        ("processing", PROCESSING, record.processing),
        ("transfers", TRANSFERS, record.transfers),
        ("measures", MEASURES, record.measures),
    )
    for key, headings, lines in parts:
        _sheet(book, says, key, headings, lines)
    gaps = _sheet(book, says, "gaps", MISSING, record.missing, empty=says("no_missing"))
    gaps.space()
    gaps.records(official.fields(says, GAPS), record.gaps, empty=says("no_gap"))
    _cover(cover, publication.register, says, [*((key, len(lines)) for key, _, lines in parts), ("gaps", len(record.missing))])
    return book


def _sheet(book: Book, says: Says, key: str, headings: Sequence[Heading], lines: Sequence[Any], *, empty: str = "") -> Sheet:
    widths = GAPS_WIDTHS if key == "gaps" else tuple(heading.width for heading in headings)
    sheet = book.sheet(says(f"sheet.{key}"), says(f"title.{key}"), says(f"intro.{key}"), widths)
    sheet.space()
    sheet.records(official.fields(says, headings), lines, main=True, repeat=True, empty=empty)
    return sheet


def _cover(sheet: Sheet, register: Register, says: Says, parts: list[tuple[str, int]]) -> None:
    """Who the processor is, what the record rests on, what the other sheets hold."""
    record, controller, grounding = register.processor, register.controller, register.grounding
    sheet.space()
    sheet.paragraph(says.of(record.notice), "warn")
    sheet.heading(says("role.processor"))
    processor = _processor(register, says)
    roles = [role for role in controller.roles if role.id == "role.processor"] or list(controller.roles)
    sheet.facts([
        (says("name"), processor.name),
        (says("number"), controller.registration_number),
        *((says(key), marked(says, getattr(processor, key))) for key in ("address", "telephone", "email")),
        (says("representative"), marked(says, processor.representative)),
        (says("dpo"), f"{processor.dpo} ({controller.dpo.lines})"),
        (says("roles"), official.bullets([f"{says.of(role.title)} ({role.lines})" for role in roles])),
    ])  # fmt: skip
    sheet.heading(says("record"))
    dates = says("dates.text", created=says.date(record.created_on), updated=says.date(record.updated_on))
    policy = f"{says.of(grounding.policy_title)} – SHA-256 {grounding.policy_sha256}"
    sheet.facts([(says("record"), says.of(record.title)), (says("dates"), dates), (says("policy"), policy)])
    sheet.heading(says("contents"))
    columns = [
        Column(says("column.sheet"), kind="link"),
        Column(says("column.holds")),
        Column(says("column.entries"), kind="count"),
    ]
    rows: list[list[Value]] = []
    for key, count in parts:
        name = says(f"sheet.{key}")
        rows.append([Marked(name, target=f"{quote_sheetname(name)}!A1"), says(f"title.{key}"), count])
    sheet.table(columns, rows)
