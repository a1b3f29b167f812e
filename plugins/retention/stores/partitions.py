"""Tables that PostgreSQL keeps in parts: what the parts are, and which of them we are about to take away.

A part that was detached, or is half detached, is no longer read through its table. Its rows are there all the same until it is
dropped: `seeing_detached` reads both. `retention_detached` names such parts, from before the first of them is touched.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection, text

from retention.declare.mapped import MappedStore
from retention.declare.stores import Population
from retention.stores.query import over

Detached = Mapping[str, tuple[str, ...]]  # population -> parts


@dataclass(frozen=True)
class Part:
    """A part that holds rows. `plain`: nothing but our own schema's ordinary table, right below its parent."""

    name: str
    relation: int  # its object id: another table of the same name is another
    bounds: str  # as ATTACH PARTITION takes them
    plain: bool
    here: bool  # an ordinary table of our own schema, so that it may be addressed by its name
    owned: bool
    may_delete: bool
    may_update: bool
    leaned_on: bool  # a view, or a foreign key of another table, is about it alone


@dataclass(frozen=True)
class Partitioned:
    """A partitioned table."""

    table: str
    by_range: bool
    has_default: bool
    referred: bool  # another table has a foreign key to it
    owned: bool
    has_triggers: bool
    pending: bool  # a part is half detached, and not by us: that stands against detaching another
    parts: tuple[Part, ...]  # those attached, in order of their names


def read_partitioned(connection: Connection, table: str) -> Partitioned | None:
    """A table's parts; None where it is not partitioned, or not on PostgreSQL."""
    if connection.dialect.name != "postgresql":
        return None
    facts = connection.execute(_TABLE, {"table": table}).mappings().one_or_none()
    if facts is None:
        return None
    parts = tuple(Part(**row) for row in connection.execute(_PARTS, {"table": table}).mappings())
    return Partitioned(table=table, parts=parts, **facts)


def detached(connection: Connection) -> Detached:
    """The parts of each population that are detached or half detached by us. Committed or our own: a reader's moment."""
    if connection.dialect.name != "postgresql" or connection.execute(_NOT_THERE).scalar_one():
        return {}
    found: dict[str, tuple[str, ...]] = {}
    for population, part in connection.execute(_DETACHED):
        found[population] = (*found.get(population, ()), part)
    return found


def forget_attached(connection: Connection) -> None:
    """Forgets parts that were noted and are still attached, or gone, unless a worker is at them at this moment."""
    connection.execute(_FORGET)


def lock_name(part: str) -> str:
    """The name of the advisory lock of whoever is at a part."""
    return f"retention partition {part}"


def seeing_detached(store: MappedStore, parts: Detached) -> MappedStore:
    """The store with queries that also read what is detached."""
    queries = dict(store.queries)
    for name, names in parts.items():
        if name in queries:
            population = store.declared.population(name)
            queries[name] = over(queries[name], _together(population, (population.table, *names)))
    return replace(store, queries=queries)


def over_parts(store: MappedStore, population: Population, parts: Sequence[str]) -> MappedStore:
    """The store with the query of a population over some parts instead of its table, whether attached or not."""
    source = quoted(parts[0]) if len(parts) == 1 else _together(population, parts)
    return replace(store, queries={**store.queries, population.name: over(store.queries[population.name], source)})


def _together(population: Population, names: Iterable[str]) -> str:
    """The rows of several tables that are alike, as a FROM clause without alias."""
    columns = ", ".join(quoted(name) for name in population.columns)
    return "(" + " UNION ALL ".join(f"SELECT {columns} FROM {quoted(name)}" for name in names) + ")"  # noqa: S608


def quoted(name: str) -> str:
    """An identifier, for SQL of our own."""
    return '"' + name.replace('"', '""') + '"'


_TABLE = text("""
    SELECT p.partstrat = 'r' AND p.partnatts = 1 AND p.partattrs[0] <> 0 AS by_range,
           p.partdefid <> 0 AS has_default,
           EXISTS (SELECT FROM pg_constraint f WHERE f.contype = 'f' AND f.confrelid = c.oid) AS referred,
           pg_has_role(c.relowner, 'USAGE') AS owned,
           EXISTS (SELECT FROM pg_trigger t JOIN pg_partition_tree(c.oid) u ON u.relid = t.tgrelid
                    WHERE NOT t.tgisinternal)
           OR EXISTS (SELECT FROM pg_rewrite r JOIN pg_partition_tree(c.oid) u ON u.relid = r.ev_class) AS has_triggers,
           EXISTS (SELECT FROM pg_inherits i WHERE i.inhparent = c.oid AND i.inhdetachpending
                      AND NOT EXISTS (SELECT FROM retention_detached d WHERE CAST(d.relation AS oid) = i.inhrelid)) AS pending
      FROM pg_partitioned_table p JOIN pg_class c ON c.oid = p.partrelid
     WHERE c.relname = :table AND c.relnamespace = CAST(current_schema() AS regnamespace)
""")
_PARTS = text("""
    SELECT p.relname AS name, CAST(p.oid AS bigint) AS relation, pg_get_expr(p.relpartbound, p.oid) AS bounds,
           p.relkind = 'r' AND p.relnamespace = c.relnamespace AND u.parentrelid = c.oid AS plain,
           p.relkind = 'r' AND p.relnamespace = c.relnamespace AS here,
           pg_has_role(p.relowner, 'USAGE') AS owned,
           has_table_privilege(p.oid, 'SELECT') AND has_table_privilege(p.oid, 'DELETE') AS may_delete,
           has_table_privilege(p.oid, 'UPDATE') AS may_update,
           EXISTS (SELECT FROM pg_depend d
                    WHERE d.refobjid = p.oid AND d.refclassid = CAST('pg_class' AS regclass)
                      AND d.classid = CAST('pg_rewrite' AS regclass))
           OR EXISTS (SELECT FROM pg_constraint f
                       WHERE f.contype = 'f' AND f.confrelid = p.oid AND f.conparentid = 0) AS leaned_on
      FROM pg_class c CROSS JOIN pg_partition_tree(c.oid) u JOIN pg_class p ON p.oid = u.relid
     WHERE c.relname = :table AND c.relnamespace = CAST(current_schema() AS regnamespace) AND u.isleaf
       AND NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = p.oid AND i.inhdetachpending)
     ORDER BY p.relname
""")
_FORGET = text("""
    DELETE FROM retention_detached d
     WHERE (EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = CAST(d.relation AS oid) AND NOT i.inhdetachpending)
            OR NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = CAST(d.relation AS oid)))
       AND pg_try_advisory_xact_lock(hashtextextended('retention partition ' || d.part, 0))
""")
_NOT_THERE = text("SELECT to_regclass('retention_detached') IS NULL")
_DETACHED = text("""
    SELECT d.population, d.part
      FROM retention_detached d JOIN pg_class c ON c.oid = CAST(d.relation AS oid) AND c.relname = d.part
     WHERE NOT EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = c.oid AND NOT i.inhdetachpending)
     ORDER BY d.part
""")
