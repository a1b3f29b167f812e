"""The shared look: cells that never become formulas, heights that hold their text, and a save that loses nothing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from retention.cells import as_civil
from retention.errors import OutputError
from retention.typography import height_of, typeset
from retention.workbook import Book, Column, Marked

DANGEROUS = ["=1+1", "+33612345678", "-2", "@SUM(A1)", "\t=1", '=HYPERLINK("http://x")', "=cmd|' /C calc'!A0"]


def book(warning: str = "") -> Book:
    return Book("fr", title="Titre & co", subject="Sujet", owner="Société", edition="Édition | suite", warning=warning)


@pytest.mark.parametrize("text", DANGEROUS)
def test_text_never_becomes_a_formula(tmp_path: Path, text: str) -> None:
    one = book()
    sheet = one.sheet("Feuille", "Titre", text, [30, 30])
    sheet.table([Column("A", 30), Column("B", 30, "count")], [(text, Marked(text, "bad"))])
    sheet.facts([(text, text)])
    read = load_workbook(one.save(tmp_path, "livre.xlsx"))["Feuille"]
    found = [cell for row in read.iter_rows() for cell in row if cell.value and str(cell.value).strip() == text.strip()]
    assert len(found) == 5
    assert all(cell.data_type == "s" and cell.quotePrefix for cell in found)


def test_control_characters_and_endless_texts_fit_into_a_cell(tmp_path: Path) -> None:
    one = book()
    one.sheet("F", "T", "", [20, 20]).table([Column("A"), Column("B")], [("a\x00b", "x" * 40_000)])
    read = load_workbook(one.save(tmp_path, "livre.xlsx"))["F"]
    values = [str(cell.value) for row in read.iter_rows() for cell in row]
    assert "a\ufffdb" in values
    assert any(value.endswith("[…]") for value in values)


def test_a_failed_write_keeps_the_former_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one = book()
    one.sheet("F", "T", "", [20, 20])
    path = one.save(tmp_path, "livre.xlsx")
    before = path.read_bytes()

    def full(self: Workbook, filename: Path) -> None:
        Path(filename).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Workbook, "save", full)
    with pytest.raises(OutputError, match=r"livre\.xlsx.*Mend"):
        one.save(tmp_path, "livre.xlsx")
    assert path.read_bytes() == before
    assert [each.name for each in tmp_path.iterdir()] == ["livre.xlsx"]


@pytest.mark.parametrize("lock", [".~lock.livre.xlsx#", "~$livre.xlsx"])
def test_an_open_workbook_is_not_replaced(tmp_path: Path, lock: str) -> None:
    (tmp_path / lock).touch()
    one = book()
    one.sheet("F", "T", "", [20, 20])
    with pytest.raises(OutputError, match="close it"):
        one.save(tmp_path, "livre.xlsx")


def test_a_protected_workbook_is_not_replaced(tmp_path: Path) -> None:
    one = book()
    one.sheet("F", "T", "", [20, 20])
    one.save(tmp_path, "livre.xlsx").chmod(0o444)
    with pytest.raises(OutputError, match="write-protected"):
        one.save(tmp_path, "livre.xlsx")


def test_moments_are_told_on_the_clock_of_paris() -> None:
    at = dt.datetime.fromisoformat
    assert as_civil(at("2026-07-01T23:30")) == at("2026-07-02T01:30")
    assert as_civil(at("2026-12-01T23:30+00:00")) == at("2026-12-02T00:30")


def test_a_longer_text_stands_higher() -> None:
    assert height_of("court", 20, 9) < height_of("un texte bien plus long qui ne tient pas sur une ligne", 20, 9)
    assert height_of("a\nb\nc", 20, 9) == pytest.approx(3 * height_of("a", 20, 9))
    assert height_of("x" * 64, 20, 8, monospace=True) > 2 * height_of("x", 20, 8, monospace=True)


def test_french_is_typeset() -> None:
    assert typeset("l'avis : « oui » ; non ?", "fr") == "l’avis\u00a0: «\u00a0oui\u00a0»\u00a0; non\u00a0?"
    assert typeset("voir https://www.smsenvoi.com : ici", "fr") == "voir https://www.smsenvoi.com\u00a0: ici"
    assert typeset("it's : so", "en") == "it's : so"
