"""SQLite: a file never created by accident, real transactions, erased bytes overwritten, values that may be anything."""

from __future__ import annotations

import sqlite3
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Engine,
    Select,
    and_,
    create_engine,
    event,
    func,
    inspect,
    literal_column,
    or_,
    select,
)
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlalchemy.engine import URL

from retention.declare.stores import AnchorType
from retention.errors import StoreError
from retention.stores.dialects import server
from retention.stores.dialects.base import Access, Failure, Schema, TableFacts, Value

if TYPE_CHECKING:
    from retention.stores.dialects.base import Integers

# The driver gives most of its errors one code, so its own words, which name no value, tell them apart.
_FAILURES = (
    (
        "locked",
        Failure("is locked by another program", "wait for it to finish, then run again: nothing was changed", "transient"),
    ),
    (
        "readonly",
        Failure(
            "is read-only",
            "give write permission on the file and its folder: disposal and receipts are one transaction",
            "denied",
        ),
    ),
    ("unable to open", Failure("cannot be opened", "check the path and its permissions")),
    ("not a database", Failure("is not a database, or is damaged", "restore it from its backup")),
    ("malformed", Failure("is damaged", "restore it from its backup")),
    ("disk is full", server.NO_ROOM),
    ("disk i/o error", Failure("cannot be written (disk error)", "check the disk and the folder's permissions")),
    (
        "foreign key",
        Failure(
            "refused a deletion because another row still refers to it",
            "declare the referring table as a child population",
            "refused",
        ),
    ),
    ("no such table", Failure("lacks a table that a population query names", "correct the query, or restore the table")),
    ("no such column", Failure("lacks a column that a population query names", "correct the query, or restore the column")),
    ("syntax error", Failure("found a syntax error in a population query", "correct the query")),
    (
        "unique constraint",
        Failure("refused a second receipt for the same batch", "another run is at work here: let it finish"),
    ),
)


READS = "retention_reads"  # an execution option: the transaction only reads, and need not keep others from writing


