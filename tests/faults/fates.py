"""Workers killed and sessions ended at chance instants of a disposal, one after the other, until it is done."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import threading
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe

from sqlalchemy import Connection

from tests.faults.stage import FORK, Stage, backend_of, counting, end_session
from tests.faults.tally import Tally

SESSIONS = 3  # at most, of a worker that is killed afterwards
BEGINNING = 50  # statements, about, until a disposal is at its first batch
GOING_ON = 90  # statements, at most, from there to a fault, or from one fault to the next
PATIENCE = 60  # seconds for what does not take one
EXPECTED = {0, 3, -signal.SIGKILL}  # done, or an error of the store in plain words, or killed


def broken_off(stage: Stage, chance: random.Random, tally: Tally, most: int) -> int:
    """Disposals with faults, one after the other, until one comes to its end or there were so many. Returns how many."""
    faults, code = 0, -1
    while faults < most and code != 0:
        fate = _fate(stage, chance)
        code = _suffered(stage, fate, tally)
        assert code in EXPECTED
        stage.holds_good()
        faults += fate.ended + (code == -signal.SIGKILL)
    return faults


@dataclass
class _Fate:
    """What befalls one worker: before these statements its sessions are ended; then it is killed."""

    url: str
    sessions: list[int]
    statement: int | None  # before which it kills itself
    seconds: float | None  # after which it is killed otherwise
    ended: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def tell(self, number: int, connection: Connection, told: Pipe) -> None:
        with self._lock:  # which of several threads comes to it first is struck
            if self.sessions:
                if number >= self.sessions[0] and connection.engine.url.database == self.url.rsplit("/", 1)[-1]:
                    del self.sessions[0]
                    end_session(self.url, backend_of(connection))
                    told.send("session ended")
            elif self.statement is not None and number >= self.statement:
                os.kill(os.getpid(), signal.SIGKILL)


def _fate(stage: Stage, chance: random.Random) -> _Fate:
    url = stage.bench.url(stage.store)
    if chance.random() < 0.3:
        return _Fate(url, [], None, chance.uniform(0.02, 0.35))
    at, instants = 0 if chance.random() < 0.2 else BEGINNING, []
    for _ in range(1 if stage.kind == "sqlite" else chance.randint(1, 1 + SESSIONS)):
        at += chance.randint(1, GOING_ON)
        instants.append(at)
    return _Fate(url, instants[:-1], instants[-1], None)


def _suffered(stage: Stage, fate: _Fate, tally: Tally) -> int:
    """One disposal with its faults, after each a look at the store, whatever the worker does. Returns its exit code."""
    here, there = FORK.Pipe(duplex=False)

    def work() -> None:
        with counting(lambda number, connection: fate.tell(number, connection, there)):
            stage.dispose()

    child, end = stage.child(work), time.monotonic() + (fate.seconds or PATIENCE)
    there.close()
    with contextlib.suppress(EOFError):  # the worker has ended
        while here.poll(max(0.0, end - time.monotonic())):
            here.recv()
            fate.ended += 1
            tally.hit("session ended")
            if stage.at_any_moment:
                stage.holds_good()
        if fate.seconds:
            os.kill(child.pid, signal.SIGKILL)
    child.join(PATIENCE)
    assert child.exitcode is not None
    if child.exitcode == -signal.SIGKILL:
        tally.hit("worker killed")
    return int(child.exitcode)
