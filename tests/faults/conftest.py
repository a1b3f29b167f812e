"""A night whose disposal is about to begin, on every kind of database, by a list and by ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from workbench import Bench

from tests.faults.stage import Stage, again, planned
from tests.faults.tally import Tally
from tests.integration.conftest import (
    _steady_for_whom_it_concerns,
    fast_folder,
    folder,
    kind,
    small_batches,
    untouched_in_files,
    untouched_there,
)

__all__ = [
    "_steady_for_whom_it_concerns",
    "fast_folder",
    "folder",
    "kind",
    "small_batches",
    "untouched_in_files",
    "untouched_there",
]


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Tally:
    return Tally(request.node)


@pytest.fixture(scope="module", params=["listed", "range"])
def how(request: pytest.FixtureRequest) -> str:
    """How due rows are found."""
    return str(request.param)


@pytest.fixture(scope="module")
def store() -> str:
    """The store that is broken; a module may choose another."""
    return "transaction"


@pytest.fixture(scope="module")
def source(
    fast_folder: Callable[[], Path], untouched_there: Bench, small_batches: dict[str, Path], how: str, store: str
) -> Iterator[Stage]:
    """The plan is made, in batches of ten; `final` is what an undisturbed night leaves."""
    made = planned(untouched_there, fast_folder(), store, how, small_batches)
    undisturbed = again(made, fast_folder())
    undisturbed.comes_out()
    made.final = undisturbed.seen()
    undisturbed.close()
    yield made
    made.close()


@pytest.fixture
def stage(folder: Path, source: Stage) -> Iterator[Stage]:
    """One to break."""
    made = again(source, folder / "broken")
    yield made
    made.close()
