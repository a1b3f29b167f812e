"""Line charts over days or months. Dashes and ink tell the lines apart without colour; a night that is missing is a gap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from openpyxl.chart import LineChart, Reference
from openpyxl.chart.axis import ChartLines, DateAxis
from openpyxl.chart.marker import Marker
from openpyxl.chart.series import SeriesLabel
from openpyxl.chart.series_factory import SeriesFactory
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.drawing.line import LineProperties

from retention.cells import COUNTS
from retention.report.chart import font_of, small_print
from retention.workbook import Sheet

WIDTH, HEIGHT = 13.4, 6.6  # centimetres: two beside each other fill a page
Symbol = Literal["circle", "square", "triangle", "diamond", "x", "star"]
LOOKS: tuple[tuple[str, str, Symbol], ...] = (  # ink, dash, marker: of the first line, the second …
    ("1F3A5F", "solid", "circle"),
    ("B26A00", "sysDash", "square"),
    ("2E7D32", "dash", "triangle"),
    ("8E24AA", "sysDot", "diamond"),
    ("B3261E", "lgDashDot", "x"),
    ("5B7FA8", "lgDash", "star"),
)
FEW = 62  # points up to which each one has a marker
NAMED = 10  # days that an axis can name without their words running into each other
LINE_WIDTH = 19_000  # English metric units: a point and a half


@dataclass(frozen=True)
class Line:
    """Cells of one column of a sheet, drawn as one line."""

    name: str
    column: int
    first_row: int
    last_row: int


@dataclass(frozen=True)
class Days:
    """The cells whose dates the lines share, how they are written (`mm/yyyy`), and whether the axis names months or days."""

    column: int
    first_row: int
    last_row: int
    form: str
    by_month: bool


def add_lines(sheet: Sheet, data: Sheet, days: Days, lines: Sequence[Line], *, title: str, unit: str, anchor: str) -> None:
    """Draws lines on `sheet` from cells of `data`, its upper left corner at `anchor`."""
    chart = LineChart()
    chart.title, chart.height, chart.width = title, HEIGHT, WIDTH  # type: ignore[assignment]
    chart.x_axis = DateAxis(crossAx=100)
    chart.x_axis.number_format, chart.x_axis.tickLblPos = days.form, "low"
    chart.x_axis.baseTimeUnit = "days"
    every = max(1, round((days.last_row - days.first_row) / NAMED))
    chart.x_axis.majorUnit, chart.x_axis.majorTimeUnit = (1, "months") if days.by_month else (every, "days")
    chart.y_axis.crossAx, chart.y_axis.title = 500, unit
    chart.y_axis.number_format, chart.y_axis.scaling.min = COUNTS[sheet.book.language], 0
    chart.y_axis.majorGridlines = ChartLines(spPr=GraphicalProperties(ln=LineProperties(solidFill="D5DBE3", w=6_350)))
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.display_blanks = "gap"
    few = days.last_row - days.first_row < FEW
    for number, line in enumerate(lines):
        chart.series.append(_series(data, line, number, few=few))
    chart.set_categories(Reference(data.ws, min_col=days.column, min_row=days.first_row, max_row=days.last_row))
    if len(lines) > 1:
        chart.legend.position = "b"  # type: ignore[union-attr]
    else:
        chart.legend = None
    chart.title.tx.rich.p[0].pPr = font_of(10, bold=True)  # type: ignore[union-attr]
    chart.y_axis.title.tx.rich.p[0].pPr = font_of(8)  # type: ignore[union-attr]
    small_print(chart.x_axis, chart.y_axis, *filter(None, [chart.legend]))
    sheet.ws.add_chart(chart, anchor)


def _series(data: Sheet, line: Line, number: int, *, few: bool):  # type: ignore[no-untyped-def]  # openpyxl does not say
    cells = Reference(data.ws, min_col=line.column, min_row=line.first_row, max_row=line.last_row)
    series = SeriesFactory(cells, title=None)
    ink, dash, marker = LOOKS[number % len(LOOKS)]
    series.tx = SeriesLabel(v=line.name)
    series.smooth = False
    series.graphicalProperties.line.solidFill = ink
    series.graphicalProperties.line.dashStyle = dash
    series.graphicalProperties.line.width = LINE_WIDTH
    series.marker = Marker(symbol=marker if few else "none", size=5)
    if few:
        series.marker.graphicalProperties.solidFill = ink
        series.marker.graphicalProperties.line.solidFill = ink
    return series
