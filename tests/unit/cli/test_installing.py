"""`retention init`, on files and on servers."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, create_engine, inspect, text
from typer.testing import CliRunner, Result

from retention import migrations
from retention.cli.app import app
from retention.evidence import tables as evidence_tables
from retention.stores import tables as store_tables

Run = Callable[..., Result]
EVERYTHING = {*store_tables.metadata.tables, *evidence_tables.metadata.tables, "retention_version", "evidence_version"}


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Run:
    monkeypatch.setenv("RETENTION_HOME", str(tmp_path))
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


@pytest.fixture
def server(server_database: URL, monkeypatch: pytest.MonkeyPatch) -> URL:
    """One database that serves as a store and as the evidence."""
    address = server_database.render_as_string(hide_password=False)
    monkeypatch.setenv("RETENTION_STORE_ACCOUNT", address)
    monkeypatch.setenv("RETENTION_EVIDENCE", address)
    return server_database


def tables_of(url: URL) -> set[str]:
    engine = create_engine(url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def outcomes(result: Result) -> dict[str, tuple[str | None, str]]:
    assert result.exit_code == 0, result.output
    return {done["where"]: (done["before"], done["now"]) for done in json.loads(result.stdout)["installed"]}


def test_init_makes_our_tables_once(run: Run, server: URL) -> None:
    fresh = {"account": (None, migrations.STORE.head), "evidence": (None, migrations.EVIDENCE.head)}
    assert outcomes(run("init", "--store", "account", "--evidence", "--json")) == fresh
    assert tables_of(server) == EVERYTHING
    again = run("init", "--store", "account", "--evidence")
    assert again.exit_code == 0
    assert again.stdout.count("nothing to do") == 2


def test_the_printed_sql_changes_nothing_and_knows_what_is_there(run: Run, server: URL) -> None:
    printed = run("init", "--sql", "--store", "account")
    assert printed.exit_code == 0
    assert "CREATE TABLE IF NOT EXISTS retention_hold" in printed.stdout
    assert tables_of(server) == set()
    run("init", "--store", "account")
    assert "nothing to do" in run("init", "--sql", "--store", "account").stdout


def test_a_newer_database_is_left_alone(run: Run, server: URL) -> None:
    run("init", "--store", "account")
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"UPDATE {migrations.STORE.version_table} SET version_num = '9999'"))
    engine.dispose()
    for options in ((), ("--sql",)):
        refused = run("init", "--store", "account", *options)
        assert refused.exit_code == 3
        assert "newer version" in refused.stderr


def test_a_file_is_made_ready_but_a_store_never_invented(run: Run, tmp_path: Path) -> None:
    assert outcomes(run("init", "--evidence", "--json")) == {"evidence": (None, migrations.EVIDENCE.head)}
    assert run("init", "--store", "account").exit_code == 3
    assert not (tmp_path / "stores" / "account.db").exists()
