"""Texts that nobody wished for: the workbook opens, text stays text, and what is cut is cut visibly."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from retention.cells import LONGEST_TEXT, plain_text
from ropa.register.changes import Change
from ropa.register.editions import own
from ropa.register.model import Register
from ropa.register.publication import Approval, Publication
from tests.unit.register.editions.own_model import Sentinels
from tests.unit.register.ooxml import faults

HOSTILE = (
    '=HYPERLINK("http://x","y")',
    "+33612345678",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "bell\x07 and nothing\x00",
    "no character \uffff",
    "שלום \u202eelbatrever\u202c عربي",
    "👩\u200d👩\u200d👧 🏴\u200d☠️",
    "{braces} %s & <b>&amp;</b> ]]>",
    "a\r\nb\x85c",
    "'quoted'!A1",
    '&P&N&"Arial"',
)
LONG = ("x" * 40_000, "👍" * 40_000)


class Hostile(Sentinels):
    """Every text of the register is one of these, and a few are endless."""

    def __init__(self) -> None:
        super().__init__()
        self.made = 0

    def text(self, path: str) -> str:
        self.made += 1
        if path in ("activities[0].title.fr", "controller.name", "gaps[0].detail.fr"):
            return LONG[self.made % 2]
        return f"{HOSTILE[self.made % len(HOSTILE)]} {path}"


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    hostile = Hostile().make(Register)
    at = dt.datetime.fromisoformat("2026-11-24T02:00")
    texts: Any = hostile.activities[0]
    change = Change(texts.purpose, HOSTILE[0], texts.time_limit, texts.purpose, None)
    publication = Publication(1, 0, at, hostile, Approval(HOSTILE[0], at, HOSTILE[5], "1.0"))
    return own.write(publication, "fr", tmp_path_factory.mktemp("hostile"), changes=[change], previous="0.9")


@pytest.fixture(scope="module")
def book(path: Path) -> Workbook:
    return load_workbook(path)


def test_the_file_is_in_order(path: Path) -> None:
    assert faults(path) == []


def test_text_stays_text(book: Workbook) -> None:
    texts = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert all(cell.data_type == "s" for cell in texts)
    dangerous = [cell for cell in texts if str(cell.value)[:1] in "=+-@\t"]
    assert len(dangerous) > 20
    assert all(cell.quotePrefix for cell in dangerous)


def test_what_is_cut_is_cut_visibly(book: Workbook) -> None:
    texts = [
        str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None
    ]
    endless = [text for text in texts if "x" * 1000 in text or "👍" * 1000 in text]
    assert len(endless) >= 3
    assert all(text.endswith(" […]") for text in endless)


@pytest.mark.parametrize("text", [*HOSTILE, *LONG, "half \ud800 a pair", "👍" * 15_999 + "xx👍"])
def test_a_cell_holds_what_it_can(text: str) -> None:
    held = plain_text(text)
    assert len(held.encode("utf-16-le")) // 2 <= LONGEST_TEXT + len(" […]")
    assert held == text or "\ufffd" in held or held.endswith(" […]")
