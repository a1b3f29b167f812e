"""Nights over real SQLite files: a scene is loaded, its requests are placed, and the product's own steps are run over it."""

from __future__ import annotations

import datetime as dt
import itertools
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest import mock

from sqlalchemy import insert

from retention import clock
from retention.declare.bundle import Bundle, load_bundle
from retention.evidence import keysets
from retention.evidence import tables as evidence_tables
from retention.evidence.records import ScanLine
from retention.night import steps
from retention.night.disposal import run as disposal
from retention.night.disposal import strategy
from retention.workspace import Workspace
from tests.approving import say_yes
from tests.oracle.judge import ROOT, STORES, TABLES, World
from tests.oracle.worlds import Scene

SQL = ROOT / "include" / "sql"
STEPS = ("prepare", "scan", "plan", "dispose", "record")  # Great Expectations is slow, and has tests of its own


@cache
def bundle_of(declarations: Path, decision_set: str) -> Bundle:
    return load_bundle(declarations, SQL, decision_set)


class Cached(Workspace):
    """A workspace that reads its declarations once for many nights."""

    def bundle(self) -> Bundle:
        return bundle_of(self.declarations, self.decision_set)


@cache
def _schema(store: str) -> tuple[bytes, bytes]:
    """An empty store and an empty archive as database images."""
    connection = sqlite3.connect(":memory:")
    connection.execute("ATTACH DATABASE ':memory:' AS archive")
    text = re.sub(r"--[^\n]*", "", (SQL / store / "schema.sql").read_text(encoding="utf-8"))
    # SQLite says with an index, not with its table, where both lie.
    connection.executescript(re.sub(r"INDEX (\w+) ON archive\.", r"INDEX archive.\1 ON ", text))
    apart = "archive." in text
    return connection.serialize(), connection.serialize(name="archive") if apart else b""  # of nothing no image is made


def _open(path: Path) -> sqlite3.Connection:
    """A store with its archive beside it."""
    connection = sqlite3.connect(path)
    connection.execute("ATTACH DATABASE ? AS archive", (str(path.with_name(f"{path.stem}.archive.db")),))
    return connection


def load(scene: Scene, workspace: Workspace) -> None:
    """Writes the rows into new store files. Foreign keys are off: orphans are part of the world."""
    for store in STORES:
        path = workspace.store_file(store)
        path.parent.mkdir(parents=True, exist_ok=True)
        own, archive = _schema(store)
        path.write_bytes(own)
        path.with_name(f"{path.stem}.archive.db").write_bytes(archive)
        connection = _open(path)
        for table, spec in TABLES.items():
            rows = scene.rows[table]
            if spec.store == store and rows:
                marks = ", ".join(f":{column}" for column in rows[0])
                connection.executemany(f"INSERT INTO {table} ({', '.join(rows[0])}) VALUES ({marks})", rows)
        connection.commit()
        connection.close()


def place(scene: Scene, workspace: Workspace) -> None:
    """Records the requests as evidence. Each night brings its store's copy up to date before it starts."""
    rows = [
        {
            "hold_id": f"H-{number}",
            "kind": request.kind,
            "scope": "subject" if request.subject else "record" if request.record else "category",
            "subject_key": request.subject,
            "store": TABLES[request.record[0]].store if request.record else None,
            "population": request.record[0] if request.record else None,
            "record_key": str(request.record[1]) if request.record else None,
            "category": request.category,
            "reason": "A test",
            "reference": f"T-{number}",
            "approver": "Nobody",
            "review_by": scene.today,
            "placed_at": dt.datetime.combine(scene.today, dt.time()),
        }
        for number, request in enumerate(scene.requests)
    ]
    evidence = workspace.evidence()
    if rows:
        with evidence.writing() as connection:
            connection.execute(insert(evidence_tables.hold), rows)
    evidence.engine.dispose()


def read(workspace: Workspace) -> World:
    """Every row of the four stores as it stands."""
    world: World = {}
    for store in STORES:
        connection = _open(workspace.store_file(store))
        connection.row_factory = sqlite3.Row
        for table, spec in TABLES.items():
            if spec.store == store:
                world[table] = [dict(row) for row in connection.execute(f"SELECT * FROM {table}")]
        connection.close()
    return world


