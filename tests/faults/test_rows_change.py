"""Others write while a batch is under way: what they commit before a row is locked decides about that row."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from workbench import Bench, take  # noqa: F401 - the bench's calendar counts here

from retention.evidence.records import ValidationLine
from retention.night import steps
from retention.night.context import Night
from tests.faults.stage import REST, RUN, Stage
from tests.faults.tally import Tally


def _due(stage: Stage, population: str) -> list[Any]:
    assert stage.final is not None
    return sorted(stage.final.since(stage.before)[0][population])


def test_a_row_no_longer_due_when_its_lock_is_had_survives(stage: Stage, tally: Tally) -> None:
    """The statement has begun, sees the old row and waits for its lock; then the change is committed."""
    if stage.kind == "sqlite":
        pytest.skip("SQLite has one writer: nobody can hold a row")
    keys = _due(stage, "payments")[:3]
    engine = create_engine(stage.bench.url(stage.store))
    failures: list[BaseException] = []

    def night() -> None:
        try:
            stage.dispose()
        except BaseException as error:
            failures.append(error)

    with engine.connect() as other:
        for key in keys:
            moved = "created_at = '2026-06-01 10:00:00', debited_at = '2026-06-01 10:00:00'"
            other.execute(text(f"UPDATE payments SET {moved} WHERE payment_id = :k"), {"k": key})
        working = threading.Thread(target=night)
        working.start()
        time.sleep(1.0)  # it waits by now; the limit is two seconds
        other.commit()
    working.join(60)
    engine.dispose()

    tally.hit("row changed under its lock", len(keys))
    assert failures == []
    gone, _ = stage.seen().since(stage.before)
    assert not set(keys) & gone["payments"]
    assert gone["payments"]


def test_a_row_that_nobody_declared_stands_against_its_parent(stage: Stage, tally: Tally) -> None:
    """A table with a foreign key appears after the plan was checked: one parent is spared, everything else goes."""
    assert stage.final is not None
    night = stage.bench.night(stage.store, run_id=RUN)
    key = _due(stage, "payments")[0]

    from retention.night.disposal import run

    real = run.ready

    def ready(of: Any) -> Any:
        plan = real(of)
        kind = "BIGINT" if stage.kind == "mariadb" else "INTEGER"
        foreign = "FOREIGN KEY (about) REFERENCES payments (payment_id)"
        stage.bench.sql(stage.store, f"CREATE TABLE complaint (id INTEGER PRIMARY KEY, about {kind}, {foreign})")
        stage.bench.sql(stage.store, "INSERT INTO complaint VALUES (1, ?)", key)
        return plan

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "ready", ready)
        take(night, ("dispose",))

    tally.hit("undeclared reference")
    after = {(line.population, line.expectation): line for line in _validated_after(night)}
    line = after["payments", "nothing_refused"]
    assert (line.severity, line.outcome, line.unexpected) == ("warning", "FAIL", 1)
    assert take(night, ("record",))["record"]["status"] == "reservations"
    seen = stage.seen()
    due, gone = stage.final.since(stage.before)[0], seen.since(stage.before)[0]
    assert stage.bench.sql(stage.store, "SELECT population, record_key FROM retention_refused") == [("payments", str(key))]
    assert due["payments"] - gone["payments"] == {key}
    assert len(due["invoices"] - gone["invoices"]) <= 1
    assert len(due["orders"] - gone["orders"]) <= 1
    stage.holds_good()


def _validated_after(night: Night) -> list[ValidationLine]:
    """What is reported of a night: the second opinion after it. The reference itself is none of the mapping's."""
    steps.STEPS["validate_after"](night)
    return [line for line in night.evidence.validation(night.run_id) if line.stage == "after"]


def test_late_rows_are_the_next_nights(stage: Stage, tally: Tally) -> None:
    """Inserted after the scan, and due already by their anchors. A late child stands before its parent until then."""
    assert stage.final is not None
    late = {name: 9_000_000 + number for number, name in enumerate(("orders", "payments"))}
    for name, key in late.items():
        population = stage.bench.bundle.store(stage.store).declared.population(name)
        columns = [column for column in population.columns if column != population.key]
        names = ", ".join(columns)
        copied = f"INSERT INTO {name} ({population.key}, {names}) SELECT ?, {names} FROM {name} WHERE {population.key} = ?"
        stage.bench.sql(stage.store, copied, key, _due(stage, name)[0])
    with_late = stage.seen().rows

    stage.dispose(names=("dispose", "record"))
    tally.hit("late rows", len(late))
    stage.holds_good()
    seen = stage.seen()
    assert all(key in seen.rows[name] for name, key in late.items())
    due, gone = stage.final.since(stage.before)[0], seen.since(stage.before)[0]
    assert due["payments"] == gone["payments"]
    assert len(due["invoices"] - gone["invoices"]) <= 1

    take(stage.bench.night(stage.store, run_id="next"), REST)
    stage.holds_good(with_late)
    assert stage.seen().rows == stage.final.rows
    assert stage.bench.findings([stage.store]) == []


def test_another_program_writes_all_the_while(stage: Stage, tally: Tally) -> None:
    """On SQLite the two take turns at the one lock. What it wrote is as it left it, and what is due goes all the same."""
    over, failures, written = threading.Event(), [], []
    url = stage.bench.url(stage.store)
    engine = create_engine(url, connect_args={"timeout": 30} if stage.kind == "sqlite" else {})

    def write() -> None:
        try:
            for key in range(9_000_001, 9_100_000):
                if over.is_set():
                    return
                with engine.begin() as other:
                    row = {"k": key, "at": "2026-06-14 10:00:00"}
                    other.execute(text("INSERT INTO orders VALUES (:k, 'C-NEW', 'Forfait', 1, 100, NULL, :at, 'placed')"), row)
                    other.execute(text("UPDATE orders SET quantity = 2 WHERE order_id = :k"), row)
                written.append(key)
                time.sleep(0.002)
        except BaseException as error:
            failures.append(error)

    program = threading.Thread(target=write)
    program.start()
    stage.dispose()
    over.set()
    program.join(60)
    tally.hit("another program writes")

    assert failures == []
    assert written
    assert stage.bench.sql(stage.store, "SELECT count(*), min(quantity) FROM orders WHERE order_id > 9000000") == [
        (len(written), 2)
    ]
    with engine.begin() as other:
        other.execute(text("DELETE FROM orders WHERE order_id > 9000000"))
    engine.dispose()
    stage.comes_out()
