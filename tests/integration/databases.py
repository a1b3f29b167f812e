"""Stores in tests, whatever database they are: asked by another hand than the product's, copied, and removed."""

from __future__ import annotations

import datetime as dt
import decimal
import hashlib
import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pymysql
from sqlalchemy import URL, Connection, MetaData, create_engine, insert, make_url, select
from sqlalchemy.schema import CreateSchema

from retention.stores import tables
from tests import servers

Place = Path | str | URL
_PLAIN_SQL = "SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES'"
_TABLES = {
    "sqlite": "SELECT name FROM {schema}sqlite_master WHERE type = 'table' ORDER BY name",
    "postgresql": "SELECT tablename FROM pg_tables WHERE schemaname = {schema} ORDER BY tablename",
    "mariadb": "SELECT table_name FROM information_schema.tables WHERE table_schema = {schema} ORDER BY table_name",
}
_ARCHIVE = {"sqlite": "archive.", "postgresql": "'archive'", "mariadb": "concat(database(), '_archive')"}
_OWN = {"sqlite": "", "postgresql": "current_schema()", "mariadb": "database()"}


def kind_of(place: Place) -> str:
    if isinstance(place, Path):
        return "sqlite"
    url = make_url(place)
    return "sqlite" if url.get_backend_name() == "sqlite" else servers.kind_of(url)


def sql(place: Place, statement: str, *values: Any) -> list[Any]:
    """One statement with `?` for its values; instants and dates come as the text that SQLite keeps.

    What lies apart is `archive.<table>` everywhere.
    """
    statement = _placed(place, statement)
    with _cursor(place) as (cursor, mark):
        if mark == "?":
            cursor.execute(statement, values)
        else:
            cursor.execute(statement.replace("%", "%%").replace("?", mark), values)
        rows = cursor.fetchall() if cursor.description else []
    return rows if mark == "?" else [tuple(map(_plain, row)) for row in rows]


def many(place: Place, statement: str, rows: Sequence[Sequence[Any]]) -> None:
    """One statement for each of many rows."""
    statement = _placed(place, statement)
    with _cursor(place) as (cursor, mark):
        cursor.executemany(statement.replace("?", mark), rows)


def content(place: Place) -> dict[str, str]:
    """A digest of every table's rows but our own tables'."""
    names = [f'"{name}"' for name in tables_of(place) if name not in tables.OURS]
    names += [f"archive.{name}" for name in tables_of(place, archive=True)]
    return {name.strip('"'): _digest(sql(place, f"SELECT * FROM {name}")) for name in names}


def tables_of(place: Place, *, archive: bool = False) -> list[str]:
    """The tables of a store, or of its archive where it has one."""
    kind = kind_of(place)
    if archive and kind == "sqlite" and not _archive_file(place).exists():
        return []
    return [row[0] for row in sql(place, _TABLES[kind].format(schema=(_ARCHIVE if archive else _OWN)[kind]))]


def _placed(place: Place, statement: str) -> str:
    if kind_of(place) != "mariadb":
        return statement
    return re.sub(r"\barchive\.", f'"{make_url(str(place)).database}_archive".', statement)


def store_files(place: Place) -> list[Path]:
    """The files of a store: its own, and its archive's where it has one."""
    return [file for file in (_file(place), _archive_file(place)) if file.exists()]


def _archive_file(place: Place) -> Path:
    file = _file(place)
    return file.with_name(f"{file.stem}.archive{file.suffix}")


def _file(place: Place) -> Path:
    return place if isinstance(place, Path) else Path(make_url(place).database or "")


def duplicate(url: str) -> str:
    """A copy of a store on a server, in a database of its own."""
    source = make_url(url)
    if kind_of(url) == "postgresql":
        servers.disconnect(source)
        return _text(servers.create_database("postgresql", template=source.database, beside=source))
    made = servers.create_database("mariadb", beside=source)
    with _cursor(made) as (cursor, _):
        cursor.execute("SET SESSION foreign_key_checks = 0, unique_checks = 0")
        for end, names in (("", tables_of(url)), ("_archive", tables_of(url, archive=True))):
            if end and names:
                cursor.execute(f'CREATE DATABASE "{made.database}{end}"')
                cursor.execute(f'USE "{made.database}{end}"')
            for name in names:
                cursor.execute(f'SHOW CREATE TABLE "{source.database}{end}"."{name}"')
                cursor.execute(cursor.fetchall()[0][1])
                cursor.execute(f'INSERT INTO "{name}" SELECT * FROM "{source.database}{end}"."{name}"')
    return _text(made)


def moved(url: str, server: servers.Server) -> str:
    """A copy of a store on another server of its kind."""
    made = servers.create_database(server.kind, beside=server.url)
    here, there = create_engine(url), create_engine(made)
    with here.connect() as source, there.begin() as target:
        _move(source, None, target, None)
        if tables_of(url, archive=True):
            apart = _archive_schema(make_url(url)), _archive_schema(made)
            target.execute(CreateSchema(apart[1]))
            _move(source, apart[0], target, apart[1])
    here.dispose()
    there.dispose()
    return _text(made)


def _move(source: Connection, schema: str | None, target: Connection, new_schema: str | None) -> None:
    found, made = MetaData(), MetaData()
    found.reflect(source, schema=schema)
    for table in found.sorted_tables:
        copied = table.to_metadata(made, schema=new_schema)
        copied.create(target)
        if rows := [dict(row) for row in source.execute(select(table)).mappings()]:
            target.execute(insert(copied), rows)


def _archive_schema(url: URL) -> str:
    return "archive" if kind_of(url) == "postgresql" else f"{url.database}_archive"


def create(kind: str) -> str:
    """An empty database on a server."""
    return _text(servers.create_database(kind))


def remove(url: str) -> None:
    """Removes a database that a test made; an address that is merely made up is left alone."""
    if servers.made_here(make_url(url)):
        servers.drop_database(make_url(url))


def _text(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def _digest(rows: list[Any]) -> str:
    texts = sorted(map(repr, rows))
    return f"{len(texts)} rows {hashlib.sha256(chr(10).join(texts).encode()).hexdigest()}"


def _plain(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, dt.date):
        return value.isoformat()
    return int(value) if isinstance(value, decimal.Decimal) else value


@contextmanager
def _cursor(place: Place) -> Iterator[tuple[Any, str]]:
    """A cursor in a transaction that is kept, and the mark of a parameter."""
    if kind_of(place) == "sqlite":
        with closing(sqlite3.connect(_file(place))) as connection, connection:
            if _archive_file(place).exists():
                connection.execute("ATTACH DATABASE ? AS archive", (str(_archive_file(place)),))
            yield connection.cursor(), "?"
        return
    url = make_url(str(place)) if isinstance(place, str) else place
    assert isinstance(url, URL)
    with closing(_connection(url)) as connection:
        cursor = connection.cursor()
        yield cursor, "%s"
        connection.commit()


def _connection(url: URL) -> Any:
    if servers.kind_of(url) == "postgresql":
        return psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    return pymysql.connect(
        ssl_disabled=True,  # reading certificates takes longer than most of what is asked here
        host=url.host,
        port=url.port or 3306,
        user=url.username,
        password=url.password or "",
        database=url.database,
        init_command=_PLAIN_SQL,
    )
