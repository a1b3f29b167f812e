"""A field's value in words, in both languages: what stands under `before` and `after`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from retention.declare.words import Text, period_text
from retention.typography import Words
from ropa.register.change_labels import CHANGE_LABELS
from ropa.register.model import NOT_STATED, Basis, Citation, Named, Names, RecipientData, StatedBasis, Statement
from ropa.register.phrases import Phrases, joined, same

SAY = Phrases(CHANGE_LABELS)
_FRENCH, _ENGLISH = Words(CHANGE_LABELS, "fr"), Words(CHANGE_LABELS, "en")
CODED = {"action", "kind", "outcome", "category", "categories"}  # fields that hold a word of ours, not of the declaration


def told(value: Any, field: str = "") -> Text | None:
    """A value as a person would say it; None where there is nothing to say."""
    if value is None or value == ():
        return None
    if isinstance(value, tuple):
        return _listed(value, field)
    if isinstance(value, Text):
        return value
    if value == NOT_STATED:
        return SAY("not_stated")
    write = _PARTS.get(type(value))
    return write(value) if write is not None else _plain(value, field)


def difference(before: Any, after: Any, field: str) -> tuple[Text | None, Text | None]:
    """Two values in words; of two lists only what one has and the other has not."""
    earlier, later = _items(before), _items(after)
    if earlier is None or later is None or not (earlier and later):
        return told(before, field), told(after, field)
    gone = tuple(item for item in earlier if item not in later)
    come = tuple(item for item in later if item not in earlier)
    if not gone and not come:  # the same in another order
        return told(before, field), told(after, field)
    return _marked("removed", gone, field), _marked("added", come, field)


def _marked(key: str, items: tuple[Any, ...], field: str) -> Text | None:
    listed = told(items, field)
    return SAY(key, what=listed) if listed is not None else None


def _items(value: Any) -> tuple[Any, ...] | None:
    """The members of a list; None for what is none, or is everything there is."""
    if isinstance(value, Names):
        return value.items if value.kind == "named" else None
    return value if isinstance(value, tuple) else None


def _listed(values: tuple[Any, ...], field: str) -> Text:
    texts = [text for text in (told(value, field) for value in values) if text is not None]
    french, english = joined(texts, "\u00a0; "), joined(texts, "; ")
    return Text(fr=french.fr, en=english.en)


def _plain(value: Any, field: str) -> Text:
    if isinstance(value, bool):
        return SAY("yes" if value else "no")
    if isinstance(value, int):
        return _number(value, field)
    if isinstance(value, dt.date):
        return Text(fr=_FRENCH.date(value), en=_ENGLISH.date(value))
    if field == "policy_sha256":
        return same(value[:8])
    return SAY(f"word.{value}") if field in CODED else same(str(value))


def _number(value: int, field: str) -> Text:
    if field == "months":
        return Text(fr=period_text(value, "fr"), en=period_text(value, "en"))
    return Text(fr=_FRENCH.count(value), en=_ENGLISH.count(value))


def _names(names: Names) -> Text | None:
    if names.kind == "not_stated":
        return SAY("not_stated")
    items = told(names.items)
    return SAY("all", items=items) if names.kind == "all" and items is not None else items


def _statement(statement: Statement) -> Text:
    return SAY("detailed", title=statement.title, detail=statement.detail) if statement.detail else statement.title


def _basis(basis: Basis) -> Text:
    marks = [SAY(mark) for mark, given in (("doubtful", basis.doubtful), ("inferred", basis.inferred)) if given]
    named = joined([SAY("basis", title=basis.title, article=basis.article), *marks])
    return SAY("detailed", title=named, detail=basis.note) if basis.note else named


def _stated_basis(basis: StatedBasis) -> Text:
    return SAY("basis", title=basis.title, article=basis.article)


def _data(data: RecipientData) -> Text:
    only = told(data.only)
    return SAY("only", category=data.category.title, elements=only) if only is not None else data.category.title


_PARTS: dict[type, Callable[[Any], Text | None]] = {
    Names: _names,
    Named: lambda named: named.title,
    Statement: _statement,
    Basis: _basis,
    StatedBasis: _stated_basis,
    RecipientData: _data,
    Citation: lambda citation: SAY("quote", quote=citation.quote),
}
