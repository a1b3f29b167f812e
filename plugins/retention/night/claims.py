"""Who is at work on a store. A later run takes over with a fencing number; the one before finds out before its next batch."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select

from retention.errors import PlanError
from retention.night.context import Night
from retention.stores import tables


def claim(night: Night) -> int:
    """Claims the store for this run: any other run's next batch will find itself superseded. Returns the fencing number.

    A rehearsal never supersedes a night under way: it raises PlanError.
    """
    t = tables.claim
    with night.session.writing("claiming the store") as connection:
        row = connection.execute(select(t.c.run_id, t.c.fence)).one_or_none()
        if night.dry_run and row and row[0] != night.run_id and _under_way(night, row[0]):
            raise PlanError(
                "a night is under way on this store, and a rehearsal must not disturb it",
                mend="rehearse when it has finished; if it was killed, run the night again first",
            )
        fence = (int(row[1]) if row else 0) + (0 if row and row[0] == night.run_id else 1)
        connection.execute(delete(t))
        connection.execute(insert(t).values(slot=1, run_id=night.run_id, fence=fence))
    return fence


def _under_way(night: Night, run_id: str) -> bool:
    holder = night.evidence.run(run_id)
    return holder is not None and holder.status == "running" and not holder.dry_run


def check_claim(connection: Connection, run_id: str) -> None:
    """Raises PlanError where another run has claimed the store since."""
    holder = connection.execute(select(tables.claim.c.run_id)).scalar()
    if holder != run_id:
        raise PlanError(
            "another run has claimed this store since: this one stops before its next batch",
            mend="nothing: the later run goes on. What this run disposed of is receipted",
        )
