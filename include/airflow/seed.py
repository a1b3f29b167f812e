"""Invented data in the stores whose addresses stand in the environment: for a look at production's own topology.

python include/airflow/seed.py [rows of usage]
"""

from __future__ import annotations

import os
import sys

from sqlalchemy import URL, create_engine, inspect, make_url, text

from retention import clock
from retention.installation import install_store
from retention.sample import generate

STORES = ("account", "subscription", "transaction", "usage")


def main(rows: int = 20_000) -> None:
    urls = {store: make_url(os.environ[f"RETENTION_STORE_{store.upper()}"]) for store in STORES}
    for url in urls.values():
        make_database(url)
    if any(tables(url) for url in urls.values()):
        print("The stores hold something already: they stay as they are.")
        return
    generate(urls.__getitem__, as_of=clock.today(), usage_rows=rows)
    for store, url in urls.items():
        install_store(store, url.render_as_string(hide_password=False))
    print("Four stores with invented data, as before the night of today.")


def make_database(url: URL) -> None:
    """The database itself, where the server does not have it."""
    engine = create_engine(url.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as server:
        if not server.scalar(text("SELECT count(*) FROM pg_database WHERE datname = :name"), {"name": url.database}):
            server.execute(text(f"CREATE DATABASE {engine.dialect.identifier_preparer.quote(url.database)}"))
    engine.dispose()


def tables(url: URL) -> list[str]:
    engine = create_engine(url)
    try:
        return inspect(engine).get_table_names()
    finally:
        engine.dispose()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
