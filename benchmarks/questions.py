"""What is asked of a store without changing it: every row's disposition, and how many rows are due."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import create_engine, text

from benchmarks.harness import Options, Row, Samples, in_turn, timed
from benchmarks.store import PRISTINE, Bench, Filling, hold_some
from retention.night.context import Night
from retention.night.due import DueCount
from retention.night.facts import facts_stale
from retention.night.steps import STEPS

COUNTED = "SELECT count(*) FROM page_events WHERE viewed_at < :cutoff"
PROBED = "SELECT EXISTS (SELECT 1 FROM page_events WHERE viewed_at < :cutoff)"


def scan(options: Options) -> list[Row]:
    """Both questions of the same store."""
    bench = Bench("postgresql", options.postgresql, options.folder / "scan", Filling(options.rows))
    try:
        hold_some(bench)
        bench.prepare("prepare")
        night = bench.night(PRISTINE)
        scanned = in_turn(
            {"bare": lambda: _grouped(bench), "ours": lambda: {"seconds": timed(lambda: STEPS["scan"](night))}}, options.repeat
        )
        counted = due_against(bench, night, COUNTED, options.repeat)
        night.session.close()
    finally:
        bench.drop()
    what = "visits and page events, against GROUP BY of a column of each"
    return [
        Row("scan: a disposition for every row", "<= 2 x", ratio(scanned), f"{what}; {scanned.said('bare', 'ours')}"),
        Row("the due count alone", "<= 1.5 x", ratio(counted, "ms"), f"page events, half due; {counted.said('bare', 'ours')}"),
    ]


def ratio(samples: Samples, figure: str = "seconds") -> float:
    return samples.median("ours", figure) / samples.median("bare", figure)


def due_against(bench: Bench, night: Night, statement: str, repeat: int, times: int = 1) -> Samples:
    """The product's count of due page events against a statement that has the cutoff, both on one open connection.

    Milliseconds each time, of so many `times` in a row.
    """
    due = DueCount(night.compile("page_events", facts_stale=facts_stale(night)))
    asked, cutoff = text(statement), {"cutoff": bench.cutoff}
    with night.session.reading("counting") as connection:

        def measured(ask: Callable[[], Any]) -> Mapping[str, float]:
            found: list[Any] = []
            seconds = timed(lambda: found.extend(ask() for _ in range(times)))
            return {"ms": seconds / times * 1000, "rows": float(found[0])}

        sides = {
            "bare": lambda: measured(lambda: connection.execute(asked, cutoff).scalar_one()),
            "ours": lambda: measured(lambda: due.on(connection)),
        }
        return in_turn(sides, repeat)


def _grouped(bench: Bench) -> Mapping[str, float]:
    """How many rows there are of one column's values, in both tables."""
    engine = create_engine(bench.url(PRISTINE))
    with engine.connect() as connection:
        seconds = timed(
            lambda: [
                connection.execute(text(f"SELECT {column}, count(*) FROM {table} GROUP BY 1")).all()  # noqa: S608
                for table, column in (("visits", "browser"), ("page_events", "seconds"))
            ]
        )
    engine.dispose()
    return {"seconds": seconds}
