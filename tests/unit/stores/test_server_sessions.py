"""Sessions on PostgreSQL and MariaDB: what they are set to, and the words their failures come in."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from sqlalchemy import URL, Connection, text

from retention.errors import Refused, StoreError, Transient
from retention.stores.connect import address, make_engine
from retention.stores.dialects import dialect_of
from retention.stores.session import StoreSession
from tests import servers

SECRET = "jeanne.martin@secret.example"
SLEEP = {"postgresql": "SELECT pg_sleep(5)", "mariadb": "SELECT SLEEP(5)"}
BACKEND = {"postgresql": "SELECT pg_backend_pid()", "mariadb": "SELECT CONNECTION_ID()"}


@pytest.fixture(scope="module", params=servers.KINDS)
def url(request: pytest.FixtureRequest) -> Iterator[URL]:
    with servers.database(request.param) as made:
        servers.run(
            made,
            "CREATE TABLE people (id INTEGER PRIMARY KEY, email VARCHAR(60) NOT NULL UNIQUE, at TIMESTAMP NULL)",
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, person INTEGER, FOREIGN KEY (person) REFERENCES people (id))",
            f"INSERT INTO people (id, email) VALUES (1, '{SECRET}'), (2, 'other@secret.example')",
            "INSERT INTO notes VALUES (1, 1)",
        )
        yield made


def session(url: URL, **limits: Any) -> StoreSession:
    return StoreSession("people", url.render_as_string(hide_password=False), **limits)


@pytest.fixture
def store(url: URL) -> Iterator[StoreSession]:
    made = session(url, lock_seconds=1, statement_seconds=3)
    yield made
    made.close()


def write(connection: Connection, statement: str) -> None:
    connection.execute(text(statement))


def test_settings(url: URL) -> None:
    names = {
        "postgresql": {
            "TimeZone": "UTC",
            "lock_timeout": "1500ms",
            "statement_timeout": "7s",
            "jit": "off",
            "application_name": "retention",
            "transaction_isolation": "read committed",
        },
        "mariadb": {
            "time_zone": "+00:00",
            "innodb_lock_wait_timeout": 2,
            "lock_wait_timeout": 2,
            "max_statement_time": 7.0,
            "tx_isolation": "READ-COMMITTED",
            "collation_connection": "utf8mb4_bin",
            "character_set_client": "utf8mb4",
            "autocommit": 0,
        },
    }[servers.kind_of(url)]
    engine = make_engine(url, lock_seconds=1.5, statement_seconds=7)
    with engine.begin() as connection:
        for name, value in names.items():
            asked = f"current_setting('{name}')" if engine.dialect.name == "postgresql" else f"@@SESSION.{name}"
            assert connection.execute(text(f"SELECT {asked}")).scalar() == value, name
        told = connection.execute(text("SELECT 'a' || 'b\\' || :said"), {"said": 'it\'s "x" 100%'}).scalar()
        assert told == 'ab\\it\'s "x" 100%'
    engine.dispose()


def test_every_way_to_write_the_same_kind_of_url(url: URL) -> None:
    backends = {"postgresql": ("postgresql",), "mariadb": ("mysql", "mysql+pymysql", "mariadb")}[servers.kind_of(url)]
    for backend in backends:
        engine = make_engine(url.set(drivername=backend))
        with engine.connect() as connection:
            assert connection.dialect.name == servers.kind_of(url)
        engine.dispose()


def test_reading_cannot_write_and_sees_one_moment(store: StoreSession, url: URL) -> None:
    with pytest.raises(StoreError) as error, store.reading("reading") as connection:
        write(connection, "DELETE FROM notes")
    assert "is read-only while reading" in str(error.value)
    with store.reading() as connection:
        count = text("SELECT count(*) FROM people WHERE id > 2")
        assert connection.execute(count).scalar() == 0
        servers.run(url, "INSERT INTO people (id, email) VALUES (3, 'c@d')")
        assert connection.execute(count).scalar() == 0
    with store.writing() as connection:
        assert connection.execute(count).scalar() == 1
        servers.run(url, "DELETE FROM people WHERE id = 3")
        assert connection.execute(count).scalar() == 0


def test_a_transaction_is_whole_or_nothing(store: StoreSession) -> None:
    with pytest.raises(RuntimeError), store.writing() as connection:
        write(connection, "DELETE FROM notes")
        raise RuntimeError
    with store.reading() as connection:
        assert connection.execute(text("SELECT count(*) FROM notes")).scalar() == 1


@pytest.mark.parametrize(
    ("statement", "says", "kind"),
    [
        ("DELETE FROM people WHERE id = 1", "another row still refers to it", Refused),
        (f"INSERT INTO people (id, email) VALUES (9, '{SECRET}')", "a second receipt", StoreError),
        (f"SELECT 1 FROM nowhere WHERE x = '{SECRET}'", "lacks a table", StoreError),
        (f"SELECT nothing FROM people WHERE email = '{SECRET}'", "lacks a column", StoreError),
        (f"SELECT FROM FROM '{SECRET}'", "syntax error", StoreError),
        ("UPDATE people SET email = NULL", "refuses NULL", StoreError),
        (f"UPDATE people SET email = '{SECRET * 9}'", "another type", StoreError),
    ],
)
def test_what_went_wrong_is_told_without_anybodys_data(
    store: StoreSession, statement: str, says: str, kind: type[StoreError]
) -> None:
    with pytest.raises(StoreError) as error, store.writing("testing") as connection:
        write(connection, statement)
    assert says in error.value.message
    assert type(error.value) is kind
    assert "secret" not in str(error.value)
    assert error.value.mend
    assert error.value.__cause__ is None


def test_waiting_for_a_lock_ends(store: StoreSession, url: URL) -> None:
    engine = make_engine(url)
    with engine.begin() as other:
        write(other, "UPDATE notes SET person = 2")
        with pytest.raises(Transient) as error, store.writing() as connection:
            write(connection, "UPDATE notes SET person = 1")
        other.rollback()
    engine.dispose()
    assert "waited too long for a lock" in str(error.value)


def test_a_statement_that_takes_too_long_ends(url: URL) -> None:
    short = session(url, statement_seconds=0.2)
    with pytest.raises(Transient) as error, short.reading() as connection:
        write(connection, SLEEP[servers.kind_of(url)])
    short.close()
    assert "took longer" in str(error.value)


def test_a_deadlock_may_be_tried_again(url: URL) -> None:
    store, meet, errors = session(url), threading.Barrier(2, timeout=10), []

    def both(first: int, second: int) -> None:
        try:
            with store.writing() as connection:
                write(connection, f"UPDATE people SET at = NULL, email = 'x{first}' WHERE id = {first}")
                meet.wait()
                write(connection, f"UPDATE people SET at = NULL, email = 'x{second}' WHERE id = {second}")
                connection.rollback()
        except StoreError as error:
            errors.append(error)

    threads = [threading.Thread(target=both, args=pair) for pair in ((1, 2), (2, 1))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    (error,) = errors
    assert isinstance(error, Transient)
    assert "deadlock" in str(error)


def test_a_lost_connection_may_be_tried_again_and_the_pool_recovers(store: StoreSession, url: URL) -> None:
    kind = servers.kind_of(url)
    end = "SELECT pg_terminate_backend({})" if kind == "postgresql" else "KILL CONNECTION {}"
    with pytest.raises(Transient) as error, store.writing() as connection:
        servers.run(url, end.format(connection.execute(text(BACKEND[kind])).scalar()))
        write(connection, "UPDATE notes SET person = 2")
    assert "lost the connection" in str(error.value)
    with store.writing() as connection:
        backend = connection.execute(text(BACKEND[kind])).scalar()
    servers.run(url, end.format(backend))  # while it idles in the pool
    with store.writing() as connection:
        assert connection.execute(text(BACKEND[kind])).scalar() != backend


def test_out_of_reach(url: URL) -> None:
    def told(changed: URL) -> StoreError:
        with pytest.raises(StoreError) as error, session(changed).reading():
            pass
        assert "hunter2" not in str(error.value)
        assert error.value.__cause__ is None
        return error.value

    away = told(url.set(port=1, password="hunter2"))
    assert isinstance(away, Transient)
    assert "cannot be reached" in str(away)
    assert "no database of that name" in str(told(url.set(database="retention_test_none")))
    assert "refused the login" in str(told(url.set(username="nobody_at_all", password="hunter2")))


def test_a_right_that_is_missing(url: URL) -> None:
    user = f"u_{url.database}"[-30:]
    postgresql = servers.kind_of(url) == "postgresql"
    grant = [f"GRANT SELECT ON people TO {user}"] if postgresql else [f"GRANT SELECT ON {url.database}.people TO {user}"]
    made = f"CREATE ROLE {user} LOGIN PASSWORD 'hunter2'" if postgresql else f"CREATE USER {user} IDENTIFIED BY 'hunter2'"
    servers.run(url, made, *grant)
    limited = session(url.set(username=user, password="hunter2"))
    try:
        with pytest.raises(StoreError) as error, limited.writing() as connection:
            write(connection, "DELETE FROM people")
        assert "denies its user a right" in str(error.value)
    finally:
        limited.close()
        servers.run(url, *([f"DROP OWNED BY {user}", f"DROP ROLE {user}"] if postgresql else [f"DROP USER {user}"]))


def test_a_forked_worker_makes_a_connection_of_its_own(store: StoreSession, url: URL) -> None:
    backend = text(BACKEND[servers.kind_of(url)])
    with store.writing() as connection:
        mine = connection.execute(backend).scalar()
    child = os.fork()
    if child == 0:
        code = 1
        with contextlib.suppress(BaseException), store.writing() as connection:
            code = 0 if connection.execute(backend).scalar() != mine else 2
        os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with store.writing() as connection:
        assert connection.execute(backend).scalar() == mine


def test_codes_that_no_test_can_cause() -> None:
    postgresql, mariadb = dialect_of("postgresql"), dialect_of("mariadb")
    for state, kind in (("53100", "lasting"), ("40001", "conflict"), ("25006", "denied"), ("57P01", "transient")):
        failure = postgresql.failure(psycopg.errors.lookup(state)(SECRET) if state != "25006" else _coded(state))
        assert failure is not None
        assert failure.kind == kind
    password = postgresql.failure(psycopg.OperationalError('FATAL: password authentication failed for user "x"'))
    assert password is not None
    assert "refused the login" in password.words
    full = mariadb.failure(Exception(1021, SECRET))
    assert full is not None
    assert "no room" in full.words
    assert mariadb.failure(Exception("no code", SECRET)) is None


def _coded(state: str) -> Exception:
    error = Exception(SECRET)
    error.sqlstate = state  # type: ignore[attr-defined]
    return error


def test_an_address_names_neither_user_nor_password() -> None:
    told = address("postgresql+psycopg://ann:hunter2@db.example:5433/store?password=hunter2&sslmode=require")
    assert told == "postgresql://db.example:5433/store"
