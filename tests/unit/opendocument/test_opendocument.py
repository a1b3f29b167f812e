"""A book as .ods: the same cells and spans, the same page, and text that comes back as it was."""

from __future__ import annotations

import datetime as dt
import re
import tempfile
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.datavalidation import DataValidation

from retention.cells import plain_text
from retention.errors import OutputError
from retention.workbook import Book, Column, Marked
from ropa.register.editions.reading import open_sheets

TABLE, OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}", "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
FO = "{urn:oasis:names:tc:opendocument:xmlns:xsl-fo-compatible:1.0}"
DAY, MOMENT = dt.date(2026, 11, 25), dt.datetime(2026, 11, 25, 7, 30, tzinfo=dt.UTC)


def book(language: Any = "fr") -> Book:
    made = Book(language, title="Titre & co", subject="Sujet", owner="Société", edition="Édition | suite", warning="PROJET")
    first = made.sheet("L'une", "Titre", "Introduction", [20, 10, 12, 14])
    columns = [Column("Nom", kind="strong"), Column("Nombre", kind="count"), Column("Jour", kind="date"), Column("Heure")]
    first.table(columns, [("a", 12345, DAY, MOMENT), ("b", None, None, "=1+1")], main=True, repeat=True)
    first.page_break()
    first.facts([("Libellé", "ligne 1\nligne 2")])
    second = made.sheet("Deux", "Titre", "", [30, 30])
    second.table([Column("Lien", kind="link"), Column("Texte")], [(Marked("va", target="'L''une'!A1"), Marked("rouge", "bad"))])
    offer = DataValidation(type="list", formula1="'L''une'!$A$5:$A$6", allow_blank=True)
    offer.add("B5")
    second.ws.add_data_validation(offer)
    return made


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return book().save_as_ods(tmp_path_factory.mktemp("ods"), "livre.ods")


@pytest.fixture(scope="module")
def content(path: Path) -> ElementTree.Element:
    return ElementTree.fromstring(zipfile.ZipFile(path).read("content.xml"))


@pytest.fixture(scope="module")
def styles(path: Path) -> ElementTree.Element:
    return ElementTree.fromstring(zipfile.ZipFile(path).read("styles.xml"))


def named(root: ElementTree.Element) -> dict[str, ElementTree.Element]:
    return {style.get(f"{STYLE}name", ""): style for style in root.iter() if style.get(f"{STYLE}name")}


def test_the_package_says_first_what_it_is(path: Path) -> None:
    archive = zipfile.ZipFile(path)
    first = archive.infolist()[0]
    assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
    assert archive.read("mimetype") == b"application/vnd.oasis.opendocument.spreadsheet"


def test_values_keep_their_types(path: Path) -> None:
    sheets = open_sheets(path)
    assert list(sheets) == ["L'une", "Deux"]
    in_paris = MOMENT.replace(hour=8, tzinfo=None)
    assert ["a", 12345, DAY, in_paris] in [list(row) for row in sheets["L'une"]]
    assert ["b", "–", "–", "=1+1"] in [list(row) for row in sheets["L'une"]]
    assert any(row[:2] == ["Libellé", "ligne 1\nligne 2"] for row in map(list, sheets["L'une"]))


def test_every_row_has_a_cell_for_every_column(content: ElementTree.Element) -> None:
    for table, columns in zip(content.iter(f"{TABLE}table"), (4, 2), strict=True):
        assert len(list(table.iter(f"{TABLE}table-column"))) == columns
        for row in table.iter(f"{TABLE}table-row"):
            assert len(row) == columns
            spans = [int(cell.get(f"{TABLE}number-columns-spanned", 1)) for cell in row if cell.tag == f"{TABLE}table-cell"]
            assert sum(spans) == columns  # covered cells stand where a span says they do


def test_every_style_a_sheet_names_is_defined(content: ElementTree.Element, styles: ElementTree.Element) -> None:
    known = named(content) | named(styles)
    used = {value for each in content.iter() for key, value in each.attrib.items() if key.endswith("}style-name")}
    used |= {value for each in content.iter() for key, value in each.attrib.items() if key.endswith("}master-page-name")}
    assert used <= set(known)


