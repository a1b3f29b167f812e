"""A register in which every value tells where it stands: a text is its own path, a number or a day leads to one."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from pydantic import BaseModel

from ropa.register.model import NOT_STATED, Register

FIRST_DAY = dt.date(1700, 1, 1)
FIRST = 1_000_000  # above every position and count that is no value of the model
LONE = re.compile(r"\.\d+(?=\.|$)")


class Sentinels:
    """Marks a model and finds the way back. Paths read `activities.3.title.fr`."""

    def __init__(self, register: Register, *, opening: str = "=", truth: bool | None = None) -> None:
        self.opening, self.truth = opening, truth
        self._paths: list[str] = []  # of numbers and days
        self._texts: list[str] = []
        self.register: Register = self._marked(register, "")

    def _marked(self, value: Any, path: str) -> Any:
        if isinstance(value, BaseModel):
            inside = {
                name: self._marked(getattr(value, name), f"{path}.{name}".strip(".")) for name in type(value).model_fields
            }
            return value.model_copy(update=inside)
        if isinstance(value, tuple):
            return tuple(self._marked(each, f"{path}.{index}") for index, each in enumerate(value))
        if isinstance(value, bool):
            return value if self.truth is None else self.truth
        if value is None or value == NOT_STATED:
            return value
        if isinstance(value, str):
            self._texts.append(path)
            return self.opening + path
        self._paths.append(path)
        number = len(self._paths)
        if isinstance(value, dt.datetime):
            return dt.datetime.combine(FIRST_DAY, dt.time(0, 0), dt.UTC) + dt.timedelta(days=number)
        return FIRST_DAY + dt.timedelta(days=number) if isinstance(value, dt.date) else FIRST + number

    def all_paths(self) -> list[str]:
        """Where every text, number and day stands."""
        return [*self._texts, *self._paths]

    def paths(self, value: Any) -> list[str]:
        """The paths a value leads to: several where several texts stand in one cell, none for true, false and nothing."""
        if value is None or isinstance(value, bool) or value == NOT_STATED:
            return []
        if isinstance(value, str):
            return [line.removeprefix(self.opening) for line in value.split("\n")]
        if isinstance(value, dt.datetime):
            value = value.date()
        number = (value - FIRST_DAY).days if isinstance(value, dt.date) else value - FIRST
        return [self._paths[number - 1]] if 0 < number <= len(self._paths) else []


def pattern(path: str) -> str:
    """`activities.*.title` of `activities.3.title.fr`."""
    return LONE.sub(".*", re.sub(r"\.(fr|en)$", "", path))
