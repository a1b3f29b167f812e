"""What each kind of database says in its own way, behind one interface (`base.Dialect`), chosen by SQLAlchemy's name."""

from __future__ import annotations

from retention.errors import StoreError
from retention.stores.dialects.base import Access, Dialect, Failure, Kind, Schema, TableFacts, Value
from retention.stores.dialects.mariadb import MariaDB
from retention.stores.dialects.postgresql import PostgreSQL
from retention.stores.dialects.sqlite import SQLite

__all__ = ["Access", "Dialect", "Failure", "Kind", "Schema", "TableFacts", "Value", "dialect_of"]

_DIALECTS: dict[str, Dialect] = {
    "sqlite": SQLite(),
    "postgresql": PostgreSQL(),
    "mariadb": MariaDB(),
    "mysql": MariaDB(),
}


def dialect_of(name: str) -> Dialect:
    """The dialect SQLAlchemy calls `name`. Raises StoreError for a database nobody has taught us."""
    try:
        return _DIALECTS[name]
    except KeyError:
        raise StoreError(
            f"databases of the kind {name!r} are not supported",
            mend="use sqlite:///, postgresql+psycopg:// or mariadb+pymysql://",
        ) from None
