"""Where a population's table lies. One of a `schema` of its own lies apart from the store's other tables, with its own access.

| database | `schema: archive` of a store is | because |
|---|---|---|
| PostgreSQL | schema `archive` of the store's database | a schema has rights of its own |
| MariaDB | database `<store's database>_archive` of the same server | a copy of a store must not write into another's archive |
| SQLite | file `<store's file>.archive.db` beside it, attached | a file has rights of its own |

Declarations and queries say `archive.invoices` whatever the database is; `placed` puts the name in that the database knows.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import sqlglot
from sqlalchemy import TableClause, make_url
from sqlalchemy import column as sql_column
from sqlalchemy import table as sql_table
from sqlglot.tokens import TokenType

from retention.declare.mapped import MappedStore
from retention.declare.stores import Population


def table_of(population: Population, *columns: Any) -> TableClause:
    """The population's table with these columns."""
    made = (sql_column(column) if isinstance(column, str) else column for column in columns)
    return sql_table(population.table, *made, schema=population.schema_name)


def schema_in(url: str, schema: str) -> str:
    """What the database at `url` calls a schema of the declaration."""
    parsed = make_url(url)
    return f"{parsed.database}_{schema}" if parsed.get_backend_name() in ("mariadb", "mysql") else schema


def placed(store: MappedStore, url: str) -> MappedStore:
    """The store with the names of its schemas as the database at `url` knows them."""
    names = {schema: schema_in(url, schema) for schema in store.declared.schemas}
    if all(name == schema for schema, name in names.items()):
        return store
    populations = tuple(
        population.model_copy(update={"schema_name": names.get(str(population.schema_name))})
        for population in store.declared.populations
    )
    technical = {_renamed(table, names): why for table, why in store.declared.technical_tables.items()}
    declared = store.declared.model_copy(update={"populations": populations, "technical_tables": technical})
    apart = {p.full_table: names[p.schema_name] for p in store.declared.populations if p.schema_name is not None}
    return replace(store, declared=declared, queries={name: _moved(sql, apart) for name, sql in store.queries.items()})


def _renamed(table: str, names: dict[str, str]) -> str:
    schema, dot, name = table.partition(".")
    return f"{names[schema]}.{name}" if dot and schema in names else table


def _moved(sql: str, names: dict[str, str]) -> str:
    """A query with the schemas of these tables renamed; everything else stands as it was written."""
    tokens = sqlglot.tokenize(sql, read="sqlite")
    for schema, dot, table in reversed(list(zip(tokens, tokens[1:], tokens[2:], strict=False))):
        name = names.get(f"{schema.text}.{table.text}") if dot.token_type is TokenType.DOT else None
        if name is not None:
            sql = f'{sql[: schema.start]}"{name.replace(chr(34), chr(34) * 2)}"{sql[schema.end + 1 :]}'
    return sql
