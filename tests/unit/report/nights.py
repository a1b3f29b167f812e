"""Nights as the evidence database would hold them: four stores, every outcome, and keys and reasons that must never be printed."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

from retention.declare.bundle import Bundle
from retention.evidence import tables
from retention.evidence.database import Evidence

AS_OF = dt.date(2026, 11, 22)
SUBJECT_KEY = "SUBJECT-KEY-7731"
RECORD_KEY = "RECORD-KEY-90210"
SECRET_REASON = "Claim brought by Jeanne Martin of Lyon"
SECRETS = (SUBJECT_KEY, RECORD_KEY, "Jeanne Martin")

# population, category, kind, disposition, rule, reason, action, hold kind, overdue, rows, oldest, newest, due since
ACCOUNT = [
    ("accounts", "account", "account", "keep", "account-relationship", "contract_live", None, None, False, 5210, "2015-03-02", "2026-11-20", None),
    ("accounts", "account", "account", "keep", "account-relationship", "period_running", None, None, False, 812, "2020-12-01", "2026-10-02", None),
    ("accounts", "account", "account", "held", "account-relationship", "hold", None, "legal_claim", True, 3, "2018-05-04", "2019-01-02", "2024-01-03"),
    ("accounts", "account", "account", "quarantine", None, "anchor_future", None, None, False, 2, "2031-01-01", "2031-01-01", None),
    ("accounts", "account", "account", "due", "account-relationship", "relationship_over", "delete", None, False, 41, "2016-01-05", "2021-11-20", "2026-11-16"),
    ("contacts", "account", "contact", "keep", "account-relationship", "contract_live", None, None, False, 9120, "2015-03-02", "2026-11-20", None),
    ("contacts", "account", "contact", "due", "account-relationship", "relationship_over", "delete", None, False, 58, "2016-01-05", "2021-11-20", "2026-11-16"),
    ("trials", "account", "trial", "keep", "trial-data", "trial_open", None, None, False, 37, "2024-08-01", "2026-11-21", None),
    ("trials", "account", "trial", "keep", "trial-data", "period_running", None, None, False, 1904, "2024-10-23", "2026-10-11", None),
    ("trials", "account", "trial", "quarantine", None, "end_before_start", None, None, False, 4, "2025-02-02", "2026-02-02", None),
    ("trials", "account", "trial", "due", "trial-data", "period_over", "delete", None, False, 63, "2024-10-01", "2024-10-21", "2026-11-02"),
    ("contracts", "account", "contract", "keep", "account-relationship", "contract_live", None, None, False, 5391, "2015-03-02", "2026-11-20", None),
    ("contracts", "account", "contract", "keep", None, "no_criterion", None, None, False, 6, "2015-03-02", "2020-11-20", None),
]  # fmt: skip
TRANSACTION = [
    ("orders", "transaction", "order", "keep", "transaction-interest", "interest_holds", None, None, False, 20418, "2021-12-01", "2026-11-21", None),
    ("orders", "transaction", "order", "due", "erasure-request", "erasure_request", "delete", None, False, 7, "2024-02-01", "2026-03-05", "2026-11-21"),
    ("invoices", "transaction", "invoice", "keep", "accounting-floor", "floor_running", None, None, False, 18876, "2016-12-31", "2026-11-19", None),
    ("invoices", "transaction", "invoice", "keep", "accounting-floor", "already_minimised", None, None, False, 311, "2016-12-31", "2020-11-19", None),
    ("invoices", "transaction", "invoice", "due", "transaction-interest", "floor_remains", "minimise", None, False, 122, "2020-02-01", "2021-11-20", "2026-11-21"),
    ("invoices", "transaction", "invoice", "quarantine", None, "parent_missing", None, None, False, 9, "2019-05-05", "2022-01-01", None),
    ("payments", "transaction", "payment", "held", "transaction-interest", "hold", None, "restriction", False, 12, "2024-05-05", "2025-01-01", None),
    ("payments", "transaction", "payment", "held", None, "restriction_and_erasure", None, "restriction", False, 1, "2024-05-05", "2024-05-05", None),
    ("payments", "transaction", "payment", "due", "payment-card", "fields_period_over", "anonymise", None, False, 540, "2025-09-01", "2025-10-20", "2026-11-19"),
    ("payments", "transaction", "payment", "keep", "transaction-interest", "interest_holds", None, None, False, 16720, "2021-12-01", "2026-11-21", None),
]  # fmt: skip
SUBSCRIPTION = [
    ("subscribers", "subscription", "subscriber", "keep", "subscription-prospect", "undecided", None, None, False, 3120, "2017-01-02", "2026-11-21", None),
    ("subscribers", "subscription", "subscriber", "keep", "subscription-relationship", "facts_stale", None, None, False, 14, "2019-01-02", "2026-11-21", None),
    ("subscribers", "subscription", "subscriber", "quarantine", None, "quarantined_state", None, None, False, 21, "2019-01-02", "2026-11-21", None),
    ("subscribers", "subscription", "subscriber", "due", "subscription-unsubscribed", "ceiling_reached", "delete", None, False, 33, "2026-09-20", "2026-10-20", "2026-11-20"),
    ("preferences", "subscription", "preference", "keep", "subscription-relationship", "contract_live", None, None, False, 6123, "2017-01-02", "2026-11-21", None),
    ("preferences", "subscription", "preference", "due", "subscription-unsubscribed", "ceiling_reached", "delete", None, False, 66, "2026-09-20", "2026-10-20", "2026-11-20"),
    ("suppression_list", "subscription", "suppression_entry", "keep", "suppression-list", "period_running", None, None, False, 1450, "2023-12-02", "2026-11-21", None),
]  # fmt: skip
USAGE = [
    ("visits", "usage", "visit", "keep", "usage-visits", "interest_holds", None, None, False, 88412, "2024-10-23", "2026-11-21", None),
    ("visits", "usage", "visit", "keep", "usage-visits", "already_anonymised", None, None, False, 12090, "2022-01-01", "2024-10-01", None),
    ("visits", "usage", "visit", "due", "usage-visits", "interest_over", "anonymise", None, False, 301, "2024-10-21", "2024-10-22", "2026-11-22"),
    ("visits", "usage", "visit", "due", "usage-visits", "small_cell", "delete", None, False, 4, "2024-10-21", "2024-10-22", "2026-11-22"),
    ("page_events", "usage", "page_event", "due", "usage-events", "interest_over", "delete", None, False, 1210, "2024-10-21", "2024-10-22", "2026-11-22"),
    ("page_events", "usage", "page_event", "keep", "usage-events", "interest_holds", None, None, False, 351200, "2024-10-23", "2026-11-21", None),
]  # fmt: skip
LINES = {"account": ACCOUNT, "transaction": TRANSACTION, "subscription": SUBSCRIPTION, "usage": USAGE}
STATUS = {"account": "reservations", "transaction": "reservations", "subscription": "reservations", "usage": "passed"}
EXPECTATIONS = {
    "before": ("keys_unique", "every_row_seen", "anchors_present", "known_state", "candidates_not_held", "candidates_really_due"),
    "after": ("nothing_overdue", "nothing_held_gone", "rows_balance", "receipts_match"),
}


def seeded(folder: Path, bundle: Bundle, **options: Any) -> Evidence:
    """An evidence database in which every store has had its night."""
    evidence = Evidence(f"sqlite:///{folder / 'evidence.db'}")
    add_nights(evidence, bundle, **options)
    add_holds(evidence)
    return evidence


def add_nights(
    evidence: Evidence,
    bundle: Bundle,
    *,
    as_of: dt.date = AS_OF,
    statuses: dict[str, str] | None = None,
    left: int = 0,
    prefix: str = "",
) -> list[str]:
    """One run a store. `left` rows of each due line stay undone; a failed or rehearsed run leaves no second scan."""
    return [
        _night(evidence, bundle, store, as_of, (statuses or STATUS)[store], left, prefix)
        for store in LINES
        if store in (statuses or STATUS)
    ]


def _night(evidence: Evidence, bundle: Bundle, store: str, as_of: dt.date, status: str, left: int, prefix: str) -> str:
    run_id = f"{prefix}{store}-{as_of:%Y%m%d}T011500-8c1f"
    started = dt.datetime.combine(as_of + dt.timedelta(days=1), dt.time(1, 15)) + dt.timedelta(minutes=list(LINES).index(store))
    head = evidence.head()
    seq = head.seq + 1 if head else 1
    with evidence.writing() as db:
        db.execute(tables.run.insert(), {
            "run_id": run_id, "store": store, "as_of": as_of, "horizon": as_of, "policy_hash": bundle.policy_hash,
            "decision_set": bundle.decisions.set, "dry_run": status == "rehearsal", "status": status, "started_at": started,
            "finished_at": None if status == "running" else started + dt.timedelta(minutes=7), "note": None,
        })  # fmt: skip
        lines = [_line(run_id, "before", number, raw) for number, raw in enumerate(LINES[store])]
        db.execute(tables.scan.insert(), lines)
        undone = status in ("rehearsal", "running", "failed")
        if not undone:
            after = [line | {"stage": "after"} for line in lines if line["disposition"] != "due"]
            after += [line | {"stage": "after", "rows": left} for line in lines if line["disposition"] == "due" and left]
            db.execute(tables.scan.insert(), after)
            receipts = [_receipt(run_id, store, as_of, line, left, started) for line in lines if line["disposition"] == "due"]
            db.execute(tables.receipt.insert(), receipts)
        db.execute(tables.validation.insert(), _validation(run_id, store, status))
        entry = {"at": started, "kind": "run", "run_id": run_id, "store": store, "reference": run_id, "payload": "{}"}
        db.execute(tables.ledger.insert(), entry | {"seq": seq, "previous": "0" * 64, "hash": _hash(run_id)})
    return run_id


def _line(run_id: str, stage: str, number: int, raw: tuple[Any, ...]) -> dict[str, Any]:
    names = ("population", "category", "kind", "disposition", "rule", "reason", "action", "hold_kind", "overdue", "rows")
    oldest, newest, due = (dt.date.fromisoformat(day) if day else None for day in raw[10:])
    return dict(zip(names, raw[:10], strict=True)) | {
        "run_id": run_id, "stage": stage, "line": number, "oldest": oldest, "newest": newest, "oldest_due": due,
    }  # fmt: skip


def _receipt(run_id: str, store: str, as_of: dt.date, line: dict[str, Any], left: int, started: dt.datetime) -> dict[str, Any]:
    batch = line["line"]
    return {
        "receipt_id": f"{run_id}/{line['population']}/{batch}", "run_id": run_id, "store": store, "population": line["population"],
        "batch": batch, "rule": line["rule"], "action": line["action"], "as_of": as_of, "plan_hash": _hash(run_id),
        "rows": line["rows"] - left - (1 if line["rows"] > 60 else 0), "spared": 1 if line["rows"] > 60 else 0,
        "root": _hash(f"{run_id}{batch}"), "leaves": b"", "disposed_at": started + dt.timedelta(seconds=30 + batch),
    }  # fmt: skip


def _validation(run_id: str, store: str, status: str) -> list[dict[str, Any]]:
    found = []
    for stage, expectations in EXPECTATIONS.items():
        for population in dict.fromkeys(line[0] for line in LINES[store]):
            for name in expectations:
                outcome, unexpected, severity = "PASS", 0, "blocking"
                if name == "known_state" and population == "subscribers":
                    outcome, unexpected, severity = "FAIL", 21, "warning"
                if status == "failed" and name == "candidates_really_due":
                    outcome, unexpected = "ERROR", None
                if status == "failed" and stage == "after":
                    continue
                found.append({
                    "run_id": run_id, "stage": stage, "population": population, "expectation": name, "severity": severity,
                    "outcome": outcome, "unexpected": unexpected,
                })  # fmt: skip
    return found


def add_holds(evidence: Evidence) -> None:
    """A claim on one person (its review is overdue), a restriction on one record, insurance on a category, an erasure request."""
    base: dict[str, Any] = {
        "subject_key": None, "store": None, "population": None, "record_key": None, "category": None, "reason": SECRET_REASON,
        "approver": "Service juridique", "placed_at": dt.datetime(2026, 2, 3, 9, 0), "released_at": None, "released_by": None,
        "release_note": None,
    }  # fmt: skip
    rows = [
        {"hold_id": "H-0001", "kind": "legal_claim", "scope": "subject", "subject_key": SUBJECT_KEY, "reference": "RG 26/00412", "review_by": dt.date(2026, 10, 1)},
        {"hold_id": "H-0002", "kind": "restriction", "scope": "record", "store": "transaction", "population": "payments", "record_key": RECORD_KEY, "reference": "DSR-2026-031", "review_by": dt.date(2027, 3, 1)},
        {"hold_id": "H-0003", "kind": "insurance", "scope": "category", "category": "usage", "reference": "AXA-77", "review_by": dt.date(2027, 1, 1)},
        {"hold_id": "E-0001", "kind": "erasure", "scope": "subject", "subject_key": SUBJECT_KEY, "reference": "=DSR-2026-044", "review_by": dt.date(2026, 12, 15)},
        {"hold_id": "H-0000", "kind": "legal_claim", "scope": "subject", "subject_key": SUBJECT_KEY, "reference": "CLOSED-1", "review_by": dt.date(2026, 1, 1), "released_at": dt.datetime(2026, 1, 5), "released_by": "Service juridique"},
    ]  # fmt: skip
    with evidence.writing() as db:
        for row in rows:
            db.execute(tables.hold.insert(), base | row)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
