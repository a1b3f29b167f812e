"""Sentences in both languages at once, composed from the catalogue: what the register says beyond what is declared."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping

from retention.declare.words import Text
from retention.typography import Words

Filling = Text | dt.date | int | str


class Phrases:
    """A catalogue as texts in two languages. A key nobody wrote down, in either language, is an error."""

    def __init__(self, catalogue: dict[str, Text]) -> None:
        self._fr, self._en = Words(catalogue, "fr"), Words(catalogue, "en")

    def __contains__(self, key: str) -> bool:
        return key in self._fr.catalogue

    def __call__(self, key: str, **values: Filling) -> Text:
        """The phrase `key`, with texts, dates and numbers as each language writes them."""
        return Text(fr=_say(self._fr, key, values), en=_say(self._en, key, values))


def _say(words: Words, key: str, values: Mapping[str, Filling]) -> str:
    return words(key, **{name: _told(words, value) for name, value in values.items()})


def _told(words: Words, value: Filling) -> str:
    if isinstance(value, Text):
        return words.of(value)
    if isinstance(value, dt.date):
        return words.date(value)
    return words.count(value) if isinstance(value, int) else value


def same(text: str) -> Text:
    """A text that reads alike in both languages: a name, a reference."""
    return Text(fr=text, en=text)


def joined(texts: Iterable[Text], separator: str = ", ") -> Text:
    """Several texts as one."""
    known = tuple(texts)
    return Text(fr=separator.join(text.fr for text in known), en=separator.join(text.en for text in known))


def article(reference: str) -> Text:
    """`art. 6(1)(b)`, in French `art. 6.1.b`."""
    return Text(fr=re.sub(r"\((\w+)\)", r".\1", reference), en=reference)
