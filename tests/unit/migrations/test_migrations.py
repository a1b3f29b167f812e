"""Revisions and tables say the same, on every kind of database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, inspect, text

from retention import migrations
from retention.evidence import tables as evidence_tables
from retention.migrations import Line
from retention.stores import tables as store_tables
from retention.stores.connect import make_engine
from tests import servers

LINES = [
    pytest.param(migrations.STORE, store_tables.metadata, id="store"),
    pytest.param(migrations.EVIDENCE, evidence_tables.metadata, id="evidence"),
]
both = pytest.mark.parametrize("line", [migrations.STORE, migrations.EVIDENCE], ids=["store", "evidence"])


@pytest.fixture(params=["sqlite", *servers.KINDS])
def engine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An empty database of each kind."""
    if request.param == "sqlite":
        made = make_engine(URL.create("sqlite", database=str(tmp_path / "50% full.db")), create=True)
        yield made
        made.dispose()
        return
    with servers.database(request.param) as url:
        made = make_engine(url)
        yield made
        made.dispose()


def tables_of(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


@pytest.mark.parametrize(("line", "metadata"), LINES)
def test_a_table_is_changed_together_with_a_revision(engine: Engine, line: Line, metadata: object) -> None:
    """Whoever changes a table writes a revision: `python -m retention.migrations.draft store` (or evidence) drafts it."""
    with engine.begin() as connection:
        migrations.upgrade(connection, line)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": line.version_table, "compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert migrations.standing(connection, line) == "current"


@both
def test_an_upgrade_twice_is_an_upgrade_once(engine: Engine, line: Line) -> None:
    with engine.begin() as connection:
        migrations.upgrade(connection, line)
    before = tables_of(engine)
    with engine.begin() as connection:
        migrations.upgrade(connection, line)
    assert tables_of(engine) == before


@both
def test_an_upgrade_that_was_cut_short_goes_on(engine: Engine, line: Line) -> None:
    """MariaDB commits each table for itself: an upgrade may have made some of them and not said so."""
    with engine.begin() as connection:
        migrations.upgrade(connection, line)
    names = tables_of(engine)
    with engine.begin() as connection:
        for name in (line.version_table, sorted(names - {line.version_table})[-1]):
            connection.execute(text(f'DROP TABLE "{name}"'))
    with engine.begin() as connection:
        assert migrations.standing(connection, line) == "missing"
        migrations.upgrade(connection, line)
    assert tables_of(engine) == names


def test_an_upgrade_is_whole_or_nothing_where_the_database_can(tmp_path: Path, postgresql: URL) -> None:
    for url in (f"sqlite:///{tmp_path / 'store.db'}", postgresql):
        engine = make_engine(url, create=True)
        with pytest.raises(RuntimeError), engine.begin() as connection:
            migrations.upgrade(connection, migrations.STORE)
            raise RuntimeError
        assert tables_of(engine) == set()
        engine.dispose()


@both
def test_the_script_for_an_administrator_makes_what_an_upgrade_makes(engine: Engine, line: Line) -> None:
    script = migrations.script(engine.url, line, since=None)
    assert "hunter2" not in migrations.script(
        engine.url.set(drivername="postgresql+psycopg", password="hunter2"), line, since=None
    )
    with engine.begin() as connection:
        for statement in script.replace("BEGIN;", "").replace("COMMIT;", "").split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement.replace("`", '"').replace("%", "%%"))
        assert migrations.standing(connection, line) == "current"
    assert tables_of(engine) > {line.version_table}
    assert migrations.script(engine.url, line, since=line.head).count("CREATE TABLE") == 0


@both
def test_a_database_newer_or_older_than_the_library_is_told_apart(tmp_path: Path, line: Line) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'store.db'}", create=True)
    later = Line(line.name, line.version_table, (*line.revisions, "9999"))
    with engine.begin() as connection:
        migrations.upgrade(connection, line)
        assert migrations.standing(connection, later) == "older"
        connection.execute(text(f"UPDATE {line.version_table} SET version_num = '9999'"))
        assert migrations.standing(connection, line) == "newer"


def test_evidence_of_the_first_revision_is_brought_up_to_date(engine: Engine) -> None:
    """What it held it still holds, and what it lacked it has."""
    line = migrations.EVIDENCE
    with engine.begin() as connection:
        migrations.upgrade(connection, Line(line.name, line.version_table, line.revisions[:1]))
        connection.execute(text("INSERT INTO head (chain, seq, hash) VALUES ('ledger', 7, 'abc')"))
    with engine.begin() as connection:
        assert migrations.standing(connection, line) == "older"
        upgraded = migrations.upgrade(connection, line)
    assert (upgraded.before, upgraded.now) == ("0001", line.head)
    assert set(upgraded.made) >= {"register_approval", "register_version"}
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": line.version_table, "compare_type": True})
        assert compare_metadata(context, evidence_tables.metadata) == []
        assert connection.execute(text("SELECT seq FROM head")).scalar() == 7


@both
def test_every_revision_is_known_by_its_number(line: Line) -> None:
    directory = ScriptDirectory(str(migrations.FOLDER), version_locations=[str(migrations.FOLDER / line.name)])
    assert [found.revision for found in directory.walk_revisions()][::-1] == list(line.revisions)


@both
def test_mariadb_compares_our_text_to_the_byte_and_has_transactions(mariadb: URL, line: Line) -> None:
    engine = make_engine(mariadb)
    with engine.begin() as connection:
        migrations.upgrade(connection, line)
        found = connection.execute(
            text(
                "SELECT table_name, engine, table_collation FROM information_schema.tables"
                " WHERE table_schema = database() AND table_name <> :version"
            ),
            {"version": line.version_table},
        ).all()
    engine.dispose()
    assert {(row[1], row[2]) for row in found} == {("InnoDB", "utf8mb4_bin")}
