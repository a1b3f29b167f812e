"""A value as a cell of a CSV file and back. A text that a spreadsheet would take for a formula is defused; reading revives it.

A cell that begins with = + - @ (or their full-width forms), a tab, a line end or an apostrophe gets an apostrophe in front; one
that begins with an apostrophe loses it when it is read. Only texts are concerned: numbers are never negative here.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from retention.declare.words import Language, Text
from ropa.register.editions.package.columns import Kind
from ropa.register.model import NOT_STATED

MARK = "'"
LIVE = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t", "\r", "\n", MARK)

Value = str | int | bool | dt.date | dt.datetime | None

_READ: dict[Kind, Callable[[str], Value]] = {
    "string": lambda cell: cell.removeprefix(MARK),
    "integer": int,
    "boolean": {"true": True, "false": False}.__getitem__,
    "date": dt.date.fromisoformat,
    "datetime": dt.datetime.fromisoformat,
}


def plain(value: Any, kind: Kind, language: Language) -> Value:
    """A value of the model as the package has it: texts in its language, several of them a line each, an instant in UTC.

    An empty text is nothing. `not stated` is nothing too, where the column holds no texts.
    """
    if value == NOT_STATED:
        return NOT_STATED if kind == "string" else None
    if isinstance(value, Text):
        value = value.in_(language)
    elif isinstance(value, tuple):
        value = "\n".join(str(plain(each, kind, language) or "") for each in value)
    elif isinstance(value, dt.datetime):
        return (value if value.tzinfo else value.replace(tzinfo=dt.UTC)).astimezone(dt.UTC)
    return None if value == "" else value


def write_cell(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, dt.datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, dt.date):
        return value.isoformat()
    text = str(value)
    return MARK + text if text.startswith(LIVE) else text


def read_cell(cell: str, kind: Kind) -> Value:
    """Raises ValueError or KeyError for a cell that is not of its kind."""
    return _READ[kind](cell) if cell else None
