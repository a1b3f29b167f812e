"""Keys of records: whole numbers, text and UUIDs, as the database compares them and as people and evidence write them.

A key has one text, that of `normal_key`: receipts name records by it, holds are kept under it. A whole number is written in
decimal, a UUID in its canonical lower case, text as it stands in the table.
"""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Dialect, String, TypeDecorator, and_, literal
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from retention.declare.stores import KeyType, Population

KEY_WORDS: dict[KeyType, str] = {"integer": "numbers", "text": "text", "uuid": "UUIDs"}


class Uuid(TypeDecorator[str]):
    """A UUID by its canonical text; the database compares it by value."""

    impl = String
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(postgresql.UUID(as_uuid=False) if dialect.name == "postgresql" else String(36))


def key_sqltype(key_type: KeyType) -> TypeEngine[Any]:
    types: dict[KeyType, TypeEngine[Any]] = {"integer": BigInteger(), "text": String(), "uuid": Uuid()}
    return types[key_type]


def normal_key(population: Population, key: str) -> str | None:
    """The key as evidence writes it: `007` is 7 where keys are numbers. None where no record can have it."""
    if population.key_type == "text":
        return key
    try:
        if population.key_type == "uuid":
            return str(uuid.UUID(key)) if key.isascii() else None
        return str(int(key)) if key.isascii() and -(2**63) <= int(key) < 2**63 else None  # no database keeps a larger one
    except ValueError:
        return None


def typed(population: Population, key: str) -> int | str:
    return int(key) if population.key_type == "integer" else key


def is_key(column: ColumnElement[Any], population: Population, key: str) -> ColumnElement[bool]:
    """Whether a column holds this very key: where its collation forgets case, a key that differs in case is another one here.

    Receipts, holds and proofs tell keys apart by their characters.
    """
    here = column == literal(typed(population, key), key_sqltype(population.key_type))
    return and_(here, verbatim(column) == key) if population.key_type == "text" else here


class verbatim(FunctionElement[str]):
    """Text that is equal where its characters are, trailing blanks too, whatever the collation of its column."""

    type = String()
    inherit_cache = True
    name = "verbatim"


@compiles(verbatim)
def _verbatim(element: verbatim, compiler: SQLCompiler, **options: Any) -> str:
    return f"({compiler.process(next(iter(element.clauses)), **options)} COLLATE BINARY)"


@compiles(verbatim, "postgresql")
def _verbatim_postgresql(element: verbatim, compiler: SQLCompiler, **options: Any) -> str:
    return f'(CAST({compiler.process(next(iter(element.clauses)), **options)} AS VARCHAR) COLLATE "C")'


@compiles(verbatim, "mariadb")
@compiles(verbatim, "mysql")
def _verbatim_mariadb(element: verbatim, compiler: SQLCompiler, **options: Any) -> str:
    return f"(CONVERT({compiler.process(next(iter(element.clauses)), **options)} USING utf8mb4) COLLATE utf8mb4_nopad_bin)"
