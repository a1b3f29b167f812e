"""The whole server of a store is killed in mid-batch, and comes back or does not. Other stores go on."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection
from workbench import UNVALIDATED, Bench

from retention.errors import StoreError
from retention.night.disposal import run
from retention.night.throttle import Throttle
from tests.faults.stage import FORK, REST, RUN, Stage, counting, on_private, stages
from tests.faults.tally import Tally
from tests.servers import Server

KILLS = 4  # of a server during one disposal
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
        code = _broken(stage, private, chance, tally)
        assert code in (0, 3)
        stage.holds_good()
        resumed = chance.random() < 0.5  # the step is tried again, or another night comes
        stage.comes_out(RUN if resumed else "later", ("dispose", "record") if resumed else REST)


def _broken(stage: Stage, server: Server, chance: random.Random, tally: Tally) -> int:
    """One disposal during which the server is killed at some statements. Returns how it ended."""
    reached, instants = FORK.Value("i"), sorted(chance.sample(range(1, 360), KILLS))

    def tell(number: int, _: Connection) -> None:
        reached.value = number

    def work() -> None:
        with counting(tell):
            stage.dispose()

    child = stage.child(work)
    for at in instants:
        while reached.value < at and child.is_alive():
            time.sleep(0.001)
        if not child.is_alive():
            break
        time.sleep(chance.uniform(0, 0.02))
        server.kill()
        tally.hit("server killed")
        if at == instants[-1] and chance.random() < 0.5:
            child.join(60)  # until it has given up
        server.start()
    child.join(60)
    assert child.exitcode is not None
    return int(child.exitcode)


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
