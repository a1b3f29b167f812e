"""The same sample on every kind of database: rows, types, keys, and the labels of what such a database cannot hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sample_oracle import opened
from sqlalchemy import BigInteger, Date, DateTime, create_engine, inspect, text
from sqlalchemy.engine import URL

from retention.errors import StoreError
from retention.sample import Sample, generate
from retention.sample.rows import STORES, TABLES
from retention.sample.schema import read_schema, store_schema
from tests import servers

AS_OF = dt.date(2026, 6, 15)


@pytest.fixture(scope="module")
def on_files(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("typed")
    return generate(lambda store: folder / f"{store}.db", as_of=AS_OF, usage_rows=500, typed=True)


@pytest.fixture(scope="module", params=servers.KINDS)
def on_server(request: pytest.FixtureRequest) -> Iterator[Sample]:
    with ExitStack() as stack:
        urls = {store: stack.enter_context(servers.database(request.param)) for store in STORES}
        yield generate(urls, as_of=AS_OF, usage_rows=500)


def _ask(place: Any, statement: str) -> list[tuple[Any, ...]]:
    if isinstance(place, Path):
        return [tuple(row) for row in opened(place).execute(statement)]
    engine = create_engine(place)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(text(statement))]
    engine.dispose()
    return rows


def _there(sample: Sample, store: str, table: str) -> str:
    """A table of a sample on a server, as that server calls it."""
    url = sample.places[store]
    assert isinstance(url, URL)
    return store_schema(store, url.get_backend_name(), str(url.database)).names[table]


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, dt.date) else value


def test_every_row_is_the_same_in_files_and_on_servers(on_files: Sample, on_server: Sample) -> None:
    for kind, (store, table) in TABLES.items():
        statement = f"SELECT {', '.join(kind._fields)} FROM {{}} ORDER BY {kind._fields[0]}".format
        there = statement(_there(on_server, store, table))
        found = [tuple(map(_plain, row)) for row in _ask(on_server.places[store], there)]
        assert found == _ask(on_files.places[store], statement(table)), table
    assert on_server.labels == on_files.labels
    assert on_server.instructions == on_files.instructions


def test_labels_are_about_rows_that_are_there(on_server: Sample) -> None:
    keys = {
        (store, table): {
            str(row[0])
            for row in _ask(on_server.places[store], f"SELECT {kind._fields[0]} FROM {_there(on_server, store, table)}")
        }
        for kind, (store, table) in TABLES.items()
    }
    assert all(label.record_key in keys[label.store, label.population] for label in on_server.labels)
    assert not {"anchor-unreadable"} & {label.case for label in on_server.labels if label.expected == "quarantined"}
    assert {"anchor-future", "anchor-null", "unknown-state"} <= {label.case for label in on_server.labels}


def test_columns_have_types_and_keys_have_room(on_server: Sample) -> None:
    for kind, (store, table) in TABLES.items():
        engine = create_engine(on_server.places[store])
        seen = inspect(engine)
        schema, _, _ = _there(on_server, store, table).rpartition(".")
        columns = {column["name"]: column["type"] for column in seen.get_columns(table, schema or None)}
        assert list(columns) == list(kind._fields)
        if kind._fields[0].endswith("_id"):
            assert isinstance(columns[kind._fields[0]], BigInteger)
        for name, sqltype in columns.items():
            if name.endswith("_at"):
                assert isinstance(sqltype, DateTime)
                assert str(sqltype) == ("TIMESTAMP" if engine.name == "postgresql" else "DATETIME")  # nobody converts zones
            if name.endswith("_on"):
                assert isinstance(sqltype, Date)
        for key in seen.get_foreign_keys(table, schema or None):
            assert isinstance(columns[key["constrained_columns"][0]], BigInteger)
        engine.dispose()
    assert _ask(on_server.places["account"], "SELECT account_id FROM accounts WHERE status = 'ACTIVE'") == []


def test_a_database_that_holds_tables_is_left_alone(on_server: Sample) -> None:
    before = _ask(on_server.places["account"], "SELECT count(*) FROM accounts")
    with pytest.raises(StoreError, match="holds tables already"):
        generate(on_server.places, as_of=AS_OF, usage_rows=500)
    assert _ask(on_server.places["account"], "SELECT count(*) FROM accounts") == before


def test_a_loading_that_breaks_off_leaves_nothing(
    server_database: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retention.sample.bulk.accounts import Accounts

    def broken(*_: object) -> None:
        raise OSError

    monkeypatch.setattr(Accounts, "write", broken)
    places = {store: server_database if store == "account" else tmp_path / f"{store}.db" for store in STORES}
    with pytest.raises(OSError):
        generate(places, as_of=AS_OF, usage_rows=500)
    engine = create_engine(server_database)
    assert inspect(engine).get_table_names() == []
    engine.dispose()


def test_a_schema_of_more_than_tables_is_refused() -> None:
    with pytest.raises(StoreError, match="more than tables"):
        read_schema("CREATE TABLE t (a INTEGER); CREATE VIEW v AS SELECT 1 AS a", "sqlite")