@dataclass(frozen=True)
class Seen:
    """What one night of one store left behind."""

    lines: tuple[ScanLine, ...]
    gone: Counter[tuple[str, str, Any]]  # (population, action, key) -> times
    spared: int
    swept: int  # rows that walking ranges missed, and that the sweep at the end disposed of
    walked: int  # rows disposed of by walking ranges
    counted: dict[str, Any]  # what the scan step returned

    def counts(self) -> Counter[tuple[str, str]]:
        """(population, disposition) -> rows."""
        return self._sum(lambda line: (line.population, line.disposition))

    def actions(self) -> Counter[tuple[str, str]]:
        """(population, action) -> rows that are due."""
        return self._sum(lambda line: (line.population, line.action) if line.disposition == "due" else None)

    def _sum(self, key: Any) -> Counter[tuple[str, str]]:
        counts: Counter[tuple[str, str]] = Counter()
        for line in self.lines:
            if key(line) is not None:
                counts[key(line)] += line.rows
        return counts


@contextmanager
def in_ranges(wanted: bool = True) -> Iterator[None]:
    """Due rows are found by walking ranges of every table whose keys allow it, however few they are; else from a list."""
    few = 1 if wanted else 10**9
    with mock.patch.object(strategy, "DENSE_ROWS", few), mock.patch.object(strategy, "DENSE_SHARE", 0.0):
        yield


def _text_keys(workspace: Workspace) -> Sequence[str]:
    """Keys that receipts keep as digests only, and that must be known to be found there again."""
    connection = sqlite3.connect(workspace.store_file("subscription"))
    keys = [row[0] for row in connection.execute("SELECT fingerprint FROM suppression_list")]
    connection.close()
    return keys


def run(workspace: Workspace, store: str, as_of: dt.date, today: dt.date, run_id: str, *, ranges: bool = False) -> Seen:
    """One night of one store, all but validation and report, by walking ranges or from lists."""
    ticks = itertools.count()
    texts = _text_keys(workspace) if store == "subscription" else ()
    start = dt.datetime.combine(today, dt.time(1))
    with (
        mock.patch.object(clock, "today", return_value=today),
        mock.patch.object(clock, "now", lambda: start + dt.timedelta(milliseconds=next(ticks))),
        mock.patch.object(disposal, "check_validated"),
        in_ranges(ranges),
    ):
        night = steps.open_night(workspace, store, as_of=as_of, run_id=run_id)
        try:
            found = {}
            for name in STEPS:
                if name == "dispose":
                    say_yes(night)
                found[name] = steps.STEPS[name](night)
            lines = night.evidence.scan(run_id, "before")
        finally:
            night.session.close()
            night.evidence.engine.dispose()
    gone: Counter[tuple[str, str, Any]] = Counter()
    spared = 0
    connection = sqlite3.connect(workspace.store_file(store))
    names = 'receipt_id, store, population, scheme, root, keyset, "action", "rows", spared'
    for row in connection.execute(f"SELECT {names} FROM retention_receipt WHERE run_id = ?", (run_id,)):
        keyset, (action, rows, left) = keysets.KeySet(*row[:6]), row[6:]
        opened = keysets.opened(workspace.digest_key(), keyset)
        assert opened.count == rows, f"a receipt over {rows} rows names {opened.count} records"
        listed = opened.keys().tolist() if isinstance(opened, keysets.Blocks) else [key for key in texts if key in opened]
        gone.update((keyset.population, action, key) for key in listed)
        spared += left
    by_strategy = 'SELECT coalesce(sum("rows"), 0) FROM retention_work WHERE strategy = ? AND population IN ' \
        "(SELECT population FROM retention_work WHERE strategy = 'range')"  # fmt: skip
    swept, walked = (connection.execute(by_strategy, (name,)).fetchone()[0] for name in ("listed", "range"))
    connection.close()
    return Seen(lines, gone, spared, swept, walked, found["scan"])
