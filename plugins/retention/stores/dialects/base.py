"""The interface of a dialect, and what passes through it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from sqlalchemy import ColumnElement, Engine
from sqlalchemy.engine import URL

from retention.declare.stores import AnchorType

Kind = Literal["transient", "refused", "lasting"]


@dataclass(frozen=True)
class Access:
    """How a database is to be opened. Seconds; `statement_seconds` of None sets no limit."""

    readonly: bool
    create: bool
    lock_seconds: float
    statement_seconds: float | None


@dataclass(frozen=True)
class Failure:
    """A driver's error in plain words that follow the name of the database: "<store> is locked ...".

    `transient` may be tried again as it is, `refused` is the database's answer about a row (a reference stands against it),
    `lasting` stays until a person mends it.
    """

    words: str
    mend: str
    kind: Kind = "lasting"


class Dialect(Protocol):
    """One kind of database."""

    def engine(self, url: URL, access: Access) -> Engine:
        """An engine whose sessions are set up alike wherever they are opened. Raises StoreError."""

    def failure(self, error: BaseException) -> Failure | None:
        """What a driver's error means, by its code; None where the code says nothing a person could act on."""

    def readable(self, column: ColumnElement[Any], kind: AnchorType) -> ColumnElement[bool]:
        """Whether a non-NULL anchor is what its declared type says."""

    def month_start(self, column: ColumnElement[Any]) -> ColumnElement[Any]:
        """The first instant of the month of a timestamp."""
