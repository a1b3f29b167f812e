"""What every test may ask for: databases on real servers (see servers.py)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from tests import airflows, long, servers
from tests.faults.tally import Summary


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # not a worker: the process that starts them
        servers.begin_run()
        config.pluginmanager.register(Summary())


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept, others = long.left_out(items)
    if others:
        config.hook.pytest_deselected(items=others)
        items[:] = kept
    items.sort(key=long.in_order)


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        airflows.end()
        servers.end_run()


@pytest.fixture
def postgresql() -> Iterator[URL]:
    """An empty PostgreSQL database."""
    with servers.database("postgresql") as url:
        yield url


@pytest.fixture
def mariadb() -> Iterator[URL]:
    """An empty MariaDB database."""
    with servers.database("mariadb") as url:
        yield url


@pytest.fixture(params=servers.KINDS)
def server_database(request: pytest.FixtureRequest) -> Iterator[URL]:
    """An empty database on each kind of server."""
    with servers.database(request.param) as url:
        yield url


@pytest.fixture(scope="session")
def airflow() -> airflows.Airflow:
    """The running Airflow: for tests that read, or start nothing that changes a store."""
    return airflows.running()


@pytest.fixture
def nights() -> Iterator[airflows.Airflow]:
    """The running Airflow for nights of one's own: stores as before the night of today, no evidence, nobody else at it."""
    with airflows.reserved() as airflow:
        yield airflow
