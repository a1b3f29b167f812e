"""A night is killed at any instant: what is gone is receipted, what is receipted is gone, and the next night goes on."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, event
from workbench import AS_OF, UNTIL_DISPOSAL, WITHOUT_REPORT, Bench, copy, take

from retention.errors import StoreError
from retention.night import steps
from retention.stores import connect, session
from retention.workspace import Workspace

STORE = "transaction"
POPULATIONS = ("orders", "invoices", "archived_invoices", "payments")
FORK = multiprocessing.get_context("fork")  # a process of its own that need not import everything anew
RANDOM = random.Random(20260615)
STATEMENTS = sorted(RANDOM.sample(range(3, 600), 10))  # the disposal below takes some six hundred and twenty
INSTANTS = [round(RANDOM.uniform(0.05, 0.9), 3) for _ in range(5)]  # as a share of the time it takes undisturbed


@pytest.fixture(scope="module")
def planned(fast_folder: Callable[[], Path], untouched: Bench, small_batches: dict[str, Path]) -> Bench:
    """A night in batches of ten that is about to dispose of its candidates."""
    bench = Bench(copy(untouched.workspace, fast_folder(), **small_batches), untouched.sample)
    bench.run(STORE, UNTIL_DISPOSAL, run_id="killed")
    bench.close()
    return bench


@pytest.fixture(scope="module")
def undisturbed(fast_folder: Callable[[], Path], planned: Bench) -> tuple[dict[str, str], int, float]:
    """Content after an undisturbed disposal, the number of statements it takes, and the seconds."""
    bench = Bench(copy_of(planned.workspace, fast_folder()), planned.sample)
    ran: list[int] = []
    began = time.monotonic()
    child = FORK.Process(target=_dispose, args=(bench.workspace, None))
    child.start()
    child.join()
    seconds = time.monotonic() - began
    assert child.exitcode == 0
    again = Bench(copy_of(planned.workspace, fast_folder()), planned.sample)
    with _counting(ran.append):
        take(steps.open_night(again.workspace, STORE, as_of=AS_OF, run_id="killed"), ("dispose",))
    assert again.content(STORE) == bench.content(STORE)
    return bench.content(STORE), len(ran), seconds


def copy_of(workspace: Workspace, folder: Path) -> Workspace:
    return copy(workspace, folder, declarations=workspace.declarations, sql=workspace.sql)


class _counting:
    """Tells of every statement and every commit on any database."""

    def __init__(self, tell: Callable[[int], object]) -> None:
        self.tell, self.number = tell, 0

    def _one(self, *_: Any) -> None:
        self.number += 1
        self.tell(self.number)

    def __enter__(self) -> None:
        event.listen(Engine, "before_cursor_execute", self._one)
        event.listen(Engine, "commit", self._one)

    def __exit__(self, *_: Any) -> None:
        event.remove(Engine, "before_cursor_execute", self._one)
        event.remove(Engine, "commit", self._one)


def _dispose(workspace: Workspace, at: int | None) -> None:
    """Runs in a process of its own, which kills itself before its statement number `at`."""

    def tell(number: int) -> None:
        if number == at:
            os.kill(os.getpid(), signal.SIGKILL)

    with _counting(tell):
        take(steps.open_night(workspace, STORE, as_of=AS_OF, run_id="killed"), ("dispose",))
    os._exit(0)


def columns(bench: Bench, population: str) -> dict[Any, tuple[Any, ...]]:
    return {row[0]: row for row in bench.sql(STORE, f"SELECT * FROM {population}")}


def assert_receipts_tell_the_truth(before: Bench, bench: Bench) -> int:
    """Rows gone and rows changed are exactly those receipted. Returns how many."""
    receipts, count = bench.receipted(STORE), 0
    for population in POPULATIONS:
        old, new = columns(before, population), columns(bench, population)
        changed = {key for key in new if old.get(key, new[key]) != new[key]}
        came = new.keys() - old.keys()
        assert sorted(came) == (sorted(receipts.get(("invoices", "archive"), [])) if population == "archived_invoices" else [])
        gone = old.keys() - new.keys()
        receipted = receipts.get((population, "minimise"), []) + receipts.get((population, "anonymise"), [])
        left = receipts.get((population, "delete"), []) + receipts.get((population, "archive"), [])
        assert sorted(left) == sorted(gone)
        assert sorted(receipted) == sorted(changed)
        count += len(gone) + len(changed)
    return count


def assert_finished(planned: Bench, bench: Bench, final: dict[str, str], run_id: str, names: tuple[str, ...]) -> None:
    bench.run(STORE, names, run_id=run_id)
    assert bench.content(STORE) == final
    assert_receipts_tell_the_truth(planned, bench)
    assert bench.findings([STORE]) == []


def test_it_is_killed_in_the_thick_of_it(undisturbed: tuple[dict[str, str], int, float]) -> None:
    assert max(STATEMENTS) < undisturbed[1] < max(STATEMENTS) * 2


@pytest.mark.parametrize("at", STATEMENTS)
def test_killed_before_a_statement(
    planned: Bench, undisturbed: tuple[dict[str, str], int, float], folder: Path, at: int
) -> None:
    bench = Bench(copy_of(planned.workspace, folder / "killed"), planned.sample)
    child = FORK.Process(target=_dispose, args=(bench.workspace, at))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL

    done = assert_receipts_tell_the_truth(planned, bench)
    left, spared = bench.sql(STORE, "SELECT sum(high - position), sum(spared) FROM retention_work")[0]
    assert done + left + spared == planned.sql(STORE, "SELECT count(*) FROM retention_candidate")[0][0]

    resumed = at % 2 == 0  # the orchestrator tries the step again, or a new night comes
    names = ("dispose", "record") if resumed else ("prepare", "scan", "plan", "dispose", "record")
    assert_finished(planned, bench, undisturbed[0], "killed" if resumed else "next", names)
    bench.close()


@pytest.mark.parametrize("share", INSTANTS)
def test_killed_at_an_instant(
    planned: Bench, undisturbed: tuple[dict[str, str], int, float], folder: Path, share: float
) -> None:
    bench = Bench(copy_of(planned.workspace, folder / "killed"), planned.sample)
    child = FORK.Process(target=_dispose, args=(bench.workspace, None))
    child.start()
    child.join(undisturbed[2] * share)
    if child.pid is not None and child.is_alive():
        os.kill(child.pid, signal.SIGKILL)
    child.join()

    assert_receipts_tell_the_truth(planned, bench)

    names = WITHOUT_REPORT if share == INSTANTS[0] else ("prepare", "scan", "plan", "dispose", "record")
    assert_finished(planned, bench, undisturbed[0], "next", names)
    bench.close()


# a store that somebody else is writing to


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stores are waited for a fifth of a second: the workspace has no setting for it."""
    monkeypatch.setattr(session, "make_engine", lambda url, **how: connect.make_engine(url, **how | {"lock_seconds": 0.2}))


