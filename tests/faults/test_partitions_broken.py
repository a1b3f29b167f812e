"""Partitions that go as a whole, broken off at every step: what is gone is receipted, and whoever comes next goes on."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.exc import ProgrammingError
from workbench import UNTIL_DISPOSAL, Bench, redeclare, take  # noqa: F401 - the bench's calendar counts here

from retention.declare.mapped import MappedStore
from retention.workspace import Workspace
from tests.faults.fates import broken_off
from tests.faults.stage import RUN, Rows, Seen, Stage, again, backend_of, end_session, planned
from tests.faults.tally import Tally, rounds
from tests.integration.databases import create, sql
from tests.integration.partitioned import OLD_PARTS, partition, parts, there, with_old_events
from tests.samples import prepared

AT_MOST = 10
LATER = ("prepare", "scan", "plan", "dispose", "record")


class Parted(Stage):
    """A usage store whose page events lie in partitions; those in detached ones are there too."""

    at_any_moment = False  # which partitions there are is no part of a snapshot

    def seen(self) -> Seen:
        while True:
            try:
                return super().seen()
            except ProgrammingError:  # what a killed worker had asked for dropped one meanwhile
                continue

    def _rows(self, connection: Connection, store: MappedStore) -> Rows:
        found = super()._rows(connection, store)
        for part in connection.execute(_APART).scalars().all():
            rows = connection.execute(text(f"SELECT event_id, t.* FROM {part} t"))
            found["page_events"] |= {row[0]: tuple(row[1:]) for row in rows}
        return found

    def parts(self) -> dict[str, bool]:
        return parts(self.bench.url(self.store))

    def there(self, part: str) -> bool:
        return there(self.bench.url(self.store), part)

    def goes_on(self, chance: random.Random) -> None:
        """The step is tried again, or another night comes."""
        resumed = chance.random() < 0.5
        self.comes_out(RUN if resumed else "later", ("dispose", "record") if resumed else LATER)
        assert not any(map(self.there, OLD_PARTS))
        assert sql(self.bench.url(self.store), "SELECT * FROM retention_detached") == []


_APART = text("""
    SELECT c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relname LIKE 'page\\_events\\_%'
       AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid AND NOT i.inhdetachpending)
