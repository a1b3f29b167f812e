"""Whatever is wrong is said once, with file and mend; nothing is disposed of, nothing is lost."""

from __future__ import annotations

import datetime as dt
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from workbench import AS_OF, UNTIL_DISPOSAL, Bench, copy, take

from retention.errors import DeclarationError, Denied, EvidenceError, OutputError, RetentionError, StoreError, ValidationFailed
from retention.evidence import database
from retention.night import steps

VISITS = (
    "SELECT v.visit_id AS record_key, v.customer_ref AS subject_key, 'recorded' AS state, v.visited_at AS recorded_at "
    "FROM visits AS v"
)


@pytest.fixture
def mapped(folder: Path, untouched: Bench) -> Iterator[Bench]:
    """A sample with mappings of its own, which may be spoiled."""
    places = folder / "sql"
    shutil.copytree(untouched.workspace.sql, places)
    made = Bench(copy(untouched.workspace, folder / "bench", sql=places), untouched.sample)
    yield made
    made.close()


def refused(bench: Bench, store: str, kind: type[RetentionError], *says: str, file: Path | None = None) -> RetentionError:
    """A whole night, as it is run, stops with one error of this kind and leaves the store as it was."""
    path = bench.file(store)
    before = path.read_bytes() if path.is_file() else None
    content = bench.content(store) if before and before.startswith(b"SQLite format 3") else None
    with pytest.raises(RetentionError) as error:
        bench.guarded(store, run_id="refused")
    assert type(error.value) is kind, error.value
    assert error.value.exit_code == kind.exit_code != 1
    assert error.value.mend
    for words in says:
        assert words in str(error.value)
    if file is not None:
        assert str(file) in str(error.value)
    assert "Traceback" not in str(error.value)
    if content is not None:
        assert bench.content(store) == content
    elif before is not None:
        assert path.read_bytes() == before
    return error.value


# population queries


QUERIES = {
    "a missing column": (VISITS.replace("'recorded' AS state, ", ""), "does not return the column state"),
    "a delete": ("DELETE FROM visits", "exactly one SELECT"),
    "two statements": (f"{VISITS}; DELETE FROM visits", "exactly one SELECT"),
    "a parameter": (f"{VISITS} WHERE v.visited_at < :cutoff", "a parameter"),
}


@pytest.mark.parametrize("what", QUERIES)
def test_a_population_query_that_is_none(mapped: Bench, what: str) -> None:
    query, says = QUERIES[what]
    path = mapped.workspace.sql / "usage" / "visits.sql"
    path.write_text(f"-- One row per visit.\n\n{query}\n", encoding="utf-8")
    error = refused(mapped, "usage", DeclarationError, says, file=path)
    assert error.line is not None


def test_a_query_whose_key_is_not_the_tables_key(mapped: Bench) -> None:
    """`record_key` is the primary key, unaltered. Were it another number, the wrong rows would go."""
    path = mapped.workspace.sql / "usage" / "page_events.sql"
    path.write_text(path.read_text(encoding="utf-8").replace("e.event_id     AS", "e.event_id + 1 AS"), encoding="utf-8")
    young = f"SELECT event_id FROM page_events WHERE viewed_at > '{AS_OF - dt.timedelta(days=90)}' AND customer_ref IS NULL"
    before = mapped.sql("usage", young)

    with suppress(RetentionError):
        take(mapped.night("usage"), ("prepare", "scan", "plan", "validate_before", "dispose"))

    assert mapped.sql("usage", young) == before


def test_an_alias_that_is_not_there(mapped: Bench) -> None:
    path = mapped.workspace.sql / "usage" / "visits.sql"
    path.write_text(VISITS.removesuffix(" v"), encoding="utf-8")
    refused(mapped, "usage", DeclarationError, "record_key", file=path)


@pytest.mark.parametrize(("old", "new"), [("FROM visits AS v", "FROM visits AS v, vistis"), ("v.customer_ref", "v.customer")])
def test_a_query_over_what_is_not_there(mapped: Bench, old: str, new: str) -> None:
    path = mapped.workspace.sql / "usage" / "visits.sql"
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    refused(mapped, "usage", StoreError, "that a population query names", file=path)


def test_a_query_with_duplicate_keys(mapped: Bench) -> None:
    path = mapped.workspace.sql / "usage" / "visits.sql"
    text = path.read_text(encoding="utf-8").replace(
        "FROM visits AS v", "FROM visits AS v LEFT JOIN page_events AS e ON e.visit_id = v.visit_id"
    )
    path.write_text(text, encoding="utf-8")
    error = refused(mapped, "usage", ValidationFailed)
    assert "visits" in str(error)


