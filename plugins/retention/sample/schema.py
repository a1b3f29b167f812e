"""The one schema of a store, as each kind of database understands it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import sqlglot
from sqlglot import exp

from retention.errors import StoreError

SCHEMAS = Path(__file__).resolve().parents[3] / "include" / "sql"
_WRITTEN = {"postgresql": "postgres", "mariadb": "mysql", "mysql": "mysql"}  # sqlglot's names
# Two words that differ by case are two words.
_MARIADB_TABLE = " ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin"

Temporal = Literal["instant", "date"]


@dataclass(frozen=True)
class Schema:
    """Statements in the order in which they run, and the columns (by table and name) that hold an instant or a date."""

    tables: tuple[str, ...]
    indexes: tuple[str, ...]
    temporal: Mapping[str, Mapping[str, Temporal]]
    names: Mapping[str, str]  # of each table, with that of the schema it lies apart in
    schemas: tuple[str, ...]  # what has to be made first: schemas of PostgreSQL, databases of MariaDB, files to be attached


def store_schema(store: str, dialect: str, database: str = "") -> Schema:
    """The schema of a shipped store for a database that SQLAlchemy calls `dialect`, of this name on a server."""
    return read_schema((SCHEMAS / store / "schema.sql").read_text(encoding="utf-8"), dialect, database)


def read_schema(text: str, dialect: str, database: str = "") -> Schema:
    """Tables and indexes of a schema written for SQLite. Raises StoreError where it holds anything else."""
    statements = [one for one in sqlglot.parse(text, read="sqlite") if one is not None and not isinstance(one, exp.Semicolon)]
    kinds = {kind: [one for one in statements if one.args.get("kind") == kind] for kind in ("TABLE", "INDEX")}
    if sum(map(len, kinds.values())) != len(statements):
        raise StoreError("a schema holds more than tables and indexes", mend="teach the sample to run the rest")
    places = {table.db for one in statements for table in one.find_all(exp.Table) if table.db}
    there = {schema: f"{database}_{schema}" if dialect in ("mariadb", "mysql") else schema for schema in sorted(places)}
    for table in (table for one in statements for table in one.find_all(exp.Table) if table.db):
        table.set("db", exp.to_identifier(there[table.db]))
    return Schema(
        tuple(_table(one, dialect) for one in kinds["TABLE"]),
        tuple(_index(one, dialect) for one in kinds["INDEX"]),
        {one.this.this.name: _temporal(one) for one in kinds["TABLE"]},
        {table.name: ".".join(part.name for part in table.parts) for table in (one.this.this for one in kinds["TABLE"])},
        tuple(there.values()),
    )


def _index(statement: exp.Expression, dialect: str) -> str:
    """Plain enough to be read alike everywhere; sqlglot would add what this database takes NULLs for.

    SQLite alone says with the index, and not with the table, in which file both lie.
    """
    plain = statement.copy()
    table = plain.find(exp.Table)
    schema = table.db if table is not None and dialect == "sqlite" else ""
    if table is not None and schema:
        table.set("db", None)
    text = str(plain.sql(dialect="sqlite", comments=False))
    return text.replace("CREATE INDEX ", f"CREATE INDEX {schema}.", 1) if schema else text


def _table(statement: exp.Expression, dialect: str) -> str:
    if dialect == "sqlite":
        return str(statement.sql(dialect="sqlite", comments=False))
    typed = statement.copy()
    for column in typed.find_all(exp.ColumnDef):
        if column.find(exp.PrimaryKeyColumnConstraint, exp.Reference) and column.kind.is_type("int"):
            column.set("kind", exp.DataType.build("bigint"))
    text = str(typed.sql(dialect=_WRITTEN[dialect], identify=True, comments=False))
    return text if dialect == "postgresql" else text + _MARIADB_TABLE


def _temporal(statement: exp.Expression) -> dict[str, Temporal]:
    found: dict[str, Temporal] = {}
    for column in statement.find_all(exp.ColumnDef):
        if column.kind.is_type("timestamp", "datetime"):
            found[column.name] = "instant"
        elif column.kind.is_type("date"):
            found[column.name] = "date"
    return found
