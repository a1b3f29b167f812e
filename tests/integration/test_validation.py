"""Every expectation fails when what it expects does not hold; a blocking one stops the night, and nobody's data is told."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite
from workbench import AS_OF, DAY, LISTED, STORES, UNTIL_DISPOSAL, Bench, copy, take

from retention.errors import ValidationFailed
from retention.night import cards, steps
from retention.workspace import Workspace

BEFORE = (*UNTIL_DISPOSAL, "validate_before")


def with_query(bench: Bench, folder: Path, store: str, query: str, old: str, new: str) -> Bench:
    """The same sample behind a population query of another wording."""
    mapped = folder / "sql"
    shutil.copytree(bench.workspace.sql, mapped)
    file = mapped / store / query
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    return Bench(copy(bench.workspace, folder / "with-query", sql=mapped), bench.sample)


def stopped(
    bench: Bench, store: str, expectation: tuple[str, str], tamper: Any = None, run_id: str = "stopped"
) -> ValidationFailed:
    """Runs a night up to its first validation, which must fail for this expectation only; nothing is disposed of."""
    night = bench.night(store, run_id=run_id)
    take(night, UNTIL_DISPOSAL)
    before = bench.content(store)
    if tamper is not None:
        tamper()
        before = bench.content(store)
    with pytest.raises(ValidationFailed) as error:
        take(night, ("validate_before",))
    failed = {place for place, line in bench.outcomes(run_id).items() if line.severity == "blocking" and line.outcome != "PASS"}
    assert failed == {expectation}
    assert error.value.exit_code == 4
    assert error.value.mend
    assert bench.content(store) == before
    assert bench.receipted(store) == {}
    return error.value


# before: integrity


def test_a_join_that_doubles_rows(bench: Bench, folder: Path) -> None:
    made = with_query(
        bench, folder, "account", "contacts.sql",
        "LEFT JOIN accounts AS a ON a.account_id = c.account_id",
        "LEFT JOIN accounts AS a ON a.account_id = c.account_id\nLEFT JOIN trials AS t ON t.account_id = c.account_id",
    )  # fmt: skip
    night = made.night("account", run_id="doubled")
    take(night, UNTIL_DISPOSAL)
    with pytest.raises(ValidationFailed):
        take(night, ("validate_before",))
    lines = made.outcomes("doubled")
    assert lines["contacts", "keys_unique"].outcome == "FAIL"
    assert lines["contacts", "every_row_seen"].outcome == "FAIL"
    assert lines["accounts", "keys_unique"].outcome == "PASS"


def test_a_join_that_drops_rows(bench: Bench, folder: Path) -> None:
    bench.sql("account", "UPDATE contacts SET account_id = 987654 WHERE contact_id = 400")
    made = with_query(bench, folder, "account", "contacts.sql", "LEFT JOIN", "JOIN")  # a contact without an account vanishes
    error = stopped(made, "account", ("contacts", "every_row_seen"))
    assert "contacts" in str(error)


def test_a_condition_that_drops_rows(bench: Bench, folder: Path) -> None:
    made = with_query(
        bench, folder, "usage", "visits.sql", "FROM visits AS v", "FROM visits AS v\nWHERE v.visitor_id IS NOT NULL"
    )
    stopped(made, "usage", ("visits", "every_row_seen"))


# before: quality


PLANTS = {
    ("accounts", "anchors_present"): "UPDATE accounts SET last_contact_at = NULL WHERE account_id = 400",
    ("accounts", "anchors_not_future"): "UPDATE accounts SET created_at = '{ahead} 10:00:00' WHERE account_id = 401",
    ("accounts", "known_state"): "UPDATE accounts SET status = 'on hold?' WHERE account_id = 402",
    ("contracts", "anchors_present"): "UPDATE contracts SET starts_on = '2020-02-30' WHERE contract_id = 300",
    ("contracts", "end_after_start"): "UPDATE contracts SET ends_on = '1999-01-01' WHERE contract_id = 301",
    ("trials", "end_after_start"): "UPDATE trials SET ended_at = '1999-01-01 10:00:00' WHERE trial_id = 300",
    ("trials", "known_state"): "UPDATE trials SET converted = 9 WHERE trial_id = 301",
    ("contacts", "parents_present"): "UPDATE contacts SET account_id = 987654 WHERE contact_id = 400",
}


def test_each_broken_row_is_counted_where_it_belongs(bench: Bench, after_night: Bench) -> None:
    run = after_night.evidence.latest_run("account")
    assert run is not None
    clean = after_night.outcomes(run.run_id)
    for statement in PLANTS.values():
        with closing(sqlite3.connect(bench.file("account"))) as file, file:
            assert file.execute(statement.format(ahead=AS_OF + DAY)).rowcount == 1

    ran = take(bench.night("account", run_id="planted"), BEFORE)

    lines = bench.outcomes("planted")
    for place in PLANTS:
        assert lines[place].outcome == "FAIL"
        assert lines[place].severity == "warning"
        assert lines[place].unexpected == (clean[place].unexpected or 0) + 1, place
    assert int(ran["validate_before"]["warnings"]) >= len({name for _, name in PLANTS})


def test_a_warning_disposes_of_the_rest_and_not_of_the_broken_row(bench: Bench) -> None:
    take(bench.night("usage"), UNTIL_DISPOSAL)
    keys = [row[0] for row in bench.sql("usage", "SELECT record_int FROM retention_candidate WHERE population = 'page_events'")]
    bench.sql("usage", "UPDATE page_events SET viewed_at = NULL WHERE event_id = ?", keys[0])

    take(bench.night("usage"), (*BEFORE, "dispose", "validate_after"))

    assert bench.keys("usage", "page_events") & set(keys) == {keys[0]}


def test_many_broken_rows_stop_the_night(bench: Bench) -> None:
    bench.sql("account", "UPDATE contacts SET created_at = 'soon' WHERE contact_id BETWEEN 500 AND 560")
    error = stopped(bench, "account", ("contacts", "quarantine_share"))
    assert "limits.quarantine_share" in error.mend


# before: card data


CARDS = [
    ("4111 1111 1111 1111", True),
    ("4111-1111-1111-1111", True),
    ("4111111111111111", True),
    ("carte 5500000000000004, exp. 12/27", True),
    ("378282246310005", True),  # fifteen digits
    ("n° 6011 1111 1111 1117.", True),
    ("4111 1111 1111 1112", False),  # fails the Luhn check
    ("41111111111111111111", False),  # twenty digits are no card
    ("411111111111", False),  # nor are twelve
    ("+33 4 65 71 00 00", False),
    ("73282932000074", False),  # a SIRET passes the same check
    ("F2026-000123 du 2026-06-15 10:00:00", False),
    ("", False),
]


@pytest.mark.parametrize(("text", "found"), CARDS)
@pytest.mark.parametrize("column", ["delivery_contact", "product"])
def test_card_numbers_are_recognised(bench: Bench, text: str, found: bool, column: str) -> None:
    orders = bench.bundle.store("transaction").declared.population("orders")
    statement = cards.card_numbers(orders, sqlite.dialect()).compile(
        dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}
    )
    with closing(sqlite3.connect(bench.file("transaction"))) as file:
        assert file.execute(str(statement)).fetchall() == []
        file.execute(f"UPDATE orders SET {column} = ? WHERE order_id = 500", (text,))
        assert bool(file.execute(str(statement)).fetchall()) is found


def test_a_card_number_stops_the_night_and_is_not_repeated(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    bench.sql("transaction", "UPDATE orders SET delivery_contact = 'CB 4111 1111 1111 1111' WHERE order_id = 500")
    error = stopped(bench, "transaction", ("orders", "no_card_number"))
    for told in (str(error), caplog.text, (bench.workspace.home / "evidence.db").read_bytes().decode("latin-1")):
        assert "4111" not in told.replace(" ", "").replace("-", "") or "41111111" not in told.replace(" ", "")


def test_a_verification_code_column_stops_the_night(bench: Bench, folder: Path) -> None:
    mapped = folder / "sql"
    shutil.copytree(bench.workspace.sql, mapped)
    file = mapped / "transaction" / "store.yaml"
    text = file.read_text(encoding="utf-8").replace(
        "card_expiry: card_details", "card_expiry: card_details\n      card_cvv: card_details"
    )
    file.write_text(text, encoding="utf-8")
    made = Bench(copy(bench.workspace, folder / "cvv", sql=mapped), bench.sample)
    made.sql("transaction", "ALTER TABLE payments ADD COLUMN card_cvv VARCHAR(4)")
    stopped(made, "transaction", ("payments", "no_verification_code"))


# before: candidates


@pytest.mark.parametrize("about", ["record", "subject", "category"])
def test_a_candidate_under_a_hold_stops_the_night(bench: Bench, about: str) -> None:
    def hold() -> None:
        key, ref = bench.sql("transaction", """
            SELECT o.order_id, o.customer_ref FROM orders o JOIN retention_candidate c
            ON c.population = 'orders' AND c.record_int = o.order_id
            WHERE NOT EXISTS (SELECT 1 FROM invoices i WHERE i.customer_ref = o.customer_ref)
              AND NOT EXISTS (SELECT 1 FROM payments p WHERE p.customer_ref = o.customer_ref) LIMIT 1""")[0]  # fmt: skip
        values = {"record": (None, "orders", str(key), None), "subject": (ref, None, None, None)}
        row = values.get(about, (None, None, None, "usage"))
        bench.sql("transaction", "INSERT INTO retention_hold VALUES ('H-late', 1, ?, ?, ?, ?, '2026-06-15')", *row)

    if about == "category":  # of another category: none of its business
        night = bench.night("transaction")
        take(night, UNTIL_DISPOSAL)
        hold()
        take(night, ("validate_before",))
        return
    stopped(bench, "transaction", ("orders", "candidates_not_held"), hold)


def test_an_insurance_hold_does_not_hold_an_erasure(bench: Bench) -> None:
    night = bench.night("subscription", run_id="erased")
    take(night, BEFORE)
    assert bench.outcomes("erased")["subscribers", "candidates_not_held"].outcome == "PASS"
    assert bench.sql("subscription", "SELECT 1 FROM retention_work WHERE rule = 'erasure-request'")


def test_a_candidate_that_is_not_due_stops_the_night(bench: Bench) -> None:
    def tamper() -> None:
        fresh = bench.sql("usage", "SELECT event_id FROM page_events WHERE viewed_at > ? LIMIT 1", f"{AS_OF - 90 * DAY}")[0][0]
        bench.sql(
            "usage",
            "UPDATE retention_candidate SET record_int = ? WHERE population = 'page_events' AND seq = "
            f"(SELECT min(seq) FROM {LISTED} AS listed WHERE population = 'page_events' AND rule = 'usage-events')",
            fresh,
        )

    stopped(bench, "usage", ("page_events", "candidates_really_due"), tamper)


def test_a_candidate_a_day_too_early_stops_the_night(bench: Bench) -> None:
    """The second opinion knows the boundary to the day, in Paris."""
    kept = [label for label in bench.sample.labels if label.case == "visit-boundary" and label.expected == "kept"]
    key = next(label.record_key for label in kept if label.population == "page_events")

    def tamper() -> None:
        bench.sql(
            "usage",
            "UPDATE retention_candidate SET record_int = ? WHERE population = 'page_events' AND seq = "
            f"(SELECT min(seq) FROM {LISTED} AS listed WHERE population = 'page_events' AND rule = 'usage-events')",
            int(key),
        )

    stopped(bench, "usage", ("page_events", "candidates_really_due"), tamper)


def test_a_candidate_whose_parent_is_under_a_hold_stops_the_night(bench: Bench) -> None:
    second = [
        label for label in bench.sample.labels if label.case == "trial-second-unconverted" and label.expected == "deleted"
    ]

    def hold() -> None:
        account = bench.sql("account", "SELECT account_id FROM trials WHERE trial_id = ?", int(second[0].record_key))[0][0]
        statement = "INSERT INTO retention_hold VALUES ('H-late', 1, NULL, 'accounts', ?, NULL, '2026-06-15')"
        bench.sql("account", statement, str(account))

    stopped(bench, "account", ("trials", "candidates_not_held"), hold)


# one that cannot be asked


def test_an_expectation_that_cannot_be_asked_is_an_error_and_blocks(bench: Bench) -> None:
    night = bench.night("usage", run_id="unasked")
    take(night, UNTIL_DISPOSAL)
    before = bench.content("usage")
    bench.sql("usage", "DROP TABLE retention_hold")

    with pytest.raises(ValidationFailed) as error:
        take(night, ("validate_before",))

    line = bench.outcomes("unasked")["visits", "candidates_not_held"]
    assert (line.outcome, line.unexpected) == ("ERROR", None)
    assert "could not be evaluated" in str(error.value)
    assert bench.content("usage") == before


LITERALS = ["('%', '100% {x}', 'a:b', '{{y}}', '\\n', '?', '%(a)s', '$1')", pytest.param("(' :later')")]


@pytest.mark.parametrize("literal", LITERALS)
def test_whatever_a_query_says_in_quotes_can_be_asked(bench: Bench, folder: Path, literal: str) -> None:
    made = with_query(
        bench,
        folder,
        "usage",
        "visits.sql",
        "ELSE 'recorded'",
        f"WHEN v.country IN {literal} THEN 'odd'\n        ELSE 'recorded'",
    )
    take(made.night("usage", run_id="quoted"), BEFORE)
    assert {line.outcome for line in made.outcomes("quoted").values()} <= {"PASS", "FAIL"}


def test_disposal_refuses_a_plan_that_failed_its_validation(bench: Bench) -> None:
    night = bench.night("usage")
    take(night, UNTIL_DISPOSAL)
    bench.sql("usage", "UPDATE retention_candidate SET record_int = NULL, record_text = NULL WHERE population = 'visits'")
    bench.sql("usage", "INSERT INTO retention_hold SELECT 'H-late', 1, NULL, 'page_events', record_int, NULL, '2026-06-15' "
                       "FROM retention_candidate WHERE population = 'page_events' LIMIT 1")  # fmt: skip
    before = bench.content("usage")
    with pytest.raises(ValidationFailed):
        take(night, ("validate_before",))
    try:
        take(night, ("dispose",))
    except Exception as refused:
        assert not isinstance(refused, AssertionError)
    assert bench.content("usage") == before


# after


def spoiled(bench: Bench, store: str, tamper: Any) -> dict[tuple[str, str], str]:
    """A night in which something happens between disposal and the validation after it. Returns what failed."""
    night = bench.night(store, run_id="spoiled")
    take(night, (*UNTIL_DISPOSAL, "dispose"))
    tamper()
    with pytest.raises(ValidationFailed) as error:
        take(night, ("validate_after",))
    assert error.value.exit_code == 4
    return {
        place: line.outcome
        for place, line in bench.outcomes("spoiled").items()
        if line.severity == "blocking" and line.outcome != "PASS" and line.stage == "after"
    }


def test_a_row_that_went_without_a_receipt(bench: Bench) -> None:
    fresh = bench.sql("usage", "SELECT max(event_id) FROM page_events WHERE viewed_at > ?", f"{AS_OF - 90 * DAY}")[0][0]
    failed = spoiled(bench, "usage", lambda: bench.sql("usage", "DELETE FROM page_events WHERE event_id = ?", fresh))
    assert failed == {("page_events", "rows_balance"): "FAIL"}


def test_a_receipt_that_vanished(bench: Bench) -> None:
    failed = spoiled(
        bench, "usage", lambda: bench.sql("usage", "DELETE FROM retention_receipt WHERE population = 'page_events'")
    )
    assert failed == {("page_events", "rows_balance"): "FAIL", ("page_events", "receipts_match"): "FAIL"}


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE retention_work SET position = position - 1 WHERE population = 'visits' AND action = 'anonymise'",
        "UPDATE retention_receipt SET rows = rows + 1 WHERE population = 'visits' AND action = 'anonymise'",
        "UPDATE retention_work SET high = high + 1, position = high + 1 WHERE population = 'visits' AND action = 'anonymise'",
    ],
    ids=["left undone", "receipted too much", "never planned"],
)
def test_candidates_nobody_accounts_for(bench: Bench, statement: str) -> None:
    def tamper() -> None:
        bench.sql("usage", statement)

    assert spoiled(bench, "usage", tamper) == {("visits", "receipts_match"): "FAIL"}


def test_a_row_put_back_is_overdue(bench: Bench) -> None:
    rows = {row[0]: row for row in bench.sql("usage", "SELECT * FROM page_events")}

    def tamper() -> None:
        gone = sorted(set(rows) - bench.keys("usage", "page_events"))
        back = next(row for key in gone for row in [rows[key]] if row[1] in bench.keys("usage", "visits"))
        bench.sql("usage", "INSERT INTO page_events VALUES (?, ?, ?, ?, ?, ?, ?)", *back)

    assert spoiled(bench, "usage", tamper) == {("page_events", "nothing_overdue"): "FAIL"}


def test_a_held_row_that_went(bench: Bench) -> None:
    held = next(label for label in bench.sample.labels if (label.population, label.expected) == ("page_events", "held"))
    failed = spoiled(
        bench, "usage", lambda: bench.sql("usage", "DELETE FROM page_events WHERE event_id = ?", int(held.record_key))
    )
    assert failed == {("page_events", "rows_balance"): "FAIL", ("page_events", "nothing_held_gone"): "FAIL"}


def test_a_parent_that_went_before_its_children(bench: Bench) -> None:
    def tamper() -> None:
        bench.sql(
            "usage",
            "DELETE FROM visits WHERE visit_id = (SELECT visit_id FROM page_events WHERE viewed_at > ? LIMIT 1)",
            f"{AS_OF - 60 * DAY}",
        )

    assert spoiled(bench, "usage", tamper) == {("visits", "rows_balance"): "FAIL", ("page_events", "no_new_orphans"): "FAIL"}


def test_someone_who_opposed_and_is_subscribed_again(bench: Bench, folder: Path) -> None:
    """A query that overlooks the suppression list; the sample has two such subscribers."""
    made = with_query(
        bench, folder, "subscription", "subscribers.sql", "WHEN l.fingerprint IS NOT NULL THEN", "WHEN 1 = 0 THEN"
    )
    take(made.night("subscription", run_id="opposed"), (*BEFORE, "dispose", "validate_after"))
    line = made.outcomes("opposed")["subscribers", "no_suppressed_live"]
    assert (line.outcome, line.severity) == ("FAIL", "warning")
    assert line.unexpected


# nobody's data


def personal(workspace: Workspace) -> set[str]:
    columns = {
        "account": {
            "accounts": ("company_name", "business_address", "email", "telephone"),
            "contacts": ("full_name", "email", "mobile"),
        },
        "transaction": {
            "orders": ("delivery_contact",),
            "invoices": ("customer_name", "customer_address", "contact_name", "contact_email", "contact_phone"),
        },
        "subscription": {"subscribers": ("email", "full_name", "telephone", "email_fingerprint")},
        "usage": {"visits": ("visitor_id", "ip_address", "location")},
    }
    found: set[str] = set()
    for store, of in columns.items():
        for table, names in of.items():
            with closing(sqlite3.connect(workspace.store_file(store))) as file:
                for name in names:
                    found |= {row[0] for row in file.execute(f"SELECT DISTINCT {name} FROM {table} WHERE length({name}) > 5")}
    return found - {"Perrine Valcourt"}  # the approver of the sample's holds


def test_the_evidence_holds_nobodys_data(untouched: Bench, later: Bench, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    values = personal(untouched.workspace)
    assert len(values) > 5_000
    later.sql("account", "UPDATE contacts SET created_at = full_name WHERE contact_id BETWEEN 500 AND 600")
    with pytest.raises(ValidationFailed) as error:
        later.guarded("account")

    told = [file.read_bytes() for file in later.workspace.home.glob("evidence.db*")]
    told += [file.read_bytes() for file in later.workspace.output.rglob("*.json")]
    told += [str(error.value).encode(), caplog.text.encode(), steps.__doc__.encode() if steps.__doc__ else b""]
    everything = b"\n".join(told).decode("utf-8", "replace")
    assert [value for value in values if value in everything] == []


LEFT = (
    ("account", "contacts", "email, mobile"),
    ("account", "accounts", "email, telephone"),
    ("subscription", "subscribers", "email, telephone"),
    ("transaction", "orders", "delivery_contact"),
    ("transaction", "invoices", "contact_email, contact_phone"),
)


def test_no_store_keeps_a_trace_of_what_is_gone(untouched: Bench, after_night: Bench) -> None:
    """Neither in a table of ours nor in the bytes that are free again."""
    files = b"".join(after_night.file(store).read_bytes() for store in STORES)
    before = {
        value
        for place in LEFT
        for row in untouched.sql(place[0], f"SELECT {place[2]} FROM {place[1]}")
        for value in row
        if value
    }
    after = {
        value for place in LEFT for row in after_night.sql(place[0], f"SELECT {place[2]} FROM {place[1]}") for value in row
    }
    gone = before - after
    assert len(gone) > 200
    assert [value for value in gone if value.encode() in files] == []
