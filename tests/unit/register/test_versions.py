"""Every publication is kept as it was, numbered, sealed and approved; whoever touches one is found out."""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retention import migrations
from retention.errors import EvidenceError, NotFound, RegisterError
from retention.evidence import ledger, registers
from retention.evidence.database import Evidence
from retention.evidence.ledger import verify
from retention.stores.connect import make_engine
from ropa.register import versions
from ropa.register.publication import content_hash
from tests.unit.register.versioned import DAY, ONE_DAY, content_hash_of, declaring, made, numbers, on, proposal


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(f"sqlite:///{tmp_path / 'evidence.db'}")


def sql(evidence: Evidence, statement: str, *values: Any) -> list[Any]:
    with closing(sqlite3.connect(evidence.url.removeprefix("sqlite:///"))) as file, file:
        return file.execute(statement, values).fetchall()


# publishing


def test_what_is_published_comes_back_as_it_was(evidence: Evidence) -> None:
    published = versions.publish(evidence, made())
    assert (published.number, published.register, published.draft) == ("1.0", made(), True)
    assert published.content_hash == content_hash(made())
    assert versions.publication(evidence, "1.0") == published == versions.standing(evidence, DAY)
    assert versions.publications(evidence) == (published,)
    assert verify(evidence, head=evidence.head()) == []


def test_identical_content_makes_no_new_version(evidence: Evidence) -> None:
    first, again = versions.publish(evidence, made()), versions.publish(evidence, made())
    assert first == again
    assert numbers(evidence) == ["1.0"]
    assert sql(evidence, "SELECT count(*) FROM ledger") == [(1,)]


def test_the_day_moves_the_minor_number_and_the_declaration_the_major_one(evidence: Evidence) -> None:
    for register in (
        made(),
        on(DAY + ONE_DAY),
        declaring("b", DAY + ONE_DAY),
        declaring("c", DAY + ONE_DAY),
        on(DAY + 2 * ONE_DAY),
    ):
        versions.publish(evidence, register)
    assert numbers(evidence) == ["1.0", "1.1", "2.0", "3.0", "4.0"]
    assert verify(evidence) == []


def test_what_stood_on_a_day(evidence: Evidence) -> None:
    for days in (0, 0, 5):
        versions.publish(evidence, on(DAY + days * ONE_DAY, declaring(str(days))))
    versions.publish(evidence, declaring("d", DAY + 5 * ONE_DAY))
    stood = {days: versions.standing(evidence, DAY + days * ONE_DAY).number for days in (0, 1, 4, 5, 9999)}
    assert stood == {0: "1.0", 1: "1.0", 4: "1.0", 5: "3.0", 9999: "3.0"}
    with pytest.raises(NotFound, match=r"no version of the register stood on 2026-11-22.*the first is 1\.0 of 2026-11-23"):
        versions.standing(evidence, DAY - ONE_DAY)


def test_no_older_day_comes_after_a_newer_one(evidence: Evidence) -> None:
    versions.publish(evidence, on(DAY))
    with pytest.raises(RegisterError, match=r"version 1\.0 speaks for 2026-11-23"):
        versions.publish(evidence, on(DAY - ONE_DAY))
    assert numbers(evidence) == ["1.0"]


def test_nobody_published_that(evidence: Evidence) -> None:
    for ask in (
        lambda: versions.publication(evidence, "1.0"),
        lambda: versions.standing(evidence, DAY),
        lambda: versions.approve(evidence, "1.0", "A", "read"),
    ):
        with pytest.raises(NotFound, match="retention register"):
            ask()
    versions.publish(evidence, made())
    for number in ("2.0", "1", "", "1.00", "x" * 999):
        with pytest.raises(NotFound, match=r"the first is 1\.0"):
            versions.publication(evidence, number)


