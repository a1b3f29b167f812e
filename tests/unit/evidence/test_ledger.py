"""The ledger tells of whatever is done to it, and raises no false alarm."""
# ruff: noqa: DTZ001, DTZ901 - instants are kept as naive UTC

from __future__ import annotations

import datetime as dt
import json
import multiprocessing
import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import insert

from retention.evidence import ledger, tables
from retention.evidence.database import Evidence
from retention.evidence.keysets import KeySet, seal
from retention.evidence.ledger import Entry, Finding, StoreReceipts, verify
from retention.evidence.records import LedgerHead

KEY = bytes(range(32))


def keyset(number: int, keys: Sequence[int] | Sequence[str] | None = None) -> KeySet:
    return seal(KEY, f"run/visits/{number}", "usage", "visits", range(number) if keys is None else keys)


def receipt(number: int, keys: Sequence[int] | Sequence[str] | None = None) -> dict[str, Any]:
    return {
        "receipt_id": f"run/visits/{number}", "run_id": "run", "store": "usage", "population": "visits", "unit": 1,
        "batch": number,
        "rule": "usage-visits", "action": "delete", "as_of": dt.date(2026, 6, 15), "plan_hash": "p" * 64, "rows": number,
        "spared": 0, **keyset(number, keys).columns(),
        "disposed_at": dt.datetime(2026, 6, 15, 1, 2, 3, 4),
    }  # fmt: skip


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    """Ten entries: four receipts between plans, holds and runs."""
    made = Evidence(f"sqlite:///{tmp_path / 'evidence.db'}")
    for number in range(1, 5):
        with made.writing() as connection:
            row = receipt(number)
            connection.execute(insert(tables.receipt).values(row))
            payload = ledger.receipt_payload(row)
            ledger.append(connection, [Entry("receipt", row["receipt_id"], payload, "run", "usage")])
        append(made, "hold", f"H-{number}")
    append(made, "plan", "p" * 64)
    append(made, "run", "run@1")
    return made


def append(evidence: Evidence, kind: str, reference: str) -> LedgerHead | None:
    with evidence.writing() as connection:
        return ledger.append(connection, [Entry(kind, reference, {"of": reference, "été": 1})])


def sql(evidence: Evidence, statement: str, *values: Any) -> list[Any]:
    with closing(sqlite3.connect(evidence.url.removeprefix("sqlite:///"))) as file, file:
        return file.execute(statement, values).fetchall()


def in_store() -> list[dict[str, Any]]:
    return [receipt(number) for number in range(1, 5)]


def findings(
    evidence: Evidence, head: LedgerHead | None = None, store: Sequence[dict[str, Any]] | None = None
) -> list[Finding]:
    rows = in_store() if store is None else store
    return verify(evidence, head=head, receipts={"usage": StoreReceipts.read(lambda _ids: rows)}, secret=KEY)


def test_a_sound_ledger_has_no_finding(evidence: Evidence) -> None:
    assert sql(evidence, "SELECT count(*) FROM ledger") == [(10,)]
    assert findings(evidence, evidence.head()) == []
    assert verify(Evidence(evidence.url, readonly=True)) == []


def test_an_empty_ledger_has_no_finding(tmp_path: Path) -> None:
    evidence = Evidence(f"sqlite:///{tmp_path / 'empty.db'}")
    assert verify(evidence) == []
    assert evidence.head() is None


COLUMNS = {
    "at": "2026-06-15 00:00:00.000001", "kind": "note", "run_id": "other", "store": "account", "reference": "H-9",
    "payload": "{}", "previous": "f" * 64, "hash": "e" * 64,
}  # fmt: skip


@pytest.mark.parametrize("column", COLUMNS)
@pytest.mark.parametrize("seq", [1, 2, 5, 10])
def test_an_edited_entry(evidence: Evidence, column: str, seq: int) -> None:
    sql(evidence, f'UPDATE ledger SET "{column}" = ? WHERE seq = ?', COLUMNS[column], seq)
    assert any(str(seq) in finding.where for finding in findings(evidence))


def test_an_edited_payload_resealed_alone(evidence: Evidence) -> None:
    """Its own hash made to fit, the next entry no longer follows."""
    with evidence.engine.connect() as connection:
        row = dict(connection.exec_driver_sql("SELECT * FROM ledger WHERE seq = 6").mappings().one())
    row |= {"payload": ledger.canonical({"of": "H-3", "été": 2}), "at": dt.datetime.fromisoformat(row["at"])}
    sql(evidence, "UPDATE ledger SET payload = ?, hash = ? WHERE seq = 6", row["payload"], ledger.entry_hash(row))
    assert [finding.where for finding in findings(evidence)] == ["ledger entry 7"]


