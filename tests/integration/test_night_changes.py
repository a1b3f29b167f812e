"""What happens when the world moves while a night is under way, or between two nights."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from databases import store_files
from workbench import AS_OF, DAY, LISTED, STORES, UNTIL_DISPOSAL, UNVALIDATED, WITHOUT_REPORT, Bench, copy, set_day, take

from retention import holds
from retention.errors import PlanError, StoreError
from retention.night import steps
from retention.night.context import Night
from retention.night.disposal import run as disposal

AFTER_PLAN = ("validate_before", "dispose", "validate_after", "record")


def first_candidate(bench: Bench, store: str, population: str, *, action: str = "delete") -> Any:
    return bench.sql(
        store,
        f"SELECT record_int FROM {LISTED} AS listed WHERE population = ? AND action = ? ORDER BY seq DESC LIMIT 1",
        population, action,
    )[0][0]  # fmt: skip


def between_batches(monkeypatch: pytest.MonkeyPatch, after: int, do: Callable[[], object]) -> list[int]:
    """Does something once, between two batches. Returns a list with the number of batches."""
    ran: list[int] = []
    real = disposal.one_batch

    def batch(*args: Any, **options: Any) -> Any:
        if len(ran) == after:
            do()
        ran.append(1)
        return real(*args, **options)

    monkeypatch.setattr(disposal, "one_batch", batch)
    return ran


# holds


def test_a_released_hold_starts_no_new_term(bench: Bench) -> None:
    hold = bench.place("legal_claim", category="usage")
    held = bench.run("usage")
    assert held["scan"]["due"] == 0
    assert held["dispose"] == {"batches": 0, "spared": 0}

    bench.release(hold)
    released = bench.run("usage", WITHOUT_REPORT)

    expected = {one.record_key for one in bench.sample.labels if one.expected == "deleted" and one.store == "usage"}
    left = {str(key) for population in ("visits", "page_events") for key in bench.keys("usage", population)}
    assert int(released["dispose"]["delete"]) > len(expected) > 0
    for label in bench.sample.labels:
        if label.store == "usage":
            assert (label.record_key in {str(k) for k in bench.keys("usage", label.population)}) == (
                label.expected != "deleted"
            )
    assert left


def test_a_hold_delivered_to_no_store_yet_counts_at_the_next_run(bench: Bench) -> None:
    bench.run("usage", UNTIL_DISPOSAL)
    key = first_candidate(bench, "usage", "page_events")
    away = bench.file("usage").with_suffix(".away")
    bench.file("usage").rename(away)
    placed = holds.place(
        bench.workspace, bench.bundle, bench.evidence,
        holds.Request("legal_claim", "T", "T-1", "T", AS_OF, store="usage", population="page_events", record_key=str(key)),
    )  # fmt: skip
    away.rename(bench.file("usage"))

    bench.run("usage", WITHOUT_REPORT)

    assert placed.pending == ("usage",)
    assert key in bench.keys("usage", "page_events")


@pytest.mark.parametrize("scope", ["record", "subject", "category"])
def test_a_hold_between_plan_and_disposal_is_honoured(bench: Bench, scope: str) -> None:
    night = bench.night("transaction")
    take(night, (*UNTIL_DISPOSAL, "validate_before"))
    key = first_candidate(bench, "transaction", "orders")
    ref = bench.sql("transaction", "SELECT customer_ref FROM orders WHERE order_id = ?", key)[0][0]
    about = {
        "record": {"store": "transaction", "population": "orders", "record_key": str(key)},
        "subject": {"subject_key": ref},
        "category": {"category": "transaction"},
    }[scope]
    rows = "SELECT * FROM orders WHERE order_id = ?"
    children = "SELECT * FROM invoices WHERE order_id = ?"
    before = bench.sql("transaction", rows, key), bench.sql("transaction", children, key)
    everything = bench.content("transaction")
    bench.place("legal_claim", **about)

    ran = take(night, ("dispose", "validate_after", "record"))

    assert (bench.sql("transaction", rows, key), bench.sql("transaction", children, key)) == before
    assert int(ran["dispose"]["spared"]) > 0
    if scope == "category":
        assert bench.content("transaction") == everything
    assert bench.findings() == []


def test_a_hold_between_two_batches_counts_from_the_next(batched: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    night = batched.night("usage")
    take(night, UNTIL_DISPOSAL)
    key = first_candidate(batched, "usage", "page_events")
    about = {"store": "usage", "population": "page_events", "record_key": str(key)}
    before = len(batched.keys("usage", "page_events"))
    counts: list[int] = []

    def hold() -> None:
        counts.append(len(batched.keys("usage", "page_events")))
        batched.place("legal_claim", **about)

    between_batches(monkeypatch, 2, hold)
    ran = take(night, ("dispose", "validate_after", "record"))

    assert before - 20 <= counts[0] < before  # two batches had gone
    assert key in batched.keys("usage", "page_events")
    assert ran["dispose"]["spared"] == 2  # the event, and the visit it belongs to
    assert batched.findings() == []


def test_a_hold_on_what_the_batch_before_disposed_of_is_refused(batched: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from retention.errors import NotFound

    night = batched.night("usage")
    take(night, UNTIL_DISPOSAL)
    key = batched.sql(
        "usage", "SELECT record_int FROM retention_candidate WHERE population = 'page_events' ORDER BY seq LIMIT 1"
    )[0][0]
    request = holds.Request("legal_claim", "T", "T-1", "T", AS_OF, store="usage", population="page_events", record_key=str(key))
    refused: list[NotFound] = []

    def hold() -> None:
        with pytest.raises(NotFound) as error:
            holds.place_if_there(batched.workspace, batched.bundle, batched.evidence, request)
        refused.append(error.value)

    between_batches(monkeypatch, 1, hold)
    take(night, ("dispose", "validate_after", "record"))

    assert "already disposed of" in str(refused[0])
    assert refused[0].exit_code == 8


# data that changes under way


def sign(bench: Bench, account: int) -> None:
    bench.sql("account", "INSERT INTO contracts VALUES (990001, ?, 'CT-990001', 'Forfait Pro', ?, NULL)", account, str(AS_OF))


def test_a_contract_signed_after_the_scan_saves_the_subjects_rows(bench: Bench) -> None:
    night = bench.night("account")
    take(night, (*UNTIL_DISPOSAL, "validate_before"))
    account = first_candidate(bench, "account", "accounts")
    queries = [
        "SELECT * FROM accounts WHERE account_id = ?",
        "SELECT * FROM contacts WHERE account_id = ?",
        "SELECT * FROM contracts WHERE account_id = ?",
    ]
    before = [bench.sql("account", query, account) for query in queries[:2]]
    trials = bench.sql("account", "SELECT count(*) FROM trials WHERE account_id = ? AND converted = 0", account)
    sign(bench, account)

    ran = take(night, ("dispose", "validate_after", "record"))

    assert [bench.sql("account", query, account) for query in queries[:2]] == before
    assert len(bench.sql("account", queries[2], account)) >= 1
    assert int(ran["dispose"]["spared"]) >= len(before[0]) + len(before[1])
    assert trials
    assert bench.findings() == []


def trial_subject(bench: Bench) -> tuple[int, str]:
    """Account and reference of someone whose trial is over and due, with rows in every store."""
    label = next(
        label
        for label in bench.sample.labels
        if (label.case, label.population, label.expected) == ("trial-boundary", "trials", "deleted")
    )
    query = "SELECT account_id, customer_ref FROM accounts JOIN trials USING (account_id) WHERE trial_id = ?"
    found: tuple[int, str] = bench.sql("account", query, label.record_key)[0]
    return found


def test_a_contract_signed_saves_the_subject_in_the_other_stores_that_night(bench: Bench) -> None:
    account, ref = trial_subject(bench)
    bench.run("account", UNTIL_DISPOSAL, dry_run=True)  # facts of this morning know of no contract
    visits = bench.sql("usage", "SELECT * FROM visits WHERE customer_ref = ?", ref)
    sign(bench, account)
    bench.run("account")

    bench.run("usage")

    assert visits
    assert bench.sql("usage", "SELECT * FROM visits WHERE customer_ref = ?", ref) == visits


@pytest.mark.parametrize("age", [10, pytest.param(4000)])
def test_rows_that_arrive_after_the_scan_are_left_and_fail_nothing(bench: Bench, age: int) -> None:
    at = f"{AS_OF - dt.timedelta(days=age)} 10:00:00"
    ref = bench.sql("account", "SELECT customer_ref FROM accounts a JOIN contracts c USING (account_id) WHERE ends_on IS NULL")[
        0
    ]
    night = bench.night("transaction")
    take(night, (*UNTIL_DISPOSAL, "validate_before"))
    order = first_candidate(bench, "transaction", "orders")
    bench.sql("transaction", "INSERT INTO orders VALUES (990001, ?, 'Late', 1, 0, NULL, ?, 'delivered')", ref[0], at)
    bench.sql(  # a late child of an order that is about to go
        "transaction",
        "INSERT INTO invoices SELECT 990001, ?, customer_ref, 'F-990001', ?, customer_name, customer_address, contact_name, "
        "contact_email, contact_phone, 0, 0, 0, ?, 'paid' FROM invoices WHERE customer_ref IS NOT NULL LIMIT 1",
        order, at[:10], at,
    )  # fmt: skip
    rows = [
        bench.sql("transaction", "SELECT * FROM orders WHERE order_id = 990001"),
        bench.sql("transaction", "SELECT * FROM invoices WHERE invoice_id = 990001"),
        bench.sql("transaction", "SELECT * FROM orders WHERE order_id = ?", order),
    ]

    ran = take(night, ("dispose", "validate_after", "record"))

    assert [
        bench.sql("transaction", "SELECT * FROM orders WHERE order_id = 990001"),
        bench.sql("transaction", "SELECT * FROM invoices WHERE invoice_id = 990001"),
        bench.sql("transaction", "SELECT * FROM orders WHERE order_id = ?", order),
    ] == rows
    assert ran["record"]["status"] == "reservations"
    assert bench.findings() == []


def test_a_row_changed_after_the_scan_is_judged_as_it_is(bench: Bench) -> None:
    night = bench.night("usage")
    take(night, (*UNTIL_DISPOSAL, "validate_before"))
    event = first_candidate(bench, "usage", "page_events")
    bench.sql("usage", "UPDATE page_events SET viewed_at = ? WHERE event_id = ?", f"{AS_OF - DAY} 10:00:00", event)

    ran = take(night, ("dispose", "validate_after", "record"))

    assert event in bench.keys("usage", "page_events")
    assert int(ran["dispose"]["spared"]) >= 1


# facts that are late, or do not come


def down(bench: Bench, store: str) -> Any:
    away = bench.file(store).with_suffix(".away")
    bench.file(store).rename(away)
    return away


@pytest.mark.parametrize("store", ["transaction", "subscription", "usage"])
def test_without_any_facts_whatever_depends_on_a_subject_stays(bench: Bench, store: str) -> None:
    away = down(bench, "account")
    before = bench.content(store)

    with pytest.raises(StoreError) as error:
        bench.guarded("account")
    ran = bench.run(store, WITHOUT_REPORT, run_id="blind")

    assert error.value.exit_code == 3
    assert str(away.with_suffix(".db")) in str(error.value)
    lines = bench.evidence.scan("blind", "after")
    assert sum(line.rows for line in lines if line.reason == "facts_stale") > 100
    assert ran["record"]["status"] == "reservations"
    for receipt in bench.evidence.receipts(["blind"]):
        assert (receipt.store, receipt.population) not in {("transaction", "orders"), ("transaction", "payments")}
    if store == "transaction":  # an invoice without a subject needs no facts
        assert bench.content(store)["orders"] == before["orders"]
        assert bench.content(store)["payments"] == before["payments"]
    assert bench.findings([store]) == []

    away.rename(bench.file("account"))
    bench.run(store, WITHOUT_REPORT, run_id="seeing")
    after = bench.evidence.scan("seeing", "after")
    assert sum(line.rows for line in after if line.reason == "facts_stale") == 0
    due = {label.record_key for label in bench.sample.labels if (label.store, label.expected) == (store, "deleted")}
    left = {(p.name, str(key)) for p in bench.bundle.store(store).declared.populations for key in bench.keys(store, p.name)}
    assert due
    assert not [
        label for label in bench.sample.labels
        if (label.store, label.expected) == (store, "deleted") and (label.population, label.record_key) in left
    ]  # fmt: skip


def test_facts_of_last_night_hold_and_older_ones_do_not(later: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    down(later, "account")
    for days, stale in ((1, False), (2, True)):
        set_day(monkeypatch, AS_OF + days * DAY)
        ran = later.run("transaction", WITHOUT_REPORT, as_of=AS_OF + days * DAY, run_id=f"after-{days}")
        lines = later.evidence.scan(f"after-{days}", "after")
        assert bool(ran["prepare"]["facts_stale"]) is stale
        assert any(line.reason == "facts_stale" for line in lines) is stale
        kinds = {receipt.population for receipt in later.evidence.receipts([f"after-{days}"])}
        assert ("orders" in kinds or "payments" in kinds) is not stale or not kinds


def test_a_subject_purged_while_another_store_was_down_is_remembered(
    untouched: Bench, after_night: Bench, bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Night 1: the account goes, the transaction store is down. Night 2: its invoices are archived all the same."""
    away = down(bench, "transaction")
    for store in ("account", "subscription", "usage"):
        bench.run(store)
    with pytest.raises(StoreError):
        bench.guarded("transaction")
    away.rename(bench.file("transaction"))
    set_day(monkeypatch, AS_OF + DAY)
    bench.run("account", as_of=AS_OF + DAY)

    bench.run("transaction", WITHOUT_REPORT, as_of=AS_OF + DAY, run_id="second")

    wanted = {
        (label.population, label.record_key, label.expected)
        for label in bench.sample.labels
        if label.case in ("invoice-account-gone", "invoice-outlives-account") and label.store == "transaction"
    }
    assert len(wanted) >= 9
    receipts = bench.receipted("transaction")
    for population, key, expected in wanted:
        action = {"deleted": "delete", "archived": "archive"}.get(expected)
        done = {a for (p, a), found in receipts.items() if p == population and int(key) in found}
        assert done == ({action} if action else set()), (population, key, expected)
    reasons = {line.reason for line in bench.evidence.scan("second", "after")}
    unknown = [line.rows for line in bench.evidence.scan("second", "after") if line.reason == "subject_unknown"]
    known = [
        line.rows
        for run in [after_night.evidence.latest_run("transaction")]
        if run
        for line in after_night.evidence.scan(run.run_id, "after")
        if line.reason == "subject_unknown"
    ]
    assert unknown == known
    assert "facts_stale" not in reasons