""")


def parted(made: Stage) -> Parted:
    return Parted(made.bench, made.store, made.before, made.final)


@pytest.fixture(scope="module")
def source(fast_folder: Callable[[], Path]) -> Iterator[Parted]:
    """The plan is made, in batches of ten and with little patience for locks; `final` is what an undisturbed night leaves."""
    declared = redeclare(fast_folder())
    for file, old, new in (
        (declared["declarations"] / "decisions" / "example.yaml", "batch_rows: ", "batch_rows: 10  # "),
        (declared["sql"] / "usage" / "store.yaml", "title:", "pace: {lock_timeout_seconds: 0.5}\ntitle:"),
    ):
        said = file.read_text(encoding="utf-8")
        assert old in said
        file.write_text(said.replace(old, new, 1), encoding="utf-8")
    workspace = replace(Workspace.at(fast_folder(), decision_set="example"), store_urls={"usage": create("postgresql")})
    bench = prepared(workspace)
    with_old_events(bench.url("usage"))
    partition(bench.url("usage"))
    made = parted(planned(bench, fast_folder(), "usage", "listed", declared))
    undisturbed = parted(again(made, fast_folder()))
    undisturbed.comes_out()
    made.final = undisturbed.seen()
    undisturbed.close()
    yield made
    made.close()
    bench.close()


@pytest.fixture
def stage(folder: Path, source: Parted) -> Iterator[Parted]:
    made = parted(again(source, folder / "broken"))
    yield made
    made.close()


def test_killed_at_any_step(source: Parted, folder: Path, tally: Tally) -> None:
    for turn, seed in enumerate(rounds()):
        stage, chance = parted(again(source, folder / str(turn))), random.Random(seed)
        broken_off(stage, chance, tally, AT_MOST if turn == 0 else 1000)
        stage.goes_on(chance)
        stage.close()


# the steps by name

STEPS = ("INSERT INTO retention_detached", "CONCURRENTLY", "detached_at", "IN ACCESS EXCLUSIVE MODE", "string_agg",
         "INSERT INTO retention_receipt", "DROP TABLE", "DELETE FROM retention_detached", "pg_advisory_unlock")  # fmt: skip


@contextmanager
def at(word: str, when: str, do: Callable[[Connection], object]) -> Iterator[None]:
    """Does something before or after the first statement with this word in it."""
    done: list[bool] = []

    def look(connection: Connection, _cursor: Any, statement: str, *_: Any) -> None:
        if word in statement and not done:
            done.append(True)
            do(connection)

    event.listen(Engine, f"{when}_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(Engine, f"{when}_cursor_execute", look)


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("word", STEPS)
def test_killed_at_each_step(stage: Parted, tally: Tally, word: str, when: str) -> None:
    def work() -> None:
        with at(word, when, lambda _: os.kill(os.getpid(), signal.SIGKILL)):
            stage.dispose()

    child = stage.child(work)
    child.join(60)
    assert child.exitcode == -signal.SIGKILL
    tally.hit("worker killed")
    stage.holds_good()
    stage.goes_on(random.Random(word + when))


@pytest.mark.parametrize("word", STEPS)
def test_session_ended_at_each_step(stage: Parted, tally: Tally, word: str) -> None:
    url = stage.bench.url(stage.store)

    def work() -> None:
        with at(word, "before", lambda connection: end_session(url, backend_of(connection))):
            stage.dispose()

    child = stage.child(work)
    child.join(60)
    assert child.exitcode in (0, 3)
    tally.hit("session ended")
    stage.holds_good()
    stage.goes_on(random.Random(word))


# others in the way


@contextmanager
def reader(stage: Parted) -> Iterator[psycopg.Connection[Any]]:
    """Somebody who reads page events in a transaction that goes on."""
    url = make_url(stage.bench.url(stage.store)).set(drivername="postgresql").render_as_string(hide_password=False)
    with closing(psycopg.connect(url)) as connection:
        connection.execute("SELECT count(*) FROM page_events")
        yield connection


def wait_until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


_DETACHING = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'ALTER TABLE%'"


@pytest.mark.parametrize("later", [False, True], ids=["tried again", "another night"])
def test_an_interrupted_detach_is_finished(stage: Parted, tally: Tally, later: bool) -> None:
    """Killed while it waits for readers between its two transactions: it blocks every other until FINALIZE."""
    with reader(stage):
        child = stage.child(stage.dispose)
        wait_until(lambda: any(stage.parts().values()))
        os.kill(child.pid, signal.SIGKILL)
        child.join(60)
        wait_until(lambda: not sql(stage.bench.url(stage.store), _DETACHING))  # the server notices within a second
    tally.hit("detach interrupted")
    assert any(stage.parts().values())
    stage.holds_good()
    stage.comes_out("later" if later else RUN, LATER if later else ("dispose", "record"))
    assert not any(map(stage.there, OLD_PARTS))


def test_readers_that_never_end_are_left_alone(stage: Parted, tally: Tally) -> None:
    """What was begun is left to a later run, what was not goes row by row, and nobody was locked out."""
    with reader(stage) as other:
        child = stage.child(lambda: stage.dispose(names=("dispose", "record")))
        child.join(120)
        other.execute("SELECT count(*) FROM visits")
    tally.hit("detach never had its lock")
    assert child.exitcode == 0
    assert list(stage.parts().values()).count(True) == 1
    stage.holds_good()
    stage.comes_out("later", LATER)
    assert not any(part for part in OLD_PARTS if stage.there(part) and part not in stage.parts())


def test_two_workers_at_once_and_a_later_run(stage: Parted, tally: Tally) -> None:
    """Both take the same units; a third comes with another run while a detach waits, and supersedes them."""
    with reader(stage):
        zombies = [stage.child(stage.dispose) for _ in range(2)]
        wait_until(lambda: any(stage.parts().values()))
        take(stage.bench.night(stage.store, run_id="later"), UNTIL_DISPOSAL)
    stage.comes_out("later", ("dispose", "record"))
    for zombie in zombies:
        zombie.join(60)
        assert zombie.exitcode in (0, 3, 5)
    tally.hit("two runs at once", 2)
    assert stage.seen().rows == stage.final.rows if stage.final else False


def test_a_parent_waits_for_events_in_a_detached_partition(stage: Parted, tally: Tally) -> None:
    """Killed with partitions detached: their visits stay, and lose nothing, until the events are gone."""

    def work() -> None:
        with at("IN ACCESS EXCLUSIVE MODE", "before", lambda _: os.kill(os.getpid(), signal.SIGKILL)):
            stage.dispose()

    child = stage.child(work)
    child.join(60)
    tally.hit("worker killed")
    gone, changed = stage.seen().since(stage.before)
    assert not gone["visits"]
    assert not changed["visits"]
    take(stage.bench.night(stage.store, run_id="later"), ("prepare", "scan"))
    scanned = stage.bench.evidence.scan("later", "before")
    assert sum(line.rows for line in scanned if line.population == "page_events") == len(stage.seen().rows["page_events"])
    stage.comes_out("later", ("plan", "dispose", "record"))
