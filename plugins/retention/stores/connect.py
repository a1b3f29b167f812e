"""Connections to stores and to the evidence database, whatever kind of database they are."""

from __future__ import annotations

from sqlalchemy import Engine, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from retention.errors import StoreError
from retention.stores.dialects import Access, dialect_of

LOCK_SECONDS = 10.0


def make_engine(
    url: str | URL,
    *,
    readonly: bool = False,
    create: bool = False,
    lock_seconds: float = LOCK_SECONDS,
    statement_seconds: float | None = None,
    schemas: tuple[str, ...] = (),
) -> Engine:
    """An engine on a store or on the evidence database.

    `readonly` sessions cannot write and see one moment per transaction; others are READ COMMITTED. `create` allows a SQLite
    file to come into being, to which the files of `schemas` are attached. Waiting for a lock ends after `lock_seconds`, a
    statement on a server after `statement_seconds`.
    Raises StoreError for a missing file, a URL that cannot be read or an unsupported database.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # not chained: the text may carry a password
        raise StoreError(
            "the address of a database cannot be read", mend="write it as kind://user:password@host:port/database"
        ) from None
    access = Access(readonly, create, lock_seconds, statement_seconds, schemas)
    return dialect_of(parsed.get_backend_name()).engine(parsed, access)


def address(url: str | URL) -> str:
    """Kind, host, port and database of a URL, for people: never its user, its password or its options."""
    parsed = make_url(url)
    bare = URL.create(parsed.get_backend_name(), host=parsed.host, port=parsed.port, database=parsed.database)
    return bare.render_as_string()
