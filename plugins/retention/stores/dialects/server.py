"""What the database servers have in common: a pool that survives a dead connection and a fork, and errors without values."""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from typing import Any

from sqlalchemy import CursorResult, Engine, create_engine
from sqlalchemy.engine import URL

from retention.stores.dialects.base import Failure

CONNECT_SECONDS = 10

_AGAIN = "run again: nothing of this transaction was kept"
AUTHENTICATION = Failure(
    "refused the login", "check the user and password of its URL, and who may connect from this host", "denied"
)
MISSING = Failure("has no database of that name", "correct its URL, or create the database")
PRIVILEGE = Failure(
    "denies its user a right that is needed", "grant it: reading, deleting and blanking rows, and our own tables", "denied"
)
READ_ONLY = Failure("is read-only", "point its URL at the primary: disposal and receipts are one transaction", "denied")
UNREACHABLE = Failure("cannot be reached", f"check that the server runs and listens there, then {_AGAIN}", "transient")
LOST = Failure(
    "lost the connection",
    f"{_AGAIN}, unless the connection was lost while committing: its receipts then say what happened",
    "transient",
)
CROWDED = Failure("accepts no further connection", "wait, or raise the server's limit of connections", "transient")
LOCKED = Failure("waited too long for a lock that another program holds", f"let it finish, then {_AGAIN}", "transient")
TOO_SLOW = Failure("took longer over a statement than it may", f"look for a missing index, or {_AGAIN}", "transient")
DEADLOCK = Failure("broke a deadlock between this run and another program", _AGAIN, "transient")
CONFLICT = Failure("found that another program changed the same rows", _AGAIN, "conflict")
NO_ROOM = Failure("has no room left on its disk", "free space, then run again: the batch under way was rolled back whole")
NO_MEMORY = Failure("has no memory left for this statement", "make batches smaller, or give the server more", "transient")
REFERENCE = Failure(
    "refused a deletion because another row still refers to it",
    "declare the referring table as a child population",
    "refused",
)
NO_TABLE = Failure("lacks a table that a population query names", "correct the query, or restore the table")
NO_COLUMN = Failure("lacks a column that a population query names", "correct the query, or restore the column")
SYNTAX = Failure("found a syntax error in a population query", "correct the query")
TWICE = Failure("refused a second receipt for the same batch", "another run is at work here: let it finish")
NOT_NULL = Failure("refuses NULL in a column that would be blanked with it", "declare a `blank` of empty, zero or month for it")
CHECK = Failure(
    "refused a value that one of its constraints forbids", "declare another `blank` for the column the constraint is about"
)
VALUE = Failure("holds a value of another type than a query expects", "correct the query, or the type of the column")
DAMAGED = Failure("reports damaged data", "see the database's own log, and restore it from its backup")

OTHER_SCHEMA = "drop the reference, or leave the table out of the policy: a row there would stand against every deletion here"

_engines: weakref.WeakSet[Engine] = weakref.WeakSet()


def make(url: URL, connect_args: dict[str, Any], **options: Any) -> Engine:
    """An engine with a pool: a batch is short, and a new connection with its TLS and settings would cost as much.

    A connection is tried before it is used, for a night may pause longer than a server keeps an idle one.
    """
    engine = create_engine(
        url,
        hide_parameters=True,  # an error's text may reach a log: keys of records must not
        pool_pre_ping=True,
        connect_args=connect_args,
        **options,
    )
    _engines.add(engine)
    return engine


def _forget_in_child() -> None:
    """A forked worker must not talk on its parent's connections: it leaves them open and makes its own."""
    for engine in list(_engines):
        engine.dispose(close=False)


os.register_at_fork(after_in_child=_forget_in_child)


def description(result: CursorResult[Any]) -> Sequence[Any]:
    """Name and type code of each column of a result, as the driver gives them."""
    cursor: Any = result.cursor
    return list(cursor.description)