def test_a_query_file_that_is_missing(mapped: Bench) -> None:
    (mapped.workspace.sql / "usage" / "visits.sql").unlink()
    with pytest.raises(DeclarationError) as error:
        mapped.night("usage")
    assert error.value.line is not None
    assert "visits.sql" in str(error.value)


def test_a_query_file_of_another_encoding(mapped: Bench) -> None:
    path = mapped.workspace.sql / "usage" / "visits.sql"
    path.write_bytes(b"-- cr\xe9\xe9\n" + VISITS.encode())
    with pytest.raises(DeclarationError):
        mapped.night("usage")


# stores


def test_a_store_that_is_missing_is_not_made(bench: Bench) -> None:
    bench.file("usage").unlink()
    refused(bench, "usage", StoreError, "does not exist", file=bench.file("usage"))
    assert not bench.file("usage").exists()


@pytest.mark.parametrize("content", [b"this is no database " * 100, b"SQLite format 3\x00" + b"\x00" * 4000])
def test_a_file_that_is_no_database(bench: Bench, content: bytes) -> None:
    bench.file("usage").write_bytes(content)
    with pytest.raises(StoreError) as error:
        bench.guarded("usage")
    assert error.value.exit_code == 3
    assert error.value.mend
    assert bench.file("usage").read_bytes() == content


def test_an_empty_file_lacks_its_tables(bench: Bench) -> None:
    bench.file("usage").write_bytes(b"")
    with pytest.raises(StoreError) as error:
        bench.guarded("usage")
    assert "does not exist" in str(error.value)


def test_a_damaged_page(bench: Bench) -> None:
    content = bytearray(bench.file("usage").read_bytes())
    content[8192:20000] = b"\xff" * (20000 - 8192)
    bench.file("usage").write_bytes(bytes(content))
    with pytest.raises(StoreError) as error:
        bench.guarded("usage")
    assert error.value.mend


def test_a_folder_instead_of_a_store(bench: Bench) -> None:
    bench.file("usage").unlink()
    bench.file("usage").mkdir()
    with pytest.raises(StoreError):
        bench.guarded("usage")


def test_another_kind_of_database(bench: Bench) -> None:
    from dataclasses import replace

    bench.workspace = replace(bench.workspace, store_urls={"usage": "oracle://localhost/usage"})
    with pytest.raises(StoreError) as error:
        bench.guarded("usage")
    assert "not supported" in str(error.value)


