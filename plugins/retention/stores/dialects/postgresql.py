"""PostgreSQL 15 and later, through psycopg 3."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from functools import cache
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    CursorResult,
    Engine,
    LargeBinary,
    Select,
    cast,
    event,
    func,
    literal_column,
    text,
)
from sqlalchemy.engine import URL

from retention.declare.stores import AnchorType
from retention.stores.dialects import server
from retention.stores.dialects.base import Access, Failure, Schema, TableFacts, Value

if TYPE_CHECKING:
    from psycopg.adapt import Loader

    from retention.stores.dialects.base import Integers

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
    "42P22": server.VALUE,  # collations that cannot be compared
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
            # A worker that stands still in mid-batch must not hold the store for as long as it likes.
            "idle_in_transaction_session_timeout": str(round((access.statement_seconds or 0) * 1000)),
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
            for name, loader in _lenient_loaders().items():
                connection.adapters.register_loader(name, loader)

        return engine

    def failure(self, error: BaseException) -> Failure | None:
        state = getattr(error, "sqlstate", None)
        if state is None:  # the driver speaks for itself: no server answered, or it answered before a session began
            return _unconnected(str(error).lower()) if type(error).__name__ in _CONNECTION_ERRORS else None
        return _FAILURES.get(state) or _FAILURES.get(state[:2])

    def alone(self, connection: Connection) -> AbstractContextManager[None]:
        """Until the transaction ends."""
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('retention'))"))
        return nullcontext()

    def read_schema(self, connection: Connection, schemas: tuple[str, ...]) -> Schema:
        schema: Schema = {}
        these = {"schemas": list(schemas)}
        keys = list(connection.execute(_FOREIGN_KEYS, these).mappings())
        triggers = connection.execute(_TRIGGERS, these).all()
        columns: dict[str, dict[str, dict[str, Any]]] = {}
        for row in connection.execute(_COLUMNS, these).mappings():
            facts = {"type": row["type"], "nullable": row["nullable"]} | ({"generated": True} if row["generated"] else {})
            columns.setdefault(row["table"], {})[row["column"]] = facts
        for table, primary_key, hidden, partitioned_by in connection.execute(_TABLES, these):
            own = [key for key in keys if key["here"] and key["table"] == table]
            schema[table] = TableFacts(
                columns=columns.get(table, {}),
                primary_key=tuple(primary_key or ()),
                foreign_keys=tuple(sorted({(key["columns"], key["referred"], _ACTIONS[key["action"]]) for key in own})),
                triggers=tuple(sorted(name for about, name in triggers if about == table)),
                unchecked=tuple(sorted({key["columns"] for key in own if not key["validated"]})),
                partitioned_by=tuple(partitioned_by or ()),
                unfit=(
                    *((_HIDDEN.format(table=table), _SHOW) for _ in range(int(hidden))),
                    *sorted(
                        (f"{key['table']}.{key['columns']} of another schema refers to {table}", server.OTHER_SCHEMA)
                        for key in keys
                        if not key["here"] and key["referred"] == table
                    ),
                ),
            )
        return schema

    def values(self, result: CursorResult[Any]) -> dict[str, Value]:
        return {column[0]: _VALUES.get(column[1], "other") for column in server.description(result)}

    def readable(self, column: ColumnElement[Any], kind: AnchorType) -> ColumnElement[bool]:
        """The type has seen to it, but for infinity and for years that no calendar here reaches."""
        end = "'9999-12-31'" if kind == "date" else "'9999-12-31 23:59:59.999999'"
        return column.between(literal_column("'0001-01-01'"), literal_column(end))

    def month_start(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        return func.date_trunc("month", column)

    def apart(self, query: Select[Any]) -> Select[Any]:
        """Evaluated before what is around it, which takes the groups it makes to be few, as they are, and works in parallel.

        Else it reckons with as many groups as the columns beneath have values, in one process.
        """
        return query.offset(literal_column("'0'"))

    def packed(self, key: ColumnElement[Any]) -> ColumnElement[Any]:
        """Eight bytes a key."""
        return func.string_agg(func.int8send(cast(key, BigInteger)), literal_column("''::bytea"), type_=LargeBinary)

    def unpacked(self, value: Any) -> Integers:
        import numpy as np

        return np.frombuffer(value or b"", dtype=">i8").astype(np.int64)


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


@cache
def _lenient_loaders() -> dict[str, type[Loader]]:
    """They load dates as the driver does, and those that Python has no number for (infinity, BC) as absent."""
    from psycopg import DataError
    from psycopg.types.datetime import DateLoader, TimestampLoader, TimestamptzLoader

    def lenient(strict: type[Loader]) -> type[Loader]:
        class Lenient(strict):  # type: ignore[misc, valid-type]
            def load(self, data: Any) -> Any:
                try:
                    return super().load(data)
                except DataError:
                    return None

        return Lenient

    loaders: dict[str, Any] = {"date": DateLoader, "timestamp": TimestampLoader, "timestamptz": TimestamptzLoader}
    return {name: lenient(loader) for name, loader in loaders.items()}


_VALUES: dict[int, Value] = {
    **dict.fromkeys((20, 21, 23), "integer"),
    **dict.fromkeys((19, 25, 1042, 1043), "text"),
    2950: "uuid",
    1082: "date",
    1114: "instant",
    1184: "absolute",
}
_ACTIONS = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
_HIDDEN = "row-level security hides rows of {table} from this user: they would outlive the policy unseen"
_SHOW = "give the user BYPASSRLS, or policies that show it every row"

# A table of a schema that lies apart goes by the names of both.
_NAME = "CASE WHEN {n}.nspname = current_schema() THEN '' ELSE {n}.nspname || '.' END || {c}.relname".format
_NAMED = _NAME(n="n", c="c")
_OURS = "({n}.nspname = current_schema() OR {n}.nspname = ANY(CAST(:schemas AS name[])))".format
# Partitions are part of their table: their keys and triggers are taken for the table's own. Materialised views are tables
# here, for they hold copies of rows.
_TABLES = text(f"""
    SELECT {_NAMED},
           (SELECT array_agg(CAST(a.attname AS text) ORDER BY k.place)
              FROM pg_constraint p CROSS JOIN unnest(p.conkey) WITH ORDINALITY AS k (number, place)
              JOIN pg_attribute a ON a.attrelid = p.conrelid AND a.attnum = k.number
             WHERE p.conrelid = c.oid AND p.contype = 'p'),
           row_security_active(c.oid),
           (SELECT array_agg(CAST(a.attname AS text) ORDER BY a.attname)
              FROM pg_partitioned_table s JOIN pg_attribute a
                ON a.attrelid = s.partrelid AND a.attnum = ANY(CAST(s.partattrs AS int2[]))
             WHERE s.partrelid = c.oid)
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE {_OURS(n="n")} AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
     ORDER BY 1