def test_the_version_before(evidence: Evidence) -> None:
    first, second = versions.publish(evidence, made()), versions.publish(evidence, on(DAY + ONE_DAY))
    assert versions.before(evidence, second) == first
    assert versions.before(evidence, first) is None
    assert [each.number for each in versions.publications(evidence, last=1)] == ["1.1"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 2), st.integers(0, 1)), max_size=8))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_numbers_follow_whatever_is_published(
    tmp_path_factory: pytest.TempPathFactory, published: list[tuple[str, int, int]]
) -> None:
    evidence = Evidence(f"sqlite:///{tmp_path_factory.mktemp('numbers') / 'evidence.db'}")
    day, expected, last = DAY, [], ("", "")
    for declared, days, said in published:
        day += days * ONE_DAY
        text = f"{declared}{day}{said}"
        registers.publish(evidence, proposal(declared, day, text))
        if text != last[1]:
            major, minor = expected[-1] if expected else (0, 0)
            expected.append((major, minor + 1) if declared == last[0] else (major + 1, 0))
        last = declared, text
    assert numbers(evidence) == [f"{major}.{minor}" for major, minor in expected]
    assert verify(evidence, head=evidence.head()) == []
    evidence.engine.dispose()


# approving


def test_an_approval_holds_for_later_versions_that_declare_the_same(evidence: Evidence) -> None:
    for days in range(3):
        versions.publish(evidence, on(DAY + days * ONE_DAY))
    done = versions.approve(evidence, "1.1", "  Marie Durand, DPO ", "Lu et vérifié.\nSans réserve.")
    assert done.recorded and not done.publication.draft
    assert (done.approval.approver, done.approval.note) == ("Marie Durand, DPO", "Lu et vérifié.\nSans réserve.")
    versions.publish(evidence, on(DAY + 3 * ONE_DAY))
    assert [each.draft for each in versions.publications(evidence)] == [True, False, False, False]
    assert all(each.approval == done.approval for each in versions.publications(evidence, last=3))
    versions.publish(evidence, declaring("b", DAY + 4 * ONE_DAY))
    assert versions.publication(evidence, "2.0").draft
    assert not versions.publish(evidence, on(DAY + 5 * ONE_DAY)).draft  # what was approved is declared again
    assert verify(evidence) == []


def test_of_two_approvers_the_first_stands_and_both_are_kept(evidence: Evidence) -> None:
    published = versions.publish(evidence, made())
    first = versions.approve(evidence, "1.0", "A", "read")
    second = versions.approve(evidence, "1.0", "B", "read too")
    again = versions.approve(evidence, "1.0", "A", "read once more")
    assert (first.recorded, second.recorded, again.recorded) == (True, True, False)
    assert second.publication.approval == first.approval == again.approval
    assert [each.approver for each in versions.approvals(evidence, published)] == ["A", "B"]
    assert sql(evidence, "SELECT count(*) FROM ledger WHERE kind = 'approval'") == [(2,)]


@pytest.mark.parametrize(
    ("name", "note", "said"),
    [
        ("", "read", "needs a name"), (" \t\n", "read", "needs a name"), ("A", "  ", "needs a note"),
        ("A" * 121, "read", "at most 120"), ("A", "x" * 4001, "at most 4000"), ("A\x00", "read", "control characters"),
        ("A\nB", "read", "control characters"), ("A", "re\x1bad", "control characters"),
        ("A\udcff", "read", "control characters"),
    ],
)  # fmt: skip
def test_an_approval_nobody_could_read(evidence: Evidence, name: str, note: str, said: str) -> None:
    versions.publish(evidence, made())
    with pytest.raises(RegisterError, match=said):
        versions.approve(evidence, "1.0", name, note)
    assert versions.publication(evidence, "1.0").draft


def test_a_name_in_any_script_is_kept_as_given(evidence: Evidence) -> None:
    versions.publish(evidence, made())
    name = "=محمد \u200fÉloïse 🂡 O'Neil"
    assert versions.approve(evidence, "1.0", name, "-1+1").publication.approval.approver == name  # type: ignore[union-attr]
    assert verify(evidence) == []


def test_example_decisions_cannot_be_approved(evidence: Evidence) -> None:
    versions.publish(evidence, made("example"))
    with pytest.raises(RegisterError, match="rests on example decisions"):
        versions.approve(evidence, "1.0", "A", "read")
    assert sql(evidence, "SELECT count(*) FROM register_approval") == [(0,)]


def test_what_is_no_longer_declared_cannot_be_approved(evidence: Evidence) -> None:
    versions.publish(evidence, made())
    versions.publish(evidence, declaring("b"))
    with pytest.raises(RegisterError, match=r"version 2\.0 declares something else.*approve 2\.0"):
        versions.approve(evidence, "1.0", "A", "read")


