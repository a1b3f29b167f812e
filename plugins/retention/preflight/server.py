"""The database as a whole: its version, whether it can be written to, and whether there is room."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, text

from retention.preflight.findings import Finding, refuse, unknown

OLDEST = {"postgresql": (15,), "mariadb": (10, 11)}


def check_server(connection: Connection, *, headroom: float) -> list[Finding]:
    """Findings about version, writability and room; `headroom` is the free room wanted, in sizes of the database."""
    kind = connection.dialect.name
    if kind == "sqlite":
        return [*_room(file_of(connection), headroom)]
    if kind == "postgresql":
        return [*_version("postgresql", connection.dialect.server_version_info), *_postgresql(connection), _ROOM]
    return [*_mariadb(connection), _ROOM]


def file_of(connection: Connection) -> Path:
    """The file of a SQLite database."""
    return Path(str(connection.execute(text("SELECT file FROM pragma_database_list WHERE name = 'main'")).scalar_one()))


def files_of(connection: Connection) -> list[Path]:
    """The file of a SQLite database, and those that are attached to it."""
    named = text("SELECT file FROM pragma_database_list WHERE name <> 'temp' ORDER BY seq")
    return [Path(str(file)) for file in connection.execute(named).scalars()]


_ROOM = unknown(
    "how much room the server has on its disk is not known",
    "see to it that there is room for the log of what is disposed of: a night that finds none stops and undoes its last batch",
)


def _room(file: Path, headroom: float) -> Iterator[Finding]:
    """A transaction keeps the old content of every page it changes, at worst of them all."""
    wanted, free = round(file.stat().st_size * headroom), shutil.disk_usage(file.parent).free
    if free < wanted:
        yield refuse(
            f"{free // 2**20} MiB are free where {file.name} lies, and disposal may need {wanted // 2**20}",
            "free space, or set RETENTION_HEADROOM lower",
        )


def _version(kind: str, told: tuple[int | str, ...] | None) -> Iterator[Finding]:
    found = tuple(part for part in told or () if isinstance(part, int))
    if found < OLDEST[kind]:
        wanted = ".".join(map(str, OLDEST[kind]))
        yield refuse(f"the server's version {'.'.join(map(str, found))} is too old", f"use version {wanted} or later")


def _postgresql(connection: Connection) -> Iterator[Finding]:
    if connection.execute(text("SELECT pg_is_in_recovery()")).scalar_one():
        yield refuse("the server is a replica: it cannot be written to", "give the address of the primary")


def _mariadb(connection: Connection) -> Iterator[Finding]:
    if not getattr(connection.dialect, "is_mariadb", False):
        yield refuse("the server is MySQL, which answers some statements in another way", "use MariaDB 10.11 or later")
        return
    yield from _version("mariadb", connection.dialect.server_version_info)
    if connection.execute(text("SELECT @@global.read_only")).scalar_one():
        yield refuse("the server is read-only, as a replica is", "give the address of the primary")
