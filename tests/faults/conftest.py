"""A night whose disposal is about to begin, on every kind of database, by a list and by ranges."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import kind_of
from workbench import Bench

from tests import servers
from tests.faults.stage import Stage, again, planned
from tests.faults.tally import Tally
from tests.integration.conftest import _steady_for_whom_it_concerns
from tests.servers import Server

__all__ = ["_steady_for_whom_it_concerns"]


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


@pytest.fixture(scope="session")
def plans() -> Iterator[dict[tuple[str, ...], Stage]]:
    """Those that were made on the shared servers: file after file breaks copies of the same."""
    made: dict[tuple[str, ...], Stage] = {}
    yield made
    for stage in made.values():
        stage.close()


@pytest.fixture(scope="module")
def source(request: pytest.FixtureRequest, there: Bench, untouched_there: Bench, how: str, store: str) -> Iterator[Stage]:
    """The plan is made, in small batches; `final` is what an undisturbed night leaves."""
    plans, name = request.getfixturevalue("plans"), (there.url(store), how)
    if there is not untouched_there:
        made = _to_break(request, there, how, store)
        yield made
        made.close()
        return
    if name not in plans:
        plans[name] = _to_break(request, there, how, store)
    yield plans[name]


def _to_break(request: pytest.FixtureRequest, there: Bench, how: str, store: str) -> Stage:
    folders = request.getfixturevalue("fast_folder")
    sparse = how == "range" and kind_of(there.url(store)) == "mariadb"  # there a range counts numbers, few of which are rows
    declared = request.getfixturevalue("sparse_batches" if sparse else "small_batches")
    made = planned(there, folders(), store, how, declared)
    undisturbed = again(made, folders())
    undisturbed.comes_out()
    made.final = undisturbed.seen()
    undisturbed.close()
    return made


@pytest.fixture
def stage(folder: Path, source: Stage) -> Iterator[Stage]:
    """One to break."""
    made = again(source, folder / "broken")
    yield made
    made.close()
