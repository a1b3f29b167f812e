"""The printed page of a sheet in an OpenDocument spreadsheet."""

from __future__ import annotations

from typing import Any

from openpyxl.worksheet.worksheet import Worksheet

from retention.cells import FONT
from retention.opendocument.looks import Looks
from retention.opendocument.words import clean, page_pieces


def master_page(looks: Looks, sheet: Worksheet, number: int) -> str:
    """The name of the page a sheet is printed on: A4 landscape, its header and footer."""
    from odf.namespaces import LOEXTNS, STYLENS
    from odf.style import (
        Footer,
        FooterStyle,
        Header,
        HeaderFooterProperties,
        HeaderStyle,
        MasterPage,
        PageLayout,
        PageLayoutProperties,
    )

    name = f"Sheet{number}"
    layout = PageLayout(name=f"layout-{number}")
    properties = PageLayoutProperties(
        pagewidth="29.7cm", pageheight="21cm", printorientation="landscape", margintop="0.76cm", marginbottom="0.76cm",
        marginleft="1cm", marginright="1cm", tablecentering="horizontal", firstpagenumber="continue",
    )  # fmt: skip
    for namespace in (STYLENS, LOEXTNS):  # since version 1.3 of the standard, and before it
        properties.setAttrNS(namespace, "scale-to-X", str(sheet.page_setup.fitToWidth or 1))
        properties.setAttrNS(namespace, "scale-to-Y", "0")
    layout.addElement(properties)
    for make, margin in ((HeaderStyle, "marginbottom"), (FooterStyle, "margintop")):
        style = make()
        style.addElement(HeaderFooterProperties(minheight="0.8cm", marginleft="0cm", marginright="0cm", **{margin: "0.3cm"}))
        layout.addElement(style)
    looks.odf.automaticstyles.addElement(layout)
    page = MasterPage(name=name, pagelayoutname=layout)
    for make, line in ((Header, sheet.oddHeader), (Footer, sheet.oddFooter)):
        page.addElement(_margin(looks, make(), line))
    looks.odf.masterstyles.addElement(page)
    return name


def _margin(looks: Looks, made: Any, line: Any) -> Any:
    """A header or footer: what stands left, in the middle, right."""
    from odf.style import ParagraphProperties, RegionCenter, RegionLeft, RegionRight, TextProperties
    from odf.text import P, Span

    for make, part, align in (
        (RegionLeft, line.left, "start"), (RegionCenter, line.center, "center"), (RegionRight, line.right, "end"),
    ):  # fmt: skip
        if not part.text:
            continue
        bold = "bold" if "Bold" in (part.font or "") else "normal"
        ink = f"#{part.color}" if part.color else "#000000"
        paragraph = looks.style("paragraph", (align,), ParagraphProperties(textalign=align))
        words = TextProperties(fontfamily=FONT, fontsize=f"{part.size or 8}pt", fontweight=bold, color=ink)
        span = Span(stylename=looks.style("text", (bold, ink, part.size), words))
        for piece in page_pieces(part.text):
            span.addText(clean(piece)) if isinstance(piece, str) else span.addElement(piece)
        text = P(stylename=paragraph)
        text.addElement(span)
        region = make()
        region.addElement(text)
        made.addElement(region)
    return made