def reseal(evidence: Evidence, start: int) -> None:
    """What somebody does who knows the program: every hash after an edit made to fit."""
    with evidence.engine.connect() as connection:
        rows = [dict(row) for row in connection.execute(tables.ledger.select().order_by(tables.ledger.c.seq)).mappings()]
    previous = ledger.GENESIS
    for row in rows:
        if row["seq"] >= start:
            row["previous"] = previous
            row["hash"] = ledger.entry_hash(row)
            sql(evidence, "UPDATE ledger SET previous = ?, hash = ? WHERE seq = ?", previous, row["hash"], row["seq"])
        previous = row["hash"]


def test_a_whole_chain_made_to_fit_is_betrayed_by_the_noted_head(evidence: Evidence) -> None:
    head = evidence.head()
    sql(evidence, "UPDATE ledger SET payload = ? WHERE seq = 6", ledger.canonical({"of": "nothing"}))
    reseal(evidence, 6)
    assert findings(evidence) == []
    assert [finding.where for finding in findings(evidence, head)] == ["ledger head"]


def test_two_entries_that_changed_places(evidence: Evidence) -> None:
    sql(evidence, "UPDATE ledger SET seq = -1 WHERE seq = 4")
    sql(evidence, "UPDATE ledger SET seq = 4 WHERE seq = 5")
    sql(evidence, "UPDATE ledger SET seq = 5 WHERE seq = -1")
    assert any("reordered" in finding.what for finding in findings(evidence))


@pytest.mark.parametrize("seq", [1, 2, 5, 9])
def test_a_removed_entry(evidence: Evidence, seq: int) -> None:
    sql(evidence, "DELETE FROM ledger WHERE seq = ?", seq)
    assert any("missing" in finding.what for finding in findings(evidence))


def test_a_removed_entry_whose_number_was_taken_over(evidence: Evidence) -> None:
    sql(evidence, "DELETE FROM ledger WHERE seq = 4")
    for seq in range(5, 11):
        sql(evidence, "UPDATE ledger SET seq = ? WHERE seq = ?", seq - 1, seq)
    assert findings(evidence)


def test_an_inserted_entry(evidence: Evidence) -> None:
    for seq in range(10, 4, -1):
        sql(evidence, "UPDATE ledger SET seq = ? WHERE seq = ?", seq + 1, seq)
    sql(
        evidence,
        "INSERT INTO ledger SELECT 5, at, kind, run_id, store, 'H-x', payload, previous, hash FROM ledger WHERE seq = 4",
    )
    assert findings(evidence)


@pytest.mark.parametrize("left", [9, 8, 5, 0])
def test_a_truncated_ledger_is_betrayed_by_the_noted_head(evidence: Evidence, left: int) -> None:
    head = evidence.head()
    sql(evidence, "DELETE FROM ledger WHERE seq > ?", left)
    sql(evidence, "DELETE FROM receipt WHERE receipt_id NOT IN (SELECT reference FROM ledger)")
    assert any(finding.where == "ledger head" for finding in findings(evidence, head))


def test_a_truncated_ledger_that_grew_again(evidence: Evidence) -> None:
    head = evidence.head()
    sql(evidence, "DELETE FROM ledger WHERE seq > 8")
    for number in range(5):
        append(evidence, "hold", f"again-{number}")
    entry = "ledger entry 11"  # the sealer remembers where the chain ended, so the gap shows without a head from outside
    assert [finding.where for finding in findings(evidence)] == [entry, entry]
    assert [finding.where for finding in findings(evidence, head)] == [entry, entry, "ledger head"]


def test_an_older_head_is_still_in_a_ledger_that_grew(evidence: Evidence) -> None:
    head = evidence.head()
    append(evidence, "run", "run@2")
    assert findings(evidence, head) == []


STORED = ("seq", "at", "kind", "run_id", "store", "reference", "payload", "previous", "hash")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_byte_of_any_entry(evidence: Evidence, data: st.DataObject) -> None:
    """One byte is overwritten, or added at the end; the entry's value is then put back."""
    seq, column = data.draw(st.integers(1, 10)), data.draw(st.sampled_from(STORED))
    ((old, rowid),) = sql(evidence, f"SELECT {column}, rowid FROM ledger WHERE seq = ?", seq)
    stored = str("" if old is None else old).encode()
    at = data.draw(st.integers(0, len(stored)))
    new = (stored[:at] + bytes([data.draw(st.integers(0, 127))]) + stored[at + 1 :]).decode(errors="ignore")
    if column == "seq":  # is the row's number in SQLite, and unique: rubbish and numbers taken are refused by the database
        assume(new.isdigit() and not 1 <= int(new) <= 10)
        new_value: Any = int(new)
    else:
        new_value = new
    assume(new_value != old)
    sql(evidence, f"UPDATE ledger SET {column} = ? WHERE rowid = ?", new_value, rowid)
    try:
        assert verify(evidence, secret=KEY), (column, old, new)
    finally:
        sql(evidence, f"UPDATE ledger SET {column} = ? WHERE rowid = ?", old, new_value if column == "seq" else rowid)
    assert verify(evidence, secret=KEY) == []


