"""The clock of a worker is wrong, or the day ends in mid-night: decisions hang on the as-of date, and on no clock."""

from __future__ import annotations

import datetime as dt
import itertools

import pytest
from workbench import AS_OF, DAY, Bench, set_day, take  # noqa: F401 - the bench's calendar counts here

from retention import clock, dates
from retention.errors import PlanError
from retention.night.record import store_receipts
from tests.faults.stage import REST, RUN, Stage
from tests.faults.tally import Tally

SKEWS = (-2, 2)  # days


@pytest.fixture(scope="module", params=["listed"])
def how(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def _disposed_on(stage: Stage, run_id: str) -> set[dt.date]:
    rows = stage.bench.sql(stage.store, "SELECT disposed_at FROM retention_receipt WHERE run_id = ?", run_id)
    return {dt.date.fromisoformat(str(row[0])[:10]) for row in rows}


@pytest.mark.parametrize("days", SKEWS)
def test_a_worker_whose_clock_is_wrong_goes_on_with_a_night(
    stage: Stage, tally: Tally, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """Receipts bear the worker's date; the ledger is in the order of its numbers all the same."""
    set_day(monkeypatch, AS_OF + days * DAY)
    stage.dispose(names=("dispose", "record"))
    tally.hit("clock skew")
    assert stage.final is not None
    assert stage.seen().rows == stage.final.rows
    assert _disposed_on(stage, RUN) == {AS_OF + days * DAY}
    set_day(monkeypatch, AS_OF)
    stage.comes_out("later", REST)
    assert set(store_receipts(stage.workspace, stage.store).at_first) == {r.receipt_id for r in stage.bench.evidence.receipts()}


@pytest.mark.parametrize("days", SKEWS)
def test_a_night_begun_by_a_worker_whose_clock_is_wrong(
    stage: Stage, tally: Tally, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    """Behind, the as-of lies ahead: a rehearsal, which leaves alone what is under way. Ahead, it decides nothing else."""
    set_day(monkeypatch, AS_OF + days * DAY)
    night = stage.bench.night(stage.store, run_id="skewed")
    tally.hit("clock skew")
    assert night.horizon == max(AS_OF, AS_OF + days * DAY)
    if days < 0:
        assert night.dry_run
        with pytest.raises(PlanError, match="a rehearsal must not disturb it"):
            take(night, REST)
        assert stage.seen().rows == stage.before
    else:
        take(night, REST)
        stage.holds_good()
    set_day(monkeypatch, AS_OF)
    stage.comes_out("later", REST)


def test_a_night_across_midnight(stage: Stage, tally: Tally, monkeypatch: pytest.MonkeyPatch) -> None:
    """In Paris it is the next day from somewhere in the middle on."""
    midnight = dates.start_of_day(AS_OF + DAY, dt.UTC)
    ticks = itertools.count(-20)

    def now() -> dt.datetime:
        return midnight + next(ticks) * dt.timedelta(seconds=1)

    monkeypatch.setattr(clock, "now", now)
    monkeypatch.setattr(clock, "today", lambda: dates.paris_date(now().replace(tzinfo=dt.UTC)))
    assert clock.today() == AS_OF
    stage.dispose("midnight", REST)
    assert clock.today() == AS_OF + DAY
    tally.hit("midnight")
    assert stage.final is not None
    assert stage.seen().rows == stage.final.rows
    set_day(monkeypatch, AS_OF)
    stage.comes_out("later", REST)
