"""A night on one store, broken in the middle: what is set up, what is broken, and what must be true afterwards."""

from __future__ import annotations

import multiprocessing
import os
import random
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import pymysql
import pytest
from databases import duplicate, kind_of, moved, remove
from sqlalchemy import Connection, Engine, event, make_url, text
from workbench import AS_OF, UNTIL_DISPOSAL, Bench, copy, take

from retention.declare.mapped import MappedStore
from retention.errors import RetentionError
from retention.evidence import keysets
from retention.night import steps
from retention.night.disposal import strategy
from retention.stores.connect import make_engine
from retention.stores.places import placed, table_of
from retention.workspace import Workspace
from tests.faults.tally import rounds
from tests.servers import Server

FORK = multiprocessing.get_context("fork")  # a process of its own that need not import everything anew
RUN = "broken"
REST = ("prepare", "scan", "plan", "dispose", "record")
Rows = dict[str, dict[Any, tuple[Any, ...]]]


@dataclass(frozen=True)
class Seen:
    """A store at one moment: rows by population and key, and the keys that receipts name by population and action."""

    rows: Rows
    receipted: dict[tuple[str, str], list[Any]]

    def since(self, before: Rows) -> tuple[dict[str, set[Any]], dict[str, set[Any]]]:
        """Keys of rows that are gone, and of rows that are not what they were."""
        gone = {name: rows.keys() - self.rows[name].keys() for name, rows in before.items()}
        changed = {name: {k for k, row in self.rows[name].items() if before[name].get(k, row) != row} for name in before}
        return gone, changed


@dataclass
class Stage:
    """A copy of one store with the whole workspace around it, about to dispose of what its plan found."""

    bench: Bench
    store: str
    before: Rows
    final: Seen | None = None
    at_any_moment: ClassVar[bool] = True  # one can look while others work

    @property
    def kind(self) -> str:
        return kind_of(self.bench.url(self.store))

    @property
    def workspace(self) -> Workspace:
        return self.bench.workspace

    def seen(self) -> Seen:
        """Rows and receipts as of one moment: what a killed worker had asked for may still be going on."""
        store = placed(self.bench.bundle.store(self.store), self.bench.url(self.store))
        engine = make_engine(self.bench.url(self.store), readonly=True, schemas=store.declared.schemas)
        try:
            with engine.begin() as connection:
                return Seen(self._rows(connection, store), self._receipted(connection))
        finally:
            engine.dispose()

    def _rows(self, connection: Connection, store: MappedStore) -> Rows:
        found: Rows = {}
        quoted = connection.dialect.identifier_preparer.quote
        for population in store.declared.populations:
            table = connection.dialect.identifier_preparer.format_table(table_of(population))
            rows = connection.execute(text(f"SELECT {quoted(population.key)}, t.* FROM {table} t"))
            found[population.name] = {row[0]: tuple(row[1:]) for row in rows}
        return found

    def _receipted(self, connection: Connection) -> dict[tuple[str, str], list[Any]]:
        found: dict[tuple[str, str], list[Any]] = {}
        secret = self.workspace.digest_key()
        names = "receipt_id, store, population, scheme, root, keyset, action, rows"
        for row in connection.execute(text(f"SELECT {_quoted(connection, names)} FROM retention_receipt")):
            opened = keysets.opened(secret, keysets.KeySet(*row[:6]))
            assert isinstance(opened, keysets.Blocks)
            assert opened.count == row[7]
            found.setdefault((row[2], row[6]), []).extend(opened.keys().tolist())
        return found

    def gone(self, population: str) -> set[Any]:
        """The keys of rows that were deleted, by their receipts."""
        return set(self.seen().receipted.get((population, "delete"), []))

    # what must be true

    def holds_good(self, before: Rows | None = None) -> int:
        """Rows gone are rows receipted, once; rows changed likewise; nothing went that an undisturbed night keeps.

        Returns how many went or changed.
        """
        seen, before = self.seen(), self.before if before is None else before
        gone, changed = seen.since(before)
        for name in before:
            blanked = seen.receipted.get((name, "minimise"), []) + seen.receipted.get((name, "anonymise"), [])
            left = seen.receipted.get((name, "delete"), []) + seen.receipted.get((name, "archive"), [])
            assert sorted(left) == sorted(gone[name])
            assert sorted(blanked) == sorted(changed[name])
        for source in self.bench.bundle.store(self.store).declared.populations:
            if source.archive is not None:  # what left for the archive is there, once, and nothing else came
                there = source.archive.population
                came = seen.rows[there].keys() - before[there].keys()
                assert sorted(came) == sorted(seen.receipted.get((source.name, "archive"), []))
        if self.final is not None:
            due_gone, due_changed = self.final.since(before)
            for name in before:
                assert gone[name] <= due_gone[name]
                assert changed[name] <= due_changed[name]
        return sum(map(len, gone.values())) + sum(map(len, changed.values()))

    def comes_out(self, run_id: str = RUN, names: Sequence[str] = ("dispose", "record")) -> None:
        """Goes on undisturbed, to the end that an undisturbed night has; and the evidence verifies."""
        take(self.bench.night(self.store, run_id=run_id), names)
        self.holds_good()
        if self.final is not None:
            assert self.seen().rows == self.final.rows
        assert self.bench.findings([self.store]) == []

    # what is done

    def dispose(self, run_id: str = RUN, names: Sequence[str] = ("dispose",)) -> None:
        take(steps.open_night(self.workspace, self.store, as_of=AS_OF, run_id=run_id), names)

    def child(self, do: Callable[[], object]) -> Any:
        """Does it in a process of its own. Its exit code is that of the product's error; 99 is an error nobody foresaw."""
        process = FORK.Process(target=_leaving, args=(do,))
        process.start()
        return process

    def close(self) -> None:
        for night in self.bench.nights:
            night.session.close()
            night.evidence.engine.dispose()
        if self.kind != "sqlite":
            remove(self.bench.url(self.store))


