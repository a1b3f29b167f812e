"""Days before the as-of date as the texts the stores hold."""

from __future__ import annotations

import datetime as dt
import random

_OLDEST = 6_000
_FURTHEST_AHEAD = 800


class Ages:
    """Texts for ages in days; a negative age lies ahead. Times are of a working day: UTC and Paris agree on the date."""

    def __init__(self, as_of: dt.date, rng: random.Random) -> None:
        self._rng = rng
        self._days = [(as_of - dt.timedelta(days=age)).isoformat() for age in range(-_FURTHEST_AHEAD, _OLDEST)]

    def day(self, age: int) -> str:
        return self._days[age + _FURTHEST_AHEAD]

    def instant(self, age: int) -> str:
        second = int(self._rng.random() * 46_800)  # from 06:00 to 19:00 UTC
        return self.at(age, second)

    def at(self, age: int, second: int) -> str:
        """The instant so many seconds after 06:00 UTC."""
        return f"{self.day(age)} {6 + second // 3600:02d}:{second // 60 % 60:02d}:{second % 60:02d}"
