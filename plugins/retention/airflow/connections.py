"""Addresses of stores and evidence from Airflow connections, and so from whatever secrets backend Airflow has.

`RETENTION_STORE_USAGE=airflow:retention_usage` names the connection `retention_usage`; `RETENTION_OUTPUT=s3://papers@bucket/prefix`
the connection `papers`, as Airflow's ObjectStoragePath writes it. Nothing is asked of Airflow for an address that stands in the
environment itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.sdk import Connection
from airflow.sdk.exceptions import AirflowNotFoundException

from retention.errors import OutputError, StoreError, Transient

if TYPE_CHECKING:
    from retention.workspace import Workspace

PREFIX = "airflow:"
DRIVERS = {
    "postgres": "postgresql+psycopg",
    "postgresql": "postgresql+psycopg",
    "mysql": "mariadb+pymysql",
    "mariadb": "mariadb+pymysql",
}


def connected(workspace: Workspace) -> Workspace:
    """The workspace with every address that names a connection replaced by that connection's.

    Raises StoreError, or OutputError where a connection is of no use for outputs.
    """
    return outputs_connected(databases_connected(workspace))


def databases_connected(workspace: Workspace) -> Workspace:
    """The same for stores and evidence alone. Raises StoreError."""
    stores = {name: _address(url) for name, url in workspace.store_urls.items()}
    return replace(workspace, store_urls=stores, evidence_url=_address(workspace.evidence_url))


def outputs_connected(workspace: Workspace) -> Workspace:
    """The same for the place of the outputs alone. Raises StoreError, OutputError."""
    scheme, named, place = workspace.output_url.partition("://")
    connection, at, rest = place.partition("@")
    if not named or not at:
        return workspace
    options = options_of(scheme, connection, _found(connection))
    return replace(workspace, output_url=f"{scheme}://{rest}", output_options=options)


def _address(url: str) -> str:
    if not url.startswith(PREFIX):
        return url
    name = url.removeprefix(PREFIX)
    return url_of(name, _found(name))


def _found(name: str) -> Any:
    try:
        return Connection.get(name)
    except AirflowNotFoundException:
        raise StoreError(f"Airflow has no connection called {name}", mend=_MEND) from None
    except Exception as reason:  # whatever a secrets backend raises: its text might carry an address
        raise Transient(f"the connection {name} cannot be read ({type(reason).__name__})", mend=_MEND) from None


_MEND = "add it under Admin, Connections, or by AIRFLOW_CONN_<NAME>, or in the secrets backend"


def url_of(name: str, found: Any) -> str:
    """The address that a connection describes, for SQLAlchemy, with its password: never to be shown."""
    if found.conn_type == "sqlite":
        return f"sqlite:///{found.host or found.schema}"
    driver = DRIVERS.get(found.conn_type or "")
    if driver is None:
        raise StoreError(
            f"connection {name} is of type {found.conn_type!r}, which is none of the databases that are supported",
            mend="make it a Postgres, MySQL or SQLite connection",
        )
    user = ":".join(quote(part, safe="") for part in (found.login, found.password) if part)
    port = f":{found.port}" if found.port else ""
    return f"{driver}://{user}{'@' if user else ''}{found.host or ''}{port}/{quote(found.schema or '', safe='')}"


def options_of(scheme: str, name: str, found: Any) -> dict[str, Any]:
    """What an object store's client needs to know, from a connection of type Amazon Web Services or Google Cloud."""
    extra = dict(found.extra_dejson or {})
    if scheme == "s3":
        client = {key: extra[key] for key in ("endpoint_url", "region_name") if extra.get(key)}
        return {"key": found.login or None, "secret": found.password or None, "client_kwargs": client}
    if scheme in ("gs", "gcs"):
        return {"token": extra.get("keyfile_dict") or extra.get("key_path") or None, "project": extra.get("project")}
    raise OutputError(
        f"connection {name} cannot be used for {scheme}://", mend="leave it out: the client then looks for credentials itself"
    )
