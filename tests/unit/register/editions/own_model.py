"""A register in which no two fields are alike: each text is its own path in the model, each count and day stands once."""

from __future__ import annotations

import datetime as dt
import itertools
import types
from collections.abc import Iterator
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from retention.declare.policy import NOT_STATED
from retention.declare.words import Text
from ropa.register.model import Part, Register

RUN, STORE = "run-of-the-figures", "store-of-the-figures"
SAME_EVERYWHERE: dict[tuple[str, str], Any] = {  # what must agree between two places of the model, or be one of few words
    ("Finding", "runs"): (RUN,),
    ("ScheduleLine", "stores"): (STORE,),
    ("Night", "late_days"): 0,
    ("Decision", "decided"): True,
    ("ScheduleLine", "declared"): True,
    ("Gap", "rank"): 1,
}
P = TypeVar("P", bound=Part)


class Sentinels:
    """Makes parts of the model. Texts are made by `text`, so that another kind of text can be put everywhere."""

    def __init__(self) -> None:
        self._numbers: Iterator[int] = itertools.count(1001)

    def text(self, path: str) -> str:
        return path

    def make(self, part: type[P], path: str = "") -> P:
        values = {}
        for name, field in part.model_fields.items():
            where = f"{path}.{name}" if path else name
            fixed = SAME_EVERYWHERE.get((part.__name__, name))
            values[name] = self._value(field.annotation, where) if fixed is None else fixed
        return part(**values | _agreeing(part.__name__, path))

    def _value(self, kind: Any, path: str) -> Any:
        origin = get_origin(kind)
        if origin in (Union, types.UnionType):
            return self._value(_first_said(kind), path)
        if origin is Literal:
            return get_args(kind)[0]
        if origin is tuple:
            return (self._value(get_args(kind)[0], f"{path}[0]"),)
        return self._plain(kind, path)

    def _plain(self, kind: Any, path: str) -> Any:
        if kind is Text:
            return Text(fr=self.text(f"{path}.fr"), en=self.text(f"{path}.en"))
        if issubclass(kind, Part):
            return self.make(kind, path)
        if kind is bool:
            return False
        if kind is int:
            return next(self._numbers)
        if kind is dt.datetime:
            return dt.datetime.fromisoformat("2020-01-01T12:00") + dt.timedelta(days=next(self._numbers))
        if kind is dt.date:
            return dt.date(2020, 1, 1) + dt.timedelta(days=next(self._numbers))
        return self.text(path)


def register() -> Register:
    return Sentinels().make(Register)


def _first_said(kind: Any) -> Any:
    """Of `X | None` or `X | not stated`: X."""
    return next(each for each in get_args(kind) if each is not type(None) and get_args(each) != (NOT_STATED,))


def _agreeing(part: str, path: str) -> dict[str, Any]:
    if part == "RunRef" and path.endswith(".counted"):
        return {"run_id": RUN}
    if part == "Named" and path == "nights[0].store":
        return {"id": STORE}
    return {}
