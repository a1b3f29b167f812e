"""Declarations that nights began under: kept, packed for auditors, and what an approver is shown the new one against."""

from __future__ import annotations

import datetime as dt
import json
import logging
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import fsspec
import pytest
from openpyxl import load_workbook
from sqlalchemy import select, update
from typer.testing import CliRunner
from workbench import AS_OF, DAY, UNTIL_DISPOSAL, Bench, redeclare, set_day, waive_validation

from retention.audit.pack import Packed, pack
from retention.audit.span import Span
from retention.cli.app import app
from retention.declare.files import read_back
from retention.errors import EvidenceError, PlanError
from retention.evidence import approvals, declarations, ledger, tables
from retention.evidence.records import Asked, Comparison
from retention.night import approval, declared, steps
from retention.night.context import Night
from retention.outlook import since
from retention.outputs import delivered
from retention.report.approval import question

STORE = "usage"
SOON = dt.date(2026, 6, 25)  # ten days later
Edit = Callable[[str], str]


def asking(text: str) -> str:
    assert text.count("needed_for: []") == 1
    return text.replace("needed_for: []", "needed_for: [declaration_changed]")


def shorter(text: str) -> str:
    head, found, tail = text.partition("  - id: usage.max\n")
    assert found and "value: 25 months" in tail
    return asking(head + found + tail.replace("value: 25 months", "value: 13 months", 1))


def changed(bench: Bench, folder: Path, edit: Edit, *, query: str = "") -> Bench:
    """The same stores and evidence under another declaration."""
    places = redeclare(folder / "redeclared", sets={"example": edit})
    if query:
        path = places["sql"] / STORE / "visits.sql"
        path.write_text(path.read_text(encoding="utf-8") + query, encoding="utf-8")
    return Bench(replace(bench.workspace, **places), bench.sample, bench.nights)


def asked_about(bench: Bench, run_id: str = "asks", **options: Any) -> tuple[Night, Asked]:
    """A night that waits, as far as whoever has to approve is told of it."""
    night = bench.night(STORE, run_id=run_id, **options)
    for name in UNTIL_DISPOSAL:
        steps.STEPS[name](night)
    waive_validation(night)
    assert steps.STEPS["approve"](night)["approval"] == "waiting"
    steps.compare(night)
    return night, approvals.asked(night.evidence, run_id)


def found(asked: Asked) -> Comparison:
    assert asked.comparison is not None
    assert "declaration_changed" in {reason.code for reason in asked.reasons}
    return asked.comparison


def goes_on(bench: Bench, night: Night, asked: Asked) -> None:
    """The night is approved and disposes of what it asked about."""
    approval.approve(bench.evidence, bench.bundle, night.run_id, who="officer", note="looked", via="test")
    for name in ("approve", "dispose", "record"):
        steps.STEPS[name](night)
    receipts = bench.evidence.receipts([night.run_id])
    assert sum(receipt.rows for receipt in receipts) == asked.rows > 0
    assert bench.findings([STORE]) == []


# what an approver is told