# receipts


RECEIPT = {
    "rows": 1, "spared": 3, "action": "minimise", "rule": "other", "store": "account", "population": "page_events",
    "as_of": "2026-06-14", "disposed_at": "2026-06-15 01:02:03.000005", "root": "a" * 64, "run_id": "other", "batch": 77,
    "unit": 7, "plan_hash": "b" * 64, "scheme": "digests", "keyset": b"\x00" * 64, "keyset_hash": "c" * 64,
}  # fmt: skip


@pytest.mark.parametrize("column", RECEIPT)
def test_an_edited_receipt(evidence: Evidence, column: str) -> None:
    sql(evidence, f'UPDATE receipt SET "{column}" = ? WHERE receipt_id = ?', RECEIPT[column], "run/visits/4")
    assert any("run/visits/4" in finding.where for finding in verify(evidence))


@pytest.mark.parametrize("secret", [None, KEY])
def test_an_altered_key_set(evidence: Evidence, secret: bytes | None) -> None:
    for blob in (keyset(3).blob, keyset(4, range(1, 5)).blob, keyset(4).blob + b"\0", keyset(4).blob[:-1], b""):
        sql(evidence, "UPDATE receipt SET keyset = ? WHERE receipt_id = 'run/visits/4'", blob)
        found = verify(evidence, secret=secret)
        assert [finding.what for finding in found] == ["its key set was altered"], blob


def test_a_key_set_and_its_columns_altered_together(evidence: Evidence) -> None:
    other = keyset(4, range(4, 8)).columns()
    changes = ", ".join(f"{name} = ?" for name in other)
    sql(evidence, f"UPDATE receipt SET {changes} WHERE batch = 4", *other.values())
    assert [finding.what for finding in verify(evidence, secret=KEY)] == ["differs from what was sealed"]


def lying(tmp_path: Path, **lies: Any) -> Evidence:
    """A ledger that was told something else from the start than what its key set says."""
    made = Evidence(f"sqlite:///{tmp_path / 'lying.db'}")
    row = receipt(4) | lies
    with made.writing() as connection:
        connection.execute(insert(tables.receipt).values(row))
        ledger.append(connection, [Entry("receipt", row["receipt_id"], ledger.receipt_payload(row), "run", "usage")])
    return made


LIES: dict[str, dict[str, Any]] = {
    "rows": {"rows": 5}, "root": {"root": keyset(5).root}, "another receipt's": keyset(3).columns(),
    "digests of too many": {**keyset(4, ["a", "b", "c", "d", "e"]).columns()},
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES)
def test_with_the_secret_a_key_set_must_be_what_its_receipt_says(tmp_path: Path, lie: str) -> None:
    evidence = lying(tmp_path, **LIES[lie])
    assert any("key set does not" in finding.what for finding in verify(evidence, secret=KEY))
    if "digests" in lie:  # they open without it
        assert verify(evidence)


def test_another_secret_opens_nothing(evidence: Evidence) -> None:
    assert {finding.what for finding in verify(evidence, secret=bytes(32))} == {"its key set does not open with the digest key"}


def test_a_receipt_deleted_from_the_evidence(evidence: Evidence) -> None:
    sql(evidence, "DELETE FROM receipt WHERE batch = 2")
    found = findings(evidence)
    assert any("record is missing" in finding.what for finding in found)
    assert any("has not reached the ledger" in finding.what for finding in found)


def test_a_receipt_nobody_sealed(evidence: Evidence) -> None:
    with evidence.writing() as connection:
        connection.execute(insert(tables.receipt).values(receipt(5)))
    assert any("not sealed" in finding.what for finding in verify(evidence))


def test_a_receipt_deleted_from_its_store(evidence: Evidence) -> None:
    found = findings(evidence, store=in_store()[1:])
    assert [finding.what for finding in found] == ["receipt run/visits/1 is in the ledger but no longer in the store"]


def test_a_receipt_that_has_not_been_collected(evidence: Evidence) -> None:
    found = findings(evidence, store=[*in_store(), receipt(5)])
    assert [finding.what for finding in found] == ["receipt run/visits/5 has not reached the ledger"]