# tampering


@pytest.fixture
def shelf(evidence: Evidence) -> Evidence:
    """Three versions, two approvals."""
    for days in range(3):
        versions.publish(evidence, on(DAY + days * ONE_DAY))
    versions.approve(evidence, "1.1", "A", "read")
    versions.approve(evidence, "1.2", "B", "read")
    assert verify(evidence) == []
    return evidence


EDITS = {
    "major": 7, "minor": 7, "as_of": "2020-01-01", "published_at": "2020-01-01 00:00:00.000000", "declaration_hash": "f" * 64,
    "content_hash": "e" * 64,
}  # fmt: skip


@pytest.mark.parametrize("column", EDITS)
@pytest.mark.parametrize("seq", [1, 2, 3])
def test_an_edited_version(shelf: Evidence, column: str, seq: int) -> None:
    sql(shelf, f"UPDATE register_version SET {column} = ? WHERE seq = ?", EDITS[column], seq)
    found_out(shelf, f"version 1.{seq - 1} of the register", "was edited: ")


def found_out(evidence: Evidence, where: str, what: str) -> None:
    """Whatever is asked of the versions is refused, naming the one that was touched; and `verify` tells."""
    asked: list[Callable[[], Any]] = [
        lambda: versions.publication(evidence, "1.0"),
        lambda: versions.publications(evidence),
        lambda: versions.standing(evidence, DAY),
        lambda: versions.publish(evidence, on(DAY + 9 * ONE_DAY)),
        lambda: versions.approve(evidence, "1.2", "C", "read"),
    ]
    for ask in asked:
        with pytest.raises(EvidenceError) as refused:
            ask()
        assert where in refused.value.message and what in refused.value.message
        assert "backup" in refused.value.mend
    assert any(where in finding.where and what in finding.what for finding in verify(evidence))


@pytest.mark.parametrize("column", ["declaration_hash", "number", "approver", "at", "note"])
def test_an_edited_approval(shelf: Evidence, column: str) -> None:
    value = "2020-01-01 00:00:00.000000" if column == "at" else "1.0"
    sql(shelf, f'UPDATE register_approval SET "{column}" = ? WHERE seq = 1', value)
    found_out(shelf, "approval 1 (version 1.1)", "was edited: ")


@pytest.mark.parametrize("seq", [1, 2, 3])
def test_a_version_that_was_taken_away(shelf: Evidence, seq: int) -> None:
    sql(shelf, "DELETE FROM register_version WHERE seq = ?", seq)
    found_out(shelf, f"version 1.{seq - 1} of the register", "is missing")


def test_an_approval_that_was_taken_away_or_slipped_in(shelf: Evidence) -> None:
    row = sql(shelf, "SELECT * FROM register_approval WHERE seq = 2")[0]
    sql(shelf, "DELETE FROM register_approval WHERE seq = 2")
    found_out(shelf, "approval 2 (version 1.2)", "is missing")
    sql(shelf, "INSERT INTO register_approval VALUES (?, ?, ?, ?, ?, ?)", *row)
    assert verify(shelf) == []
    sql(shelf, "INSERT INTO register_approval VALUES (3, ?, ?, ?, ?, ?)", *row[1:])
    found_out(shelf, "approval 3 (version 1.2)", "is not sealed")


def test_a_version_slipped_in(shelf: Evidence) -> None:
    row = sql(shelf, "SELECT * FROM register_version WHERE seq = 3")[0]
    sql(shelf, "INSERT INTO register_version VALUES (4, 1, 3, ?, ?, ?, ?, ?)", *row[3:])
    found_out(shelf, "version 1.3 of the register", "is not sealed")


def edited(content: bytes) -> bytes:
    said = json.loads(zlib.decompress(content))
    said["controller"]["name"] = "Somebody else"
    return zlib.compress(json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode())


@pytest.mark.parametrize("content", [b"", b"not packed", zlib.compress(b"{}")])
def test_a_content_that_was_replaced(shelf: Evidence, content: bytes) -> None:
    sql(shelf, "UPDATE register_version SET content = ? WHERE seq = 2", content)
    with pytest.raises(EvidenceError, match=r"version 1\.1 of the register was edited"):
        versions.publication(shelf, "1.1")
    assert [finding.where for finding in verify(shelf)] == ["version 1.1 of the register"]
    assert versions.publication(shelf, "1.2").register == on(DAY + 2 * ONE_DAY)  # the others are whole


