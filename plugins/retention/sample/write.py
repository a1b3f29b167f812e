"""Fills new store files: tables from the schemas, rows in chunks, indexes last."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from retention.errors import StoreError
from retention.sample.rows import STORES, TABLES, Row

SCHEMAS = Path(__file__).resolve().parents[3] / "include" / "sql"
CHUNK = 5_000

Target = Callable[[str], Path] | Mapping[str, Path]
_T = TypeVar("_T")


class Writer:
    """The four store files, open for loading. Use it as a context: leaving it builds the indexes and closes the files."""

    def __init__(self, target: Target) -> None:
        path_of = target if callable(target) else target.__getitem__
        self.paths = {store: Path(path_of(store)) for store in STORES}
        self.counts: Counter[type[Row]] = Counter()
        self._indexes: dict[str, list[str]] = {}
        self._inserts = {kind: _insert(kind, table) for kind, (_, table) in TABLES.items()}
        self._files: dict[str, sqlite3.Connection] = {}

    def __enter__(self) -> Writer:
        for path in self.paths.values():
            if path.exists():
                raise StoreError("a store lies there already", file=path, mend="remove it first, or choose another folder")
        for store, path in self.paths.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            tables, self._indexes[store] = _statements(store)
            self._files[store] = _open(path, tables)
        return self

    def add(self, kind: type[Row], rows: Iterable[Row]) -> None:
        """Insert rows of one table, a chunk at a time."""
        file, insert = self._files[TABLES[kind][0]], self._inserts[kind]
        for chunk in chunks(rows, CHUNK):
            file.executemany(insert, chunk)
            self.counts[kind] += len(chunk)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for store, file in self._files.items():
            if kind is None:
                for statement in self._indexes[store]:
                    file.execute(statement)
                file.commit()
            file.close()
            if kind is not None:  # half a store is worse than none
                self.paths[store].unlink(missing_ok=True)


def chunks(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Lists of at most `size` items."""
    source = iter(items)
    while chunk := list(islice(source, size)):
        yield chunk


def _open(path: Path, tables: list[str]) -> sqlite3.Connection:
    file = sqlite3.connect(path)
    for pragma in ("foreign_keys=ON", "synchronous=OFF", "journal_mode=MEMORY"):  # of this connection only
        file.execute(f"PRAGMA {pragma}")
    for statement in tables:
        file.execute(statement)
    file.execute("BEGIN")
    return file


def _statements(store: str) -> tuple[list[str], list[str]]:
    """The statements of a store's schema: tables, then indexes."""
    text = re.sub(r"--[^\n]*", "", (SCHEMAS / store / "schema.sql").read_text(encoding="utf-8"))
    statements = [statement.strip() for statement in text.split(";") if statement.strip()]
    tables = [statement for statement in statements if statement.startswith("CREATE TABLE")]
    indexes = [statement for statement in statements if statement.startswith("CREATE INDEX")]
    if len(tables) + len(indexes) != len(statements):
        raise StoreError(f"the schema of {store} holds more than tables and indexes", mend="teach the sample to run the rest")
    return tables, indexes


def _insert(kind: type[Row], table: str) -> str:
    marks = ", ".join("?" for _ in kind._fields)
    return f"INSERT INTO {table} ({', '.join(kind._fields)}) VALUES ({marks})"  # noqa: S608 - names of our own
