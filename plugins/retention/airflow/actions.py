"""What people do by hand in Airflow (trigger, clear, mark, delete, backfill), copied from its audit log into the ledger.

Airflow tells a plugin of few of these acts when they happen, but writes all of them into its own audit log, from which an
operator may delete. Each is copied once, by its number and time. Runs in the scheduler and the API server, which may read
that log; the evidence is written by a thread, for neither may be kept waiting.
"""

from __future__ import annotations

import datetime as dt
import json
import logging
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from retention.airflow.names import NIGHT, OTHERS, ours

if TYPE_CHECKING:
    from airflow.models import Log
    from sqlalchemy.orm import Session

    from retention.evidence.ledger import Entry

log = logging.getLogger(__name__)

KIND = "action"
OVERLAP = dt.timedelta(hours=1)  # an act may be written down later than one of a higher number

_WRITES = ("POST", "PATCH", "PUT", "DELETE")
# Of what was asked for, only this is kept: the rest may be free text, and what people write may name others.
_KEPT = (
    "as_of", "dry_run", "month", "decisions", "new_state", "state", "only_failed", "only_running", "only_new",
    "include_future", "include_past", "include_upstream", "include_downstream", "reset_dag_runs", "run_on_latest_version",
    "from_date", "to_date", "max_active_runs", "run_backwards", "reprocess_behavior", "backfill_id", "is_paused",
    "chosen_options", "dag_run_id", "task_ids", "update_mask", "method",
)  # fmt: skip


@dataclass
class Copier:
    """Copies what is new in the audit log, one copy at a time. What fails is said in the log and tried at the next occasion."""

    since: dt.datetime | None = None
    busy: bool = False

    def copy(self, session: Session) -> threading.Thread | None:
        """Reads what is new now and writes it into the ledger meanwhile. Returns the thread at work, if any."""
        if self.busy:
            return None
        from retention.airflow.connections import connected  # noqa: F401  # nothing is to be imported in the thread: a
        from retention.evidence import ledger  # noqa: F401  # worker may be forked while it runs
        from retention.workspace import Workspace  # noqa: F401

        entries, newest = _read(session, self.since)
        if not entries:
            return None
        self.busy = True
        thread = threading.Thread(target=self._write, args=(entries, newest), name="retention-actions", daemon=True)
        thread.start()
        return thread

    def _write(self, entries: list[Entry], newest: dt.datetime) -> None:
        try:
            seal(entries)
            self.since = newest - OVERLAP
        except Exception as reason:  # a listener stops nothing, whatever it meets
            log.error("What people did in Airflow is not in the ledger yet: %s", type(reason).__name__)
        finally:
            self.busy = False


def seal(entries: Iterable[Entry]) -> None:
    """Writes acts into the ledger, those that are not there yet. Raises EvidenceError."""
    from retention.airflow.connections import connected
    from retention.evidence import ledger
    from retention.workspace import Workspace

    workspace = connected(Workspace.from_env())
    workspace.evidence(readonly=True)  # evidence comes into being with the first night, and not here
    evidence = workspace.evidence()
    try:
        with evidence.writing() as connection:
            ledger.append(connection, entries)
    finally:
        evidence.engine.dispose()


def _read(session: Session, since: dt.datetime | None) -> tuple[list[Entry], dt.datetime]:
    """What people did to our DAGs since, and the time of the last of it."""
    from airflow.models import Log
    from sqlalchemy import or_, select

    by_hand = or_(Log.event.like("cli\\_%", escape="\\"), *(Log.extra.like(f'%"method": "{verb}"%') for verb in _WRITES))
    query = select(Log).where(by_hand).order_by(Log.id)
    if since is not None:
        query = query.where(Log.dttm > since)
    rows = [row for row in session.scalars(query) if row.dttm is not None]
    entries = [entry_of(row) for row in rows if _concerns(row)]
    return entries, max((row.dttm for row in rows), default=dt.datetime.min.replace(tzinfo=dt.UTC))


def _concerns(row: Log) -> bool:
    """An act upon several DAGs names them in what was asked for; one upon a backfill names only its number."""
    if row.dag_id not in (None, "~"):
        return ours(row.dag_id)
    asked = row.extra or ""
    return row.event.endswith("_backfill") or any(f'"{name}' in asked for name in (NIGHT, *OTHERS))


def entry_of(row: Log) -> Entry:
    """An act as the ledger keeps it: who, what, on which DAG, run and task, and when."""
    from retention.evidence.ledger import Entry

    night = str(row.dag_id or "").startswith(NIGHT)
    store = str(row.dag_id).removeprefix(NIGHT) if night else None
    at = row.dttm.astimezone(dt.UTC)  # those without were left out
    payload = {
        "who": row.owner or "",
        "what": row.event,
        "dag": row.dag_id or "",
        "run": row.run_id or "",
        "task": row.task_id or "",
        "map_index": row.map_index if row.map_index is not None else -1,
        "at": at.isoformat(timespec="microseconds"),
        "asked": _asked(row.extra),
        "event": row.id,
    }
    run_id = f"{store}:{row.run_id}" if store and row.run_id and row.run_id != "~" else None
    return Entry(KIND, f"airflow {row.id} {at.isoformat(timespec='microseconds')}", payload, run_id and run_id[:120], store)


def _asked(extra: str | None) -> dict[str, Any]:
    """What was asked for, without anything that a person could have written freely."""
    try:
        told = json.loads(extra or "{}")
    except ValueError:
        return {}
    if not isinstance(told, dict):
        return {}
    conf = told.get("conf")
    every = {**told, **conf} if isinstance(conf, dict) else told
    return {name: value for name, value in every.items() if name in _KEPT and _plain(value)}


def _plain(value: Any) -> bool:
    """A word, a number, or a list of them."""
    values = value if isinstance(value, list) else [value]
    return all(each is None or isinstance(each, bool | int) or (isinstance(each, str) and len(each) <= 250) for each in values)
