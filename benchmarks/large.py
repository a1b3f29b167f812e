"""What must not grow with a table: the search for nothing, the memory of the client, the cost of one row.

One store on PostgreSQL serves all three. Its events lie evenly in time, so that an earlier as-of finds fewer of them due.
"""

from __future__ import annotations

import datetime as dt
import math
import multiprocessing
import resource
import statistics
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import Options, Row, number, timed
from benchmarks.questions import PROBED, due_against, ratio
from benchmarks.store import BEFORE_DISPOSAL, PRISTINE, WORK, Bench, Filling, hold_some, pass_validation
from retention.night.steps import STEPS, open_night
from retention.workspace import Workspace

PROBES = 200  # in a row: one takes less than a clock may tell
FEWER = (1_000, 100, 10)  # the largest number of rows is so many times as many


@dataclass(frozen=True)
class Spent:
    """One night's disposal, in a process of its own."""

    rows: int
    seconds: float
    peak: float  # MiB


def large(options: Options) -> list[Row]:
    spent = [_memory(options, options.large // fewer) for fewer in FEWER[1:]]
    with _store(options, options.large) as bench:
        today = bench.as_of
        bench.as_of = _as_of(bench, today, 0)
        nothing = _nothing_due(bench, options.repeat)
        some = [_some_due(bench, today, options.large // fewer, max(1, (options.repeat + 1) // 2)) for fewer in FEWER]
        bench.as_of = today
        whole = _everything_due(bench)
    return [nothing, _growth([*spent, whole]), _slope([*some, [whole]])]


def _memory(options: Options, rows: int) -> Spent:
    with _store(options, rows) as bench:
        return _everything_due(bench)


@contextmanager
def _store(options: Options, rows: int) -> Iterator[Bench]:
    """A store whose events are all due today."""
    bench = Bench("postgresql", options.postgresql, options.folder / "large", Filling(rows, share=1.0))
    try:
        hold_some(bench)
        yield bench
    finally:
        bench.drop()


def _as_of(bench: Bench, today: dt.date, due: int) -> dt.date:
    """The day on which about so many of the events were due; with 0, none."""
    rows = bench.filling.rows
    days = math.ceil(rows * bench.step / 86_400)
    if not due:
        return today - dt.timedelta(days=days + 40)

    def apart(day: dt.date) -> float:
        there = (bench.cutoff_of(day) - bench.start).total_seconds() / bench.step
        return abs(math.log(there / due)) if there > 0 else math.inf

    about = round(days * (1 - due / rows))
    return min((today - dt.timedelta(days=max(0, about + shift)) for shift in range(-5, 6)), key=apart)


# nothing due


def _nothing_due(bench: Bench, repeat: int) -> Row:
    bench.prepare(*BEFORE_DISPOSAL)
    night = bench.night(PRISTINE)
    try:
        disposed = statistics.median(timed(lambda: STEPS["dispose"](night)) for _ in range(3))
        planned = statistics.median(timed(lambda: STEPS["plan"](night)) for _ in range(3))
        samples = due_against(bench, night, PROBED, repeat, PROBES)
    finally:
        night.session.close()
    said = (
        "ours is the count of what is due, bare is SELECT EXISTS by the anchor, both on one open connection, "
        f"{PROBES} times in a row; {samples.said('bare', 'ours')}; "
        f"plan and disposal of that night, which do not read the table: {planned * 1000:.0f} and {disposed * 1000:.0f} ms"
    )
    return Row(f"nothing due among {bench.filling.rows:,} rows", "< 2 x", ratio(samples, "ms"), said, samples.disturbed)


# disposals, each in a process of its own


def _everything_due(bench: Bench) -> Spent:
    """Scan, plan and disposal on a fresh copy, in one process."""
    bench.prepare("prepare")
    bench.restore()
    return _in_a_process(bench, "scan", "plan")


def _some_due(bench: Bench, today: dt.date, due: int, repeat: int) -> list[Spent]:
    """Disposals of about so many rows, on copies that have scan and plan behind them."""
    bench.as_of = _as_of(bench, today, due)
    bench.prepare(*BEFORE_DISPOSAL)
    found = []
    for _ in range(repeat):
        bench.restore()
        found.append(_in_a_process(bench))
    return found


def _in_a_process(bench: Bench, *steps: str) -> Spent:
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(_dispose, bench.workspace_of(WORK), bench.as_of, bench.run_id, steps).result()


def _dispose(workspace: Workspace, as_of: dt.date, run_id: str, steps: tuple[str, ...]) -> Spent:
    night = open_night(workspace, "usage", as_of=as_of, run_id=run_id)
    gone: dict[str, int | str] = {}
    try:
        for step in steps:
            STEPS[step](night)
        if steps:
            pass_validation(night)
        seconds = timed(lambda: gone.update(STEPS["dispose"](night)))
    finally:
        night.session.close()
    return Spent(int(gone.get("delete", 0)), seconds, _peak())


def _peak() -> float:
    """The most memory this process has had, in MiB: what the system counts for it may hold that of the process it came from."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text(encoding="ascii").splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


# what is said of them


def _growth(spent: Sequence[Spent]) -> Row:
    peaks = ", ".join(f"{one.rows:,} rows: {one.peak:.0f} MB" for one in spent)
    said = f"scan, plan and disposal of everything in one process, without Great Expectations, once each; peak memory: {peaks}"
    return Row("client memory from the smallest to the largest table", "< 30 MB", spent[-1].peak - spent[0].peak, said)


def _slope(spent: Sequence[Sequence[Spent]]) -> Row:
    """Least squares over the medians, both axes logarithmic."""
    rows = [statistics.median(one.rows for one in each) for each in spent]
    seconds = [statistics.median(one.seconds for one in each) for each in spent]
    slope = statistics.linear_regression([math.log(r) for r in rows], [math.log(s) for s in seconds]).slope
    said = ", ".join(
        f"{number(r)} rows: {s:.2f} s ({len(each)} times)" for r, s, each in zip(rows, seconds, spent, strict=True)
    )
    return Row(
        "cost against rows due, log-log slope", "<= 1.05", slope, f"disposal from one table of {number(rows[-1])} rows: {said}"
    )
