"""What is read back from our workbook equals the publication it was written from: every table and fact, in both languages."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from retention.cells import as_civil, plain_text
from retention.declare.words import Text
from retention.errors import NotFound
from retention.workbook import Marked, Value
from retention.workspace import Workspace
from ropa.register.changes import Change
from ropa.register.editions import own
from ropa.register.editions.own import cards, contents, cover
from ropa.register.editions.own.edition import Edition
from ropa.register.editions.own.page import Facts, Page, Table
from ropa.register.editions.own.reading import read_fact, read_tables
from ropa.register.making import make_register
from ropa.register.model import Register, RegisterCheck
from ropa.register.publication import Approval, Publication
from tests.unit.register.ooxml import faults
from tests.unit.report.nights import STATUS, seeded

AS_OF = dt.date(2026, 11, 23)
AT = dt.datetime.fromisoformat("2026-11-24T02:00")


def both(text: str) -> Text:
    return Text(fr=text, en=text)


CHECKS = tuple(
    RegisterCheck(
        id=f"check.{n}", title=both(f"Check {n}"), article=None, legal=n > 1, outcome=outcome, concerns=("R1", "R2")[:n]
    )
    for n, outcome in enumerate(("PASS", "FAIL", "ERROR"))  # type: ignore[arg-type]
)
CHANGES = (
    Change(both("Activities"), "R1", both("changed"), both("before"), both("after")),
    Change(both("Data"), None, both("added"), None, both("new")),
)


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory) -> Register:
    bundle = Workspace.at(Path("unused"), decision_set="example").bundle()
    statuses = STATUS | {"usage": "failed", "transaction": "rehearsal"}
    evidence = seeded(tmp_path_factory.mktemp("evidence"), bundle, statuses=statuses, left=5)
    return make_register(bundle, evidence, AS_OF).model_copy(update={"checks": CHECKS})


@pytest.fixture(scope="module", params=["fr", "en"])
def edition(request: pytest.FixtureRequest, register: Register) -> Edition:
    return own.edition_of(Publication(2, 5, AT, register), request.param, CHANGES, "2.4")


@pytest.fixture(scope="module")
def path(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return own.write(edition.publication, edition.say.language, tmp_path_factory.mktemp("own"), changes=CHANGES, previous="2.4")


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return load_workbook(path)


def pages(edition: Edition) -> list[Page]:
    records = cards.page(edition)
    listed = own.pages(edition, records, {})
    return [cover.page(edition), contents.page(edition, listed), *listed]


def sheet_of(book: Workbook, edition: Edition, page: Page) -> Worksheet:
    sheet = book[edition.say(f"{page.key}.sheet")]
    assert isinstance(sheet, Worksheet)
    return sheet


def shown(value: Value) -> Any:
    """A field's value as a cell gives it back."""
    plain = value.value if isinstance(value, Marked) else value
    if plain is None:
        return "–"
    if isinstance(plain, dt.datetime):
        return as_civil(plain)
    if isinstance(plain, dt.date):
        return dt.datetime.combine(plain, dt.time())
    return (plain_text(plain) or None) if isinstance(plain, str) else plain


def tables_of(page: Page) -> Iterator[tuple[int, Table]]:
    """The tables of a page; of those with the same headers, each with its number among them."""
    seen: dict[tuple[str, ...], int] = {}
    for block in page.blocks:
        table = block.figures if isinstance(block, cards.Card) else block
        if isinstance(table, Table):
            headers = tuple(field.column.header for field in table.fields)
            yield seen.get(headers, 0), table
            seen[headers] = seen.get(headers, 0) + 1


def test_every_table_reads_back_as_its_fields(edition: Edition, book: Workbook) -> None:
    records = 0
    for page in pages(edition):
        worksheet = sheet_of(book, edition, page)
        for number, table in tables_of(page):
            headers = [field.column.header for field in table.fields]
            expected = [
                {header: shown(field.of(item)) for header, field in zip(headers, table.fields, strict=True)}
                for item in table.items
            ]
            if table.totals is not None:
                expected.append(dict(zip(headers, map(shown, table.totals), strict=True)))
            assert len(set(headers)) == len(headers)
            assert read_tables(worksheet, headers)[number] == expected, page.key
            records += len(expected)
    assert records > 500


