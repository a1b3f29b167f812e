"""A night whose disposal is about to begin, on every kind of database, by a list and by ranges."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from workbench import Bench

from tests import servers
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
from tests.servers import Server

__all__ = [
    "_steady_for_whom_it_concerns",
    "fast_folder",
    "folder",
    "kind",
    "small_batches",
    "untouched_in_files",
    "untouched_there",
]


@pytest.fixture(autouse=True)
def _nobody_left() -> Iterator[None]:
    """A child that a failed test left standing still would keep the worker's pipes open, and the run from ending."""
    yield
    for child in multiprocessing.active_children():
        child.kill()
        child.join(10)


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
def settings() -> dict[str, str]:
    """With which a private server is started; a module may choose others."""
    return {}


@pytest.fixture(scope="module")
def private(kind: str, settings: dict[str, str]) -> Iterator[Server]:
    """A server of the module's own, to be stopped, killed or filled."""
    if kind == "sqlite":
        pytest.skip("a file has no server")
    started = servers.private_postgresql if kind == "postgresql" else servers.private_mariadb
    with started(**settings) as server:
        yield server


@pytest.fixture(scope="module")
def there(untouched_there: Bench) -> Bench:
    """The store's server; a module may choose its own (`stage.on_private`)."""
    return untouched_there


@pytest.fixture(scope="module")
def source(
    fast_folder: Callable[[], Path], there: Bench, small_batches: dict[str, Path], how: str, store: str
) -> Iterator[Stage]:
    """The plan is made, in batches of ten; `final` is what an undisturbed night leaves."""
    made = planned(there, fast_folder(), store, how, small_batches)
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
