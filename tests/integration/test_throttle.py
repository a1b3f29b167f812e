"""Batches pause while a store is under pressure: real sessions in each other's way, real replicas that lag or are missing."""

from __future__ import annotations

import logging
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, text

from retention.declare.stores import Pace
from retention.errors import StoreError
from retention.night.throttle import Pause, Throttle, replica_urls
from retention.stores.session import StoreSession
from tests import servers

SLEEP = {"postgresql": "SELECT pg_sleep(20)", "mariadb": "SELECT sleep(20)"}


def pace(**values: object) -> Pace:
    return Pace.model_validate({"pause_seconds": 0.2, "patience_seconds": 20} | values)


def opened(url: URL) -> StoreSession:
    return StoreSession("shop", url.render_as_string(hide_password=False))


def glance(throttle: Throttle) -> Pause:
    """One look, without waiting."""
    return throttle.wait_until_clear(lambda: True)


def eventually(throttle: Throttle, wanted: Callable[[Pause], bool], seconds: float = 20) -> Pause:
    end = time.monotonic() + seconds
    while not wanted(seen := glance(throttle)):
        assert time.monotonic() < end, seen
        time.sleep(0.05)
    return seen


def clear(seen: Pause) -> bool:
    return not seen.reasons


@pytest.fixture
def session(server_database: URL) -> Iterator[StoreSession]:
    servers.run(server_database, "CREATE TABLE orders (id INTEGER PRIMARY KEY, n INTEGER)", "INSERT INTO orders VALUES (1, 0)")
    session = opened(server_database)
    yield session
    session.close()


