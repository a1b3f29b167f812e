"""Addresses come from Airflow's connections where the environment names one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import make_url

from retention.airflow.connections import connected
from retention.errors import StoreError
from retention.workspace import Workspace


def workspace(tmp_path: Path, store: str, evidence: str = "sqlite:///evidence.db") -> Workspace:
    return replace(Workspace.at(tmp_path), store_urls={"usage": store}, evidence_url=evidence)


@pytest.mark.parametrize(
    ("given", "driver"),
    [
        ("postgres://robot:p%40ss%2Fword@db.example:5433/usage", "postgresql+psycopg"),
        ("mysql://robot:p%40ss%2Fword@db.example:5433/usage", "mariadb+pymysql"),
    ],
)
def test_a_connection_becomes_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str, driver: str) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_RETENTION_USAGE", given)
    made = connected(workspace(tmp_path, "airflow:retention_usage", "airflow:retention_usage"))
    for url in (make_url(made.store_urls["usage"]), make_url(made.evidence_url)):
        assert (url.drivername, url.username, url.password) == (driver, "robot", "p@ss/word")
        assert (url.host, url.port, url.database) == ("db.example", 5433, "usage")


def test_an_address_in_the_environment_is_taken_as_it_is(tmp_path: Path) -> None:
    plain = workspace(tmp_path, "postgresql+psycopg://localhost/usage")
    assert connected(plain) == plain


def test_a_connection_that_is_not_there(tmp_path: Path, airflow_database: None) -> None:
    with pytest.raises(StoreError, match="Airflow has no connection called nowhere"):
        connected(workspace(tmp_path, "airflow:nowhere"))


def test_a_connection_to_something_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_RETENTION_USAGE", "oracle://robot:secret@db.example/usage")
    with pytest.raises(StoreError, match="none of the databases") as error:
        connected(workspace(tmp_path, "airflow:retention_usage"))
    assert "secret" not in str(error.value)


def test_outputs_go_where_a_connection_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    extra = {"endpoint_url": "http://127.0.0.1:9", "region_name": "eu-west-3"}
    told = {"conn_type": "aws", "login": "robot", "password": "p@ss", "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_PAPERS", json.dumps(told))
    made = connected(replace(Workspace.at(tmp_path), output_url="s3://papers@bucket/retention"))
    assert made.output_url == "s3://bucket/retention"
    assert made.output_options == {"key": "robot", "secret": "p@ss", "client_kwargs": extra}
    assert "p@ss" not in repr(made)


def test_a_secrets_backend_is_asked_like_any_other(tmp_path: Path) -> None:
    """Airflow's own backend for local files, in a process of its own: backends are read once."""
    (tmp_path / "connections.json").write_text(json.dumps({"vaulted": "postgres://robot:secret@db.example/usage"}))
    program = (
        "from retention.airflow.connections import connected; from retention.workspace import Workspace; "
        "print(connected(Workspace.from_env()).store_urls['usage'])"
    )
    environment = {
        **os.environ,
        "AIRFLOW__SECRETS__BACKEND": "airflow.secrets.local_filesystem.LocalFilesystemBackend",
        "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps({"connections_file_path": str(tmp_path / "connections.json")}),
        "RETENTION_STORE_USAGE": "airflow:vaulted",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout.splitlines()[-1:] == ["postgresql+psycopg://robot:secret@db.example/usage"], done.stderr[-500:]
