"""A worksheet as a table of an OpenDocument spreadsheet."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from openpyxl.cell.cell import Cell, MergedCell
from openpyxl.utils import column_index_from_string, get_column_letter, quote_sheetname
from openpyxl.worksheet.worksheet import Worksheet

from retention.opendocument.looks import Looks
from retention.opendocument.page import master_page
from retention.opendocument.words import address, paragraphs

POINTS_PER_UNIT, CELL_MARGIN = 5.25, 3.75  # what openpyxl counts in digits of the default font


class Lists:
    """The lists of entries that cells offer. They stand before the first sheet, so they are made before it."""

    def __init__(self, odf: Any) -> None:
        from odf.table import ContentValidations

        self.element = ContentValidations()
        self.odf = odf
        self._names: dict[str, str] = {}

    def name(self, formula: str, sheet: str) -> str:
        """The name of a list (`'Lists'!$A$2:$A$9`). It is an offer: other entries are not refused."""
        from odf.table import ContentValidation, ErrorMessage

        if not self._names:
            self.odf.spreadsheet.insertBefore(self.element, self.odf.spreadsheet.firstChild)
        if formula not in self._names:
            made = ContentValidation(
                name=f"list-{len(self._names) + 1}",
                condition=f"of:cell-content-is-in-list([{address(formula, absolute=True)}])",
                basecelladdress=f"{quote_sheetname(sheet)}.A1",
                allowemptycell="true",
                displaylist="unsorted",
            )
            made.addElement(ErrorMessage(display="false", messagetype="information"))
            self.element.addElement(made)
            self._names[formula] = made.getAttribute("name")
        return self._names[formula]


class Sheet:
    """One sheet as a table."""

    def __init__(self, looks: Looks, lists: Lists, sheet: Worksheet, number: int) -> None:
        self.looks, self.offers, self.sheet, self.number = looks, lists, sheet, number
        self.breaks = {each.id for each in sheet.row_breaks.brk}
        self.column_breaks = {each.id for each in sheet.col_breaks.brk}
        self.spans = {(area.min_row, area.min_col): area for area in sheet.merged_cells.ranges}
        self.lists = {
            str(area): validation.formula1
            for validation in sheet.data_validations.dataValidation
            for area in validation.sqref.ranges
            if validation.type == "list" and validation.formula1
        }

    def table(self) -> Any:
        from odf.style import TableProperties
        from odf.table import Table, TableHeaderRows

        sheet = self.sheet
        properties = TableProperties(display="true", writingmode="lr-tb")
        style = self.looks.style(
            "table", (self.number,), properties, masterpagename=master_page(self.looks, sheet, self.number)
        )
        table = Table(name=sheet.title, stylename=style)
        self._columns(table)
        first, last = (int(part.strip("$")) for part in (sheet.print_title_rows or "1:1").split(":"))
        header = TableHeaderRows()
        for number, row in enumerate(sheet.iter_rows(), start=1):
            made = self._row(number, row)
            (header if first <= number <= last else table).addElement(made)
            if number == last:
                table.addElement(header)
        return table

    def _columns(self, table: Any) -> None:
        from odf.style import TableColumnProperties
        from odf.table import TableColumn, TableHeaderColumns

        titles = re.match(r"\$?([A-Z]+):\$?([A-Z]+)", self.sheet.print_title_cols or "")
        last_title = column_index_from_string(titles[2]) if titles else 0
        header = TableHeaderColumns()
        for column in range(1, self.sheet.max_column + 1):
            points = self.sheet.column_dimensions[get_column_letter(column)].width * POINTS_PER_UNIT + CELL_MARGIN
            following = "page" if column - 1 in self.column_breaks else "auto"
            properties = TableColumnProperties(columnwidth=f"{points:.2f}pt", breakbefore=following)
            style = self.looks.style("table-column", (points, following), properties)
            (header if column <= last_title else table).addElement(TableColumn(stylename=style))
            if column == last_title:
                table.addElement(header)

    def _row(self, number: int, cells: tuple[Cell | MergedCell, ...]) -> Any:
        from odf.style import TableRowProperties
        from odf.table import CoveredTableCell, TableRow

        height = self.sheet.row_dimensions[number].height
        following = "page" if number - 1 in self.breaks else "auto"
        size = {"rowheight": f"{height}pt", "useoptimalrowheight": "false"} if height else {"useoptimalrowheight": "true"}
        properties = TableRowProperties(breakbefore=following, **size)
        row = TableRow(stylename=self.looks.style("table-row", (height, following), properties))
        for cell in cells:
            row.addElement(CoveredTableCell() if isinstance(cell, MergedCell) else self._cell(cell))
        return row

    def _cell(self, cell: Cell) -> Any:
        from odf.table import TableCell

        attributes: dict[str, Any] = {"stylename": self.looks.cell_style(cell), **_typed(cell.value)}
        area = self.spans.get((cell.row, cell.column))
        if area is not None:
            attributes |= {
                "numbercolumnsspanned": area.max_col - area.min_col + 1,
                "numberrowsspanned": area.max_row - area.min_row + 1,
            }
        formula = self.lists.get(cell.coordinate) or (self.lists.get(str(area)) if area else None)
        if formula:
            attributes["contentvalidationname"] = self.offers.name(formula, self.sheet.title)
        made = TableCell(**attributes)
        for paragraph in paragraphs(cell):
            made.addElement(paragraph)
        return made


def _typed(value: object) -> dict[str, Any]:
    if isinstance(value, dt.datetime | dt.date):
        return {"valuetype": "date", "datevalue": value.isoformat()}
    if isinstance(value, int | float):
        return {"valuetype": "float", "value": value}
    return {"valuetype": "string"} if value is not None else {}
