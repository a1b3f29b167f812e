"""Our own tables put into stores and into the evidence database, by somebody who may create tables there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from retention import migrations
from retention.errors import EvidenceError, RetentionError, StoreError
from retention.migrations import EVIDENCE, OBSTACLES, STORE, Line, Upgraded
from retention.stores.connect import make_engine
from retention.stores.dialects import dialect_of
from retention.stores.session import StoreSession, failure_of


def install_store(name: str, url: str) -> Upgraded:
    """Makes our tables in a store, or brings them to this version, and touches nothing else. Raises StoreError."""
    session = StoreSession(name, url)
    try:
        with session.writing("making the retention tables") as connection:
            return _upgrade(connection, STORE, StoreError)
    finally:
        session.close()


def install_evidence(url: str) -> Upgraded:
    """Makes the tables of the evidence database, or brings them to this version. Raises EvidenceError."""
    with _evidence(url) as connection:
        return _upgrade(connection, EVIDENCE, EvidenceError)


def script(url: str, line: Line) -> str:
    """The SQL that an installation would run, for an administrator to run. A database within reach is asked what it has."""
    return migrations.script(url, line, since=_since(url, line))


def _upgrade(connection: Connection, line: Line, error: type[RetentionError]) -> Upgraded:
    if migrations.standing(connection, line) == "newer":
        message, mend = OBSTACLES["newer"]
        raise error(message, mend=mend)
    with dialect_of(connection.dialect.name).alone(connection):  # looking and making are two steps
        return migrations.upgrade(connection, line)


@contextmanager
def _evidence(url: str) -> Iterator[Connection]:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = make_engine(url, create=True)
    try:
        with engine.begin() as connection:
            yield connection
    except SQLAlchemyError as raw:
        failure = failure_of(raw, engine.dialect.name)
        words = failure.words if failure else f"refused to make its tables ({type(raw).__name__})"
        raise EvidenceError(f"the evidence database {words}", mend=failure.mend if failure else "see its own log") from None
    finally:
        engine.dispose()


def _since(url: str, line: Line) -> str | None:
    """The revision a database has. Who prints a script may have no access to it at all: then it is printed from nothing."""
    try:
        engine = make_engine(url, readonly=True)
    except StoreError:
        return None
    try:
        with engine.connect() as connection:
            found = migrations.revision(connection, line)
    except SQLAlchemyError:
        return None
    finally:
        engine.dispose()
    if found is not None and found not in line.revisions:
        message, mend = OBSTACLES["newer"]
        raise StoreError(message, mend=mend)
    return found
