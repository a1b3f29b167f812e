"""The lease of a store: one row that every batch reads under a shared lock before it acts.

Whoever takes the store over, and whoever places or releases a hold, updates that row. They wait for the batches under way,
and every later batch sees what they did: a hold is honoured, or comes too late and is told so.
"""

from __future__ import annotations

from sqlalchemy import Connection, insert, select, text, update

from retention.errors import PlanError
from retention.stores import tables


def check_lease(connection: Connection, run_id: str) -> None:
    """Raises PlanError where another run has taken the store. Until the transaction ends none can, and no hold changes."""
    wanted = select(tables.lease.c.run_id)
    if connection.dialect.name == "postgresql":
        # The lock on the table, unlike one on the row, lets nobody overtake: batch after batch would starve a hold.
        connection.execute(text(f"LOCK TABLE {tables.lease.name} IN SHARE MODE"))
    else:
        wanted = wanted.with_for_update(read=True)
    if connection.execute(wanted).scalar() != run_id:
        raise superseded()


def holds_lease(connection: Connection, run_id: str) -> bool:
    """Whether the store is still this run's at this moment; it may be another's at the next."""
    return connection.execute(select(tables.lease.c.run_id)).scalar() == run_id


def superseded() -> PlanError:
    """The error of a run whose store another has taken."""
    return PlanError(
        "another run has claimed this store since: this one stops before its next batch",
        mend="nothing: the later run goes on. What this run disposed of is receipted",
    )


def bump(connection: Connection) -> None:
    """Says that the holds of this store change in this transaction: waits for batches under way, and later ones will see it."""
    t = tables.lease
    if connection.execute(update(t).values(epoch=t.c.epoch + 1)).rowcount == 0:
        connection.execute(insert(t).values(slot=1, run_id="", fence=0, epoch=1))
