"""What a store really looks like, held against its declaration. Whatever nobody declared stops the run."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from sqlalchemy import Connection, select

from retention.declare.mapped import MappedStore
from retention.declare.stores import Parent, Population, Store
from retention.errors import StoreError
from retention.resolve import Asked
from retention.stores import tables
from retention.stores.dialects import Schema, TableFacts, Value, dialect_of
from retention.stores.partitions import detached
from retention.stores.query import population_rows

__all__ = ["Schema", "TableFacts", "check_schema", "check_types", "fingerprint", "read_schema", "sound_populations"]


Problem = tuple[str, str]


def read_schema(connection: Connection, schemas: tuple[str, ...]) -> Schema:
    """Every table of the store but our own, those of `schemas` that lie apart included, as this database calls them.

    A partition that we have detached is still part of its table.
    """
    schema = dialect_of(connection.dialect.name).read_schema(connection, schemas)
    apart = {part for parts in detached(connection).values() for part in parts} if tables.detached.name in schema else set()
    return {table: facts for table, facts in sorted(schema.items()) if table not in tables.OURS | apart}


def fingerprint(schema: Schema, schemas: tuple[str, ...] = ()) -> str:
    """SHA-256 over names, types, keys and references: what a plan is bound to.

    `schemas` that lie apart count by their order: MariaDB calls that of a copied or restored store by another name.
    """

    def named(table: str) -> str:
        apart = next((number for number, schema in enumerate(schemas) if table.startswith(f"{schema}.")), None)
        return table if apart is None else f"{apart}{table.removeprefix(schemas[apart])}"

    plain = {
        named(name): [
            f.columns,
            f.primary_key,
            [(columns, named(referred), action) for columns, referred, action in f.foreign_keys],
            f.triggers,
            *([f.unchecked, f.unfit] if f.unchecked or f.unfit else []),
            *([f.partitioned_by] if f.partitioned_by else []),
        ]
        for name, f in schema.items()
    }
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def sound_populations(connection: Connection, store: MappedStore) -> frozenset[str]:
    """The populations that cannot have lost a parent: PostgreSQL has checked their foreign key, and goes on checking it.

    SQLite checks one only for those who ask, and MariaDB lets an import switch it off: there each row is looked at.
    """
    if connection.dialect.name != "postgresql":
        return frozenset()
    declared, schema = store.declared, read_schema(connection, store.declared.schemas)
    return frozenset(p.name for p in declared.populations if p.parent and _refers(declared, schema.get(p.full_table), p.parent))


def _refers(declared: Store, facts: TableFacts | None, parent: Parent) -> bool:
    above = declared.population(parent.population).full_table
    return (
        facts is not None
        and parent.column not in facts.unchecked
        and any((column, referred) == (parent.column, above) for column, referred, _ in facts.foreign_keys)
    )


def check_schema(store: MappedStore, schema: Schema, asked: dict[str, Asked]) -> None:
    """Raises StoreError for the first difference between a store and its declaration, and says how many more there are."""
    problems = [*_tables(store, schema)]
    for population in store.declared.populations:
        if population.full_table in schema:
            facts = schema[population.full_table]
            problems += _columns(store, population, facts)
            problems += _keys(store, population, facts)
            problems += _undeclared_triggers(store, facts)
            problems += _blanks(asked[population.name], facts)
            problems += facts.unfit
            problems += _archive(store, population, schema)
    _raise_first(store, problems)


def check_types(connection: Connection, store: MappedStore, population: Population) -> None:
    """Raises StoreError where a population query returns what could not be compared, or only after a silent conversion.

    The database says what it returns without reading a row.
    """
    rows = population_rows(population, store.queries[population.name], "typed")
    with connection.execute(select(*rows.c).limit(0)) as result:
        values = dialect_of(connection.dialect.name).values(result)
    problems = (p for column, value in values.items() for p in _type_problems(store, population, column, value))
    _raise_first(store, list(problems))


def _raise_first(store: MappedStore, problems: list[Problem]) -> None:
    if problems:
        more = f" ({len(problems) - 1} more)" if len(problems) > 1 else ""
        message, mend = problems[0]
        raise StoreError(f"store {store.name}: {message}{more}", file=store.source.path, mend=mend)


def _tables(store: MappedStore, schema: Schema) -> list[Problem]:
    declared = {population.full_table for population in store.declared.populations}
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
                f"column {population.full_table}.{name} is not declared",
                f"say under `columns` of population {population.name} which data element it holds",
            )
            for name in sorted(real - declared)
        ),
        *(
            (f"column {population.full_table}.{name} does not exist", "correct the mapping, or restore the column")
            for name in sorted(declared - real)
        ),
    ]


def _keys(store: MappedStore, population: Population, facts: TableFacts) -> list[Problem]:
    problems: list[Problem] = [*_key_type(population, facts)]
    # Where a table is partitioned its primary key must hold the columns that say how. That the key alone is unique is then
    # nobody's promise: it is validated each night, and a batch that meets a key twice is rolled back.
    own = tuple(column for column in facts.primary_key if column == population.key or column not in facts.partitioned_by)
    if len(own) > 1:
        problems.append(
            (
                f"the primary key of {population.table} is composite ({', '.join(facts.primary_key)}): "
                "holds and receipts name a record by one column",
                "give the table a primary key of one column, keep the present one as a unique constraint, and declare the new "
                "one as `key`",
            )
        )
    elif own != (population.key,):
        real = ", ".join(facts.primary_key) or "none"
        problems.append(
            (
                f"the primary key of {population.full_table} is {real}, not {population.key}",
                "declare the table's single-column primary key as `key`",
            )
        )
    parent = population.parent
    parent_table = store.declared.population(parent.population).full_table if parent else None
    for column, referred, on_delete in facts.foreign_keys:
        if parent is None or (column, referred) != (parent.column, parent_table):
            problems.append(
                (
                    f"{population.full_table}.{column} refers to {referred}, which the mapping does not say",
                    f"declare it as `parent` of population {population.name}",
                )
            )
        if on_delete.upper() in ("CASCADE", "SET NULL", "SET DEFAULT"):
            problems.append(
                (
                    f"foreign key {population.full_table}.{column} is ON DELETE {on_delete.upper()}: "
                    "rows would go without receipt",
                    "drop the action from the constraint: disposal goes children first and leaves a receipt for each",
                )
            )
    return problems


def _key_type(population: Population, facts: TableFacts) -> Iterator[Problem]:
    """A key has one text by which holds and receipts name its record, so its type is asked of the table itself."""
    name, kind = f"{population.table}.{population.key}", str(facts.columns.get(population.key, {}).get("type", "")).lower()
    if kind.startswith(("binary", "varbinary")) or kind.endswith("blob") or kind == "bytea":
        yield f"the key {name} holds bytes ({kind})", "convert it to the type uuid, where the database has one, or to text"
    elif kind == "uuid" and population.key_type != "uuid":
        yield f"the key {name} is a UUID, and declared as {population.key_type}", "declare `key_type: uuid`"
    elif kind != "uuid" and population.key_type == "uuid":
        yield (
            f"the key {name} is declared as a UUID and is {kind} to the database, where one may be written in several ways",
            "declare `key_type: text` to take each as it is written, or convert it to the type uuid, where there is one",
        )


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
    for name in asked.blanked:
        column = facts.columns.get(name)
        if column is not None and not column["nullable"] and population.columns[name].blank == "null":
            problems.append(
                (
                    f"column {population.table}.{name} would be blanked with NULL, which the table forbids",
                    "declare a `blank` of empty, zero or month for it, or make it nullable",
                )
            )
        if column is not None and column.get("generated"):
            problems.append(
                (
                    f"column {population.table}.{name} would be blanked, but the database computes it from other columns",
                    "declare it under the data element of the column it is computed from, and leave it out of this one",
                )
            )
    return problems


def _archive(store: MappedStore, population: Population, schema: Schema) -> Iterator[Problem]:
    """Columns of an archive that could not take over what they are filled from, or not as it is."""
    for name, source in store.declared.archive_columns(population).items():
        archive = store.declared.population(str(population.archive and population.archive.population))
        there = schema[archive.full_table].columns.get(name) if archive.full_table in schema else None
        here = schema[population.full_table].columns.get(source)
        if there is None or here is None:
            continue  # said already
        told = f"{archive.full_table}.{name}"
        if there["type"] != here["type"]:
            yield (
                f"{told} is {there['type']}, but {population.full_table}.{source}, which fills it, is {here['type']}",
                "give both the same type: a value must not change by being archived",
            )
        if here["nullable"] and not there["nullable"]:
            yield (
                f"{told} forbids NULL, but {population.full_table}.{source}, which fills it, allows it",
                "make it nullable: a batch that meets a NULL there would stop the night",
            )
        if there.get("generated"):
            yield f"{told} is computed by the database: nothing can be put there", "make it a plain column"


_MEANT = {
    "text": "text",
    "integer": "a whole number",
    "uuid": "a UUID",
    "date": "a date without time",
    "instant": "a date with time",
}


def _type_problems(store: MappedStore, population: Population, column: str, value: Value) -> Iterator[Problem]:
    parent = store.declared.population(population.parent.population) if population.parent else None
    keys = {"record_key": population.key_type, "parent_key": parent.key_type if parent else "integer"}
    wanted = population.anchors.get(column) or keys.get(column) or "text"
    name, zone = f"{column} of population {population.name}", store.declared.timezone
    if value == "absolute" and wanted == "instant":
        if zone != "UTC":
            yield (
                f"{name} carries a time zone of its own, but the store's instants are declared to be in {zone}",
                "declare `timezone: UTC` where every instant is of that type, or convert the others in the query",
            )
    elif value not in (wanted, "null") and (value, wanted) != ("text", "uuid"):  # as MariaDB gives them; see `_key_type`
        yield (
            f"{name} is not {_MEANT[wanted]} to the database: it could not be compared rightly",
            "correct its declared type, or the query",
        )
