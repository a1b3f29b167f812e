"""Connections. A SQLite file is never created by accident, transactions are real, and erased bytes are overwritten."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL

from retention.errors import StoreError

LOCK_SECONDS = 10.0


def make_engine(url: str | URL, *, readonly: bool = False, create: bool = False, lock_seconds: float = LOCK_SECONDS) -> Engine:
    """An engine on a store or on the evidence database.

    `readonly` sessions cannot write, `create` allows a SQLite file to come into being. Raises StoreError for a missing file or
    an unsupported engine.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        raise StoreError(f"databases of the kind {parsed.get_backend_name()!r} are not supported yet", mend="use a SQLite file")
    path = Path(parsed.database or "")
    if not create and not path.is_file():
        raise StoreError("the database file does not exist", file=path, mend="check the connection, or restore the file")
    mode = "ro" if readonly else ("rwc" if create else "rw")
    engine = create_engine(
        URL.create("sqlite", database=f"file:{quote(str(path.resolve()))}", query={"mode": mode, "uri": "true"}),
        hide_parameters=True,  # an error's text may reach a log: keys of records must not
        connect_args={"timeout": lock_seconds, "check_same_thread": False},
    )
    _sqlite_session(engine, readonly=readonly)
    return engine


def _sqlite_session(engine: Engine, *, readonly: bool) -> None:
    """The driver's implicit transactions are switched off: BEGIN IMMEDIATE takes the write lock before anything is read."""

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA cache_size = -65536")
        cursor.execute("PRAGMA query_only = ON" if readonly else "PRAGMA secure_delete = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Any) -> None:
        connection.exec_driver_sql("BEGIN" if readonly else "BEGIN IMMEDIATE")
