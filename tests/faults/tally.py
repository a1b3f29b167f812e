"""Counts what was broken on purpose and what came of it, over all tests and workers of a run."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Iterator

import pytest

_MINE = "fault"
_BEGAN = time.monotonic()


class Tally:
    """What one test injects. Its assertions say whether the outcome was right: a test that fails is a wrong outcome."""

    def __init__(self, node: pytest.Item) -> None:
        self.node = node

    def hit(self, what: str, times: int = 1) -> None:
        self.node.user_properties.append((_MINE, f"{what}\t{times}"))


class Summary:
    """A plugin of the process that reports: one line at the end."""

    def __init__(self) -> None:
        self.faults: Counter[str] = Counter()
        self.wrong = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        mine = "tests/faults/" in report.nodeid
        self.wrong += mine and report.failed
        if report.when != "call":
            return
        for name, value in report.user_properties:
            if name == _MINE:
                what, times = str(value).split("\t")
                self.faults[what] += int(times)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if self.faults or self.wrong:
            each = ", ".join(f"{what} {times}" for what, times in sorted(self.faults.items()))
            terminalreporter.write_line(f"faults injected: {self.faults.total()}, wrong outcomes: {self.wrong} ({each})")


def rounds() -> Iterator[int]:
    """Seeds: one in an ordinary run, always the same; new ones for RETENTION_SOAK_MINUTES, shared by the tests that soak.

    RETENTION_FAULT_SEED has one round again, with the seed that was printed when it failed.
    """
    again = os.environ.get("RETENTION_FAULT_SEED")
    minutes = 0.0 if again else float(os.environ.get("RETENTION_SOAK_MINUTES", "0"))
    began, turn, seed = time.monotonic(), 0, int(again or ORDINARY)
    while turn == 0 or time.monotonic() - began < minutes * 60 / SOAKING:
        test = os.environ.get("PYTEST_CURRENT_TEST", "").partition(" ")[0]
        print(f"{time.monotonic() - _BEGAN:6.0f} s  {test}  round {turn}, again with RETENTION_FAULT_SEED={seed}", flush=True)
        yield seed
        turn, seed = turn + 1, int.from_bytes(os.urandom(4))


ORDINARY = 20260615
SOAKING = 20  # tests that go on for their share of the minutes
