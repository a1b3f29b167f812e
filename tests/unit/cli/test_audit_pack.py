"""`retention audit-pack`: what is in the zip, that a stranger can check it, and that nothing in it can be changed unnoticed."""

from __future__ import annotations

import contextlib
import datetime as dt
import importlib.util
import json
import shutil
import subprocess
import sys
import threading
import tracemalloc
import urllib.parse
import zipfile
from collections.abc import Callable, Iterator
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner

from retention import clock, holds
from retention.audit.archive import MANIFEST, writing
from retention.audit.contents import write as write_contents
from retention.audit.pack import _within
from retention.audit.span import Span, slice_of
from retention.cli.app import app
from retention.errors import RetentionError
from retention.evidence import keysets, ledger, registers, tables
from retention.sample.stage import Stage
from retention.workspace import Workspace
from ropa.register import versions
from ropa.register.making import make_register

TODAY = clock.today()
DAYS = ("--from", str(TODAY - dt.timedelta(days=1)), "--to", str(TODAY))
HOLD_REASON = "dispute with Jeanne Martin over invoice 12"
HOLD = {
    "kind": "legal_claim",
    "store": "account",
    "population": "accounts",
    "reason": HOLD_REASON,
    "reference": "2026-117",
    "approver": "Claire Dubois",
    "review_by": TODAY + dt.timedelta(days=90),
}
VERIFIER = Path(__file__).resolve().parents[3] / "docs" / "verify_pack.py"


