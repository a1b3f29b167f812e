"""Long tables: what goes in comes back, whatever it is; further sheets when one is full; memory that does not grow."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from retention.cells import plain_text
from retention.longtable import LongTable
from retention.workbook import Book, Column, Marked, Sheet
from tests.unit.report.test_workbook import DANGEROUS, book

COLUMNS = [Column("Texte", 40), Column("Nombre", 12, "count"), Column("Jour", 12, "date"), Column("Moment", 16, "moment")]
DAY, MOMENT = dt.date(2026, 11, 22), dt.datetime.fromisoformat("2026-11-22T23:30")


def table(one: Book, *, limit: int = 1_048_576, blank: str = "–") -> LongTable:
    def sheet(number: int) -> Sheet:
        return one.sheet(f"Lignes {number}", "Titre", "Intro", [40, 12, 12, 16])

    return LongTable(one, sheet, COLUMNS, limit=limit, blank=blank)


def read(one: Book, folder: Path) -> Workbook:
    return load_workbook(one.save(folder, "livre.xlsx"))


def test_values_come_back_as_they_went_in(tmp_path: Path) -> None:
    one = book()
    long = table(one)
    long.add(("Été & <b> « » 🙂 مرحبا", 1_234_567, DAY, MOMENT))
    long.add((Marked("gelé", "bad"), Marked(0, "good"), None, "inconnu"))
    (area,) = long.finish()
    rows = list(read(one, tmp_path)["Lignes 1"].iter_rows(min_row=area.first_row, max_row=area.last_row))
    at = dt.datetime.fromisoformat
    assert [cell.value for cell in rows[0]] == [
        "Été & <b> « » 🙂 مرحبا", 1_234_567, at("2026-11-22"), at("2026-11-23T00:30"),
    ]  # fmt: skip
    assert [cell.value for cell in rows[1]] == ["gelé", 0, "–", "inconnu"]
    assert [cell.style for cell in rows[1]] == ["text bad line", "count good line", "date muted line", "text plain line"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_never_becomes_a_formula(tmp_path: Path, text: str) -> None:
    one = book()
    long = table(one)
    long.add((text, Marked(text, "bad"), text, text))
    (area,) = long.finish()
    row = next(read(one, tmp_path)["Lignes 1"].iter_rows(min_row=area.first_row))
    assert [(cell.value, cell.data_type, cell.quotePrefix) for cell in row] == [(text, "s", True)] * 4


@settings(max_examples=30, deadline=None)
@given(st.lists(st.text(st.characters(), max_size=40), min_size=1, max_size=20))
def test_any_text_makes_a_workbook_that_opens(tmp_path_factory: pytest.TempPathFactory, found: list[str]) -> None:
    one = book()
    long = table(one)
    long.extend((text, 1, DAY, MOMENT) for text in found)
    (area,) = long.finish()
    cells = read(one, tmp_path_factory.mktemp("any"))["Lignes 1"].iter_rows(min_row=area.first_row, max_col=1)
    wanted = [plain_text(text).replace("\r\n", "\n").replace("\r", "\n") for text in found]
    assert [cell.value or "" for (cell,) in cells] == wanted


def test_a_full_sheet_goes_on_to_the_next(tmp_path: Path) -> None:
    one = book()
    long = table(one, limit=10)
    long.extend((str(number), number, DAY, MOMENT) for number in range(12))
    areas = long.finish()
    found = read(one, tmp_path)
    assert found.sheetnames == ["Lignes 1", "Lignes 2", "Lignes 3"][: len(areas)]
    numbers = [
        cell.value
        for name, area in zip(found.sheetnames, areas, strict=True)
        for (cell,) in found[name].iter_rows(min_row=area.first_row, max_row=area.last_row, min_col=2, max_col=2)
    ]
    assert numbers == list(range(12))
    for name, area in zip(found.sheetnames, areas, strict=True):
        assert area.last_row <= 10
        assert found[name].freeze_panes == f"B{area.first_row}"
        assert found[name].auto_filter.ref == f"A{area.header_row}:D{area.last_row}"
        assert found[name].print_title_rows == f"${area.header_row}:${area.header_row}"


def test_an_empty_table_says_so_and_a_blank_is_a_gap(tmp_path: Path) -> None:
    one = book()
    table(one, blank="").finish("Rien.")
    with pytest.raises(TypeError, match="no links"):
        table(one).add((Marked("x", target="'A'!A1"), 1, DAY, MOMENT))
    long = table(one, blank="")
    long.add((None, None, None, None))
    long.finish()
    found = read(one, tmp_path)
    assert "Rien." in [cell.value for row in found.worksheets[0].iter_rows() for cell in row]
    last = list(found.worksheets[2].iter_rows())[-1]
    assert [cell.value for cell in last] == [None] * 4


def test_the_file_is_whole_and_says_how_large_it_is(tmp_path: Path) -> None:
    one = book()
    long = table(one)
    long.extend((str(number), number, DAY, MOMENT) for number in range(50))
    (area,) = long.finish()
    path = one.save(tmp_path, "livre.xlsx")
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names))
        assert archive.testzip() is None
        for name in names:
            ElementTree.fromstring(archive.read(name))
        assert f'<dimension ref="A1:D{area.last_row}"'.encode() in archive.read("xl/worksheets/sheet1.xml")
    assert [each.name for each in tmp_path.iterdir()] == ["livre.xlsx"]


GROWTH = """
import sys
from pathlib import Path
from tests.unit.test_longtable import DAY, MOMENT, book, table

def peak(rows):
    one = book()
    long = table(one)
    long.extend((f"row {number} of a list", number, DAY, MOMENT) for number in range(rows))
    long.finish()
    one.save(Path(sys.argv[1]), f"{rows}.xlsx")
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0])

few = peak(10_000)
print(peak(60_000) - few)
"""


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux tells a program's own peak")
def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", GROWTH, str(tmp_path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 6_000, "kilobytes more for fifty thousand more rows"
