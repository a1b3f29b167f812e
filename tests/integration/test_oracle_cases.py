"""Single worlds against the oracle: each was found at random, made small, and kept."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.oracle.compare import play
from tests.oracle.judge import Request, World, read_values
from tests.oracle.rows import row, world
from tests.oracle.variant import DECLARATIONS, write_variant
from tests.oracle.worlds import Scene

TODAY = dt.date(2026, 11, 23)


def erasure(**about: Any) -> Request:
    return Request("erasure", **about)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One place for all worlds: statements are then compiled once."""
    return tmp_path_factory.mktemp("cases")


def check(folder: Path, rows: World, *requests: Request, declarations: Path = DECLARATIONS, times: int = 1) -> None:
    """A world's nights by both strategies: from lists, and by walking ranges."""
    place, values = folder / "world", read_values(declarations, "example")
    for ranges in (False, True):
        shutil.rmtree(place, ignore_errors=True)
        scene = Scene(as_of=TODAY, today=TODAY, rows=rows, requests=list(requests))
        problems = play(scene, place, declarations, "example", values, times=times, ranges=ranges)
        assert not problems, "\n".join([f"ranges={ranges}", *problems])


def live_customer(**tables: list[dict[str, Any]]) -> World:
    return world(accounts=[row("accounts")], contracts=[row("contracts")], **tables)


# an erasure request that a live contract stands against


def test_a_request_that_yields_to_a_live_contract_delays_nothing(folder: Path) -> None:
    """Without the request the order, the second trial and the unsubscribed profile go tonight; with it too."""
    rows = live_customer(
        orders=[row("orders", created_at="2019-01-01 10:00:00")],
        trials=[row("trials", started_at="2022-01-01 10:00:00", ended_at="2022-02-01 10:00:00")],
        subscribers=[row("subscribers", customer_ref="C1", unsubscribed_at="2026-01-01 10:00:00")],
    )
    check(folder, rows)
    check(folder, rows, erasure(subject="C1"))


def test_an_insurance_hold_stands_against_a_request_that_has_no_effect(folder: Path) -> None:
    check(folder, live_customer(orders=[row("orders")]), erasure(subject="C1"), Request("insurance", subject="C1"))


def test_a_person_goes_though_the_request_about_the_customer_has_no_effect(folder: Path) -> None:
    rows = live_customer(contacts=[row("contacts")])
    check(folder, rows, erasure(subject="C1"), erasure(record=("contacts", 1)))


@pytest.mark.parametrize("record", [("accounts", 1), ("contracts", 1), ("trials", 1)])
def test_a_live_contract_outlives_a_request_about_its_own_record(folder: Path, record: tuple[str, int]) -> None:
    check(folder, live_customer(trials=[row("trials", converted=1)]), erasure(record=record))


def test_a_request_about_a_contact_leaves_employer_and_colleagues(folder: Path) -> None:
    rows = live_customer(contacts=[row("contacts"), row("contacts", contact_id=2)])
    check(folder, rows, erasure(record=("contacts", 1)))


# a fingerprint that two profiles share


def test_a_request_erases_both_profiles_of_an_address(folder: Path) -> None:
    """Unsubscribed, then subscribed again: both go, whatever the suppression list says once the first has gone."""
    rows = world(
        accounts=[row("accounts")],
        subscribers=[
            row("subscribers", customer_ref="C1", unsubscribed_at="2026-11-20 10:00:00"),
            row("subscribers", subscriber_id=2, customer_ref="C1"),
        ],
        preferences=[row("preferences", subscriber_id=2)],
    )
    check(folder, rows, erasure(subject="C1"))


def test_both_profiles_of_an_address_go_with_their_trial(folder: Path) -> None:
    rows = world(
        accounts=[row("accounts")],
        trials=[row("trials", started_at="2022-01-01 10:00:00", ended_at="2022-02-01 10:00:00")],
        subscribers=[
            row("subscribers", customer_ref="C1", unsubscribed_at="2026-11-20 10:00:00"),
            row("subscribers", subscriber_id=2, customer_ref="C1"),
        ],
    )
    check(folder, rows)


