"""What all benchmarks have in common: sides measured in turn, medians, and the machine they were measured on."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

BUSY = 0.2  # share of all cores at work above which a repetition is not begun
PATIENCE = 10.0  # seconds it is waited for


@dataclass(frozen=True)
class Options:
    """`rows` of the largest table; `repeat` counted repetitions, after one that warms up."""

    rows: int
    repeat: int
    folder: Path
    postgresql: str
    mariadb: str


@dataclass
class Row:
    """One row of the page. `ratio` is dimensionless; `detail` gives medians with their units."""

    what: str
    goal: str
    ratio: float | None
    detail: str
    disturbed: int = 0


@dataclass
class Samples:
    """Figures by side and name, one for each repetition."""

    values: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    disturbed: int = 0

    def median(self, side: str, name: str = "seconds") -> float:
        return statistics.median(self.values[side][name])


Side = Callable[[], Mapping[str, float]]


def in_turn(sides: Mapping[str, Side], repeat: int) -> Samples:
    """Measures the sides one after the other, round after round, and begins each round with another side.

    The first round warms up and is not counted.
    """
    found = Samples({name: {} for name in sides})
    names = list(sides)
    for number in range(repeat + 1):
        for name in names[number % len(names) :] + names[: number % len(names)]:
            found.disturbed += number > 0 and repeat > 1 and not quiet()
            for figure, value in sides[name]().items():
                if number:
                    found.values[name].setdefault(figure, []).append(value)
    return found


def quiet() -> bool:
    """Waits until nothing else runs here to speak of; False where that did not come about in time."""
    end = time.monotonic() + PATIENCE
    while _busy_share() > BUSY:
        if time.monotonic() > end:
            return False
    return True


def _busy_share() -> float:
    """Share of all cores that was at work during half a second: the load average would remember our own work."""
    before = _ticks()
    time.sleep(0.5)
    after = _ticks()
    total = sum(after) - sum(before)
    idle = after[3] + after[4] - before[3] - before[4]
    return 1 - idle / total if total else 0.0


def _ticks() -> list[int]:
    path = Path("/proc/stat")
    return (
        [int(number) for number in path.read_text(encoding="ascii").split("\n")[0].split()[1:9]] if path.exists() else [0] * 8
    )


def timed(action: Callable[[], object]) -> float:
    """Seconds."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def machine() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    system = f"{platform.system()} {platform.machine()}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {system}"
