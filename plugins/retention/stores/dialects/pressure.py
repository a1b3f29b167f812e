"""What a server says about the strain it is under: one cheap query a look, for statistics views differ in everything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from retention.stores.dialects.base import Failure
from retention.stores.dialects.mariadb import MariaDB
from retention.stores.dialects.server import PRIVILEGE


@dataclass(frozen=True)
class Sender:
    """One receiver of a server's log. `replayed`: bytes of the log it has applied, `lag`: seconds; None where unknown."""

    replayed: int | None
    lag: float | None


@dataclass(frozen=True)
class Pressure:
    """What could be seen; None is what the user may not see. `written`: bytes of the log so far."""

    waiters: int | None = None
    active: int | None = None
    senders: tuple[Sender, ...] | None = None
    written: int | None = None


# Without pg_read_all_stats a session of another user shows neither its state nor, as a sender, its position.
_POSTGRESQL = """
WITH ours AS (
    SELECT array_agg(pid) AS pids FROM pg_stat_activity
    WHERE datname = current_database() AND usename = session_user AND application_name = current_setting('application_name')
)
SELECT
    (SELECT count(DISTINCT w.pid) FROM pg_locks w
     WHERE NOT w.granted AND w.pid <> ALL (ours.pids) AND pg_blocking_pids(w.pid) && ours.pids) AS waiters,
    (SELECT count(*) FROM pg_stat_activity a
     WHERE a.state = 'active' AND a.backend_type = 'client backend' AND a.pid <> pg_backend_pid()) AS active,
    pg_has_role(session_user, 'pg_read_all_stats', 'USAGE') AS sees_all
"""
_WITH_SENDERS = """,
    CASE WHEN s.pid IS NULL THEN 0 ELSE 1 END AS sender,
    CAST(pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0') AS bigint) AS written,
    CAST(pg_wal_lsn_diff(s.replay_lsn, '0/0') AS bigint) AS replayed,
    CAST(extract(epoch FROM s.replay_lag) AS double precision) AS lag
FROM ours LEFT JOIN pg_stat_replication s ON s.state IS DISTINCT FROM 'backup'
"""
_POSTGRESQL_ALONE = text(_POSTGRESQL + "FROM ours")
_POSTGRESQL_REPLICATED = text(_POSTGRESQL + _WITH_SENDERS)

_MARIADB = text("""
SELECT
    (SELECT CAST(variable_value AS signed) FROM information_schema.global_status
     WHERE variable_name = 'THREADS_RUNNING') - 1 AS active,
    (SELECT count(DISTINCT w.requesting_trx_id)
     FROM information_schema.innodb_lock_waits w
     JOIN information_schema.innodb_trx b ON b.trx_id = w.blocking_trx_id
     JOIN information_schema.processlist p ON p.id = b.trx_mysql_thread_id
     WHERE p.user = substring_index(user(), '@', 1) AND p.db = database()) AS waiters
""")
_MARIADB_PLAIN = text("""
SELECT CAST(variable_value AS signed) - 1 AS active, NULL AS waiters
FROM information_schema.global_status WHERE variable_name = 'THREADS_RUNNING'
""")
_MARIADB_REPLICA = text("SHOW REPLICA STATUS")


def look(connection: Connection, *, senders: bool) -> Pressure:
    """The strain a server is under; `senders` asks for its replicas as well. A file is under none."""
    name = connection.dialect.name
    if name == "postgresql":
        return _postgresql(connection, senders=senders)
    return _mariadb(connection) if name in ("mariadb", "mysql") else Pressure()


def _postgresql(connection: Connection, *, senders: bool) -> Pressure:
    rows = connection.execute(_POSTGRESQL_REPLICATED if senders else _POSTGRESQL_ALONE).all()
    first = rows[0]
    active = int(first.active) if first.sees_all else None
    if not senders or not first.sees_all:
        return Pressure(int(first.waiters), active)
    found = tuple(Sender(row.replayed, row.lag) for row in rows if row.sender)
    return Pressure(int(first.waiters), active, found, int(first.written))


def _mariadb(connection: Connection) -> Pressure:
    """Lock waits are for users with the right PROCESS."""
    try:
        row = connection.execute(_MARIADB).one()
    except DBAPIError as refused:
        if _failure(refused) is not PRIVILEGE:
            raise
        row = connection.execute(_MARIADB_PLAIN).one()
    return Pressure(None if row.waiters is None else int(row.waiters), int(row.active))


def _failure(error: DBAPIError) -> Failure | None:
    return MariaDB().failure(error.orig) if error.orig is not None else None


def replica_lag(connection: Connection) -> float | None:
    """Seconds by which a MariaDB replica is behind; None where it does not replicate or cannot say."""
    rows: list[Any] = list(connection.execute(_MARIADB_REPLICA).mappings())
    lags = [row["Seconds_Behind_Master"] for row in rows]
    return None if not lags or None in lags else float(max(lags))
