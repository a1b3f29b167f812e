"""Types of anchors, and the expressions about them that each dialect says in its own way."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

from sqlalchemy import BindParameter, ColumnElement, Date, DateTime, Dialect, Select, String, TypeDecorator
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.sql.type_api import TypeEngine

from retention.declare.stores import AnchorType
from retention.stores.dialects import dialect_of

if TYPE_CHECKING:
    from retention.stores.dialects.base import Integers


class Instant(TypeDecorator[dt.datetime]):
    """A naive timestamp in the store's zone. SQLite keeps it as text, to the second, so that text order is time order."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime())

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        return value.isoformat(sep=" ", timespec="seconds") if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        if isinstance(value, dt.datetime) and value.tzinfo is not None:
            return value.astimezone(dt.UTC).replace(tzinfo=None)  # such a store is declared to be in UTC (`check_types`)
        read: dt.datetime | None = _lenient(dt.datetime.fromisoformat, value)
        return read


class CivilDate(TypeDecorator[dt.date]):
    """A calendar date; text in SQLite."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(10) if dialect.name == "sqlite" else Date())

    def process_bind_param(self, value: dt.date | None, dialect: Dialect) -> Any:
        return value.isoformat() if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.date | None:
        read: dt.date | None = _lenient(dt.date.fromisoformat, value)
        return read


def _lenient(parse: Any, value: Any) -> Any:
    """A value of a quarantined row may be unreadable; it is then reported as absent, never raised with its content."""
    if not isinstance(value, str):
        return value
    try:
        return parse(value)
    except ValueError:
        return None


def anchor_sqltype(kind: AnchorType) -> TypeEngine[Any]:
    return Instant() if kind == "instant" else CivilDate()


def readable(column: ColumnElement[Any], kind: AnchorType, dialect: str) -> ColumnElement[bool]:
    """Whether a non-NULL anchor is what its declared type says: SQLite stores anything anywhere, typed databases do not."""
    return dialect_of(dialect).readable(column, kind)


def month_start(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """The first instant of the month of a timestamp."""
    return dialect_of(dialect).month_start(column)


def apart(query: Select[Any], dialect: str) -> Select[Any]:
    """The query, to be read from by one that groups its rows by what it makes of them: a CASE has few values."""
    return dialect_of(dialect).apart(query)


def packed(key: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """All integer keys of a result as one value: a row for each costs a client more than the database's whole work."""
    return dialect_of(dialect).packed(key)


def unpacked(value: Any, dialect: str) -> Integers:
    """The keys of a packed value, as an int64 array."""
    return dialect_of(dialect).unpacked(value)


class exact(FunctionElement[str]):
    """Text that is equal where its characters are, whatever the collation of its column: MariaDB's usual ones forget case."""

    type = String()
    inherit_cache = True
    name = "exact"


@compiles(exact)
def _exact(element: exact, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(next(iter(element.clauses)), **options)


@compiles(exact, "mariadb")
@compiles(exact, "mysql")
def _exact_mariadb(element: exact, compiler: SQLCompiler, **options: Any) -> str:
    return f"(CONVERT({compiler.process(next(iter(element.clauses)), **options)} USING utf8mb4) COLLATE utf8mb4_bin)"


class Word(TypeDecorator[str]):
    """A word of a closed set, such as a state: it is compared with nothing but itself, not even with trailing blanks."""

    impl = String
    cache_ok = True

    def bind_expression(self, bindvalue: BindParameter[str]) -> ColumnElement[str]:
        return _Literally(bindvalue)


class _Literally(FunctionElement[str]):
    type = String()
    inherit_cache = True


@compiles(_Literally)
def _literally(element: _Literally, compiler: SQLCompiler, **options: Any) -> str:
    return compiler.process(next(iter(element.clauses)), **options)


@compiles(_Literally, "mariadb")
@compiles(_Literally, "mysql")
def _literally_mariadb(element: _Literally, compiler: SQLCompiler, **options: Any) -> str:
    return f"{compiler.process(next(iter(element.clauses)), **options)} COLLATE utf8mb4_nopad_bin"
