"""No room is left for a store, or for the evidence: the night stops with a clear error, and goes on once there is room."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pymysql
import pytest
from databases import sql
from sqlalchemy import Engine, event, make_url
from workbench import Bench, take

from retention.errors import EvidenceError, RetentionError, StoreError, Transient
from retention.night import steps
from retention.night.record import store_receipts
from tests import servers
from tests.faults.stage import REST, RUN, Stage, on_private
from tests.faults.tally import Tally

NO_ROOM = "has no room left on its disk"
TABLESPACE_MIB = 48
ONE_FILE = "ibdata1:12M:autoextend:max:{mib}M"


@pytest.fixture(scope="module", params=["listed"])
def how(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def settings() -> dict[str, str]:
    """MariaDB: all tables and what undoes their changes in one file, which may not outgrow its maximum."""
    return {"innodb_file_per_table": "0", "innodb_data_file_path": ONE_FILE.format(mib=64)}


@pytest.fixture(scope="module")
def there(request: pytest.FixtureRequest, kind: str, untouched_there: Bench, store: str) -> Bench:
    if kind != "mariadb":
        return untouched_there
    return on_private(untouched_there, store, request.getfixturevalue("private"))


# a store


@contextmanager
def no_room(stage: Stage, request: pytest.FixtureRequest) -> Iterator[None]:
    """While it lasts, the store's disk takes not a page more."""
    if stage.kind == "sqlite":
        full = at_most(stage.bench.file(stage.store))
    elif stage.kind == "postgresql":
        full = _small_tablespace(stage)
    else:
        full = _filled(request.getfixturevalue("private"))
    with full:
        yield


@contextmanager
def at_most(file: Path) -> Iterator[None]:
    """A SQLite file that may not grow: the error is SQLite's own."""

    def limit(connection: Any, _record: Any) -> None:
        if not isinstance(connection, sqlite3.Connection):
            return
        listed = connection.execute("PRAGMA database_list").fetchone()
        if listed and Path(listed[2]) == file.resolve():
            pages = connection.execute("PRAGMA page_count").fetchone()[0]
            connection.execute(f"PRAGMA max_page_count = {pages}")

    event.listen(Engine, "connect", limit)
    try:
        yield
    finally:
        event.remove(Engine, "connect", limit)


@contextmanager
def _small_tablespace(stage: Stage) -> Iterator[None]:
    url = make_url(stage.bench.url(stage.store))
    place = Path(os.environ["RETENTION_TEST_SERVERS"]) / f"small-{url.database}"
    place.mkdir()
    options = f"size={TABLESPACE_MIB}m,mode=0777"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(place)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    try:
        (place / "space").mkdir(mode=0o777)
        (place / "space").chmod(0o777)
        shutil.chown(place / "space", user="postgres" if os.geteuid() == 0 else None)
        home = servers.server_url("postgresql")
        servers.run(home, f"CREATE TABLESPACE {url.database} LOCATION '{place / 'space'}'")
        servers.disconnect(url)
        servers.run(home, f"ALTER DATABASE {url.database} SET TABLESPACE {url.database}")
        with (place / "filler").open("wb") as filler:
            _fill(filler.fileno())
        yield
        (place / "filler").unlink()
        servers.disconnect(url)
        servers.run(home, f"ALTER DATABASE {url.database} SET TABLESPACE pg_default", f"DROP TABLESPACE {url.database}")
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def _fill(descriptor: int) -> None:
    for size in (1 << 20, 4096):
        try:
            while True:
                os.write(descriptor, b"x" * size)
        except OSError:
            continue


@contextmanager
def _filled(server: servers.Server) -> Iterator[None]:
    """Something beside the store takes up what is left of the server's only file."""
    filler = servers.create_database("mariadb", beside=server.url)
    sql(filler, "CREATE TABLE filler (x LONGBLOB)")
    for size in (1 << 20, 1 << 16, 1 << 12, 100):
        with pytest.raises(pymysql.err.OperationalError, match="is full"):
            for _ in range(10_000):
                sql(filler, "INSERT INTO filler VALUES (repeat('x', ?))", size)
    yield
    server.stop()
    server.settings["innodb_data_file_path"] = ONE_FILE.format(mib=128)
    server.start()


def test_no_room_for_the_store(stage: Stage, tally: Tally, request: pytest.FixtureRequest) -> None:
    with no_room(stage, request), pytest.raises(StoreError) as error:
        try:
            stage.dispose()
        except Transient:  # a server without room may fail to open a session at first: that is tried again
            stage.dispose()
    tally.hit("no room for a store")
    assert NO_ROOM in error.value.message
    assert "free space" in error.value.mend
    stage.holds_good()
    assert stage.final is not None
    assert stage.seen().rows != stage.final.rows
    stage.comes_out()


# the evidence


@pytest.fixture
def failed(monkeypatch: pytest.MonkeyPatch) -> Callable[[Stage, str, tuple[str, ...]], RetentionError]:
    """What a night says whose evidence has no room, as the command line runs it."""

    def run(stage: Stage, run_id: str, names: tuple[str, ...]) -> RetentionError:
        night = stage.bench.night(stage.store, run_id=run_id)
        with at_most(stage.workspace.home / "evidence.db"):
            night.evidence.engine.dispose()
            with pytest.raises(RetentionError) as error:
                try:
                    take(night, names)
                except RetentionError as reason:
                    steps.fail(night, reason)  # says nothing of its own
                    raise
            night.evidence.engine.dispose()
        return error.value

    return run


def test_no_room_for_the_evidence_after_disposal(stage: Stage, tally: Tally, failed: Any) -> None:
    """What went is receipted in the store, and the next run seals it."""
    reason = failed(stage, RUN, ("dispose", "record"))
    tally.hit("no room for evidence")
    assert isinstance(reason, EvidenceError)
    assert NO_ROOM in reason.message
    assert stage.final is not None
    assert stage.seen().rows == stage.final.rows
    stage.holds_good()
    there = set(store_receipts(stage.workspace, stage.store).at_first)
    sealed = {receipt.receipt_id for receipt in stage.bench.evidence.receipts()}
    assert sealed < there

    ran = stage.bench.run(stage.store, REST, run_id="later")
    assert ran["prepare"]["receipts_recovered"] == len(there - sealed) > 0
    assert {receipt.receipt_id for receipt in stage.bench.evidence.receipts()} == there
    stage.comes_out("later", ())


def test_no_room_for_the_evidence_before_disposal(stage: Stage, tally: Tally, failed: Any) -> None:
    """A night that cannot put its plan on record disposes of nothing."""
    reason = failed(stage, "full", REST)
    tally.hit("no room for evidence")
    assert isinstance(reason, EvidenceError)
    assert NO_ROOM in reason.message
    assert stage.seen().rows == stage.before
    stage.holds_good()
    stage.comes_out("later", REST)
