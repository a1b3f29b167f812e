"""Words on paper: labels in two languages, French typography, and how high a wrapped text stands in a cell.

Heights are estimated from the advance widths of Arial (and of any monospaced face).
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from functools import lru_cache

from retention.declare.words import Language, Text
from retention.errors import DeclarationError

LINE = 1.27  # line height per point of type
_WIDE = {  # thousandths of the type size; what is not listed is as wide as a digit
    **dict.fromkeys("ijl'’", 222),
    **dict.fromkeys("ft.,:;!/\\|I[] \u00a0\u202f", 278),
    **dict.fromkeys("r()-{}", 333),
    **dict.fromkeys("ckvsxyzJ", 500),
    **dict.fromkeys("ABEKPSVXY&", 667),
    **dict.fromkeys("CDHNRUw", 722),
    **dict.fromkeys("GOQ", 778),
    **dict.fromkeys("mM", 833),
    "W": 944,
    "%": 889,
    "@": 1015,
    "—": 1000,
    "…": 1000,
    "T": 611,
    "F": 611,
    "Z": 611,
    "→": 1000,
    "←": 1000,
    "=": 584,
    "+": 584,
    "<": 584,
    ">": 584,
    "•": 350,
    "·": 333,
    "°": 400,
}
_DIGIT, _BOLD, _MONOSPACE = 556, 1.08, 600
_UNIT, _PADDING = 5.25, 11.5  # points of one unit of column width; points a cell keeps to itself


class Words:
    """A catalogue of labels in one language. A key nobody wrote down is an error, not an empty cell."""

    def __init__(self, catalogue: dict[str, Text], language: Language) -> None:
        self.catalogue = catalogue
        self.language: Language = language

    def __call__(self, key: str, **values: object) -> str:
        if key not in self.catalogue:
            raise DeclarationError(f"no label is called `{key}`", mend="write it down, in French and in English")
        return typeset(self.catalogue[key].in_(self.language).format(**values), self.language)

    def of(self, text: Text) -> str:
        """A declared text."""
        return typeset(text.in_(self.language), self.language)

    @property
    def colon(self) -> str:
        return "\u00a0: " if self.language == "fr" else ": "

    def date(self, day: dt.date) -> str:
        return f"{day:%d/%m/%Y}" if self.language == "fr" else f"{day.day} {day:%b %Y}"

    def count(self, number: int) -> str:
        """A number with its thousands set apart, for use inside a sentence."""
        return f"{number:,}".replace(",", "\u202f" if self.language == "fr" else ",")


def typeset(text: str, language: Language) -> str:
    """French text with its unbreakable spaces and curved apostrophes; English as it is."""
    if language != "fr":
        return text
    text = re.sub(r"(?<=\w)'(?=\w)", "’", text)
    text = re.sub(r"\s+(?=[:;!?»%](?!\S*//))", "\u00a0", text)
    return re.sub(r"(?<=«)\s+", "\u00a0", text)


def height_of(text: str, width: float, size: float, *, bold: bool = False, monospace: bool = False) -> float:
    """Points that `text` needs when wrapped in a column `width` units wide."""
    room = max(width * _UNIT - _PADDING, size)
    lines = sum(_lines(paragraph, room, size * (_BOLD if bold else 1.0), monospace) for paragraph in text.split("\n"))
    return lines * size * LINE


def text_width(text: str, size: float, *, monospace: bool = False) -> float:
    """Points of one unwrapped line."""
    return (len(text) * _MONOSPACE if monospace else _thousandths(text)) * size / 1000


def _lines(paragraph: str, room: float, size: float, monospace: bool) -> int:
    lines, used = 1, 0.0
    space = text_width(" ", size, monospace=monospace)
    for word in paragraph.split(" "):
        width = text_width(word, size, monospace=monospace)
        if used and used + space + width > room:
            lines, used = lines + 1, 0.0
        else:
            used += space if used else 0.0
        used += width
        while used > room:  # a word longer than the line is broken wherever it ends
            lines, used = lines + 1, used - room
    return lines


def _thousandths(text: str) -> int:
    return _of_word(text) if len(text) <= 32 else sum(map(_advance, text))


@lru_cache(maxsize=16384)
def _of_word(word: str) -> int:
    return sum(map(_advance, word))


@lru_cache(maxsize=4096)
def _advance(character: str) -> int:
    base = unicodedata.normalize("NFD", character)[0]
    return _WIDE.get(base, _DIGIT)
