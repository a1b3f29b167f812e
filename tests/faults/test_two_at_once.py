"""Two nights on one store at once, and a retry beside its zombie: the lease and the units see to it that nothing goes twice."""

from __future__ import annotations

import datetime as dt
import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import Connection
from workbench import AS_OF, Bench, take  # noqa: F401 - the bench's calendar counts here

from retention.declare.mapped import MappedStore
from retention.errors import RetentionError
from retention.night import steps
from retention.night.disposal import run
from retention.stores.session import StoreSession, open_store
from tests.faults.stage import FORK, REST, RUN, Stage, counting, stages
from tests.faults.tally import Tally

GAVE_WAY = "a night of a later date is under way on this store"
SUPERSEDED = "another run has claimed this store since"
DAYS = (0, 3, 30)  # by which the as-of of the second night lies back: another try, or a backfill


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    """A session that stands still in mid-batch is ended after two seconds, not after thirty."""

    def session(store: MappedStore, url: str, **_: float) -> StoreSession:
        return open_store(store, url, lock_seconds=1, statement_seconds=2)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "open_store", session)
        yield


# two nights


def test_two_nights_of_one_store(source: Stage, folder: Path, tally: Tally) -> None:
    """The one that began later goes on, unless its date is the earlier; the other says so, or had finished."""
    for stage, chance in stages(source, folder):
        _two_nights(stage, days=chance.choice(DAYS), at=chance.randint(20, 260))
        tally.hit("two nights at once")
        stage.holds_good()
        stage.comes_out("after", REST)


def _two_nights(stage: Stage, days: int, at: int) -> None:
    """The second begins when the first has come to a statement."""
    reached = FORK.Event()
    first = stage.child(lambda: _night(stage, "first", AS_OF, lambda n, _: reached.set() if n == at else None))
    assert reached.wait(60)
    second = stage.child(lambda: _night(stage, "second", AS_OF - dt.timedelta(days=days)))
    for child in (first, second):
        child.join(120)

    assert (first.exitcode, second.exitcode) in [(0, 0), (5, 0), *([(0, 5)] if days > 0 else [])]
    for run_id, ended, why in (("first", first, SUPERSEDED), ("second", second, GAVE_WAY)):
        told = stage.bench.evidence.run(run_id)
        assert told is not None
        assert told.status in (("failed",) if ended.exitcode == 5 else ("passed", "reservations"))
        assert ended.exitcode == 0 or why in (told.note or "")


def _night(stage: Stage, run_id: str, as_of: dt.date, tell: Callable[[int, Connection], object] | None = None) -> None:
    """A night from its beginning, as the command line has it: a failure is put on record."""
    with counting(tell or (lambda *_: None)):
        night = steps.open_night(stage.workspace, stage.store, as_of=as_of, run_id=run_id)
        try:
            take(night, REST)
        except RetentionError as error:
            steps.fail(night, error)
            raise


def test_a_night_whose_units_another_has_cleared_away_is_not_done(stage: Stage, tally: Tally) -> None:
    """The other may have claimed the store and planned before this one looks for its work: it finds none."""
    night = stage.bench.night(stage.store, run_id=RUN)
    stage.bench.run(stage.store, ("prepare", "scan", "plan"), run_id="other")
    tally.hit("units cleared away")
    with pytest.raises(RetentionError, match=SUPERSEDED) as error:
        take(night, ("dispose",))
    assert error.value.exit_code == 5
    assert stage.seen().rows == stage.before
    stage.comes_out("other")


# a retry beside its zombie


def test_a_retry_beside_its_zombie(source: Stage, folder: Path, tally: Tally) -> None:
    """A worker is stopped in mid-batch, another takes up the same run, and the first awakes."""
    for stage, chance in stages(source, folder):
        _beside_its_zombie(stage, at=chance.randint(30, 120))
        tally.hit("retry beside its zombie")
        stage.comes_out()


def _beside_its_zombie(stage: Stage, at: int) -> None:
    zombie = stage.child(lambda: _until_stopped(stage, at))
    _wait_until_stopped(zombie.pid)
    retry = stage.child(stage.dispose)
    retry.join(60)
    # A stopped program keeps a file locked for as long as it stands still; a server ends its session.
    assert retry.exitcode in ((0, 3) if stage.kind == "sqlite" else (0,))
    os.kill(zombie.pid, signal.SIGCONT)
    zombie.join(60)
    assert zombie.exitcode in (0, 3)
    stage.holds_good()


def _until_stopped(stage: Stage, at: int) -> None:
    database, stopped = stage.bench.url(stage.store).rsplit("/", 1)[-1], []

    def tell(number: int, connection: Connection) -> None:
        if number >= at and not stopped and _is_in_batch(connection, database):
            stopped.append(number)
            os.kill(os.getpid(), signal.SIGSTOP)

    with counting(tell):
        stage.dispose()


def _is_in_batch(connection: Connection, database: str) -> bool:
    """Whether a connection is on the store, in a transaction that writes."""
    mine = str(connection.engine.url.database or "").rpartition("/")[2] == database
    return mine and bool(getattr(connection, "get_transaction", lambda: None)())


def _wait_until_stopped(pid: int) -> None:
    end, process = time.monotonic() + 60, psutil.Process(pid)
    while process.status() != psutil.STATUS_STOPPED:
        assert time.monotonic() < end and process.is_running()
        time.sleep(0.01)