@pytest.fixture
def read_only(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A file that may not be written. Permissions do not stop root, so its connections are told not to write instead."""
    if os.geteuid() != 0:
        bench.file("usage").chmod(0o444)
        return bench
    from retention.stores import connect, session

    monkeypatch.setattr(session, "make_engine", lambda url, **_: connect.make_engine(url, readonly=True))
    return bench


def test_a_store_that_is_read_only(read_only: Bench) -> None:
    refused(read_only, "usage", Denied, "is read-only")


def test_a_store_that_turns_read_only_after_the_plan(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    from retention.stores import connect, session

    bench.run("usage", UNTIL_DISPOSAL, run_id="bound")
    before = bench.content("usage")
    monkeypatch.setattr(session, "make_engine", lambda url, **_: connect.make_engine(url, readonly=True))
    with pytest.raises(StoreError) as error:
        take(bench.night("usage", run_id="bound"), ("dispose",))
    assert "is read-only" in str(error.value)
    assert bench.content("usage") == before


SCHEMAS = {
    "an extra table": ("CREATE TABLE backup_visits AS SELECT * FROM visits", "table backup_visits is not declared"),
    "an extra column": ("ALTER TABLE visits ADD COLUMN fax TEXT", "column visits.fax is not declared"),
    "a missing column": ("ALTER TABLE visits DROP COLUMN interests", "column visits.interests does not exist"),
    "a missing table": ("DROP TABLE page_events", "table page_events does not exist"),
    "an index that speaks": ("CREATE VIRTUAL TABLE spoken USING fts5(path)", "is not declared"),
}


@pytest.mark.parametrize("what", SCHEMAS)
def test_a_store_that_is_not_as_declared(bench: Bench, what: str) -> None:
    statement, says = SCHEMAS[what]
    bench.sql("usage", statement)
    refused(bench, "usage", StoreError, says, file=bench.workspace.sql / "usage" / "store.yaml")


INLINE_PARENT = "REFERENCES visits (visit_id)"
KEYS = {
    "another foreign key": (
        " path TEXT(200) NOT NULL",
        " path TEXT(200) NOT NULL REFERENCES visits (visit_id)",
        "refers to visits",
    ),
    "a cascade": (INLINE_PARENT, f"{INLINE_PARENT} ON DELETE CASCADE", "ON DELETE CASCADE"),
    "a foreign key that is set to null": (INLINE_PARENT, f"{INLINE_PARENT} ON DELETE SET NULL", "SET NULL"),
    "a cascade of the table": (
        "seconds INTEGER)",
        f"seconds INTEGER, FOREIGN KEY (visit_id) {INLINE_PARENT} ON DELETE CASCADE)",
        "ON DELETE CASCADE",
    ),
    "a composite key": (
        "event_id INTEGER PRIMARY KEY",
        "event_id INTEGER, PRIMARY KEY (event_id, visit_id)",
        "primary key",
    ),
    "no key": ("event_id INTEGER PRIMARY KEY", "event_id INTEGER", "primary key"),
}


INLINE_ACTIONS = ("a cascade", "a foreign key that is set to null")


@pytest.mark.parametrize("what", [pytest.param(what) if what in INLINE_ACTIONS else what for what in KEYS])
def test_a_table_with_other_keys(bench: Bench, what: str) -> None:
    old, new, says = KEYS[what]
    create = bench.sql("usage", "SELECT sql FROM sqlite_master WHERE name = 'page_events'")[0][0]
    assert old in create
    if "PRIMARY KEY (" in new:
        create, new = create.rstrip().removesuffix(")") + ", PRIMARY KEY (event_id, visit_id))", "event_id INTEGER"
    with closing(sqlite3.connect(bench.file("usage"))) as file, file:
        file.execute("ALTER TABLE page_events RENAME TO old_events")
        file.execute(create.replace(old, new))
        file.execute("INSERT INTO page_events SELECT * FROM old_events")
        file.execute("DROP TABLE old_events")
    refused(bench, "usage", StoreError, says)


# values that lie outside the calendar


EDGES = [
    "9999-12-31 23:59:59",
    "9999-12-31 00:00:00",
    "0001-01-01 00:00:00",
    "0000-01-01 00:00:00",
    "-001-01-01 00:00:00",
    "12026-01-01 00:00:00",
]


def test_instants_at_the_edge_of_the_calendar(bench: Bench) -> None:
    """The first of them lies beyond the last date there is, by the clocks of Paris."""
    for number, instant in enumerate(EDGES):
        bench.sql("usage", "UPDATE visits SET visited_at = ? WHERE visit_id = ?", instant, 100 + number)
    ran = bench.run("usage", ("prepare", "scan", "plan", "dispose", "validate_after", "record"))
    assert int(ran["scan"]["quarantine"]) >= len(EDGES) - 1


ANYTHING = [b"\x00\xff", 1.5, 20260615, "", "9999-99-99", "2026-06-15 10:00:00+02:00", "2026-06-15 10:00"]


def test_an_anchor_of_any_kind_is_quarantined(bench: Bench) -> None:
    quarantined = bench.run("usage", ("prepare", "scan"))["scan"]["quarantine"]
    for number, value in enumerate(ANYTHING):
        bench.sql("usage", "UPDATE page_events SET viewed_at = ? WHERE event_id = ?", value, 700 + number)
    ran = bench.run("usage", ("prepare", "scan", "plan", "dispose"))
    assert ran["scan"]["quarantine"] == int(quarantined) + len(ANYTHING)
    assert {700 + number for number in range(len(ANYTHING))} <= bench.keys("usage", "page_events")


# the rest of the workspace


def test_an_unknown_decision_set(bench: Bench) -> None:
    from dataclasses import replace

    bench.workspace = replace(bench.workspace, decision_set="exemple")
    with pytest.raises(DeclarationError) as error:
        bench.night("usage")
    assert error.value.exit_code == 2
    assert "example, production" in error.value.mend
    assert "exemple.yaml" in str(error.value)


def test_an_unknown_store(bench: Bench) -> None:
    with pytest.raises(DeclarationError) as error:
        bench.night("sales")
    assert error.value.exit_code == 2
    assert "account" in error.value.mend


def test_evidence_that_cannot_be_made(bench: Bench) -> None:
    from dataclasses import replace

    blocked = bench.workspace.home / "blocked"
    blocked.write_text("in the way")
    bench.workspace = replace(bench.workspace, evidence_url=f"sqlite:///{blocked / 'evidence.db'}")
    with pytest.raises(EvidenceError) as error:
        bench.night("usage")
    assert error.value.exit_code == 6
    assert str(blocked) in str(error.value)


@pytest.mark.parametrize("spoil", ["folder", "rubbish"])
def test_evidence_that_is_no_database(bench: Bench, spoil: str) -> None:
    file = bench.workspace.home / "evidence.db"
    file.unlink()
    file.mkdir() if spoil == "folder" else file.write_bytes(b"rubbish " * 500)
    with pytest.raises(EvidenceError) as error:
        bench.night("usage")
    assert error.value.exit_code == 6
    assert error.value.mend


def test_evidence_that_is_locked_disposes_of_nothing(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.2)
    night = bench.night("usage")
    take(night, ("prepare", "scan"))
    with closing(sqlite3.connect(bench.workspace.home / "evidence.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(RetentionError) as error:
            take(night, ("plan", "dispose"))
        other.execute("ROLLBACK")
    assert error.value.exit_code == 6
    assert bench.receipted("usage") == {}


def test_evidence_lost_between_disposal_and_record_is_made_good(bench: Bench) -> None:
    """The receipts lie in the store: the next night seals them."""
    file = bench.workspace.home / "evidence.db"
    shutil.copy(file, file.with_suffix(".backup"))
    bench.run("usage", (*UNTIL_DISPOSAL, "dispose"))
    bench.close()
    shutil.copy(file.with_suffix(".backup"), file)

    ran = bench.run("usage", ("prepare", "scan", "plan", "dispose", "record"))

    assert int(ran["prepare"]["receipts_recovered"]) > 0
    assert bench.findings(["usage"]) == []


def in_the_way(bench: Bench) -> None:
    shutil.rmtree(bench.workspace.output, ignore_errors=True)
    bench.workspace.output.parent.mkdir(parents=True, exist_ok=True)
    bench.workspace.output.write_text("in the way")


def test_an_output_folder_that_cannot_be_written_stops_the_night_before_disposal(bench: Bench) -> None:
    in_the_way(bench)
    refused(bench, "usage", OutputError, file=bench.workspace.output)


def test_an_output_folder_that_cannot_be_written_loses_nothing(bench: Bench) -> None:
    in_the_way(bench)
    with pytest.raises(OutputError) as error:
        bench.guarded("usage", run_id="unwritten")
    assert error.value.exit_code == 7
    assert str(bench.workspace.output) in str(error.value)
    assert bench.evidence.run("unwritten").status == "failed"  # type: ignore[union-attr]

    bench.workspace.output.unlink()
    bench.run("usage", ("prepare", "scan", "plan", "dispose", "record"))
    assert bench.findings(["usage"]) == []


def test_the_error_that_matters_is_the_one_that_is_told(bench: Bench) -> None:
    """The folder goes out of reach in mid-night, and then the store: the store is what failed the night."""
    night = bench.night("usage")
    take(night, ("prepare", "scan"))
    in_the_way(bench)
    steps.fail(night, StoreError("the store is gone"))
    run = bench.evidence.run(night.run_id)
    assert run is not None and run.status == "failed" and "the store is gone" in str(run.note)


def damaged_keys() -> Iterator[object]:
    yield from (b"", b"abc\n", b"zz" * 32, b"00" * 31)
    for raw in (b"\xff\xfe\x00" * 30, "clé".encode() * 20):
        yield pytest.param(
            raw,
        )


@pytest.mark.parametrize("content", damaged_keys())
def test_a_damaged_digest_key(bench: Bench, content: bytes) -> None:
    night = bench.night("usage")
    take(night, UNTIL_DISPOSAL)
    before = bench.content("usage")
    key = bench.workspace.home / "digest.key"
    key.write_bytes(content)
    with pytest.raises(EvidenceError) as error:
        take(night, ("dispose",))
    assert error.value.exit_code == 6
    assert str(key) in str(error.value)
    assert key.read_bytes() == content
    assert bench.content("usage") == before
    assert bench.receipted("usage") == {}


def test_a_lost_digest_key_is_not_made_anew(later: Bench) -> None:
    (later.workspace.home / "digest.key").unlink()
    later.sql(
        "usage",
        "UPDATE page_events SET viewed_at = '2019-01-01 10:00:00' WHERE event_id = (SELECT max(event_id) FROM page_events)",
    )
    with pytest.raises(EvidenceError):
        later.guarded("usage")


def test_a_failure_is_put_on_record_and_the_next_night_is_not_disturbed(bench: Bench) -> None:
    bench.sql("usage", "ALTER TABLE visits ADD COLUMN fax TEXT")
    refused(bench, "usage", StoreError)
    run = bench.evidence.run("refused")
    assert run is not None
    assert run.status == "failed"
    assert "visits.fax" in str(run.note)
    bench.sql("usage", "ALTER TABLE visits DROP COLUMN fax")

    ran = bench.guarded("usage")

    assert ran["record"]["status"] == "reservations"
    assert bench.findings(["usage"]) == []
