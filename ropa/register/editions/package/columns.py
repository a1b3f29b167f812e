"""What a column of the package is.

A column is written `name=path:kind`: the name where it differs from the path (`subjects.kind` is named `subjects_kind`), the
kind where it is not text (`i` integer, `b` boolean, `d` date, `t` instant). A path that ends with `?` asks whether the policy
states it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from ropa.register.model import NOT_STATED
from ropa.register.publication import Publication

Kind = Literal["string", "integer", "boolean", "date", "datetime"]
_KINDS: dict[str, Kind] = {"": "string", "i": "integer", "b": "boolean", "d": "date", "t": "datetime"}
_TOKEN = re.compile(r"(?:(?P<name>\w+)=)?(?P<path>[\w.]+)(?P<asked>\?)?(?::(?P<kind>[ibdt]))?")


@dataclass(frozen=True)
class Column:
    """A column: its header, where its value stands in a row, what kind of value it is."""

    name: str
    path: str
    kind: Kind
    asked: bool  # whether it tells if the policy states the value, and not the value

    def value(self, row: Any) -> Any:
        found = row
        for name in self.path.split("."):
            found = getattr(found, name) if found is not None else None
        return found != NOT_STATED if self.asked else found


@dataclass(frozen=True)
class Table:
    """A table of the package: one row for each of `rows`, known by the columns of `key`. `links`: column → table."""

    name: str
    rows: Callable[[Publication], Iterable[Any]]
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    links: dict[str, str]


def columns(spec: str) -> tuple[Column, ...]:
    """The columns of a specification, in its order."""
    return tuple(_column(token) for token in spec.split())


def _column(token: str) -> Column:
    match = _TOKEN.fullmatch(token)
    assert match, token
    name = match["name"] or match["path"].replace(".", "_")
    return Column(name, match["path"], _KINDS[match["kind"] or ""], bool(match["asked"]))
