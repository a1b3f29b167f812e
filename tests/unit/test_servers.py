"""The servers that other tests stand on: shared, private, killed and come back."""

from __future__ import annotations

import pytest
from sqlalchemy import URL, create_engine, text
from sqlalchemy.exc import DBAPIError

from tests import servers

PRIVATE = {"postgresql": servers.private_postgresql, "mariadb": servers.private_mariadb}


def test_a_database_of_ones_own_is_gone_afterwards(server_database: URL) -> None:
    engine = create_engine(server_database)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (a INTEGER)"))
        connection.execute(text("INSERT INTO t VALUES (1)"))
    servers.drop_database(server_database)  # although a connection is still open
    with pytest.raises(DBAPIError), create_engine(server_database).connect():
        pass
    engine.dispose()


@pytest.mark.parametrize("kind", servers.KINDS)
def test_a_killed_server_comes_back_with_what_was_committed(kind: str) -> None:
    with PRIVATE[kind]() as server:
        servers.run(server.url, "CREATE TABLE t (a INTEGER)", "INSERT INTO t VALUES (1)")
        engine = create_engine(server.url)
        with engine.connect() as connection:
            connection.execute(text("INSERT INTO t VALUES (2)"))
            server.kill()
            with pytest.raises(DBAPIError):
                connection.execute(text("SELECT 1"))
        server.start()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT a FROM t")).scalars().all() == [1]
            number = connection.execute(
                text("SELECT pg_backend_pid()" if kind == "postgresql" else "SELECT connection_id()")
            ).scalar_one()
            server.kill_backend(number)
            with pytest.raises(DBAPIError):
                connection.execute(text("SELECT 1"))
        server.stop()
        server.start()
        with engine.connect() as connection:
            assert connection.execute(text("SELECT a FROM t")).scalars().all() == [1]
        engine.dispose()
