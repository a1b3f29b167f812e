"""One quiet row of each table: nothing about it is due or broken. Keywords say what is special."""

from __future__ import annotations

from typing import Any

from tests.oracle.judge import TABLES, Cells, World

_LONG_AGO, _LATELY = "2010-01-01 10:00:00", "2026-10-01 10:00:00"

_QUIET: dict[str, Cells] = {
    "accounts": {
        "account_id": 1,
        "customer_ref": "C1",
        "company_name": "Atelier",
        "business_address": None,
        "email": None,
        "telephone": None,
        "segment": None,
        "created_at": _LONG_AGO,
        "last_contact_at": _LATELY,
        "status": "active",
    },
    "contacts": {
        "contact_id": 1,
        "account_id": 1,
        "full_name": "Ana",
        "email": None,
        "mobile": None,
        "created_at": _LONG_AGO,
        "last_contact_at": _LATELY,
        "status": "active",
    },
    "trials": {
        "trial_id": 1,
        "account_id": 1,
        "offer": "Essai",
        "credits": 10,
        "started_at": "2026-06-01 10:00:00",
        "ended_at": "2026-07-01 10:00:00",
        "converted": 0,
    },
    "contracts": {
        "contract_id": 1,
        "account_id": 1,
        "reference": "CT",
        "plan": "Pro",
        "starts_on": "2015-01-01",
        "ends_on": None,
    },
    "orders": {
        "order_id": 1,
        "customer_ref": "C1",
        "product": "Pack",
        "quantity": 1,
        "amount_cents": 100,
        "delivery_contact": None,
        "created_at": _LATELY,
        "status": "delivered",
    },
    "subscribers": {
        "subscriber_id": 1,
        "customer_ref": None,
        "email": "a@example.org",
        "email_fingerprint": "f",
        "full_name": None,
        "telephone": None,
        "subscribed_at": _LONG_AGO,
        "unsubscribed_at": None,
        "last_contact_at": _LATELY,
        "match_status": "matched",
    },
    "preferences": {"preference_id": 1, "subscriber_id": 1, "topic": "prix", "channel": "email"},
    "visits": {
        "visit_id": 1,
        "customer_ref": None,
        "visitor_id": "v1",
        "visited_at": _LATELY,
        "ip_address": None,
        "country": None,
        "city": None,
        "location": None,
        "browser": "Firefox",
        "browser_version": None,
        "operating_system": "Linux",
        "referral_source": None,
        "duration_seconds": None,
        "interests": None,
    },
}


def row(table: str, **special: Any) -> Cells:
    return {**_QUIET[table], **special}


def world(**tables: list[Cells]) -> World:
    return {table: tables.get(table, []) for table in TABLES}
