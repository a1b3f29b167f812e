"""Servers set up in a way that could mislead a night, and addresses that lead nowhere: the right work, or one clear error."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import make_url
from workbench import AS_OF, WITHOUT_REPORT, Bench, take

from retention.errors import RetentionError, StoreError
from retention.night.disposal import run
from retention.night.throttle import Pause, Throttle, never
from retention.sample.compare import compare
from tests import servers
from tests.faults.stage import RUN, Stage, on_private
from tests.faults.tally import Tally
from tests.servers import Server

PASSWORD = "hunter2-geheim"
NIGHT = "night_user"
MARIADB = {
    "default_time_zone": "+13:00",
    "sql_mode": "PAD_CHAR_TO_FULL_LENGTH,ALLOW_INVALID_DATES",
    "character_set_server": "latin1",
    "collation_server": "latin1_swedish_ci",
    "transaction_isolation": "SERIALIZABLE",
}
POSTGRESQL = (
    "SET timezone = 'Pacific/Kiritimati'",
    "SET datestyle = 'German, DMY'",
    "SET intervalstyle = 'sql_standard'",
    "SET bytea_output = 'escape'",
    "SET default_transaction_isolation = 'serializable'",
    "SET extra_float_digits = -15",
)


@pytest.fixture(scope="module", params=["listed"])
def how(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def settings(kind: str) -> dict[str, str]:
    return MARIADB if kind == "mariadb" else {}


@pytest.fixture(scope="module")
def there(untouched_there: Bench, private: Server, store: str) -> Bench:
    return on_private(untouched_there, store, private)


def odd(url: str) -> None:
    """Gives a database of PostgreSQL settings of its own; MariaDB was started with some."""
    if make_url(url).get_backend_name() == "postgresql":
        servers.run(make_url(url), *(f"ALTER DATABASE {make_url(url).database} {setting}" for setting in POSTGRESQL))


def said_of(stage: Stage, url: str, caplog: pytest.LogCaptureFixture, run_id: str = "odd") -> StoreError:
    """What a whole night says of an address, once, without its password; and it has touched nothing."""
    caplog.set_level(logging.DEBUG)
    bench = Bench(replace(stage.workspace, store_urls={**stage.workspace.store_urls, stage.store: url}), stage.bench.sample)
    with pytest.raises(StoreError) as error:
        bench.guarded(stage.store, run_id=run_id)
    stage.bench.nights += bench.nights
    told = stage.bench.evidence.run(run_id)
    assert told is not None
    assert told.status == "failed"
    everything = "".join(traceback.format_exception(error.value)) + caplog.text + str(told.note)
    assert PASSWORD not in everything
    assert error.value.mend
    assert stage.seen().rows == stage.before
    return error.value


# settings that would shift a comparison


def test_settings_of_a_server_decide_nothing(stage: Stage, tally: Tally) -> None:
    """A whole night, the second opinion included: the labels of the sample say what is right."""
    bench, labels = stage.bench, [label for label in stage.bench.sample.labels if label.store == stage.store]
    odd(bench.url(stage.store))
    bench.run(stage.store, WITHOUT_REPORT, run_id="odd")
    tally.hit("odd settings")
    found = compare(bench.workspace, bench.bundle, bench.evidence, labels, AS_OF)
    assert [vars(one) for one in found if not one.matches] == []
    assert {one.found for one in found} >= {"kept", "held", "deleted", "archived"}
    outcomes = bench.evidence.validation("odd")
    assert {line.outcome for line in outcomes if line.severity == "blocking"} == {"PASS"}
    assert bench.findings([stage.store]) == []


# addresses


@pytest.mark.parametrize("kind_of_database", ["mssql+pyodbc", "oracle+oracledb", "nonsense"])
def test_a_database_of_another_kind(stage: Stage, caplog: pytest.LogCaptureFixture, kind_of_database: str) -> None:
    error = said_of(stage, f"{kind_of_database}://{NIGHT}:{PASSWORD}@db.example/shop", caplog)
    assert "not supported" in error.message
    assert "postgresql+psycopg://" in error.mend


@contextlib.contextmanager
def login(server: Server, database: str) -> Iterator[str]:
    """The address of a database for a user whose password is asked for and who may do everything."""
    url = server.url_of(database)
    if server.kind == "postgresql":
        rules = server.folder / "data" / "pg_hba.conf"
        before = rules.read_text(encoding="utf-8")
        rules.write_text(f"host all {NIGHT} 127.0.0.1/32 scram-sha-256\n{before}", encoding="utf-8")
        servers.run(url, f"CREATE ROLE {NIGHT} LOGIN SUPERUSER PASSWORD '{PASSWORD}'", "SELECT pg_reload_conf()")
        gone = f"DROP ROLE {NIGHT}"
    else:
        servers.run(url, f"CREATE USER {NIGHT}@'%%' IDENTIFIED BY '{PASSWORD}'", f"GRANT ALL ON {database}.* TO {NIGHT}@'%%'")
        gone = f"DROP USER {NIGHT}@'%%'"
    try:
        yield url.set(username=NIGHT, password=PASSWORD).render_as_string(hide_password=False)
    finally:
        servers.run(server.url, gone)


def test_a_wrong_password_is_never_told(stage: Stage, private: Server, caplog: pytest.LogCaptureFixture, tally: Tally) -> None:
    with login(private, str(make_url(stage.bench.url(stage.store)).database)) as url:
        right = make_url(url)
        wrong = right.set(password=f"{PASSWORD}-not").render_as_string(hide_password=False)
        assert "refused the login" in said_of(stage, wrong, caplog).message
        tally.hit("wrong password")
        nobody = right.set(username="nobody_at_all").render_as_string(hide_password=False)
        assert "refused the login" in said_of(stage, nobody, caplog, "nobody").message
        nowhere = right.set(database="nowhere_at_all").render_as_string(hide_password=False)
        message = said_of(stage, nowhere, caplog, "nowhere").message
        assert "has no database of that name" in message or "refused the login" in message  # MariaDB does not tell strangers
        closed = right.set(port=1).render_as_string(hide_password=False)
        assert "cannot be reached" in said_of(stage, closed, caplog, "closed").message


def test_a_right_taken_away_in_mid_run(stage: Stage, private: Server, tally: Tally) -> None:
    database = str(make_url(stage.bench.url(stage.store)).database)
    user = NIGHT if private.kind == "postgresql" else f"{NIGHT}@'%%'"
    with login(private, database) as url:
        owner = make_url(stage.bench.url(stage.store))
        if private.kind == "postgresql":
            servers.run(owner, f"ALTER ROLE {NIGHT} NOSUPERUSER", f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {NIGHT}")
            servers.run(owner, f"REVOKE DELETE ON payments FROM {NIGHT}")
        else:
            names = [row[0] for row in stage.bench.sql(stage.store, "SHOW TABLES")]
            servers.run(owner, f"REVOKE ALL ON {database}.* FROM {user}")
            for name in names:
                rights = "SELECT, INSERT, UPDATE" if name == "payments" else "ALL"
                servers.run(owner, f"GRANT {rights} ON {database}.{name} TO {user}")
        poor = replace(stage.workspace, store_urls={**stage.workspace.store_urls, stage.store: url})
        bench = Bench(poor, stage.bench.sample)
        with pytest.raises(RetentionError) as error:
            take(bench.night(stage.store, run_id=RUN), ("dispose",))
        stage.bench.nights += bench.nights
        tally.hit("right taken away")
        # MariaDB shows a user the less of a schema the less it may do with it: the plan fits no more, and nothing is tried.
        words = {"postgresql": "denies its user a right that is needed", "mariadb": "the store's schema changed"}
        assert words[private.kind] in error.value.message
        assert PASSWORD not in "".join(traceback.format_exception(error.value))
        stage.holds_good()
        for night in bench.nights:
            night.session.close()
        if private.kind == "postgresql":
            servers.run(owner, f"DROP OWNED BY {NIGHT}")
    stage.comes_out()


# replicas given as the store


def test_a_replica_is_not_a_store(stage: Stage, private: Server, caplog: pytest.LogCaptureFixture, tally: Tally) -> None:
    if private.kind == "postgresql":
        with servers.postgresql_standby(private) as standby:
            url = standby.url_of(str(make_url(stage.bench.url(stage.store)).database))
            error = said_of(stage, url.render_as_string(hide_password=False), caplog)
        assert "the server is a replica" in error.message
    else:
        servers.run(private.url, "SET GLOBAL read_only = 1")
        try:
            error = said_of(stage, stage.bench.url(stage.store), caplog)
        finally:
            servers.run(private.url, "SET GLOBAL read_only = 0")
        assert "read-only, as a replica is" in error.message
    tally.hit("replica as the store")
    assert "the primary" in error.mend


# a replica that lags


def test_a_night_waits_for_a_replica_that_lags(
    stage: Stage, private: Server, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its replay stands still in mid-night: the night pauses, and goes on when the replica does; or ends when it does not."""
    if private.kind == "mariadb":
        pytest.skip("a replica of MariaDB is asked itself, which tests of the throttle do")
    declared = {"replicas": 1, "replica_lag_seconds": 0.3, "pause_seconds": 0.1, "patience_seconds": 60.0}
    monkeypatch.setattr(run, "Throttle", lambda session, pace: Throttle(session, pace.model_copy(update=declared)))
    with servers.postgresql_standby(private) as standby:
        servers.run(standby.url, "SELECT pg_wal_replay_pause()")
        failures: list[BaseException] = []

        def work() -> None:
            try:
                stage.dispose()
            except BaseException as error:
                failures.append(error)

        night = threading.Thread(target=work)
        night.start()
        end, begun, still = time.monotonic() + 40, -1, False
        while not still and time.monotonic() < end:  # a busy machine may need a while until the lag is seen
            time.sleep(2)
            now = stage.holds_good()
            still, begun = now == begun, now
        assert night.is_alive()
        assert still, "batches go on while the replica stands still"
        tally.hit("replica lagging")
        servers.run(standby.url, "SELECT pg_wal_replay_resume()")
        night.join(60)
        assert failures == []
    assert stage.final is not None
    assert stage.seen().rows == stage.final.rows
    stage.comes_out()


def test_a_night_ends_whose_replica_is_missing(stage: Stage, private: Server, tally: Tally) -> None:
    if private.kind == "mariadb":
        pytest.skip("as above")
    declared = {"replicas": 1, "pause_seconds": 0.1, "patience_seconds": 1.0}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "Throttle", lambda session, pace: Throttle(session, pace.model_copy(update=declared)))
        with pytest.raises(StoreError, match="0 of 1 replicas are in step") as error:
            stage.dispose()
    tally.hit("replica missing")
    assert "the next night's" in error.value.mend
    assert stage.holds_good() == 0
    stage.comes_out()


def test_a_worker_told_to_stop_while_it_waits_does_no_further_batch(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another gave up on a store under pressure: nobody goes on in it."""

    class GivenUp(Throttle):
        def wait_until_clear(self, should_stop: Callable[[], bool] = never) -> Pause:
            should_stop.__self__.set()  # type: ignore[attr-defined]  # the event that the workers share
            return Pause(1.0, ("as said of the store",))

    with monkeypatch.context() as patch:
        patch.setattr(run, "Throttle", GivenUp)
        stage.dispose()
    assert stage.holds_good() == 0
    stage.comes_out()
