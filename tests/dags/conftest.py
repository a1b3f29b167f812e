"""Airflow in a folder of its own, set up as `make up` sets it up. The environment has to stand before Airflow is imported."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOME = Path(tempfile.mkdtemp(prefix="retention-airflow-"))


def environment() -> dict[str, str]:
    """The settings of include/airflow.env, with folders of this test session."""
    lines = (ROOT / "include" / "airflow.env").read_text(encoding="utf-8").splitlines()
    return {
        **dict(line.split("=", 1) for line in lines if line and not line.startswith("#")),
        "AIRFLOW_HOME": str(HOME),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "WARNING",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)]),
    }


os.environ.update({name: value for name, value in environment().items() if name != "PYTHONPATH"})


@pytest.fixture(scope="session", autouse=True)
def _airflow_home() -> Iterator[None]:
    yield
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture
def airflow_environment() -> dict[str, str]:
    """For processes that a test starts."""
    return {**os.environ, **environment()}


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """Airflow's own tables."""
    from airflow.utils.db import initdb

    initdb()
