"""Stores with sample data as several folders of tests copy them: on every kind of database, made once a process."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from databases import create
from workbench import AS_OF, STORES, Bench, copy, limit, redeclare, set_day

from retention import holds
from retention.declare import source
from retention.installation import install_store
from retention.sample import generate
from retention.workspace import Workspace
from tests import servers, thrift

_FAST = Path("/dev/shm")  # nothing here outlives a power cut


@contextmanager
def steady() -> Iterator[None]:
    """It is always the same day, and a file that says the same is not parsed again."""
    with pytest.MonkeyPatch.context() as patch:
        set_day(patch, AS_OF)
        patch.setattr(source, "_load", thrift.load_once)
        patch.delenv("RETENTION_DIGEST_KEY", raising=False)
        yield


def prepared(workspace: Workspace, **options: Any) -> Bench:
    """A sample before its night, every hold and request placed."""
    sample = generate(workspace.store_url, as_of=AS_OF, usage_rows=1_000, **options)
    for store, url in workspace.store_urls.items():
        install_store(store, url)
    with steady():
        bundle, evidence = workspace.bundle(), workspace.evidence()
        for instruction in sample.instructions:
            asked = {name: value for name, value in vars(instruction).items() if name != "scope"}
            holds.place(workspace, bundle, evidence, holds.Request(**asked))
        evidence.engine.dispose()
    workspace.digest_key()
    return Bench(workspace, sample)


@pytest.fixture(scope="session")
def fast_folder() -> Iterator[Callable[[], Path]]:
    """Makes folders where writing is quick, and removes them."""
    root = Path(tempfile.mkdtemp(prefix="retention-tests-", dir=_FAST if _FAST.is_dir() else None))
    numbers = iter(range(1_000_000))

    def make() -> Path:
        folder = root / str(next(numbers))
        folder.mkdir()
        return folder

    yield make
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def folder(fast_folder: Callable[[], Path]) -> Iterator[Path]:
    made = fast_folder()
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def small_batches(fast_folder: Callable[[], Path]) -> dict[str, Path]:
    """The declaration with batches of ten rows."""
    return redeclare(fast_folder(), sets={"example": limit(batch_rows=10)})


@pytest.fixture(scope="session")
def sparse_batches(fast_folder: Callable[[], Path]) -> dict[str, Path]:
    """The same with batches of forty."""
    return redeclare(fast_folder(), sets={"example": limit(batch_rows=40)})


@pytest.fixture(scope="session", params=["sqlite", *servers.KINDS])
def kind(request: pytest.FixtureRequest) -> str:
    """What kind of database the stores are."""
    return str(request.param)


@pytest.fixture(scope="session")
def untouched_in_files(fast_folder: Callable[[], Path]) -> Bench:
    """The sample that every kind of database can hold, in files."""
    return prepared(Workspace.at(fast_folder(), decision_set="example"), typed=True)


class Samples:
    """The same on each kind of database, made when it is first asked for: tests turn from kind to kind, file after file."""

    def __init__(self, folder: Callable[[], Path], in_files: Bench) -> None:
        self._folder = folder
        self._before = {"sqlite": in_files}
        self._after: dict[str, Bench] = {}

    def before(self, kind: str) -> Bench:
        if kind not in self._before:
            urls = {store: create(kind) for store in STORES}
            workspace = replace(Workspace.at(self._folder(), decision_set="example"), store_urls=urls)
            self._before[kind] = prepared(workspace)
        return self._before[kind]

    def after(self, kind: str) -> Bench:
        if kind not in self._after:
            made = self._after[kind] = Bench(copy(self.before(kind).workspace, self._folder()), self.before(kind).sample)
            with steady():
                made.whole_night()
        return self._after[kind]

    def close(self) -> None:
        for bench in (*self._before.values(), *self._after.values()):
            bench.close()


@pytest.fixture(scope="session")
def samples(fast_folder: Callable[[], Path], untouched_in_files: Bench) -> Iterator[Samples]:
    made = Samples(fast_folder, untouched_in_files)
    yield made
    made.close()


@pytest.fixture(scope="session")
def untouched_there(kind: str, samples: Samples) -> Bench:
    """The sample that every kind of database can hold, before its night. Copy it; do not change it."""
    return samples.before(kind)


@pytest.fixture(scope="session")
def after_night_there(kind: str, samples: Samples) -> Bench:
    """The same after a whole night over the four stores."""
    return samples.after(kind)
