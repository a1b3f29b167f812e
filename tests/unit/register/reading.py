"""Reads a workbook back as a person does: by the header above a value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet


def opened(path: Path) -> Workbook:
    return load_workbook(path)


def tables(sheet: Worksheet) -> list[list[dict[str, Any]]]:
    """Every table of a sheet: its rows, each as header → value. A table ends with the first row that leaves the grid."""
    found: list[list[dict[str, Any]]] = []
    headers: dict[int, str] = {}
    for row in sheet.iter_rows():
        if str(row[0].style).startswith("header"):
            headers = {cell.column: str(cell.value) for cell in row if cell.value is not None}
            found.append([])
        elif headers and str(row[0].style).split(" ")[0] in ("text", "strong", "count", "moment", "code", "link", "date"):
            found[-1].append({headers[cell.column]: cell.value for cell in row if cell.column in headers})
        else:
            headers = {}
    return found


def table(book: Workbook, sheet: str, index: int = 0) -> list[dict[str, Any]]:
    worksheet = book[sheet]
    assert isinstance(worksheet, Worksheet)
    return tables(worksheet)[index]


def texts(book: Workbook) -> list[str]:
    """Every text of a workbook, its page headers and properties included."""
    found = [
        str(cell.value) for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None
    ]
    for sheet in book.worksheets:
        found += [
            str(part.text) for line in (sheet.oddHeader, sheet.oddFooter) for part in (line.left, line.center, line.right)
        ]
    return [*found, *(str(value) for _, value in book.properties)]
