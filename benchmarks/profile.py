"""Where the time of a disposal goes: statements by what they do, the plan of one slice, and the client's functions."""

from __future__ import annotations

import cProfile
import io
import pstats
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, create_engine, event

from benchmarks.harness import Options, timed
from benchmarks.store import BEFORE_DISPOSAL, WORK, Bench, Filling, hold_some
from retention.night.steps import STEPS

WIDTH = 150  # of a line of the plan: a verdict fills pages


@dataclass
class Statements:
    """What was sent to databases: how often and how long, by the first words; and one DELETE as it was sent."""

    seconds: Counter[str] = field(default_factory=Counter)
    times: Counter[str] = field(default_factory=Counter)
    slowest: tuple[float, str, Any] = (0.0, "", None)

    def add(self, what: str, seconds: float) -> None:
        self.seconds[what] += seconds
        self.times[what] += 1


def profile(options: Options, *, shuffled: bool) -> None:
    """Prints the profile of a disposal by one worker on PostgreSQL, which the profiler of one thread sees whole."""
    filling = Filling(options.rows, shuffled=shuffled)
    bench = Bench("postgresql", options.postgresql, options.folder / "profile", filling)
    try:
        hold_some(bench)
        bench.pace(workers=1)
        bench.prepare(*BEFORE_DISPOSAL)
        _dispose(bench, None)
        profiler = cProfile.Profile()
        with _listening() as statements:
            seconds = _dispose(bench, profiler)
        print(f"disposal of {int(filling.rows * filling.share):,} of {filling.rows:,} rows: {seconds:.2f} s\n")
        _print_statements(statements, seconds)
        _print_plan(bench, statements)
        _print_functions(profiler)
    finally:
        bench.drop()


def _dispose(bench: Bench, profiler: cProfile.Profile | None) -> float:
    bench.restore()
    night = bench.night(WORK)
    try:
        if profiler is None:
            return timed(lambda: STEPS["dispose"](night))
        return timed(lambda: profiler.runcall(STEPS["dispose"], night))
    finally:
        night.session.close()


@contextmanager
def _listening() -> Iterator[Statements]:
    """Times every statement of every engine until the block ends."""
    found = Statements()

    def before(connection: Any, _cursor: Any, _statement: str, _values: Any, _context: Any, _many: bool) -> None:
        connection.info["began"] = time.perf_counter()

    def after(connection: Any, _cursor: Any, statement: str, values: Any, _context: Any, _many: bool) -> None:
        seconds = time.perf_counter() - connection.info["began"]
        found.add(f"{connection.dialect.name}: {' '.join(statement.split()[:6])}", seconds)
        if "DELETE FROM page_events" in statement and seconds > found.slowest[0]:
            found.slowest = (seconds, statement, values)

    events = (("before_cursor_execute", before), ("after_cursor_execute", after))
    for name, hear in events:
        event.listen(Engine, name, hear)
    try:
        yield found
    finally:
        for name, hear in events:
            event.remove(Engine, name, hear)


def _print_statements(found: Statements, seconds: float) -> None:
    print("statements, by their first words (the rest is the client's, and commits)")
    for what, spent in found.seconds.most_common(12):
        print(f"  {spent:8.3f} s  {spent / seconds:5.1%}  {found.times[what]:6} times  {what}")
    print()


def _print_plan(bench: Bench, found: Statements) -> None:
    """The slowest DELETE again, on a fresh copy and rolled back."""
    _, statement, values = found.slowest
    bench.restore()
    engine = create_engine(bench.url(WORK))
    with engine.connect() as connection:
        connection.exec_driver_sql("SET jit = off")
        for (line,) in connection.exec_driver_sql(f"EXPLAIN (ANALYZE, TIMING, BUFFERS, WAL) {statement}", values):
            print(line if len(line) <= WIDTH else f"{line[:WIDTH]} …")
    engine.dispose()
    print()


def _print_functions(profiler: cProfile.Profile) -> None:
    said = io.StringIO()
    pstats.Stats(profiler, stream=said).sort_stats("tottime").print_stats(20)
    print(said.getvalue())
