"""MariaDB: half of the page events, against pt-archiver with batches of the same size, and against one bare DELETE."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import URL

from benchmarks.disposal import bare, left, ours
from benchmarks.harness import Options, Row, in_turn, timed
from benchmarks.store import BEFORE_DISPOSAL, WORK, Bench, Filling, hold_some

SIZES = (10_000, 1_000)  # rows a batch
PROGRAM = "pt-archiver"


def archiver(options: Options) -> list[Row]:
    bench = Bench("mariadb", options.mariadb, options.folder / "mariadb", Filling(options.rows // 4))
    try:
        hold_some(bench)
        return [_at(bench, size, options.repeat if size == SIZES[0] else max(1, options.repeat // 5)) for size in SIZES]
    finally:
        bench.drop()


def _at(bench: Bench, size: int, repeat: int) -> Row:
    what = f"MariaDB, half due, batches of {size:,} rows, against pt-archiver"
    bench.pace(first_size=size, smallest=size, largest=size)
    bench.prepare(*BEFORE_DISPOSAL)
    sides = {"bare": lambda: bare(bench), "ours": lambda: ours(bench)} if size == SIZES[0] else {"ours": lambda: ours(bench)}
    there = shutil.which(PROGRAM) is not None
    samples = in_turn({"pt-archiver": lambda: _archived(bench, size), **sides} if there else sides, repeat)
    told = f"{repeat} repetitions; {samples.said(*samples.values)}"
    if not there:
        return Row(what, ">= 3 x", None, f"skipped: {PROGRAM} is not installed; {told}", samples.disturbed)
    return Row(what, ">= 3 x", samples.median("pt-archiver") / samples.median("ours"), told, samples.disturbed)


def _archived(bench: Bench, size: int) -> Mapping[str, float]:
    bench.restore()
    assert bench.server is not None
    login = _login(bench.folder / "client.cnf", bench.server)
    where = f"viewed_at < '{bench.cutoff}'"
    source = f"F={login},h={bench.server.host},P={bench.server.port or 3306},D={WORK},t=page_events,A=utf8mb4"
    gently = ["--bulk-delete", "--limit", str(size), "--commit-each"]
    quietly = ["--no-version-check", "--no-check-charset"]
    command = [PROGRAM, "--source", source, "--purge", "--where", where, *gently, *quietly]
    return {
        "seconds": timed(lambda: subprocess.run(command, check=True, capture_output=True, timeout=1800)),
        "rows left": left(bench),
    }


def _login(path: Path, server: URL) -> Path:
    """User and password where nobody else reads them: a command line is for all to see."""
    path.touch(mode=0o600)
    path.write_text(f"[client]\nuser={server.username or ''}\npassword={server.password or ''}\n", encoding="utf-8")
    return path
