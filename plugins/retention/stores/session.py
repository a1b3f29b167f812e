"""Transactions on a store, with the driver's errors turned into words a person can act on and stripped of values."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from retention.declare.mapped import MappedStore
from retention.errors import Refused, StoreError, Transient
from retention.stores import tables
from retention.stores.connect import LOCK_SECONDS, make_engine, make_tables
from retention.stores.dialects import Failure, Kind, dialect_of


class StoreSession:
    """One store's database. Waiting for a lock and running a statement on a server end after so many seconds."""

    def __init__(
        self,
        name: str,
        url: str,
        *,
        lock_seconds: float = LOCK_SECONDS,
        statement_seconds: float | None = None,
        schemas: tuple[str, ...] = (),
    ) -> None:
        """`schemas`: where tables lie apart, should this session have to do with them."""
        self.name, self.url, self._schemas = name, url, schemas
        self._limits = lock_seconds, statement_seconds
        self._engines: dict[bool, Engine] = {}

    def _engine(self, readonly: bool) -> Engine:
        if readonly not in self._engines:
            lock, statement = self._limits
            self._engines[readonly] = make_engine(
                self.url, readonly=readonly, lock_seconds=lock, statement_seconds=statement, schemas=self._schemas
            )
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
            make_tables(connection, tables.metadata)

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
            raise type(known)(f"store {self.name}: {known.message}", file=known.file, mend=known.mend) from None
        except SQLAlchemyError as raw:
            raise self._in_plain_words(raw, what) from None

    def _in_plain_words(self, raw: SQLAlchemyError, what: str) -> StoreError:
        """The driver's text may carry values of a row, so only its kind is passed on."""
        during = f" while {what}" if what else ""
        failure = failure_of(raw, self._dialect_name())
        if failure is None:
            return StoreError(
                f"store {self.name} failed{during} ({type(raw).__name__})", mend="see the database's own log; nothing was lost"
            )
        kind = _ERRORS[failure.kind]
        return kind(f"store {self.name} {failure.words}{during}", mend=failure.mend)

    def _dialect_name(self) -> str:
        return make_url(self.url).get_backend_name()


def open_store(
    store: MappedStore, url: str, *, lock_seconds: float = LOCK_SECONDS, statement_seconds: float | None = None
) -> StoreSession:
    """A session that reaches every table of a store, those that lie apart included."""
    schemas = store.declared.schemas
    return StoreSession(store.name, url, lock_seconds=lock_seconds, statement_seconds=statement_seconds, schemas=schemas)


_ERRORS: dict[Kind, type[StoreError]] = {"transient": Transient, "refused": Refused, "lasting": StoreError}


def failure_of(raw: SQLAlchemyError, dialect: str) -> Failure | None:
    """What the driver's error means; None where it says nothing that a person could act on."""
    original = raw.orig if isinstance(raw, DBAPIError) else None
    return dialect_of(dialect).failure(original) if original is not None else None
