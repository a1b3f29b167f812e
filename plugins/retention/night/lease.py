"""Taking a store over: a later run gets a fencing number; the one before finds out before its next batch."""

from __future__ import annotations

from sqlalchemy import insert, select, update

from retention.errors import PlanError
from retention.evidence.approvals import in_time
from retention.night.context import Night
from retention.stores import tables


def take(night: Night) -> int:
    """Takes the store for this run: any other run's next batch will find itself superseded. Returns the fencing number.

    A rehearsal never supersedes a night under way, nor does a night of an earlier date (a backfill): they raise PlanError.
    """
    t = tables.lease
    with night.session.writing("taking the lease") as connection:
        holder = connection.execute(select(t.c.run_id, t.c.fence).with_for_update()).one_or_none()
        if holder is None:
            connection.execute(insert(t).values(slot=1, run_id=night.run_id, fence=1, epoch=0))
            return 1
        if night.dry_run and holder.run_id != night.run_id and _under_way(night, holder.run_id):
            raise PlanError(
                "a night is under way on this store, or waits for approval, and a rehearsal must not disturb it",
                mend="rehearse when it has finished; if it was killed, run the night again first; `retention approvals`",
            )
        if holder.run_id != night.run_id and _later_under_way(night, holder.run_id):
            raise PlanError(
                "a night of a later date is under way on this store, and disposes of all that this one would",
                mend="nothing need be done; for a record of this date too, run it again when that one has finished",
            )
        fence = int(holder.fence) + int(holder.run_id != night.run_id)
        connection.execute(update(t).values(run_id=night.run_id, fence=fence))
    return fence


def _under_way(night: Night, run_id: str) -> bool:
    holder = night.evidence.run(run_id)
    if holder is None or holder.dry_run:
        return False
    return holder.status == "running" or (holder.status == "waiting" and in_time(night.evidence, run_id))


def _later_under_way(night: Night, run_id: str) -> bool:
    holder = night.evidence.run(run_id)
    return holder is not None and holder.as_of > night.as_of and _under_way(night, run_id)
