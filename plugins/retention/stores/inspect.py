"""What a store really looks like, held against its declaration. Whatever nobody declared stops the run."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, inspect, select
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table

from retention.declare.mapped import MappedStore
from retention.declare.stores import Population
from retention.errors import StoreError
from retention.resolve import Asked
from retention.stores import tables


@dataclass(frozen=True)
class TableFacts:
    """A table as the database describes it."""

    columns: dict[str, dict[str, Any]]  # name -> type, nullable
    primary_key: tuple[str, ...]
    foreign_keys: tuple[tuple[str, str, str], ...]  # column, referred table, ON DELETE action
    triggers: tuple[str, ...] = ()


Schema = dict[str, TableFacts]


def read_schema(connection: Connection) -> Schema:
    """Every table of the store but our own."""
    inspector = inspect(connection)
    triggers = _triggers(connection)
    schema: Schema = {}
    for table in sorted(set(inspector.get_table_names()) - tables.OURS):
        schema[table] = TableFacts(
            columns={
                c["name"]: {"type": str(c["type"]), "nullable": bool(c["nullable"])} for c in inspector.get_columns(table)
            },
            primary_key=tuple(inspector.get_pk_constraint(table)["constrained_columns"]),
            foreign_keys=_foreign_keys(connection, table),
            triggers=tuple(found for name, found in triggers if name == table),
        )
    return schema


def _foreign_keys(connection: Connection, table: str) -> tuple[tuple[str, str, str], ...]:
    """From SQLite's own catalogue: reflection there knows no action of a REFERENCES behind a column."""
    if connection.dialect.name == "sqlite":
        listed = func.pragma_foreign_key_list(table).table_valued("id", "seq", "table", "from", "to", "on_update", "on_delete")
        keys: dict[int, tuple[list[str], str, str]] = {}
        for key in connection.execute(select(listed).order_by(listed.c.id, listed.c.seq)).mappings():
            keys.setdefault(key["id"], ([], key["table"], key["on_delete"]))[0].append(key["from"])
        return tuple(sorted((",".join(columns), referred, action) for columns, referred, action in keys.values()))
    return tuple(
        sorted(
            (",".join(k["constrained_columns"]), k["referred_table"], str(k.get("options", {}).get("ondelete") or ""))
            for k in inspect(connection).get_foreign_keys(table)
        )
    )


def _triggers(connection: Connection) -> list[tuple[str, str]]:
    """Table and name of every trigger."""
    if connection.dialect.name != "sqlite":
        return []
    catalogue = sql_table("sqlite_master", sql_column("type"), sql_column("name"), sql_column("tbl_name"))
    query = select(catalogue.c.tbl_name, catalogue.c.name).where(catalogue.c.type == "trigger").order_by(catalogue.c.name)
    return [(str(table), str(name)) for table, name in connection.execute(query)]


def fingerprint(schema: Schema) -> str:
    """SHA-256 over names, types, keys and references: what a plan is bound to."""
    plain = {name: [f.columns, f.primary_key, f.foreign_keys, f.triggers] for name, f in schema.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def check_schema(store: MappedStore, schema: Schema, asked: dict[str, Asked]) -> None:
    """Raises StoreError for the first difference between a store and its declaration, and says how many more there are."""
    problems = [*_tables(store, schema)]
    for population in store.declared.populations:
        if population.table in schema:
            problems += _columns(store, population, schema[population.table])
            problems += _keys(store, population, schema[population.table])
            problems += _undeclared_triggers(store, schema[population.table])
            problems += _blanks(asked[population.name], schema[population.table])
    if problems:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        message, mend = problems[0]
        raise StoreError(f"store {store.name}: {message}{more}", file=store.source.path, mend=mend)


Problem = tuple[str, str]


def _tables(store: MappedStore, schema: Schema) -> list[Problem]:
    declared = {population.table for population in store.declared.populations}
    known = declared | set(store.declared.technical_tables)
    problems = [
        (f"table {t} does not exist", "correct the mapping, or restore the table") for t in sorted(declared - set(schema))
    ]
    problems += [
        (
            f"table {t} is not declared: nobody has said what personal data it holds or how long it may be kept",
            "map it as a population, or list it under `technical_tables` with the reason why it holds no personal data",
        )
        for t in sorted(set(schema) - known)
    ]
    return problems


def _columns(store: MappedStore, population: Population, facts: TableFacts) -> list[Problem]:
    declared, real = set(population.columns), set(facts.columns)
    return [
        *(
            (
                f"column {population.table}.{name} is not declared",
                f"say under `columns` of population {population.name} which data element it holds",
            )
            for name in sorted(real - declared)
        ),
        *(
            (f"column {population.table}.{name} does not exist", "correct the mapping, or restore the column")
            for name in sorted(declared - real)
        ),
    ]


def _keys(store: MappedStore, population: Population, facts: TableFacts) -> list[Problem]:
    problems: list[Problem] = []
    if facts.primary_key != (population.key,):
        real = ", ".join(facts.primary_key) or "none"
        problems.append(
            (
                f"the primary key of {population.table} is {real}, not {population.key}",
                "declare the table's single-column primary key as `key`",
            )
        )
    parent = population.parent
    parent_table = store.declared.population(parent.population).table if parent else None
    for column, referred, on_delete in facts.foreign_keys:
        if parent is None or (column, referred) != (parent.column, parent_table):
            problems.append(
                (
                    f"{population.table}.{column} refers to {referred}, which the mapping does not say",
                    f"declare it as `parent` of population {population.name}",
                )
            )
        if on_delete.upper() in ("CASCADE", "SET NULL", "SET DEFAULT"):
            problems.append(
                (
                    f"foreign key {population.table}.{column} is ON DELETE {on_delete.upper()}: rows would go without receipt",
                    "drop the action from the constraint: disposal goes children first and leaves a receipt for each",
                )
            )
    return problems


def _undeclared_triggers(store: MappedStore, facts: TableFacts) -> list[Problem]:
    return [
        (
            f"trigger {name} is not declared: it could copy elsewhere what is disposed of here",
            "drop it, or list it under `triggers` with what it does",
        )
        for name in facts.triggers
        if name not in store.declared.triggers
    ]


def _blanks(asked: Asked, facts: TableFacts) -> list[Problem]:
    population, problems = asked.population, []
    for name in sorted({column for term in asked.terms if not term.awaited for column in term.blanked}):
        column = facts.columns.get(name)
        if column is not None and not column["nullable"] and population.columns[name].blank == "null":
            problems.append(
                (
                    f"column {population.table}.{name} would be blanked with NULL, which the table forbids",
                    "declare a `blank` of empty, zero or month for it, or make it nullable",
                )
            )
    return problems