def run_of(evidence: Evidence, status: str) -> None:
    day = dt.date(2026, 6, 15)
    row = {"run_id": "run", "store": "usage", "as_of": day, "horizon": day, "policy_hash": "p", "decision_set": "d"}
    row |= {"dry_run": False, "status": status, "started_at": dt.datetime(2026, 6, 15)}
    with evidence.writing() as connection:
        connection.execute(insert(tables.run).values(row))


@pytest.mark.parametrize(("status", "wrong"), [("running", 0), ("failed", 1), ("passed", 1)])
def test_a_receipt_of_a_run_at_work_is_no_finding(evidence: Evidence, status: str, wrong: int) -> None:
    run_of(evidence, status)
    assert len(findings(evidence, store=[*in_store(), receipt(5)])) == wrong


def test_a_receipt_collected_after_its_store_was_read_is_no_finding(evidence: Evidence) -> None:
    def read(ids: Sequence[str] | None) -> list[dict[str, Any]]:
        return in_store()[:2] if ids is None else [row for row in in_store() if row["receipt_id"] in ids]

    assert verify(evidence, receipts={"usage": StoreReceipts.read(read)}, secret=KEY) == []


@pytest.mark.parametrize("column", ["rows", "keyset", "disposed_at", "rule", "spared"])
def test_a_receipt_edited_in_its_store(evidence: Evidence, column: str) -> None:
    rows = in_store()
    rows[2][column] = {"disposed_at": dt.datetime(2020, 1, 1)}.get(column, RECEIPT[column])
    assert [finding.what for finding in findings(evidence, store=rows)] == [
        "receipt run/visits/3 differs between store and ledger"
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger SET payload = '{' WHERE kind = 'receipt' AND seq = 1",
        "UPDATE ledger SET at = 'yesterday' WHERE seq = 2",
        "UPDATE receipt SET disposed_at = 'yesterday' WHERE batch = 2",
        "UPDATE receipt SET as_of = 'yesterday' WHERE batch = 2",
    ],
)
def test_rubbish_is_a_finding_and_no_crash(evidence: Evidence, statement: str) -> None:
    sql(evidence, statement)
    assert verify(evidence)


# appending


def test_an_entry_enters_once_however_often_it_comes(evidence: Evidence) -> None:
    before = evidence.head()
    assert append(evidence, "hold", "H-1") == before
    assert evidence.head() == before


def test_a_transaction_that_fails_leaves_nothing(evidence: Evidence) -> None:
    before = evidence.head()
    with pytest.raises(RuntimeError), evidence.writing() as connection:
        ledger.append(connection, [Entry("hold", "H-lost", {})])
        raise RuntimeError
    assert evidence.head() == before
    assert findings(evidence) == []


def _write(url: str, writer: int, count: int) -> None:
    evidence = Evidence(url)
    for number in range(count):
        append(evidence, "hold", f"{writer}-{number}")
        time.sleep(0.002)  # lets the others in: SQLite does not queue those that wait
    os._exit(0)


def test_many_writers_at_once_keep_one_chain(evidence: Evidence) -> None:
    fork = multiprocessing.get_context("fork")
    evidence.engine.dispose()
    writers = [fork.Process(target=_write, args=(evidence.url, writer, 50)) for writer in range(4)]
    for process in writers:
        process.start()
    for process in writers:
        process.join()

    assert [process.exitcode for process in writers] == [0, 0, 0, 0]
    assert findings(evidence, evidence.head()) == []
    order = [row[0].split("-")[0] for row in sql(evidence, "SELECT reference FROM ledger WHERE seq > 10 ORDER BY seq")]
    assert len(order) == 200
    assert sum(a != b for a, b in pairwise(order)) >= 4  # they did interleave


def test_instants_are_sealed_to_the_microsecond(evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    from retention import clock

    for number, instant in enumerate((dt.datetime(2026, 1, 1), dt.datetime(2026, 1, 1, 0, 0, 0, 1), dt.datetime.max)):
        monkeypatch.setattr(clock, "now", lambda instant=instant: instant)
        append(evidence, "hold", f"instant-{number}")
    assert findings(evidence) == []


def test_canonical_form_does_not_depend_on_order() -> None:
    assert ledger.canonical({"b": 1, "a": dt.date(2026, 1, 2)}) == ledger.canonical({"a": dt.date(2026, 1, 2), "b": 1})
    assert json.loads(ledger.canonical({"é": dt.datetime(2026, 1, 2)})) == {"é": "2026-01-02T00:00:00.000000"}
    with pytest.raises(TypeError):
        ledger.canonical({"a": object()})