def test_a_content_edited_by_somebody_who_knows_how(shelf: Evidence) -> None:
    content = edited(sql(shelf, "SELECT content FROM register_version WHERE seq = 2")[0][0])
    digest = content_hash_of(zlib.decompress(content).decode())
    sql(shelf, "UPDATE register_version SET content = ? WHERE seq = 2", content)
    with pytest.raises(EvidenceError, match=r"version 1\.1 of the register was edited: its content"):
        versions.publication(shelf, "1.1")
    sql(shelf, "UPDATE register_version SET content_hash = ? WHERE seq = 2", digest)
    found_out(shelf, "version 1.1 of the register", "content differs from what was sealed")
    payload = json.loads(sql(shelf, "SELECT payload FROM ledger WHERE seq = 2")[0][0]) | {"content_hash": digest}
    sql(shelf, "UPDATE ledger SET payload = ? WHERE seq = 2", ledger.canonical(payload))
    assert any("ledger entry 2" in finding.where for finding in verify(shelf))  # and the chain tells in the end


def test_the_last_version_cut_off_together_with_its_entry_is_betrayed_by_the_noted_head(evidence: Evidence) -> None:
    for days in range(2):
        versions.publish(evidence, on(DAY + days * ONE_DAY))
    head = evidence.head()
    sql(evidence, "DELETE FROM register_version WHERE seq = 2")
    sql(evidence, "DELETE FROM ledger WHERE seq = 2")
    assert any("ledger head" in finding.where for finding in verify(evidence, head=head))


@pytest.mark.parametrize("statement", [
    "UPDATE register_version SET as_of = 'yesterday'",
    "UPDATE register_version SET published_at = '' WHERE seq = 2",
    "UPDATE ledger SET payload = '{' WHERE kind = 'register'",
    "UPDATE ledger SET payload = '[]' WHERE kind = 'approval'",
    "UPDATE ledger SET payload = '{}' WHERE kind = 'approval'",
])  # fmt: skip
def test_values_that_cannot_be_read(shelf: Evidence, statement: str) -> None:
    sql(shelf, statement)
    with pytest.raises(EvidenceError, match=r"cannot be read.*altered"):
        versions.publications(shelf)
    assert verify(shelf)


def test_a_content_of_another_version_of_the_library_is_told_apart_from_a_forged_one(evidence: Evidence) -> None:
    said = json.dumps({"title": "of long ago"})
    registers.publish(evidence, proposal("a", DAY, said))
    with pytest.raises(
        EvidenceError, match=r"version 1\.0 of the register was written by another version of this installation"
    ):
        versions.publication(evidence, "1.0")
    assert verify(evidence) == []


def test_evidence_of_before_there_were_versions_has_none_and_is_in_order(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = make_engine(url, create=True)
    with engine.begin() as connection:
        migrations.upgrade(connection, migrations.Line("evidence", "evidence_version", ("0001",)))
    engine.dispose()
    reader = Evidence(url, readonly=True)
    assert verify(reader) == [] and numbers(reader) == []
    with pytest.raises(NotFound, match="publish the first one"):
        versions.standing(reader, dt.date(2026, 1, 1))
    reader.engine.dispose()
    assert versions.publish(Evidence(url), made()).number == "1.0"  # and is brought up to date by the first to write


def test_the_ledger_tells_hashes_and_names_the_approver_alone(shelf: Evidence) -> None:
    said = [
        json.loads(payload) for (payload,) in sql(shelf, "SELECT payload FROM ledger WHERE kind IN ('register', 'approval')")
    ]
    assert {key for each in said for key in each} == {
        "seq", "number", "as_of", "published_at", "declaration_hash", "content_hash", "approver", "at", "note_hash",
    }  # fmt: skip
    references = [reference for (reference,) in sql(shelf, "SELECT reference FROM ledger ORDER BY seq")]
    assert references[0] == f"1.0@{content_hash(on(DAY))}" and references[-1].startswith("1.2@")
