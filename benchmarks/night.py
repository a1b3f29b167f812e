"""How a night over the usage store compares with the barest SQL that touches the same rows. `make bench` runs it.

Everything is measured in one run, the two sides in turn, on copies of the same SQLite file; medians are written to
`docs/benchmarks.md`. Ratios travel between machines, seconds do not.
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from retention import clock
from retention.night.context import Night
from retention.night.steps import STEPS, open_night
from retention.sample import generate
from retention.workspace import Workspace

PAGE = Path(__file__).resolve().parent.parent / "docs" / "benchmarks.md"

TEMPLATE = """# Benchmarks

`make bench` measures and writes this page. Last run {today}: {cores} cores, {machine}, Python {python}, SQLite {sqlite};
{rows} rows in the usage store (visits and page events), of which {due} were due. Medians of {repeat} rounds, the two sides
in turn on copies of the same file.

| what | ours | the barest SQL over the same rows | ratio |
|---|---|---|---|
| scan | {scan} s, {scan_rate} rows/s | `GROUP BY` month: {group} s | {scan_ratio} × its time |
| disposal | {dispose} s, {dispose_rate} rows/s | one DELETE or UPDATE a table: {bare} s | {dispose_ratio} of its speed |
| peak memory | {few} rows: {small} MiB | {rows} rows: {large} MiB | + {grown} MiB |

The scan gives every row its one disposition and lists the candidates. Disposal evaluates the whole predicate and the holds
again, and leaves receipts with a provable digest for each record.

What bounds the scan is the length of the verdict: some twenty conditions a row, of which the validity of dates, the look-up
of the parent row and that of the subject's facts cost most. What bounds disposal is the commit after each batch
(`limits.batch_rows`), then the keyed digest of each record.
"""


def main() -> None:
    """Measures and writes the page."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rows", type=int, default=1_000_000, help="usage rows (visits and page events)")
    arguments.add_argument("--repeat", type=int, default=5)
    arguments.add_argument("--memory-of", type=int, help=argparse.SUPPRESS)
    options = arguments.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.memory_of:
            print(peak_of_one_night(Path(folder), options.memory_of))
            return
        figures = measure(Path(folder), options.rows, options.repeat)
    small, large = (memory_of(rows) for rows in (options.rows // 10, options.rows))
    write_page(options.rows, options.repeat, figures, small, large)


def prepared(folder: Path, rows: int) -> Workspace:
    """A workspace with sample stores."""
    workspace = Workspace.at(folder, decision_set="example")
    workspace.store_file("usage").parent.mkdir(parents=True)
    generate(workspace.store_file, as_of=clock.today(), usage_rows=rows)
    return workspace


def usage_night(workspace: Workspace, run: str) -> Night:
    return open_night(workspace, "usage", as_of=clock.today(), run_id=f"usage:{run}")


def timed(action: Callable[[], object]) -> float:
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def measure(folder: Path, rows: int, repeat: int) -> dict[str, list[float]]:
    """Seconds of each side, by name, and rows disposed of."""
    workspace = prepared(folder, rows)
    store, pristine = workspace.store_file("usage"), folder / "pristine.db"
    shutil.copy(store, pristine)
    figures: dict[str, list[float]] = {name: [] for name in ("group", "scan", "bare", "dispose", "due", "total")}
    for number in range(repeat + 1):  # the first round warms caches and is not counted
        shutil.copy(pristine, store)
        night = usage_night(workspace, str(number))
        STEPS["prepare"](night)
        group = timed(lambda: bare_group(store))
        scan = timed(lambda night=night: STEPS["scan"](night))
        STEPS["plan"](night)
        STEPS["validate_before"](night)
        keys = candidates(store)
        shutil.copy(pristine, folder / "bare.db")
        with sqlite3.connect(folder / "bare.db") as connection:
            connection.execute("PRAGMA secure_delete = ON")
            connection.execute("CREATE TEMP TABLE work (population, action, key INTEGER)")
            connection.executemany("INSERT INTO work VALUES (?, ?, ?)", keys)
            connection.commit()
            bare = timed(lambda connection=connection: bare_disposal(connection))
        dispose = timed(lambda night=night: STEPS["dispose"](night))
        night.session.close()
        if number:
            for name, value in zip(figures, (group, scan, bare, dispose, len(keys), rows), strict=True):
                figures[name].append(float(value))
        print(f"round {number}: group {group:.2f} s, scan {scan:.2f} s, bare {bare:.2f} s, dispose {dispose:.2f} s", flush=True)
    return figures


def bare_group(store: Path) -> None:
    """The barest question over every row: how many there are of each month."""
    with sqlite3.connect(store) as connection:
        connection.execute("SELECT substr(visited_at, 1, 7), count(*) FROM visits GROUP BY 1").fetchall()
        connection.execute("SELECT substr(viewed_at, 1, 7), count(*) FROM page_events GROUP BY 1").fetchall()


def candidates(store: Path) -> list[tuple[str, str, int]]:
    with sqlite3.connect(store) as connection:
        return connection.execute("SELECT population, action, record_int FROM retention_candidate").fetchall()


def bare_disposal(connection: sqlite3.Connection) -> None:
    """One DELETE or UPDATE for each table and action over the very same rows, erased bytes overwritten, nothing recorded."""
    for statement in (
        "DELETE FROM page_events WHERE event_id IN (SELECT key FROM work WHERE population = 'page_events')",
        "DELETE FROM visits WHERE visit_id IN (SELECT key FROM work WHERE population = 'visits' AND action = 'delete')",
        "UPDATE visits SET customer_ref = NULL, ip_address = NULL, visited_at = substr(visited_at, 1, 7) || '-01 00:00:00' "
        "WHERE visit_id IN (SELECT key FROM work WHERE population = 'visits' AND action = 'anonymise')",
    ):
        connection.execute(statement)
    connection.commit()


def peak_of_one_night(folder: Path, rows: int) -> int:
    """Peak memory of this process, in MiB, after a night of the usage store, Great Expectations included."""
    night = usage_night(prepared(folder, rows), "memory")
    for step in ("prepare", "scan", "plan", "validate_before", "dispose"):
        STEPS[step](night)
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def memory_of(rows: int) -> int:
    """The same in a process of its own: a peak never sinks."""
    return int(subprocess.check_output([sys.executable, __file__, "--memory-of", str(rows)], text=True))


def write_page(rows: int, repeat: int, figures: dict[str, list[float]], small: int, large: int) -> None:
    median = {name: statistics.median(values) for name, values in figures.items()}
    scan, dispose = median["scan"] / median["group"], median["bare"] / median["dispose"]
    found = {
        "today": clock.today().isoformat(), "cores": os.cpu_count(), "machine": platform.machine(),
        "python": platform.python_version(), "sqlite": sqlite3.sqlite_version, "rows": f"{rows:,}", "repeat": repeat,
        "due": f"{median['due']:,.0f}", "scan": f"{median['scan']:.2f}", "scan_rate": f"{rows / median['scan']:,.0f}",
        "group": f"{median['group']:.2f}", "scan_ratio": f"{scan:.1f}", "dispose": f"{median['dispose']:.2f}",
        "dispose_rate": f"{median['due'] / median['dispose']:,.0f}", "bare": f"{median['bare']:.2f}",
        "dispose_ratio": f"{dispose:.2f}",
        "few": f"{rows // 10:,}", "small": small, "large": large, "grown": large - small,
    }  # fmt: skip
    PAGE.write_text(TEMPLATE.format(**found), encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
