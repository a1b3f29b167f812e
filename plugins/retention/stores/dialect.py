"""The few things SQL dialects say differently. A function for each; everything else is SQLAlchemy's."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Date, DateTime, Dialect, String, TypeDecorator, and_, func, literal_column, or_
from sqlalchemy.sql.type_api import TypeEngine

from retention.declare.stores import AnchorType


class Instant(TypeDecorator[dt.datetime]):
    """A naive timestamp in the store's zone. SQLite keeps it as text, to the second, so that text order is time order."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(String(32) if dialect.name == "sqlite" else DateTime())

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        return value.isoformat(sep=" ", timespec="seconds") if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
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
    if dialect != "sqlite":
        return literal_column("1") == literal_column("1")
    text = func.typeof(column) == "text"
    same_day = "+0 days"  # makes SQLite compute the date anew: else it repeats 31 February as it stands
    first_year = column >= literal_column("'0001-'")  # not a number, or a column of type TIMESTAMP would compare it as one
    if kind == "date":
        return and_(text, first_year, func.date(column, same_day).op("IS")(column))
    head, dot, fraction = func.substr(column, 1, 19), func.substr(column, 20, 1), func.substr(column, 21)
    # A fraction may follow, an offset or a Z may not: naive and aware never mix.
    digits = and_(dot == ".", fraction.op("GLOB")("[0-9]*"), fraction.op("NOT GLOB")("*[^0-9]*"))
    return and_(text, first_year, func.datetime(head, same_day).op("IS")(head), or_(dot == "", digits))


def month_start(column: ColumnElement[Any], dialect: str) -> ColumnElement[Any]:
    """The first instant of the month of a timestamp."""
    if dialect == "sqlite":
        return func.strftime("%Y-%m-01 00:00:00", column)
    raise NotImplementedError(dialect)