@pytest.fixture(scope="module")
def told(finished: Path, staged: tuple[Path, Stage], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace after a night, with a register published and approved, and a hold. No test here changes it."""
    folder = tmp_path_factory.mktemp("told") / "copy"
    shutil.copytree(finished, folder)
    workspace = Workspace.at(folder, decision_set="example")
    evidence, bundle = workspace.evidence(), workspace.bundle()
    publication = versions.publish(evidence, make_register(bundle, evidence, TODAY))
    registers.approve(evidence, publication.number, "Claire Dubois", "read with care")
    kept = next(label for label in staged[1].labels if (label.expected, label.population) == ("kept", "accounts"))
    holds.place(workspace, bundle, evidence, holds.Request(**HOLD, record_key=kept.record_key))
    for name in ("{day}", "{day:%Y-%m}", "{day}-detail", "2001-01-01"):
        path = workspace.output_folder("reports") / f"rapport-{name.format(day=TODAY)}.xlsx"
        path.write_bytes(name.encode())
    return folder


@pytest.fixture(scope="module")
def packed(told: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A pack of that workspace, made by the command."""
    path = tmp_path_factory.mktemp("packed") / "pack.zip"
    home = {"RETENTION_HOME": str(told / "var"), "RETENTION_OUTPUT": str(told / "output"), "RETENTION_DECISIONS": "example"}
    answer = CliRunner().invoke(app, ["audit-pack", *DAYS, "--out", str(path)], env=home)
    assert answer.exit_code == 0, answer.stderr
    return path


@pytest.fixture
def unzipped(packed: Path, tmp_path: Path) -> Path:
    """The pack where a stranger has put it."""
    with zipfile.ZipFile(packed) as file:
        file.extractall(tmp_path / "elsewhere")
    return tmp_path / "elsewhere"


@pytest.fixture(scope="module")
def findings() -> Callable[[Path], list[str]]:
    """The checker in this process, for what is asked of it again and again."""
    spec = importlib.util.spec_from_file_location("verify_pack", VERIFIER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.check  # type: ignore[no-any-return]


def check(folder: Path) -> subprocess.CompletedProcess[str]:
    """As a stranger does: another Python, none of our code within reach."""
    command = [sys.executable, "-I", str(folder / "verify_pack.py")]
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_stranger_checks_it_and_finds_everything(unzipped: Path, told: Path, secrets: frozenset[str]) -> None:
    answer = check(unzipped)
    assert answer.returncode == 0, answer.stdout + answer.stderr
    assert answer.stdout.startswith("PROVEN: ")
    evidence = Workspace.at(told).evidence(readonly=True)
    head = evidence.head()
    assert head is not None
    assert f"ledger entry {head.seq}" in answer.stdout and head.hash in answer.stdout

    # what it holds is what the evidence holds
    assert len(lines(unzipped / "ledger" / "entries.jsonl")) == head.seq
    receipts = lines(unzipped / "receipts.jsonl")
    assert {row["receipt_id"] for row in receipts} == {receipt.receipt_id for receipt in evidence.receipts()} != set()
    assert {row["run_id"] for row in lines(unzipped / "runs.jsonl")} == {run.run_id for run in evidence.runs()}
    assert len(list((unzipped / "plans").iterdir())) == 4
    assert lines(unzipped / "validation.jsonl")
    (hold,) = (each for each in lines(unzipped / "holds" / "in-force.jsonl") if each["reference"] == "2026-117")
    assert "record_key" not in hold and "subject_key" not in hold
    assert [act["kind"] for act in lines(unzipped / "acts" / "approvals.jsonl")] == ["approval"]
    assert {path.suffix for path in (unzipped / "register" / "1.0").iterdir()} == {".json", ".xlsx"}
    assert len(list((unzipped / "register" / "1.0").glob("*.xlsx"))) == 2
    assert (unzipped / "declaration" / "compliance" / "decisions" / "example.yaml").is_file()
    assert (unzipped / "declaration" / "stores" / "account" / "store.yaml").is_file()

    # and nothing that it must not
    secret = (told / "var" / "digest.key").read_text(encoding="ascii").strip()
    for path in unzipped.rglob("*"):
        if path.is_file() and path.suffix not in (".xlsx",):
            text = path.read_text(encoding="utf-8")
            assert secret not in text and HOLD_REASON not in text, path
            assert not [name for name in secrets if name in text], path


@pytest.mark.parametrize("language", ["fr", "en"])
def test_its_index_names_every_file(retention: Any, told: Path, tmp_path: Path, language: str) -> None:
    out = tmp_path / "pack.zip"
    assert retention("audit-pack", *DAYS, "--lang", language, "--out", str(out), home=told).exit_code == 0
    with zipfile.ZipFile(out) as file:
        names = file.namelist()
        page, text = file.read("index.html").decode(), file.read("index.md").decode()
    reports = {name for name in names if name.startswith("reports/") and "detail" not in name}
    assert {f"reports/rapport-{TODAY}.xlsx", f"reports/rapport-{TODAY:%Y-%m}.xlsx"} <= reports
    assert not [name for name in names if "detail" in name or "2001" in name]
    listed = [
        line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ") and ("/" in line or "." in line)
    ]
    loose = [
        name for name in names if not any(name == each or (each.endswith("/") and name.startswith(each)) for each in listed)
    ]
    assert sorted(loose) == ["index.html", "index.md"]
    said = {"fr": ("Toutes les passes", "--airflow", "Vérifier"), "en": ("All runs of these days", "--airflow", "Check it")}
    for words in said[language]:
        assert words in page and words in text


def test_two_packs_of_the_same_are_the_same_file(retention: Any, told: Path, packed: Path, tmp_path: Path) -> None:
    assert retention("audit-pack", *DAYS, "--out", str(tmp_path / "again.zip"), home=told).exit_code == 0
    assert (tmp_path / "again.zip").read_bytes() == packed.read_bytes()


def test_one_byte_that_is_changed_is_found_and_its_file_named(unzipped: Path, findings: Callable[[Path], list[str]]) -> None:
    """One byte at the start, in the middle and at the end of every file, the list of files included."""
    for path in sorted(path for path in unzipped.rglob("*") if path.is_file() and path.stat().st_size):
        original = path.read_bytes()
        for place in {0, len(original) // 2, len(original) - 1}:
            path.write_bytes(original[:place] + bytes([original[place] ^ 1]) + original[place + 1 :])
            name = path.relative_to(unzipped).as_posix()
            assert any(finding.startswith(f"{name}: ") for finding in findings(unzipped)), (name, place)
        path.write_bytes(original)
    assert findings(unzipped) == []


@pytest.mark.parametrize("name", ["receipts.jsonl", "verify_pack.py", MANIFEST])
def test_the_checker_as_a_stranger_runs_it_names_the_file(unzipped: Path, name: str) -> None:
    path = unzipped / name
    path.write_bytes(path.read_bytes().replace(b"a", b"b", 1) if name != "verify_pack.py" else path.read_bytes() + b"#")
    answer = check(unzipped)
    assert answer.returncode == 1
    assert f"NOT AS IT WAS: {name}: " in answer.stdout


def test_files_that_go_or_come_are_named(unzipped: Path, findings: Callable[[Path], list[str]]) -> None:
    (unzipped / "runs.jsonl").rename(unzipped / "runs.txt")
    assert findings(unzipped) == ["runs.txt: was not packed", "runs.jsonl: is missing"]


def remade(folder: Path) -> None:
    """The manifest made anew by somebody who knows how: only the ledger stands against them now."""

    names = sorted(
        path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file() and path.name != MANIFEST
    )
    text = "".join(f"{sha256((folder / name).read_bytes()).hexdigest()}  {name}\n" for name in names)
    (folder / MANIFEST).write_text(f"{text}{sha256(text.encode()).hexdigest()}  (the lines above)\n", encoding="utf-8")


@pytest.mark.parametrize("what", ["receipt", "entry", "order", "plan", "register", "head"])
def test_who_makes_the_manifest_anew_is_found_out_by_the_ledger(
    unzipped: Path, findings: Callable[[Path], list[str]], what: str
) -> None:
    receipts, entries = unzipped / "receipts.jsonl", unzipped / "ledger" / "entries.jsonl"
    if what == "receipt":
        rows = lines(receipts)
        rows[0]["rows"] += 1
        receipts.write_text("".join(ledger.canonical(row) + "\n" for row in rows), encoding="utf-8")
    elif what in ("entry", "order"):
        told = entries.read_text(encoding="utf-8").splitlines(keepends=True)
        told[2:4] = [told[2]] if what == "entry" else [told[3], told[2]]
        entries.write_text("".join(told), encoding="utf-8")
    elif what == "head":
        (unzipped / "ledger" / "head.json").write_text('{"hash":"0","seq":1}\n', encoding="utf-8")
    else:
        path = next((unzipped / "plans").iterdir()) if what == "plan" else unzipped / "register" / "1.0" / "register.json"
        path.write_text(path.read_text(encoding="utf-8").replace("2026", "2027"), encoding="utf-8")
    remade(unzipped)
    expected = {"receipt": "receipts.jsonl", "entry": "entries.jsonl", "order": "entries.jsonl", "plan": "plans/",
                "register": "register/1.0/register.json", "head": "head.json"}  # fmt: skip
    assert expected[what] in "\n".join(findings(unzipped))


def test_runs_under_another_declaration_are_named(retention: Any, told: Path, tmp_path: Path) -> None:
    """Today's declaration is enclosed, and the one that the runs followed as it was kept."""
    out = tmp_path / "pack.zip"
    answer = retention("audit-pack", *DAYS, "--decisions", "production", "--lang", "en", "--out", str(out), home=told)
    assert answer.exit_code == 0 and "declaration has changed since" in answer.err.replace("\n", " ")
    with zipfile.ZipFile(out) as file:
        page, hashes = file.read("index.md").decode(), json.loads(file.read("declaration/hashes.json"))
        names = file.namelist()
    (other,) = hashes["runs_under_another"]
    assert f"| {other} | example | 4 | enclosed |" in page and "ATTENTION" not in page
    assert f"declaration/in-force/{other}/compliance/decisions/example.yaml" in names
    assert len(hashes["runs_under_another"][other]) == 4


def test_days_without_anything(retention: Any, told: Path, tmp_path: Path) -> None:
    out = tmp_path / "pack.zip"
    answer = retention("audit-pack", "--from", "2001-01-01", "--to", "2001-01-31", "--out", str(out), home=told)
    assert answer.exit_code == 0, answer.err
    with zipfile.ZipFile(out) as file:
        file.extractall(tmp_path / "empty")
    assert check(tmp_path / "empty").returncode == 0
    assert "Rien n’a été scellé" in (tmp_path / "empty" / "index.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--from", "2026-02-30", "--to", "2026-03-01"), "date"),
        (("--from", "2026-03-02", "--to", "2026-03-01"), "lies before"),
        ((*DAYS, "--lang", "de"), "fr or en"),
        ((*DAYS, "--airflow", "ftp://somewhere"), "address of Airflow"),
        ((*DAYS, "--airflow", "http://127.0.0.1:1"), "who wants to know"),
    ],
)
def test_what_it_refuses(retention: Any, told: Path, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    out = tmp_path / "pack.zip"
    answer = retention("audit-pack", *arguments, "--out", str(out), home=told)
    assert answer.exit_code != 0
    assert says in answer.err.replace("\n", " ")
    assert not list(tmp_path.glob("*.zip*")) and not list(tmp_path.glob(".*"))


def test_without_evidence_it_says_so(retention: Any, tmp_path: Path) -> None:
    answer = retention("audit-pack", *DAYS, home=tmp_path)
    assert answer.exit_code == 8 and "no evidence to pack" in answer.err


def test_memory_does_not_grow_with_receipts(tmp_path: Path) -> None:
    workspace = Workspace.at(tmp_path, decision_set="example")
    evidence, span = workspace.evidence(), Span(TODAY, TODAY)
    key = keysets.seal(b"k" * 32, "x", "usage", "visits", [1])

    def receipt(number: int, run: str) -> dict[str, Any]:
        name = {"receipt_id": f"{run}/{number}", "run_id": run, "store": "usage", "population": "visits", "unit": 0}
        done = {"batch": number, "rule": "r", "action": "delete", "as_of": TODAY, "plan_hash": "0" * 64, "rows": 1, "spared": 0}
        return {**name, **done, "disposed_at": clock.now(), **key.columns()}

    def grown(count: int, prefix: str) -> int:
        with evidence.writing() as connection:
            rows = [receipt(number, prefix) for number in range(count)]
            connection.execute(insert(tables.receipt), rows)
            entries = (ledger.Entry("receipt", row["receipt_id"], ledger.receipt_payload(row), prefix, "usage") for row in rows)
            ledger.append(connection, entries)
        tracemalloc.start()
        with writing(tmp_path / f"{prefix}.zip") as archive, evidence.snapshot() as connection:
            counts = write_contents(archive, connection, span, slice_of(connection, span), ())
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert counts["receipts"] >= count
        return peak

    few = grown(500, "few")
    assert grown(4_000, "many") < few * 1.5


@pytest.mark.parametrize(
    ("name", "inside"),
    [
        ("rapport-2026-11-30.xlsx", True),
        ("rapport-2026-12-01.xlsx", False),
        ("rapport-2026-11.xlsx", True),
        ("rapport-2026-10.ods", False),
        ("rapport-2026-12.xlsx", True),
        ("rapport-2026-13.xlsx", False),
        ("notes.xlsx", False),
    ],
)
def test_which_reports_are_of_a_span(name: str, inside: bool) -> None:
    assert _within(name, Span(dt.date(2026, 11, 15), dt.date(2026, 11, 30))) is (inside and name != "rapport-2026-12.xlsx")


def test_a_span_is_of_paris_days() -> None:
    span = Span(dt.date(2026, 3, 29), dt.date(2026, 3, 29))  # the day that has 23 hours
    assert (f"{span.begins}", f"{span.ends}") == ("2026-03-28 23:00:00", "2026-03-29 22:00:00")
    with pytest.raises(RetentionError):
        Span(dt.date(2026, 3, 2), dt.date(2026, 3, 1))


class _Refusing(BaseHTTPRequestHandler):
    """An API server that lets nobody in, and says more than it should."""

    def do_POST(self) -> None:  # the server's own name
        self.send_response(401)
        self.end_headers()
        self.wfile.write(b"password hunter2 of jeanne@secret.example is wrong")

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@contextlib.contextmanager
def refusing() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Refusing)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_an_airflow_that_refuses(retention: Any, told: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_AIRFLOW_PASSWORD", "hunter2")
    with refusing() as url:
        out = str(tmp_path / "pack.zip")
        answer = retention("audit-pack", *DAYS, "--airflow", url, "--airflow-user", "auditor", "--out", out, home=told)
    assert answer.exit_code == 1
    assert "HTTP 401" in answer.err and "hunter2" not in answer.err and urllib.parse.urlsplit(url).netloc not in answer.err
    assert not (tmp_path / "pack.zip").exists()


def test_every_kind_of_entry_is_sealed_as_it_is_packed(unzipped: Path, told: Path) -> None:
    """The lines are the entries, whatever their kind: an act that is copied later is packed as well."""
    with Workspace.at(told).evidence(readonly=True).engine.connect() as connection:
        kept = [dict(row) for row in connection.execute(select(tables.ledger).order_by(tables.ledger.c.seq)).mappings()]
    assert [ledger.canonical(row) for row in kept] == (unzipped / "ledger" / "entries.jsonl").read_text("utf-8").splitlines()
