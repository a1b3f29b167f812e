"""Nights as the evidence database would hold them: four stores, every outcome, keys and reasons that must never be printed."""

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

# store, population, outcome, rule, reason, action, hold, rows, oldest, newest, due since; `+late` marks a hold on what is due
NIGHTS = """
account accounts keep account-relationship contract_live - - 5210 2015-03-02 2026-11-20 -
account accounts keep account-relationship period_running - - 812 2020-12-01 2026-10-02 -
account accounts held account-relationship hold - legal_claim+late 3 2018-05-04 2019-01-02 2024-01-03
account accounts quarantine - anchor_future - - 2 2031-01-01 2031-01-01 -
account accounts due account-relationship relationship_over delete - 41 2016-01-05 2021-11-20 2026-11-16
account contacts keep account-relationship contract_live - - 9120 2015-03-02 2026-11-20 -
account contacts due account-relationship relationship_over delete - 58 2016-01-05 2021-11-20 2026-11-16
account trials keep trial-data trial_open - - 37 2024-08-01 2026-11-21 -
account trials keep trial-data period_running - - 1904 2024-10-23 2026-10-11 -
account trials quarantine - end_before_start - - 4 2025-02-02 2026-02-02 -
account trials due trial-data period_over delete - 63 2024-10-01 2024-10-21 2026-11-02
account contracts keep account-relationship contract_live - - 5391 2015-03-02 2026-11-20 -
account contracts keep - no_criterion - - 6 2015-03-02 2020-11-20 -
transaction orders keep transaction-interest interest_holds - - 20418 2021-12-01 2026-11-21 -
transaction orders due erasure-request erasure_request delete - 7 2024-02-01 2026-03-05 2026-11-21
transaction invoices keep accounting-floor floor_running - - 18876 2016-12-31 2026-11-19 -
transaction invoices keep accounting-floor already_minimised - - 311 2016-12-31 2020-11-19 -
transaction invoices due transaction-interest floor_remains minimise - 122 2020-02-01 2021-11-20 2026-11-21
transaction invoices due erasure-request floor_remains archive - 81 2020-02-01 2021-11-20 2026-11-21
transaction archived_invoices keep accounting-floor floor_running - - 2211 2016-12-31 2021-11-19 -
transaction archived_invoices due accounting-floor floor_over delete - 77 2015-01-01 2015-12-31 2026-11-21
transaction invoices quarantine - parent_missing - - 9 2019-05-05 2022-01-01 -
transaction payments held transaction-interest hold - restriction 12 2024-05-05 2025-01-01 -
transaction payments held - restriction_and_erasure - restriction 1 2024-05-05 2024-05-05 -
transaction payments due payment-card fields_period_over anonymise - 540 2025-09-01 2025-10-20 2026-11-19
transaction payments keep transaction-interest interest_holds - - 16720 2021-12-01 2026-11-21 -
subscription subscribers keep subscription-prospect undecided - - 3120 2017-01-02 2026-11-21 -
subscription subscribers keep subscription-relationship facts_stale - - 14 2019-01-02 2026-11-21 -
subscription subscribers quarantine - quarantined_state - - 21 2019-01-02 2026-11-21 -
subscription subscribers due subscription-unsubscribed ceiling_reached delete - 33 2026-09-20 2026-10-20 2026-11-20
subscription preferences keep subscription-relationship contract_live - - 6123 2017-01-02 2026-11-21 -
subscription preferences due subscription-unsubscribed ceiling_reached delete - 66 2026-09-20 2026-10-20 2026-11-20
subscription suppression_list keep suppression-list period_running - - 1450 2023-12-02 2026-11-21 -
usage visits keep usage-visits interest_holds - - 88412 2024-10-23 2026-11-21 -
usage visits keep usage-visits already_anonymised - - 12090 2022-01-01 2024-10-01 -
usage visits due usage-visits interest_over anonymise - 301 2024-10-21 2024-10-22 2026-11-22
usage visits due usage-visits small_cell delete - 4 2024-10-21 2024-10-22 2026-11-22
usage page_events due usage-events interest_over delete - 1210 2024-10-21 2024-10-22 2026-11-22
usage page_events keep usage-events interest_holds - - 351200 2024-10-23 2026-11-21 -
"""
KINDS = {
    "accounts": "account",
    "contacts": "contact",
    "trials": "trial",
    "contracts": "contract",
    "orders": "order",
    "invoices": "invoice",
    "archived_invoices": "archived_invoice",
    "payments": "payment",
    "subscribers": "subscriber",
    "preferences": "preference",
    "suppression_list": "suppression_entry",
    "visits": "visit",
    "page_events": "page_event",
}


