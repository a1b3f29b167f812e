"""What a night does to the sample, case by case, and what it leaves alone."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Iterator

import pytest
from workbench import AS_OF, DAY, STORES, UNVALIDATED, WITHOUT_REPORT, Bench, copy, set_day

from retention.sample.book import Book
from retention.sample.cases import write_cases
from retention.sample.compare import Compared, compare


def _slugs() -> list[str]:
    book = Book(AS_OF, random.Random(7))
    write_cases(book)
    return sorted({label.case for label in book.labels})


@pytest.fixture(scope="module")
def compared(after_night: Bench) -> tuple[Compared, ...]:
    return compare(after_night.workspace, after_night.bundle, after_night.evidence, after_night.sample.labels, AS_OF)


@pytest.mark.parametrize("slug", _slugs())
def test_case(compared: tuple[Compared, ...], slug: str) -> None:
    mine = [one for one in compared if one.label.case == slug]
    wrong = [(one.label.population, one.label.record_key, one.label.expected, one.found, one.reason) for one in mine]
    assert mine
    assert [line for line, one in zip(wrong, mine, strict=True) if not one.matches] == []


def test_every_label_was_compared(compared: tuple[Compared, ...], after_night: Bench) -> None:
    assert len(compared) == len(after_night.sample.labels) > 600


def test_every_store_was_disposed_of_something_and_nothing_failed(after_night: Bench) -> None:
    for store in STORES:
        run = after_night.evidence.latest_run(store)
        assert run is not None
        assert run.status == "reservations"  # the sample is full of rows broken on purpose
        assert {line.outcome for line in after_night.evidence.validation(run.run_id) if line.severity == "blocking"} == {"PASS"}
        assert after_night.evidence.receipts([run.run_id])
    assert after_night.findings() == []


def test_rows_gone_are_the_rows_receipted(untouched: Bench, after_night: Bench) -> None:
    for store in STORES:
        known = untouched.keys("subscription", "suppression_list") if store == "subscription" else ()
        receipts = after_night.receipted(store, known)
        for population in after_night.bundle.store(store).declared.populations:
            gone = untouched.keys(store, population.name) - after_night.keys(store, population.name)
            left = receipts.get((population.name, "delete"), []) + receipts.get((population.name, "archive"), [])
            assert sorted(left) == sorted(gone)


def test_a_second_night_finds_nothing_to_do(later: Bench) -> None:
    before = later.contents()

    ran = later.whole_night()

    assert {store: result["dispose"] for store, result in ran.items()} == {
        store: {"batches": 0, "spared": 0} for store in STORES
    }
    assert later.contents() == before
    assert later.findings() == []


def test_a_night_a_day_later_disposes_of_what_fell_due_that_day_only(later: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    set_day(monkeypatch, AS_OF + DAY)

    ran = later.run("transaction", UNVALIDATED, as_of=AS_OF + DAY)

    first = [r.rows for r in later.evidence.receipts() if r.store == "transaction"]
    assert 0 < sum(int(v) for k, v in ran["dispose"].items() if k not in ("batches", "spared")) < sum(first) / 5


def test_production_disposes_only_of_what_the_policy_promises(untouched: Bench, folder: object) -> None:
    bench = Bench(copy(untouched.workspace, folder / "p", decision_set="production"), untouched.sample)  # type: ignore[operator]
    ran = {store: bench.run(store) for store in STORES}  # its limits are too strict for a sample full of broken rows

    rules: Counter[tuple[str, str]] = Counter()
    for receipt in bench.evidence.receipts():
        rules[receipt.store, receipt.rule] += receipt.rows
    assert {rule for _, rule in rules} <= {"trial-data", "erasure-request"}
    assert {store for store, rule in rules if rule == "trial-data"} == set(STORES)
    for store in STORES:
        assert int(ran[store]["scan"]["due"]) == sum(rows for (of, _), rows in rules.items() if of == store)
        bench.run(store, ("prepare", "scan"), run_id=f"again-{store}")
        kept = {line.reason for line in bench.evidence.scan(f"again-{store}", "before") if line.disposition == "keep"}
        periods = {"period_over", "interest_over", "relationship_over", "interest_holds", "floor_running", "period_running"}
        assert "undecided" in kept
        rules_kept = {line.rule for line in bench.evidence.scan(f"again-{store}", "before") if line.reason in periods}
        assert rules_kept <= {"trial-data"}
    bench.close()


def test_production_expires_a_trial_everywhere_and_keeps_its_invoice(untouched: Bench, folder: object) -> None:
    """Nobody has decided how long an invoice must be kept, so even an expired trial's stays whole."""
    bench = Bench(copy(untouched.workspace, folder / "p", decision_set="production"), untouched.sample)  # type: ignore[operator]
    for store in STORES:
        bench.run(store)

    found = compare(bench.workspace, bench.bundle, bench.evidence, bench.sample.labels, AS_OF)
    trial = [one for one in found if one.label.case == "trial-boundary"]
    assert len(trial) >= 35
    assert all(one.matches for one in trial)
    invoices = [one for one in found if one.label.case == "trial-invoice" and one.label.population == "invoices"]
    assert [(one.found, one.reason) for one in invoices] == [("kept", "undecided")]
    assert all(one.found != "deleted" for one in found if one.label.case in ("contract-boundary", "transaction-boundary"))
    bench.close()


@pytest.fixture
def frozen(bench: Bench) -> Iterator[tuple[Bench, dict[str, dict[str, str]]]]:
    """A sample, and its content, which must be the same at the end."""
    before = bench.contents()
    yield bench, before
    assert bench.contents() == before
    assert [store for store in STORES if bench.receipted(store)] == []


