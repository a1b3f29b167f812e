"""A sample is generated once and copied for every test: a night changes it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from pathlib import Path

import pytest
from workbench import Bench, copy

from retention.workspace import Workspace
from tests.samples import prepared, steady


@pytest.fixture(scope="module", autouse=True)
def _steady_for_whom_it_concerns(request: pytest.FixtureRequest) -> Iterator[None]:
    """Modules that do not work at the bench have a calendar of their own."""
    with steady() if hasattr(request.module, "Bench") else nullcontext():
        yield


@pytest.fixture(scope="session")
def untouched(fast_folder: Callable[[], Path]) -> Bench:
    """The sample before its night, every hold and request placed. Copy it; do not change it."""
    return prepared(Workspace.at(fast_folder(), decision_set="example"))


@pytest.fixture(scope="session")
def after_night(fast_folder: Callable[[], Path], untouched: Bench) -> Bench:
    """The same after a whole night over the four stores. Copy it; do not change it."""
    bench = Bench(copy(untouched.workspace, fast_folder()), untouched.sample)
    with steady():
        bench.whole_night()
    bench.close()
    return bench


@pytest.fixture
def bench(folder: Path, untouched: Bench) -> Iterator[Bench]:
    """A sample of one's own, before its night."""
    made = Bench(copy(untouched.workspace, folder / "bench"), untouched.sample)
    yield made
    made.close()


@pytest.fixture
def later(folder: Path, after_night: Bench) -> Iterator[Bench]:
    """A sample of one's own, after its first night."""
    made = Bench(copy(after_night.workspace, folder / "later"), after_night.sample, _runs=100)
    yield made
    made.close()


@pytest.fixture
def batched(folder: Path, untouched: Bench, small_batches: dict[str, Path]) -> Iterator[Bench]:
    """A sample of one's own whose nights dispose of ten rows at a time."""
    made = Bench(copy(untouched.workspace, folder / "batched", **small_batches), untouched.sample)
    yield made
    made.close()


# the same on every kind of database


@pytest.fixture
def bench_there(folder: Path, untouched_there: Bench) -> Iterator[Bench]:
    """A sample of one's own on that kind of database, before its night."""
    made = Bench(copy(untouched_there.workspace, folder / "bench"), untouched_there.sample)
    yield made
    made.close()


@pytest.fixture
def later_there(folder: Path, after_night_there: Bench) -> Iterator[Bench]:
    """A sample of one's own on that kind of database, after its first night."""
    made = Bench(copy(after_night_there.workspace, folder / "later"), after_night_there.sample, _runs=100)
    yield made
    made.close()
