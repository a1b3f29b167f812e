"""A night does the same on SQLite, PostgreSQL and MariaDB.

What is asked here is what a database could answer in a way of its own: comparison and conversion of dates, of text and of
NULL, the statements that count, list, delete and blank, transactions, and what Great Expectations sees. What the library
decides before it asks a database (declarations, rules, reports, the command line) is tested once, on SQLite.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from workbench import (
    AS_OF,
    DAY,
    STORES,
    UNTIL_DISPOSAL,
    UNVALIDATED,
    WITHOUT_REPORT,
    Bench,
    copy,
    redeclare,
    set_day,
    table_name,
    take,
)

from retention.errors import PlanError, ValidationFailed
from retention.sample.compare import compare
from retention.stores.connect import make_engine

Lines = Counter[tuple[str, ...]]


def deleted(bench: Bench, store: str, population: str, case: str | None = None) -> list[int]:
    """Keys of labelled rows that a night deletes."""
    found = [
        int(label.record_key)
        for label in bench.sample.labels
        if (label.store, label.population, label.expected) == (store, population, "deleted") and case in (None, label.case)
    ]
    assert found
    return found


def lines_of(bench: Bench, store: str, stage: str = "before") -> Lines:
    run = bench.evidence.latest_run(store)
    assert run is not None
    counted: Lines = Counter()
    for line in bench.evidence.scan(run.run_id, stage):  # type: ignore[arg-type]
        counted[line.population, line.disposition, line.rule or "", line.reason or "", line.action or ""] += line.rows
    return counted


def disposed(ran: dict[str, dict[str, int | str]]) -> int:
    return sum(int(ran["dispose"].get(action, 0)) for action in ("delete", "anonymise", "minimise", "archive"))


# a whole night


def test_every_label_comes_out_as_expected(after_night_there: Bench) -> None:
    bench = after_night_there
    found = compare(bench.workspace, bench.bundle, bench.evidence, bench.sample.labels, AS_OF)
    assert [vars(one) for one in found if not one.matches] == []
    assert {one.found for one in found} == {"kept", "held", "quarantined", "deleted", "anonymised", "archived"}
    assert len(found) == len(bench.sample.labels) > 600


def test_everything_is_validated_and_proven(after_night_there: Bench) -> None:
    for store in STORES:
        run = after_night_there.evidence.latest_run(store)
        assert run is not None
        assert run.status == "reservations"  # the sample is full of rows broken on purpose
        outcomes = after_night_there.evidence.validation(run.run_id)
        assert {line.outcome for line in outcomes if line.severity == "blocking"} == {"PASS"}
        assert "ERROR" not in {line.outcome for line in outcomes}
    assert after_night_there.findings() == []


def test_what_is_counted_is_what_sqlite_counts(after_night_there: Bench, counted_in_files: dict[str, dict[str, Lines]]) -> None:
    for store in STORES:
        for stage in ("before", "after"):
            assert lines_of(after_night_there, store, stage) == counted_in_files[stage][store]


@pytest.fixture(scope="module")
def counted_in_files(fast_folder: Callable[[], Path], untouched_in_files: Bench) -> dict[str, dict[str, Lines]]:
    bench = Bench(copy(untouched_in_files.workspace, fast_folder()), untouched_in_files.sample)
    for store in STORES:
        bench.run(store, WITHOUT_REPORT)
    found = {stage: {store: lines_of(bench, store, stage) for store in STORES} for stage in ("before", "after")}
    bench.close()
    return found


def test_rows_gone_are_the_rows_receipted(untouched_there: Bench, after_night_there: Bench) -> None:
    for store in STORES:
        receipted = Counter[str]()
        for receipt in after_night_there.evidence.receipts():
            if receipt.store == store and receipt.action in ("delete", "archive"):
                receipted[receipt.population] += receipt.rows
        for population in after_night_there.bundle.store(store).declared.populations:
            before, after = untouched_there.keys(store, population.name), after_night_there.keys(store, population.name)
            added = after - before
            assert len(before - after) == receipted[population.name]
            assert not added or population.name in ("suppression_list", "archived_invoices")


def test_blanked_rows_are_blank_and_nothing_else_has_changed(untouched_there: Bench, after_night_there: Bench) -> None:
    """Every row that is left is what it was, but for the columns that were to be blanked."""
    blanked: Counter[str] = Counter()
    for store in STORES:
        for population in after_night_there.bundle.store(store).declared.populations:
            columns = list(population.columns)
            names = ", ".join(f'"{name}"' for name in columns)
            statement = f'SELECT "{population.key}", {names} FROM {table_name(population)}'
            before = {row[0]: row[1:] for row in untouched_there.sql(store, statement)}
            for row in after_night_there.sql(store, statement):
                if row[0] not in before:
                    continue
                for name, was, now in zip(columns, before[row[0]], row[1:], strict=True):
                    if was != now:
                        blanked[population.name] += 1
                        month = was is not None and now == f"{str(was)[:7]}-01 00:00:00"
                        assert now in (None, "", 0) or month, (population.name, name)
    assert set(blanked) == {"payments", "visits"}


def test_a_second_night_finds_nothing_to_do(later_there: Bench) -> None:
    before = later_there.contents()

    ran = later_there.whole_night()

    assert [store for store, one in ran.items() if disposed(one)] == []
    assert later_there.contents() == before
    assert later_there.findings() == []


def test_a_night_a_day_later_disposes_of_what_fell_due_that_day_only(
    later_there: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_day(monkeypatch, AS_OF + DAY)

    ran = later_there.run("transaction", UNVALIDATED, as_of=AS_OF + DAY)

    first = sum(receipt.rows for receipt in later_there.evidence.receipts() if receipt.store == "transaction")
    assert 0 < disposed(ran) < first / 5


def test_a_rehearsal_changes_no_row_and_counts_what_the_night_does(bench_there: Bench, after_night_there: Bench) -> None:
    before = bench_there.contents()
    for store in STORES:
        rehearsed = bench_there.run(store, WITHOUT_REPORT, dry_run=True)
        run = after_night_there.evidence.latest_run(store)
        assert run is not None
        assert rehearsed["plan"]["candidates"] == sum(one.rows for one in after_night_there.evidence.receipts([run.run_id]))
        assert rehearsed["record"]["status"] == "rehearsal"
    assert bench_there.contents() == before
    assert [store for store in STORES if bench_there.sql(store, "SELECT receipt_id FROM retention_receipt")] == []


# holds and requests


@pytest.mark.parametrize("scope", ["record", "subject", "category"])
def test_a_hold_between_plan_and_disposal_is_honoured(bench_there: Bench, scope: str) -> None:
    bench = bench_there
    night = bench.night("transaction")
    take(night, (*UNTIL_DISPOSAL, "validate_before"))
    key = deleted(bench, "transaction", "orders")[0]
    ref = bench.sql("transaction", "SELECT customer_ref FROM orders WHERE order_id = ?", key)[0][0]
    about = {
        "record": {"store": "transaction", "population": "orders", "record_key": str(key)},
        "subject": {"subject_key": ref},
        "category": {"category": "transaction"},
    }[scope]
    everything = bench.content("transaction")
    bench.place("legal_claim", **about)

    ran = take(night, ("dispose", "validate_after", "record"))

    assert key in bench.keys("transaction", "orders")
    assert (bench.content("transaction") == everything) is (scope == "category")
    assert int(ran["dispose"]["spared"]) > 0
    assert bench.findings() == []


def test_a_released_hold_starts_no_new_term(bench_there: Bench) -> None:
    hold = bench_there.place("legal_claim", category="usage")
    assert bench_there.run("usage")["scan"]["due"] == 0

    bench_there.release(hold)
    bench_there.run("usage", WITHOUT_REPORT)

    for label in bench_there.sample.labels:
        if label.store == "usage":
            left = {str(key) for key in bench_there.keys("usage", label.population)}
            assert (label.record_key in left) == (label.expected != "deleted")


def test_a_request_makes_rows_due_at_once(bench_there: Bench) -> None:
    ref = bench_there.sql(
        "usage",
        """
        SELECT v.customer_ref FROM visits v WHERE v.customer_ref IS NOT NULL AND v.visited_at > ?
        AND NOT EXISTS (SELECT 1 FROM retention_hold h WHERE h.subject_key = v.customer_ref) ORDER BY v.visit_id""",
        f"{AS_OF - 200 * DAY} 00:00:00",
    )
    held = {hold.subject_key for hold in bench_there.evidence.holds()}
    live = {row[0] for row in bench_there.sql("account", "SELECT customer_ref FROM accounts JOIN contracts USING (account_id)")}
    mine = next(row[0] for row in ref if row[0] not in held | live)
    bench_there.place("erasure", subject_key=mine)

    bench_there.run("usage", WITHOUT_REPORT)

    assert bench_there.sql("usage", "SELECT visit_id FROM visits WHERE customer_ref = ?", mine) == []
    assert bench_there.sql("usage", "SELECT event_id FROM page_events WHERE customer_ref = ?", mine) == []
    assert bench_there.findings() == []


# the plan


@pytest.mark.parametrize("change", ["ADD COLUMN fax VARCHAR(20)", "DROP COLUMN interests"])
def test_a_schema_changed_between_plan_and_disposal(bench_there: Bench, change: str) -> None:
    bench_there.run("usage", UNTIL_DISPOSAL, run_id="bound")
    bench_there.sql("usage", f"ALTER TABLE visits {change}")
    before = bench_there.content("usage")

    with pytest.raises(PlanError):
        take(bench_there.night("usage", run_id="bound"), ("dispose",))

    assert bench_there.content("usage") == before


CHANGES = {
    "type": {
        "postgresql": "ALTER TABLE visits ALTER COLUMN city TYPE text",
        "mariadb": "ALTER TABLE visits MODIFY city VARCHAR(61)",
    },
    "trigger": {
        "postgresql": "CREATE RULE copies AS ON DELETE TO visits DO ALSO NOTIFY gone",
        "mariadb": "CREATE TRIGGER copies AFTER DELETE ON visits FOR EACH ROW SET @gone = 1",
        "sqlite": "CREATE TRIGGER copies AFTER DELETE ON visits BEGIN SELECT 1; END",
    },
    "index": {
        "postgresql": "DROP INDEX ix_page_events_visit_id",
        "sqlite": "DROP INDEX ix_page_events_visit_id",
    },
}


@pytest.mark.parametrize("what", CHANGES)
def test_a_store_rebuilt_between_plan_and_disposal(bench_there: Bench, kind: str, what: str) -> None:
    if kind not in CHANGES[what]:
        pytest.skip("this kind of database cannot be changed in that way")
    bench_there.run("usage", UNTIL_DISPOSAL, run_id="bound")
    bench_there.sql("usage", CHANGES[what][kind])
    before = bench_there.content("usage")

    with pytest.raises(PlanError, match="changed since the plan was made"):
        take(bench_there.night("usage", run_id="bound"), ("dispose",))

    assert bench_there.content("usage") == before
    assert bench_there.sql("usage", "SELECT receipt_id FROM retention_receipt") == []


def test_a_declaration_changed_between_plan_and_disposal(folder: Path, untouched_there: Bench) -> None:
    bench = Bench(copy(untouched_there.workspace, folder / "bench", **redeclare(folder)), untouched_there.sample)
    bench.run("usage", UNTIL_DISPOSAL, run_id="bound")
    before = bench.content("usage")
    file = bench.workspace.sql / "usage" / "store.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("[browser, operating_system]", "[browser]"), encoding="utf-8")

    with pytest.raises(PlanError, match="changed since the plan was made"):
        take(bench.night("usage", run_id="bound"), ("dispose",))

    assert bench.content("usage") == before
    bench.close()


# the world moves


def test_a_row_changed_after_the_scan_is_judged_as_it_is(bench_there: Bench) -> None:
    night = bench_there.night("usage")
    take(night, (*UNTIL_DISPOSAL, "validate_before"))
    event = deleted(bench_there, "usage", "page_events", "visit-boundary")[0]
    bench_there.sql("usage", "UPDATE page_events SET viewed_at = ? WHERE event_id = ?", f"{AS_OF - DAY} 10:00:00", event)

    ran = take(night, ("dispose", "validate_after", "record"))

    assert event in bench_there.keys("usage", "page_events")
    assert ran["record"]["status"] == "reservations"
    assert bench_there.findings() == []


def test_a_contract_signed_after_the_scan_saves_the_account(bench_there: Bench) -> None:
    """Inside the store that publishes facts, a batch computes those of its subjects anew."""
    night = bench_there.night("account")
    take(night, (*UNTIL_DISPOSAL, "validate_before"))
    key = deleted(bench_there, "account", "accounts", "prospect-boundary")[0]
    bench_there.sql(
        "account", "INSERT INTO contracts VALUES (990001, ?, 'CT-new', 'Forfait Pro', ?, NULL)", key, str(AS_OF - DAY)
    )

    take(night, ("dispose", "validate_after", "record"))

    assert key in bench_there.keys("account", "accounts")
    assert bench_there.findings() == []


@pytest.mark.parametrize("store", ["transaction", "usage"])
def test_without_facts_whatever_depends_on_a_subject_stays(bench_there: Bench, store: str) -> None:
    bench = bench_there
    nowhere = bench.url("account").rsplit("/", 1)[0] + "/retention_test_nowhere"
    sighted = bench.workspace
    bench.workspace = replace(sighted, store_urls={**sighted.store_urls, "account": nowhere})
    ran = bench.run(store, WITHOUT_REPORT, run_id="blind")
    bench.workspace = sighted

    lines = bench.evidence.scan("blind", "after")
    assert sum(line.rows for line in lines if line.reason == "facts_stale") > 100
    assert ran["record"]["status"] == "reservations"


# Great Expectations


PLANTS = {
    ("accounts", "anchors_present"): "UPDATE accounts SET last_contact_at = NULL WHERE account_id = 400",
    ("accounts", "anchors_not_future"): "UPDATE accounts SET created_at = '{ahead} 10:00:00' WHERE account_id = 401",
    ("accounts", "known_state"): "UPDATE accounts SET status = 'Active' WHERE account_id = 402",
    ("contracts", "anchors_present"): "UPDATE contracts SET starts_on = NULL WHERE contract_id = 300",
    ("contracts", "end_after_start"): "UPDATE contracts SET ends_on = '1999-01-01' WHERE contract_id = 301",
    ("trials", "end_after_start"): "UPDATE trials SET ended_at = '1999-01-01 10:00:00' WHERE trial_id = 300",
}


def test_each_broken_row_is_counted_where_it_belongs(bench_there: Bench, after_night_there: Bench) -> None:
    run = after_night_there.evidence.latest_run("account")
    assert run is not None
    clean = after_night_there.outcomes(run.run_id)
    for statement in PLANTS.values():
        bench_there.sql("account", statement.format(ahead=AS_OF + DAY))

    take(bench_there.night("account", run_id="planted"), (*UNTIL_DISPOSAL, "validate_before"))

    lines = bench_there.outcomes("planted")
    assert "ERROR" not in {line.outcome for line in lines.values()}
    for place in PLANTS:
        assert (lines[place].outcome, lines[place].severity) == ("FAIL", "warning")
        assert lines[place].unexpected == (clean[place].unexpected or 0) + 1, place


CARDS = [
    ("4111111111111111", True),
    ("CB 4111-1111-1111-1111 du client, échéance % 50", True),
    ("réf.5500 0000 0000 0004!", True),
    ("378282246310005", True),
    ("9999 4111 1111 1111 1111 9999", True),
    ("4111111111111112", False),
    ("73282932000074", False),  # a SIRET passes the same check
    ("41111111111111111111", False),
    ("F2026-000123 du 2026-06-15 10:00:00", False),
]


def test_card_numbers_are_recognised(bench_there: Bench) -> None:
    from retention.night.cards import card_numbers

    orders = bench_there.bundle.store("transaction").declared.population("orders")
    engine = make_engine(bench_there.url("transaction"), readonly=True)
    found = {}
    for text, _ in [("", False), *CARDS]:
        bench_there.sql("transaction", "UPDATE orders SET delivery_contact = ? WHERE order_id = 500", text)
        with engine.connect() as connection:
            found[text] = len(connection.execute(card_numbers(orders, connection.dialect)).all())
    engine.dispose()
    assert {text: bool(hits) for text, hits in found.items()} == dict([("", False), *CARDS])


def remapped(bench: Bench, old: str, new: str) -> Bench:
    """The bench, with another mapping of its transactions."""
    mapped = redeclare(bench.workspace.home.parent / "mapped")
    file = mapped["sql"] / "transaction" / "store.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    bench.workspace = replace(bench.workspace, **mapped)
    return bench


def test_a_card_number_in_a_long_text_stops_the_night(bench_there: Bench) -> None:
    column = "      product: order_details\n"
    bench = remapped(bench_there, column, column + "      remark: order_details\n")
    bench.sql("transaction", "ALTER TABLE orders ADD COLUMN remark TEXT")
    bench.sql("transaction", "UPDATE orders SET remark = ? WHERE order_id = 500", "mot " * 1_000 + "4111 1111 1111 1111.")

    with pytest.raises(ValidationFailed, match="orders: “no valid card number") as error:
        take(bench.night("transaction", run_id="card"), (*UNTIL_DISPOSAL, "validate_before"))

    assert "4111" not in str(error.value)
    assert bench.outcomes("card")["orders", "no_card_number"].unexpected == 1


def test_a_verification_code_column_stops_the_night(bench_there: Bench) -> None:
    column = "      card_expiry: card_details\n"
    bench = remapped(bench_there, column, column + "      card_CVV: card_details\n")
    bench.sql("transaction", 'ALTER TABLE payments ADD COLUMN "card_CVV" VARCHAR(4)')

    with pytest.raises(ValidationFailed, match="payments: “no column holds a card verification code"):
        take(bench.night("transaction"), (*UNTIL_DISPOSAL, "validate_before"))
