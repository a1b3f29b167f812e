"""Cells: how each kind of value looks, which tones mark it, and text that stays text whatever it begins with."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass
from typing import Literal
from weakref import WeakKeyDictionary

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray

from retention.dates import PARIS
from retention.declare.words import Language

Kind = Literal["text", "strong", "count", "date", "moment", "code", "quote", "link"]
Tone = Literal["plain", "good", "warn", "bad", "note", "alert", "muted", "total"]
Plain = str | int | float | dt.date | dt.datetime | None

NAVY, RULE, BAND, RED, LINK = "1F3A5F", "B8C2CE", "E9EEF4", "C00000", "1F4E9E"
TONES: dict[Tone, tuple[str | None, str, bool]] = {  # fill, ink, bold
    "plain": (None, "1A1A1A", False),
    "good": ("E2F0E4", "1B5E20", True),
    "warn": ("FFF0CC", "6B4A00", True),
    "bad": ("F9DEDC", "8C1D18", True),
    "note": ("FFF7E3", "1A1A1A", False),  # as `warn` and `bad`, for texts too long to stand in bold
    "alert": ("FCEDEC", "1A1A1A", False),
    "muted": (None, "5F6368", False),
    "total": (BAND, NAVY, True),
}
FONT, MONOSPACE, SIZE = "Arial", "Courier New", 9
FIGURES: tuple[Kind, ...] = ("count", "date", "moment")  # set to the right
MIDDLE = Alignment(horizontal="left", vertical="center", wrap_text=True, indent=1)
MIDDLE_RIGHT = Alignment(horizontal="right", vertical="center", wrap_text=True, indent=1)
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")  # a text that begins so is marked as a text
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")  # or hardly
_dresses: WeakKeyDictionary[Workbook, dict[str, StyleArray]] = WeakKeyDictionary()
LONGEST_TEXT = 32_000  # a cell holds 32,767 characters
COUNTS: dict[Language, str] = {  # thousands set apart as the language does, wherever the book is opened
    "fr": "[>=1000000]#\\\u00a0###\\\u00a0##0_ ;[>=1000]#\\\u00a0##0_ ;0_ ;@_ ",
    "en": "#,##0_ ;-#,##0_ ;0_ ;@_ ",
}


@dataclass(frozen=True)
class Marked:
    """A value with a tone (its words still say what the colour says) or a link to another sheet of the book."""

    value: Plain
    tone: Tone = "plain"
    target: str | None = None  # `'Sheet'!A1`


Value = Plain | Marked


def put(cell: Cell, value: Plain, kind: Kind, tone: Tone, style: Callable[[Kind, Tone], str]) -> None:
    """A value of data in a cell; `style` names the style of a kind and tone."""
    if value is None:
        put_text(cell, "–", style("text" if kind == "link" else kind, "muted" if tone == "plain" else tone))
    elif isinstance(value, str):
        put_text(cell, value, style("text" if kind in ("count", "date", "moment") else kind, tone))
    else:
        cell.value = as_civil(value) if isinstance(value, dt.datetime) else value
        dress(cell, style(kind if kind != "text" else kind_of(value), tone))


def put_text(cell: Cell, text: str, style: str) -> None:
    """A text that stays a text, whatever it begins with."""
    cell.value = plain_text(text)
    cell.data_type = "s"
    dress(cell, style)
    if text[:1] in FORMULA_SIGNS:
        cell.quotePrefix = True


def dress(cell: Cell, style: str) -> None:
    """Gives a cell a named style: what openpyxl looks up anew for each cell is remembered for the workbook."""
    book = cell.parent.parent
    assert book is not None
    known = _dresses.setdefault(book, {})
    if style in known:
        cell._style = copy(known[style])  # type: ignore[attr-defined]
    else:
        cell.style = style
        known[style] = copy(cell._style)  # type: ignore[attr-defined]


def plain_text(value: str) -> str:
    """A text as a cell can hold it: no control characters, and cut visibly rather than silently."""
    clean = NOT_XML.sub("\ufffd", value)
    if 2 * len(clean) <= LONGEST_TEXT:
        return clean
    units = clean.encode("utf-16-le")  # as a spreadsheet counts: an emoji is two
    if len(units) <= 2 * LONGEST_TEXT:
        return clean
    return units[: 2 * LONGEST_TEXT].decode("utf-16-le", "ignore") + " […]"


def as_civil(moment: dt.datetime) -> dt.datetime:
    """A moment of the evidence (UTC) on the clock of Paris, without a zone: a spreadsheet knows none."""
    aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return aware.astimezone(PARIS).replace(tzinfo=None)


def edges() -> Border:
    """Thin lines on all four sides."""
    side = Side("thin", color=RULE)
    return Border(left=side, right=side, top=side, bottom=side)


def cell_style(name: str, kind: Kind, tone: Tone, language: Language) -> NamedStyle:
    """The style of cells of a kind and tone."""
    fill, ink, bold = TONES[tone]
    font = Font(
        MONOSPACE if kind == "code" else FONT,
        SIZE - 1 if kind == "code" else SIZE,
        bold=bold or kind == "strong",
        italic=kind == "quote",
        color=ink,
    )
    if kind == "link":
        font = Font(FONT, SIZE, bold=bold, underline="single", color=LINK)
    right = kind in FIGURES
    style = NamedStyle(
        name=name,
        font=font,
        border=edges(),
        alignment=Alignment(horizontal="right" if right else "left", vertical="top", wrap_text=True, indent=0 if right else 1),
    )
    if fill:
        style.fill = PatternFill("solid", start_color=fill)
    day = "dd/mm/yyyy" if language == "fr" else "d mmm yyyy"
    style.number_format = {"count": COUNTS[language], "date": f"{day}_ ", "moment": f"{day} hh:mm_ "}.get(kind, "General")
    return style


def kind_of(value: Plain) -> Kind:
    """The kind of a value that is no text."""
    if isinstance(value, dt.datetime):
        return "moment"
    return "date" if isinstance(value, dt.date) else "count"
