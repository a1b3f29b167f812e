"""Others hold the locks that a batch needs: it waits, is broken off, made smaller and tried again, and nothing goes twice."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import Connection, create_engine, text
from workbench import Bench, take  # noqa: F401 - the bench's calendar counts here

from retention.errors import StoreError, Transient
from retention.night.disposal import run
from retention.night.pace import Controller
from retention.stores.session import StoreSession
from tests.faults.stage import RUN, Stage
from tests.faults.tally import Tally

WAITING = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%payments%'",
    "mariadb": "SELECT count(*) FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT' AND trx_query LIKE '%payme%'",
}


@pytest.fixture(scope="module", params=["listed"])
def how(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@dataclass
class Watched:
    """What batches met: why they were broken off, and to what size they were cut each time."""

    lock_seconds: float = 1.0
    reasons: list[str] = field(default_factory=list)
    cuts: list[tuple[int, int]] = field(default_factory=list)


@pytest.fixture(autouse=True)
def watched(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Batches of ten rows that may become as small as one; a lock is waited for a second."""
    if stage.kind == "sqlite":
        pytest.skip("SQLite has one writer: nobody can hold a row")
    seen = Watched()

    class Cut(Controller):
        def timed_out(self) -> None:
            before = self.size()
            super().timed_out()
            seen.cuts.append((before, self.size()))

    def controller(night: Any, *_: Any) -> Controller:
        sizes = {"smallest": 1, "first_size": 10, "largest": 10}
        return Cut(night.store.declared.pace.model_copy(update=sizes))

    real = run.one_batch

    def one_batch(*arguments: Any, **options: Any) -> Any:
        try:
            return real(*arguments, **options)
        except Transient as reason:
            seen.reasons.append(reason.message)
            raise

    def session(name: str, url: str, **_: float) -> StoreSession:
        return StoreSession(name, url, lock_seconds=seen.lock_seconds, statement_seconds=20)

    monkeypatch.setattr(run, "controller_for", controller)
    monkeypatch.setattr(run, "one_batch", one_batch)
    monkeypatch.setattr(run, "StoreSession", session)
    return seen


@contextlib.contextmanager
def another(stage: Stage) -> Iterator[Connection]:
    """Another program's transaction, taken back at the end."""
    engine = create_engine(stage.bench.url(stage.store))
    with engine.connect() as connection:
        yield connection
        with contextlib.suppress(Exception):  # the server may have broken it off
            connection.rollback()
    engine.dispose()


