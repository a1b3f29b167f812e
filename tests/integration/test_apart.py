"""The lists of records held and in quarantine are what a scan of the same moment counts, on every database."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from typing import Any

from workbench import AS_OF, DAY, STORES, Bench

from retention.explain.apart import Apart, records_apart

TODAY = AS_OF


def apart(bench: Bench, store: str) -> list[Apart]:
    return list(records_apart(bench.workspace, bench.bundle, store, TODAY, bench.evidence.holds()))


def counted(bench: Bench, store: str) -> Counter[tuple[Any, ...]]:
    run = bench.evidence.latest_run(store)
    assert run is not None
    found: Counter[tuple[Any, ...]] = Counter()
    for line in bench.evidence.scan(run.run_id, "after"):
        if line.disposition in ("held", "quarantine"):
            found[line.population, line.disposition, line.rule, line.reason, line.hold_kind, line.overdue] += line.rows
    return found


def test_they_are_what_the_scan_counts(later_there: Bench) -> None:
    for store in STORES:
        listed = apart(later_there, store)
        assert len({(one.population, one.record) for one in listed}) == len(listed)
        told = Counter((one.population, one.disposition, one.rule, one.reason, one.hold_kind, one.overdue) for one in listed)
        assert told == counted(later_there, store)
        assert {one.disposition for one in listed} == {"held", "quarantine"}


def test_a_held_record_tells_since_when_and_until_which_review(later_there: Bench) -> None:
    bench = later_there
    visit = str(max(bench.keys("usage", "visits")))
    bench.place("legal_claim", store="usage", population="visits", record_key=visit)
    bench.place("restriction", category="usage")
    listed = {(one.population, one.record): one for one in apart(bench, "usage")}
    claimed = listed["visits", visit]
    assert (claimed.disposition, claimed.hold_kind, claimed.review_by) == ("held", "legal_claim", AS_OF + 90 * DAY)
    assert isinstance(claimed.since, dt.date)
    events = [one for one in listed.values() if one.population == "page_events" and one.hold_kind == "restriction"]
    assert events and all(one.review_by == AS_OF + 90 * DAY for one in events)
    assert all(one.since is None and one.review_by is None for one in listed.values() if one.disposition == "quarantine")
    assert all(one.since is not None for one in listed.values() if one.disposition == "held")