""")  # noqa: S608 - names of our own
_COLUMNS = text(f"""
    SELECT {_NAMED} AS "table", a.attname AS "column", format_type(a.atttypid, a.atttypmod) AS type,
           NOT a.attnotnull AS nullable, a.attgenerated <> '' AS generated
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE {_OURS(n="n")} AND c.relkind IN ('r', 'p', 'm') AND NOT c.relispartition
       AND a.attnum > 0 AND NOT a.attisdropped
     ORDER BY 1, a.attnum
""")  # noqa: S608 - names of our own
_FOREIGN_KEYS = text(f"""
    SELECT {_OURS(n="n")} AS here, f.confdeltype AS action, f.convalidated AS validated,
           {_NAME(n="m", c="r")} AS referred, {_NAMED} AS "table",
           (SELECT string_agg(a.attname, ',' ORDER BY k.place)
              FROM unnest(f.conkey) WITH ORDINALITY AS k (number, place)
              JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = k.number) AS columns
      FROM pg_constraint f
      JOIN pg_class c ON c.oid = COALESCE(pg_partition_root(f.conrelid), f.conrelid)
      JOIN pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_class r ON r.oid = COALESCE(pg_partition_root(f.confrelid), f.confrelid)
      JOIN pg_namespace m ON m.oid = r.relnamespace
     WHERE f.contype = 'f' AND f.conparentid = 0 AND ({_OURS(n="n")} OR {_OURS(n="m")})
""")  # noqa: S608 - names of our own
_TRIGGERS = text(f"""
    SELECT {_NAMED}, t.tgname
      FROM pg_trigger t
      JOIN pg_class c ON c.oid = COALESCE(pg_partition_root(t.tgrelid), t.tgrelid) JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE {_OURS(n="n")} AND NOT t.tgisinternal AND t.tgparentid = 0
     UNION
    SELECT {_NAMED}, r.rulename
      FROM pg_rules r JOIN pg_namespace n ON n.nspname = r.schemaname
      JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = r.tablename
     WHERE {_OURS(n="n")}
""")  # noqa: S608 - names of our own
