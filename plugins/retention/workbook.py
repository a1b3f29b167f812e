"""The look of every workbook: tables, print set-up, and a way of saving that loses nothing.

A `Book` is one workbook, a `Sheet` one page of it, filled from top to bottom: title, introduction, tables, facts and notes.
Cells are in `cells`. Row heights are estimated: no spreadsheet program does it for merged cells.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from openpyxl import Workbook
from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.formatting.rule import DataBarRule
from openpyxl.styles import Alignment, Font, NamedStyle, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.utils.indexed_list import IndexedList
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.pagebreak import Break, ColBreak
from openpyxl.worksheet.worksheet import Worksheet

from retention.cells import BAND, FIGURES, LINK, RED, cell_style, edges, plain_text, put, put_text
from retention.cells import FONT as FONT
from retention.cells import MIDDLE as MIDDLE
from retention.cells import MIDDLE_RIGHT as MIDDLE_RIGHT
from retention.cells import NAVY as NAVY
from retention.cells import SIZE as SIZE
from retention.cells import TONES as TONES
from retention.cells import Kind as Kind
from retention.cells import Marked as Marked
from retention.cells import Tone as Tone
from retention.cells import Value as Value
from retention.declare.words import Language
from retention.errors import OutputError
from retention.typography import Words as Words
from retention.typography import height_of
from retention.typography import typeset as typeset

if TYPE_CHECKING:
    from retention.longtable import Part

TALLEST_ROW = 405.0  # points; no program draws a taller one
BACK_WIDTH = 14.0  # column units that the link back to the contents needs
PAGE_WIDTH, PAGE_HEIGHT = 148.0, 490.0  # of a landscape A4 page at full size: column units, points
HEADER_ROOM = (46, 88, 46)  # characters at the left, middle and right of a page's header: with their commands at most 255
LONGEST_PROPERTY = 255  # characters
SLACK = 0.95  # of a page whose columns are not made to fit by the program that prints it: each measures them in its own way
BAR = "9DB7D5"
EDITION_BREAK = " | "  # what precedes it in a book's edition stands at the head of every printed page


T = TypeVar("T")
Row = Sequence[Value]


@dataclass(frozen=True)
class Column:
    """A column of a table. `span` counts the grid columns of the sheet that it covers."""

    header: str
    width: float = 12
    kind: Kind = "text"
    group: str = ""
    span: int = 1


@dataclass(frozen=True)
class Field(Generic[T]):
    """A column and what it says of an item: header and value stand on one line and cannot part."""

    column: Column
    of: Callable[[T], Value]


@dataclass(frozen=True)
class Area:
    """Where a table came to lie."""

    header_row: int
    first_row: int
    last_row: int


class Book:
    """One workbook. `warning` is a red line on every sheet and every printed page."""

    def __init__(self, language: Language, *, title: str, subject: str, owner: str, edition: str, warning: str = "") -> None:
        self.language: Language = language
        self.title, self.edition, self.warning = title, edition, warning
        self.workbook = Workbook()
        self.workbook.remove(self.workbook.worksheets[0])
        _set_default_font(self.workbook)
        self.workbook.calculation.fullCalcOnLoad = True
        properties = self.workbook.properties
        properties.title, properties.subject, properties.creator = map(_property, (title, subject, owner))
        properties.description, properties.language = _property(" – ".join(filter(None, (edition, warning)))), language
        properties.lastModifiedBy = _property(owner)
        self._styles: set[str] = set()
        self.contents: str | None = None  # the sheet that links to the others
        self.later: list[Part] = []  # rows of long tables, which join the book when it is saved

    def sheet(
        self,
        name: str,
        title: str,
        intro: str,
        widths: Sequence[float],
        *,
        left: int = 1,
        spread: int = 0,
        repeated: int = 1,
    ) -> Sheet:
        """A further sheet, its columns as wide as `widths`. Its title begins in the column `left`.

        With a `spread` it is printed as double pages: so many columns on the left, the others on the right, after the first
        `repeated` ones once more.
        """
        sheet = Sheet(self, name, title, intro, widths, left=left, spread=spread, repeated=repeated)
        if self.contents is None:
            self.contents = name
        return sheet

    def style(self, kind: Kind, tone: Tone) -> str:
        """The named style of a cell, made on first use."""
        name = f"{kind} {tone}"
        if name not in self._styles:
            self._add_style(cell_style(name, kind, tone, self.language))
        return name

    def named(
        self, name: str, font: Font, *, fill: str | None = None, alignment: Alignment | None = None, framed: bool = False
    ) -> str:
        if name not in self._styles:
            style = NamedStyle(name=name, font=font, alignment=alignment or Alignment(vertical="top", wrap_text=True))
            if fill:
                style.fill = PatternFill("solid", start_color=fill)
            if framed:
                style.border = edges()
            self._add_style(style)
        return name

    def _add_style(self, style: NamedStyle) -> None:
        self.workbook.add_named_style(style)
        self._styles.add(str(style.name))

    def save(self, folder: Path, name: str) -> Path:
        """Writes beside the target and then takes its place: whatever fails, the former file stays whole."""
        return self._written(folder, name, self.workbook.save)

    def save_as_ods(self, folder: Path, name: str) -> Path:
        """As `save`, as an OpenDocument spreadsheet."""
        from retention.opendocument import opendocument

        return self._written(folder, name, opendocument(self.workbook, self.language).save)

    def _written(self, folder: Path, name: str, save: Callable[[str], object]) -> Path:
        target = folder / name
        _check_free(target)
        draft = folder / f".{name}.{os.getpid()}.tmp"
        try:
            save(str(draft))
            if self.later:
                from retention.longtable import pour

                pour(draft, self.later)
            draft.replace(target)
        except OSError as reason:
            draft.unlink(missing_ok=True)
            raise OutputError(
                f"the workbook cannot be written ({type(reason).__name__})",
                file=target,
                mend="close it where it is open, check free space and write permission, then run again",
            ) from None
        return target


class Sheet:
    """One sheet, filled downwards. `row` is the next free one."""

    def __init__(
        self,
        book: Book,
        name: str,
        title: str,
        intro: str,
        widths: Sequence[float],
        *,
        left: int = 1,
        spread: int = 0,
        repeated: int = 1,
    ) -> None:
        self.book = book
        self.widths = tuple(widths)
        self.spread, self.repeated = spread, repeated
        self.ws: Worksheet = book.workbook.create_sheet(name)
        self.row = 1
        self._page_used = 0.0
        for index, width in enumerate(self.widths, start=1):
            self.ws.column_dimensions[get_column_letter(index)].width = width
        self.ws.sheet_view.showGridLines = False
        self._print_setup()
        self._top(title, intro, left)

    @property
    def name(self) -> str:
        return self.ws.title

    @property
    def scale(self) -> float:
        """How much the page shrinks to fit its width, as the printer will do."""
        if self.spread:
            right = sum(self.widths[: self.repeated]) + sum(self.widths[self.spread :])
            return min(1.0, PAGE_WIDTH / max(sum(self.widths[: self.spread]), right))
        return min(1.0, PAGE_WIDTH / sum(self.widths))

    @property
    def across(self) -> int:
        """The last column that a line of text covers: that of one printed page."""
        return self.spread or len(self.widths)

    @property
    def _aside(self) -> int:
        """The first column of a line of text: on double pages the one after those that both of them show."""
        return self.repeated + 1 if self.spread else 1

    def at(self, row: int, column: int = 1) -> str:
        """The address of a cell, for links."""
        return f"{quote_sheetname(self.name)}!{get_column_letter(column)}{row}"

    def widen(self, widths: Sequence[float]) -> None:
        """Further columns, right of the page that title and introduction stand on; printed pages repeat the first."""
        for index, width in enumerate(widths, start=len(self.widths) + 1):
            self.ws.column_dimensions[get_column_letter(index)].width = width
        self.widths = (*self.widths, *widths)
        self.ws.print_title_cols = "A:A"

    # building blocks

    def line(
        self, text: str, style: str, *, size: float = SIZE, first: int = 0, last: int | None = None, gap: float = 3
    ) -> Cell:
        """One text over several columns, as a row of its own."""
        first, last = first or self._aside, last or self.across
        cell = self._cell(first, text, style)
        self._merge(first, last)
        self._set_height(height_of(text, sum(self.widths[first - 1 : last]), size) + gap)
        self.row += 1
        return cell

    def heading(self, text: str) -> int:
        """A section heading; answers its row."""
        self.space()
        style = self.book.named("heading", Font(FONT, 11, bold=True, color=NAVY))
        self.line(text, style, size=11, first=1, last=self._last_of_titles, gap=5)
        return self.row - 1

    def paragraph(self, text: str, tone: Tone = "plain") -> None:
        self.line(text, self.book.style("text", tone))

    def note(self, text: str, *, first: int = 0) -> None:
        """What introduces a sheet or a table."""
        self.line(text, self.book.named("intro", Font(FONT, SIZE, italic=True, color="444444")), first=first, gap=6)

    def space(self, points: float = 8) -> None:
        self._set_height(points)
        self.row += 1

    def facts(self, pairs: Iterable[tuple[str, Value]], *, labels: int = 1) -> None:
        """Label and value, one pair a row. The label covers the first `labels` columns, the value the rest."""
        for label, value in pairs:
            self._cell(1, label, self.book.style("strong", "total"))
            self._merge(1, labels)
            self._value(labels + 1, value, "text")
            self._merge(labels + 1, self.across)
            heights = (
                height_of(label, sum(self.widths[:labels]), SIZE, bold=True),
                self._height(labels + 1, self.across, value, "text"),
            )
            self._set_height(max(heights) + 4)
            self.row += 1

    def table(
        self,
        columns: Sequence[Column],
        rows: Iterable[Row],
        *,
        main: bool = False,
        repeat: bool = False,
        totals: Row | None = None,
        empty: str = "",
    ) -> Area:
        """A table. The `main` one of a sheet has filters and stays in view; its header, or a `repeat` one, returns in print."""
        groups = any(column.group for column in columns)
        if groups:
            self._groups(columns)
        header_row = self.row
        self._header(columns)
        first = self.row
        for row in rows:
            self._body(columns, row)
        last = self.row - 1
        if last < first and empty:
            self.paragraph(empty, "muted")
        if main:
            self._main(header_row - groups, header_row, max(last, header_row), sum(column.span for column in columns))
        if repeat:
            self.ws.print_title_rows = f"{header_row - groups}:{header_row}"
        if totals is not None:
            self._body(columns, [_as_total(value) for value in totals])
        return Area(header_row, first, last)

    def records(
        self,
        fields: Sequence[Field[T]],
        items: Iterable[T],
        *,
        main: bool = False,
        repeat: bool = False,
        totals: Row | None = None,
        empty: str = "",
    ) -> Area:
        """A table of what `fields` say of each item."""
        rows = ([field.of(item) for field in fields] for item in items)
        return self.table([field.column for field in fields], rows, main=main, repeat=repeat, totals=totals, empty=empty)

    def rows(self, columns: Sequence[Column], rows: Iterable[Row]) -> None:
        """Rows without a header."""
        for row in rows:
            self._body(columns, row)

    def bars(self, area: Area, column: int) -> None:
        """Data bars behind the counts of a table's column, totals left out."""
        if area.last_row > area.first_row:
            letter = get_column_letter(column)
            rule = DataBarRule(start_type="num", start_value=0, end_type="max", color=BAR, minLength=0)  # type: ignore[no-untyped-call]
            self.ws.conditional_formatting.add(f"{letter}{area.first_row}:{letter}{area.last_row}", rule)

    def filters(self, header: int, last: int, columns: int) -> None:
        """Filters under the header of a table. A sheet has room for those of one."""
        self.ws.auto_filter.ref = f"A{header}:{get_column_letter(columns)}{last}"

    def page_break(self) -> None:
        """The next row starts a printed page."""
        self.ws.row_breaks.append(Break(id=self.row - 1))
        self._page_used = 0.0

    def keep_together(self, height: float) -> None:
        """Starts a new page where a block of that height would not fit on this one."""
        if self._page_used and self._page_used + height > PAGE_HEIGHT / self.scale:
            self.page_break()

    # inside

    @property
    def _last_of_titles(self) -> int:
        """Titles stand on double pages where both show them."""
        return self.repeated if self.spread else len(self.widths)

    def _top(self, title: str, intro: str, left: int) -> None:
        style = self.book.named("title", Font(FONT, 15, bold=True, color=NAVY))
        self.line(title, style, size=15, first=left, last=self._last_of_titles, gap=6)
        self._edition_line(left)
        if self.book.warning:
            self._warning_line(max(left, self._aside))
        if intro:
            self.note(intro, first=max(left, self._aside))

    def _warning_line(self, first: int) -> None:
        """The warning; on double pages on both."""
        style = self.book.named("warning", Font(FONT, 10, bold=True, color="FFFFFF"), fill=RED, alignment=MIDDLE)
        if self.spread:
            self._cell(self.spread + 1, self.book.warning, style)
            self._merge(self.spread + 1, len(self.widths))
        self.line(self.book.warning, style, size=10, first=first, gap=5)

    def _edition_line(self, left: int) -> None:
        """Which edition of the workbook this is, beside the link to the contents."""
        style = self.book.named("edition", Font(FONT, SIZE, color="5F6368"))
        first = left
        if self.book.contents is not None:
            link = self._cell(
                left, f"← {self.book.contents}", self.book.named("back", Font(FONT, SIZE, underline="single", color=LINK))
            )
            link.hyperlink = Hyperlink(ref=link.coordinate, location=f"{quote_sheetname(self.book.contents)}!A1")
            while sum(self.widths[left - 1 : first]) < BACK_WIDTH and first < self.across - 1:
                first += 1
            first = max(first, self._aside - 1)
            self._merge(left, first)
            first += 1
        self._cell(first, self.book.edition.replace(EDITION_BREAK, " – "), style)
        self._merge(first, self.across)
        self._set_height(14)
        self.row += 1

    def _print_setup(self) -> None:
        ws, book = self.ws, self.book
        ws.page_setup.orientation, ws.page_setup.paperSize = "landscape", 9
        if self.spread:  # a program that fits pages to a width ignores where they are to break
            ws.page_setup.scale, ws.page_setup.pageOrder = int(self.scale * SLACK * 100), "overThenDown"
            ws.print_title_cols = f"A:{get_column_letter(self.repeated)}"
            ws.col_breaks = ColBreak(brk=[Break(id=self.spread)])
        else:
            ws.sheet_properties.pageSetUpPr.fitToPage = True  # type: ignore[union-attr]
            ws.page_setup.fitToWidth, ws.page_setup.fitToHeight = 1, 0
        ws.page_margins.left = ws.page_margins.right = 0.4
        ws.page_margins.top, ws.page_margins.bottom = 0.7, 0.6
        ws.page_margins.header = ws.page_margins.footer = 0.3
        ws.print_options.horizontalCentered = True
        ws.print_title_rows = "1:1"
        page = "Page &P sur &N" if book.language == "fr" else "Page &P of &N"
        at_left, in_the_middle, at_right = HEADER_ROOM
        edition = _escaped(book.edition.partition(EDITION_BREAK)[0], at_right)
        for margin, left, right in (
            (ws.oddHeader, _escaped(book.title, at_left), edition),
            (ws.oddFooter, _escaped(self.name, at_left), page),
        ):
            assert margin is not None
            for part, text in ((margin.left, left), (margin.right, right)):
                part.text, part.size, part.font = text, 8, f"{FONT},Regular"
            if book.warning:
                part = margin.center
                part.text, part.size, part.font, part.color = _escaped(book.warning, in_the_middle), 8, f"{FONT},Bold", RED

    def _groups(self, columns: Sequence[Column]) -> None:
        style = self.book.named(
            "group",
            Font(FONT, SIZE, bold=True, color=NAVY),
            fill=BAND,
            alignment=Alignment(horizontal="center", vertical="center"),
        )
        start = at = 1
        for column, following in zip(columns, [*columns[1:], None], strict=True):
            at += column.span
            if following is None or following.group != column.group:
                if column.group:
                    self._cell(start, column.group, style)
                    self._merge(start, at - 1)
                start = at
        self._set_height(15)
        self.row += 1

    def _header(self, columns: Sequence[Column]) -> None:
        font = Font(FONT, SIZE, bold=True, color="FFFFFF")
        left = self.book.named("header", font, fill=NAVY, alignment=MIDDLE, framed=True)
        right = self.book.named("header of figures", font, fill=NAVY, alignment=MIDDLE_RIGHT, framed=True)
        height, at = 0.0, 1
        for column in columns:
            last = at + column.span - 1
            self._cell(at, column.header, right if column.kind in FIGURES else left)
            self._merge(at, last)
            height = max(height, height_of(column.header, sum(self.widths[at - 1 : last]), SIZE, bold=True))
            at = last + 1
        self._set_height(height + 6)
        self.row += 1

    def _body(self, columns: Sequence[Column], row: Row) -> None:
        height, at = 0.0, 1
        for column, value in zip(columns, row, strict=True):
            self._value(at, value, column.kind)
            last = at + column.span - 1
            self._merge(at, last)
            height = max(height, self._height(at, last, value, column.kind))
            at = last + 1
        self._set_height(height + 4)
        self.row += 1

    def _main(self, top: int, header: int, last: int, columns: int) -> None:
        self.ws.freeze_panes = f"{get_column_letter(self.repeated + 1)}{header + 1}"
        self.filters(header, last, columns)
        self.ws.print_title_rows = f"{top}:{header}"

    def _cell(self, column: int, text: str, style: str) -> Cell:
        cell = self.ws.cell(self.row, column)
        assert isinstance(cell, Cell)
        put_text(cell, text, style)
        return cell

    def _value(self, column: int, value: Value, kind: Kind) -> None:
        marked = value if isinstance(value, Marked) else Marked(value)
        cell = self.ws.cell(self.row, column)
        assert isinstance(cell, Cell)
        if marked.target:
            kind = "link"
        put(cell, marked.value, kind, marked.tone, self.book.style)
        if marked.target:
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=marked.target)

    def _height(self, first: int, last: int, value: Value, kind: Kind) -> float:
        plain = value.value if isinstance(value, Marked) else value
        bold = kind == "strong" or (isinstance(value, Marked) and TONES[value.tone][2])
        size = SIZE - 1 if kind == "code" else SIZE
        if not isinstance(plain, str):
            return height_of("0", 10, size)
        return height_of(plain, sum(self.widths[first - 1 : last]), size, bold=bold, monospace=kind == "code")

    def _merge(self, first: int, last: int) -> None:
        """Cells of this row as one. openpyxl's own way compares each with all the others, and builds borders we have."""
        if last <= first:
            return
        self.ws.merged_cells.ranges.add(CellRange(min_col=first, min_row=self.row, max_col=last, max_row=self.row))
        style: Any = self.ws.cell(self.row, first)
        for column in range(first + 1, last + 1):
            covered: Any = MergedCell(self.ws, self.row, column)
            covered._style = style._style
            self.ws._cells[self.row, column] = covered

    def _set_height(self, points: float) -> None:
        points = min(points, TALLEST_ROW)
        self.ws.row_dimensions[self.row].height = round(points, 1)
        if self._page_used + points > PAGE_HEIGHT / self.scale:  # the row goes over to a page that begins with the first one
            self._page_used = self.ws.row_dimensions[1].height or 0.0
        self._page_used += points


