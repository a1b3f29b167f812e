"""The register of a year: made of what is declared and of the evidence of each night, and written as our workbook."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from sqlalchemy import Table

from benchmarks.harness import Options, Row, in_turn, timed
from retention.declare.bundle import Bundle
from retention.declare.stores import Population
from retention.evidence import tables
from retention.evidence.database import Evidence
from retention.workspace import Workspace
from ropa.register.editions import own
from ropa.register.making import make_register
from ropa.register.making.findings import concerns
from ropa.register.publication import Publication

NIGHTS, ACTIVITIES = 365, 20
LAST = dt.date(2026, 11, 22)
PUBLISHED = dt.datetime.fromisoformat("2026-11-23T03:00")
EXPECTATIONS = ("keys_unique", "every_row_seen", "anchors_present", "known_state", "nothing_overdue", "rows_balance")
LINES = (  # outcome, reason, action, hold, would be due but for the hold
    ("keep", "period_running", None, None, False),
    ("keep", "contract_live", None, None, False),
    ("held", "hold", None, "legal_claim", True),
    ("quarantine", "anchor_missing", None, None, False),
    ("due", "period_over", "delete", None, False),
)
BATCH = 20_000  # rows inserted at once


def register(options: Options) -> list[Row]:
    """Seconds to make the model and to write the workbook, of 20 activities and a night of four stores on each of 365 days."""
    bundle = _of_twenty(Workspace.at(options.folder, decision_set="example").bundle())
    evidence = Evidence(f"sqlite:///{options.folder / 'register' / 'evidence.db'}")
    fill(evidence, bundle)

    def ours() -> Mapping[str, float]:
        made: list[Publication] = []
        making = timed(lambda: made.append(Publication(1, 0, PUBLISHED, make_register(bundle, evidence, LAST))))
        writing = timed(lambda: own.write(made[0], "fr", _folder(options.folder)))
        return {"seconds": making + writing, "making": making, "writing": writing}

    samples = in_turn({"ours": ours}, options.repeat)
    size = f"{len(bundle.activities.activities)} activities, {NIGHTS} nights of {len(bundle.stores)} stores"
    detail = f"{size}; {samples.said('ours')}"
    return [Row("the register as our workbook", "<= 2 s", samples.median("ours"), detail, samples.disturbed)]


def _folder(folder: Path) -> Path:
    output = folder / "register"
    output.mkdir(exist_ok=True)
    return output


def _of_twenty(bundle: Bundle) -> Bundle:
    """The declaration with as many activities; those beyond the shipped ones say what the first ones do."""
    shipped = bundle.activities.activities
    more = (
        each.model_copy(update={"id": f"{each.id}.{number}", "ref": f"R{number}"})
        for number, each in enumerate(shipped, start=len(shipped) + 1)
    )
    activities = (*shipped, *more)[:ACTIVITIES]
    return replace(bundle, activities=bundle.activities.model_copy(update={"activities": activities}))


def fill(evidence: Evidence, bundle: Bundle, last: dt.date = LAST) -> None:
    """A night of every store on each of 365 days, the last of them `last`."""
    rows: dict[Table, list[dict[str, Any]]] = {}
    for number in range(NIGHTS):
        for store in bundle.stores:
            for table, row in _night(bundle, store, last - dt.timedelta(days=number)):
                rows.setdefault(table, []).append(row)
    with evidence.writing() as db:
        for table, known in rows.items():
            for first in range(0, len(known), BATCH):
                db.execute(table.insert(), known[first : first + BATCH])


def _night(bundle: Bundle, store: str, as_of: dt.date) -> Iterator[tuple[Table, dict[str, Any]]]:
    run_id = f"{store}-{as_of:%Y%m%d}T011500"
    started = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time(1, 15))
    yield (
        tables.run,
        {
            "run_id": run_id, "store": store, "as_of": as_of, "horizon": as_of, "policy_hash": bundle.policy_hash,
            "decision_set": bundle.decisions.set, "dry_run": False, "status": "passed", "started_at": started,
            "finished_at": started + dt.timedelta(minutes=7), "note": None,
        },
    )  # fmt: skip
    for population in bundle.stores[store].declared.populations:
        yield from _scan(bundle, run_id, population, as_of)
        for expectation in EXPECTATIONS:
            yield (
                tables.validation,
                {
                    "run_id": run_id, "stage": "before", "population": population.name, "expectation": expectation,
                    "severity": "blocking", "outcome": "PASS", "unexpected": 0,
                },
            )  # fmt: skip
        yield tables.receipt, _receipt(bundle, run_id, store, population, as_of)


def _rule(bundle: Bundle, population: Population) -> str:
    return next(rule.id for rule in bundle.rules.rules if concerns(rule, population))


def _scan(bundle: Bundle, run_id: str, population: Population, as_of: dt.date) -> Iterator[tuple[Table, dict[str, Any]]]:
    for stage in ("before", "after"):
        for line, (disposition, reason, action, hold, late) in enumerate(LINES):
            if (stage, disposition) != ("after", "due"):
                yield (
                    tables.scan,
                    {
                        "run_id": run_id, "stage": stage, "population": population.name, "line": line,
                        "category": population.category, "kind": population.kind, "disposition": disposition,
                        "rule": _rule(bundle, population), "reason": reason, "action": action, "hold_kind": hold,
                        "overdue": late, "rows": 1000 + line, "oldest": dt.date(2020, 1, 1), "newest": as_of,
                        "oldest_due": as_of,
                    },
                )  # fmt: skip


def _receipt(bundle: Bundle, run_id: str, store: str, population: Population, as_of: dt.date) -> dict[str, Any]:
    digest = hashlib.sha256(f"{run_id}{population.name}".encode()).hexdigest()
    return {
        "receipt_id": f"{run_id}/{population.name}", "run_id": run_id, "store": store, "population": population.name,
        "unit": 1, "batch": 1, "rule": _rule(bundle, population), "action": "delete", "as_of": as_of, "plan_hash": digest,
        "rows": 1004, "spared": 0, "root": digest, "scheme": "blocks", "keyset": b"", "keyset_hash": digest,
        "disposed_at": dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time(1, 20)),
    }  # fmt: skip
