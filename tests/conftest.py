"""What every test may ask for: databases on real servers (see servers.py)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import URL

from tests import airflows, buckets, long, servers, thrift
from tests.faults.tally import Summary

pytest_plugins = ["tests.samples"]


def pytest_configure(config: pytest.Config) -> None:
    if not os.environ.get(long.ALL):
        thrift.begin()
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
def s3() -> Iterator[str]:
    """The address of an S3 server of one's own."""
    with buckets.server() as address:
        yield address


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """An empty bucket (`buckets.NAME`), which the clients of this process and of those that it starts find."""
    import boto3

    for name, value in {**buckets.KEYS, "AWS_ENDPOINT_URL": s3}.items():
        monkeypatch.setenv(name, value)
    made = boto3.resource("s3", endpoint_url=s3).Bucket(buckets.NAME)
    made.create(CreateBucketConfiguration={"LocationConstraint": buckets.KEYS["AWS_DEFAULT_REGION"]})
    yield made
    made.objects.all().delete()
    made.delete()


@pytest.fixture(scope="session")
def airflow() -> airflows.Airflow:
    """The running Airflow: for tests that read, or start nothing that changes a store."""
    return airflows.running()


@pytest.fixture
def nights() -> Iterator[airflows.Airflow]:
    """The running Airflow for nights of one's own: stores as before the night of today, no evidence, nobody else at it."""
    with airflows.reserved() as airflow:
        yield airflow
