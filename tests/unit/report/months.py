"""Months of nights as the evidence database would hold them, put in through its own tables."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from retention.declare.bundle import Bundle
from retention.evidence import tables
from retention.evidence.database import Evidence
from tests.unit.report import nights
from tests.unit.report.nights import LINES

Night = tuple[str, dt.date]  # store and as-of


def add_months(
    evidence: Evidence,
    bundle: Bundle,
    first: dt.date,
    last: dt.date,
    *,
    missing: Collection[Night] = (),
    failed: Collection[Night] = (),
    late: Collection[Night] = (),
) -> None:
    """A night of every store and day. `failed` ones end in the middle of their disposal, `late` ones leave rows undone."""
    runs: list[dict[str, Any]] = []
    scans: list[dict[str, Any]] = []
    receipts: list[dict[str, Any]] = []
    for number in range((last - first).days + 1):
        day = first + dt.timedelta(days=number)
        for store in LINES:
            night = (store, day)
            if night not in missing:
                run = _run(bundle, store, day, "failed" if night in failed else nights.STATUS[store])
                runs.append(run)
                before = [_scanned(run["run_id"], line, raw, day, number) for line, raw in enumerate(LINES[store])]
                due = [line for line in before if line["disposition"] == "due"]
                left = 5 if night in late else 0
                scans += before
                receipts += [
                    nights._receipt(run["run_id"], store, day, line, left, run["started_at"])
                    for line in (due[: len(due) // 2] if night in failed else due)
                ]
                if night not in failed:
                    scans += [line | {"stage": "after"} for line in before if line["disposition"] != "due"]
                    scans += [line | {"stage": "after", "rows": left} for line in due if left]
    with evidence.writing() as db:
        for table, rows in ((tables.run, runs), (tables.scan, scans), (tables.receipt, receipts)):
            if rows:
                db.execute(table.insert(), rows)


def _run(bundle: Bundle, store: str, day: dt.date, status: str) -> dict[str, Any]:
    started = dt.datetime.combine(day, dt.time(2, 30)) + dt.timedelta(minutes=list(LINES).index(store))
    return {
        "run_id": f"{store}:scheduled__{day.isoformat()}", "store": store, "as_of": day, "horizon": day,
        "policy_hash": bundle.policy_hash, "decision_set": bundle.decisions.set, "dry_run": False, "status": status,
        "started_at": started, "finished_at": started + dt.timedelta(minutes=7), "note": None,
    }  # fmt: skip


def _scanned(run_id: str, number: int, raw: tuple[Any, ...], day: dt.date, count: int) -> dict[str, Any]:
    """A line of that day: what is due grows and falls with the weeks, what is late has been for a few days."""
    line = nights._line(run_id, "before", number, raw)
    rows = line["rows"] + (count % 7) * 3 if line["disposition"] == "due" else line["rows"] + count // 10
    due = day - dt.timedelta(days=1 + number % 4) if line["oldest_due"] else None
    return line | {"rows": rows, "oldest_due": due}
