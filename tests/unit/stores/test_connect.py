"""Connections and transactions on a store, and the words their failures come in."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from retention.errors import StoreError
from retention.stores import tables
from retention.stores.connect import make_engine
from retention.stores.session import StoreSession

SECRET = "jeanne.martin@secret.example"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "with space & 100%.db"
    with closing(sqlite3.connect(path)) as store, store:
        store.execute("CREATE TABLE people (id INTEGER PRIMARY KEY, email TEXT UNIQUE CHECK (length(email) < 40))")
        store.executemany("INSERT INTO people VALUES (?, ?)", [(1, SECRET), (2, "other@secret.example")])
    return path


@pytest.fixture
def session(file: Path) -> StoreSession:
    return StoreSession("people", f"sqlite:///{file}")


def rows(file: Path) -> list[int]:
    with closing(sqlite3.connect(file)) as store:
        return [row[0] for row in store.execute("SELECT id FROM people ORDER BY id")]


def test_a_file_is_never_made_by_accident(tmp_path: Path) -> None:
    with pytest.raises(StoreError) as error:
        make_engine(f"sqlite:///{tmp_path / 'none.db'}")
    assert "none.db" in str(error.value)
    assert not (tmp_path / "none.db").exists()


def test_a_file_that_vanishes_later_is_not_made_either(session: StoreSession, file: Path) -> None:
    _ = session.dialect
    file.unlink()
    with pytest.raises(StoreError) as error, session.writing("testing"):
        pass
    assert "cannot be opened" in str(error.value)
    assert not file.exists()


def test_reading_cannot_write(session: StoreSession, file: Path) -> None:
    with pytest.raises(StoreError) as error, session.reading("reading") as connection:
        connection.execute(text("DELETE FROM people"))
    assert "read-only" in str(error.value)
    assert rows(file) == [1, 2]


def test_a_transaction_is_whole_or_nothing(session: StoreSession, file: Path) -> None:
    with pytest.raises(RuntimeError), session.writing("testing") as connection:
        connection.execute(text("DELETE FROM people WHERE id = 1"))
        raise RuntimeError
    assert rows(file) == [1, 2]


def test_a_reader_sees_one_moment(session: StoreSession, file: Path) -> None:
    with session.reading("reading") as connection:
        count = text("SELECT count(*) FROM people")
        assert connection.execute(count).scalar() == 2
        with closing(sqlite3.connect(file, timeout=0.1)) as other, pytest.raises(sqlite3.OperationalError), other:
            other.execute("DELETE FROM people")
        assert connection.execute(count).scalar() == 2


def test_a_writer_holds_the_lock_before_it_reads(session: StoreSession, file: Path) -> None:
    with session.writing("testing") as connection:
        assert connection.execute(text("SELECT count(*) FROM people")).scalar() == 2
        with closing(sqlite3.connect(file, timeout=0.1)) as other, pytest.raises(sqlite3.OperationalError), other:
            other.execute("DELETE FROM people")


def test_waiting_for_a_lock_ends(file: Path) -> None:
    engine = make_engine(f"sqlite:///{file}", lock_seconds=0.2)
    with closing(sqlite3.connect(file, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        with pytest.raises(Exception, match="locked"), engine.begin():
            pass
        assert 0.1 < time.monotonic() - began < 5


def test_foreign_keys_are_on_and_erased_bytes_are_overwritten(session: StoreSession, file: Path) -> None:
    with session.writing("testing") as connection:
        assert connection.execute(text("PRAGMA foreign_keys")).scalar() == 1
        assert connection.execute(text("PRAGMA secure_delete")).scalar() == 1
        connection.execute(text("DELETE FROM people WHERE id = 1"))
    session.close()
    assert SECRET.encode() not in file.read_bytes()


@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO people VALUES (3, '{SECRET}')",
        f"INSERT INTO people VALUES (3, '{SECRET}{SECRET}')",
        f"SELECT '{SECRET}' FROM nowhere",
        f'SELECT "{SECRET}".x FROM people',
        f"SELECT FROM '{SECRET}'",
        f"SELECT abs('{SECRET}', 2) FROM people",
        f"SELECT json_extract('{SECRET}', '$') FROM people",
    ],
)
def test_what_went_wrong_is_told_without_anybodys_data(session: StoreSession, statement: str) -> None:
    with pytest.raises(StoreError) as error, session.writing("testing") as connection:
        connection.execute(text(statement))
    told = error.value
    while told is not None:
        assert SECRET not in str(told) or told.__suppress_context__ is False
        told = told.__cause__  # type: ignore[assignment]
    assert error.value.exit_code == 3
    assert error.value.mend
    assert error.value.__cause__ is None


def test_our_tables_are_made_once_and_no_others(session: StoreSession, file: Path) -> None:
    session.ensure_tables()
    session.ensure_tables()
    with closing(sqlite3.connect(file)) as store:
        names = {row[0] for row in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert names == {"people"} | tables.OURS
    assert all(name.startswith("retention_") for name in tables.OURS)


@pytest.mark.parametrize(
    "url", ["oracle://user:hunter2@host/db", "postgres//user:hunter2@host/db", "mssql+pyodbc://u:hunter2@h/d"]
)
def test_what_is_not_supported_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(StoreError) as error:
        make_engine(url)
    assert "hunter2" not in str(error.value)
    assert error.value.mend