def test_every_fact_reads_back(edition: Edition, book: Workbook) -> None:
    for page in pages(edition):
        worksheet = sheet_of(book, edition, page)
        for block in page.blocks:
            for label, value in block.pairs if isinstance(block, Facts) else ():
                assert read_fact(worksheet, label) == shown(value), label


def test_every_card_reads_back(edition: Edition, book: Workbook) -> None:
    page = cards.page(edition)
    worksheet = sheet_of(book, edition, page)
    rows = {row[0].value: row[0].row for row in worksheet.iter_rows(max_col=1)}
    for card in page.blocks:
        assert isinstance(card, cards.Card)
        for label, value in (side for pair in card.pairs for side in pair):
            assert read_fact(worksheet, label, below=rows[card.title]) == shown(value), (card.title, label)


def test_every_record_counts_once_among_the_categories(edition: Edition, book: Workbook, register: Register) -> None:
    holdings = next(page for page in pages(edition) if page.key == "holdings")
    _, categories = next(tables_of(holdings))
    headers = [field.column.header for field in categories.fields]
    worksheet = book[edition.say("holdings.sheet")]
    assert isinstance(worksheet, Worksheet)
    *lines, total = read_tables(worksheet, headers)[0]
    held = edition.say("holdings.records")
    uncounted = edition.say("holdings.nobody")
    assert len(lines) == len(register.categories) == 4
    assert [line[held] for line in lines].count(uncounted) == 1  # the usage store has no finished run
    assert total[held] == "–"  # so that there is no total either


def test_the_file_is_in_order(path: Path) -> None:
    assert faults(path) == []


def test_a_draft_says_so_on_every_sheet_and_in_print(book: Workbook, edition: Edition) -> None:
    draft = {"fr": "PROJET – non approuvé", "en": "DRAFT – not approved"}[edition.say.language]
    for sheet in book.worksheets:
        head = [cell for row in sheet.iter_rows(max_row=4) for cell in row if str(cell.value).startswith(draft)]
        assert head and all(cell.fill.start_color.rgb == "00C00000" for cell in head), sheet.title
        for margin in (sheet.oddHeader, sheet.oddFooter):
            assert margin.center.text.startswith(draft)


@pytest.mark.parametrize(
    ("approved", "example", "warning"),
    [
        (False, False, "PROJET – non approuvé"),
        (False, True, "PROJET – non approuvé – JEU DE DÉCISIONS D’EXEMPLE – sans valeur, n’engage personne"),
        (True, True, "PROJET – JEU DE DÉCISIONS D’EXEMPLE – sans valeur, n’engage personne"),
        (True, False, ""),
    ],
)
def test_only_what_is_approved_and_in_force_bears_no_warning(
    register: Register, approved: bool, example: bool, warning: str
) -> None:
    grounding = register.grounding.model_copy(update={"example": example})
    approval = Approval("Somebody", AT, "", "2.5") if approved else None
    publication = Publication(2, 5, AT, register.model_copy(update={"grounding": grounding}), approval)
    assert own.edition_of(publication, "fr").warning == warning


def test_old_figures_say_how_old(register: Register, edition: Edition) -> None:
    nights = tuple(night.model_copy(update={"late_days": 9}) for night in register.nights)
    late = register.model_copy(update={"as_of": AS_OF + dt.timedelta(days=9), "nights": nights})
    aged = own.edition_of(Publication(2, 6, AT, late), "fr")
    (page,) = [page for page in pages(aged) if page.key == "holdings"]
    _, categories = next(tables_of(page))
    field = next(field for field in categories.fields if field.column.header == "Dernières passes")
    said = field.of(categories.items[0])
    assert isinstance(said, Marked) and said.tone == "warn"
    assert "chiffres du 22/11/2026, vieux de 9 jours" in str(said.value)


def test_a_table_that_is_not_there_is_named(book: Workbook) -> None:
    sheet = book.worksheets[0]
    with pytest.raises(NotFound, match="Absent"):
        read_tables(sheet, ["Absent"])
    with pytest.raises(NotFound, match="Absent"):
        read_fact(sheet, "Absent")
