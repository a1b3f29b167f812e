"""What a check has to say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Level = Literal["refuse", "warn", "unknown"]


@dataclass(frozen=True)
class Finding:
    """`refuse` stops a night, `warn` does not, `unknown` could not be found out. Names and numbers only."""

    level: Level
    what: str
    mend: str


def refuse(what: str, mend: str) -> Finding:
    return Finding("refuse", what, mend)


def warn(what: str, mend: str) -> Finding:
    return Finding("warn", what, mend)


def unknown(what: str, mend: str) -> Finding:
    return Finding("unknown", what, mend)
