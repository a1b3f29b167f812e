"""Reads a workbook back as a person does: by the header above a value."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

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


MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"


def check_strictly(path: Path) -> None:
    """What makes Excel offer a repair: broken parts, parts twice, styles that do not exist, names too long; and formulas."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        assert len(names) == len(set(names))
        assert archive.testzip() is None
        parts = {name: ElementTree.fromstring(archive.read(name)) for name in names}
    styles = parts["xl/styles.xml"]
    tables = {name: len(styles.findall(f"{MAIN}{name}s/{MAIN}{name}")) for name in ("font", "fill", "border")}
    looks = styles.findall(f"{MAIN}cellXfs/{MAIN}xf")
    for look in looks:
        assert all(int(look.get(f"{name}Id", "0")) < count for name, count in tables.items())
    sheets = [sheet.get("name", "") for sheet in parts["xl/workbook.xml"].iter(f"{MAIN}sheet")]
    assert len({name.casefold() for name in sheets}) == len(sheets)
    assert all(0 < len(name) <= 31 and not re.search(r"[\\/*?:\[\]]", name) for name in sheets)
    for name, part in parts.items():
        if name.startswith("xl/worksheets/sheet"):
            rows = [int(row.get("r", "0")) for row in part.iter(f"{MAIN}row")]
            assert rows == sorted(set(rows))
            for cell in part.iter(f"{MAIN}c"):
                assert int(cell.get("s", "0")) < len(looks)
                assert cell.find(f"{MAIN}f") is None
