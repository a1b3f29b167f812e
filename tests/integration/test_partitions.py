"""Page events kept in partitions on PostgreSQL: judged as in a plain table, disposed of whole where nothing keeps a row."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from databases import create
from partitioned import IN_EACH, OLD_PARTS, partition, parts, there, with_old_events
from sqlalchemy import make_url, text
from workbench import AS_OF, UNTIL_DISPOSAL, Bench, copy, redeclare, set_day, take

from retention import holds
from retention.errors import NotFound, PlanError, StoreError, ValidationFailed
from retention.explain import explain
from retention.explain.reader import Reader
from retention.night.disposal import parts as judging_parts
from retention.night.disposal import strategy, whole
from retention.preflight.grants import Roles, grants
from retention.preflight.needs import store_needs
from retention.proof import prove
from retention.resolve import resolve
from retention.stores.partitions import read_partitioned
from retention.workspace import Workspace
from tests import servers
from tests.samples import prepared

USAGE = ("usage",)
REST = ("dispose", "record")
AGAIN = ("prepare", "scan", "plan", "dispose", "record")


@pytest.fixture(scope="module")
def plain(fast_folder: Callable[[], Path]) -> Iterator[Bench]:
    """The usage store on PostgreSQL, the others in files. Copy it; do not change it."""
    made = prepared(replace(Workspace.at(fast_folder(), decision_set="example"), store_urls={"usage": create("postgresql")}))
    with_old_events(made.url("usage"))
    made.sql("usage", "DELETE FROM page_events WHERE viewed_at IS NULL")
    yield made
    made.close()


@pytest.fixture(scope="module")
def parted(fast_folder: Callable[[], Path], plain: Bench) -> Iterator[Bench]:
    """The same with its page events in partitions. Copy it; do not change it."""
    made = Bench(copy(plain.workspace, fast_folder()), plain.sample)
    partition(made.url("usage"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def final(fast_folder: Callable[[], Path], plain: Bench) -> dict[str, set[Any]]:
    """The keys that a night over the plain table leaves."""
    made = Bench(copy(plain.workspace, fast_folder()), plain.sample)
    made.whole_night(USAGE)
    left = {name: made.keys("usage", name) for name in ("visits", "page_events")}
    made.close()
    return left


@pytest.fixture
def bench(folder: Path, parted: Bench) -> Iterator[Bench]:
    """One of one's own, before its night."""
    made = Bench(copy(parted.workspace, folder / "bench"), parted.sample)
    yield made
    made.close()


@pytest.fixture
def waiting(folder: Path, parted: Bench) -> Iterator[Bench]:
    """One whose detached partitions wait for a day before they are dropped."""
    declared = redeclare(folder / "declared")
    edit(declared["sql"], "title:", "pace: {partition_grace_seconds: 86400}\ntitle:")
    made = Bench(copy(parted.workspace, folder / "bench", **declared), parted.sample)
    yield made
    made.close()


def edit(folder: Path, old: str, new: str) -> None:
    file = folder / "usage" / "store.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def left(bench: Bench) -> dict[str, set[Any]]:
    return {name: bench.keys("usage", name) for name in ("visits", "page_events")}


def old_keys(bench: Bench, part: str = OLD_PARTS[0]) -> list[int]:
    return [row[0] for row in bench.sql("usage", f"SELECT event_id FROM {part} ORDER BY event_id")]


def comes_out(bench: Bench, before: set[Any], final: set[Any]) -> None:
    """What is gone is receipted once, the evidence verifies, and what is left is what a plain table has left."""
    now = bench.keys("usage", "page_events")
    assert sorted(bench.receipted("usage").get(("page_events", "delete"), [])) == sorted(before - now)
    assert now == final
    assert bench.findings(USAGE) == []
    assert bench.sql("usage", "SELECT * FROM retention_detached") == []


def planned(bench: Bench) -> dict[str, Any]:
    """The strategies of the plan of the only night so far, by name, of the page events."""
    found = bench.evidence.plan(bench.nights[-1].run_id)
    assert found is not None
    return {choice["strategy"]: choice for choice in found[1]["strategies"] if choice["population"] == "page_events"}


# judged and disposed of row by row


def test_rows_are_told_what_a_plain_table_tells_them(plain: Bench, parted: Bench) -> None:
    told = []
    for bench in (plain, parted):
        with Reader(bench.workspace, bench.bundle, "usage", AS_OF) as reader:
            keys = [str(key) for key in sorted(bench.keys("usage", "page_events"))]
            told.append(reader.judge("page_events", keys))
    assert told[0] == told[1]
    assert len(told[0]) > 3 * IN_EACH


