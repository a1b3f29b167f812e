"""The server of a store is killed in mid-batch, or the process of one session; and it comes back or does not.

Other stores go on.
"""

from __future__ import annotations

import contextlib
import random
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError
from workbench import UNVALIDATED, Bench

from retention.errors import StoreError
from retention.night.disposal import run
from retention.night.throttle import Throttle
from tests.faults.stage import FORK, REST, RUN, Stage, counting, on_private, stages
from tests.faults.tally import Tally
from tests.servers import Server

KILLS = 16  # of a server, or of a session's process, in one night
PATIENCE = 4.0  # seconds for which a night waits for a store, here


@pytest.fixture(scope="module", params=["range"])
def how(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def there(untouched_there: Bench, private: Server, store: str) -> Bench:
    return on_private(untouched_there, store, private)


@pytest.fixture(autouse=True)
def _patience() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        short = {"patience_seconds": PATIENCE, "pause_seconds": 0.2}
        patch.setattr(run, "Throttle", lambda session, pace: Throttle(session, pace.model_copy(update=short)))
        yield


def test_killed_again_and_again(source: Stage, private: Server, folder: Path, tally: Tally) -> None:
    """At any statement, and an instant after it; it comes back while the night waits for it, or after it gave up."""
    for stage, chance in stages(source, folder):
        kills, code = 0, -1
        while kills < KILLS and code != 0:
            struck, code = _broken(stage, private, chance, tally, KILLS - kills)
            assert code in (0, 3)
            _look(stage, private)
            kills += struck
        resumed = chance.random() < 0.5  # the step is tried again, or another night comes
        stage.comes_out(RUN if resumed else "later", ("dispose", "record") if resumed else REST)


def _broken(stage: Stage, server: Server, chance: random.Random, tally: Tally, most: int) -> tuple[int, int]:
    """One disposal during which the server is struck at some statements. Returns how often, and how the disposal ended."""
    reached, at, struck = FORK.Value("i"), 0, 0

    def tell(number: int, _: Connection) -> None:
        reached.value = number

    def work() -> None:
        with counting(tell):
            stage.dispose()

    child = stage.child(work)
    while child.is_alive() and struck < most:
        at += chance.randint(1, 120)
        while reached.value < at and child.is_alive():
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.02))
        if child.is_alive() and _strike(stage, server, chance, tally):
            struck += 1
            _look(stage, server)
    child.join(60)
    assert child.exitcode is not None
    return struck, int(child.exitcode)


def _look(stage: Stage, server: Server) -> None:
    """As soon as it answers, whatever the night does."""
    for _ in range(100):
        server.wait()
        with contextlib.suppress(OperationalError):  # it had not noticed yet that a process of its own was gone
            stage.holds_good()
            return
    raise AssertionError("the server does not answer for long enough")


def _strike(stage: Stage, server: Server, chance: random.Random, tally: Tally) -> bool:
    if server.kind == "postgresql" and chance.random() < 0.7:
        struck = _kill_backend(server, stage, chance)
        tally.hit("backend killed", int(struck))
        return struck
    server.kill()
    tally.hit("server killed")
    if chance.random() < 0.1:
        time.sleep(PATIENCE + 1)  # until the night has given up
    server.start()
    return True


def _kill_backend(server: Server, stage: Stage, chance: random.Random) -> bool:
    """-9 for the process of one session: the server then ends all others and recovers. Returns whether."""
    mine = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    with contextlib.suppress(psycopg.OperationalError, ProcessLookupError):  # it recovers from the last; the session has ended
        backends = [row[0] for row in stage.bench.sql(stage.store, mine)]
        if backends:
            server.kill_backend(chance.choice(backends), hard=True)
            return True
    return False


def test_one_that_does_not_come_back(stage: Stage, private: Server, tally: Tally) -> None:
    """The night says so and stops; the stores on other servers have theirs; and afterwards nothing is lost."""
    killed = []

    def tell(number: int, _: Connection) -> None:
        if number >= 60 and not killed:
            killed.append(number)
            private.kill()

    try:
        with counting(tell), pytest.raises(StoreError) as error:
            stage.dispose()
        tally.hit("server gone")
        assert killed
        assert error.value.message.startswith(f"store {stage.store}")
        assert any(words in error.value.message for words in ("cannot be reached", "lost the connection"))
        assert error.value.mend
        with pytest.raises(StoreError, match="cannot be reached"):
            stage.bench.guarded(stage.store, run_id="while-it-is-away")
        ran = stage.bench.run("usage", UNVALIDATED, run_id="elsewhere", dry_run=True)
        assert ran["scan"]["due"]
    finally:
        private.start()
    stage.holds_good()
    stage.comes_out("later", REST)
