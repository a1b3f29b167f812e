"""What is wrong with a store's build is found before a night finds it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL
from stage import BUNDLE, build, check, execute, role, said

from retention.preflight import server
from retention.preflight.structure import anchor_columns
from retention.stores.connect import make_engine
from tests import servers


@pytest.fixture(params=["sqlite", *servers.KINDS])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[URL]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "store.db"
        path.touch()
        yield URL.create("sqlite", database=str(path))
        return
    with servers.database(request.param) as url:
        yield url


def without_rights(whats: list[str]) -> list[str]:
    return [what for what in whats if "more than a night needs" not in what]


@pytest.mark.parametrize("store", ["account", "transaction", "subscription", "usage"])
def test_the_sample_is_built_well(database: URL, store: str) -> None:
    findings = check(build(database, store), store)
    assert said(findings) == []
    assert without_rights(said(findings, "warn")) == []


def test_a_foreign_key_without_an_index_is_refused(database: URL) -> None:
    build(database, "account")
    if database.get_backend_name() == "mariadb":  # has an index for every foreign key, or refuses to drop it
        pytest.skip("MariaDB allows no such thing")
    execute(database, "DROP INDEX ix_contacts_account_id")
    (what,) = said(check(database, "account"))
    assert what.startswith("foreign key contacts.account_id has no index")


def test_an_index_that_leaves_rows_out_or_begins_elsewhere_is_none(database: URL) -> None:
    build(database, "account")
    if database.get_backend_name() == "mariadb":
        pytest.skip("MariaDB has neither partial indexes nor foreign keys without index")
    execute(
        database,
        "DROP INDEX ix_contacts_account_id",
        "CREATE INDEX partial ON contacts (account_id) WHERE status = 'left'",
        "CREATE INDEX elsewhere ON contacts (status, account_id)",
    )
    assert len(said(check(database, "account"))) == 1
    execute(database, "CREATE INDEX whole ON contacts (account_id, status)")
    assert said(check(database, "account")) == []


def test_an_anchor_without_an_index_is_warned_of(database: URL) -> None:
    build(database, "usage")
    on = " ON visits" if database.get_backend_name() == "mariadb" else ""
    execute(database, f"DROP INDEX ix_visits_visited_at{on}")
    (what,) = without_rights(said(check(database, "usage"), "warn"))
    assert "visits.visited_at" in what
    assert "recorded_at" in what


def test_tables_that_are_missing_or_newer_are_refused(database: URL) -> None:
    build(database, "usage", install=False)
    by_itself = database.get_backend_name() == "sqlite"  # a file's are made by its first night
    assert said(check(database, "usage")) == ([] if by_itself else ["our own tables are missing"])
    build_ours(database)
    execute(database, "UPDATE retention_version SET version_num = '9999'")
    assert said(check(database, "usage")) == ["our own tables are of a newer version than this installation"]


def build_ours(url: URL) -> None:
    from retention.installation import install_store

    install_store("usage", url.render_as_string(hide_password=False))


def test_what_the_declaration_does_not_say_is_among_the_findings(database: URL) -> None:
    build(database, "usage")
    execute(database, "CREATE TABLE somebody (name VARCHAR(10) PRIMARY KEY)")
    (what,) = said(check(database, "usage"))
    assert "table somebody is not declared" in what


def test_the_column_behind_an_anchor() -> None:
    store = BUNDLE.store("subscription")
    subscribers = store.declared.population("subscribers")
    preferences = store.declared.population("preferences")
    assert anchor_columns(store.queries["subscribers"], subscribers)["last_contact"] == "last_contact_at"
    ended = store.queries["subscribers"].rstrip() + " ;  -- and that is all"
    assert anchor_columns(ended, subscribers) == anchor_columns(store.queries["subscribers"], subscribers)
    assert anchor_columns(store.queries["preferences"], preferences) == {}  # they are the subscriber's


# PostgreSQL


def partitioned(url: URL) -> None:
    """Page events by month of the viewing, under a key that this kind of table allows."""
    execute(
        url,
        "DROP TABLE page_events",
        "CREATE TABLE page_events (event_id bigint, viewed_at timestamp NOT NULL) PARTITION BY RANGE (viewed_at)",
        "CREATE TABLE page_events_2020 PARTITION OF page_events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
        "CREATE TABLE page_events_2021 PARTITION OF page_events FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')",
    )


def about(whats: list[str], word: str) -> list[str]:
    return [what for what in whats if word in what]


def test_a_default_partition_is_warned_of(postgresql: URL) -> None:
    build(postgresql, "usage")
    partitioned(postgresql)
    assert about(said(check(postgresql, "usage"), "warn"), "partition") == []
    execute(postgresql, "CREATE TABLE page_events_rest PARTITION OF page_events DEFAULT")
    assert len(about(said(check(postgresql, "usage"), "warn"), "default partition")) == 1


def test_a_partition_that_mixes_due_dates_is_warned_of(postgresql: URL) -> None:
    build(postgresql, "usage")
    execute(
        postgresql,
        "DROP TABLE page_events",
        "CREATE TABLE page_events (event_id bigint PRIMARY KEY, viewed_at timestamp) PARTITION BY HASH (event_id)",
    )
    assert len(about(said(check(postgresql, "usage"), "warn"), "mixes rows")) == 1


def test_a_partition_half_detached_is_refused(postgresql: URL) -> None:
    """An interrupted DETACH CONCURRENTLY blocks every later one until somebody finishes it."""
    build(postgresql, "usage")
    partitioned(postgresql)
    execute(
        postgresql,
        "UPDATE pg_inherits SET inhdetachpending = true WHERE inhrelid = CAST('page_events_2020' AS regclass)",
    )
    (what,) = about(said(check(postgresql, "usage")), "half detached")
    assert what.startswith("partition page_events_2020 of page_events")


def test_a_partition_that_we_left_half_detached_is_not_refused(postgresql: URL) -> None:
    """The next night goes on with it."""
    build(postgresql, "usage")
    partitioned(postgresql)
    execute(
        postgresql,
        "UPDATE pg_inherits SET inhdetachpending = true WHERE inhrelid = CAST('page_events_2020' AS regclass)",
        "INSERT INTO retention_detached (part, relation, population, bounds, run_id, begun_at)"
        " SELECT relname, CAST(oid AS bigint), 'page_events', '', 'r', now() FROM pg_class WHERE relname = 'page_events_2020'",
    )
    assert about(said(check(postgresql, "usage")), "half detached") == []


def test_partitions_of_somebody_else_are_warned_of(postgresql: URL) -> None:
    build(postgresql, "usage")
    partitioned(postgresql)
    with role(postgresql) as user:
        assert about(said(check(postgresql, "usage"), "warn"), "does not belong") == []
        quoted = '"' + str(user.username).replace('"', '""') + '"'
        execute(postgresql, f"GRANT SELECT, DELETE ON ALL TABLES IN SCHEMA public TO {quoted}")
        assert len(about(said(check(user, "usage"), "warn"), "does not belong")) == 1


def test_a_foreign_key_that_was_never_checked_is_warned_of(postgresql: URL) -> None:
    build(postgresql, "account")
    execute(
        postgresql,
        "ALTER TABLE contacts DROP CONSTRAINT contacts_account_id_fkey",
        "ALTER TABLE contacts ADD FOREIGN KEY (account_id) REFERENCES accounts NOT VALID",
    )
    assert len(about(said(check(postgresql, "account"), "warn"), "never checked")) == 1


def test_a_replica_is_refused() -> None:
    with servers.private_postgresql() as primary, servers.postgresql_standby(primary) as standby:
        execute(primary.url, "CREATE TABLE known (id int)")
        engine = make_engine(standby.url)
        with engine.begin() as connection:
            findings = server.check_server(connection, headroom=1.0)
        engine.dispose()
    assert said(findings) == ["the server is a replica: it cannot be written to"]


# MariaDB


def test_a_read_only_server_is_refused() -> None:
    with servers.private_mariadb(read_only="ON") as private:
        execute(private.url, "CREATE USER plain@'%'", "GRANT ALL ON mysql.* TO plain@'%'")
        engine = make_engine(private.url.set(username="plain"))
        with engine.begin() as connection:
            findings = server.check_server(connection, headroom=1.0)
        engine.dispose()
    assert said(findings) == ["the server is read-only, as a replica is"]


def test_a_collation_that_takes_two_words_for_one_is_warned_of(mariadb: URL) -> None:
    build(mariadb, "transaction")
    execute(mariadb, "ALTER TABLE invoices MODIFY status VARCHAR(16) COLLATE utf8mb4_general_ci")
    (what,) = about(said(check(mariadb, "transaction"), "warn"), "collation")
    assert what.startswith("invoices.status has the collation utf8mb4_general_ci")


# files


def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "store.db"
    file.touch()
    url = build(URL.create("sqlite", database=str(file)), "usage")
    monkeypatch.setattr("os.access", lambda path, mode: False)  # an administrator may write whatever the mode says
    assert len(about(said(check(url, "usage")), "cannot be written")) == 2


def test_too_little_room_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "store.db"
    file.touch()
    engine = make_engine(build(URL.create("sqlite", database=str(file)), "usage"))
    with engine.begin() as connection:
        assert server.check_server(connection, headroom=1.0) == []
        (finding,) = server.check_server(connection, headroom=1e12)
    engine.dispose()
    assert finding.level == "refuse"
    assert "MiB are free" in finding.what