@contextmanager
def rival(url: str, statement: str) -> Iterator[None]:
    """Another program's session, which runs a statement for as long as it takes or until it is ended."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    connection = engine.connect()
    mariadb = engine.dialect.name == "mariadb"
    number = connection.exec_driver_sql("SELECT connection_id()" if mariadb else "SELECT pg_backend_pid()").scalar()

    def work() -> None:
        try:
            connection.exec_driver_sql(statement)
        except Exception:  # ended
            connection.invalidate()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        end = f"KILL CONNECTION {number}" if mariadb else f"SELECT pg_terminate_backend({number})"
        other = create_engine(url, isolation_level="AUTOCOMMIT")
        with other.connect() as killer:
            if thread.is_alive():
                killer.exec_driver_sql(end)
        thread.join()
        connection.close()
        engine.dispose()
        other.dispose()


# sessions


def test_a_session_that_waits_for_our_lock_pauses_us_until_it_has_it(session: StoreSession) -> None:
    throttle = Throttle(session, pace(lock_waiters=1))
    assert glance(throttle) == Pause(0.0, ())
    with ExitStack() as stack, session.writing() as ours:
        ours.execute(text("UPDATE orders SET n = 1"))
        stack.enter_context(rival(session.url, "UPDATE orders SET n = 2"))
        seen = eventually(throttle, lambda seen: not clear(seen))
        assert seen.reasons == ("1 sessions wait for locks of ours (limit 1)",)
        timer = threading.Timer(0.5, ours.commit)
        timer.start()
        waited = throttle.wait_until_clear()
        timer.join()
    assert 0.2 < waited.seconds < 10
    assert waited.reasons


def test_sessions_that_wait_for_somebody_else_do_not_pause_us(postgresql: URL) -> None:
    servers.run(postgresql, "CREATE TABLE orders (id INTEGER PRIMARY KEY, n INTEGER)", "INSERT INTO orders VALUES (1, 0)")
    session = opened(postgresql)
    throttle = Throttle(session, pace(lock_waiters=1))
    foreign = create_engine(session.url)
    with foreign.begin() as theirs:
        theirs.execute(text("UPDATE orders SET n = 1"))
        with rival(session.url, "UPDATE orders SET n = 2"):
            with session.reading() as connection:
                waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
                for _ in range(100):
                    if connection.execute(waiting).scalar():
                        break
                    time.sleep(0.05)
                else:
                    pytest.fail("nobody waits")
            assert clear(glance(throttle))
    foreign.dispose()
    session.close()


def test_patience_runs_out(session: StoreSession) -> None:
    throttle = Throttle(session, pace(lock_waiters=1, patience_seconds=0.4))
    with ExitStack() as stack, session.writing() as ours:
        ours.execute(text("UPDATE orders SET n = 1"))
        stack.enter_context(rival(session.url, "UPDATE orders SET n = 2"))
        eventually(throttle, lambda seen: not clear(seen))
        began = time.monotonic()
        with pytest.raises(StoreError, match=r"store shop was paused for .* sessions wait for locks") as error:
            throttle.wait_until_clear()
        assert time.monotonic() - began < 5
        assert "next night" in error.value.mend
        ours.rollback()


def test_too_many_active_sessions_pause(session: StoreSession) -> None:
    throttle = Throttle(session, pace(active_sessions=1000))
    strict = Throttle(session, pace(active_sessions=1))
    with rival(session.url, SLEEP[session.dialect]), rival(session.url, SLEEP[session.dialect]):
        seen = eventually(strict, lambda seen: not clear(seen))
        assert "sessions are active (limit 1)" in seen.reasons[0]
        assert clear(glance(throttle))


def test_a_request_to_stop_ends_the_waiting(session: StoreSession) -> None:
    throttle = Throttle(session, pace(active_sessions=1, pause_seconds=20))
    stop = threading.Event()
    with rival(session.url, SLEEP[session.dialect]), rival(session.url, SLEEP[session.dialect]):
        time.sleep(0.3)
        threading.Timer(0.3, stop.set).start()
        began = time.monotonic()
        assert throttle.wait_until_clear(stop.is_set).reasons
        assert 0.2 < time.monotonic() - began < 5


def test_a_store_is_asked_once_in_a_while(session: StoreSession) -> None:
    throttle = Throttle(session, pace(active_sessions=1, pause_seconds=20))
    assert clear(glance(throttle))
    with rival(session.url, SLEEP[session.dialect]), rival(session.url, SLEEP[session.dialect]):
        time.sleep(0.3)
        assert clear(glance(throttle))


def test_a_busy_worker_pauses_even_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = StoreSession("file", f"sqlite:///{tmp_path / 'none.db'}")
    (tmp_path / "none.db").touch()
    monkeypatch.setattr("os.getloadavg", lambda: (64.0, 0.0, 0.0))
    monkeypatch.setattr("os.cpu_count", lambda: 4)
    assert glance(Throttle(session, pace(load=15.9))).reasons == ("the worker's load is 16.0 per core (limit 15.9)",)
    assert clear(glance(Throttle(session, pace(load=16))))
    assert clear(glance(Throttle(session, pace())))


# rights


@contextmanager
def plain_user(url: URL) -> Iterator[URL]:
    if servers.kind_of(url) == "postgresql":
        user = f"plain_{url.database}"
        servers.run(url, f"CREATE ROLE {user} LOGIN PASSWORD 'plain'")
        drop = f"DROP ROLE {user}"
    else:
        user = f"p_{url.database}"[-30:]
        servers.run(url, f"CREATE USER {user}@'%%' IDENTIFIED BY 'plain'", f"GRANT ALL ON {url.database}.* TO {user}@'%%'")
        drop = f"DROP USER {user}@'%%'"
    try:
        yield url.set(username=user, password="plain")
    finally:
        servers.run(url, drop)


def test_what_may_not_be_seen_is_told_once_and_ignored(server_database: URL, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    with plain_user(server_database) as url:
        session = opened(url)
        throttle = Throttle(session, pace(lock_waiters=1))
        for _ in range(3):
            assert clear(glance(throttle))
            time.sleep(0.21)
        session.close()
    assert [record.getMessage().rpartition(": ")[2] for record in caplog.records] == [
        "grant pg_read_all_stats" if servers.kind_of(server_database) == "postgresql" else "grant PROCESS"
    ]


def test_replicas_that_may_not_be_seen_are_not_in_step(postgresql: URL) -> None:
    with plain_user(postgresql) as url:
        session = opened(url)
        assert "may not see" in glance(Throttle(session, pace(replicas=1))).reasons[0]
        session.close()


# replicas


@pytest.fixture(scope="module")
def primary() -> Iterator[servers.Server]:
    with servers.private_postgresql() as server:
        yield server


@pytest.fixture
def replicated(primary: servers.Server) -> Iterator[StoreSession]:
    session = opened(primary.url)
    yield session
    session.close()


def test_a_replica_that_is_missing_pauses(replicated: StoreSession) -> None:
    assert glance(Throttle(replicated, pace(replicas=1))).reasons[0].startswith("0 of 1 replicas are in step")
    assert clear(glance(Throttle(replicated, pace())))


def test_a_lag_that_is_null_pauses(replicated: StoreSession, primary: servers.Server, tmp_path: Path) -> None:
    """An archive of the log is a receiver that never replays."""
    archive = subprocess.Popen(
        [servers.binary("pg_receivewal"), "-h", "127.0.0.1", "-p", str(primary.port), "-U", "postgres", "-D", str(tmp_path)],
        stderr=subprocess.DEVNULL,
    )
    try:
        throttle = Throttle(replicated, pace(replicas=1))
        seen = eventually(throttle, lambda seen: "1 with an unknown lag" in seen.reasons[0])
        assert seen.reasons[0].startswith("0 of 1 replicas are in step (0 more than")
    finally:
        archive.terminate()
        archive.wait()


def test_a_standby_in_step_is_no_reason_and_one_that_stands_still_is(replicated: StoreSession, primary: servers.Server) -> None:
    one = Throttle(replicated, pace(replicas=1, replica_lag_seconds=0.5))
    two = Throttle(replicated, pace(replicas=2, replica_lag_seconds=0.5))
    with servers.postgresql_standby(primary) as standby:
        eventually(one, clear)
        assert glance(two).reasons[0].startswith("1 of 2 replicas are in step")
        servers.run(standby.url, "SELECT pg_wal_replay_pause()")
        servers.run(primary.url, "CREATE TABLE written_meanwhile AS SELECT generate_series(1, 10000) AS n")
        seen = eventually(one, lambda seen: "(1 more than 0.5 s late" in "".join(seen.reasons))
        assert seen.reasons[0].startswith("0 of 1")
        servers.run(standby.url, "SELECT pg_wal_replay_resume()")
        eventually(one, clear)
    eventually(one, lambda seen: "0 of 1" in "".join(seen.reasons))


@pytest.fixture(scope="module")
def pair() -> Iterator[tuple[servers.Server, servers.Server]]:
    """A MariaDB with a log, and its replica."""
    with (
        servers.private_mariadb(skip_log_bin="0", log_bin="log", server_id=1) as source,
        servers.private_mariadb(server_id=2) as replica,
    ):
        servers.run(
            replica.url,
            f"CHANGE MASTER TO master_host='127.0.0.1', master_port={source.port}, master_user='root'",
            "START SLAVE",
        )
        yield source, replica


def test_each_replica_of_mariadb_is_asked(pair: tuple[servers.Server, servers.Server]) -> None:
    source, replica = pair
    session = opened(source.url)
    declared = pace(replica_connections=["north"], replica_lag_seconds=1)
    throttle = Throttle(session, declared, {"north": replica.url.render_as_string(hide_password=False)})
    eventually(throttle, clear)
    servers.run(replica.url, "STOP SLAVE SQL_THREAD")  # its lag is NULL then
    seen = eventually(throttle, lambda seen: not clear(seen))
    assert "0 of 1 replicas are in step" in seen.reasons[0] and "1 with an unknown lag" in seen.reasons[0]
    servers.run(replica.url, "START SLAVE SQL_THREAD")
    eventually(throttle, clear)
    replica.kill()
    eventually(throttle, lambda seen: "1 with an unknown lag" in "".join(seen.reasons))
    throttle.close()
    session.close()


def test_a_server_that_replicates_nothing_is_no_replica(mariadb: URL) -> None:
    session = opened(mariadb)
    throttle = Throttle(session, pace(replica_connections=["north"]), {"north": session.url})
    assert "1 with an unknown lag" in glance(throttle).reasons[0]
    throttle.close()
    session.close()


def test_replicas_that_nobody_could_be_asked_about_are_refused(mariadb: URL) -> None:
    with pytest.raises(StoreError, match="declares 2 replicas and names 1") as error:
        Throttle(opened(mariadb), pace(replicas=2, replica_connections=["north"]), {"north": str(mariadb)})
    assert error.value.mend
    with pytest.raises(StoreError, match="replica north is not known"):
        replica_urls(pace(replica_connections=["north"]), {})
    urls = replica_urls(pace(replica_connections=["north"]), {"RETENTION_REPLICA_NORTH": "mariadb://north"})
    assert urls == {"north": "mariadb://north"}
