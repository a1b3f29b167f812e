"""The report of a month, written under Airflow."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from retention import clock
from retention.airflow.monthly import monthly_dag
from retention.workspace import Workspace
from tests.unit.report.months import add_months


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airflow_database: None) -> Workspace:
    monkeypatch.setenv("RETENTION_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("RETENTION_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("RETENTION_DECISIONS", "example")
    monkeypatch.setattr(clock, "today", lambda: dt.date(2026, 12, 1))
    made = Workspace.from_env()
    add_months(made.evidence(), made.bundle(), dt.date(2026, 11, 27), dt.date(2026, 11, 30))
    return made


def test_both_languages_are_written(workspace: Workspace) -> None:
    done = monthly_dag().test(run_conf={"month": "2026-11"})
    assert str(done.state) == "success"
    written = {path.name for path in (workspace.output / "reports").glob("*.xlsx")}
    assert written == {"rapport-mensuel-2026-11.xlsx", "monthly-report-2026-11.xlsx"}


def test_a_month_without_a_night_fails(workspace: Workspace) -> None:
    dag = monthly_dag()
    for task in dag.tasks:
        task.retries = 0
    assert str(dag.test(run_conf={"month": "2026-08"}).state) == "failed"
    assert not list((workspace.output / "reports").glob("*.xlsx"))
