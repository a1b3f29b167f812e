"""Reads the official layouts back by their headers: what a workbook says, as the data it was made from.

A sheet is read as a grid of values, `.xlsx` and `.ods` alike. A text comes back as a cell holds it (`cells.plain_text`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from openpyxl import load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from retention.declare.words import Language
from retention.errors import OutputError
from ropa.register.editions import ico, ico_labels, processor, processor_labels
from ropa.register.editions.cnil import headings
from ropa.register.editions.cnil import records as cnil
from ropa.register.editions.cnil.labels import LABELS as CNIL
from ropa.register.editions.official import Heading, Says

Grid = Sequence[Sequence[object]]
T = TypeVar("T")


def read_table(sheet: Worksheet | Grid, headers: Sequence[str]) -> list[dict[str, object]]:
    """The rows under `headers`, which stand in one row in this order; merged cells may lie between them. The table ends where a
    row is empty under all of them. OutputError where no row has these headers."""
    rows = iter(grid(sheet) if isinstance(sheet, Worksheet) else sheet)
    columns = next((found for row in rows if (found := _columns(row, headers))), None)
    if columns is None:
        raise OutputError(
            f"no table with the headers {', '.join(headers)}",
            mend="read the workbook with the edition and language it was written in",
        )
    read: list[dict[str, object]] = []
    for row in rows:
        values = [_at(row, column) for column in columns]
        if all(value is None for value in values):
            break
        read.append(dict(zip(headers, values, strict=True)))
    return read


def read_facts(sheet: Worksheet | Grid) -> dict[str, object]:
    """Label → value of every line whose first cell is followed by one value: the last of a label counts."""
    return {
        str(row[0]): values[0]
        for row in (grid(sheet) if isinstance(sheet, Worksheet) else sheet)
        if row and row[0] is not None and len(values := [value for value in row[1:] if value is not None]) == 1
    }


def read_cnil(path: Path) -> cnil.CnilRegister:
    """A register in the CNIL's layout, `.xlsx` or `.ods`."""
    sheets = open_sheets(path)
    says = _says(CNIL, "sheet.list", sheets)
    named = {says(key) for key in ("sheet.tutorial", "sheet.list", "sheet.model", "sheet.example", "sheet.lists")}
    return cnil.CnilRegister(
        actors=_list_actors(sheets[says("sheet.list")], says),
        lines=_lines(sheets[says("sheet.list")], says, headings.LIST, cnil.ListLine),
        fiches=tuple(read_fiche(rows, says) for name, rows in sheets.items() if name not in named),
    )


def read_fiche(rows: Grid, says: Says) -> cnil.Fiche:
    """One record of the CNIL's layout."""
    facts = read_facts(rows)
    numbered = (says("subpurpose", number=number) for number in range(1, len(facts) + 1))
    return cnil.Fiche(
        name=str(facts[says("name")]),
        ref=str(facts[says("ref")]),
        created=_day(facts[says("created")]),
        updated=_day(facts[says("updated")]),
        actors=_lines(rows, says, headings.ACTORS, cnil.Actor),
        purpose=str(facts[says("purpose")]),
        subpurposes=tuple(str(facts[label]) for label in numbered if label in facts and facts[label] != says("no_subpurpose")),
        data=_lines(rows, says, headings.DATA, cnil.DataRow),
        sensitive=_lines(rows, says, headings.SENSITIVE, cnil.DataRow),
        subjects=_lines(rows, says, headings.SUBJECTS, cnil.TypedRow),
        recipients=_lines(rows, says, headings.RECIPIENTS, cnil.TypedRow),
        measures=_lines(rows, says, headings.MEASURES, cnil.TypedRow),
        transfers=_lines(rows, says, headings.TRANSFERS, cnil.TransferRow),
        complements=cnil.Complements(**{key: str(facts[says(key)]) for key in headings.COMPLEMENTS}),
        findings=_lines(rows, says, headings.FINDINGS, cnil.FindingRow, empty=says("no_finding")),
    )


def read_ico(path: Path) -> ico.IcoRegister:
    """A register in the ICO's layout."""
    sheets = open_sheets(path)
    says = _says(ico_labels.LABELS, "sheet", sheets)
    return ico.IcoRegister(
        parties=_lines(sheets[says("sheet.cover")], says, ico_labels.PARTIES, ico.Party),
        lines=_lines(sheets[says("sheet")], says, ico_labels.COLUMNS, ico.IcoLine),
    )


