"""A whole partition that is due, detached and dropped with receipts, against one bare DELETE of its rows."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import create_engine, text

from benchmarks.harness import Options, Row, in_turn, timed
from benchmarks.store import PRISTINE, WORK, Bench, Filling, analyse
from retention import holds
from retention.night.steps import STEPS
from retention.workspace import Workspace

BEFORE = ("prepare", "scan", "plan", "validate_before")


def partitions(options: Options) -> list[Row]:
    """Half of the rows are due and lie in one partition, half are not and lie in another."""
    bench = Bench("postgresql", options.postgresql, options.folder / "partitions", Filling(options.rows))
    try:
        _split(bench)
        _hold_another(bench)
        analyse(bench.url(PRISTINE))
        size = f"a partition of {options.rows // 2:,} rows"
        keys = _measured(bench, options, f"{size}, provable digests", ">= 3")
        _settle_for_counts(bench)
        return [keys, _measured(bench, options, f"{size}, counts", ">= 5")]
    finally:
        bench.drop()


def _measured(bench: Bench, options: Options, what: str, goal: str) -> Row:
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
    delete = text("DELETE FROM page_events WHERE viewed_at < :cutoff")
    engine = create_engine(bench.url(WORK), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        cutoff = bench.cutoff
        found = _around(bench, lambda: connection.execute(delete, {"cutoff": cutoff}))
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
    assert callable(action)
    engine = create_engine(bench.url(WORK), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        before = connection.execute(text("SELECT pg_current_wal_lsn()::text")).scalar_one()
        seconds = timed(action)
        wal = connection.execute(text("SELECT pg_current_wal_lsn() - CAST(:before AS pg_lsn)"), {"before": before}).scalar_one()
        left = connection.execute(text("SELECT count(*) FROM page_events")).scalar_one()
    engine.dispose()
    return {"seconds": seconds, "WAL MiB": float(wal) / 2**20, "rows left": float(left)}


def _split(bench: Bench) -> None:
    """Moves the page events into two partitions, divided where they cease to be due."""
    engine = create_engine(bench.url(PRISTINE), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in (
            "ALTER TABLE page_events RENAME TO plain",
            "CREATE TABLE page_events (event_id bigint, visit_id bigint NOT NULL REFERENCES visits (visit_id),"
            " customer_ref varchar(16), viewed_at timestamp, path varchar(200) NOT NULL, previous_path varchar(200),"
            " seconds integer, PRIMARY KEY (event_id, viewed_at)) PARTITION BY RANGE (viewed_at)",
            f"CREATE TABLE events_due PARTITION OF page_events FOR VALUES FROM (MINVALUE) TO ('{bench.cutoff}')",
            f"CREATE TABLE events_kept PARTITION OF page_events FOR VALUES FROM ('{bench.cutoff}') TO (MAXVALUE)",
            "INSERT INTO page_events"
            " SELECT event_id, visit_id, customer_ref, viewed_at, path, previous_path, seconds FROM plain",
            "DROP TABLE plain",
            *(f"CREATE INDEX ON page_events ({column})" for column in ("visit_id", "customer_ref", "viewed_at")),
        ):
            connection.execute(text(statement))
    engine.dispose()


def _hold_another(bench: Bench) -> None:
    """A claim on somebody who has no events: every row is asked about holds, and none is held."""
    night = bench.night(PRISTINE)
    about = {"subject_key": "C0", "reason": "benchmark", "reference": "B-1", "approver": "benchmark"}
    holds.place(night.workspace, night.bundle, night.evidence, holds.Request("legal_claim", review_by=bench.as_of, **about))
    night.session.close()


def _settle_for_counts(bench: Bench) -> None:
    """From here on the declaration asks for no more than the number of rows of a whole partition."""
    folder = bench.folder / "sql of counts"
    shutil.copytree(bench.workspace.sql, folder)
    file: Path = folder / "usage" / "store.yaml"
    said = file.read_text(encoding="utf-8")
    table = "    table: page_events\n"
    assert table in said
    file.write_text(said.replace(table, f"{table}    partition_evidence: counts\n"), encoding="utf-8")
    bench.workspace = Workspace(**{**vars(bench.workspace), "sql": folder})