# backups


@pytest.fixture(scope="module")
def backed_up(fast_folder: Callable[[], Path], untouched: Bench) -> dict[str, Bench]:
    """Two nights, and the stores as they were before: `oldest` never looked at, `prepared` looked at the day before."""
    prepared = Bench(copy(untouched.workspace, fast_folder()), untouched.sample)
    for store in STORES:
        prepared.run(store, UNTIL_DISPOSAL, dry_run=True)
    prepared.close()
    twice = Bench(copy(prepared.workspace, fast_folder()), untouched.sample, _runs=10)
    for _ in range(2):
        for store in STORES:
            twice.run(store)
    twice.close()
    return {"oldest": untouched, "prepared": prepared, "twice": twice}


@pytest.mark.parametrize(
    ("backup", "store"),
    [
        *(("prepared", store) for store in STORES),
        ("oldest", "account"),
        *(pytest.param("oldest", store) for store in STORES[1:]),
    ],
)
def test_a_restored_backup_is_disposed_of_again(folder: Path, backed_up: dict[str, Bench], backup: str, store: str) -> None:
    bench = Bench(copy(backed_up["twice"].workspace, folder / "restored"), backed_up["twice"].sample, _runs=50)
    once = bench.content(store)
    for saved, file in zip(store_files(backed_up[backup].file(store)), store_files(bench.file(store)), strict=True):
        shutil.copy(saved, file)  # a backup of a store is one of its archive too
    assert bench.content(store) != once

    bench.run(store)

    bench.close()
    assert bench.content(store) == once


