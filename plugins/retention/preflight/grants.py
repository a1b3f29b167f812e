"""The least a night must be granted, as a script for an administrator."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import make_url

from retention.errors import StoreError
from retention.preflight.needs import PRIVILEGES, Need

_ARCHIVE = "-- {schema} has an access of its own: nights, and the few who may look there; the application's role gets nothing"
Quote = Callable[[str], str]


@dataclass(frozen=True)
class Roles:
    """`nightly` disposes, `owner` (if any) makes and changes our tables. On MariaDB `name`, or `name@host` for one user."""

    nightly: str
    owner: str | None = None


def grants(url: str, needs: Sequence[Need], roles: Roles, *, schema: str = "public", stages: bool = False) -> str:
    """The script for a database; `stages` where temporary tables are made there. Raises StoreError for a file."""
    parsed = make_url(url)
    kind = parsed.get_backend_name()
    if kind == "postgresql":
        lines = _postgresql(parsed.database or "", schema, needs, roles, stages=stages)
    elif kind in ("mariadb", "mysql"):
        lines = _mariadb(parsed.database or "", needs, roles, stages=stages)
    else:
        raise StoreError(
            "a file knows no roles",
            mend="let the file and its folder belong to the user that nights run as, and to nobody else",
        )
    return "".join(f"{line}\n" for line in lines)


def _postgresql(database: str, schema: str, needs: Sequence[Need], roles: Roles, *, stages: bool) -> Iterable[str]:
    quote = _quoting('"')
    nightly, there = quote(roles.nightly), quote(schema)
    if roles.owner is not None:
        yield f"GRANT CONNECT ON DATABASE {quote(database)} TO {quote(roles.owner)};"
        yield f"GRANT USAGE, CREATE ON SCHEMA {there} TO {quote(roles.owner)};"
        yield "-- now `retention init`, as that role; what follows needs our tables"
    yield f"GRANT CONNECT{', TEMPORARY' if stages else ''} ON DATABASE {quote(database)} TO {nightly};"
    yield f"GRANT USAGE ON SCHEMA {there} TO {nightly};"
    for apart in _apart(needs):
        yield _ARCHIVE.format(schema=apart)
        yield f"GRANT USAGE ON SCHEMA {quote(apart)} TO {nightly};"
    for need in needs:
        yield f"GRANT {_privileges(need, quote)} ON TABLE {quote(need.schema or schema)}.{quote(need.table)} TO {nightly};"
    yield "-- partitions are dropped whole only where this role is a member of the one that owns their table"


def _mariadb(database: str, needs: Sequence[Need], roles: Roles, *, stages: bool) -> Iterable[str]:
    quote = _quoting("`")
    nightly = _account(roles.nightly, quote)
    whole = quote(_as_pattern(database))
    if roles.owner is not None:
        owner = _account(roles.owner, quote)
        yield f"GRANT SELECT, INSERT, UPDATE, CREATE, ALTER, INDEX, DROP ON {whole}.* TO {owner};"
        yield "-- now `retention init`, as that user; what follows needs our tables"
    # Without it a user sees no table but those it may read: one that nobody declared would go unnoticed.
    yield f"GRANT SHOW VIEW{', CREATE TEMPORARY TABLES' if stages else ''} ON {whole}.* TO {nightly};"
    for apart in _apart(needs):
        yield _ARCHIVE.format(schema=apart)
        yield f"GRANT SHOW VIEW ON {quote(_as_pattern(apart))}.* TO {nightly};"
    for need in needs:
        yield f"GRANT {_privileges(need, quote)} ON TABLE {quote(need.schema or database)}.{quote(need.table)} TO {nightly};"


def _as_pattern(database: str) -> str:
    """A grant on a whole database takes its name for a pattern."""
    return database.replace("_", r"\_").replace("%", r"\%")


def _apart(needs: Sequence[Need]) -> list[str]:
    """The schemas in which tables lie apart."""
    return sorted({need.schema for need in needs if need.schema is not None})


def _privileges(need: Need, quote: Quote) -> str:
    named = [name for name in PRIVILEGES if name in need.privileges]
    if need.blanks and "UPDATE" not in need.privileges:
        named.append(f"UPDATE ({', '.join(quote(name) for name in need.blanks)})")
    return ", ".join(named)


def _quoting(sign: str) -> Quote:
    """Not SQLAlchemy's: what it quotes is meant for a driver, to which a % must be said twice."""
    return lambda name: f"{sign}{name.replace(sign, sign * 2)}{sign}"


def _account(role: str, quote: Quote) -> str:
    name, at, host = role.partition("@")
    return f"{quote(name)}@{quote(host)}" if at else quote(name)
