"""PostgreSQL 15 and later, through psycopg 3."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Engine, event, func, true
from sqlalchemy.engine import URL

from retention.declare.stores import AnchorType
from retention.stores.dialects import server
from retention.stores.dialects.base import Access, Failure

# By SQLSTATE, else by its class (the first two characters).
_FAILURES = {
    "28": server.AUTHENTICATION,
    "3D": server.MISSING,
    "42501": server.PRIVILEGE,
    "25006": server.READ_ONLY,
    "08": server.LOST,
    "57P01": server.LOST,  # an administrator ended the session
    "57P02": server.LOST,
    "57P05": server.LOST,
    "25P03": server.LOST,  # idle in a transaction for too long
    "57P03": server.UNREACHABLE,  # starting up or shutting down
    "53300": server.CROWDED,
    "53100": server.NO_ROOM,
    "53": server.NO_MEMORY,
    "55P03": server.LOCKED,
    "57014": server.TOO_SLOW,
    "40P01": server.DEADLOCK,
    "40": server.CONFLICT,
    "23503": server.REFERENCE,
    "23001": server.REFERENCE,
    "23505": server.TWICE,
    "23502": server.NOT_NULL,
    "23": server.CHECK,
    "42P01": server.NO_TABLE,
    "42703": server.NO_COLUMN,
    "42601": server.SYNTAX,
    "42883": server.VALUE,  # no operator for these types
    "42804": server.VALUE,
    "22": server.VALUE,
    "XX": server.DAMAGED,
    "58": server.DAMAGED,
}


class PostgreSQL:
    """PostgreSQL 15 and later."""

    def engine(self, url: URL, access: Access) -> Engine:
        engine = server.make(
            url.set(drivername="postgresql+psycopg"),
            {
                "application_name": "retention",
                "connect_timeout": server.CONNECT_SECONDS,
                # A cutoff splits a table differently every night: no plan is kept from one set of parameters to the next.
                "prepare_threshold": None,
            },
        )
        settings = {
            "timezone": "UTC",
            "lock_timeout": str(max(1, round(access.lock_seconds * 1000))),
            "statement_timeout": str(round((access.statement_seconds or 0) * 1000)),
            "jit": "off",  # compiling a verdict takes longer than a batch
            # A reader sees one moment, as SQLite shows it; a writer sees what was committed before each of its statements.
            "default_transaction_isolation": "repeatable read" if access.readonly else "read committed",
            "default_transaction_read_only": "on" if access.readonly else "off",
        }
        query = "SELECT " + ", ".join(["set_config(%s, %s, false)"] * len(settings))
        values = [part for setting in settings.items() for part in setting]

        @event.listens_for(engine, "connect", insert=True)  # before SQLAlchemy asks for the isolation level
        def _configure(connection: Any, _record: Any) -> None:
            connection.autocommit = True  # else a rollback would take the settings back
            connection.execute(query, values)
            connection.autocommit = False

        return engine

    def failure(self, error: BaseException) -> Failure | None:
        state = getattr(error, "sqlstate", None)
        if state is None:  # the driver speaks for itself: no server answered, or it answered before a session began
            return _unconnected(str(error).lower()) if type(error).__name__ in _CONNECTION_ERRORS else None
        return _FAILURES.get(state) or _FAILURES.get(state[:2])

    def readable(self, column: ColumnElement[Any], kind: AnchorType) -> ColumnElement[bool]:
        """The type of the column has seen to it."""
        return true()

    def month_start(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.date_trunc("month", column)


_CONNECTION_ERRORS = {"OperationalError", "ConnectionTimeout", "InterfaceError"}


def _unconnected(text: str) -> Failure:
    """libpq gives no code for what goes wrong before a session exists, only the server's words."""
    if "password" in text or "authentication" in text or "pg_hba" in text:
        return server.AUTHENTICATION
    if "role" in text and "does not exist" in text:
        return server.AUTHENTICATION
    if "database" in text and "does not exist" in text:
        return server.MISSING
    if "too many" in text:
        return server.CROWDED
    return server.LOST if "closed" in text or "lost" in text else server.UNREACHABLE
