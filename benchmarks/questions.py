"""Scans: every row gets its disposition, against the barest grouped count over the same rows."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import create_engine, text

from benchmarks.harness import Options, Row, in_turn, timed
from benchmarks.store import PRISTINE, Bench, Filling, hold_some
from retention.night.steps import STEPS


def scan(options: Options) -> list[Row]:
    bench = Bench("postgresql", options.postgresql, options.folder / "scan", Filling(options.rows))
    try:
        hold_some(bench)
        bench.prepare("prepare")
        night = bench.night(PRISTINE)
        samples = in_turn(
            {"bare": lambda: _grouped(bench), "ours": lambda: {"seconds": timed(lambda: STEPS["scan"](night))}}, options.repeat
        )
        night.session.close()
    finally:
        bench.drop()
    bare, ours = samples.median("bare"), samples.median("ours")
    return [
        Row("PostgreSQL, scan of visits and page events", "<= 2 x", ours / bare, f"seconds: {bare:.2f} bare, {ours:.2f} ours")
    ]


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