class Disposal(threading.Thread):
    """A disposal under way."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage, self.error = stage, None  # type: tuple[Stage, BaseException | None]
        self.start()

    def run(self) -> None:
        try:
            self.stage.dispose()
        except BaseException as error:
            self.error = error

    def wait_until_blocked(self) -> None:
        end = time.monotonic() + 30
        while not int(self.stage.bench.sql(self.stage.store, WAITING[self.stage.kind])[0][0]):
            assert time.monotonic() < end and self.is_alive(), "nobody waits"
            time.sleep(0.01)


def _due(stage: Stage, population: str) -> list[Any]:
    assert stage.final is not None
    return sorted(stage.final.since(stage.before)[0][population])


LOCKS = {
    "rows": ("SELECT payment_id FROM payments WHERE payment_id IN :keys FOR UPDATE",) * 2,
    "table": ("LOCK TABLE payments IN ACCESS EXCLUSIVE MODE", "LOCK TABLES payments WRITE"),
}


@pytest.mark.parametrize("what", LOCKS)
def test_a_lock_that_is_let_go_in_time(
    stage: Stage, tally: Tally, watched: Watched, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    """It is taken when the plan has been checked, which reads the table too."""
    keys, locked, real = ", ".join(map(str, _due(stage, "payments"))), threading.Event(), run.ready
    with another(stage) as other:

        def ready(of: Any) -> Any:
            plan = real(of)
            other.execute(text(LOCKS[what][stage.kind == "mariadb"].replace(":keys", f"({keys})")))
            locked.set()
            return plan

        monkeypatch.setattr(run, "ready", ready)
        disposal = Disposal(stage)
        assert locked.wait(30)
        while not watched.cuts and disposal.is_alive():
            time.sleep(0.01)
        if what == "table" and stage.kind == "mariadb":
            other.execute(text("UNLOCK TABLES"))
        other.rollback()
        disposal.join(60)
    tally.hit("lock timeout")
    assert disposal.error is None
    assert any("waited too long for a lock" in reason for reason in watched.reasons)
    assert (10, 5) in watched.cuts
    assert all(after == max(1, before // 2) for before, after in watched.cuts)
    assert stage.final is not None
    monkeypatch.setattr(run, "ready", real)
    assert stage.seen().rows == stage.final.rows
    stage.comes_out()


def test_a_lock_that_is_not_let_go(stage: Stage, tally: Tally, watched: Watched) -> None:
    with another(stage) as other:
        keys = ", ".join(map(str, _due(stage, "payments")))
        other.execute(text(LOCKS["rows"][0].replace(":keys", f"({keys})")))
        disposal = Disposal(stage)
        disposal.join(60)
        tally.hit("lock timeout")
        assert isinstance(disposal.error, StoreError)
        assert "waited too long for a lock that another program holds" in disposal.error.message
        assert "what is left is the next night's" in disposal.error.mend
        assert watched.cuts[-1] == (1, 1)
        stage.holds_good()
        other.rollback()
    stage.comes_out()


def test_a_deadlock(stage: Stage, tally: Tally, watched: Watched) -> None:
    """The other program holds rows that a batch wants, and then wants what the batch took first: its unit of work.

    Which of its rows a batch locks first is the optimiser's choice.
    """
    if stage.kind == "mariadb":
        pytest.skip("its list of waiting transactions does not show this one in time; the error itself is raised below")
    watched.lock_seconds = 5  # PostgreSQL looks for deadlocks after a second
    keys, victim = ", ".join(map(str, _due(stage, "payments"))), []
    with another(stage) as other:
        other.execute(text(f"SELECT payment_id FROM payments WHERE payment_id IN ({keys}) FOR UPDATE"))
        disposal = Disposal(stage)
        disposal.wait_until_blocked()
        try:
            other.execute(text("SELECT unit FROM retention_work WHERE population = 'payments' FOR UPDATE"))
        except Exception:  # the server breaks off either
            victim.append("other")
        other.rollback()
        disposal.join(60)
    tally.hit("deadlock")
    assert disposal.error is None
    assert victim or any("broke a deadlock" in reason for reason in watched.reasons)
    assert stage.final is not None
    assert stage.seen().rows == stage.final.rows
    stage.comes_out()


CLASHES = {
    "postgresql": (
        "CREATE SEQUENCE clashes",
        """CREATE FUNCTION clash() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF nextval('clashes') <= 3 THEN RAISE EXCEPTION 'could not serialize' USING ERRCODE = '{state}'; END IF;
           RETURN OLD; END $$""",
        "CREATE TRIGGER clash BEFORE DELETE ON payments FOR EACH ROW EXECUTE FUNCTION clash()",
    ),
    "mariadb": (
        "CREATE SEQUENCE clashes",
        """CREATE TRIGGER clash BEFORE DELETE ON payments FOR EACH ROW
           IF NEXTVAL(clashes) <= 3 THEN SIGNAL SQLSTATE '40001' SET MYSQL_ERRNO = {state}, MESSAGE_TEXT = 'clash'; END IF""",
    ),
}
GONE = {
    "postgresql": ("DROP TRIGGER clash ON payments", "DROP FUNCTION clash", "DROP SEQUENCE clashes"),
    "mariadb": ("DROP TRIGGER clash", "DROP SEQUENCE clashes"),
}
STATES = {"serialisation": ("40001", "1020", "changed the same rows"), "deadlock": ("40P01", "1213", "broke a deadlock")}


@pytest.mark.parametrize("what", STATES)
def test_a_failure_that_the_server_says_to_try_again(stage: Stage, tally: Tally, watched: Watched, what: str) -> None:
    """Of a statement that had begun to delete: the store itself raises it, three times over."""
    night, real = stage.bench.night(stage.store, run_id=RUN), run.ready
    state = STATES[what][stage.kind == "mariadb"]

    def ready(of: Any) -> Any:
        plan = real(of)
        for statement in CLASHES[stage.kind]:
            stage.bench.sql(stage.store, statement.replace("{state}", state))
        return plan

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "ready", ready)
        take(night, ("dispose",))
    tally.hit(f"{what} failure", 3)
    assert sum(STATES[what][2] in reason for reason in watched.reasons) == 3
    for statement in GONE[stage.kind]:
        stage.bench.sql(stage.store, statement)
    assert stage.final is not None
    assert stage.seen().rows == stage.final.rows
    stage.comes_out()