def test_the_approver_is_given_what_the_new_declaration_changes(
    later: Bench, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All that was due under the earlier one is gone: whatever the plan names is due by the new one alone."""
    bench = changed(later, folder, shorter)
    night, asked = asked_about(bench)
    told = found(asked)
    assert (told.outcome, told.before) == ("made", later.bundle.policy_hash)
    assert told.changes["dispose"] == asked.rows > 0
    assert told.changes["release"] == told.changes["longer"] == 0
    assert sum(told.changes.values()) == sum(len(bench.keys(STORE, name)) for name in ("visits", "page_events"))

    names = {Path(name).name.partition("-")[0]: name for name in told.workbooks}
    assert set(names) == {"simulation", "impact"}
    for name, digest in told.workbooks.items():
        path = bench.workspace.output / name
        assert sha256(path.read_bytes()).hexdigest() == digest
        assert STORE in name and later.bundle.policy_hash[:8] in name and bench.bundle.policy_hash[:8] in name
    book = load_workbook(bench.workspace.output / names["impact"])
    words = {str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert "What the new declaration changes" in {book.properties.title, *words} and "Earlier rule" in words
    assert "25 months" in words and "13 months" in words
    assert not [each for each in words if "roposed" in each]

    for language, title in (("fr", "Ce que change la déclaration"), ("en", "What the declaration changes")):
        text = question(asked, "report.xlsx", language)  # type: ignore[arg-type]
        assert title in text and all(f"`{name}`" in text for name in told.workbooks)
    environment = {
        "RETENTION_HOME": bench.workspace.home,
        "RETENTION_OUTPUT": bench.workspace.output,
        "RETENTION_DECLARATIONS": bench.workspace.declarations,
        "RETENTION_SQL": bench.workspace.sql,
        "RETENTION_DECISIONS": "example",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, str(value))
    shown = CliRunner().invoke(app, ["approvals"])
    assert all(str(bench.workspace.output / name) in shown.stdout.replace("\n", "") for name in told.workbooks)
    document = json.loads(CliRunner().invoke(app, ["approvals", "--json"]).stdout)
    assert document[0]["comparison"]["workbooks"] == told.workbooks
    goes_on(bench, night, asked)


def test_nothing_in_this_store(later: Bench, folder: Path) -> None:
    """Only who is asked has changed: the day's new candidates are due under either."""
    bench = changed(later, folder, asking)
    with pytest.MonkeyPatch.context() as patch:
        set_day(patch, AS_OF + 40 * DAY)
        night, asked = asked_about(bench, as_of=AS_OF + 40 * DAY)
        assert found(asked) == Comparison("same", later.bundle.policy_hash)
        assert not (bench.workspace.output / "impact").exists()
        goes_on(bench, night, asked)


def test_a_store_that_was_never_disposed_of_has_no_earlier_one(bench: Bench, folder: Path) -> None:
    made = changed(bench, folder, asking)
    _, asked = asked_about(made)
    assert found(asked) == Comparison("first")
    assert "no earlier declaration" in question(asked, None, "en")


def test_other_reasons_compare_nothing(bench: Bench, folder: Path) -> None:
    made = changed(bench, folder, lambda text: text.replace("needed_for: []", "needed_for: [new_population]"))
    _, asked = asked_about(made)
    assert asked.comparison is None and "What the declaration changes" not in question(asked, None, "en")


def test_rows_that_are_read_otherwise_are_not_compared(later: Bench, folder: Path) -> None:
    bench = changed(later, folder, shorter, query="\n-- read again\n")
    night, asked = asked_about(bench)
    assert found(asked) == Comparison("mapping", later.bundle.policy_hash)
    goes_on(bench, night, asked)


def _not_kept(patch: pytest.MonkeyPatch, _: Bench) -> None:
    """As evidence of an earlier version has it."""
    patch.setattr(declared, "keep", lambda night: False)


def _unreadable(patch: pytest.MonkeyPatch, bench: Bench) -> None:
    """As if another version of the program had given these files that hash."""
    files = {"compliance/decisions/example.yaml": "set: example\n"}
    declarations.keep(bench.evidence, bench.bundle.policy_hash, "example", files)


@pytest.mark.parametrize(
    ("before", "outcome", "words"),
    [(_not_kept, "not_kept", "were not kept"), (_unreadable, "unreadable", "does not read the earlier declaration")],
)
def test_without_the_earlier_one_the_question_says_so(
    bench: Bench, folder: Path, before: Callable[[pytest.MonkeyPatch, Bench], None], outcome: str, words: str
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        before(patch, bench)
        bench.run(STORE)
    earlier = bench.bundle.policy_hash
    made = changed(bench, folder, shorter)
    night, asked = asked_about(made)
    assert (found(asked).outcome, found(asked).before) == (outcome, earlier)
    assert words in question(asked, None, "en") and earlier[:16] in question(asked, None, "fr")
    assert not (made.workspace.output / "impact").exists()
    goes_on(made, night, asked)


def test_what_was_tampered_with_is_not_compared_with(later: Bench, folder: Path) -> None:
    with later.evidence.writing() as connection:
        connection.execute(update(tables.declaration).values(content=b"forged"))
    bench = changed(later, folder, shorter)
    _, asked = asked_about(bench)
    assert found(asked) == Comparison("altered", later.bundle.policy_hash)
    assert "retention verify" in question(asked, None, "en")
    assert "cannot be unpacked" in " ".join(finding.what for finding in bench.findings([STORE]))


def test_a_comparison_that_fails_stops_nothing(
    later: Bench, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    bench = changed(later, folder, shorter)
    (bench.workspace.output / "impact").write_bytes(b"a file where a folder is needed")
    with caplog.at_level(logging.WARNING):
        night, asked = asked_about(bench)
    assert found(asked) == Comparison("failed", later.bundle.policy_hash)
    assert "OutputError" in caplog.text
    assert "failed; the log says why" in question(asked, None, "en")

    def unforeseen(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("with Jeanne Martin in it")

    monkeypatch.setattr(since, "impact", unforeseen)
    with caplog.at_level(logging.WARNING):
        assert steps.compare(night) == {}  # what was told of a plan is what goes on being told
        assert "ZeroDivisionError" not in caplog.text
        since.compare(night.workspace, night.evidence, night.bundle, STORE, AS_OF)
    assert "ZeroDivisionError" in caplog.text and "Jeanne" not in caplog.text
    goes_on(bench, night, asked)


def test_the_command_line_compares_before_it_waits(later: Bench, folder: Path) -> None:
    bench = changed(later, folder, shorter)
    results = bench.guarded(STORE, run_id="whole")
    assert (results["approve"]["approval"], results["impact"]["outcome"]) == ("waiting", "made")
    assert "dispose" not in results and results["report"]["report"]


def test_on_an_object_store_the_workbooks_are_delivered(later: Bench, folder: Path) -> None:
    bench = changed(later, folder, shorter)
    bench.workspace = replace(bench.workspace, output_url="memory://papers")
    with delivered(bench.workspace) as there:
        bench_there = Bench(there, bench.sample, bench.nights)
        _, asked = asked_about(bench_there)
    files = fsspec.filesystem("memory")
    for name, digest in found(asked).workbooks.items():
        assert sha256(files.cat_file(f"papers/{name}")).hexdigest() == digest
    files.rm("papers", recursive=True)


# what a night keeps


def test_a_night_keeps_its_declaration_once(bench: Bench, folder: Path) -> None:
    bench.run(STORE, UNTIL_DISPOSAL)
    bench.run("account", UNTIL_DISPOSAL, dry_run=True)
    made = changed(bench, folder, shorter)
    made.run(STORE, UNTIL_DISPOSAL, dry_run=True)
    with bench.evidence.snapshot() as connection:
        kept = list(connection.execute(select(tables.declaration.c.policy_hash)).scalars())
        sealed = select(tables.ledger.c.reference).where(tables.ledger.c.kind == "declaration")
        assert sorted(kept) == sorted(connection.execute(sealed).scalars())
    assert sorted(kept) == sorted([bench.bundle.policy_hash, made.bundle.policy_hash])


def test_files_that_change_while_a_night_begins_stop_it(bench: Bench, folder: Path) -> None:
    made = changed(bench, folder, asking)
    night = made.night(STORE)
    path = made.workspace.declarations / "decisions" / "example.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("value: 25 months", "value: 13 months"), encoding="utf-8")
    with pytest.raises(PlanError, match="changed while the night began"):
        steps.STEPS["prepare"](night)
    assert not declarations.is_known(made.evidence, night.bundle.policy_hash)


# what an auditor gets


@pytest.fixture
def two(later: Bench, folder: Path) -> Iterator[tuple[Bench, Bench]]:
    """Nights under one declaration, and ten days later one under another."""
    bench = changed(later, folder, shorter)
    with pytest.MonkeyPatch.context() as patch:
        set_day(patch, SOON)
        night, asked = asked_about(bench, as_of=SOON)
        goes_on(bench, night, asked)
    yield later, bench


def packed(bench: Bench, first: dt.date, last: dt.date, folder: Path) -> tuple[Packed, Path]:
    """A pack of these days, unzipped."""
    evidence = bench.workspace.evidence(readonly=True)
    path = folder / "pack.zip"
    made = pack(bench.workspace, bench.bundle, evidence, Span(first, last), path, books=lambda *_: [], language="en")
    with zipfile.ZipFile(path) as file:
        file.extractall(folder / "pack")
    return made, folder / "pack"


def check(folder: Path) -> tuple[int, str]:
    command = [sys.executable, "-I", str(folder / "verify_pack.py")]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    return answer.returncode, answer.stdout


def remade(folder: Path) -> None:
    """The manifest made anew by somebody who knows how."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "MANIFEST.sha256")
    lines = sorted((path.relative_to(folder).as_posix(), sha256(path.read_bytes()).hexdigest()) for path in paths)
    text = "".join(f"{digest}  {name}\n" for name, digest in lines)
    seal = sha256(text.encode()).hexdigest()
    (folder / "MANIFEST.sha256").write_text(f"{text}{seal}  (the lines above)\n", encoding="utf-8")


def test_a_pack_encloses_every_declaration_in_force(two: tuple[Bench, Bench], folder: Path) -> None:
    hashes = [bench.bundle.policy_hash for bench in two]
    made, place = packed(two[1], AS_OF, SOON, folder)
    assert made.counts["declarations in force"] == 2 and made.declared.missing == ()
    for policy_hash in hashes:
        inside = place / "declaration" / "in-force" / policy_hash
        files = {path.relative_to(inside).as_posix(): path.read_bytes().decode() for path in inside.glob("*/**/*.*")}
        with read_back(files, policy_hash) as again:
            assert again.policy_hash == policy_hash
    index = (place / "index.md").read_text(encoding="utf-8")
    for policy_hash, runs in zip(hashes, (4, 1), strict=True):
        assert f"| {policy_hash} | example | {runs} | enclosed | " in index
    assert "ATTENTION" not in index and "declaration/in-force/" in index
    told = json.loads((place / "declaration" / "hashes.json").read_text(encoding="utf-8"))
    assert {each["policy_hash"]: each["files"] for each in told["in_force"]} == dict.fromkeys(hashes, "kept")
    code, said = check(place)
    assert code == 0 and "sealed earlier" not in said, said


def test_one_that_was_sealed_before_these_days_is_enclosed_with_its_entry(two: tuple[Bench, Bench], folder: Path) -> None:
    earlier, bench = two
    with pytest.MonkeyPatch.context() as patch:
        set_day(patch, SOON + DAY)
        bench.run(STORE, UNTIL_DISPOSAL, as_of=SOON + DAY)
    _, place = packed(bench, SOON + DAY, SOON + DAY, folder)
    assert [path.name for path in (place / "declaration" / "in-force").iterdir()] == [bench.bundle.policy_hash]
    code, said = check(place)
    assert code == 0 and f"declaration {bench.bundle.policy_hash} was sealed earlier: ledger entry " in said, said
    assert earlier.bundle.policy_hash not in (place / "index.md").read_text(encoding="utf-8")


FORGERIES = ("file", "file and entry", "added", "removed", "renamed")


@pytest.mark.parametrize("days", [0, 1], ids=["sealed in these days", "sealed before"])
def test_who_makes_the_manifest_anew_is_found_out(two: tuple[Bench, Bench], folder: Path, days: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        set_day(patch, SOON + DAY)
        two[1].run(STORE, UNTIL_DISPOSAL, as_of=SOON + DAY)
    _, place = packed(two[1], SOON + days * DAY, SOON + days * DAY, folder)
    inside = place / "declaration" / "in-force" / two[1].bundle.policy_hash
    query, sealed = inside / "stores" / STORE / "visits.sql", inside / "sealed.json"
    kept = {path: path.read_bytes() for path in (query, sealed)}
    for forgery in FORGERIES:
        if forgery == "file and entry" and days:
            continue  # whoever forges the entry too is found out by the ledger it is said to lie in, which is elsewhere
        if forgery == "file":
            query.write_bytes(kept[query].replace(b"SELECT", b"select"))
        elif forgery == "file and entry":
            query.write_bytes(kept[query] + b"\n")
            names = [path for path in inside.rglob("*") if path.is_file() and path != sealed]
            files = {path.relative_to(inside).as_posix(): path.read_bytes().decode() for path in names}
            entry = json.loads(kept[sealed])
            payload = json.loads(entry["payload"]) | {"content_hash": sha256(ledger.canonical(files).encode()).hexdigest()}
            entry["payload"] = ledger.canonical(payload)
            entry["hash"] = ledger.entry_hash(entry)
            sealed.write_text(ledger.canonical(entry), encoding="utf-8")
        elif forgery == "added":
            (inside / "compliance" / "more.yaml").write_text("a: 1", encoding="utf-8")
        elif forgery == "removed":
            query.unlink()
        else:
            inside.rename(inside.with_name("f" * 64))
        remade(place)
        code, said = check(place)
        assert code == 1 and "declaration/in-force/" in said and "sealed" in said, (forgery, said)
        if forgery == "renamed":
            inside.with_name("f" * 64).rename(inside)
        (inside / "compliance" / "more.yaml").unlink(missing_ok=True)
        for path, content in kept.items():
            path.write_bytes(content)
    remade(place)
    assert check(place)[0] == 0


def test_what_was_not_kept_is_named(bench: Bench, folder: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(declared, "keep", lambda night: False)
        bench.run(STORE, UNTIL_DISPOSAL, run_id="before")
    made = changed(bench, folder, shorter)
    packed_, place = packed(made, AS_OF, AS_OF, folder)
    assert [each.policy_hash for each in packed_.declared.missing] == [bench.bundle.policy_hash]
    index = (place / "index.md").read_text(encoding="utf-8")
    assert "ATTENTION: 1 run(s)" in index and f"| {bench.bundle.policy_hash} | example | 1 | not kept |" in index
    assert check(place)[0] == 0
    again, _ = packed(bench, AS_OF, AS_OF, folder / "today")
    assert [each.files for each in again.declared.in_force] == ["today"] and not again.declared.missing


def test_files_that_are_read_as_another_declaration_are_enclosed_and_said_to_be(bench: Bench, folder: Path) -> None:
    files = {"compliance/decisions/example.yaml": "set: example\n"}
    declarations.keep(bench.evidence, bench.bundle.policy_hash, "example", files)
    bench.run(STORE, UNTIL_DISPOSAL)
    made, place = packed(bench, AS_OF, AS_OF, folder)
    assert [each.files for each in made.declared.in_force] == ["unread"]
    assert "does not read them as what they are" in (place / "index.md").read_text(encoding="utf-8")
    assert check(place)[0] == 0


def test_files_that_were_tampered_with_are_not_packed(later: Bench, folder: Path) -> None:
    with later.evidence.writing() as connection:
        connection.execute(update(tables.declaration).values(content=b"forged"))
    with pytest.raises(EvidenceError, match="cannot be unpacked"):
        packed(later, AS_OF, AS_OF, folder)
    assert not (folder / "pack.zip").exists()
