"""Tables too long to be held in memory: a sheet's head is made as any other, its rows go to a file as they come.

Every row becomes the text it is in the workbook at once, in a spool on disk; when the book is saved, the spools are poured
into the sheets they belong to. Looks are those of every workbook (`cells`), but that nothing wraps: a row is one line high.
Memory does not grow with the rows, and a styled row takes a fraction of the time that openpyxl's write-only mode takes.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from functools import lru_cache
from pathlib import Path
from typing import IO
from xml.sax.saxutils import escape

from openpyxl.cell.cell import Cell
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import to_excel

from retention.cells import FIGURES, FORMULA_SIGNS, Kind, Marked, Plain, Tone, Value, as_civil, cell_style, kind_of, plain_text
from retention.workbook import Area, Book, Column, Row, Sheet

ROWS_A_SHEET = 1_048_576
COPIED_AT_ONCE = 1 << 20
_END = b"</sheetData>"
_DIMENSION = re.compile(rb'<dimension ref="[^"]*"')


class LongTable:
    """A table of any length. `sheet_of` makes its first sheet (1) and those it goes on to when one is full (2, 3, …).

    `blank` is what stands where there is no value; empty, the cell is empty, which a chart shows as a gap.
    """

    def __init__(
        self,
        book: Book,
        sheet_of: Callable[[int], Sheet],
        columns: Sequence[Column],
        *,
        blank: str = "–",
        limit: int = ROWS_A_SHEET,
    ) -> None:
        self._book, self._sheet_of, self._columns = book, sheet_of, columns
        self._blank, self._limit = blank, limit
        self._letters = [get_column_letter(number) for number in range(1, len(columns) + 1)]
        self._styles: dict[tuple[Kind, Tone, bool], int] = {}
        self.parts: list[Part] = []
        self._begin()

    def add(self, row: Row) -> None:
        """One line. Raises TypeError for a link: there may be too many of them for a sheet to bear."""
        part = self.parts[-1]
        if part.next_row > self._limit:
            part = self._begin()
        number = part.next_row
        cells = [
            self._cell(f"{letter}{number}", value, column.kind)
            for letter, column, value in zip(self._letters, self._columns, row, strict=True)
        ]
        part.put(f'<row r="{number}">{"".join(cells)}</row>')

    def extend(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self.add(row)

    @property
    def rows(self) -> int:
        return sum(part.next_row - part.first_row for part in self.parts)

    def finish(self, empty: str = "") -> list[Area]:
        """Sets the filters over all rows, or says that there are none. Answers where the rows lie, sheet by sheet."""
        if not self.rows and empty:
            self.parts[0].sheet.paragraph(empty, "muted")
        for part in self.parts:
            last = max(part.next_row - 1, part.header_row)
            part.sheet.ws.auto_filter.ref = f"A{part.header_row}:{self._letters[-1]}{last}"
        return [Area(part.header_row, part.first_row, part.next_row - 1) for part in self.parts]

    def _begin(self) -> Part:
        sheet = self._sheet_of(len(self.parts) + 1)
        header = sheet.table(self._columns, (), main=True).header_row
        part = Part(sheet, header, sheet.row, self._letters[-1])
        self.parts.append(part)
        self._book.later.append(part)
        return part

    def _cell(self, place: str, value: Value, kind: Kind) -> str:
        if isinstance(value, Marked):
            if value.target:
                raise TypeError("a long table has no links")
            return self._plain(place, value.value, kind, value.tone)
        return self._plain(place, value, kind, "plain")

    def _plain(self, place: str, value: Plain, kind: Kind, tone: Tone) -> str:
        if value is None:
            if not self._blank:
                return f'<c r="{place}" s="{self._style(kind, tone, quoted=False)}"/>'
            return self._text(place, self._blank, kind, "muted" if tone == "plain" else tone)
        if isinstance(value, str):
            return self._text(place, plain_text(value), "text" if kind in FIGURES else kind, tone)
        style = self._style(kind if kind != "text" else kind_of(value), tone, quoted=False)
        figure = _serial(value) if isinstance(value, dt.date) else value
        return f'<c r="{place}" s="{style}"><v>{figure}</v></c>'

    def _text(self, place: str, text: str, kind: Kind, tone: Tone) -> str:
        style = self._style(kind, tone, quoted=text[:1] in FORMULA_SIGNS)
        space = ' xml:space="preserve"' if text != text.strip() else ""
        return f'<c r="{place}" s="{style}" t="inlineStr"><is><t{space}>{escape(text)}</t></is></c>'

    def _style(self, kind: Kind, tone: Tone, *, quoted: bool) -> int:
        found = self._styles.get((kind, tone, quoted))
        if found is None:
            found = self._styles[kind, tone, quoted] = self._made(kind, tone, quoted=quoted)
        return found

    def _made(self, kind: Kind, tone: Tone, *, quoted: bool) -> int:
        """The number of a style in the workbook."""
        name = f"{kind} {tone} line"
        if name not in self._book.workbook.named_styles:
            style = cell_style(name, kind, tone, self._book.language)
            style.alignment = copy(style.alignment)
            style.alignment.wrap_text = False
            self._book.workbook.add_named_style(style)
        sample = Cell(self.parts[0].sheet.ws, row=1, column=1)  # in no sheet: it only learns the number
        sample.style = name
        sample.quotePrefix = quoted
        return int(sample.style_id)


class Part:
    """The rows of one sheet, on their way into it."""

    def __init__(self, sheet: Sheet, header_row: int, first_row: int, last_column: str) -> None:
        self.sheet, self.header_row, self.first_row, self.next_row = sheet, header_row, first_row, first_row
        self._last_column = last_column
        self._spool: IO[bytes] = tempfile.TemporaryFile(prefix="retention-")  # noqa: SIM115 - closed once it is poured out

    def put(self, text: str) -> None:
        self._spool.write(text.encode("utf-8"))
        self.next_row += 1

    @property
    def name(self) -> str:
        """Of the sheet's file in the workbook, once that has been written."""
        return str(self.sheet.ws.path).lstrip("/")

    def pour(self, shell: bytes, into: IO[bytes]) -> None:
        """Writes the sheet: what openpyxl made of its head and foot, the rows between them."""
        head, _, foot = shell.partition(_END)
        if self.next_row > self.first_row:
            size = f'<dimension ref="A1:{self._last_column}{self.next_row - 1}"'.encode()
            head = _DIMENSION.sub(size, head, count=1)
        into.write(head)
        self._spool.seek(0)
        shutil.copyfileobj(self._spool, into, COPIED_AT_ONCE)
        into.write(_END + foot)


def pour(path: Path, parts: Sequence[Part]) -> None:
    """Puts the rows of long tables into the workbook that was written to `path`."""
    by_name = {part.name: part for part in parts}
    filled = path.with_name(f"{path.name}.filled")
    try:
        with zipfile.ZipFile(path) as shell, zipfile.ZipFile(filled, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as book:
            for entry in shell.infolist():
                if entry.filename in by_name:
                    with book.open(entry.filename, "w", force_zip64=True) as sheet:
                        by_name[entry.filename].pour(shell.read(entry), sheet)
                else:
                    book.writestr(entry, shell.read(entry))
        filled.replace(path)
    finally:
        filled.unlink(missing_ok=True)


@lru_cache(maxsize=4096)
def _serial(value: dt.date) -> float:
    """A date or a moment as a spreadsheet counts it."""
    return float(
        to_excel(  # type: ignore[no-untyped-call]
            as_civil(value) if isinstance(value, dt.datetime) else value
        )
    )