def test_a_fingerprint_kept_tonight_stops_no_other_profile_tonight(folder: Path) -> None:
    """One profile goes on request, another of that address by its last contact: its preference has gone already."""
    rows = world(
        accounts=[row("accounts")],
        subscribers=[
            row("subscribers", customer_ref="C1", unsubscribed_at="2026-11-20 10:00:00"),
            row("subscribers", subscriber_id=2, last_contact_at="2020-01-01 10:00:00", match_status="unmatched"),
        ],
        preferences=[row("preferences", subscriber_id=2)],
    )
    check(folder, rows, erasure(subject="C1"))


# one broken row must not stop the night


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [
        ("trials", "started_at", 20220131),
        ("trials", "ended_at", 2022.5),
        ("trials", "ended_at", b"2022-01-31 10:00:00"),
        ("contracts", "ends_on", 20220131),
    ],
)
def test_a_number_for_a_date_is_quarantined(folder: Path, table: str, column: str, value: Any) -> None:
    """What a column of dates in SQLite makes of `20220131`. The row and its subject go to quarantine, the night goes on."""
    rows = world(accounts=[row("accounts"), row("accounts", account_id=2, customer_ref="C2")])
    rows[table] = [row(table, **{column: value})]
    check(folder, rows)


def test_a_number_for_a_date_is_quarantined_where_no_fact_is_made_of_it(folder: Path) -> None:
    rows = live_customer(orders=[row("orders", created_at=20190101), row("orders", order_id=2, created_at=b"2019")])
    check(folder, rows)


def test_a_trial_that_ends_at_the_end_of_time(folder: Path) -> None:
    """With 25 months from the end of the trial, which the decision allows."""
    rows = world(accounts=[row("accounts")], trials=[row("trials", ended_at="9999-12-31 23:59:59")])
    check(folder, rows, declarations=write_variant(folder / "declarations"))


def test_an_instant_in_the_last_hour_of_the_calendar_lies_in_the_future(folder: Path) -> None:
    check(folder, live_customer(orders=[row("orders", created_at="9999-12-31 23:59:59")]))


# what can be read


@pytest.mark.parametrize(
    "value", ["2019-01-01 10:00:00123", "2019-01-01 10:00:00.", "2019-01-01 10:00:00.1.2", "0000-01-01 00:00:00"]
)
def test_what_is_no_instant_is_quarantined(folder: Path, value: str) -> None:
    check(folder, live_customer(orders=[row("orders", created_at=value)]))


def test_a_contract_that_ended_in_the_year_zero_is_quarantined(folder: Path) -> None:
    rows = world(accounts=[row("accounts")], contracts=[row("contracts", starts_on="0000-01-01", ends_on="0000-06-01")])
    check(folder, rows)


@pytest.mark.parametrize("value", ["2019-01-01 10:00:00.5", "2019-01-01 10:00:00.123456789", "0001-01-01 00:00:00"])
def test_what_is_an_instant_is_judged(folder: Path, value: str) -> None:
    check(folder, live_customer(orders=[row("orders", created_at=value)]))


def test_an_open_end_written_as_a_date(folder: Path) -> None:
    check(folder, world(accounts=[row("accounts")], contracts=[row("contracts", ends_on="9999-12-31")]))


# facts that shrink in the middle of a night


def test_the_last_facts_are_those_before_the_first_batch(folder: Path) -> None:
    """Of two trials one is erased and one is due: tonight the account stays. Its facts are those known when the night began."""
    rows = world(
        accounts=[row("accounts")],
        trials=[
            row("trials", started_at="2025-06-01 10:00:00", ended_at="2025-07-01 10:00:00"),
            row("trials", trial_id=2, started_at="2022-01-01 10:00:00", ended_at="2022-02-01 10:00:00"),
        ],
    )
    check(folder, rows, erasure(record=("trials", 1)), times=2)
