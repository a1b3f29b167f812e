"""Measures, and writes docs/benchmarks.md."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from sqlalchemy.exc import OperationalError

from benchmarks import ahead, archiver, disposal, large, page, partitions, questions, register, report
from benchmarks.harness import Options, Row, machine
from benchmarks.profile import profile
from retention import clock

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"
NOTES = "<!-- What follows is written by hand: `make bench` keeps it. -->"
BENCHMARKS: dict[str, Callable[[Options], list[Row]]] = {  # in the order of the page
    "dense": disposal.dense,
    "shuffled": disposal.shuffled,
    "mariadb": archiver.archiver,
    "sqlite": disposal.sqlite,
    "scan": questions.scan,
    "large": large.large,
    "partitions": partitions.partitions,
    "report": report.report,
    "impact": ahead.ahead,
    "register": register.register,
    "page": page.page,
}
PROFILED = ("dense", "shuffled")


def main(arguments: Sequence[str] | None = None) -> None:
    asked = _parser().parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        options = Options(
            rows=asked.rows or (100_000 if asked.quick else 4_000_000),
            repeat=asked.repeat or (1 if asked.quick else 5),
            folder=Path(folder),
            postgresql=os.environ.get(
                "RETENTION_BENCH_POSTGRESQL", f"postgresql+psycopg://{getpass.getuser()}@127.0.0.1/postgres"
            ),
            mariadb=os.environ.get("RETENTION_BENCH_MARIADB", "mariadb+pymysql://root@127.0.0.1/mysql"),
            large=asked.large or (200_000 if asked.quick else 10_000_000),
        )
        if asked.profile:
            for name in asked.only or ["dense"]:
                profile(options, shuffled=name == "shuffled")
            return
        rows = [row for name in asked.only or BENCHMARKS for row in run(name, options)]
    page = written(rows, options)
    print(page)
    if not asked.quick and not asked.only:
        PAGE.write_text(kept(page, PAGE.read_text(encoding="utf-8")), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rows", type=int, help="page events on PostgreSQL, a quarter of it elsewhere; 4 million if not said")
    parser.add_argument("--large", type=int, help="page events of the largest table; 10 million if not said")
    parser.add_argument("--repeat", type=int, help="counted repetitions, after one that warms up; 5 if not said")
    parser.add_argument("--quick", action="store_true", help="a small size, to try; the page is not written")
    parser.add_argument("--only", choices=BENCHMARKS, action="append", help="the page is not written")
    parser.add_argument("--profile", action="store_true", help=f"where the time goes, of {' or '.join(PROFILED)}; no page")
    return parser


def run(name: str, options: Options) -> list[Row]:
    print(f"{name} ...", file=sys.stderr, end=" ", flush=True)
    began = time.monotonic()
    try:
        return BENCHMARKS[name](options)
    except OperationalError as refused:
        return [Row(name, "", None, f"skipped: the server did not answer ({type(refused.orig).__name__})")]
    finally:
        print(f"{time.monotonic() - began:.0f} s", file=sys.stderr)


def written(rows: list[Row], options: Options) -> str:
    """The page. Ratios travel between machines, seconds do not."""
    lines = [
        "# Benchmarks",
        "",
        f"Last run {clock.today().isoformat()} by `make bench`: {machine()}; servers as their packages set them up.",
        f"The shipped usage store with {options.rows:,} page events on PostgreSQL, a quarter of it on MariaDB and SQLite,",
        f"{options.large:,} in the largest table. Medians of {options.repeat} repetitions, or of as many as are said, after",
        "one that warms up, the sides in turn on copies of the same store. Disposal: share of the bare DELETE's speed, with",
        "receipts and provable key sets; a question: multiple of the bare one's time. Visits are younger than their events, so",
        "that a DELETE by the anchor means the same rows here, but for those of three subjects under hold.",
        "",
        "| what | goal | found | met | medians |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        met = "–" if row.met is None else "yes" if row.met else "**no**"
        disturbed = f" ({row.disturbed} repetitions beside other work)" if row.disturbed else ""
        lines.append(f"| {row.what} | {row.goal} | {row.found} | {met} | {row.detail}{disturbed} |")
    return "\n".join(lines) + "\n"


def kept(page: str, former: str) -> str:
    """The page with what was written by hand below the former one."""
    _, mark, notes = former.partition(NOTES)
    return f"{page}\n{NOTES}{notes}" if mark else page


if __name__ == "__main__":
    main()
