"""What a table is called where several systems speak of it: a server and a name, as OpenLineage writes them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import make_url

_PORTS = {"postgresql": 5432, "mariadb": 3306}
_SCHEMES = {"postgresql": "postgres", "mariadb": "mysql"}


class Dataset(NamedTuple):
    namespace: str  # the server, without user and password
    name: str


def dataset(address: str, table: str) -> Dataset:
    """The dataset that a table of a store is."""
    url = make_url(address)
    kind = url.get_backend_name()
    if kind == "sqlite":
        return Dataset("file", f"{url.database}.{table}")
    name = f"{url.database}.public.{table}" if kind == "postgresql" else f"{url.database}.{table}"
    return Dataset(f"{_SCHEMES.get(kind, kind)}://{url.host or 'localhost'}:{url.port or _PORTS.get(kind, 0)}", name)
