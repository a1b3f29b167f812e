"""Types and options of our own tables, so that they mean the same on every database."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, DateTime, Integer, LargeBinary, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeEngine

_MARIADB = ("mariadb", "mysql")

# SQLite's INTEGER holds 64 bits, and only under that name numbers its rows itself.
Number: TypeEngine[Any] = BigInteger().with_variant(Integer(), "sqlite")
# MariaDB cuts to the second, to 64 KB and to 64 KB what is not asked for by these names: a hash over it would no longer fit.
Moment: TypeEngine[Any] = DateTime().with_variant(mysql.DATETIME(fsp=6), *_MARIADB)
Bytes: TypeEngine[Any] = LargeBinary().with_variant(mysql.LONGBLOB(), *_MARIADB)
Prose: TypeEngine[Any] = Text().with_variant(mysql.LONGTEXT(), *_MARIADB)

# Keys that differ are different keys: MariaDB's usual collations take 'Paid' for 'paid'. And only InnoDB has transactions.
OPTIONS: dict[str, Any] = {"mariadb_engine": "InnoDB", "mariadb_charset": "utf8mb4", "mariadb_collate": "utf8mb4_bin"}
