"""The interface of a dialect, and what passes through it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol

from sqlalchemy import ColumnElement, Connection, CursorResult, Engine, Select
from sqlalchemy.engine import URL

from retention.declare.stores import AnchorType

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Integers = NDArray[np.int64]

Kind = Literal["transient", "conflict", "refused", "denied", "lasting"]


@dataclass(frozen=True)
class Access:
    """How a database is to be opened. Seconds; `statement_seconds` of None sets no limit."""

    readonly: bool
    create: bool
    lock_seconds: float
    statement_seconds: float | None
    schemas: tuple[str, ...] = ()


@dataclass(frozen=True)
class Failure:
    """A driver's error in plain words that follow the name of the database: "<store> is locked ...".

    `transient` may be tried again as it is, and so may `conflict`: other programs changed the rows meanwhile. `refused` is the
    database's answer about a row (a reference stands against it), `denied` its answer about who asks, and `lasting` stays until
    a person mends it.
    """

    words: str
    mend: str
    kind: Kind = "lasting"


@dataclass(frozen=True)
class TableFacts:
    """A table as the database describes it."""

    columns: dict[str, dict[str, Any]]  # name -> type, nullable; and generated, where it is computed from others
    primary_key: tuple[str, ...]
    foreign_keys: tuple[tuple[str, str, str], ...]  # columns, referred table, ON DELETE action
    triggers: tuple[str, ...] = ()
    unchecked: tuple[str, ...] = ()  # columns of foreign keys that older rows were never held to
    partitioned_by: tuple[str, ...] = ()  # columns that say in which partition a row lies
    unfit: tuple[tuple[str, str], ...] = ()  # what makes disposal from it unsafe, and how to mend that


Schema = dict[str, TableFacts]
Value = Literal["integer", "text", "uuid", "date", "instant", "absolute", "null", "other"]


class Dialect(Protocol):
    """One kind of database."""

    def engine(self, url: URL, access: Access) -> Engine:
        """An engine whose sessions are set up alike wherever they are opened. Raises StoreError."""

    def failure(self, error: BaseException) -> Failure | None:
        """What a driver's error means, by its code; None where the code says nothing a person could act on."""

    def alone(self, connection: Connection) -> AbstractContextManager[None]:
        """While it lasts, no other of our transactions in this database gets past here: for making tables."""

    def read_schema(self, connection: Connection, schemas: tuple[str, ...]) -> Schema:
        """Every table of the connection's own schema, ours included, and of these others. A partitioned table is one table.

        A table of another schema goes by `schema.table`, wherever it is named.
        """

    def values(self, result: CursorResult[Any]) -> dict[str, Value]:
        """What the columns of a result are; `absolute` is an instant that names its zone. Empty where any value may come."""

    def readable(self, column: ColumnElement[Any], kind: AnchorType) -> ColumnElement[bool]:
        """Whether a non-NULL anchor is what its declared type says."""

    def month_start(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """The first instant of the month of a timestamp."""

    def apart(self, query: Select[Any]) -> Select[Any]:
        """The query, to be read from by one that groups its rows by what it makes of them."""

    def packed(self, key: ColumnElement[Any]) -> ColumnElement[Any]:
        """An aggregate of integer keys that `unpacked` can read. SQLite, which hands rows over for nothing, has none."""

    def unpacked(self, value: Any) -> Integers:
        """The keys in a packed value; NULL holds none."""
