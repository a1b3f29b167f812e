"""A population that never has anything to dispose of, night after night, is an alarm."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import insert

from retention.evidence import tables
from retention.evidence.database import Evidence

NIGHTS = 3


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(f"sqlite:///{tmp_path / 'evidence.db'}")


def _night(evidence: Evidence, number: int, *, status: str = "passed", reason: str = "period_running") -> None:
    day = dt.date(2026, 1, 1) + dt.timedelta(days=number)
    at = dt.datetime.combine(day, dt.time(3))
    with evidence.writing() as connection:
        connection.execute(insert(tables.run).values(
            run_id=f"usage:{number}", store="usage", as_of=day, horizon=day, policy_hash="p", decision_set="example",
            dry_run=False, status=status, started_at=at, finished_at=at,
        ))  # fmt: skip
        connection.execute(insert(tables.scan).values(
            run_id=f"usage:{number}", stage="before", population="visits", line=0, category="usage", kind="visit",
            disposition="keep", reason=reason, overdue=False, rows=10,
        ))  # fmt: skip


def test_many_nights_without_any_disposal_are_noticed(evidence: Evidence) -> None:
    for number in range(NIGHTS):
        assert evidence.idle_populations("usage", NIGHTS) == ()
        _night(evidence, number)
    assert evidence.idle_populations("usage", NIGHTS) == ("visits",)


def test_failed_nights_prove_nothing(evidence: Evidence) -> None:
    for number in range(NIGHTS):
        _night(evidence, number, status="failed")
    assert evidence.idle_populations("usage", NIGHTS) == ()


def test_a_population_awaiting_a_decision_is_not_idle(evidence: Evidence) -> None:
    for number in range(NIGHTS):
        _night(evidence, number, reason="undecided")
    assert evidence.idle_populations("usage", NIGHTS) == ()


def test_one_disposal_ever_is_enough(evidence: Evidence) -> None:
    for number in range(NIGHTS):
        _night(evidence, number)
    with evidence.writing() as connection:
        connection.execute(insert(tables.receipt).values(
            receipt_id="r", run_id="usage:0", store="usage", population="visits", unit=1, batch=1,
            rule="usage-visits",
            action="anonymise", as_of=dt.date(2026, 1, 1), plan_hash="h", rows=1, spared=0, root="0", scheme="blocks",
            keyset=b"0", keyset_hash="0",
            disposed_at=dt.datetime.combine(dt.date(2026, 1, 1), dt.time()),
        ))  # fmt: skip
    assert evidence.idle_populations("usage", NIGHTS) == ()
