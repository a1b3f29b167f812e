"""Which errors are tried again, as Airflow's own policy says of errors that real servers gave."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from airflow.sdk import ExceptionRetryPolicy, RetryAction
from sqlalchemy import URL, text

from cluster.parts import free_port
from retention import errors
from retention.airflow.connections import connected
from retention.airflow.retries import RETRIES
from retention.errors import Denied, EvidenceBusy, EvidenceError, Refused, StoreError, Transient
from retention.evidence.database import Evidence
from retention.stores.session import StoreSession
from retention.workspace import Workspace
from tests import servers


def decided(error: BaseException) -> RetryAction:
    """What Airflow does, having kept the policy as it keeps a DAG's."""
    return ExceptionRetryPolicy.deserialize(RETRIES.serialize()).evaluate(error, 1, 3).action


def text_of(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@contextlib.contextmanager
def session(url: URL, **limits: float) -> Iterator[StoreSession]:
    made = StoreSession("people", text_of(url), **limits)
    try:
        yield made
    finally:
        made.close()


def error_of(url: URL, *statements: str, **limits: float) -> StoreError:
    """What a session raises over these statements."""
    with pytest.raises(StoreError) as error, session(url, **limits) as store, store.writing() as connection:
        for statement in statements:
            connection.execute(text(statement))
    return error.value


@pytest.fixture(scope="module", params=servers.KINDS)
def url(request: pytest.FixtureRequest) -> Iterator[URL]:
    with servers.database(request.param) as made:
        servers.run(
            made,
            "CREATE TABLE people (id INTEGER PRIMARY KEY)",
            "CREATE TABLE notes (id INTEGER PRIMARY KEY, person INTEGER, FOREIGN KEY (person) REFERENCES people (id))",
            "INSERT INTO people VALUES (1)",
            "INSERT INTO notes VALUES (1, 1)",
        )
        yield made


def test_a_connection_that_is_lost(url: URL) -> None:
    own = "SELECT pg_terminate_backend(pg_backend_pid())"
    error = error_of(url, own if servers.kind_of(url) == "postgresql" else "KILL CONNECTION_ID()", "SELECT 1")
    assert type(error) is Transient, error
    assert decided(error) is RetryAction.RETRY


def test_a_server_that_is_not_there(url: URL) -> None:
    error = error_of(url.set(port=free_port()), "SELECT 1")
    assert type(error) is Transient, error
    assert decided(error) is RetryAction.RETRY


def test_a_lock_and_a_time_limit(url: URL) -> None:
    with session(url) as other, other.writing() as connection:
        connection.execute(text("SELECT id FROM people WHERE id = 1 FOR UPDATE"))
        locked = error_of(url, "UPDATE people SET id = 1 WHERE id = 1", "DELETE FROM people WHERE id = 1", lock_seconds=0.5)
    slow = "SELECT pg_sleep(5)" if servers.kind_of(url) == "postgresql" else "SELECT SLEEP(5) FROM people"
    for error in (locked, error_of(url, slow, statement_seconds=0.5)):
        assert type(error) is Transient, error
        assert decided(error) is RetryAction.RETRY


def test_a_row_that_another_refers_to(url: URL) -> None:
    error = error_of(url, "DELETE FROM people WHERE id = 1")
    assert type(error) is Refused, error
    assert decided(error) is RetryAction.FAIL


def test_a_wrong_password_and_a_missing_right(url: URL) -> None:
    kind, name = servers.kind_of(url), "retry_reader"
    if kind == "postgresql":
        made, login = [f"CREATE ROLE {name} LOGIN PASSWORD 'right'", f"GRANT SELECT ON people TO {name}"], None
    else:
        login = f"'{name}'@'%%'"
        made = [f"CREATE USER {login} IDENTIFIED BY 'right'", f"GRANT SELECT ON {url.database}.* TO {login}"]
    servers.run(url, *made)
    try:
        as_reader = url.set(username=name, password="right")
        refused = [error_of(as_reader, "DELETE FROM people")]
        if kind == "mariadb":  # the test's own PostgreSQL trusts whoever comes from this machine
            refused.append(error_of(url.set(username=name, password="wrong"), "SELECT 1"))
        else:
            refused.append(error_of(url.set(username="nobody_at_all"), "SELECT 1"))
        for error in refused:
            assert type(error) is Denied, error
            assert decided(error) is RetryAction.FAIL
    finally:
        servers.run(url, *([f"DROP OWNED BY {name}", f"DROP ROLE {name}"] if login is None else [f"DROP USER {login}"]))


def test_evidence_that_is_out_of_reach_and_evidence_that_is_broken(postgresql: URL, tmp_path: Path) -> None:
    with pytest.raises(EvidenceBusy) as away:
        Evidence(text_of(postgresql.set(port=free_port())))
    assert decided(away.value) is RetryAction.RETRY
    (tmp_path / "evidence.db").write_bytes(b"no database" * 1000)
    with pytest.raises(EvidenceError) as broken:
        Evidence(f"sqlite:///{tmp_path / 'evidence.db'}")
    assert decided(broken.value) is RetryAction.FAIL


def test_a_secrets_backend_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from airflow.sdk import Connection

    def refuse(_name: str) -> None:
        raise ConnectionError("https://secrets.example/?token=hunter2")

    monkeypatch.setattr(Connection, "get", refuse)
    monkeypatch.setenv("RETENTION_STORE_USAGE", "airflow:usage")
    with pytest.raises(Transient) as error:
        connected(Workspace.from_env())
    assert "hunter2" not in str(error.value)


def test_every_error_of_the_product_is_decided_on() -> None:
    """A class that is added later is a person's to look at, unless it is one of those that pass by themselves."""
    classes = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, errors.RetentionError)]
    again = {each.__name__ for each in classes if decided(each("no")) is RetryAction.RETRY}
    assert again == {"Transient", "Conflict", "Busy", "EvidenceBusy"}
    assert all(decided(each("no")) is RetryAction.FAIL for each in classes if each.__name__ not in again)
    assert {decided(error) for error in (OSError(), MemoryError(), KeyError())} == {RetryAction.DEFAULT}