def read_processor(path: Path) -> processor.ProcessorRegister:
    """A processor's record."""
    sheets = open_sheets(path)
    says = _says(processor_labels.LABELS, "sheet.processing", sheets)

    def lines(sheet: str, columns: Sequence[Heading], kind: type[T], empty: str = "") -> tuple[T, ...]:
        return _lines(sheets[says(f"sheet.{sheet}")], says, columns, kind, empty=empty)

    return processor.ProcessorRegister(
        parties=lines("parties", processor_labels.PARTIES, processor.Party),
        processing=lines("processing", processor_labels.PROCESSING, processor.ProcessingLine),
        transfers=lines("transfers", processor_labels.TRANSFERS, processor.TransferLine),
        measures=lines("measures", processor_labels.MEASURES, processor.MeasuresLine),
        missing=lines("gaps", processor_labels.MISSING, processor.MissingLine, says("no_missing")),
        gaps=lines("gaps", processor_labels.GAPS, processor.GapLine, says("no_gap")),
    )


# sheets as grids


def open_sheets(path: Path) -> dict[str, Grid]:
    """Every sheet of a workbook, by its name. OutputError where the file is not one."""
    try:
        return dict(_ods_sheets(path)) if path.suffix == ".ods" else dict(_xlsx_sheets(path))
    except OSError:
        raise
    except Exception as reason:
        raise OutputError(
            f"not a spreadsheet that can be read ({type(reason).__name__})", file=path, mend="write the edition again"
        ) from None


def grid(sheet: Worksheet) -> Grid:
    """The values of a worksheet; a day without a time as a day."""
    return [[_plain(value) for value in row] for row in sheet.iter_rows(values_only=True)]


def _xlsx_sheets(path: Path) -> Iterator[tuple[str, Grid]]:
    book = load_workbook(path, read_only=True)  # otherwise it works out the borders of every merged cell
    try:
        for sheet in book.worksheets:
            yield sheet.title, grid(sheet)
    finally:
        book.close()


def _ods_sheets(path: Path) -> Iterator[tuple[str, Grid]]:
    from odf.opendocument import load
    from odf.table import Table

    for table in load(str(path)).spreadsheet.getElementsByType(Table):
        yield table.getAttribute("name"), [_ods_row(row) for row in _descendants(table, "table-row")]


def _ods_row(row: Any) -> list[object]:
    values: list[object] = []
    for cell in row.childNodes:
        values += [_ods_value(cell)] * int(cell.getAttribute("numbercolumnsrepeated") or 1)
    return values


def _ods_value(cell: Any) -> object:
    kind = cell.getAttribute("valuetype") if cell.qname[1] == "table-cell" else None
    if kind == "date":
        return _plain(dt.datetime.fromisoformat(cell.getAttribute("datevalue")))
    if kind == "float":
        number = float(cell.getAttribute("value"))
        return int(number) if number.is_integer() else number
    return "\n".join(map(_ods_text, cell.childNodes)) or None


def _ods_text(node: Any) -> str:
    """The characters of a paragraph, with the spaces and tabs that are written as elements."""
    if not hasattr(node, "qname"):
        return str(node.data)
    name = node.qname[1]
    if name == "s":
        return " " * int(node.getAttribute("c") or 1)
    return {"tab": "\t", "line-break": "\n"}.get(name) or "".join(map(_ods_text, node.childNodes))


def _descendants(node: Any, name: str) -> Iterator[Any]:
    for child in node.childNodes:
        if getattr(child, "qname", ("", ""))[1] == name:
            yield child
        elif hasattr(child, "qname"):
            yield from _descendants(child, name)


# from rows to data


def _says(labels: dict[str, Any], sheet: str, sheets: Mapping[str, Grid]) -> Says:
    """The words of the language a workbook is in: it is the one that has this sheet."""
    languages: tuple[Language, ...] = ("fr", "en")
    for language in languages:
        says = Says(labels, language)
        if says(sheet) in sheets:
            return says
    raise OutputError("not a workbook of this layout", mend="name the file of the edition that is to be read")


def _lines(rows: Grid, says: Says, columns: Sequence[Heading], kind: type[T], *, empty: str = "") -> tuple[T, ...]:
    """A table as data; `empty` is the line that stands where it has no rows."""
    read = read_table(rows, [says(column.key) for column in columns])
    return tuple(
        kind(**{column.attribute: row[says(column.key)] for column in columns})
        for row in read
        if not empty or row[says(columns[0].key)] != empty
    )


def _list_actors(rows: Grid, says: Says) -> tuple[cnil.ListActor, ...]:
    facts = read_facts(rows)
    labels = (says(key) for key in ("list.controller", "actor.representative", "list.dpo"))
    return tuple(cnil.ListActor(label, str(facts[label])) for label in labels)


def _columns(row: Sequence[object], headers: Sequence[str]) -> list[int] | None:
    """Where the headers stand in a row that has them all, and nothing else, in this order."""
    found = [(number, value) for number, value in enumerate(row) if value is not None]
    return [number for number, _ in found] if [value for _, value in found] == list(headers) else None


def _at(row: Sequence[object], column: int) -> object:
    return row[column] if column < len(row) else None


def _plain(value: object) -> object:
    return value.date() if isinstance(value, dt.datetime) and value.time() == dt.time.min else value


def _day(value: object) -> dt.date:
    assert isinstance(value, dt.date)
    return value