def test_a_rehearsal_changes_no_row(frozen: tuple[Bench, dict[str, dict[str, str]]]) -> None:
    bench, _ = frozen
    for store in STORES:
        ran = bench.run(store, WITHOUT_REPORT, dry_run=True)
        assert int(ran["scan"]["due"]) > 0
        assert ran["dispose"] == {"batches": 0, "spared": 0}
        assert ran["record"]["status"] == "rehearsal"


def test_a_future_as_of_is_a_rehearsal(frozen: tuple[Bench, dict[str, dict[str, str]]]) -> None:
    bench, _ = frozen
    for store in STORES:
        ran = bench.run(store, UNVALIDATED, as_of=AS_OF + dt.timedelta(days=400))
        assert int(ran["scan"]["due"]) > 0
        assert ran["dispose"] == {"batches": 0, "spared": 0}
        assert ran["record"]["status"] == "rehearsal"


def test_a_run_begun_as_a_rehearsal_stays_one(frozen: tuple[Bench, dict[str, dict[str, str]]]) -> None:
    bench, _ = frozen
    bench.run("usage", ("prepare", "scan", "plan"), run_id="once", dry_run=True)

    ran = bench.run("usage", UNVALIDATED, run_id="once")

    assert ran["record"]["status"] == "rehearsal"


def test_a_rehearsal_counts_what_the_night_then_does(untouched: Bench, after_night: Bench, bench: Bench) -> None:
    for store in STORES:
        rehearsed = bench.run(store, ("prepare", "scan", "plan"), dry_run=True)
        run = after_night.evidence.latest_run(store)
        assert run is not None
        assert rehearsed["plan"]["candidates"] == sum(r.rows for r in after_night.evidence.receipts([run.run_id]))


def test_an_earlier_as_of_makes_fewer_rows_due(untouched: Bench, after_night: Bench, bench: Bench) -> None:
    early = AS_OF - dt.timedelta(days=365)
    for store in STORES:
        bench.run(store, as_of=early)
        receipts = after_night.receipted(store)
        for place, mine in bench.receipted(store).items():
            if place[1] == "delete":
                every = set(receipts[place]) | set(receipts.get((place[0], "archive"), []))
                assert set(mine) <= every, place
        assert sum(map(len, bench.receipted(store).values())) < sum(map(len, receipts.values()))


def test_an_earlier_as_of_does_not_bypass_a_hold_of_today(bench: Bench) -> None:
    early = AS_OF - dt.timedelta(days=365)
    bench.run("transaction", ("prepare", "scan", "plan"), as_of=early)
    refs = bench.sql(
        "transaction",
        """
        SELECT DISTINCT o.customer_ref FROM orders o JOIN retention_candidate c
        ON c.population = 'orders' AND c.record_int = o.order_id""",
    )
    ref = sorted(refs)[0][0]
    before = bench.sql("transaction", "SELECT * FROM orders WHERE customer_ref = ?", ref)
    bench.place("legal_claim", subject_key=ref)

    ran = bench.run("transaction", as_of=early)

    assert int(ran["dispose"]["delete"]) > 0
    assert bench.sql("transaction", "SELECT * FROM orders WHERE customer_ref = ?", ref) == before


def test_an_earlier_as_of_knows_what_was_recorded_since(bench: Bench) -> None:
    """Rows written after the as-of date, but not after today, are ordinary rows and no error."""
    ran = bench.run("usage", ("prepare", "scan"), as_of=AS_OF - dt.timedelta(days=365))
    today = bench.run("usage", ("prepare", "scan"))

    assert ran["scan"]["quarantine"] == today["scan"]["quarantine"]


def test_suppression_fingerprints_are_kept_once(untouched: Bench, after_night: Bench) -> None:
    old = dict(untouched.sql("subscription", "SELECT * FROM suppression_list"))
    new = dict(after_night.sql("subscription", "SELECT * FROM suppression_list"))
    gone = untouched.keys("subscription", "subscribers") - after_night.keys("subscription", "subscribers")
    left = {
        row[0]: row[1:]
        for row in untouched.sql("subscription", "SELECT subscriber_id, email_fingerprint, unsubscribed_at FROM subscribers")
    }
    objected = {left[key][0]: left[key][1] for key in gone if left[key][1] is not None}

    assert objected
    assert {f: at for f, at in new.items() if f not in old} == {f: at for f, at in objected.items() if f not in old}
    assert {f: new[f] for f in old} == old
    assert objected.keys() & old.keys()  # one of them was there before


def test_two_profiles_of_one_address_leave_one_fingerprint(bench: Bench) -> None:
    at = [AS_OF - dt.timedelta(days=days) for days in (200, 300)]
    for number, day in enumerate(at):
        bench.sql(
            "subscription",
            "INSERT INTO subscribers SELECT ?, NULL, email, 'twice', full_name, telephone, ?, ?, ?, 'unmatched' "
            "FROM subscribers LIMIT 1",
            900_000 + number, f"{day - DAY * 400} 10:00:00", f"{day} 10:00:00", f"{day} 10:00:00",
        )  # fmt: skip

    bench.run("subscription")

    assert bench.sql("subscription", "SELECT suppressed_at FROM suppression_list WHERE fingerprint = 'twice'") == [
        (f"{at[1]} 10:00:00",)
    ]
    assert bench.sql("subscription", "SELECT * FROM subscribers WHERE email_fingerprint = 'twice'") == []