def _read(text: str) -> dict[str, list[tuple[Any, ...]]]:
    """Lines by store: population, category, kind, outcome, rule, reason, action, hold, late, rows, oldest, newest, due."""
    lines: dict[str, list[tuple[Any, ...]]] = {}
    for row in text.split("\n")[1:-1]:
        store, population, outcome, *others = (None if word == "-" else word for word in row.split())
        rule, reason, action, hold, rows, *days = others
        assert store and population and rows
        held, _, late = (hold or "").partition("+")
        line = (population, store, KINDS[population], outcome, rule, reason, action, held or None, bool(late), int(rows), *days)
        lines.setdefault(store, []).append(line)
    return lines


LINES = _read(NIGHTS)
STATUS = {"account": "reservations", "transaction": "reservations", "subscription": "reservations", "usage": "passed"}
EXPECTATIONS = {
    "before": (
        "keys_unique",
        "every_row_seen",
        "anchors_present",
        "known_state",
        "candidates_not_held",
        "candidates_really_due",
        "nothing_refused",
    ),
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
            "finished_at": None if status in ("running", "waiting") else started + dt.timedelta(minutes=7), "note": None,
        })  # fmt: skip
        lines = [_line(run_id, "before", number, raw) for number, raw in enumerate(LINES[store])]
        db.execute(tables.scan.insert(), lines)
        undone = status in ("rehearsal", "running", "waiting", "failed")
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
        "receipt_id": f"{run_id}/{line['population']}/{batch}", "run_id": run_id, "store": store,
        "population": line["population"],
        "unit": 1, "batch": batch, "rule": line["rule"], "action": line["action"], "as_of": as_of, "plan_hash": _hash(run_id),
        "rows": line["rows"] - left - (1 if line["rows"] > 60 else 0), "spared": 1 if line["rows"] > 60 else 0,
        "root": _hash(f"{run_id}{batch}"), "scheme": "blocks", "keyset": b"", "keyset_hash": _hash(""),
        "disposed_at": started + dt.timedelta(seconds=30 + batch),
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
    """A claim whose review is overdue, a restriction on one record, insurance on a category, an erasure request."""
    base: dict[str, Any] = {
        "subject_key": None, "store": None, "population": None, "record_key": None, "category": None, "reason": SECRET_REASON,
        "approver": "Service juridique", "placed_at": dt.datetime.fromisoformat("2026-02-03T09:00"),
        "released_at": None, "released_by": None,
        "release_note": None,
    }  # fmt: skip
    claim = {"kind": "legal_claim", "scope": "subject", "subject_key": SUBJECT_KEY}
    closed = {"released_at": dt.datetime.fromisoformat("2026-01-05"), "released_by": "Service juridique"}
    payment = {"scope": "record", "store": "transaction", "population": "payments", "record_key": RECORD_KEY}
    usage = {"kind": "insurance", "scope": "category", "category": "usage"}
    rows = [
        claim | {"hold_id": "H-0001", "reference": "RG 26/00412", "review_by": dt.date(2026, 10, 1)},
        payment | {"hold_id": "H-0002", "kind": "restriction", "reference": "DSR-2026-031", "review_by": dt.date(2027, 3, 1)},
        usage | {"hold_id": "H-0003", "reference": "AXA-77", "review_by": dt.date(2027, 1, 1)},
        claim | {"hold_id": "E-0001", "kind": "erasure", "reference": "=DSR-2026-044", "review_by": dt.date(2026, 12, 15)},
        claim | closed | {"hold_id": "H-0000", "reference": "CLOSED-1", "review_by": dt.date(2026, 1, 1)},
    ]
    with evidence.writing() as db:
        for row in rows:
            db.execute(tables.hold.insert(), base | row)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
