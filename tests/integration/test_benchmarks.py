"""Every benchmark measures what it says, at a tiny size and on whatever servers there are; and what the page keeps."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from benchmarks import ahead, archiver, disposal, large, page, questions, register, report
from benchmarks.__main__ import BENCHMARKS, NOTES, kept, run, written
from benchmarks.harness import Options, Row, Samples, in_turn
from benchmarks.profile import profile
from retention.declare import source
from tests import servers


@pytest.fixture(autouse=True)
def _read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A declaration that says the same is not parsed again: that takes longer than what is measured here."""
    load = source._load
    monkeypatch.setattr(source, "_load", lambda path: _known(path.read_bytes(), path, load))


_read: dict[bytes, Any] = {}


def _known(content: bytes, path: Path, load: Callable[[Path], Any]) -> Any:
    if content not in _read:
        _read[content] = load(path)
    return _read[content]


def options(folder: Path, *kinds: str) -> Options:
    urls = {kind: servers.server_url(kind).render_as_string(hide_password=False) for kind in kinds}
    return Options(4_000, 1, folder, urls.get("postgresql", ""), urls.get("mariadb", ""), large=4_000)


def test_dense(tmp_path: Path) -> None:
    disposed, beside = disposal.dense(options(tmp_path, "postgresql"))
    assert disposed.ratio is not None and disposed.ratio > 0
    assert "without one (1 repetitions)" in disposed.detail
    assert disposed.detail.count("rows left: 2,000 bare, 2,003 ours") == 2
    assert beside.ratio is not None and beside.found.endswith(" ms")


def test_shuffled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disposal, "probing", lambda _url, _rows: nullcontext([]))  # a process each time
    (row,) = disposal.shuffled(options(tmp_path, "postgresql"))
    assert row.ratio is not None and row.ratio > 0
    assert row.detail.count("rows left: 2,000 bare, 2,003 ours") == 2


def test_sqlite(tmp_path: Path) -> None:
    (row,) = disposal.sqlite(options(tmp_path))
    assert row.ratio is not None and row.ratio > 0
    assert "rows left: 500 bare, 503 ours" in row.detail


def test_archiver(tmp_path: Path) -> None:
    rows = archiver.archiver(options(tmp_path, "mariadb"))
    assert len(rows) == len(archiver.SIZES)
    for row in rows:
        assert "503 ours" in row.detail
        if shutil.which(archiver.PROGRAM):
            assert row.ratio is not None and "500 pt-archiver" in row.detail
        else:
            assert row.ratio is None and row.detail.startswith("skipped: pt-archiver is not installed")


def test_questions(tmp_path: Path) -> None:
    scanned, counted = questions.scan(options(tmp_path, "postgresql"))
    assert scanned.ratio is not None and counted.ratio is not None
    assert "rows: 2,000 bare, 1,997 ours" in counted.detail


def test_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(large, "FEWER", (100, 10))  # each costs a process
    nothing, memory, slope = large.large(options(tmp_path, "postgresql"))
    assert nothing.ratio is not None and "rows: 0.00 bare, 0.00 ours" in nothing.detail
    assert memory.ratio is not None and "3,997 rows" in memory.detail
    assert slope.ratio is not None and slope.detail.count("times)") == 3


def test_ahead(tmp_path: Path) -> None:
    (row,) = ahead.ahead(options(tmp_path, "postgresql"))
    assert row.ratio is not None and "1,0" in row.detail, "of 2,000 events that are not due, about half would be"


def test_the_register(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "NIGHTS", 2)
    (row,) = register.register(options(tmp_path))
    assert row.ratio is not None and row.ratio > 0
    assert row.detail.startswith("20 activities, 2 nights of 4 stores; seconds: ")


def test_the_profile_says_where_time_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    profile(options(tmp_path, "postgresql"), shuffled=False)
    said = capsys.readouterr().out
    assert "DELETE" in said and "Execution Time" in said and "tottime" in said


def test_a_server_that_is_away_is_said(tmp_path: Path) -> None:
    away = Options(10, 1, tmp_path, "postgresql+psycopg://nobody@127.0.0.1:9/x", "mariadb+pymysql://nobody@127.0.0.1:9/x")
    for name in ("dense", "mariadb"):
        (row,) = run(name, away)
        assert row.ratio is None and row.detail.startswith("skipped: the server did not answer")


def test_the_page_keeps_what_was_written_by_hand() -> None:
    rows = [
        Row("a", ">= 0.7", 0.5, "x"),
        Row("b", "<= 50 ms", 12.3, "y", 2),
        Row("c", "", None, "skipped"),
        Row("d", "", 1, ""),
    ]
    page = written(rows, Options(1_000, 5, Path(), "", ""))
    assert "| a | >= 0.7 | 0.50 | **no** | x |" in page
    assert "| b | <= 50 ms | 12.3 ms | yes | y (2 repetitions beside other work) |" in page
    assert "| c |  | – | – | skipped |" in page
    again = kept(page, f"# Former page\n\n{NOTES}\n\n## By hand\n")
    assert again == f"{page}\n{NOTES}\n\n## By hand\n"
    assert kept(page, again) == again


def test_the_page_that_is_there_can_be_kept() -> None:
    assert NOTES in Path("docs/benchmarks.md").read_text(encoding="utf-8")


def test_report(tmp_path: Path) -> None:
    speed, memory = report.report(options(tmp_path))
    assert speed.ratio is not None and speed.ratio > 0
    assert "1,000 receipts" in speed.detail
    assert memory.ratio is not None and 20 < memory.ratio < 1_000 and memory.found.endswith(" MB")
    lines = load_workbook(tmp_path / "report" / "ours.xlsx", read_only=True)["Reçus"]
    assert isinstance(lines, ReadOnlyWorksheet)
    written = [row[-1] for row in lines.iter_rows(values_only=True) if str(row[-1]).startswith("usage:bench/visits")]
    assert len(written) == 1_000


def test_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(register, "NIGHTS", 3)
    monkeypatch.setattr(page, "MORE", 1)
    rows = page.page(options(tmp_path))
    assert [row.what.removeprefix("the page: ") for row in rows[:4]] == ["overview", "holds", "documents", "explain"]
    assert all(row.ratio is not None and row.ratio > 0 and "3 nights of 4 stores" in row.detail for row in rows[:5])
    assert rows[5].ratio is not None and rows[5].found.endswith(" MB")


def test_sides_begin_in_turn_and_the_first_round_is_not_counted() -> None:
    order: list[str] = []

    def side(name: str) -> dict[str, float]:
        order.append(name)
        return {"seconds": float(len(order))}

    samples: Samples = in_turn({name: lambda name=name: side(name) for name in "ab"}, 1)  # type: ignore[misc]
    assert order == ["a", "b", "b", "a"]
    assert samples.values == {"a": {"seconds": [4.0]}, "b": {"seconds": [3.0]}}


def test_every_benchmark_is_tried_here() -> None:
    assert set(BENCHMARKS) >= {
        "dense",
        "shuffled",
        "mariadb",
        "sqlite",
        "scan",
        "large",
        "report",
        "impact",
        "register",
        "page",
    }
