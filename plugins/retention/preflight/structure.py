"""How a store is built: what makes disposal slow beyond bearing, or lets it miss rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy import Connection, inspect, text
from sqlglot import exp

from retention.declare.mapped import MappedStore
from retention.declare.stores import Population
from retention.preflight.findings import Finding, refuse, warn
from retention.resolve import Asked
from retention.stores.inspect import Schema
from retention.stores.query import statement_of

Index = tuple[str | None, ...]  # its columns in order; None where it is over an expression


def check_structure(connection: Connection, store: MappedStore, schema: Schema, asked: dict[str, Asked]) -> list[Finding]:
    """Findings about indexes, foreign keys, partitions and collations of the declared tables."""
    indexes = {table: read_indexes(connection, *_apart(store, table)) for table in schema}
    findings = [*_references(schema, indexes)]
    for population in store.declared.populations:
        if population.full_table in schema:
            findings += _anchors(store, population, asked[population.name], indexes[population.full_table])
    if connection.dialect.name == "postgresql":
        findings += _partitions(connection, store, asked)
    if connection.dialect.name in ("mariadb", "mysql"):
        findings += _collations(connection, store)
    return findings


# indexes


def _apart(store: MappedStore, name: str) -> tuple[str | None, str]:
    """The schema a table lies apart in, if it does, and its own name."""
    schema = next((schema for schema in store.declared.schemas if name.startswith(f"{schema}.")), None)
    return (schema, name.removeprefix(f"{schema}.")) if schema else (None, name)


def read_indexes(connection: Connection, schema: str | None, table: str) -> list[Index]:
    """The indexes of a table that every row is in and that a search may use."""
    if connection.dialect.name == "postgresql":
        these = {"table": table, "schema": schema}
        return [tuple(row[0]) for row in connection.execute(text(_POSTGRESQL_INDEXES), these)]
    inspector = inspect(connection)
    found: list[Index] = [tuple(inspector.get_pk_constraint(table, schema)["constrained_columns"])]
    found += [tuple(unique["column_names"]) for unique in inspector.get_unique_constraints(table, schema)]
    for index in inspector.get_indexes(table, schema):
        if not any(name.endswith("_where") for name in index.get("dialect_options", {})):
            found.append(tuple(index["column_names"]))
    return found


_POSTGRESQL_INDEXES = """
SELECT array_agg(CAST(a.attname AS text) ORDER BY k.place)
FROM pg_index AS i
CROSS JOIN unnest(CAST(i.indkey AS int2[])) WITH ORDINALITY AS k (number, place)
LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = k.number AND k.number > 0
JOIN pg_class AS c ON c.oid = i.indrelid
WHERE c.relname = :table AND c.relnamespace = to_regnamespace(quote_ident(coalesce(:schema, current_schema())))
AND i.indisvalid AND i.indpred IS NULL AND k.place <= i.indnkeyatts
GROUP BY i.indexrelid
"""


def _begins_with(indexes: Iterable[Index], columns: Sequence[str]) -> bool:
    return any(set(index[: len(columns)]) == set(columns) for index in indexes)


def _references(schema: Schema, indexes: dict[str, list[Index]]) -> Iterator[Finding]:
    for table, facts in schema.items():
        for columns, referred, _ in facts.foreign_keys:
            if not _begins_with(indexes[table], columns.split(",")):
                yield refuse(
                    f"foreign key {table}.{columns} has no index: each row of {referred} that goes costs a reading of {table}",
                    f"create an index on {table} ({columns})",
                )
        for columns in facts.unchecked:
            yield warn(
                f"foreign key {table}.{columns} was never checked against the rows that were there before it",
                f"ALTER TABLE {table} VALIDATE CONSTRAINT ...; rows without a parent are quarantined",
            )


def _anchors(store: MappedStore, population: Population, asked: Asked, indexes: list[Index]) -> Iterator[Finding]:
    columns = anchor_columns(store.queries[population.name], population)
    for name in sorted({term.anchor for term in asked.terms if not term.awaited and not term.on_fact}):
        column, table = columns.get(name), population.full_table
        if column is not None and not _begins_with(indexes, [column]):
            yield warn(
                f"no index begins with {table}.{column}, which rules run from ({name}): nights read the whole table",
                f"create an index on {table} ({column})",
            )


def anchor_columns(query: str, population: Population) -> dict[str, str]:
    """The table's column behind each anchor; an anchor that is computed, or comes from another table, has none."""
    parsed = statement_of(query)
    source = parsed.find(exp.From)
    aliases = {source.this.alias_or_name, ""} if source is not None and source.this.name == population.table else {""}
    found = {}
    for projection in parsed.selects:
        inner = projection.unalias()
        if isinstance(inner, exp.Column) and inner.table in aliases and projection.alias_or_name in population.anchors:
            found[projection.alias_or_name] = inner.name
    return found


