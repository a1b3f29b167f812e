"""The one chart: what became of the records of each category. Its patterns tell the outcomes apart without colour."""

from __future__ import annotations

from typing import Any, Literal

from openpyxl.chart import BarChart, Reference
from openpyxl.chart.shapes import GraphicalProperties
from openpyxl.chart.text import RichText
from openpyxl.drawing.colors import ColorChoice
from openpyxl.drawing.fill import PatternFillProperties
from openpyxl.drawing.text import CharacterProperties, Paragraph, ParagraphProperties
from openpyxl.drawing.text import Font as TypeFace
from openpyxl.formatting.rule import DataBarRule
from openpyxl.utils import get_column_letter

from retention.workbook import FONT, Area, Sheet

# outcome by outcome: ink, and the pattern it is drawn in (None: solid)
Pattern = Literal["wdDnDiag", "pct50", "dkVert"]
LOOKS: tuple[tuple[str, Pattern | None], ...] = (
    ("B9C9DC", None),
    ("5B7FA8", "wdDnDiag"),
    ("D9A520", "pct50"),
    ("1F3A5F", None),
    ("B3261E", "dkVert"),
)
WIDTH, HEIGHT = 14.4, 5.6  # centimetres


def add_chart(sheet: Sheet, area: Area, *, title: str, anchor: str) -> None:
    """A stacked bar per row of a table whose first column names it and whose others count outcomes."""
    chart = BarChart()
    chart.type, chart.grouping, chart.overlap, chart.gapWidth = "bar", "percentStacked", 100, 45
    chart.title = title
    chart.width, chart.height = WIDTH, HEIGHT  # type: ignore[assignment]
    chart.add_data(
        Reference(sheet.ws, min_col=2, max_col=1 + len(LOOKS), min_row=area.header_row, max_row=area.last_row),
        titles_from_data=True,
    )
    chart.set_categories(Reference(sheet.ws, min_col=1, min_row=area.first_row, max_row=area.last_row))
    for series, (ink, pattern) in zip(chart.series, LOOKS, strict=True):
        series.graphicalProperties = _look(ink, pattern)
    chart.x_axis.scaling.orientation = "maxMin"  # the first category on top
    chart.x_axis.delete = chart.y_axis.delete = False
    chart.y_axis.numFmt, chart.y_axis.majorGridlines = "0%", None
    chart.legend.position = "b"
    chart.x_axis.tickLblSkip = 1
    chart.title.tx.rich.p[0].pPr = font_of(10, bold=True)  # type: ignore[union-attr]
    small_print(chart.x_axis, chart.y_axis, chart.legend)
    sheet.ws.add_chart(chart, anchor)


def add_bars(sheet: Sheet, area: Area, column: int) -> None:
    """Bars behind the figures of a column, from nothing to the largest."""
    if area.last_row > area.first_row:
        letter = get_column_letter(column)
        rule = DataBarRule(start_type="num", start_value=0, end_type="max", color="B9C9DC")  # type: ignore[no-untyped-call]
        sheet.ws.conditional_formatting.add(f"{letter}{area.first_row}:{letter}{area.last_row}", rule)


def _look(ink: str, pattern: Pattern | None) -> GraphicalProperties:
    if pattern is None:
        return GraphicalProperties(solidFill=ink)
    fill = PatternFillProperties(prst=pattern, fgClr=_ink(ink), bgClr=_ink("FFFFFF"))
    look = GraphicalProperties(pattFill=fill)
    look.line.solidFill = ink
    return look


def _ink(rgb: str) -> ColorChoice:
    return ColorChoice(srgbClr=rgb)  # type: ignore[arg-type]


def small_print(*parts: Any) -> None:
    """Axes and legend in small type."""
    for part in parts:
        part.txPr = RichText(p=[Paragraph(pPr=font_of(8), endParaRPr=CharacterProperties())])


def font_of(points: int, *, bold: bool = False) -> ParagraphProperties:
    """How the letters of a chart look."""
    return ParagraphProperties(defRPr=CharacterProperties(latin=TypeFace(typeface=FONT), sz=points * 100, b=bold))
