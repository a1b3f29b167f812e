"""Native charts over tables: columns and lines, told apart without colour by pattern and dash."""

from __future__ import annotations

from typing import Any, Literal

from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.line import LineProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties
from openpyxl.drawing.text import Font as TypeFace

from retention.workbook import FONT, Area, Sheet

Pattern = Literal["wdDnDiag", "pct50", "dkVert", "smGrid", "dkHorz"]
LOOKS: tuple[tuple[str, Pattern | None], ...] = (
    ("1F3A5F", None),
    ("D9A520", "wdDnDiag"),
    ("5B7FA8", "pct50"),
    ("B3261E", "dkVert"),
    ("6B8E6B", "smGrid"),
    ("B9C9DC", None),
)


def columns(
    on: Sheet,
    of: Sheet,
    area: Area,
    *,
    first: int,
    last: int,
    title: str,
    anchor: str,
    size: tuple[float, float],
    grouping: Literal["clustered", "stacked", "percentStacked"] = "stacked",
    bars: bool = False,
    last_row: int | None = None,
    skip: int = 1,
) -> None:
    """A column (or bar) for each row of a table; its columns `first` to `last` count what, its first names the row."""
    chart = BarChart()
    chart.type, chart.grouping, chart.gapWidth = "bar" if bars else "col", grouping, 45
    chart.overlap = 0 if grouping == "clustered" else 100
    _fill(chart, of, area, first, last, last_row or area.last_row)
    for series, (ink, pattern) in zip(chart.series, LOOKS, strict=False):
        series.graphicalProperties = _look(ink, pattern)
    if bars:
        chart.x_axis.scaling.orientation = "maxMin"  # the first row on top
    _place(chart, on, title, anchor, size, skip, share=grouping == "percentStacked")


def lines(
    on: Sheet,
    of: Sheet,
    area: Area,
    *,
    first: int,
    last: int,
    title: str,
    anchor: str,
    size: tuple[float, float],
    skip: int = 1,
) -> None:
    """A line for each of the columns `first` to `last`, a point for each row."""
    chart = LineChart()
    _fill(chart, of, area, first, last, area.last_row)
    for number, (series, (ink, _)) in enumerate(zip(chart.series, LOOKS, strict=False)):
        dash: Literal["solid", "sysDash"] = "solid" if number % 2 == 0 else "sysDash"
        series.graphicalProperties = GraphicalProperties(ln=LineProperties(solidFill=ink, w=28_000, prstDash=dash))
        series.marker.symbol, series.smooth = "none", False
    chart.y_axis.scaling.min = 0
    _place(chart, on, title, anchor, size, skip, share=False)


def _fill(chart: Any, of: Sheet, area: Area, first: int, last: int, last_row: int) -> None:
    data = Reference(of.ws, min_col=first, max_col=last, min_row=area.header_row, max_row=last_row)
    chart.add_data(data, titles_from_data=True)
    chart.set_categories(Reference(of.ws, min_col=1, min_row=area.first_row, max_row=last_row))


def _place(chart: Any, on: Sheet, title: str, anchor: str, size: tuple[float, float], skip: int, *, share: bool) -> None:
    chart.title = title
    chart.width, chart.height = size
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.numFmt, chart.y_axis.majorGridlines = ("0%" if share else "#,##0"), chart.y_axis.majorGridlines
    chart.legend.position = "b"
    chart.x_axis.tickLblSkip = skip
    chart.title.tx.rich.p[0].pPr = _type(10, bold=True)
    for part in (chart.x_axis, chart.y_axis, chart.legend):
        part.txPr = RichText(p=[Paragraph(pPr=_type(8), endParaRPr=CharacterProperties())])
    on.ws.add_chart(chart, anchor)


def _look(ink: str, pattern: Pattern | None) -> GraphicalProperties:
    if pattern is None:
        return GraphicalProperties(solidFill=ink)
    look = GraphicalProperties(pattFill=PatternFillProperties(prst=pattern, fgClr=_ink(ink), bgClr=_ink("FFFFFF")))
    look.line.solidFill = ink
    return look


def _ink(rgb: str) -> ColorChoice:
    return ColorChoice(srgbClr=rgb)  # type: ignore[arg-type]


def _type(points: int, *, bold: bool = False) -> ParagraphProperties:
    return ParagraphProperties(defRPr=CharacterProperties(latin=TypeFace(typeface=FONT), sz=points * 100, b=bold))
