"""What the user of a connection may do, held against what a night needs: too little stops it, too much is said."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from sqlalchemy import Connection, text

from retention.preflight.findings import Finding, refuse, warn
from retention.preflight.needs import PRIVILEGES, Need
from retention.preflight.server import files_of

_GRANT = "grant it: `retention grants` prints everything a night needs"
_CLOSE = "REVOKE ALL ON SCHEMA ... FROM PUBLIC; grant it to nights, and to the few who may look into the archive"
_REVOKE = "revoke it, or let nights use a role of their own: `retention grants` prints what it needs"


@dataclass
class Rights:
    """What a user may do: by table, by table and column, and what goes beyond tables (in words)."""

    tables: dict[str, set[str]] = field(default_factory=dict)
    columns: dict[str, set[str]] = field(default_factory=dict)  # table -> columns it may update
    beyond: list[str] = field(default_factory=list)
    closed: list[str] = field(default_factory=list)  # schemas it may not even look into
    opened: list[str] = field(default_factory=list)  # schemas with an access of their own that everybody has


def check_rights(connection: Connection, needs: Sequence[Need]) -> list[Finding]:
    """Findings about privileges on a server; on SQLite about the file."""
    if connection.dialect.name == "sqlite":
        return [finding for file in files_of(connection) for finding in _file_rights(file)]
    read = _of_postgresql if connection.dialect.name == "postgresql" else _of_mariadb
    rights = Rights()
    for schema in sorted({need.schema or "" for need in needs}):
        read(connection, rights, schema, [need.table for need in needs if (need.schema or "") == schema])
    rights.beyond = list(dict.fromkeys(rights.beyond))
    findings = [refuse(f"the user lacks USAGE on schema {schema}", _GRANT) for schema in rights.closed]
    findings += [refuse(f"the user lacks {lack}", _GRANT) for need in needs for lack in _lacking(need, rights)]
    findings += [
        warn(f"schema {schema} is open to everybody: it is to have an access of its own", _CLOSE) for schema in rights.opened
    ]
    findings += [warn(f"the user may do more than a night needs: {right}", _REVOKE) for right in rights.beyond]
    if not rights.beyond:  # who may do anything may do all of this too
        findings += [
            warn(f"the user may do more than a night needs: {excess}", _REVOKE)
            for need in needs
            for excess in _exceeding(need, rights)
        ]
    return findings


def _lacking(need: Need, rights: Rights) -> Iterable[str]:
    held = rights.tables.get(need.name, set())
    yield from (f"{name} on table {need.name}" for name in PRIVILEGES if name in need.privileges - held)
    if "UPDATE" not in held:
        missing = [name for name in need.blanks if name not in rights.columns.get(need.name, set())]
        if missing:
            yield f"UPDATE ({', '.join(missing)}) on table {need.name}"


def _exceeding(need: Need, rights: Rights) -> Iterable[str]:
    more = rights.tables.get(need.name, set()) - need.privileges
    if more:
        yield f"{', '.join(sorted(more))} on table {need.name}"
    elif "UPDATE" not in need.privileges:
        columns = sorted(rights.columns.get(need.name, set()) - set(need.blanks))
        if columns:
            yield f"UPDATE ({', '.join(columns)}) on table {need.name}"


def _file_rights(file: Path) -> list[Finding]:
    mend = "give write permission on the file and its folder: disposal and receipts are one transaction"
    return [
        refuse(f"the {what} cannot be written by this user", mend)
        for what, path in (("database file", file), ("folder of the database file", file.parent))
        if not os.access(path, os.W_OK)
    ]


# PostgreSQL

_TABLE_RIGHTS = """
SELECT c.relname, p.privilege
FROM pg_class AS c
CROSS JOIN (VALUES ('SELECT'), ('INSERT'), ('UPDATE'), ('DELETE'), ('TRUNCATE'), ('REFERENCES'), ('TRIGGER')) AS p (privilege)
WHERE c.relnamespace = to_regnamespace(quote_ident(coalesce(:schema, current_schema()))) AND c.relname = ANY(:tables)
AND has_table_privilege(c.oid, p.privilege)
"""
_COLUMN_RIGHTS = """
SELECT c.relname, a.attname
FROM pg_class AS c
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = to_regnamespace(quote_ident(coalesce(:schema, current_schema()))) AND c.relname = ANY(:tables)
AND has_column_privilege(c.oid, a.attnum, 'UPDATE')
"""
_USAGE = """
SELECT has_schema_privilege(to_regnamespace(quote_ident(:schema)), 'USAGE'),
       has_schema_privilege('public', to_regnamespace(quote_ident(:schema)), 'USAGE')
