"""Rules are data: a second legal obligation over the same rows is a matter of YAML."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from retention.workspace import Workspace
from tests.oracle import nights
from tests.oracle.rows import row, world
from tests.oracle.variant import DECLARATIONS
from tests.oracle.worlds import Scene

TODAY = dt.date(2026, 11, 23)
INVOICE: dict[str, Any] = {
    "invoice_id": 1,
    "order_id": None,
    "customer_ref": "C1",
    "invoice_number": "F1",
    "issued_on": "2020-01-15",
    "customer_name": "Atelier",
    "customer_address": "1 rue Haute",
    "contact_name": "Ana",
    "contact_email": "a@example.org",
    "contact_phone": "01",
    "net_cents": 1,
    "vat_cents": 1,
    "total_cents": 2,
    "created_at": "2020-01-15 10:00:00",
    "status": "paid",
}

CONTACT = ("record_id", "contact_details", "invoice_number", "invoice_customer", "invoice_amounts")  # but no dates, no status


def with_second_floor(folder: Path, years: int) -> Path:
    """The worked example, and a law that wants the contact of an invoice kept for some years."""
    shutil.copytree(DECLARATIONS, folder)
    yaml = YAML()
    rules = yaml.load(folder / "retention.yaml")
    first = next(rule for rule in rules["rules"] if rule["id"] == "accounting-floor")
    second = {key: first[key] for key in ("criterion", "title", "scope", "anchor", "law")}
    second |= {
        "id": "contact-floor",
        "period": {"decision": "transaction.contact_floor"},
        "elements": {"decision": "transaction.contact_elements"},
    }
    rules["rules"].append(second)
    yaml.dump(rules, folder / "retention.yaml")
    path = folder / "decisions" / "example.yaml"
    decisions = yaml.load(path)
    model = next(entry for entry in decisions["decisions"] if entry["id"] == "transaction.accounting_elements")
    decisions["decisions"] += [
        {**model, "id": "transaction.contact_floor", "kind": "period", "value": f"{years} years"},
        {**model, "id": "transaction.contact_elements", "kind": "elements", "value": list(CONTACT)},
    ]
    yaml.dump(decisions, path)
    return folder


def without_archive(folder: Path) -> Path:
    """The stores as they are where no archive is declared: what a floor keeps stays where it is."""
    shutil.copytree(nights.SQL, folder)
    yaml = YAML()
    path = folder / "transaction" / "store.yaml"
    store = yaml.load(path)
    del next(population for population in store["populations"] if population["name"] == "invoices")["archive"]
    yaml.dump(store, path)
    return folder


def morning(folder: Path, years: int) -> dict[str, Any]:
    """What is left of an invoice that nothing but floors keeps."""
    declared = {"declarations": with_second_floor(folder / "declarations", years), "sql": without_archive(folder / "sql")}
    workspace = replace(Workspace.at(folder, decision_set="example"), **declared)
    nights.load(Scene(TODAY, TODAY, world(accounts=[row("accounts")], invoices=[dict(INVOICE)])), workspace)
    nights.run(workspace, "transaction", TODAY, TODAY, "night")
    store = sqlite3.connect(workspace.store_file("transaction"))
    store.row_factory = sqlite3.Row
    left = dict(store.execute("SELECT * FROM invoices").fetchone())
    store.close()
    return left


def test_two_floors_that_run_keep_the_elements_of_both(tmp_path: Path) -> None:
    left = morning(tmp_path, years=10)
    assert (left["contact_name"], left["contact_email"], left["contact_phone"]) == ("Ana", "a@example.org", "01")
    assert (left["issued_on"], left["status"], left["customer_ref"]) == ("2020-01-15", "paid", None)


def test_a_floor_that_is_over_blanks_nothing_of_the_other(tmp_path: Path) -> None:
    left = morning(tmp_path, years=5)
    assert (left["issued_on"], left["status"], left["created_at"]) == ("2020-01-15", "paid", "2020-01-15 10:00:00")
    assert (left["contact_name"], left["contact_email"], left["contact_phone"]) == ("", None, None)
