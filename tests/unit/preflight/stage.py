"""Stores without rows on every kind of database, and roles that are allowed this and that."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, create_engine

from retention import installation
from retention.clock import today
from retention.preflight.check import check_all
from retention.preflight.findings import Finding
from retention.resolve import resolve
from retention.sample.schema import store_schema
from retention.stores.dialects.sqlite import apart
from retention.stores.places import placed
from retention.stores.session import open_store
from retention.workspace import Workspace

BUNDLE = Workspace.at(Path("/nowhere"), decision_set="example").bundle()


def address(url: URL) -> str:
    return url.render_as_string(hide_password=False)


def execute(url: URL, *lines: str) -> None:
    """Statements one after another, in autocommit, by another hand than the product's."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for line in lines:
            connection.connection.cursor().execute(line)  # the driver's own: a % stands for itself
    engine.dispose()


def build(url: URL, store: str, *, install: bool = True) -> URL:
    """The sample's tables of a store, and ours."""
    schema = store_schema(store, url.get_backend_name(), str(url.database))
    execute(url, *(_make(url, name) for name in schema.schemas), *schema.tables, *schema.indexes)
    if install:
        installation.install_store(store, address(url))
    return url


def _make(url: URL, schema: str) -> str:
    """The statement that makes what lies apart; on SQLite a file, which is there once something is written to it."""
    if url.get_backend_name() == "sqlite":
        return f"ATTACH DATABASE '{apart(Path(str(url.database)), schema)}' AS {schema}"
    return f"CREATE {'SCHEMA' if url.get_backend_name() == 'postgresql' else 'DATABASE'} {schema}"


def check(url: URL, store: str) -> list[Finding]:
    """What preflight refuses or warns of."""
    mapped = placed(BUNDLE.store(store), address(url))
    session = open_store(mapped, address(url))
    try:
        found = check_all(session, mapped, resolve(BUNDLE, mapped, today()), headroom=1.0)
    finally:
        session.close()
    return [finding for finding in found if finding.level != "unknown"]


def said(findings: list[Finding], level: str = "refuse") -> list[str]:
    return [finding.what for finding in findings if finding.level == level]


@contextmanager
def role(url: URL) -> Iterator[URL]:
    """A role that may do nothing yet, as the user of a URL. Its name must be quoted to be understood."""
    name = f'night "{secrets.token_hex(4)}'
    if url.get_backend_name() == "postgresql":
        quoted = '"' + name.replace('"', '""') + '"'
        execute(url, f"CREATE ROLE {quoted} LOGIN PASSWORD 'secret'")
        try:
            yield url.set(username=name, password="secret")
        finally:
            execute(url, f"DROP OWNED BY {quoted}", f"DROP ROLE {quoted}")
    else:
        quoted = f"`{name}`@`%`"
        execute(url, f"CREATE USER {quoted} IDENTIFIED BY 'secret'")
        try:
            yield url.set(username=name, password="secret")
        finally:
            execute(url, f"DROP USER {quoted}")