@pytest.mark.parametrize("step", ["prepare", "scan", "dispose"])
def test_a_store_that_is_locked_is_a_clear_error(impatient: None, planned: Bench, folder: Path, step: str) -> None:
    bench = Bench(copy_of(planned.workspace, folder / "locked"), planned.sample)
    night = bench.night(STORE, run_id="killed")
    before = bench.content(STORE)
    with closing(sqlite3.connect(bench.file(STORE), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError) as error:
            take(night, (step,))
        other.execute("ROLLBACK")
    assert error.value.exit_code == 3
    assert "is locked by another program" in str(error.value)
    assert error.value.mend
    assert bench.content(STORE) == before
    assert bench.receipted(STORE) == {}

    take(night, ("dispose", "record") if step == "dispose" else ("prepare", "scan", "plan", "dispose", "record"))
    assert bench.findings([STORE]) == []
    bench.close()


def test_a_store_locked_between_two_batches_keeps_what_is_receipted(
    impatient: None,
    planned: Bench,
    undisturbed: tuple[dict[str, str], int, float],
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from retention.night.disposal import run as disposal

    bench = Bench(copy_of(planned.workspace, folder / "locked"), planned.sample)
    real, batches = disposal.one_batch, []
    with closing(sqlite3.connect(bench.file(STORE), isolation_level=None)) as other:

        def batch(*args: Any, **options: Any) -> Any:
            batches.append(1)
            if len(batches) == 5:
                other.execute("BEGIN EXCLUSIVE")
            return real(*args, **options)

        monkeypatch.setattr(disposal, "one_batch", batch)
        with pytest.raises(StoreError):
            take(bench.night(STORE, run_id="killed"), ("dispose",))
        other.execute("ROLLBACK")
    monkeypatch.setattr(disposal, "one_batch", real)

    assert assert_receipts_tell_the_truth(planned, bench) > 0
    assert_finished(planned, bench, undisturbed[0], "next", ("prepare", "scan", "plan", "dispose", "record"))
    bench.close()


# several nights at once


def _night(workspace: Workspace, store: str, run_id: str) -> None:
    try:
        take(steps.open_night(workspace, store, as_of=AS_OF, run_id=run_id), ("prepare", "scan", "plan", "dispose", "record"))
    except Exception as error:
        print(type(error).__name__, error)
        os._exit(getattr(error, "exit_code", 99))
    os._exit(0)


def test_four_stores_have_their_nights_at_once(untouched: Bench, folder: Path) -> None:
    bench = Bench(copy(untouched.workspace, folder / "four"), untouched.sample)
    bench.run("account", ("prepare",))
    stores = ("account", "transaction", "subscription", "usage")
    children = [FORK.Process(target=_night, args=(bench.workspace, store, f"at-once-{store}")) for store in stores]
    for child in children:
        child.start()
    for child in children:
        child.join()

    assert [child.exitcode for child in children] == [0, 0, 0, 0]
    assert bench.findings() == []
    bench.close()


def test_two_nights_of_one_store_at_once(untouched: Bench, folder: Path) -> None:
    """One goes on, the other stops or comes second; whatever the order, every row that is gone is receipted once."""
    bench = Bench(copy(untouched.workspace, folder / "two"), untouched.sample)
    bench.run("account", ("prepare",))
    children = [FORK.Process(target=_night, args=(bench.workspace, STORE, f"at-once-{n}")) for n in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join()

    assert {child.exitcode for child in children} <= {0, 5}
    assert_receipts_tell_the_truth(untouched, bench)
    bench.run(STORE, WITHOUT_REPORT, run_id="third")
    assert_receipts_tell_the_truth(untouched, bench)
    assert bench.findings([STORE]) == []
    bench.close()