def test_evidence_restored_from_a_backup_does_not_hide_new_facts(bench: Bench) -> None:
    """The store has seen later generations than the restored evidence counts; a contract signed since must reach it."""
    evidence = bench.workspace.home / "evidence.db"
    bench.run("account", ("prepare",))
    shutil.copy(evidence, evidence.with_suffix(".backup"))
    for _ in range(3):
        bench.run("account", ("prepare",))
    bench.run("usage", ("prepare",))  # the usage store has copied generation 4
    account, ref = trial_subject(bench)
    shutil.copy(evidence.with_suffix(".backup"), evidence)
    sign(bench, account)
    for _ in range(4):
        bench.run("account", ("prepare",))  # generation 2 knows of the contract; 3, 4 and 5 have nothing new
    visits = bench.sql("usage", "SELECT * FROM visits WHERE customer_ref = ?", ref)
    assert visits

    bench.run("usage")

    assert bench.sql("usage", "SELECT * FROM visits WHERE customer_ref = ?", ref) == visits


# two runs at once


def test_the_later_of_two_runs_goes_on_and_totals_are_right(batched: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = batched.night("usage", run_id="first"), batched.night("usage", run_id="second")
    take(first, UNTIL_DISPOSAL)
    before = {name: batched.keys("usage", name) for name in ("visits", "page_events")}
    between_batches(monkeypatch, 3, lambda: take(second, UNTIL_DISPOSAL))

    with pytest.raises(PlanError) as error:
        take(first, ("dispose",))
    monkeypatch.undo()
    take(second, ("validate_before", "dispose", "validate_after", "record"))

    assert error.value.exit_code == 5
    by_run = {run: sum(r.rows for r in batched.evidence.receipts([run])) for run in ("first", "second")}
    assert 0 < by_run["first"] <= 30
    assert by_run["second"] > 0
    gone = [(name, key) for name in before for key in before[name] - batched.keys("usage", name)]
    receipts = batched.receipted("usage")
    deleted = [(name, key) for (name, action), keys in receipts.items() if action == "delete" for key in keys]
    assert sorted(gone) == sorted(deleted)
    assert batched.findings() == []


def test_a_superseded_run_cannot_spoil_the_work_list_of_the_later_one(bench: Bench) -> None:
    first, second = bench.night("usage", run_id="first"), bench.night("usage", run_id="second")
    take(first, ("prepare",))
    take(second, UNTIL_DISPOSAL)

    with pytest.raises(PlanError):
        take(first, ("scan",))

    ran = take(second, ("validate_before", "dispose", "validate_after", "record"))
    assert int(ran["dispose"]["delete"]) > 0


def test_disposal_is_resumed_where_it_stopped(batched: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    night = batched.night("transaction", run_id="resumed")
    take(night, (*UNTIL_DISPOSAL, "validate_before"))

    def stop() -> None:
        raise KeyboardInterrupt

    between_batches(monkeypatch, 4, stop)
    with pytest.raises(KeyboardInterrupt):
        take(night, ("dispose",))
    monkeypatch.undo()
    again: Night = batched.night("transaction", run_id="resumed")
    take(again, ("dispose", "validate_after", "record"))

    plan = batched.evidence.plan("resumed")
    assert plan is not None
    assert sum(r.rows for r in batched.evidence.receipts(["resumed"])) == sum(c["rows"] for c in plan[1]["candidates"])
    assert batched.findings() == []


def test_a_run_begun_again_under_the_same_name_adds_up(batched: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    night = batched.night("subscription", run_id="again")
    take(night, UNTIL_DISPOSAL)

    def stop() -> None:
        raise KeyboardInterrupt

    between_batches(monkeypatch, 4, stop)
    with pytest.raises(KeyboardInterrupt):
        take(night, ("dispose",))
    monkeypatch.undo()

    batched.run("subscription", WITHOUT_REPORT, run_id="again")

    assert batched.findings() == []
    receipts = [r for r in batched.evidence.receipts(["again"]) if r.population == "preferences"]
    assert len({(r.unit, r.batch) for r in receipts}) == len(receipts) > 4


def test_a_run_of_another_store_or_day_is_not_continued(bench: Bench) -> None:
    bench.run("usage", ("prepare",), run_id="taken")

    for store, as_of in (("account", AS_OF), ("usage", AS_OF - DAY)):
        with pytest.raises(PlanError) as error:
            steps.open_night(bench.workspace, store, as_of=as_of, run_id="taken")
        assert "taken" in str(error.value)


def test_unvalidated_is_what_the_steps_are_called() -> None:
    assert {*UNVALIDATED, *WITHOUT_REPORT, *AFTER_PLAN} <= set(steps.STEPS)
