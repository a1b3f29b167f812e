"""Disposal of half of the page events, against one bare DELETE by the anchor: same rows, indexes and foreign keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import create_engine, text

from benchmarks.harness import Options, Row, Samples, in_turn, timed
from benchmarks.latency import p99, probing
from benchmarks.store import BEFORE_DISPOSAL, WORK, Bench, Filling, hold_some
from retention.night.steps import STEPS


def dense(options: Options) -> list[Row]:
    samples, row = _postgresql(options, "PostgreSQL, dense, half due", ">= 0.7", shuffled=False)
    said = f"a short query every 5 ms: {samples.median('bare', 'p99 ms'):.1f} ms beside the bare DELETE"
    return [row, Row("concurrent p99 meanwhile", "<= 50 ms", samples.median("ours", "p99 ms"), said, samples.disturbed)]


def shuffled(options: Options) -> list[Row]:
    return [_postgresql(options, "PostgreSQL, the same on a shuffled heap", ">= 0.8", shuffled=True)[1]]


def sqlite(options: Options) -> list[Row]:
    bench = Bench("sqlite", "", options.folder / "sqlite", Filling(options.rows // 4))
    samples = _prepared_and_measured(bench, options.repeat)
    return [Row("SQLite, half due", ">= 0.7", _ratio(samples), samples.said("bare", "ours"), samples.disturbed)]


def _postgresql(options: Options, what: str, goal: str, *, shuffled: bool) -> tuple[Samples, Row]:
    """Right after a checkpoint, when each page that changes is written to the WAL whole; and once more without one."""
    bench = Bench("postgresql", options.postgresql, options.folder / "postgresql", Filling(options.rows, shuffled=shuffled))
    try:
        samples = _prepared_and_measured(bench, options.repeat)
        fewer = max(1, options.repeat // 2)
        logged = in_turn({"bare": lambda: bare(bench, logged=True), "ours": lambda: ours(bench, logged=True)}, fewer)
    finally:
        bench.drop()
    said = (
        f"after a checkpoint: {samples.said('bare', 'ours')}; without one ({fewer} repetitions), "
        f"ratio {_ratio(logged):.2f}: {logged.said('bare', 'ours')}"
    )
    return samples, Row(what, goal, _ratio(samples), said, samples.disturbed + logged.disturbed)


def _prepared_and_measured(bench: Bench, repeat: int) -> Samples:
    hold_some(bench)
    bench.prepare(*BEFORE_DISPOSAL)
    return in_turn({"bare": lambda: bare(bench), "ours": lambda: ours(bench)}, repeat)


def _ratio(samples: Samples) -> float:
    return samples.median("bare") / samples.median("ours")


def bare(bench: Bench, *, logged: bool = False) -> Mapping[str, float]:
    """One DELETE by the anchor on a fresh copy."""
    bench.restore(logged=logged)
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


def ours(bench: Bench, *, logged: bool = False) -> Mapping[str, float]:
    """The disposal of a night that was prepared, on a fresh copy."""
    bench.restore(logged=logged)
    night = bench.night(WORK)
    try:
        return _around(bench, lambda: STEPS["dispose"](night))
    finally:
        night.session.close()


def _around(bench: Bench, action: Callable[[], object]) -> Mapping[str, float]:
    """Seconds of the disposal; on PostgreSQL also the p99 of other users, WAL and the VACUUM that follows."""
    if bench.kind != "postgresql":
        return {"seconds": timed(action), "rows left": left(bench)}
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
        "rows left": left(bench),
    }


def left(bench: Bench) -> float:
    """What shows that both sides did the same work, but for the rows under hold."""
    engine = create_engine(bench.url(WORK))
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT count(*) FROM page_events")).scalar_one()
    engine.dispose()
    return float(rows)
