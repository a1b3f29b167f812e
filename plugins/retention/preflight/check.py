"""All checks of one database together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from sqlalchemy import Connection, Engine, inspect
from sqlalchemy.exc import SQLAlchemyError

from retention import migrations
from retention.declare.mapped import MappedStore
from retention.declare.stores import Population
from retention.errors import EvidenceError, RetentionError
from retention.migrations import EVIDENCE, OBSTACLES, STORE, Line
from retention.preflight.findings import Finding, refuse
from retention.preflight.needs import Need, evidence_needs, store_needs
from retention.preflight.rights import check_rights
from retention.preflight.server import check_server
from retention.preflight.structure import check_structure
from retention.resolve import Asked
from retention.stores.inspect import Schema, check_schema, check_types, read_schema
from retention.stores.query import check_query
from retention.stores.session import StoreSession, failure_of

log = logging.getLogger(__name__)

MOST_TOLD = 5  # findings in one error


def check_all(session: StoreSession, store: MappedStore, asked: dict[str, Asked], *, headroom: float) -> tuple[Finding, ...]:
    """Everything there is to say of a store before a night, its declaration included. Raises StoreError where it is away."""
    with session.reading("reading the schema") as connection:
        schema = read_schema(connection, store.declared.schemas)
    findings = _refused(lambda: check_schema(store, schema, asked))
    for population in store.declared.populations:
        findings += _tried(session, store, population)
    return (*findings, *check_store(session, store, asked, schema, headroom=headroom))


def check_store(
    session: StoreSession, store: MappedStore, asked: dict[str, Asked], schema: Schema, *, headroom: float
) -> tuple[Finding, ...]:
    """What disposal in this store would stumble over. Writes nothing. Raises StoreError where the store cannot be asked."""
    with session.reading("checking the store") as connection:
        findings = check_server(connection, headroom=headroom)
        findings += check_structure(connection, store, schema, asked)
        findings += _ours(connection, STORE, store_needs(store, asked))
    return tuple(findings)


def check_evidence(engine: Engine, *, headroom: float) -> tuple[Finding, ...]:
    """What a night would stumble over in the evidence database. Raises EvidenceError where it cannot be asked."""
    try:
        with engine.begin() as connection:
            return (*check_server(connection, headroom=headroom), *_ours(connection, EVIDENCE, evidence_needs()))
    except SQLAlchemyError as raw:
        failure = failure_of(raw, engine.dialect.name)
        raise EvidenceError(
            f"the evidence database {failure.words if failure else 'cannot be asked'}", mend=failure.mend if failure else ""
        ) from None


def _ours(connection: Connection, line: Line, needs: Sequence[Need]) -> list[Finding]:
    """Whether our own tables are there and up to date, and what may be done to them and to others."""
    there = {(schema, table) for schema in {need.schema for need in needs} for table in _tables(connection, schema)}
    findings = check_rights(connection, [need for need in needs if (need.schema, need.table) in there])
    if (None, line.version_table) in there and any(line.version_table in finding.what for finding in findings):
        return findings  # which version they have cannot be read
    standing = migrations.standing(connection, line)
    by_itself = connection.dialect.name == "sqlite" and standing != "newer"  # the first night sees to it
    return findings if standing == "current" or by_itself else [*findings, refuse(*OBSTACLES[standing])]


def _tables(connection: Connection, schema: str | None) -> list[str]:
    return inspect(connection).get_table_names(schema=schema)


def _tried(session: StoreSession, store: MappedStore, population: Population) -> list[Finding]:
    def attempt() -> None:
        check_query(store, population)
        with session.reading(f"trying the query {store.query_path(population)}") as connection:
            check_types(connection, store, population)

    return _refused(attempt)


def _refused(attempt: Callable[[], None]) -> list[Finding]:
    try:
        attempt()
    except RetentionError as error:
        return [refuse(error.message, error.mend)]
    return []


def stop_at_refusal(findings: Sequence[Finding], error: type[RetentionError], where: str) -> None:
    """Raises what refuses, all of it in one error, the first few in full; what is merely warned of goes to the log."""
    refusals = [finding for finding in findings if finding.level == "refuse"]
    if refusals:
        told, more = refusals[:MOST_TOLD], len(refusals) - MOST_TOLD
        what = "; ".join(finding.what for finding in told) + (f"; and {more} more" if more > 0 else "")
        mends = dict.fromkeys(finding.mend for finding in told)
        raise error(f"{where}: {what}", mend="; ".join([*mends, *(["see `retention preflight`"] if more > 0 else [])]))
    for finding in findings:
        if finding.level == "warn":
            log.warning("%s: %s. Mend: %s", where, finding.what, finding.mend)
