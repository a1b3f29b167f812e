"""How far a step is, how fast it goes and how long it will take: for a bar on a terminal, or a line in a log now and then."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable

from retention.night.context import Progress

_SETTLING = 20.0  # seconds: what is older than that hardly counts in the rate
_EARLY = 1.0  # seconds of work before a rate is believed


class Speed:
    """The rate of one step, as a moving average over time. Starts anew when another step is reported, or less than before."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._what: str | None = None
        self._began = self._at = 0.0
        self._done = self._total = 0
        self._rate = 0.0

    def observe(self, what: str, done: int, total: int) -> None:
        """`done` of `total` so far."""
        now = self._clock()
        if what != self._what or done < self._done:
            self._what, self._began, self._rate = what, now, 0.0
        elif now > self._at:
            latest = (done - self._done) / (now - self._at)
            # Weighted as an average since the beginning at first, later by how long ago it was.
            weight = max(1 - math.exp((self._at - now) / _SETTLING), (now - self._at) / (now - self._began))
            self._rate += weight * (latest - self._rate)
        else:
            return  # what came within one tick of the clock counts at the next
        self._at, self._done, self._total = now, done, total

    @property
    def rate(self) -> float | None:
        """Units per second; None as long as there is too little to tell from."""
        return self._rate if self._at - self._began >= _EARLY and self._rate > 0 else None

    @property
    def seconds_left(self) -> float | None:
        """Seconds until all is done at this rate; None where nobody knows."""
        return None if self.rate is None else max(0, self._total - self._done) / self.rate

    def words(self) -> str:
        """`1,200 a second, about 3 minutes left`, or nothing."""
        if self.rate is None or self.seconds_left is None or self._done >= self._total:
            return ""
        rate = f"{self.rate:,.0f} a second" if self.rate >= 1 else f"{self.rate * 60:,.0f} a minute"
        return f"{rate}, {in_words(self.seconds_left)} left"


def in_words(seconds: float) -> str:
    """A length of time as people say it."""
    for limit, unit, name in ((90, 1, "second"), (90 * 60, 60, "minute"), (36 * 3600, 3600, "hour")):
        if seconds < limit:
            count = max(1, round(seconds / unit))
            return f"about {count} {name}{'' if count == 1 else 's'}"
    return f"about {round(seconds / 86_400)} days"


def logged(log: logging.Logger, every: float = 30.0, clock: Callable[[], float] = time.monotonic) -> Progress:
    """A progress that says where a step is in a log: nothing before `every` seconds of it, then a line in so many seconds.

    Several threads may report to it.
    """
    speed, lock = Speed(clock), threading.Lock()
    said: dict[str, float] = {}

    def report(what: str, done: int, total: int) -> None:
        now = clock()
        with lock:
            speed.observe(what, done, total)
            if now - said.setdefault(what, now) < every:
                return
            said[what] = now
            words = speed.words()
        share = f" ({100 * done // total} %)" if total else ""
        log.info("%s: %s of %s%s%s", what, f"{done:,}", f"{total:,}", share, f", {words}" if words else "")

    return report
