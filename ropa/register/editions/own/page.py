"""A sheet before it is written: what stands on it, from top to bottom. It is laid out by `retention.workbook`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from retention.workbook import Area, Field, Sheet, Tone, Value


class Block(Protocol):
    """Something on a page."""

    def lay(self, sheet: Sheet) -> int:
        """Writes it below what is there, and answers the row it begins with."""


@dataclass(frozen=True)
class Heading:
    """A section heading. `new_page`: on paper it begins a page."""

    text: str
    new_page: bool = False

    def lay(self, sheet: Sheet) -> int:
        if self.new_page:
            sheet.page_break()
        return sheet.heading(self.text)


@dataclass(frozen=True)
class Paragraph:
    """A text across the page."""

    text: str
    tone: Tone = "plain"

    def lay(self, sheet: Sheet) -> int:
        sheet.paragraph(self.text, self.tone)
        sheet.space()
        return sheet.row - 2


@dataclass(frozen=True)
class Note:
    """What introduces a table."""

    text: str

    def lay(self, sheet: Sheet) -> int:
        sheet.note(self.text)
        return sheet.row - 1


@dataclass(frozen=True)
class Facts:
    """Labels and values, a pair to a row."""

    pairs: tuple[tuple[str, Value], ...]
    labels: int = 1

    def lay(self, sheet: Sheet) -> int:
        first = sheet.row
        sheet.facts(self.pairs, labels=self.labels)
        return first


@dataclass(frozen=True)
class Table:
    """What `fields` say of each item.

    `main`: filters and a header that stays in view; `filters`: these alone, below other tables; `repeat`: its header returns in
    print.
    """

    fields: Sequence[Field[Any]]
    items: Sequence[Any]
    main: bool = False
    repeat: bool = False
    filters: bool = False
    totals: tuple[Value, ...] | None = None
    empty: str = ""
    bars: tuple[str, ...] = ()  # headers of the columns with data bars

    def lay(self, sheet: Sheet) -> int:
        area = sheet.records(self.fields, self.items, main=self.main, repeat=self.repeat, totals=self.totals, empty=self.empty)
        if self.filters:
            columns = sum(field.column.span for field in self.fields)
            sheet.filters(area.header_row, max(area.last_row, area.header_row), columns)
            sheet.ws.freeze_panes = sheet.ws.cell(1, sheet.repeated + 1).coordinate  # rows above would fill the screen
        self._draw_bars(sheet, area)
        return area.header_row

    def _draw_bars(self, sheet: Sheet, area: Area) -> None:
        at = 1
        for field in self.fields:
            if field.column.header in self.bars:
                sheet.bars(area, at)
            at += field.column.span


@dataclass(frozen=True)
class Page:
    """One sheet: `key` names its labels, `entries` is what the contents count of it. `spread` as in `Book.sheet`."""

    key: str
    widths: tuple[float, ...]
    blocks: tuple[Block, ...]
    entries: int | None = None
    spread: int = 0
    repeated: int = 1


def widths_of(fields: Sequence[Field[Any]]) -> tuple[float, ...]:
    """Those of the table that a sheet is made for."""
    return tuple(field.column.width for field in fields)


def table_page(key: str, fields: Sequence[Field[Any]], items: Sequence[Any], *, spread: int = 0, repeated: int = 1) -> Page:
    """A sheet with one table."""
    table = Table(fields, items, main=True)
    return Page(key, widths_of(fields), (table,), len(items), spread, repeated)