"""
_BEYOND = """
SELECT CASE WHEN r.rolsuper THEN 'it is a superuser' END,
       CASE WHEN has_schema_privilege(coalesce(:schema, current_schema()), 'CREATE') THEN 'CREATE in the schema' END,
       (SELECT 'it owns table ' || min(c.relname) || CASE count(*) WHEN 1 THEN '' ELSE ' and ' || count(*) - 1 || ' more' END
        FROM pg_class AS c
        WHERE c.relnamespace = to_regnamespace(quote_ident(coalesce(:schema, current_schema()))) AND c.relname = ANY(:tables)
        AND c.relkind <> 'p' AND pg_has_role(c.relowner, 'USAGE')
        HAVING count(*) > 0)
FROM pg_roles AS r WHERE r.rolname = current_user
"""


def _of_postgresql(connection: Connection, rights: Rights, schema: str, tables: list[str]) -> None:
    """Adds what the user may do in a schema that lies apart, or in the store's own (`schema` is empty)."""
    these, before = {"tables": tables, "schema": schema or None}, f"{schema}." if schema else ""
    for table, privilege in connection.execute(text(_TABLE_RIGHTS), these):
        rights.tables.setdefault(before + table, set()).add(privilege)
    for table, column in connection.execute(text(_COLUMN_RIGHTS), these):
        rights.columns.setdefault(before + table, set()).add(column)
    rights.beyond += [found for found in connection.execute(text(_BEYOND), these).one() if found]
    if schema:
        mine, anybodys = connection.execute(text(_USAGE), these).one()
        rights.closed += [] if mine else [schema]
        rights.opened += [schema] if anybodys else []


# MariaDB

_NAME = r"""(?:`(?:[^`]|``)*`|"(?:[^"]|"")*"|\*|[^\s.,()]+)"""
_LINE = re.compile(rf"^GRANT (?P<what>.+?) ON (?P<database>{_NAME})\.(?P<table>{_NAME}) TO ")
_ITEM = re.compile(r"\s*(?P<name>[A-Z][A-Z ]*[A-Z])(?: \((?P<columns>[^)]*)\))?(?:,|$)")
_HARMLESS = {"USAGE", "SHOW VIEW", "CREATE TEMPORARY TABLES", "SHOW DATABASES"}
_ALL = "ALL PRIVILEGES"


def _of_mariadb(connection: Connection, rights: Rights, schema: str, tables: list[str]) -> None:
    """From SHOW GRANTS: the tables of privileges in information_schema leave out what comes by a role."""
    database, before = schema or str(connection.execute(text("SELECT database()")).scalar_one()), f"{schema}." if schema else ""
    for line in connection.execute(text("SHOW GRANTS")).scalars():
        found = _LINE.match(line)
        if found is None or not _is_about(_bare(found["database"]), database):
            continue
        for item in _ITEM.finditer(found["what"]):
            columns = [_bare(name.strip()) for name in (item["columns"] or "").split(",") if name.strip()]
            _add(rights, [before + name for name in tables], before, _bare(found["table"]), item["name"], columns)
    rights.beyond.sort()


def _add(rights: Rights, tables: list[str], before: str, table: str, privilege: str, columns: list[str]) -> None:
    if columns:
        if privilege == "UPDATE":
            rights.columns.setdefault(before + table, set()).update(columns)
        return
    if privilege in _HARMLESS:
        return
    for name in tables if table == "*" else [before + table]:
        rights.tables.setdefault(name, set()).update(PRIVILEGES if privilege == _ALL else (privilege,))
    if table == "*":
        rights.beyond.append(f"{privilege} on every table")


def _bare(name: str) -> str:
    for quote in ('"', "`"):
        if name.startswith(quote):
            return name[1:-1].replace(quote * 2, quote)
    return name


def _is_about(granted: str, database: str) -> bool:
    r"""A grant names a database, or a pattern with % and _ (\_ for the sign itself)."""
    if granted == "*":
        return True
    signs = {"%": "*", "_": "?", "\\_": "_", "\\%": "%", "*": "[*]", "?": "[?]", "[": "[[]"}
    pattern = re.sub(r"\\[_%]|[%_*?\[]", lambda found: signs[found[0]], granted)
    return fnmatchcase(database, pattern)
