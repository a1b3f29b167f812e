"""MariaDB 10.11 and later, through PyMySQL."""

from __future__ import annotations

from math import ceil
from typing import Any

from sqlalchemy import ColumnElement, Engine, event, func, true
from sqlalchemy.engine import URL

from retention.declare.stores import AnchorType
from retention.stores.dialects import server
from retention.stores.dialects.base import Access, Failure

# One plain SQL is read alike everywhere: "x" is a name, || joins text, what does not fit is an error and never cut off.
SQL_MODE = (
    "ANSI_QUOTES,PIPES_AS_CONCAT,NO_BACKSLASH_ESCAPES,STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION"
)

_FAILURES = {
    1044: server.AUTHENTICATION,
    1045: server.AUTHENTICATION,
    1698: server.AUTHENTICATION,
    1049: server.MISSING,
    1142: server.PRIVILEGE,
    1143: server.PRIVILEGE,
    1227: server.PRIVILEGE,
    1290: server.READ_ONLY,
    1792: server.READ_ONLY,
    1836: server.READ_ONLY,
    2003: server.UNREACHABLE,
    2002: server.UNREACHABLE,
    2005: server.UNREACHABLE,
    1053: server.LOST,  # shutting down
    1152: server.LOST,
    1927: server.LOST,  # killed
    2006: server.LOST,
    2013: server.LOST,
    2014: server.LOST,
    2055: server.LOST,
    0: server.LOST,  # the driver's own: the connection is closed
    1040: server.CROWDED,
    1203: server.CROWDED,
    1226: server.CROWDED,
    1021: server.NO_ROOM,
    1114: server.NO_ROOM,
    1037: server.NO_MEMORY,
    1038: server.NO_MEMORY,
    1041: server.NO_MEMORY,
    1206: server.NO_MEMORY,
    1205: server.LOCKED,
    1222: server.LOCKED,
    1969: server.TOO_SLOW,
    3024: server.TOO_SLOW,
    1317: server.TOO_SLOW,
    1213: server.DEADLOCK,
    1020: server.CONFLICT,
    1451: server.REFERENCE,
    1217: server.REFERENCE,
    1062: server.TWICE,
    1048: server.NOT_NULL,
    1364: server.NOT_NULL,
    4025: server.CHECK,
    1452: server.CHECK,
    1216: server.CHECK,
    1146: server.NO_TABLE,
    1109: server.NO_TABLE,
    1054: server.NO_COLUMN,
    1064: server.SYNTAX,
    1264: server.VALUE,
    1265: server.VALUE,
    1292: server.VALUE,
    1366: server.VALUE,
    1406: server.VALUE,
    1267: server.VALUE,  # collations that cannot be compared
    1034: server.DAMAGED,
    1194: server.DAMAGED,
}


class MariaDB:
    """MariaDB 10.11 and later."""

    def engine(self, url: URL, access: Access) -> Engine:
        lock = max(1, ceil(access.lock_seconds))
        # A reader sees one moment, as SQLite shows it; a writer sees what was committed before each of its statements.
        isolation = "repeatable-read" if access.readonly else "read-committed"
        settings = {
            "time_zone": "'+00:00'",
            "tx_isolation": f"'{isolation}'",
            "tx_read_only": "1" if access.readonly else "0",
            "innodb_lock_wait_timeout": str(lock),
            "lock_wait_timeout": str(lock),
            "max_statement_time": f"{access.statement_seconds or 0:.3f}",
        }
        engine = server.make(
            url.set(drivername="mariadb+pymysql"),
            {
                "charset": "utf8mb4",
                "sql_mode": SQL_MODE,  # set on connecting, so that SQLAlchemy finds it when it asks
                "init_command": "SET " + ", ".join(f"SESSION {name} = {value}" for name, value in settings.items()),
                "autocommit": False,
                "connect_timeout": server.CONNECT_SECONDS,
                "program_name": "retention",
            },
        )

        @event.listens_for(engine, "connect")  # SQLAlchemy has said SET NAMES by then, which chooses a collation of its own
        def _configure(connection: Any, _record: Any) -> None:
            with connection.cursor() as cursor:
                cursor.execute("SET SESSION collation_connection = utf8mb4_bin")

        return engine

    def failure(self, error: BaseException) -> Failure | None:
        code = error.args[0] if error.args else None
        return _FAILURES.get(code) if isinstance(code, int) else None

    def readable(self, column: ColumnElement[Any], kind: AnchorType) -> ColumnElement[bool]:
        """The type of the column has seen to it, but for the zero dates that older modes let in."""
        return true()

    def month_start(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.timestamp(func.date_format(column, "%Y-%m-01"))