def _quoted(connection: Connection, names: str) -> str:
    quoted = connection.dialect.identifier_preparer.quote
    return ", ".join(quoted(name.strip()) for name in names.split(","))


def _leaving(do: Callable[[], object]) -> None:
    try:
        do()
    except RetentionError as error:
        os._exit(error.exit_code)
    except BaseException as error:
        print(type(error).__name__, str(error)[:500], flush=True)
        os._exit(99)
    os._exit(0)


def on_private(bench: Bench, store: str, server: Server) -> Bench:
    """The same with one store on a private server."""
    urls = {**bench.workspace.store_urls, store: moved(bench.url(store), server)}
    return Bench(replace(bench.workspace, store_urls=urls), bench.sample)


def planned(source: Bench, folder: Path, store: str, how: str, declared: dict[str, Path]) -> Stage:
    """A copy of a store whose night has made its plan: its rows are found by `how`, range or listed."""
    stage = _copied(source.workspace, source, folder, store, declared)
    with pytest.MonkeyPatch.context() as patch:
        if how == "range":
            patch.setattr(strategy, "DENSE_ROWS", 0)
            patch.setattr(strategy, "DENSE_SHARE", 0.0)
        stage.bench.run(store, UNTIL_DISPOSAL, run_id=RUN)
    stage.before = stage.seen().rows
    return stage


def again(source: Stage, folder: Path) -> Stage:
    """A copy to break."""
    workspace = source.workspace
    made = _copied(
        workspace, source.bench, folder, source.store, {"declarations": workspace.declarations, "sql": workspace.sql}
    )
    made.before, made.final = source.before, source.final
    return made


def stages(source: Stage, folder: Path) -> Iterator[tuple[Stage, random.Random]]:
    """One to break for each round, with chance that depends on the round's seed alone."""
    for turn, seed in enumerate(rounds()):
        made = again(source, folder / str(turn))
        yield made, chance_of(seed, source)
        made.close()


def chance_of(seed: int, source: Stage) -> random.Random:
    """Depends on the seed and the kind of database alone."""
    return random.Random(f"{seed} {source.kind}")


def _copied(workspace: Workspace, bench: Bench, folder: Path, store: str, declared: dict[str, Path]) -> Stage:
    """Only the one store is copied where stores are on a server: the others are read."""
    urls = {name: url for name, url in workspace.store_urls.items() if name == store}
    there = copy(replace(workspace, store_urls={}), folder, **declared)
    copied = {name: duplicate(url) for name, url in urls.items()}
    return Stage(Bench(replace(there, store_urls={**workspace.store_urls, **copied}), bench.sample), store, {})


@contextmanager
def counting(tell: Callable[[int, Connection], object]) -> Iterator[None]:
    """Tells of every statement and every commit on any database, before it."""
    lock, number = threading.Lock(), 0

    def one(connection: Connection, *_: Any) -> None:
        nonlocal number
        with lock:
            number += 1
            mine = number
        tell(mine, connection)

    event.listen(Engine, "before_cursor_execute", one)
    event.listen(Engine, "commit", one)
    try:
        yield
    finally:
        event.remove(Engine, "before_cursor_execute", one)
        event.remove(Engine, "commit", one)


def backend_of(connection: Connection) -> int:
    """The number by which a server knows a session."""
    raw: Any = connection.connection.dbapi_connection
    return int(raw.info.backend_pid if connection.dialect.name == "postgresql" else raw.thread_id())


def end_session(url: str, backend: int) -> None:
    """By another hand; returns when it is gone."""
    place = make_url(url)
    if kind_of(url) == "postgresql":
        with psycopg.connect(place.set(drivername="postgresql").render_as_string(hide_password=False)) as other:
            other.execute("SELECT pg_terminate_backend(%s, 2000)", [backend])
        return
    with pymysql.connect(host=place.host, port=place.port or 3306, user=place.username, password=place.password or "") as other:
        cursor = other.cursor()
        cursor.execute(f"KILL CONNECTION {int(backend)}")
