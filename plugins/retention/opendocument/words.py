"""Text in an OpenDocument spreadsheet: paragraphs, runs of spaces, links, and what XML cannot hold."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from openpyxl.cell.cell import Cell

from retention.cells import NOT_XML

SPACES = re.compile(r"( {2,}|\t|(?:^ ))")


def clean(text: str) -> str:
    """A text without what XML cannot hold."""
    return NOT_XML.sub("\ufffd", text)


def paragraphs(cell: Cell) -> Iterator[Any]:
    """The text of a cell, one paragraph a line; a link where it has one."""
    from odf.text import A, P

    value = cell.value
    if value is None or value == "":
        return
    link = cell.hyperlink.location if cell.hyperlink else None
    for line in str(value).split("\n"):
        paragraph = P()
        holder = A(href=f"#{address(link)}", type="simple") if link else paragraph
        _fill(holder, clean(line))
        if link:
            paragraph.addElement(holder)
        yield paragraph


def _fill(holder: Any, line: str) -> None:
    """A line of text, its runs of spaces kept."""
    from odf.text import S, Tab

    for piece in SPACES.split(line):
        if piece == "\t":
            holder.addElement(Tab())
        elif SPACES.fullmatch(piece):
            holder.addElement(S(c=len(piece)))
        elif piece:
            holder.addText(piece)


def address(link: str, *, absolute: bool = False) -> str:
    """`'Sheet'!A1:B2` as OpenDocument writes it: `'Sheet'.A1:.B2`."""
    sheet, _, cells = link.rpartition("!")
    return f"{'$' if absolute else ''}{sheet}.{cells.replace(':', ':.')}"


def page_pieces(text: str) -> Iterator[Any]:
    """A page header: `&P` is the page, `&N` how many there are, `&&` an ampersand."""
    from odf.text import PageCount, PageNumber

    for piece in re.split(r"(&P|&N|&&)", text):
        if piece == "&P":
            yield PageNumber(selectpage="current")
        elif piece == "&N":
            yield PageCount()
        elif piece:
            yield "&" if piece == "&&" else piece
