"""A sample is generated once and copied for every test: a night changes it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
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
from tests import servers

_FAST = Path("/dev/shm")  # nothing here outlives a power cut


_read: dict[bytes, Any] = {}
_load = source._load


def _load_once(path: Path) -> Any:
    """Reading the declaration takes most of a second, and most tests change one file of it at most."""
    content = path.read_bytes() if path.is_file() else b""
    if content not in _read:
        _read[content] = _load(path)
    return _read[content]


@contextmanager
def _steady() -> Iterator[None]:
    """It is always the same day, and a file that says the same is not parsed again."""
    with pytest.MonkeyPatch.context() as patch:
        set_day(patch, AS_OF)
        patch.setattr(source, "_load", _load_once)
        patch.delenv("RETENTION_DIGEST_KEY", raising=False)
        yield


@pytest.fixture(scope="module", autouse=True)
def _steady_for_whom_it_concerns(request: pytest.FixtureRequest) -> Iterator[None]:
    """Modules that do not work at the bench have a calendar of their own."""
    with _steady() if hasattr(request.module, "Bench") else nullcontext():
        yield


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
def untouched(fast_folder: Callable[[], Path]) -> Bench:
    """The sample before its night, every hold and request placed. Copy it; do not change it."""
    return _prepared(Workspace.at(fast_folder(), decision_set="example"))


def _prepared(workspace: Workspace, **options: Any) -> Bench:
    """A sample before its night, every hold and request placed."""
    sample = generate(workspace.store_url, as_of=AS_OF, usage_rows=1_000, **options)
    for store, url in workspace.store_urls.items():
        install_store(store, url)
    with _steady():
        bundle, evidence = workspace.bundle(), workspace.evidence()
        for instruction in sample.instructions:
            asked = {name: value for name, value in vars(instruction).items() if name != "scope"}
            holds.place(workspace, bundle, evidence, holds.Request(**asked))
        evidence.engine.dispose()
    workspace.digest_key()
    return Bench(workspace, sample)


@pytest.fixture(scope="session")
def after_night(fast_folder: Callable[[], Path], untouched: Bench) -> Bench:
    """The same after a whole night over the four stores. Copy it; do not change it."""
    bench = Bench(copy(untouched.workspace, fast_folder()), untouched.sample)
    with _steady():
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


@pytest.fixture(scope="session")
def small_batches(fast_folder: Callable[[], Path]) -> dict[str, Path]:
    """The declaration with batches of ten rows."""
    return redeclare(fast_folder(), sets={"example": limit(batch_rows=10)})


@pytest.fixture
def batched(folder: Path, untouched: Bench, small_batches: dict[str, Path]) -> Iterator[Bench]:
    """A sample of one's own whose nights dispose of ten rows at a time."""
    made = Bench(copy(untouched.workspace, folder / "batched", **small_batches), untouched.sample)
    yield made
    made.close()


# the same on every kind of database


@pytest.fixture(scope="session", params=["sqlite", *servers.KINDS])
def kind(request: pytest.FixtureRequest) -> str:
    """What kind of database the stores are."""
    return str(request.param)


@pytest.fixture(scope="session")
def untouched_in_files(fast_folder: Callable[[], Path]) -> Bench:
    """The sample that every kind of database can hold, in files."""
    return _prepared(Workspace.at(fast_folder(), decision_set="example"), typed=True)


@pytest.fixture(scope="session")
def untouched_there(kind: str, fast_folder: Callable[[], Path], untouched_in_files: Bench) -> Iterator[Bench]:
    """The sample that every kind of database can hold, before its night. Copy it; do not change it."""
    if kind == "sqlite":
        yield untouched_in_files
        return
    urls = {store: create(kind) for store in STORES}
    bench = _prepared(replace(Workspace.at(fast_folder(), decision_set="example"), store_urls=urls))
    yield bench
    bench.close()


@pytest.fixture(scope="session")
def after_night_there(fast_folder: Callable[[], Path], untouched_there: Bench) -> Iterator[Bench]:
    """The same after a whole night over the four stores."""
    bench = Bench(copy(untouched_there.workspace, fast_folder()), untouched_there.sample)
    with _steady():
        bench.whole_night()
    yield bench
    bench.close()


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
