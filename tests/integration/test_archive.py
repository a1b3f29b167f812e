"""The intermediate archive on every kind of database: what the law keeps of a row is moved, once, whole and alone."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from databases import kind_of
from workbench import AS_OF, DAY, UNTIL_DISPOSAL, UNVALIDATED, Bench, copy, redeclare, set_day, take

from retention import holds
from retention.errors import NotFound, PlanError, StoreError
from retention.explain import explain
from retention.sample.labels import Label

STORE = "transaction"
ARCHIVE = "archive.archived_invoices"
TAKEN = (
    "invoice_id, invoice_number, issued_on, customer_name, customer_address, "
    "net_cents, vat_cents, total_cents, created_at, status"
)
NEW_ROW = f"INSERT INTO {ARCHIVE} ({TAKEN}) VALUES (?, 'F-OLD', '2020-05-05', 'Atelier', '1 rue Haute', 1, 1, 2, NULL, 'paid')"


def labelled(bench: Bench, expected: str, population: str = "invoices", case: str | None = None) -> list[int]:
    found = [label for label in bench.sample.labels if _is(label, expected, population) and case in (None, label.case)]
    assert found
    return [int(label.record_key) for label in found]


def _is(label: Label, expected: str, population: str) -> bool:
    return (label.store, label.population, label.expected) == (STORE, population, expected)


def archived(bench: Bench) -> dict[int, tuple[Any, ...]]:
    return {row[0]: row for row in bench.sql(STORE, f"SELECT {TAKEN} FROM {ARCHIVE}")}


def whole(bench: Bench, key: int) -> list[Any]:
    return bench.sql(STORE, "SELECT * FROM invoices WHERE invoice_id = ?", key)


def reasons(bench: Bench, run_id: str, population: str = "invoices") -> Counter[tuple[str, str]]:
    found: Counter[tuple[str, str]] = Counter()
    for line in bench.evidence.scan(run_id, "before"):
        if line.population == population:
            found[line.disposition, line.reason] += line.rows
    return found


# what is moved


def test_what_the_law_keeps_is_moved_and_nothing_else(untouched_there: Bench, after_night_there: Bench) -> None:
    was = {row[0]: row for row in untouched_there.sql(STORE, f"SELECT {TAKEN} FROM invoices")}
    before, after = archived(untouched_there), archived(after_night_there)
    came = after.keys() - before.keys()

    assert set(labelled(after_night_there, "archived")) <= came
    assert {key: after[key] for key in came} == {key: was[key] for key in came}
    assert not came & after_night_there.keys(STORE, "invoices")
    assert sorted(came) == sorted(after_night_there.receipted(STORE)["invoices", "archive"])
    told = {c for (c,) in after_night_there.sql(STORE, f"SELECT DISTINCT customer_name FROM {ARCHIVE}")}
    assert told  # the fields that are there are said to be the archive's whole width:
    width = len(after_night_there.sql(STORE, f"SELECT * FROM {ARCHIVE}")[0])
    assert width == len(TAKEN.split(", "))  # no contact, no reference to a person or an order


def test_an_order_goes_after_its_invoice_was_archived(untouched_there: Bench, after_night_there: Bench) -> None:
    keys = labelled(after_night_there, "archived", case="transaction-boundary")
    marks = ", ".join("?" * len(keys))
    orders = {o for (o,) in untouched_there.sql(STORE, f"SELECT order_id FROM invoices WHERE invoice_id IN ({marks})", *keys)}
    assert orders and not orders & after_night_there.keys(STORE, "orders")


def test_its_own_time_comes(later_there: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten years from the close of its year: kept on the last day, due on the day after, and gone with a receipt."""
    bench = later_there
    mine = labelled(bench, "archived", case="invoice-already-minimised")
    year = min(row[2] for key, row in archived(bench).items() if key in mine)[:4]
    last = dt.date(int(year) + 10, 12, 31)
    late = {key for key, row in archived(bench).items() if row[2][:4] == year and key in mine}
    for day, there in ((last, late), (last + DAY, set())):
        set_day(monkeypatch, day)
        bench.run("account", ("prepare",), as_of=day)
        bench.run(STORE, UNVALIDATED, as_of=day)
        assert late & archived(bench).keys() == there
    assert late <= set(bench.receipted(STORE)["archived_invoices", "delete"])
    assert bench.findings([STORE]) == []


def test_a_second_night_archives_nothing_twice(later_there: Bench) -> None:
    before = archived(later_there)
    ran = later_there.run(STORE, UNVALIDATED)
    assert "archive" not in ran["dispose"] and archived(later_there) == before


