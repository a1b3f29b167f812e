"""The live count of what is due is what a scan of the same moment counts, on every database."""

from __future__ import annotations

from collections import Counter

import pytest
from workbench import AS_OF, DAY, STORES, UNTIL_DISPOSAL, WITHOUT_REPORT, Bench, set_day

from retention.errors import StoreError
from retention.night.due import DueCount, due_now
from retention.night.facts import facts_stale


def counted(bench: Bench, store: str, stage: str = "before") -> Counter[str]:
    """Rows due by category, as the newest scan of a store has them."""
    run = bench.evidence.latest_run(store, finished=False)
    assert run is not None
    found: Counter[str] = Counter()
    for line in bench.evidence.scan(run.run_id, stage):  # type: ignore[arg-type]
        found[line.category] += line.rows if line.disposition == "due" else 0
    return found


def now(bench: Bench, store: str) -> Counter[str]:
    return Counter(due_now(bench.workspace, bench.bundle, store, AS_OF).rows)


def test_it_is_what_the_scan_counts(bench_there: Bench) -> None:
    for store in STORES:
        bench_there.run(store, UNTIL_DISPOSAL)
        found = now(bench_there, store)
        assert found == counted(bench_there, store)
        assert found.total() > 0


def test_with_requests_and_holds_of_every_scope(bench_there: Bench) -> None:
    """Each opens a way to be due, or closes one, that the sample has not got."""
    bench = bench_there
    bench.run("usage", UNTIL_DISPOSAL)
    before = now(bench, "usage")
    visit = max(bench.keys("usage", "visits"))
    bench.place("erasure", store="usage", population="visits", record_key=str(visit))
    ref = bench.sql("usage", "SELECT customer_ref FROM page_events WHERE customer_ref IS NOT NULL ORDER BY event_id DESC")[0][0]
    bench.place("erasure", subject_key=ref)
    bench.run("usage", UNTIL_DISPOSAL)
    asked_for = now(bench, "usage")
    assert asked_for == counted(bench, "usage")
    assert asked_for.total() > before.total()

    bench.place("legal_claim", category="usage")
    bench.run("usage", UNTIL_DISPOSAL)
    assert now(bench, "usage").total() == 0 == counted(bench, "usage").total()


def test_nothing_is_due_after_the_night(later_there: Bench) -> None:
    for store in STORES:
        assert now(later_there, store).total() == 0 == counted(later_there, store, "after").total()


def test_nothing_is_written(bench_there: Bench) -> None:
    bench_there.run("transaction", UNTIL_DISPOSAL)
    before, runs = bench_there.content("transaction"), len(bench_there.evidence.runs())
    assert due_now(bench_there.workspace, bench_there.bundle, "transaction", AS_OF).rows
    assert bench_there.content("transaction") == before
    assert len(bench_there.evidence.runs()) == runs


def test_of_a_day_on_which_more_is_due(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.whole_night()
    set_day(monkeypatch, AS_OF + 40 * DAY)
    later = due_now(bench.workspace, bench.bundle, "transaction", AS_OF + 40 * DAY)
    assert later.facts_old and later.rows["transaction"] > 0
    bench.run("account", WITHOUT_REPORT, as_of=AS_OF + 40 * DAY)
    bench.run("transaction", UNTIL_DISPOSAL, as_of=AS_OF + 40 * DAY)
    assert Counter(later.rows) == counted(bench, "transaction")


def test_in_the_night_itself(bench: Bench) -> None:
    """Each population alone, in the very transaction of a scan, with the facts as stale as the night finds them."""
    night = bench.night("subscription")
    bench.run("subscription", UNTIL_DISPOSAL)
    lines = bench.evidence.scan(bench.nights[-1].run_id, "before")
    with night.session.reading() as connection:
        for population in night.populations:
            compiled = night.compile(population.name, facts_stale=facts_stale(night))
            due = sum(line.rows for line in lines if line.population == population.name and line.disposition == "due")
            assert DueCount(compiled).on(connection) == due


def test_a_store_that_no_night_prepared_says_so(bench: Bench) -> None:
    bench.sql("usage", "DROP TABLE retention_fact_state")
    with pytest.raises(StoreError, match="has never been prepared"):
        due_now(bench.workspace, bench.bundle, "usage", AS_OF)