class SQLite:
    """SQLite 3."""

    def engine(self, url: URL, access: Access) -> Engine:
        path = Path(url.database or "")
        if not access.create and not path.is_file():
            raise StoreError("the database file does not exist", file=path, mend="check the connection, or restore the file")
        mode = "ro" if access.readonly else ("rwc" if access.create else "rw")
        engine = create_engine(
            URL.create("sqlite", database=f"file:{quote(str(path.resolve()))}", query={"mode": mode, "uri": "true"}),
            hide_parameters=True,
            connect_args={"timeout": access.lock_seconds, "check_same_thread": False},
        )
        _session(engine, readonly=access.readonly, apart=_apart(path, access))
        return engine

    def failure(self, error: BaseException) -> Failure | None:
        text = str(error).lower()
        return next((failure for mark, failure in _FAILURES if mark in text), None)

    def alone(self, connection: Connection) -> AbstractContextManager[None]:
        """BEGIN IMMEDIATE has seen to it."""
        return nullcontext()

    def read_schema(self, connection: Connection, schemas: tuple[str, ...]) -> Schema:
        schema: Schema = {}
        for place in (None, *schemas):
            schema |= _tables(connection, place)
        return schema

    def values(self, result: CursorResult[Any]) -> dict[str, Value]:
        """Any value may lie anywhere: each is looked at (`readable`)."""
        return {}

    def readable(self, column: ColumnElement[Any], kind: AnchorType) -> ColumnElement[bool]:
        """SQLite stores anything anywhere, so the text is looked at."""
        text = func.typeof(column) == "text"
        same_day = "+0 days"  # makes SQLite compute the date anew: else it repeats 31 February as it stands
        first_year = column >= literal_column("'0001-'")  # not a number, or a column of type TIMESTAMP would compare it as one
        if kind == "date":
            return and_(text, first_year, func.date(column, same_day).op("IS")(column))
        head, dot, fraction = func.substr(column, 1, 19), func.substr(column, 20, 1), func.substr(column, 21)
        # A fraction may follow, an offset or a Z may not: naive and aware never mix. Most have none, and are asked no more.
        digits = and_(dot == ".", fraction.op("GLOB")("[0-9]*"), fraction.op("NOT GLOB")("*[^0-9]*"))
        whole = func.datetime(column, same_day).op("IS")(column)
        return and_(text, first_year, or_(whole, and_(func.datetime(head, same_day).op("IS")(head), digits)))

    def month_start(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.strftime("%Y-%m-01 00:00:00", column)

    def apart(self, query: Select[Any]) -> Select[Any]:
        return query

    def packed(self, key: ColumnElement[Any]) -> ColumnElement[Any]:
        raise NotImplementedError

    def unpacked(self, value: Any) -> Integers:
        raise NotImplementedError


def erase(engine: Engine) -> bool:
    """Writes a file anew, and empties its write-ahead log: neither keeps a byte of what it no longer holds.

    secure_delete alone does not see to that: where SQLite moves rows from page to page it leaves copies behind. False where
    others stood in the way, or there was no room.
    """
    raw = engine.raw_connection()  # outside a transaction
    try:
        cursor = raw.cursor()
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy = cursor.fetchone()
        return busy is not None and not busy[0]
    except sqlite3.Error:
        return False
    finally:
        raw.close()


def apart(path: Path, schema: str) -> Path:
    """The file beside a store's own in which the tables of a schema lie."""
    return path.with_name(f"{path.stem}.{schema}{path.suffix}")


def _apart(path: Path, access: Access) -> dict[str, str]:
    """The files that are attached, by the names they are attached under. Raises StoreError where one does not exist."""
    mode = "ro" if access.readonly else "rw"
    found: dict[str, str] = {}
    for schema in access.schemas:
        file = apart(path, schema)
        if not file.is_file():
            raise StoreError(
                f"the file of schema {schema!r} does not exist",
                file=file,
                mend="make it beside the store's own, with the tables declared there, or restore it",
            )
        found[schema] = f"file:{quote(str(file.resolve()))}?mode={mode}"
    return found


def _tables(connection: Connection, place: str | None) -> Schema:
    """The tables of the store's own file, or of one that is attached."""
    inspector = inspect(connection)
    triggers = _triggers(connection, place)
    schema: Schema = {}
    for table in sorted(inspector.get_table_names(schema=place)):
        columns = {
            c["name"]: {"type": str(c["type"]), "nullable": bool(c["nullable"])}
            | ({"generated": True} if c.get("computed") else {})
            for c in inspector.get_columns(table, schema=place)
        }
        key = tuple(inspector.get_pk_constraint(table, schema=place)["constrained_columns"])
        found = tuple(name for about, name in triggers if about == table)
        schema[f"{place}.{table}" if place else table] = TableFacts(
            columns, key, _foreign_keys(connection, table, place), found
        )
    return schema


def _foreign_keys(connection: Connection, table: str, place: str | None) -> tuple[tuple[str, str, str], ...]:
    """From SQLite's own catalogue: reflection knows no action of a REFERENCES behind a column."""
    listed = func.pragma_foreign_key_list(table, place or "main").table_valued(
        "id", "seq", "table", "from", "to", "on_update", "on_delete"
    )
    keys: dict[int, tuple[list[str], str, str]] = {}
    for key in connection.execute(select(listed).order_by(listed.c.id, listed.c.seq)).mappings():
        keys.setdefault(key["id"], ([], key["table"], key["on_delete"]))[0].append(key["from"])
    return tuple(sorted((",".join(columns), referred, action) for columns, referred, action in keys.values()))


def _triggers(connection: Connection, place: str | None) -> list[tuple[str, str]]:
    """Table and name of every trigger."""
    catalogue = sql_table("sqlite_master", sql_column("type"), sql_column("name"), sql_column("tbl_name"), schema=place)
    query = select(catalogue.c.tbl_name, catalogue.c.name).where(catalogue.c.type == "trigger").order_by(catalogue.c.name)
    return [(str(table), str(name)) for table, name in connection.execute(query)]


def _session(engine: Engine, *, readonly: bool, apart: dict[str, str]) -> None:
    """The driver's implicit transactions are switched off: BEGIN IMMEDIATE takes the write lock before anything is read."""

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -65536")
        cursor.execute("PRAGMA query_only = ON" if readonly else "PRAGMA secure_delete = ON")
        for schema, file in apart.items():  # what is attached now takes over secure_delete
            cursor.execute(f'ATTACH DATABASE ? AS "{schema}"', (file,))
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        reads = readonly or connection.get_execution_options().get(READS, False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")
        for place in ("main", *apart) if apart and not reads else ():
            _one_commit(connection, place)


def _one_commit(connection: Connection, place: str) -> None:
    """Raises StoreError unless a commit over several files is one: SQLite sees to that by a journal of all of them.

    Asked in every transaction: the mode is written in the file, and another program may change it.
    """
    mode = connection.exec_driver_sql(f'PRAGMA "{place}".journal_mode').scalar_one()
    if mode not in ("delete", "truncate", "persist"):
        raise StoreError(
            f"the journal of {place} is of the mode {mode}: rows could be lost between the store's file and its archive",
            mend="set `PRAGMA journal_mode = DELETE` on each file, or give the archive no `schema`",
        )


def spare_memory(connection: Connection) -> None:
    """Keeps few pages from now on: one pass over a whole table would fill the cache with what it never asks for again."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA cache_size = -8192")
