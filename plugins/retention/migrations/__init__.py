"""Our own tables as they change from version to version: one line of revisions inside stores, one in the evidence database.

`draft` writes a revision for whoever changed a table; a test holds revisions and tables together on every kind of database.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sqlalchemy import Column, Connection, MetaData, String, Table, column, insert, inspect, make_url, select, table
from sqlalchemy.engine import URL

FOLDER = Path(__file__).parent
Standing = Literal["missing", "older", "current", "newer"]


@dataclass(frozen=True)
class Line:
    """One line of descent: its folder of revisions, the table that tells which one a database has, and all of them in order."""

    name: Literal["store", "evidence"]
    version_table: str
    revisions: tuple[str, ...]

    @property
    def head(self) -> str:
        return self.revisions[-1]


STORE = Line("store", "retention_version", ("0001",))
EVIDENCE = Line("evidence", "evidence_version", ("0001", "0002", "0003", "0004"))


def revision(connection: Connection, line: Line) -> str | None:
    """The revision a database has; None where our tables were never made."""
    if line.version_table not in _tables(connection):  # whom MariaDB hides a table from may not ask for it by name
        return None
    found = connection.execute(select(table(line.version_table, column("version_num")))).scalar()
    return str(found) if found is not None else None


def standing(connection: Connection, line: Line) -> Standing:
    """How a database's tables stand to this library."""
    found = revision(connection, line)
    if found is None:
        return "missing"
    if found not in line.revisions:
        return "newer"
    return "current" if found == line.head else "older"


OBSTACLES: dict[Standing, tuple[str, str]] = {
    "missing": (
        "our own tables are missing",
        "run `retention init` as a user who may create tables; if they are there, grant what `retention grants` prints",
    ),
    "older": ("our own tables are of an older version", "run `retention init` as a user who may change tables"),
    "newer": ("our own tables are of a newer version than this installation", "bring this installation up to date"),
}


def ensure(connection: Connection, line: Line, metadata: MetaData) -> Standing:
    """Sees to our tables before they are used, and returns how they stand then.

    A file's are made, or brought to this version, by whoever comes first. A server's are made by `retention init` alone: the
    role that nights run as need not be allowed to make any.
    """
    found = standing(connection, line)
    if connection.dialect.name != "sqlite" or found == "newer":
        return found
    if found == "missing":
        metadata.create_all(connection)
        _mark(connection, line)
    elif found == "older":
        upgrade(connection, line)
    return "current"


def _mark(connection: Connection, line: Line) -> None:
    """Says which version tables are that were made without Alembic, whose import takes a third of a second."""
    version = Table(line.version_table, MetaData(), Column("version_num", String(32), primary_key=True))
    version.create(connection, checkfirst=True)
    connection.execute(insert(version).values(version_num=line.head))


@dataclass(frozen=True)
class Upgraded:
    """What an upgrade did: from which revision (None: from nothing) to which, and the tables it made."""

    before: str | None
    now: str
    made: tuple[str, ...]


def upgrade(connection: Connection, line: Line) -> Upgraded:
    """Brings our tables to this library's revision in the connection's own transaction. Begun again, it goes on."""
    before, tables = revision(connection, line), _tables(connection)
    if before != line.head:
        _run(line, {"connection": connection})
    return Upgraded(before, line.head, tuple(sorted(_tables(connection) - tables)))


def _tables(connection: Connection) -> set[str]:
    return set(inspect(connection).get_table_names())


def script(url: str | URL, line: Line, *, since: str | None) -> str:
    """The SQL of `upgrade` for a database of the URL's kind, from a revision on (None: from nothing). Asks no database."""
    if since == line.head:
        return ""
    out = io.StringIO()
    bare = URL.create(make_url(url).drivername)
    options = {"url": bare, "literal_binds": True, "output_buffer": out, "dialect_opts": {"paramstyle": "named"}}
    _run(line, options, since=since, offline=True)
    return out.getvalue()


def _run(line: Line, options: dict[str, object], *, since: str | None = None, offline: bool = False) -> None:
    from alembic import command  # imported only where tables are made: it takes a third of a second
    from alembic.config import Config

    config = Config(attributes={"options": {"version_table": line.version_table, **options}})
    config.set_main_option("script_location", _literal(FOLDER))
    config.set_main_option("version_locations", _literal(FOLDER / line.name))
    config.set_main_option("path_separator", "newline")
    command.upgrade(config, f"{since}:{line.head}" if since else line.head, sql=offline)


def _literal(path: Path) -> str:
    return str(path).replace("%", "%%")