def _set_default_font(workbook: Workbook) -> None:
    """Arial 10: the unit of column widths is the width of its digits, and it is drawn alike wherever the book is opened."""
    font = Font(FONT, 10)
    workbook._fonts = IndexedList([font])  # type: ignore[attr-defined]
    workbook._named_styles["Normal"].font = font  # type: ignore[attr-defined]


def _as_total(value: Value) -> Value:
    return value if isinstance(value, Marked) else Marked(value, "total")


def _escaped(text: str, room: int) -> str:
    """A text as a page header shows it: there, an ampersand begins a command. Cut visibly where it has no room."""
    escaped = plain_text(text).replace("&", "&&")
    if len(escaped) <= room:
        return escaped
    cut = escaped[: room - 1]
    return f"{cut[:-1] if cut.count('&') % 2 else cut}…"


def _property(text: str) -> str:
    """A text as a property of the document can hold it."""
    return plain_text(text)[:LONGEST_PROPERTY]


def _check_free(target: Path) -> None:
    """Raises OutputError where a program has the file open (it says so by a file of its own beside it), or it is protected."""
    for lock in (target.with_name(f".~lock.{target.name}#"), target.with_name(f"~${target.name}")):
        if lock.exists():
            raise OutputError(
                "the workbook is open in another program",
                file=target,
                mend=f"close it and run again; if no program has it open, delete {lock.name}",
            )
    if target.is_dir() or (target.exists() and not target.stat().st_mode & stat.S_IWUSR):
        raise OutputError(
            "the workbook is write-protected",
            file=target,
            mend="lift the protection, or move the file away: it may have been frozen on purpose",
        )
