"""Twelve months of nights, without adding up again the months of which nothing has changed."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable

from retention.evidence.database import Evidence
from retention.evidence.trends import NightLine, marks, trend
from retention.report.trends import MonthLine, by_month, month_end, year_until


class Year:
    """The months last shown, each under the mark of its runs: never more than those of one year."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, dt.date], tuple[str, tuple[NightLine, ...]]] = {}
        self._lock = threading.Lock()

    def months(self, evidence: Evidence | None, stores: Iterable[str], today: dt.date) -> tuple[MonthLine, ...]:
        """The twelve calendar months that end with the month of `today`."""
        if evidence is None:
            return ()
        first, names = year_until(today), tuple(stores)
        marked = marks(evidence, first, today)
        lines: list[NightLine] = []
        fresh: dict[tuple[str, dt.date], tuple[str, tuple[NightLine, ...]]] = {}
        for month in _months(first, today):
            last, key = min(month_end(month), today), (evidence.url, month)
            mark = f"{last}|{'|'.join(names)}|{marked[month]}"
            with self._lock:
                known = self._known.get(key)
            if known is None or known[0] != mark:
                known = (mark, trend(evidence, names, month, last))
            fresh[key] = known
            lines += known[1]
        with self._lock:
            self._known = fresh
        return by_month(lines)


def _months(first: dt.date, last: dt.date) -> Iterable[dt.date]:
    month = first
    while month <= last:
        yield month
        month = month_end(month) + dt.timedelta(days=1)