def test_from_partitions_and_into_them_the_same_is_moved(folder: Path, bench_there: Bench) -> None:
    """Rows of two partitions lie in the same place of each: what tells a row by its place must tell its partition too."""
    if kind_of(bench_there.url(STORE)) != "postgresql":
        pytest.skip("only on PostgreSQL is a row told by its place")
    parted = Bench(copy(bench_there.workspace, folder / "parted"), bench_there.sample)
    partition(parted, "archive.archived_invoices", "archive.plain")
    partition(parted, "invoices", "plain")
    for table, column, other in (("invoices", "order_id", "orders"), ("payments", "invoice_id", "invoices")):
        parted.sql(STORE, f"ALTER TABLE {table} ADD FOREIGN KEY ({column}) REFERENCES {other} ({column})")
    left, there = [], archived(parted).keys()
    for bench in (bench_there, parted):
        bench.run(STORE, UNVALIDATED, run_id="moving")
        receipts = {what: sorted(keys) for what, keys in bench.receipted(STORE).items()}
        left.append((bench.keys(STORE, "invoices"), archived(bench), receipts))
    assert left[0] == left[1]
    assert len(archived(parted).keys() - there) > 2 and there - archived(parted).keys()
    assert parted.findings([STORE]) == []
    parted.close()


def partition(bench: Bench, table: str, aside: str) -> None:
    """Moves a table's rows into two partitions, by their keys."""
    parts = (f"{table}_{n} PARTITION OF {table} FOR VALUES WITH (MODULUS 2, REMAINDER {n})" for n in range(2))
    for statement in (
        f"ALTER TABLE {table} RENAME TO plain",
        f"CREATE TABLE {table} (LIKE {aside} INCLUDING ALL) PARTITION BY HASH (invoice_id)",
        *(f"CREATE TABLE {part}" for part in parts),
        f"INSERT INTO {table} SELECT * FROM {aside}",
        f"DROP TABLE {aside} CASCADE",
    ):
        bench.sql(STORE, statement)


# what stands against it


def test_a_key_used_before_is_kept_and_reported(bench_there: Bench) -> None:
    key = labelled(bench_there, "archived", case="invoice-account-gone")[0]
    bench_there.sql(STORE, NEW_ROW, key)
    before, old = whole(bench_there, key), archived(bench_there)[key]

    bench_there.run(STORE, UNVALIDATED, run_id="taken")

    assert whole(bench_there, key) == before and archived(bench_there)[key] == old
    assert reasons(bench_there, "taken")["quarantine", "archive_key_taken"] == 2  # one was there already, as a case


def test_a_key_taken_since_the_plan_is_spared(bench_there: Bench) -> None:
    night = bench_there.night(STORE, run_id="since")
    take(night, UNTIL_DISPOSAL)
    key = labelled(bench_there, "archived", case="invoice-account-gone")[0]
    bench_there.sql(STORE, NEW_ROW, key)
    before, old = whole(bench_there, key), archived(bench_there)[key]

    assert int(take(night, ("dispose",))["dispose"]["spared"]) >= 1
    assert whole(bench_there, key) == before and archived(bench_there)[key] == old


def test_a_hold_that_comes_in_mid_run_is_honoured(bench_there: Bench) -> None:
    night = bench_there.night(STORE, run_id="mid")
    take(night, UNTIL_DISPOSAL)
    record, subject = labelled(bench_there, "archived", case="invoice-account-gone")
    before = [whole(bench_there, key) for key in (record, subject)]
    bench_there.place("legal_claim", store=STORE, population="invoices", record_key=str(record))
    bench_there.place("restriction", subject_key=before[1][0][2])

    take(night, ("dispose",))

    assert [whole(bench_there, key) for key in (record, subject)] == before
    assert not {record, subject} & archived(bench_there).keys()


def test_a_hold_on_what_was_archived_says_where_it_is(later_there: Bench) -> None:
    bench = later_there
    key = str(labelled(bench, "archived")[0])
    asked: dict[str, Any] = {
        "kind": "legal_claim", "reason": "T", "reference": "T", "approver": "T", "review_by": AS_OF + DAY, "store": STORE,
    }  # fmt: skip
    with pytest.raises(NotFound, match="already archived") as refused:
        request = holds.Request(**asked, population="invoices", record_key=key)
        holds.place_if_there(bench.workspace, bench.bundle, bench.evidence, request)
    assert "archived_invoices:KEY" in str(refused.value.mend)

    request = holds.Request(**asked, population="archived_invoices", record_key=key)
    holds.place_if_there(bench.workspace, bench.bundle, bench.evidence, request)
    bench.run(STORE, ("prepare", "scan"), run_id="held")
    assert reasons(bench, "held", "archived_invoices")["held", "hold"] == 3  # two were held as cases


def test_an_erasure_request_yields_to_the_law(later_there: Bench) -> None:
    key = labelled(later_there, "archived")[0]
    later_there.place("erasure", store=STORE, population="archived_invoices", record_key=str(key))
    later_there.run(STORE, UNVALIDATED, run_id="asked")
    assert key in archived(later_there)
    assert ("due", "erasure_request") not in reasons(later_there, "asked", "archived_invoices")


def test_children_go_first(bench_there: Bench) -> None:
    """An invoice whose payment stays does so too: nothing is torn from what refers to it."""
    key = labelled(bench_there, "archived", case="invoice-account-gone")[0]
    payment = bench_there.sql(STORE, "SELECT payment_id FROM payments WHERE invoice_id = ?", key)[0][0]
    bench_there.place("legal_claim", store=STORE, population="payments", record_key=str(payment))
    before = whole(bench_there, key)
    bench_there.run(STORE, UNVALIDATED, run_id="child")
    assert whole(bench_there, key) == before and key not in archived(bench_there)
    assert ("keep", "child_kept") in reasons(bench_there, "child")