# PostgreSQL

_PARTITIONED = """
SELECT c.relname, p.partdefid <> 0 AS has_default, pg_has_role(c.relowner, 'USAGE') AS owned,
       CAST(p.partstrat AS text) AS strategy,
       (SELECT string_agg(CAST(a.attname AS text), ',') FROM pg_attribute AS a
        WHERE a.attrelid = c.oid AND a.attnum = ANY(CAST(p.partattrs AS int2[]))) AS columns
FROM pg_partitioned_table AS p JOIN pg_class AS c ON c.oid = p.partrelid
WHERE c.relnamespace = CAST(current_schema() AS regnamespace)
"""
_PENDING = """
SELECT parent.relname, part.relname
FROM pg_inherits AS i
JOIN pg_class AS parent ON parent.oid = i.inhparent
JOIN pg_class AS part ON part.oid = i.inhrelid
WHERE i.inhdetachpending AND parent.relnamespace = CAST(current_schema() AS regnamespace)
"""
_OURS = "SELECT to_regclass('retention_detached') IS NOT NULL"
_NOT_OURS = " AND NOT EXISTS (SELECT FROM retention_detached AS d WHERE CAST(d.relation AS oid) = i.inhrelid)"


def _partitions(connection: Connection, store: MappedStore, asked: dict[str, Asked]) -> Iterator[Finding]:
    mapped = {population.table: population for population in store.declared.populations if population.schema_name is None}
    noted = connection.execute(text(_OURS)).scalar_one()  # what a killed worker of ours left half done, the next goes on with
    for table, part in connection.execute(text(_PENDING + _NOT_OURS if noted else _PENDING)):
        yield refuse(
            f"partition {part} of {table} is half detached: its rows are not disposed of, and no other can be detached",
            f"ALTER TABLE {table} DETACH PARTITION {part} FINALIZE, then dispose of it or attach it again",
        )
    for table, has_default, owned, strategy, columns in connection.execute(text(_PARTITIONED)):
        population = mapped.get(table)
        if population is None:
            continue
        if has_default:
            yield warn(
                f"table {table} has a default partition: no partition of it can be detached while others read and write",
                "move its rows to partitions of their own and drop it; until then rows go one by one",
            )
        if not owned:
            yield warn(
                f"table {table} is in partitions and does not belong to this user: none of them can be detached and dropped",
                "let the user be a member of the role that owns it; until then rows go one by one",
            )
        anchors = anchor_columns(store.queries[population.name], population)
        asked_of = {anchors.get(term.anchor) for term in asked[population.name].terms}
        if strategy != "r" or columns not in asked_of:
            yield warn(
                f"table {table} is not partitioned by the range of an anchor: a partition mixes rows of different due dates",
                "partition it by the range of the column that its rules run from; until then rows go one by one",
            )


# MariaDB

_LENIENT = """
SELECT column_name, collation_name FROM information_schema.columns
WHERE table_schema = coalesce(:schema, database()) AND table_name = :table AND collation_name NOT LIKE '%\\_bin'
"""


def _collations(connection: Connection, store: MappedStore) -> Iterator[Finding]:
    for population in store.declared.populations:
        table = population.full_table
        said = {name: "a state misspelt in case passes as declared" for name in _state_columns(store.queries[population.name])}
        said[population.key] = "keys that differ in case only are one"
        for column, collation in connection.execute(
            text(_LENIENT), {"table": population.table, "schema": population.schema_name}
        ):
            if column in said:
                yield warn(
                    f"{table}.{column} has the collation {collation}: {said[column]}",
                    f"ALTER TABLE {table} MODIFY {column} ... COLLATE utf8mb4_bin",
                )


def _state_columns(query: str) -> set[str]:
    """The columns from which the query makes a row's state."""
    parsed = statement_of(query)
    return {
        column.name
        for projection in parsed.selects
        if projection.alias_or_name == "state"
        for column in projection.find_all(exp.Column)
    }
