"""The styles of an OpenDocument spreadsheet: one for each look, made on first use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from openpyxl.cell.cell import Cell

from retention.cells import FONT
from retention.declare.words import Language

COUNTRY: dict[Language, str] = {"fr": "FR", "en": "GB"}


class Looks:
    """The automatic styles of one document (`odf`)."""

    def __init__(self, odf: Any, language: Language) -> None:
        self.odf, self.language = odf, language
        self._styles: dict[tuple[Any, ...], str] = {}
        self._data_styles: dict[str, str] = {}

    def style(self, family: str, key: tuple[Any, ...], *properties: Any, **attributes: Any) -> str:
        """The name of an automatic style."""
        from odf.style import Style

        if (family, *key) not in self._styles:
            name = f"{family}-{len(self._styles) + 1}"
            made = Style(name=name, family=family, **attributes)
            for each in properties:
                made.addElement(each)
            self.odf.automaticstyles.addElement(made)
            self._styles[(family, *key)] = name
        return self._styles[(family, *key)]

    def cell_style(self, cell: Cell) -> str:
        """The style of a cell: its font, fill, edges, alignment, and how a date or count is written."""
        shape = _shape_of(cell.value)
        look: Any = getattr(cell, "_style", None)
        key = (look.fontId, look.fillId, look.borderId, look.alignmentId, shape) if look is not None else ("plain", shape)
        known = self._styles.get(("table-cell", *key))
        if known:
            return known
        data = {"datastylename": self._data_style(shape)} if shape else {}
        return self.style("table-cell", key, *_cell_properties(cell, self.language), **data)

    def _data_style(self, shape: str) -> str:
        """The style of a count, a day or a moment, as the language writes it."""
        from odf import number

        if shape in self._data_styles:
            return self._data_styles[shape]
        name = f"data-{shape}"
        if shape == "count":
            made = number.NumberStyle(name=name, language=self.language, country=COUNTRY[self.language])
            made.addElement(number.Number(decimalplaces="0", minintegerdigits="1", grouping="true"))
        else:
            made = number.DateStyle(name=name, language=self.language, country=COUNTRY[self.language])
            french = self.language == "fr"
            gap = "/" if french else " "
            made.addElement(number.Day(style="long" if french else "short"))
            made.addElement(number.Text(text=gap))
            made.addElement(number.Month(style="long") if french else number.Month(textual="true"))
            made.addElement(number.Text(text=gap))
            made.addElement(number.Year(style="long"))
            if shape == "moment":
                made.addElement(number.Text(text=" "))
                made.addElement(number.Hours(style="long"))
                made.addElement(number.Text(text=":"))
                made.addElement(number.Minutes(style="long"))
        self.odf.automaticstyles.addElement(made)
        self._data_styles[shape] = name
        return name


def _shape_of(value: object) -> str:
    if isinstance(value, dt.datetime):
        return "moment"
    if isinstance(value, dt.date):
        return "day"
    return "count" if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _cell_properties(cell: Cell, language: Language) -> Iterator[Any]:
    from odf.style import ParagraphProperties, TableCellProperties, TextProperties

    font, fill, border, alignment = cell.font, cell.fill, cell.border, cell.alignment
    sides = {
        f"border{side}": f"0.5pt solid #{edge.color.rgb[-6:] if edge.color else '000000'}"
        for side in ("left", "right", "top", "bottom")
        if (edge := getattr(border, side)) is not None and edge.style
    }
    ground = {"backgroundcolor": f"#{fill.fgColor.rgb[-6:]}"} if fill.fill_type == "solid" else {}
    vertical = {"center": "middle", "top": "top"}.get(alignment.vertical or "", "bottom")
    wrap = "wrap" if alignment.wrap_text else "no-wrap"
    yield TableCellProperties(
        verticalalign=vertical, wrapoption=wrap, padding="0.06cm", textalignsource="fix", **sides, **ground
    )
    align = {"right": "end", "center": "center"}.get(alignment.horizontal or "", "start")
    indent = f"{int(alignment.indent or 0) * 0.2:.2f}cm"
    yield ParagraphProperties(textalign=align, marginleft=indent)
    yield TextProperties(
        fontfamily=font.name or FONT,
        fontsize=f"{font.size or 10}pt",
        fontweight="bold" if font.bold else "normal",
        fontstyle="italic" if font.italic else "normal",
        textunderlinestyle="solid" if font.underline else "none",
        color=f"#{font.color.rgb[-6:]}" if font.color and isinstance(font.color.rgb, str) else "#000000",
        language=language,
        country=COUNTRY[language],
    )