# what is said of it


def test_explained_on_both_sides(later_there: Bench) -> None:
    bench, key = later_there, labelled(later_there, "archived", case="invoice-account-gone")[0]
    there = {"as_of": AS_OF, "language": "en"}
    (gone,) = explain(bench.workspace, bench.bundle, bench.evidence, STORE, f"invoices:{key}", **there)  # type: ignore[arg-type]
    (kept,) = explain(
        bench.workspace,
        bench.bundle,
        bench.evidence,
        STORE,
        f"archived_invoices:{key}",
        **there,  # type: ignore[arg-type]
    )

    assert not gone.exists and gone.receipts[-1].action == "archive"
    assert any(f"archived_invoices:{key}" in note for note in gone.notes)
    assert kept.judged is not None and (kept.judged.disposition, kept.judged.reason) == ("keep", "floor_running")
    year = int(archived(bench)[key][2][:4])
    assert kept.rule is not None and (kept.rule.rule, kept.rule.last_day) == ("accounting-floor", dt.date(year + 10, 12, 31))
    assert any(gone.receipts[-1].receipt_id in note for note in kept.notes)


# what is refused


def test_a_table_that_nobody_declared_there_is_red(bench_there: Bench) -> None:
    bench_there.sql(STORE, "CREATE TABLE archive.odd (odd_id INTEGER PRIMARY KEY)")
    with pytest.raises(StoreError, match=r"archive\.odd is not declared"):
        bench_there.run(STORE, ("prepare",))


def test_a_change_of_the_archive_since_the_plan_is_refused(bench_there: Bench) -> None:
    night = bench_there.night(STORE, run_id="changed")
    take(night, UNTIL_DISPOSAL)
    bench_there.sql(STORE, f"ALTER TABLE {ARCHIVE} ADD COLUMN note VARCHAR(20)")
    before = bench_there.content(STORE)
    with pytest.raises(PlanError, match="schema changed"):
        take(night, ("dispose",))
    assert bench_there.content(STORE) == before


@pytest.fixture
def remapped(folder: Path, untouched_there: Bench) -> Iterator[Callable[[str, str], Bench]]:
    """A sample whose transaction store is declared in another way."""
    made: list[Bench] = []

    def remap(before: str, after: str) -> Bench:
        places = redeclare(folder / "other")
        file = places["sql"] / STORE / "store.yaml"
        text = file.read_text(encoding="utf-8")
        assert before in text
        file.write_text(text.replace(before, after), encoding="utf-8")
        made.append(Bench(copy(untouched_there.workspace, folder / "bench", **places), untouched_there.sample))
        return made[-1]

    yield remap
    for bench in made:
        bench.close()


def test_an_archive_that_takes_other_types_is_refused(remapped: Callable[[str, str], Bench]) -> None:
    """An address would be cut to the width of a name, or refused by the database in the middle of a night."""
    crossed = "columns: {customer_address: customer_name, customer_name: customer_address}"
    bench = remapped("archive: archived_invoices ", f"archive: {{population: archived_invoices, {crossed}}} ")
    with pytest.raises(StoreError, match=r"archived_invoices\.customer_\w+ is .*which fills it") as refused:
        bench.run(STORE, ("prepare",))
    assert refused.value.mend


def test_a_trigger_that_swallows_what_is_archived_stops_the_night(remapped: Callable[[str, str], Bench], kind: str) -> None:
    if kind != "postgresql":
        pytest.skip("a trigger cannot swallow a row silently there")
    bench = remapped("populations:\n", "triggers: {swallow: a test}\npopulations:\n")
    bench.sql(STORE, "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
    bench.sql(STORE, f"CREATE TRIGGER swallow BEFORE INSERT ON {ARCHIVE} FOR EACH ROW EXECUTE FUNCTION swallow()")
    before = bench.keys(STORE, "invoices")
    with pytest.raises(StoreError, match="did not take exactly the rows"):
        bench.run(STORE, UNVALIDATED)
    left = bench.keys(STORE, "invoices")
    assert before - left <= set(bench.receipted(STORE).get(("invoices", "delete"), []))


# SQLite: two files, one commit


def test_a_journal_that_would_not_commit_both_files_as_one_is_refused(bench: Bench) -> None:
    assert kind_of(bench.url(STORE)) == "sqlite"
    bench.sql(STORE, "PRAGMA archive.journal_mode = WAL")
    before = bench.content(STORE)
    with pytest.raises(StoreError, match="journal of archive is of the mode wal"):
        bench.run(STORE, UNVALIDATED)
    assert bench.content(STORE) == before


def test_an_archive_that_is_missing_stops_the_night(bench: Bench) -> None:
    bench.file(STORE).with_name("transaction.archive.db").unlink()
    with pytest.raises(StoreError, match="file of schema 'archive' does not exist"):
        bench.run(STORE, ("prepare",))
