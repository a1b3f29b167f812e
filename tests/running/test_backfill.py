"""Nights of the past, made by Airflow's own backfill on the running scheduler."""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from contextlib import closing
from typing import Any

import openpyxl
import pytest

from cluster.client import Client
from retention import clock
from tests.airflows import Airflow

DAG = "retention_usage"
TODAY = clock.today()
UNTOUCHED = "retention_transaction"  # no test has nights of it


def keys(airflow: Airflow) -> set[str]:
    with closing(sqlite3.connect(airflow.workspace.store_file("usage"))) as file:
        return {
            f"{table}:{key}" for table in ("visits", "page_events") for (key,) in file.execute(f"SELECT rowid FROM {table}")
        }


def order(first: dt.date, last: dt.date, dag: str = DAG) -> dict[str, Any]:
    """Nights from the first day to the last, as the API wants them."""
    days = {"from_date": f"{first}T00:00:00Z", "to_date": f"{last}T23:59:59Z"}
    return {"dag_id": dag, "run_backwards": False, "max_active_runs": 3, **days}


def runs_of(client: Client, *, seconds: float = 240) -> dict[str, str]:
    """State of the runs since by the date they speak for, once all are over."""
    end = time.monotonic() + seconds
    while active := client.active(DAG):
        assert time.monotonic() < end, active
        time.sleep(0.5)
    runs = client.get(f"dags/{DAG}/dagRuns", params={"run_after_gte": f"{TODAY - dt.timedelta(days=9)}T00:00:00Z"}).json()[
        "dag_runs"
    ]
    return {run["data_interval_end"][:10]: run["state"] for run in runs if run["data_interval_end"]}  # not those by hand


def clear(client: Client, run: str) -> None:
    body = {"dag_run_id": run, "only_failed": False, "dry_run": False}
    client.post(f"dags/{DAG}/clearTaskInstances", json=body).raise_for_status()


def test_overlapping_nights_of_the_past_are_safe_and_say_that_they_were_made_later(nights: Airflow) -> None:
    engineer = nights.client("engineer")
    before = keys(nights)
    engineer.patch(f"dags/{DAG}", json={"is_paused": False}).raise_for_status()
    days = [TODAY - dt.timedelta(days=back) for back in (3, 2)]
    answer = engineer.post("backfills", json=order(days[0], days[-1]))
    assert answer.status_code == 200, answer.text

    states = runs_of(engineer)
    evidence = nights.workspace.evidence(readonly=True)
    recorded = {str(run.as_of): run for run in evidence.runs("usage")}
    latest = max(recorded)  # of the backfill, or last night's, which the scheduler found missing
    assert {str(day) for day in days} <= set(recorded) and latest >= str(days[-1])
    assert states[latest] == "success", states  # the latest date never gives way
    given_way = [day for day, state in states.items() if state == "failed"]
    notes = [recorded[day].note or "" for day in given_way]
    assert all("a night of a later date is under way" in note or "another run has claimed" in note for note in notes), notes
    gone = sum(
        receipt.rows for receipt in evidence.receipts([run.run_id for run in recorded.values()]) if receipt.action == "delete"
    )
    assert gone == len(before - keys(nights)) > 0

    # Whichever gave way has its record once it is cleared, and its report says that it was made later.
    day = str(days[-1])
    if states[day] == "failed":
        clear(engineer, recorded[day].run_id.partition(":")[2])
        assert runs_of(engineer)[day] == "success"
    report = nights.workspace.output / "reports" / f"rapport-{day}.xlsx"
    cells = [str(cell.value) for row in openpyxl.load_workbook(report).worksheets[0].iter_rows() for cell in row if cell.value]
    assert any("APRÈS COUP" in cell for cell in cells)

    # Tonight still finds what fell due since, and nothing else was taken from it.
    left = keys(nights)
    run = nights.client().trigger(DAG)
    assert nights.client().wait_for(DAG, run) == "success"
    assert keys(nights) <= left


@pytest.mark.parametrize(("first", "last"), [(1, 3), (400, 401)])
def test_nights_to_come_are_refused(airflow: Airflow, first: int, last: int) -> None:
    days = [TODAY + dt.timedelta(days=ahead) for ahead in (first, last)]
    answer = airflow.client("engineer").post("backfills", json=order(*days, UNTOUCHED))
    assert answer.status_code == 422, answer.text
    assert "future" in answer.text


def test_the_last_day_counts_only_with_its_hour(airflow: Airflow) -> None:
    """What docs/backfill.md says of `--to-date`: a bare date is its midnight, and that day's night comes after it."""
    asked = order(TODAY - dt.timedelta(days=4), TODAY - dt.timedelta(days=3), UNTOUCHED)
    bare = {**asked, "to_date": asked["to_date"][:10] + "T00:00:00Z"}
    client = airflow.client("engineer")
    assert [client.post("backfills/dry_run", json=each).json()["total_entries"] for each in (asked, bare)] == [2, 1]
