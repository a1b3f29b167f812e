"""Measures, and writes docs/benchmarks.md."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import OperationalError

from benchmarks import disposal, partitions, questions
from benchmarks.harness import Options, Row, machine
from retention import clock

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
BENCHMARKS: dict[str, Callable[[Options], list[Row]]] = {
    "dense": disposal.dense,
    "shuffled": disposal.shuffled,
    "sqlite": disposal.sqlite,
    "scan": questions.scan,
    "partitions": partitions.partitions,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, default=4_000_000, help="page events on PostgreSQL; a quarter of it on SQLite")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--quick", action="store_true", help="a small size, to try; the page is not written")
    parser.add_argument("--only", choices=BENCHMARKS, action="append", help="the page is not written")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        options = Options(
            rows=200_000 if asked.quick else asked.rows,
            repeat=1 if asked.quick else asked.repeat,
            folder=Path(folder),
            postgresql=os.environ.get(
                "RETENTION_BENCH_POSTGRESQL", f"postgresql+psycopg://{getpass.getuser()}@127.0.0.1/postgres"
            ),
            mariadb=os.environ.get("RETENTION_BENCH_MARIADB", ""),
        )
        rows = [row for name in asked.only or BENCHMARKS for row in _run(name, options)]
    page = written(rows, options)
    print(page)
    if not asked.quick and not asked.only:
        PAGE.write_text(page, encoding="utf-8")


def _run(name: str, options: Options) -> list[Row]:
    print(f"{name} ...", file=sys.stderr, flush=True)
    try:
        return BENCHMARKS[name](options)
    except OperationalError as refused:
        return [Row(name, "", None, f"skipped: the server did not answer ({type(refused.orig).__name__})")]


def written(rows: list[Row], options: Options) -> str:
    """The page. Ratios travel between machines, seconds do not."""
    lines = [
        "# Benchmarks",
        "",
        f"Last run {clock.today().isoformat()} by `make bench`: {machine()}; {options.rows:,} page events of the shipped usage",
        f"store (a quarter on SQLite). Medians of {options.repeat} rounds, the sides in turn on copies of the same store.",
        "Disposal: share of the bare DELETE's speed, receipts and provable key sets on; a scan is a multiple of its time.",
        "Visits are younger than their events here, so that a DELETE by the anchor means the same rows,",
        "but for those of three subjects under hold.",
        "",
        "| what | goal | ratio | medians |",
        "|---|---|---|---|",
    ]
    for row in rows:
        ratio = "–" if row.ratio is None else f"{row.ratio:.2f}"
        disturbed = f" ({row.disturbed} repetitions beside other work)" if row.disturbed else ""
        lines.append(f"| {row.what} | {row.goal} | {ratio} | {row.detail}{disturbed} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
