"""Transactions on a store, with the driver's errors turned into words a person can act on and stripped of values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DatabaseError, SQLAlchemyError

from retention.errors import StoreError
from retention.stores import tables
from retention.stores.connect import make_engine

_PLAIN_WORDS = (
    ("locked", "is locked by another program", "wait for it to finish, then run again: nothing was changed"),
    ("readonly", "is read-only", "give write permission on the file and its folder: disposal and receipts are one transaction"),
    ("unable to open", "cannot be opened", "check the path and its permissions"),
    ("not a database", "is not a database, or is damaged", "restore it from its backup"),
    ("malformed", "is damaged", "restore it from its backup"),
    ("disk is full", "has no room left on its disk", "free space, then run again: the batch under way was rolled back whole"),
    ("disk i/o error", "cannot be written (disk error)", "check the disk and the folder's permissions"),
    (
        "foreign key",
        "refused a deletion because another row still refers to it",
        "declare the referring table as a child population",
    ),
    ("no such table", "lacks a table that a population query names", "correct the query, or restore the table"),
    ("no such column", "lacks a column that a population query names", "correct the query, or restore the column"),
    ("syntax error", "found a syntax error in a population query", "correct the query"),
    ("unique constraint", "refused a second receipt for the same batch", "another run is at work here: let it finish"),
)


class StoreSession:
    """One store's database."""

    def __init__(self, name: str, url: str) -> None:
        self.name, self.url = name, url
        self._engines: dict[bool, Engine] = {}

    def _engine(self, readonly: bool) -> Engine:
        if readonly not in self._engines:
            self._engines[readonly] = make_engine(self.url, readonly=readonly)
        return self._engines[readonly]

    @property
    def dialect(self) -> str:
        return self._engine(False).dialect.name

    @contextmanager
    def writing(self, what: str = "") -> Iterator[Connection]:
        """One write transaction. Raises StoreError; then nothing of it is kept."""
        with self._plainly(what), self._engine(False).begin() as connection:
            yield connection

    @contextmanager
    def reading(self, what: str = "") -> Iterator[Connection]:
        """One read transaction that cannot write."""
        with self._plainly(what), self._engine(True).begin() as connection:
            yield connection

    def init(self) -> None:
        """Creates our own tables, and nothing else."""
        with self.writing("creating the retention tables") as connection:
            tables.metadata.create_all(connection)

    def close(self) -> None:
        for engine in self._engines.values():
            engine.dispose()

    @contextmanager
    def _plainly(self, what: str) -> Iterator[None]:
        try:
            yield
        except StoreError as known:
            if known.message.startswith(f"store {self.name}"):
                raise
            raise StoreError(f"store {self.name}: {known.message}", file=known.file, mend=known.mend) from None
        except SQLAlchemyError as raw:
            raise self._in_plain_words(raw, what) from None

    def _in_plain_words(self, raw: SQLAlchemyError, what: str) -> StoreError:
        """The driver's text may carry values of a row, so only its kind is passed on."""
        text = str(raw.orig).lower() if isinstance(raw, DatabaseError) and raw.orig else ""
        during = f" while {what}" if what else ""
        for mark, words, mend in _PLAIN_WORDS:
            if mark in text:
                return StoreError(f"store {self.name} {words}{during}", mend=mend)
        return StoreError(
            f"store {self.name} failed{during} ({type(raw).__name__})", mend="see the database's own log; nothing was lost"
        )
