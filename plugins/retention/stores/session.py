"""Transactions on a store, with the driver's errors turned into words a person can act on and stripped of values."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from retention import migrations
from retention.declare.mapped import MappedStore
from retention.errors import Conflict, Denied, Refused, StoreError, Transient
from retention.stores import tables
from retention.stores.connect import LOCK_SECONDS, make_engine
from retention.stores.dialects import Failure, Kind, dialect_of
from retention.stores.dialects.sqlite import erase

log = logging.getLogger(__name__)


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
    def writing(self, what: str = "", *, one_moment: bool = False) -> Iterator[Connection]:
        """One write transaction. Raises StoreError; then nothing of it is kept.

        `one_moment`, on PostgreSQL: all its statements see what was committed before the first of them that reads (LOCK TABLE
        does not), and it raises Conflict where another program has since changed a row that it is to change.
        """
        engine = self._engine(False)
        if one_moment and self.dialect == "postgresql":
            engine = engine.execution_options(isolation_level="REPEATABLE READ")
        with self._plainly(what), engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self, what: str = "") -> Iterator[Connection]:
        """One read transaction that cannot write."""
        with self._plainly(what), self._engine(True).begin() as connection:
            yield connection

    @contextmanager
    def outside(self, what: str = "") -> Iterator[Connection]:
        """A connection on which each statement is a transaction of its own: for what a database does in no other way."""
        with self._plainly(what), self._engine(False).connect() as connection:
            yield connection.execution_options(isolation_level="AUTOCOMMIT")

    def ensure_tables(self) -> None:
        """Sees to it that our own tables are there (`migrations.ensure`). Raises StoreError where `retention init` must."""
        with self.writing("looking for the retention tables") as connection:
            standing = migrations.ensure(connection, migrations.STORE, tables.metadata)
        if standing != "current":
            message, mend = migrations.OBSTACLES[standing]
            raise StoreError(f"store {self.name}: {message}", mend=mend)

    def leave_no_trace(self) -> None:
        """Sees to it that a file keeps no byte of what was disposed of. Free pages and logs of a server are the server's."""
        if self.dialect == "sqlite" and not erase(self._engine(False)):
            log.warning(
                "Store %s may still hold bytes of what was disposed of: it could not be written anew, for another program was "
                "at work in it, or for want of room. The next night that disposes of something tries again",
                self.name,
            )

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


_ERRORS: dict[Kind, type[StoreError]] = {
    "transient": Transient,
    "conflict": Conflict,
    "refused": Refused,
    "denied": Denied,
    "lasting": StoreError,
}


def failure_of(raw: SQLAlchemyError, dialect: str) -> Failure | None:
    """What the driver's error means; None where it says nothing that a person could act on."""
    original = raw.orig if isinstance(raw, DBAPIError) else None
    return dialect_of(dialect).failure(original) if original is not None else None
