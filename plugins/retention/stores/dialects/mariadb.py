"""MariaDB 10.11 and later, through PyMySQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    CursorResult,
    Engine,
    Select,
    String,
    TextClause,
    bindparam,
    event,
    func,
    literal_column,
    text,
)
from sqlalchemy.engine import URL

from retention.declare.stores import AnchorType
from retention.errors import Transient
from retention.stores.dialects import server
from retention.stores.dialects.base import Access, Failure, Schema, TableFacts, Value

if TYPE_CHECKING:
    from retention.stores.dialects.base import Integers

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
            "max_recursive_iterations": "4294967295",  # else a search through a long text ends early, and finds nothing
            "group_concat_max_len": "1073741824",  # what is longer would be cut off
            "max_statement_time": f"{access.statement_seconds or 0:.3f}",
            # A worker that stands still in mid-batch must not hold the store for as long as it likes.
            "idle_transaction_timeout": str(ceil(access.statement_seconds or 0)),
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

    @contextmanager
    def alone(self, connection: Connection) -> Iterator[None]:
        """A lock by name, for making a table ends a transaction here. Waits as long as for a lock on a row."""
        name = "CONCAT('retention:', DATABASE())"
        got = connection.execute(text(f"SELECT GET_LOCK({name}, @@SESSION.innodb_lock_wait_timeout)")).scalar()
        if got != 1:
            raise Transient("another program has been making tables for too long", mend="let it finish, then run again")
        try:
            yield
        finally:
            connection.execute(text(f"SELECT RELEASE_LOCK({name})"))

    def read_schema(self, connection: Connection, schemas: tuple[str, ...]) -> Schema:
        schema: Schema = {}
        these = {"schemas": [connection.execute(text("SELECT DATABASE()")).scalar_one(), *schemas]}
        keys = list(connection.execute(_FOREIGN_KEYS, these).mappings())
        triggers = connection.execute(_TRIGGERS, these).all()
        columns: dict[str, dict[str, dict[str, Any]]] = {}
        primary: dict[str, list[str]] = {}
        for row in connection.execute(_COLUMNS, these).mappings():
            facts = {"type": row["type"], "nullable": bool(row["nullable"])} | ({"generated": True} if row["generated"] else {})
            columns.setdefault(row["table"], {})[row["column"]] = facts
        for table, column in connection.execute(_PRIMARY_KEYS, these):
            primary.setdefault(table, []).append(column)
        for table, kind, engine in connection.execute(_TABLES, these):
            schema[table] = TableFacts(
                columns=columns.get(table, {}),
                primary_key=tuple(primary.get(table, ())),
                foreign_keys=tuple(
                    sorted((k["columns"], k["referred"], k["action"]) for k in keys if k["here"] and k["table"] == table)
                ),
                triggers=tuple(sorted(name for about, name in triggers if about == table)),
                unfit=(
                    *([(_HISTORY.format(table=table), _KEEP_NONE)] if kind == "SYSTEM VERSIONED" else []),
                    *([(_ENGINE.format(table=table), _CONVERT)] if engine != "InnoDB" else []),
                    *sorted(
                        (f"{k['table']}.{k['columns']} of another database refers to {table}", server.OTHER_SCHEMA)
                        for k in keys
                        if not k["here"] and k["referred"] == table
                    ),
                ),
            )
        return schema

    def values(self, result: CursorResult[Any]) -> dict[str, Value]:
        return {column[0]: _VALUES.get(column[1], "other") for column in server.description(result)}

    def readable(self, column: ColumnElement[Any], kind: AnchorType) -> ColumnElement[bool]:
        """The type has seen to it, but for the zero dates and days out of the month that laxer modes let in."""
        # Comparing is all that may be done: in a DELETE a function would raise an error over such a date.
        return column.between(literal_column("'0001-01-01'"), literal_column("'9999-12-31 23:59:59.999999'"))

    def month_start(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.timestamp(func.date_format(column, "%Y-%m-01"))

    def apart(self, query: Select[Any]) -> Select[Any]:
        return query

    def packed(self, key: ColumnElement[Any]) -> ColumnElement[Any]:
        """Text; the session allows as much of it as a packet holds."""
        return func.group_concat(key, type_=String)

    def unpacked(self, value: Any) -> Integers:
        import numpy as np

        return np.fromstring(value, dtype=np.int64, sep=",") if value else np.zeros(0, dtype=np.int64)


_VALUES: dict[int, Value] = {
    **dict.fromkeys((1, 2, 3, 8, 9), "integer"),
    **dict.fromkeys((15, 249, 250, 251, 252, 253, 254), "text"),
    **dict.fromkeys((10, 14), "date"),
    12: "instant",
    7: "absolute",
    6: "null",
}
_HISTORY = "{table} is system versioned: the database keeps every row that is deleted from it"
_KEEP_NONE = "drop the system versioning, or keep the history elsewhere under a rule of its own"
_ENGINE = "{table} is not an InnoDB table: what is deleted there cannot be taken back together with its receipt"
_CONVERT = "ALTER TABLE ... ENGINE=InnoDB"
_NAME = "CONCAT(IF({s} = DATABASE(), '', CONCAT({s}, '.')), {t})".format  # a table of another database goes by both names


def _about(query: str) -> TextClause:
    return text(query).bindparams(bindparam("schemas", expanding=True))


_TABLES = _about(f"""
    SELECT {_NAME(s="table_schema", t="table_name")}, table_type, engine FROM information_schema.tables
     WHERE table_schema IN :schemas AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY 1
""")  # noqa: S608 - names of our own
_COLUMNS = _about(f"""
    SELECT {_NAME(s="table_schema", t="table_name")} AS "table", column_name AS "column",
           CONCAT(column_type, COALESCE(CONCAT(' COLLATE ', collation_name), '')) AS type,
           is_nullable = 'YES' AS nullable, is_generated = 'ALWAYS' AS generated
      FROM information_schema.columns WHERE table_schema IN :schemas ORDER BY 1, ordinal_position
""")  # noqa: S608 - names of our own
_PRIMARY_KEYS = _about(f"""
    SELECT {_NAME(s="table_schema", t="table_name")}, column_name FROM information_schema.key_column_usage
     WHERE table_schema IN :schemas AND constraint_name = 'PRIMARY' ORDER BY 1, ordinal_position
""")  # noqa: S608 - names of our own
_FOREIGN_KEYS = _about(f"""
    SELECT k.table_schema IN :schemas AS here, r.delete_rule AS action,
           {_NAME(s="k.referenced_table_schema", t="k.referenced_table_name")} AS referred,
           {_NAME(s="k.table_schema", t="k.table_name")} AS "table",
           GROUP_CONCAT(k.column_name ORDER BY k.ordinal_position) AS columns
      FROM information_schema.key_column_usage k
      JOIN information_schema.referential_constraints r
        ON r.constraint_schema = k.constraint_schema AND r.constraint_name = k.constraint_name AND r.table_name = k.table_name
     WHERE k.referenced_table_name IS NOT NULL AND (k.table_schema IN :schemas OR k.referenced_table_schema IN :schemas)
     GROUP BY k.table_schema, k.table_name, k.constraint_name, k.referenced_table_schema, k.referenced_table_name, r.delete_rule
""")  # noqa: S608 - names of our own
_TRIGGERS = _about(f"""
    SELECT {_NAME(s="event_object_schema", t="event_object_table")}, trigger_name FROM information_schema.triggers
     WHERE event_object_schema IN :schemas
""")  # noqa: S608 - names of our own
