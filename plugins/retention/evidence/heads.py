"""Heads of what only grows: the row that a transaction locks before it makes a chain longer.

Locking the last entry instead would not do: whoever waits for it wakes up to an entry that is not the last any more.
"""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Connection, Engine, Select, insert, select, update
from sqlalchemy.exc import IntegrityError

from retention.evidence import tables

Chain = Literal["ledger", "facts"]

GENESIS = "0" * 64
_TAILS: dict[Chain, Select[Any]] = {
    "ledger": select(tables.ledger.c.seq, tables.ledger.c.hash).order_by(tables.ledger.c.seq.desc()).limit(1),
    "facts": select(tables.fact_generation.c.generation, tables.fact_generation.c.token)
    .order_by(tables.fact_generation.c.generation.desc())
    .limit(1),
}


def plant(engine: Engine) -> None:
    """Makes the heads that are missing, each in a transaction of its own: whoever comes second finds them there."""
    for chain, tail in _TAILS.items():
        try:
            with engine.begin() as connection:
                if connection.execute(_head(chain)).first() is None:
                    last = connection.execute(tail).one_or_none()
                    seq, digest = (int(last[0]), str(last[1])) if last else (0, GENESIS)
                    connection.execute(insert(tables.head).values(chain=chain, seq=seq, hash=digest))
        except IntegrityError:
            pass  # another process was first


def lock_head(connection: Connection, chain: Chain) -> tuple[int, str]:
    """Number and hash of a chain's last entry, locked until the caller's transaction ends.

    SQLite locked the whole database when the transaction began.
    """
    seq, digest = connection.execute(_head(chain).with_for_update()).one()
    return int(seq), str(digest)


def move_head(connection: Connection, chain: Chain, seq: int, digest: str) -> None:
    """Says where the chain ends now."""
    connection.execute(update(tables.head).where(tables.head.c.chain == chain).values(seq=seq, hash=digest))


def _head(chain: Chain) -> Select[Any]:
    return select(tables.head.c.seq, tables.head.c.hash).where(tables.head.c.chain == chain)
