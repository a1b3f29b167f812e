"""Disposal of half of the page events, against one bare DELETE by the anchor: same rows, indexes and foreign keys."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import create_engine, text

from benchmarks.harness import Options, Row, in_turn, timed
from benchmarks.latency import p99, probing
from benchmarks.store import WORK, Bench, Filling, hold_some
from retention.night.steps import STEPS

BEFORE = ("prepare", "scan", "plan", "validate_before")


def dense(options: Options) -> list[Row]:
    return [_postgresql(options, "PostgreSQL, half due", ">= 0.7", shuffled=False)]


def shuffled(options: Options) -> list[Row]:
    return [_postgresql(options, "PostgreSQL, half due, shuffled heap", ">= 0.8", shuffled=True)]


def sqlite(options: Options) -> list[Row]:
    bench = Bench("sqlite", "", options.folder / "sqlite", Filling(options.rows // 4))
    return [_measured(bench, options, "SQLite, half due", ">= 0.7")]


def _postgresql(options: Options, what: str, goal: str, *, shuffled: bool) -> Row:
    bench = Bench("postgresql", options.postgresql, options.folder / "postgresql", Filling(options.rows, shuffled=shuffled))
    try:
        return _measured(bench, options, what, goal)
    finally:
        bench.drop()


def _measured(bench: Bench, options: Options, what: str, goal: str) -> Row:
    hold_some(bench)
    bench.prepare(*BEFORE)
    samples = in_turn({"bare": lambda: _bare(bench), "ours": lambda: _ours(bench)}, options.repeat)
    ratio = samples.median("bare") / samples.median("ours")
    said = [
        f"{name}: {samples.median('bare', name):.2f} bare, {samples.median('ours', name):.2f} ours"
        for name in samples.values["bare"]
    ]
    return Row(what, goal, ratio, "; ".join(said), samples.disturbed)


def _bare(bench: Bench) -> Mapping[str, float]:
    bench.restore()
    engine = create_engine(bench.url(WORK), isolation_level="AUTOCOMMIT")
    delete, cutoff = text("DELETE FROM page_events WHERE viewed_at < :cutoff"), str(bench.cutoff)
    with engine.connect() as connection:
        if bench.kind == "sqlite":
            connection.execute(text("PRAGMA foreign_keys = ON"))
            connection.execute(text("PRAGMA secure_delete = ON"))
        value = cutoff if bench.kind == "sqlite" else bench.cutoff
        found = _around(bench, lambda: connection.execute(delete, {"cutoff": value}))
    engine.dispose()
    return found


def _ours(bench: Bench) -> Mapping[str, float]:
    bench.restore()
    night = bench.night(WORK)
    try:
        return _around(bench, lambda: STEPS["dispose"](night))
    finally:
        night.session.close()


def _around(bench: Bench, action: object) -> Mapping[str, float]:
    """Seconds of the disposal; on PostgreSQL also the p99 of other users, WAL and the VACUUM that follows."""
    assert callable(action)
    if bench.kind != "postgresql":
        return {"seconds": timed(action), "rows left": _left(bench)}
    engine = create_engine(bench.url(WORK), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        before = connection.execute(text("SELECT pg_current_wal_lsn()::text")).scalar_one()
        with probing(bench.url(WORK), bench.filling.rows) as latencies:
            seconds = timed(action)
        wal = connection.execute(text("SELECT pg_current_wal_lsn() - CAST(:before AS pg_lsn)"), {"before": before}).scalar_one()
        vacuum = timed(lambda: connection.execute(text("VACUUM page_events")))
    engine.dispose()
    return {
        "seconds": seconds,
        "p99 ms": p99(latencies) * 1000,
        "WAL MiB": float(wal) / 2**20,
        "VACUUM s": vacuum,
        "rows left": _left(bench),
    }


def _left(bench: Bench) -> float:
    """What shows that both sides did the same work, but for the rows under hold."""
    engine = create_engine(bench.url(WORK))
    with engine.connect() as connection:
        left = connection.execute(text("SELECT count(*) FROM page_events")).scalar_one()
    engine.dispose()
    return float(left)
