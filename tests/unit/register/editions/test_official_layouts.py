"""What every official layout owes: a draft says so on every page, and no text of the data does any harm."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from retention.cells import plain_text
from retention.errors import OutputError
from ropa.register.editions import cnil, ico, processor, reading
from ropa.register.model import Register
from tests.unit.register.editions.sentinels import publication, register

WRITERS = {"cnil": cnil.write, "cnil.ods": cnil.write_ods, "ico": ico.write, "processor": processor.write}
READERS: dict[str, tuple[Callable[[Path], Any], Callable[[Register, Any], Any]]] = {
    "cnil": (reading.read_cnil, cnil.cnil_register),
    "cnil.ods": (reading.read_cnil, cnil.cnil_register),
    "ico": (reading.read_ico, ico.ico_register),
    "processor": (reading.read_processor, processor.processor_register),
}
HOSTILE = (
    "=1+1", "+33612345678", "-2", "@SUM(A1)", "\t=1", "=cmd|' /C calc'!A0", "a\x00b\x07c\x1f", "\ufffe\uffff", "🗑️👩‍⚖️🇫🇷",
    "‏محو البيانات‏ \u202egnp.exe", "  two  spaces   kept", "<b>&amp;</b> ]]>", "é" * 40_000, "&P of &N", "{braces} %s",
)  # fmt: skip


def hostile() -> Register:
    """Every text a hostile one, but for what names a sheet."""
    texts = itertools.cycle(HOSTILE)

    def write(language: str, path: str) -> str:
        name = path.rpartition(".")[2]
        return f"{language} {path}".strip() if name in ("ref", "id") else next(texts)

    return register(write)


@pytest.mark.parametrize("edition", WRITERS)
def test_hostile_texts_stay_texts(tmp_path: Path, edition: str) -> None:
    made = hostile()
    path = WRITERS[edition](publication(made), "fr", tmp_path)
    read, project = READERS[edition]
    assert normal(asdict(read(path))) == normal(asdict(project(made, "fr")))
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        for name in archive.namelist():
            if name.endswith(".xml"):
                assert b"<f>" not in archive.read(name) and b"table:formula" not in archive.read(name), name


def normal(value: Any) -> Any:
    """Values as a cell can hold them."""
    if isinstance(value, dict):
        return {key: normal(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [normal(each) for each in value]
    return plain_text(value) if isinstance(value, str) else value


@pytest.mark.parametrize("edition", ["cnil", "ico", "processor"])
@pytest.mark.parametrize(
    ("language", "approved", "example"), [("fr", False, False), ("en", False, True), ("fr", True, True), ("en", True, False)]
)
def test_a_draft_says_so_on_every_sheet_and_page(
    tmp_path: Path, edition: str, language: Any, approved: bool, example: bool
) -> None:
    made = register()
    made = made.model_copy(update={"grounding": made.grounding.model_copy(update={"example": example})})
    made = made.model_copy(update={"activities": made.activities[:1]})
    book = load_workbook(WRITERS[edition](publication(made, approved=approved), language, tmp_path))
    draft = {"fr": "PROJET – non approuvé", "en": "DRAFT – not approved"}[language]
    no_force = {"fr": "JEU DE DÉCISIONS D’EXEMPLE", "en": "EXAMPLE DECISION SET"}[language]
    for sheet in book.worksheets:
        body = [str(cell.value) for row in sheet.iter_rows(max_row=4) for cell in row if cell.value]
        for text in (" ".join(body), sheet.oddHeader.center.text or "", sheet.oddFooter.center.text or ""):
            assert (draft in text) is (not approved or example), sheet.title
            assert (no_force in text) is example, sheet.title
        assert ("Marie Dupont" in " ".join(body)) is (approved and not example)


@pytest.mark.parametrize("edition", ["cnil", "ico", "processor"])
def test_pages_are_a4_landscape_and_their_margins_no_longer_than_excel_reads(tmp_path: Path, edition: str) -> None:
    path = WRITERS[edition](publication(hostile()), "fr", tmp_path)
    for sheet in load_workbook(path).worksheets:
        assert (sheet.page_setup.orientation, str(sheet.page_setup.paperSize)) == ("landscape", "9")
    with zipfile.ZipFile(path) as archive:
        for margin in margins(archive):
            assert len(margin) <= 255


def margins(archive: zipfile.ZipFile) -> Iterator[str]:
    for name in archive.namelist():
        if name.startswith("xl/worksheets/sheet"):
            text = archive.read(name).decode()
            for part in re.findall(r"<odd(?:Header|Footer)>(.*?)</odd", text):
                yield part.replace("&amp;", "&").replace("&quot;", '"')


@pytest.mark.parametrize("reader", [reading.read_cnil, reading.read_ico, reading.read_processor])
def test_another_file_is_refused_in_words(tmp_path: Path, reader: Callable[[Path], Any]) -> None:
    garbage = tmp_path / "registre.xlsx"
    garbage.write_bytes(b"not a workbook")
    with pytest.raises(OutputError, match=r"registre\.xlsx"):
        reader(garbage)
    other = processor.write if reader is not reading.read_processor else ico.write
    with pytest.raises(OutputError, match="not a workbook of this layout"):
        reader(other(publication(register()), "fr", tmp_path))


def test_a_table_without_the_headers_is_refused() -> None:
    with pytest.raises(OutputError, match="no table with the headers A, B"):
        reading.read_table([["A", "C"], [1, 2]], ["A", "B"])


def test_a_table_is_read_by_its_headers_wherever_it_lies() -> None:
    rows = [["title"], [], ["A", None, "B"], [1, None, None], [None, None, 2], [None, None, None], ["after", None, "it"]]
    assert reading.read_table(rows, ["A", "B"]) == [{"A": 1, "B": None}, {"A": None, "B": 2}]


def test_a_day_is_a_day_in_paris(tmp_path: Path) -> None:
    """Published half an hour before midnight by the clock of the evidence, it is past midnight there."""
    late = replace(publication(register()), published_at=dt.datetime(2026, 7, 1, 23, 30, tzinfo=dt.UTC))
    sheet = load_workbook(processor.write(late, "en", tmp_path)).worksheets[0]
    said = " ".join(str(cell.value) for row in sheet.iter_rows(max_row=4) for cell in row if cell.value)
    assert "2 Jul 2026" in said and "1 Jul 2026" not in said