def test_looks_are_kept(content: ElementTree.Element) -> None:
    known = named(content)
    header = next(cell for cell in content.iter(f"{TABLE}table-cell") if "".join(cell.itertext()) == "Nom")
    cell, text = (
        known[header.get(f"{TABLE}style-name", "")].find(f"{STYLE}{part}-properties") for part in ("table-cell", "text")
    )
    assert cell is not None
    assert text is not None
    assert cell.get(f"{FO}background-color") == "#1F3A5F"
    assert cell.get(f"{FO}wrap-option") == "wrap"
    assert (text.get(f"{FO}color"), text.get(f"{FO}font-weight")) == ("#FFFFFF", "bold")
    column = known[next(content.iter(f"{TABLE}table-column")).get(f"{TABLE}style-name", "")]
    properties = column.find(f"{STYLE}table-column-properties")
    assert properties is not None
    assert properties.get(f"{STYLE}column-width") == f"{20 * 5.25 + 3.75:.2f}pt"


def test_pages_are_a4_landscape_with_the_warning_in_their_margins(styles: ElementTree.Element) -> None:
    for layout in styles.iter(f"{STYLE}page-layout"):
        page = layout.find(f"{STYLE}page-layout-properties")
        assert page is not None
        size = [page.get(name) for name in (f"{FO}page-width", f"{FO}page-height", f"{STYLE}print-orientation")]
        assert size == ["29.7cm", "21cm", "landscape"]
    pages = list(styles.iter(f"{STYLE}master-page"))
    assert len(pages) == 2
    for page in pages:
        for margin in ("header", "footer"):
            found = page.find(f"{STYLE}{margin}")
            assert found is not None
            assert "PROJET" in "".join(found.itertext())
    assert "Titre & co" in "".join(pages[0].itertext())


def test_headers_return_in_print_and_stay_in_view(path: Path, content: ElementTree.Element) -> None:
    first = next(content.iter(f"{TABLE}table"))
    repeated = first.find(f"{TABLE}table-header-rows")
    assert repeated is not None
    assert "Nom" in "".join(repeated.itertext())
    settings_xml = zipfile.ZipFile(path).read("settings.xml").decode()
    assert re.search(r'name="VerticalSplitPosition"[^>]*>5<', settings_xml)


def test_links_and_lists_lead_to_their_sheet(content: ElementTree.Element) -> None:
    links = {"".join(each.itertext()): value for each in content.iter() for value in each.attrib.values() if value[:1] == "#"}
    assert links["va"] == "#'L''une'.A1"
    body = content.find(f"{OFFICE}body/{OFFICE}spreadsheet")
    assert body is not None
    assert [each.tag for each in body] == [f"{TABLE}content-validations", f"{TABLE}table", f"{TABLE}table"]
    assert "$'L''une'.$A$5:.$A$6" in body[0][0].get(f"{TABLE}condition", "")


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r")), min_size=1, max_size=20))
def test_any_text_comes_back_as_a_cell_holds_it(texts: list[str]) -> None:
    made = Book("fr", title="T", subject="S", owner="O", edition="E")
    made.sheet("F", "T", "", [20, 20]).table([Column("A"), Column("B")], [("-", text) for text in texts])
    with tempfile.TemporaryDirectory() as folder:
        rows = open_sheets(made.save_as_ods(Path(folder), "l.ods"))["F"]
    assert [row[1] or "" for row in rows if row[0] == "-"] == [plain_text(text) for text in texts]


def test_a_failed_write_keeps_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from odf.opendocument import OpenDocument

    path = book().save_as_ods(tmp_path, "livre.ods")
    before = path.read_bytes()

    def full(self: object, filename: str) -> None:
        Path(filename).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(OpenDocument, "save", full)
    with pytest.raises(OutputError, match=r"livre\.ods.*Mend"):
        book().save_as_ods(tmp_path, "livre.ods")
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["livre.ods"]
