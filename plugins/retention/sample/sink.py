"""Where a sample goes: a new SQLite file, or an empty database of a server, filled as fast as each of them can be."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import inspect as inspected
from sqlalchemy import make_url
from sqlalchemy.engine import URL

from retention.errors import StoreError
from retention.sample.schema import Schema
from retention.stores.connect import make_engine
from retention.stores.dialects.sqlite import apart


class Sink(Protocol):
    """One store, open for loading in one transaction."""

    dialect: str
    database: str  # its name on a server

    def refuse(self) -> None:
        """Raises StoreError where a store lies there already."""

    def begin(self, schema: Schema) -> None:
        """Makes the tables."""

    def add(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Inserts rows."""

    def finish(self, schema: Schema) -> None:
        """Makes the indexes, and keeps everything."""

    def abandon(self) -> None:
        """Leaves nothing: half a store is worse than none."""


def sink(target: Path | str | URL) -> Sink:
    """A sink for a file, or for the database that a URL names."""
    if isinstance(target, Path):
        return _File(target)
    url = make_url(target)
    return _File(Path(url.database or "")) if url.get_backend_name() == "sqlite" else _Server(url)


class _File:
    dialect = "sqlite"
    database = ""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._apart: list[Path] = []
        self._file: sqlite3.Connection | None = None

    def refuse(self) -> None:
        if self._path.exists():
            raise StoreError("a store lies there already", file=self._path, mend="remove it first, or choose another folder")

    def begin(self, schema: Schema) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = sqlite3.connect(self._path)
        for pragma in ("foreign_keys=ON", "synchronous=OFF", "journal_mode=MEMORY"):  # of this connection only
            self._file.execute(f"PRAGMA {pragma}")
        for name in schema.schemas:
            self._attach(name)
        for statement in schema.tables:
            self._file.execute(statement)
        self._file.execute("BEGIN")

    def _attach(self, name: str) -> None:
        assert self._file is not None
        path = apart(self._path, name)
        if path.exists():
            raise StoreError("an archive lies there already", file=path, mend="remove it first, or choose another folder")
        self._apart.append(path)
        self._file.execute(f'ATTACH DATABASE ? AS "{name}"', (str(path),))
        for pragma in ("synchronous=OFF", "journal_mode=MEMORY"):
            self._file.execute(f'PRAGMA "{name}".{pragma}')

    def add(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        assert self._file is not None
        self._file.executemany(_insert(table, columns, "?"), rows)

    def finish(self, schema: Schema) -> None:
        assert self._file is not None
        for statement in schema.indexes:
            self._file.execute(statement)
        self._file.commit()
        self._file.close()

    def abandon(self) -> None:
        if self._file is not None:
            self._file.close()
            for path in (self._path, *self._apart):
                path.unlink(missing_ok=True)


class _Server:
    def __init__(self, url: URL) -> None:
        self._engine = make_engine(url)
        self.dialect = self._engine.dialect.name
        self.database = str(url.database)
        self._connection: Any = None
        self._made: list[str] = []

    def refuse(self) -> None:
        if inspected(self._engine).get_table_names():
            raise StoreError("the database holds tables already", mend="make an empty database for the sample")

    def begin(self, schema: Schema) -> None:
        there = inspected(self._engine).get_schema_names()
        if any(name in there for name in schema.schemas):
            raise StoreError("the archive is there already", mend="make an empty database for the sample, without one")
        self._connection = self._engine.raw_connection()
        what = "SCHEMA" if self.dialect == "postgresql" else "DATABASE"
        for name in schema.schemas:
            self._execute(f"CREATE {what} {name}")
            self._made.append(f"{what} IF EXISTS {name}")
        for table, statement in zip(schema.names.values(), schema.tables, strict=True):
            self._execute(statement)
            self._made.append(f"TABLE IF EXISTS {table}")

    def add(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        cursor = self._connection.cursor()
        if self.dialect == "postgresql":
            with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(_insert(table, columns, "%s"), rows)
        cursor.close()

    def finish(self, schema: Schema) -> None:
        for statement in schema.indexes:
            self._execute(statement)
        self._connection.commit()
        self._engine.dispose()

    def abandon(self) -> None:
        with contextlib.suppress(Exception):  # the error that broke off the loading is the one to be told
            self._connection.rollback()
            for made in reversed(self._made):  # MariaDB keeps a table that was made in a transaction
                self._execute(f"DROP {made}")
            self._connection.commit()
        self._engine.dispose()

    def _execute(self, statement: str) -> None:
        cursor = self._connection.cursor()
        cursor.execute(statement)
        cursor.close()


def _insert(table: str, columns: Sequence[str], mark: str) -> str:
    marks = ", ".join([mark] * len(columns))
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # noqa: S608 - names of our own
