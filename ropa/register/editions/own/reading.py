"""Reads our workbook back as a person does: a table by its headers, a fact by its label."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from openpyxl.worksheet.worksheet import Worksheet

from retention.errors import NotFound

Grid = Sequence[Sequence[object]]  # the values of a sheet, row by row


def read_tables(worksheet: Worksheet, headers: Sequence[str]) -> list[list[dict[str, object]]]:
    """Every table of the sheet with these headers, from left to right: a record is header → value, down to the first blank row.

    A row is blank where every column of the table is. Raises NotFound where no row holds the headers and nothing else.
    """
    grid = list(worksheet.iter_rows(values_only=True))
    found = [_records(grid, at + 1, columns, headers) for at, columns in _header_rows(grid, headers)]
    if not found:
        raise NotFound(
            f"no table of the sheet {worksheet.title!r} has the headers {', '.join(headers)}",
            mend="compare them with the sheet's own",
        )
    return found


def read_fact(worksheet: Worksheet, label: str, *, below: int = 1) -> object:
    """The value to the right of a label, the first from row `below` on. Raises NotFound where no cell says so."""
    for row in worksheet.iter_rows(min_row=below):
        for at, cell in enumerate(row):
            if cell.value == label:
                beside = _beside(worksheet, cell.row, at + 1)
                return row[beside].value if beside < len(row) else None
    raise NotFound(f"the sheet {worksheet.title!r} has no {label!r}", mend="compare it with the sheet's own labels")


def _beside(worksheet: Worksheet, row: int, column: int) -> int:
    """Index of the cell to the right of a label, which may be merged."""
    for merged in worksheet.merged_cells.ranges:
        if merged.min_row <= row <= merged.max_row and merged.min_col == column:
            return int(merged.max_col)
    return column


def _header_rows(grid: Grid, headers: Sequence[str]) -> Iterator[tuple[int, list[int]]]:
    """Rows that are these headers and no others, with the column of each."""
    for number, row in enumerate(grid):
        columns = [at for at, value in enumerate(row) if value is not None]
        if [row[at] for at in columns] == list(headers):
            yield number, columns


def _records(grid: Grid, first: int, columns: list[int], headers: Sequence[str]) -> list[dict[str, object]]:
    records = []
    for row in grid[first:]:
        values = [row[at] for at in columns]
        if all(value is None for value in values):
            break
        records.append(dict(zip(headers, values, strict=True)))
    return records
