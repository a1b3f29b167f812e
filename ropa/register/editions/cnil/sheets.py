"""The sheets of the CNIL layout, in its order and with its labels."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import Any

from openpyxl.styles import Alignment
from openpyxl.worksheet.datavalidation import DataValidation

from retention.declare.words import Language
from retention.typography import height_of
from retention.workbook import SIZE, Area, Book, Column, Field, Marked, Sheet, Value
from ropa.register.editions import official
from ropa.register.editions.cnil import headings
from ropa.register.editions.cnil.labels import LABELS
from ropa.register.editions.cnil.records import CnilRegister, Fiche, ListLine, cnil_register, empty_fiche
from ropa.register.editions.official import Heading, Says, marked
from ropa.register.publication import Publication

CHOICE_KEYS: dict[str, tuple[str, ...]] = {  # the lists of sheet 5, and the columns of a fiche they are offered in
    "yes_no": ("yes", "no"),
    "subjects": tuple(
        f"subject.{name}"
        for name in ("employees", "internal", "customers", "suppliers", "contractors", "prospects", "candidates", "other")
    ),
    "recipients": tuple(
        f"recipient.{name}" for name in ("internal", "processor", "provider", "third_country", "partner", "other")
    ),
    "measures": tuple(
        f"measure.{name}" for name in ("access", "tracing", "software", "backup", "encryption", "processors", "other")
    ),
    "safeguards": tuple(f"safeguard.{name}" for name in ("adequacy", "clauses", "bcr", "code", "certification", "derogation")),
}
LEFT = Alignment(horizontal="left", vertical="top", indent=1)
OFFERED = {"subjects": "B", "recipients": "B", "measures": "B", "transfers": "F"}


def filled(publication: Publication, language: Language) -> Book:
    """The book, not yet written."""
    says = Says(LABELS, language)
    book = official.book(publication, says, title=says("book"))
    register = cnil_register(publication.register, language)
    _tutorial(book, says, register)
    _list(book, says, register)
    lists = {key: f"{_quoted(says('sheet.lists'))}!${column}$" for key, column in zip(CHOICE_KEYS, "ABCDE", strict=True)}
    model = _fiche(book, says, empty_fiche(language), says("sheet.model"), says("model.title"), says("model.intro"))
    sheets = [model]
    if register.fiches:
        first = register.fiches[0]
        intro = says("example.intro", ref=first.ref)
        sheets.append(_fiche(book, says, first, says("sheet.example"), f"{says('example.title')} – {first.name}", intro))
    area = _lists(book, says)
    for each in register.fiches:
        title = f"{says('fiche.title')} {each.ref} – {each.name}"
        sheets.append(_fiche(book, says, each, each.ref, title, ""))
    for sheet, areas in sheets:
        _offer(sheet, areas, lists, area.first_row)
    return book


def _tutorial(book: Book, says: Says, register: CnilRegister) -> None:
    sheet = book.sheet(says("sheet.tutorial"), says("tutorial.title"), says("tutorial.intro"), (38, 100))
    sheet.heading(says("tutorial.heading"))
    entries: list[tuple[str, str]] = [
        (says(f"sheet.{key}"), says(f"tutorial.{key}")) for key in ("list", "model", "example", "lists")
    ]
    columns = [Column(says("tutorial.sheet"), kind="link"), Column(says("tutorial.holds"))]
    rows: list[list[Value]] = [[Marked(name, target=f"{_quoted(name)}!A1"), text] for name, text in entries]
    if register.fiches:
        first, last = register.fiches[0].ref, register.fiches[-1].ref
        text = says("tutorial.fiches", first=first, last=last)
        rows.append([Marked(f"{first} … {last}", target=f"{_quoted(first)}!A1"), text])
    sheet.table(columns, rows)
    sheet.heading(says("tutorial.reading"))
    sheet.facts(
        (says(f"tutorial.{key}"), says(f"tutorial.{key}.text", not_stated=says.not_stated))
        for key in ("silence", "retention", "sensitive", "complements", "processor")
    )


def _list(book: Book, says: Says, register: CnilRegister) -> None:
    widths = tuple(heading.width for heading in headings.LIST)
    sheet = book.sheet(says("sheet.list"), says("list.title"), says("list.intro"), widths)
    sheet.space()
    sheet.facts((actor.role, marked(says, actor.text)) for actor in register.actors)
    sheet.space()

    def linked(line: ListLine) -> Value:
        return Marked(line.ref, target=f"{_quoted(line.ref)}!A1")

    columns = official.fields(says, headings.LIST)
    at = [heading.attribute for heading in headings.LIST].index("ref")
    sheet.records(
        (*columns[:at], Field(columns[at].column, linked), *columns[at + 1 :]), register.lines, main=True, repeat=True
    )


def _fiche(book: Book, says: Says, fiche: Fiche, name: str, title: str, intro: str) -> tuple[Sheet, dict[str, Area]]:
    """A record on a sheet of its own; answers where its tables lie."""
    sheet = book.sheet(name, title, intro, headings.WIDTHS)
    sheet.space()
    sheet.facts([(says("name"), fiche.name), (says("ref"), fiche.ref)])
    for key, day in (("created", fiche.created), ("updated", fiche.updated)):
        sheet.facts([(says(key), day if day != dt.date.min else "")])
        sheet.ws.cell(sheet.row - 1, 2).alignment = LEFT
    areas = {"actors": _part(sheet, says, headings.ACTORS, fiche.actors)}
    sheet.space()
    sheet.facts([(says("purpose"), fiche.purpose)])
    sheet.facts(_subpurposes(says, fiche))
    for key, columns, rows in (
        ("data", headings.DATA, fiche.data),
        ("sensitive", headings.SENSITIVE, fiche.sensitive),
        ("subjects", headings.SUBJECTS, fiche.subjects),
        ("recipients", headings.RECIPIENTS, fiche.recipients),
        ("measures", headings.MEASURES, fiche.measures),
        ("transfers", headings.TRANSFERS, fiche.transfers),
    ):
        areas[key] = _part(sheet, says, columns, rows)
    sheet.heading(says("complements"))
    sheet.facts((says(key), marked(says, getattr(fiche.complements, key))) for key in headings.COMPLEMENTS)
    _part(sheet, says, headings.FINDINGS, fiche.findings, empty=says("no_finding") if fiche.name else "")
    return sheet, areas


def _part(sheet: Sheet, says: Says, columns: Sequence[Heading], rows: Sequence[Any], *, empty: str = "") -> Area:
    sheet.keep_together(_height(columns, rows))
    sheet.space()
    return sheet.records(official.fields(says, columns), rows, empty=empty)


def _height(columns: Sequence[Heading], rows: Sequence[Any]) -> float:
    """About how many points a table needs; of a long one, what its beginning does."""
    ends = list(accumulate((column.span for column in columns), initial=0))
    widths = [sum(headings.WIDTHS[start:end]) for start, end in pairwise(ends)]
    needed = (
        max(height_of(str(getattr(row, c.attribute)), width, SIZE) for c, width in zip(columns, widths, strict=True)) + 4
        for row in rows
    )
    return min(sum(needed, start=40.0), 180.0)


def _subpurposes(says: Says, fiche: Fiche) -> list[tuple[str, Value]]:
    """As many lines as there are, and one that says so where there is none."""
    lines: list[tuple[str, Value]] = [
        (says("subpurpose", number=number), text) for number, text in enumerate(fiche.subpurposes, start=1)
    ]
    return lines or [(says("subpurpose", number=1), says("no_subpurpose"))]


def _lists(book: Book, says: Says) -> Area:
    """Sheet 5: one list a column."""
    sheet = book.sheet(says("sheet.lists"), says("lists.title"), says("lists.intro"), (14, 26, 36, 44, 34))
    sheet.space()
    columns = [Column(says(f"choice.{key}"), width=30) for key in CHOICE_KEYS]
    longest = max(map(len, CHOICE_KEYS.values()))
    rows = [
        [says(f"choice.{keys[number]}") if number < len(keys) else "" for keys in CHOICE_KEYS.values()]
        for number in range(longest)
    ]
    return sheet.table(columns, rows)


def _offer(sheet: Sheet, areas: dict[str, Area], lists: dict[str, str], first: int) -> None:
    """Offers sheet 5's entries where a type is asked for. Other entries are allowed: the policy has its own words."""
    for key, column in OFFERED.items():
        area = areas[key]
        choice = "safeguards" if key == "transfers" else key
        start = lists[choice]
        formula = f"{start}{first}:{start.rpartition('!')[2]}{first + len(CHOICE_KEYS[choice]) - 1}"
        offer = DataValidation(type="list", formula1=formula, allow_blank=True, showErrorMessage=False)
        offer.add(f"{column}{area.first_row}:{column}{area.last_row}")
        sheet.ws.add_data_validation(offer)


def _quoted(name: str) -> str:
    return "'" + name.replace("'", "''") + "'"