@pytest.mark.parametrize("how", ["listed", "range"])
def test_row_by_row_the_same_goes(bench: Bench, final: dict[str, set[Any]], how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A default partition stands against detaching; rows in several partitions lie in the same place of each."""
    if how == "range":
        monkeypatch.setattr(strategy, "DENSE_ROWS", 0)
        monkeypatch.setattr(strategy, "DENSE_SHARE", 0.0)
    bench.sql("usage", "CREATE TABLE page_events_rest PARTITION OF page_events DEFAULT")
    before = bench.keys("usage", "page_events")
    bench.whole_night(USAGE)
    chosen = planned(bench)
    assert set(chosen) == {how}
    assert "it has a default partition" in chosen[how]["why"]
    assert set(parts(bench.url("usage"))) >= set(OLD_PARTS)
    comes_out(bench, before, final["page_events"])
    assert left(bench) == final


def test_a_key_that_is_there_twice_stops_the_night(bench: Bench) -> None:
    """The primary key of a partitioned table allows it."""
    key, other = old_keys(bench)[0], bench.sql("usage", f"SELECT visit_id FROM {OLD_PARTS[1]} LIMIT 1")[0][0]
    insert = "INSERT INTO page_events (event_id, visit_id, viewed_at, path) VALUES (?, ?, ?, '/')"
    bench.sql("usage", insert, key, other, "2022-05-05 10:00:00")
    before = left(bench)
    with pytest.raises(ValidationFailed, match="every record key stands once"):
        bench.guarded("usage")
    assert left(bench) == before

    bench.sql("usage", "CREATE TABLE page_events_rest PARTITION OF page_events DEFAULT")
    with pytest.raises(StoreError, match="two rows with the same key"):
        bench.run("usage", AGAIN)
    assert (key,) in bench.sql("usage", f"SELECT event_id FROM {OLD_PARTS[0]}")


# whole partitions


def test_a_partition_is_told_the_same_whatever_is_taken_for_granted(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The short question of a partition all of which leaves by one rule, against the whole verdict of each of its rows."""
    night = bench.night("usage")
    take(night, ["prepare"])
    events = night.store.declared.population("page_events")

    def judged(last_key: int | None) -> dict[str, judging_parts.Judged]:
        with night.session.reading() as connection:
            there = read_partitioned(connection, "page_events")
            assert there is not None
            return {
                part.name: judging_parts.judge(night, connection, events, part.name, stale=False, last_key=last_key)
                for part in there.parts
            }

    last = old_keys(bench)[-3]
    quick = {key: judged(key) for key in (None, last)}
    assert quick[None][OLD_PARTS[0]].leaves.keys() == {("usage-events", "interest_over", "delete")}
    assert quick[last][OLD_PARTS[0]].stays == 2
    monkeypatch.setattr(judging_parts, "_by_words", lambda compiled: [])
    assert {key: judged(key) for key in (None, last)} == quick
    assert sum(found.stays > 0 for found in quick[None].values()) > 3


def test_partitions_go_whole(bench: Bench, final: dict[str, set[Any]]) -> None:
    before = bench.keys("usage", "page_events")
    night = bench.whole_night(USAGE)["usage"]
    chosen = planned(bench)
    assert chosen["partition"]["parts"] == list(OLD_PARTS)
    assert chosen["partition"]["due"] == len(OLD_PARTS) * IN_EACH
    assert not any(there(bench.url("usage"), part) for part in OLD_PARTS)
    comes_out(bench, before, final["page_events"])
    assert left(bench) == final
    assert night["record"]["status"] == "reservations"  # as on the plain table: the sample has rows in quarantine
    rows = bench.sql("usage", "SELECT rows, scheme FROM retention_receipt WHERE rows = ?", IN_EACH)
    assert rows == [(IN_EACH, "blocks")] * len(OLD_PARTS)
    assert bench.whole_night(USAGE)["usage"]["dispose"]["batches"] == 0


def test_several_verdicts_in_one_partition(bench: Bench, final: dict[str, set[Any]]) -> None:
    """A trial's rows and others': one partition goes, and a receipt for each rule says what of it went."""
    trial = "SELECT e.customer_ref FROM page_events e JOIN retention_fact f ON f.subject_key = e.customer_ref"
    bench.run("usage", ("prepare",))  # facts arrive
    refs = bench.sql("usage", f"{trial} WHERE f.contracts = 0 AND f.trials > 0 AND f.trial_start < '2023-01-01' LIMIT 1")
    if not refs:
        refs = bench.sql("usage", "SELECT subject_key FROM retention_fact WHERE contracts = 0 AND trials > 0 LIMIT 1")
        bench.sql(
            "usage",
            "UPDATE retention_fact SET trial_start = '2020-01-01', trial_end = '2020-02-01' WHERE subject_key = ?",
            *refs[0],
        )
    keys = old_keys(bench)[:7]
    bench.sql("usage", f"UPDATE page_events SET customer_ref = ? WHERE event_id IN ({', '.join(map(str, keys))})", *refs[0])
    bench.run("usage", ("scan", "plan", "dispose", "record"), run_id=bench.nights[-1].run_id)
    receipts = bench.sql(
        "usage",
        "SELECT rule, rows FROM retention_receipt WHERE unit = (SELECT unit FROM retention_work WHERE part = ?)",
        OLD_PARTS[0],
    )
    assert sorted(receipts) == [("trial-data", 7), ("usage-events", IN_EACH - 7)]
    assert not there(bench.url("usage"), OLD_PARTS[0])
    assert bench.findings(USAGE) == []


# holds


def request(bench: Bench, **about: Any) -> holds.Request:
    return holds.Request("legal_claim", "T", "T-1", "T", AS_OF + dt.timedelta(days=9), **about)


def on_record(bench: Bench, key: int) -> None:
    about = request(bench, store="usage", population="page_events", record_key=str(key))
    placed = holds.place_if_there(bench.workspace, bench.bundle, bench.evidence, about)
    assert placed.delivered == ("usage",)


def test_a_hold_after_the_plan_keeps_its_partition_attached(bench: Bench, final: dict[str, set[Any]]) -> None:
    before = bench.keys("usage", "page_events")
    bench.run("usage", UNTIL_DISPOSAL, run_id="held")
    key = old_keys(bench)[3]
    on_record(bench, key)
    bench.run("usage", REST, run_id="held")
    assert OLD_PARTS[0] in parts(bench.url("usage"))
    assert not there(bench.url("usage"), OLD_PARTS[1])
    comes_out(bench, before, final["page_events"] | {key})


@pytest.mark.parametrize("about", ["record", "subject", "category"])
def test_a_hold_on_what_is_detached_gives_it_back(waiting: Bench, about: str) -> None:
    """It is accepted, for the rows are there; the next night attaches them again, and disposes of the others."""
    before = waiting.keys("usage", "page_events")
    key, moved = old_keys(waiting)[3], "UPDATE page_events SET customer_ref = 'C000000001' WHERE event_id = ?"
    if about == "subject":
        waiting.sql("usage", moved, key)
        bench_facts = "SELECT count(*) FROM retention_fact WHERE subject_key = 'C000000001'"
        waiting.run("usage", ("prepare",))
        assert waiting.sql("usage", bench_facts) == [(1,)]
    waiting.run("usage", (*UNTIL_DISPOSAL, *REST))
    url = waiting.url("usage")
    assert not set(OLD_PARTS) & set(parts(url))
    assert all(there(url, part) for part in OLD_PARTS)
    assert waiting.findings(USAGE) == []

    if about == "record":
        on_record(waiting, key)
    elif about == "subject":
        waiting.place("legal_claim", subject_key="C000000001")
    else:
        waiting.place("legal_claim", category="usage")
    waiting.run("usage", AGAIN)
    held = set(OLD_PARTS) if about == "category" else {OLD_PARTS[0]}
    assert held == set(OLD_PARTS) & set(parts(url))
    now = waiting.keys("usage", "page_events")
    others = {k for part in set(OLD_PARTS) - held for k in old_keys(waiting, part)}
    kept = {k for part in held for k in old_keys(waiting, part)}
    assert key in kept
    assert len(kept) == (1 if about != "category" else len(OLD_PARTS) * IN_EACH)
    assert sorted(waiting.receipted("usage")["page_events", "delete"]) == sorted(before - now - others)
    assert waiting.findings(USAGE) == []
    with pytest.raises(NotFound):
        on_record(waiting, max(before) + 1)


# the grace


def test_what_waits_is_not_gone_and_goes_in_its_time(
    waiting: Bench, final: dict[str, set[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before, visits = waiting.keys("usage", "page_events"), waiting.keys("usage", "visits")
    first = waiting.whole_night(USAGE)["usage"]
    url, key = waiting.url("usage"), old_keys(waiting)[0]
    assert first["validate_after"]["rows"] == len(before) + len(visits) - first["dispose"]["delete"]
    assert len(waiting.sql("usage", "SELECT 1 FROM retention_detached WHERE detached_at IS NOT NULL")) == len(OLD_PARTS)
    receipted = waiting.receipted("usage")["page_events", "delete"]
    assert not set(receipted) & set(old_keys(waiting))

    (told,) = explain(
        waiting.workspace, waiting.bundle, waiting.evidence, "usage", f"page_events:{key}", as_of=AS_OF, language="en"
    )
    assert told.judged is not None
    assert told.judged.disposition == "due"
    kept = {row[0] for part in OLD_PARTS for row in waiting.sql("usage", f"SELECT visit_id FROM {part}")}
    assert kept & visits <= waiting.keys("usage", "visits")  # no visit goes, or loses its names, before its events
    assert waiting.sql("usage", "SELECT * FROM retention_refused") == []

    second = waiting.whole_night(USAGE)["usage"]  # still within the day
    assert all(there(url, part) for part in OLD_PARTS)
    assert second["dispose"]["batches"] == 0

    set_day(monkeypatch, AS_OF + dt.timedelta(days=2))
    waiting.whole_night(USAGE)
    assert not any(there(url, part) for part in OLD_PARTS)
    waiting.whole_night(USAGE)  # visits whose events were still there when they were counted
    comes_out(waiting, before, final["page_events"])
    assert left(waiting) == final


# what comes between


def late(bench: Bench, part: str, day: str) -> int:
    key = max(bench.keys("usage", "page_events")) + 1
    (visit,) = bench.sql("usage", "SELECT visit_id FROM visits LIMIT 1")[0]
    bench.sql("usage", f"INSERT INTO {part} (event_id, visit_id, viewed_at, path) VALUES (?, ?, ?, '/')", key, visit, day)
    return key


def test_a_row_that_came_after_the_scan_stays_for_the_next_night(bench: Bench, final: dict[str, set[Any]]) -> None:
    before = bench.keys("usage", "page_events")
    bench.run("usage", UNTIL_DISPOSAL, run_id="late")
    key = late(bench, "page_events", "2022-02-02 10:00:00")
    bench.run("usage", REST, run_id="late")
    assert OLD_PARTS[0] in parts(bench.url("usage"))
    comes_out(bench, before | {key}, final["page_events"] | {key})
    bench.run("usage", AGAIN)
    assert not there(bench.url("usage"), OLD_PARTS[0])


def test_a_default_partition_that_came_after_the_plan(bench: Bench, final: dict[str, set[Any]]) -> None:
    before = bench.keys("usage", "page_events")
    bench.run("usage", UNTIL_DISPOSAL, run_id="late")
    bench.sql("usage", "CREATE TABLE page_events_rest PARTITION OF page_events DEFAULT")
    bench.run("usage", REST, run_id="late")
    assert set(parts(bench.url("usage"))) >= set(OLD_PARTS)
    comes_out(bench, before, final["page_events"])


HALF_DETACHED = "UPDATE pg_inherits SET inhdetachpending = true WHERE inhrelid = CAST(? AS regclass)"


def test_a_partition_that_somebody_else_has_half_detached_stops_disposal(bench: Bench) -> None:
    before = bench.keys("usage", "page_events")
    bench.run("usage", UNTIL_DISPOSAL, run_id="late")
    gone = set(old_keys(bench))
    bench.sql("usage", HALF_DETACHED, OLD_PARTS[0])
    with pytest.raises(PlanError, match=f"partition {OLD_PARTS[0]} of page_events is half detached"):
        bench.run("usage", REST, run_id="late")
    assert bench.keys("usage", "page_events") == before - gone  # they are not to be seen through the table
    assert set(old_keys(bench)) == gone


def test_a_partition_that_somebody_else_is_detaching_goes_row_by_row(
    bench: Bench, final: dict[str, set[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Others begin once the plan has been looked at for the last time."""
    before, begun, lock, dispose = bench.keys("usage", "page_events"), [], threading.Lock(), whole.dispose

    def others_first(job: Any, number: int) -> Any:
        with lock:
            if not begun:
                begun.append(bench.sql("usage", HALF_DETACHED, OLD_PARTS[0]))
        return dispose(job, number)

    bench.run("usage", UNTIL_DISPOSAL, run_id="late")
    monkeypatch.setattr(whole, "dispose", others_first)
    bench.run("usage", REST, run_id="late")
    assert begun
    assert set(OLD_PARTS) <= set(parts(bench.url("usage")))
    assert old_keys(bench) == []
    comes_out(bench, before, final["page_events"])


def test_a_partition_whose_place_was_taken_is_kept_and_said(waiting: Bench) -> None:
    waiting.run("usage", (*UNTIL_DISPOSAL, *REST))
    waiting.sql("usage", "CREATE TABLE taken PARTITION OF page_events FOR VALUES FROM ('2022-01-01') TO ('2022-02-01')")
    on_record(waiting, old_keys(waiting)[3])
    with pytest.raises(StoreError, match=f"partition {OLD_PARTS[0]} cannot be attached again"):
        waiting.run("usage", AGAIN)
    assert len(old_keys(waiting)) == IN_EACH


def test_a_view_of_one_partition_stands_against_dropping_it(bench: Bench, final: dict[str, set[Any]]) -> None:
    before = bench.keys("usage", "page_events")
    bench.sql("usage", f"CREATE VIEW somebodys AS SELECT path FROM {OLD_PARTS[0]}")
    bench.run("usage", AGAIN)
    assert OLD_PARTS[0] in parts(bench.url("usage"))
    assert not there(bench.url("usage"), OLD_PARTS[1])
    comes_out(bench, before, final["page_events"])


def test_a_view_that_comes_while_it_is_detached_gives_it_back(
    waiting: Bench, final: dict[str, set[Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = waiting.keys("usage", "page_events")
    waiting.run("usage", (*UNTIL_DISPOSAL, *REST))
    waiting.sql("usage", f"CREATE VIEW somebodys AS SELECT path FROM {OLD_PARTS[0]}")
    set_day(monkeypatch, AS_OF + dt.timedelta(days=2))
    waiting.run("usage", AGAIN)
    assert OLD_PARTS[0] in parts(waiting.url("usage"))
    assert not there(waiting.url("usage"), OLD_PARTS[1])
    comes_out(waiting, before, final["page_events"])


# evidence of a number only


def test_where_the_declaration_settles_for_counts(folder: Path, parted: Bench, final: dict[str, set[Any]]) -> None:
    declared = redeclare(folder / "declared")
    edit(declared["sql"], "    table: page_events\n", "    table: page_events\n    partition_evidence: counts\n")
    bench = Bench(copy(parted.workspace, folder / "bench", **declared), parted.sample)
    key = old_keys(bench)[0]
    bench.run("usage", AGAIN)
    assert bench.keys("usage", "page_events") == final["page_events"]
    counted = bench.sql("usage", "SELECT rows, root FROM retention_receipt WHERE scheme = 'counts'")
    assert counted == [(IN_EACH, "")] * len(OLD_PARTS)
    assert bench.findings(USAGE) == []
    population = bench.bundle.store("usage").declared.population("page_events")
    with pytest.raises(NotFound, match="only the number"):
        prove(bench.workspace, bench.evidence, "usage", population, str(key))
    with pytest.raises(NotFound):
        on_record(bench, key)
    with bench.evidence.writing() as connection:
        connection.execute(text("UPDATE receipt SET \"rows\" = 41 WHERE scheme = 'counts'"))
    assert len(bench.findings(USAGE)) >= len(OLD_PARTS)
    bench.close()


# the role


def test_a_role_that_owns_nothing_disposes_row_by_row(bench: Bench, final: dict[str, set[Any]]) -> None:
    """With what the grants script grants it: on the table, not on its partitions."""
    before, url = bench.keys("usage", "page_events"), make_url(bench.url("usage"))
    name = f"night_{url.database}"
    store = bench.bundle.store("usage")
    needs = store_needs(store, resolve(bench.bundle, store, AS_OF))
    owner = url.set(drivername="postgresql+psycopg")
    servers.run(owner, f"CREATE ROLE {name} LOGIN", *grants(bench.url("usage"), needs, Roles(name)).splitlines())
    try:
        mine = {"usage": url.set(username=name).render_as_string(hide_password=False)}
        nightly = Bench(replace(bench.workspace, store_urls=mine), bench.sample)
        nightly.run("usage", AGAIN)
        chosen = planned(nightly)
        for night in nightly.nights:
            night.session.close()
    finally:
        servers.run(owner, f"DROP OWNED BY {name}", f"DROP ROLE {name}")
    assert set(chosen) == {"listed"}
    assert "it does not belong to this user" in chosen["listed"]["why"]
    assert set(parts(bench.url("usage"))) >= set(OLD_PARTS)
    comes_out(bench, before, final["page_events"])
