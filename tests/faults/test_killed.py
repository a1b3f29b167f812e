"""Worker or session killed at any step of a batch, again and again on one store, until its night is done."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

from sqlalchemy import Connection
from workbench import Bench  # noqa: F401 - the bench's calendar counts here

from tests.faults.stage import RUN, Stage, backend_of, counting, end_session, stages
from tests.faults.tally import Tally

AT_MOST = 12  # faults a store in an ordinary run, four times as many in a soak: then the night may end
EXPECTED = {0, 3, -signal.SIGKILL}  # done, or an error of the store in plain words, or killed


def test_killed_at_every_step(source: Stage, folder: Path, tally: Tally) -> None:
    for turn, (stage, chance) in enumerate(stages(source, folder)):
        faults = 0
        while faults < (AT_MOST if turn == 0 else 4 * AT_MOST):
            code = _broken(stage, chance, tally)
            assert code in EXPECTED
            stage.holds_good()
            faults += 1
            if code == 0:
                break
        resumed = chance.random() < 0.5  # the step is tried again, or another night comes
        names = ("dispose", "record") if resumed else ("prepare", "scan", "plan", "dispose", "record")
        stage.comes_out(RUN if resumed else "later", names)


def _broken(stage: Stage, chance: random.Random, tally: Tally) -> int:
    """One disposal with one fault. Returns how it ended."""
    how = chance.choice(["statement", "instant"] if stage.kind == "sqlite" else ["statement", "instant", "session"])
    at, url, done = chance.randint(1, 60), stage.bench.url(stage.store), []

    def tell(number: int, connection: Connection) -> None:
        if number < at or done:
            return
        if how == "statement":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "session" and connection.engine.url.database == stage_database:
            done.append(number)
            end_session(url, backend_of(connection))

    stage_database = url.rsplit("/", 1)[-1]

    def work() -> None:
        with counting(tell):
            stage.dispose()

    child = stage.child(work)
    if how == "instant":
        time.sleep(chance.uniform(0.02, 0.35))
        os.kill(child.pid, signal.SIGKILL)
    child.join(60)
    assert child.exitcode is not None
    tally.hit({"statement": "worker killed", "instant": "worker killed", "session": "session ended"}[how])
    return int(child.exitcode)
