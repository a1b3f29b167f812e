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


def store_schema(store: str, dialect: str) -> Schema:
    """The schema of a shipped store for a database that SQLAlchemy calls `dialect`."""
    return read_schema((SCHEMAS / store / "schema.sql").read_text(encoding="utf-8"), dialect)


def read_schema(text: str, dialect: str) -> Schema:
    """Tables and indexes of a schema written for SQLite. Raises StoreError where it holds anything else."""
    statements = [one for one in sqlglot.parse(text, read="sqlite") if one is not None and not isinstance(one, exp.Semicolon)]
    kinds = {kind: [one for one in statements if one.args.get("kind") == kind] for kind in ("TABLE", "INDEX")}
    if sum(map(len, kinds.values())) != len(statements):
        raise StoreError("a schema holds more than tables and indexes", mend="teach the sample to run the rest")
    return Schema(
        tuple(_table(one, dialect) for one in kinds["TABLE"]),
        # Plain enough to be read alike everywhere; sqlglot would add what this database takes NULLs for.
        tuple(one.sql(dialect="sqlite", comments=False) for one in kinds["INDEX"]),
        {one.this.this.name: _temporal(one) for one in kinds["TABLE"]},
    )


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
