"""What all benchmarks have in common: sides measured in turn, medians, and the machine they were measured on."""

from __future__ import annotations

import operator
import os
import platform
import re
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

BUSY = 0.2  # share of all cores at work above which a repetition is not begun
PATIENCE = 10.0  # seconds it is waited for


@dataclass(frozen=True)
class Options:
    """`rows` of a table of ordinary size and `large` of the largest; `repeat` counted repetitions, after one that warms up."""

    rows: int
    repeat: int
    folder: Path
    postgresql: str
    mariadb: str
    large: int = 10_000_000


@dataclass
class Row:
    """One row of the page. `goal` is a comparison, a number and its unit if any, as in `>= 0.7`, `<= 2 x` or `<= 50 ms`.

    `ratio` is what was found, in the unit of the goal; `detail` gives medians with their units.
    """

    what: str
    goal: str
    ratio: float | None
    detail: str
    disturbed: int = 0

    @property
    def met(self) -> bool | None:
        """None where there is no goal, or nothing was found."""
        parts = _GOAL.fullmatch(self.goal)
        if parts is None or self.ratio is None:
            return None
        return _COMPARED[parts[1]](self.ratio, float(parts[2]))

    @property
    def found(self) -> str:
        """The figure with its unit."""
        parts = _GOAL.fullmatch(self.goal)
        return "–" if self.ratio is None else f"{number(self.ratio)} {parts[3] if parts else ''}".rstrip()


_GOAL = re.compile(r"([<>]=?) ([0-9.]+) ?(\S*)")
_COMPARED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def number(value: float) -> str:
    """Three digits, or all of a larger whole number."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"


@dataclass
class Samples:
    """Figures by side and name, one for each repetition."""

    values: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    disturbed: int = 0

    def median(self, side: str, name: str = "seconds") -> float:
        return statistics.median(self.values[side][name])

    def said(self, *sides: str) -> str:
        """The medians of all figures, side by side."""
        named = self.values[sides[0]]
        return "; ".join(f"{name}: {', '.join(f'{number(self.median(s, name))} {s}' for s in sides)}" for name in named)


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
