"""Trends say of every night what its own figures say, and of missing nights that they are missing."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import event

from retention.declare.bundle import Bundle
from retention.evidence.database import Evidence
from retention.evidence.figures import figures_of, oldest
from retention.evidence.trends import NightLine, totals, trend
from retention.workspace import Workspace
from tests.unit.report.months import add_months
from tests.unit.report.nights import LINES, add_nights

FIRST, LAST = dt.date(2026, 10, 1), dt.date(2026, 10, 14)
MISSING = {("usage", dt.date(2026, 10, 5)), ("account", dt.date(2026, 10, 14))}
FAILED = {("transaction", dt.date(2026, 10, 7)), ("usage", dt.date(2026, 10, 8))}
LATE = {("account", dt.date(2026, 10, 9))}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Workspace.at(Path("unused"), decision_set="example").bundle()


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory, bundle: Bundle) -> Evidence:
    found = Evidence(f"sqlite:///{tmp_path_factory.mktemp('trends') / 'evidence.db'}")
    add_months(found, bundle, FIRST, LAST, missing=MISSING, failed=FAILED, late=LATE)
    return found


@pytest.fixture(scope="module")
def lines(evidence: Evidence) -> tuple[NightLine, ...]:
    return trend(evidence, LINES, FIRST, LAST)


def test_every_night_says_what_its_own_figures_say(evidence: Evidence, lines: tuple[NightLine, ...]) -> None:
    compared = 0
    for line in lines:
        run = evidence.run(line.run_id) if line.run_id else None
        if run is not None:
            figures = figures_of(evidence, run)
            tally = figures.tally()
            assert (line.scanned, line.kept, line.held, line.quarantined) == (
                tally.scanned, tally.kept, tally.held, tally.quarantined,
            )  # fmt: skip
            assert (line.due, line.disposed, line.overdue) == (tally.due, tally.disposed, figures.overdue())
            compared += 1
    assert compared == 14 * 4 - len(MISSING)
    assert {(line.store, line.as_of) for line in lines if line.overdue.rows} == FAILED | LATE


def test_missing_nights_are_said_to_be_missing(lines: tuple[NightLine, ...]) -> None:
    assert len(lines) == 14 * 4
    assert {(line.store, line.as_of) for line in lines if line.missing} == MISSING
    assert {line.age for line in lines if line.missing} == {None}


def test_a_failed_night_owes_what_has_no_receipt(lines: tuple[NightLine, ...]) -> None:
    line = next(line for line in lines if (line.store, line.as_of) == ("usage", dt.date(2026, 10, 8)))
    assert (line.status, line.overdue.rows) == ("failed", 1210 + 4)  # events and a small cell; the visits went


def test_all_stores_together(lines: tuple[NightLine, ...]) -> None:
    by_day = {total.as_of: total for total in totals(lines)}
    assert list(by_day) == [FIRST + dt.timedelta(days=number) for number in range(14)]
    day = by_day[dt.date(2026, 10, 8)]
    that_day = [line for line in lines if line.as_of == day.as_of]
    assert (day.expected, day.ran, day.failed) == (4, 4, 1)
    assert day.scanned == sum(line.scanned for line in that_day)
    assert day.overdue == oldest(line.overdue for line in that_day)
    assert by_day[dt.date(2026, 10, 5)].missing == 1


def test_nothing_is_missing_before_the_first_night(evidence: Evidence) -> None:
    early = trend(evidence, ["usage", "archive"], FIRST - dt.timedelta(days=30), FIRST + dt.timedelta(days=1))
    assert [(line.store, line.as_of.day, line.missing) for line in early] == [
        ("usage", 1, False), ("usage", 2, False), ("archive", 1, True), ("archive", 2, True),
    ]  # fmt: skip


def test_no_evidence_has_no_trend(tmp_path: Path) -> None:
    assert trend(Evidence(f"sqlite:///{tmp_path / 'evidence.db'}"), LINES, FIRST, LAST) == ()


def test_a_night_run_again_counts_once(tmp_path: Path, bundle: Bundle) -> None:
    evidence = Evidence(f"sqlite:///{tmp_path / 'evidence.db'}")
    add_months(evidence, bundle, FIRST, FIRST, failed={("usage", FIRST)})
    once = next(line for line in trend(evidence, ["usage"], FIRST, FIRST))
    with evidence.writing() as db:  # the second run begins later, and disposes of what was left
        again = "usage:again"
        db.exec_driver_sql(
            "INSERT INTO run SELECT ?, store, as_of, horizon, policy_hash, decision_set, dry_run, 'passed', "
            "'2026-10-01 09:00:00', finished_at, note FROM run WHERE run_id = ?", (again, once.run_id),
        )  # fmt: skip
        for stage in ("before", "after"):
            db.exec_driver_sql(
                "INSERT INTO scan SELECT ?, ?, population, line, category, kind, disposition, rule, reason, action, hold_kind, "
                "overdue, rows, oldest, newest, oldest_due FROM scan WHERE run_id = ? AND disposition != 'due'",
                (again, stage, once.run_id),
            )
    (line,) = trend(evidence, ["usage"], FIRST, FIRST)
    assert (line.run_id, line.runs, line.status) == (again, 2, "passed")
    assert (line.disposed, line.due, line.overdue.rows) == (once.disposed, once.disposed, 0)


def test_rehearsals_are_no_nights(tmp_path: Path, bundle: Bundle) -> None:
    evidence = Evidence(f"sqlite:///{tmp_path / 'evidence.db'}")
    add_nights(evidence, bundle, as_of=FIRST, statuses=dict.fromkeys(LINES, "rehearsal"))
    assert trend(evidence, LINES, FIRST, FIRST) == ()


def test_the_database_adds_up(evidence: Evidence) -> None:
    """However many nights there are, the same few statements are asked."""
    asked: list[str] = []

    def note(_c: object, _cursor: object, statement: str, *_others: object) -> None:
        asked.append(statement)

    event.listen(evidence.engine, "before_cursor_execute", note)
    try:
        trend(evidence, LINES, FIRST, LAST)
    finally:
        event.remove(evidence.engine, "before_cursor_execute", note)
    assert len([statement for statement in asked if statement.startswith("SELECT")]) <= 6
