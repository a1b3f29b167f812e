"""Opens the evidence database and reads it. Writing lives with whoever owns the step (`ledger`, `facts`, `night`)."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import BigInteger, Connection, Engine, Select, cast, func, make_url, select
from sqlalchemy.exc import SQLAlchemyError

from retention import migrations
from retention.errors import EvidenceBusy, EvidenceError
from retention.evidence import heads, tables
from retention.evidence.records import Disposed, Hold, LedgerHead, Receipt, Run, ScanLine, Status, ValidationLine
from retention.stores.connect import make_engine
from retention.stores.dialects.server import NO_ROOM
from retention.stores.dialects.sqlite import READS, spare_memory
from retention.stores.session import failure_of

Record = TypeVar("Record")
ROWS_AT_ONCE = 2_000
LOCK_SECONDS = 60.0  # publishing facts of a million subjects holds the write lock that long, and other nights wait


class Evidence:
    """The evidence database. `readonly` never creates and never writes."""

    def __init__(self, url: str, *, readonly: bool = False) -> None:
        self.url = url
        path = make_url(url).database
        if make_url(url).get_backend_name() == "sqlite" and path:
            _prepare_folder(Path(path), readonly=readonly)
        self.engine: Engine = make_engine(url, readonly=readonly, create=not readonly, lock_seconds=LOCK_SECONDS)
        if readonly and self.engine.dialect.name == "sqlite":
            return
        try:
            self._ensure_tables()
            if not readonly:
                heads.plant(self.engine)
        except SQLAlchemyError as reason:
            raise self._in_plain_words(
                reason,
                f"cannot be written ({type(reason).__name__})",
                "check the folder's permissions and free space: without evidence nothing is disposed of",
            ) from None

    def _ensure_tables(self) -> None:
        with self.engine.begin() as connection:
            standing = migrations.ensure(connection, migrations.EVIDENCE, tables.metadata)
        if standing != "current":
            message, mend = migrations.OBSTACLES[standing]
            raise EvidenceError(f"the evidence database: {message}", mend=mend)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction. Its failure is an EvidenceError, and nothing of it is kept."""
        try:
            with self.engine.begin() as connection:
                yield connection
        except SQLAlchemyError as reason:
            raise self._in_plain_words(
                reason,
                f"refused a write ({type(reason).__name__})",
                "check that it is reachable, writable and not locked by another program",
            ) from None

    def snapshot(self) -> AbstractContextManager[Connection]:
        """One transaction that reads, and sees one moment however many statements it takes and whoever writes meanwhile."""
        if self.engine.dialect.name == "sqlite":  # whose transactions never see anything else
            return self._read(self.engine)
        return self._read(self.engine.execution_options(isolation_level="REPEATABLE READ"))

    def glance(self) -> AbstractContextManager[Connection]:
        """One short look that keeps nobody from writing, and may be taken again and again beside others' work."""
        return self._read(self.engine.execution_options(**{READS: True}))

    @contextmanager
    def _read(self, engine: Engine) -> Iterator[Connection]:
        try:
            with engine.begin() as connection:
                yield connection
        except SQLAlchemyError as reason:
            raise self._unreadable(reason) from None

    def _unreadable(self, reason: SQLAlchemyError) -> EvidenceError:
        return self._in_plain_words(
            reason, f"cannot be read ({type(reason).__name__})", "check that it exists and is not damaged"
        )

    def _in_plain_words(self, reason: SQLAlchemyError, words: str, mend: str) -> EvidenceError:
        """What the driver's code says where it says something, else the words given. Never the driver's text."""
        failure = failure_of(reason, self.engine.dialect.name)
        if failure is not None and (self.engine.dialect.name != "sqlite" or failure is NO_ROOM):
            words, mend = failure.words, failure.mend
        kind = EvidenceBusy if failure is not None and failure.kind == "transient" else EvidenceError
        return kind(f"the evidence database {words}", mend=mend)

    def _all(self, record: type[Record], query: Select[Any]) -> tuple[Record, ...]:
        try:
            with self.engine.connect() as connection:
                return tuple(record(**row) for row in connection.execute(query).mappings())
        except SQLAlchemyError as reason:
            raise self._unreadable(reason) from None

    # runs

    def run(self, run_id: str) -> Run | None:
        found = self._all(Run, select(tables.run).where(tables.run.c.run_id == run_id))
        return found[0] if found else None

    def runs(
        self,
        store: str | None = None,
        limit: int = 1000,
        *,
        until: dt.date | None = None,
        statuses: Sequence[Status] | None = None,
    ) -> tuple[Run, ...]:
        """Runs, newest first; `until`: those of the latest date up to that one first, whenever they were made."""
        query = select(tables.run)
        if store is not None:
            query = query.where(tables.run.c.store == store)
        if until is not None:
            query = query.where(tables.run.c.as_of <= until).order_by(tables.run.c.as_of.desc())
        if statuses is not None:
            query = query.where(tables.run.c.status.in_(statuses))
        return self._all(Run, query.order_by(tables.run.c.started_at.desc()).limit(limit))

    def latest_run(self, store: str, *, finished: bool = True, as_of: dt.date | None = None) -> Run | None:
        """The newest run of a store that got as far as counting what it left (or, with `finished=False`, any).

        With `as_of`: the run of the latest date up to that one, whenever it was made.
        """
        query = select(tables.run).where(tables.run.c.store == store)
        if as_of is not None:
            query = query.where(tables.run.c.as_of <= as_of).order_by(tables.run.c.as_of.desc())
        if finished:
            query = query.where(tables.run.c.status.in_(("passed", "reservations", "rehearsal")))
        found = self._all(Run, query.order_by(tables.run.c.started_at.desc(), tables.run.c.run_id).limit(1))
        return found[0] if found else None

    def plan(self, run_id: str) -> tuple[str, dict[str, Any]] | None:
        """Plan hash and document of a run."""
        with self.engine.connect() as connection:
            row = connection.execute(select(tables.plan).where(tables.plan.c.run_id == run_id)).mappings().one_or_none()
        if row is None:
            return None
        document: dict[str, Any] = json.loads(row["document"])
        return str(row["plan_hash"]), document

    def scan(self, run_id: str, stage: str) -> tuple[ScanLine, ...]:
        """Scan lines of a run before (`before`) or after (`after`) disposal."""
        columns = [column for column in tables.scan.c if column.name not in ("run_id", "stage", "line")]
        query = select(*columns).where(tables.scan.c.run_id == run_id, tables.scan.c.stage == stage)
        return self._all(ScanLine, query.order_by(tables.scan.c.population, tables.scan.c.line))

    def validation(self, run_id: str) -> tuple[ValidationLine, ...]:
        columns = [column for column in tables.validation.c if column.name != "run_id"]
        query = select(*columns).where(tables.validation.c.run_id == run_id)
        return self._all(
            ValidationLine, query.order_by(*(tables.validation.c[n] for n in ("stage", "population", "expectation")))
        )

    # receipts

    def receipts(self, run_ids: Sequence[str] | None = None) -> tuple[Receipt, ...]:
        columns = [column for column in tables.receipt.c if column.name != "keyset"]
        query = select(*columns).order_by(tables.receipt.c.disposed_at, tables.receipt.c.receipt_id)
        return self._all(Receipt, query if run_ids is None else query.where(tables.receipt.c.run_id.in_(run_ids)))

    def each_receipt(self, run_ids: Sequence[str]) -> Iterator[Receipt]:
        """Receipts one by one, however many there are: run by run in the order of an index, so that nothing is sorted."""
        r = tables.receipt.c
        query = select(*(column for column in r if column.name != "keyset")).order_by(r.store, r.population, r.unit, r.batch)
        with self.snapshot() as connection:
            spare_memory(connection)
            for run_id in run_ids:
                rows = connection.execute(query.where(r.run_id == run_id), execution_options={"yield_per": ROWS_AT_ONCE})
                yield from (Receipt(*row) for row in rows)

    def quarantined_since(self) -> dict[tuple[str, str, str], dt.date]:
        """The first night in which a reason for quarantine was met, by store, population and reason."""
        r, s = tables.run.c, tables.scan.c
        query = (
            select(r.store, s.population, s.reason, func.min(r.as_of))
            .select_from(tables.run.join(tables.scan, s.run_id == r.run_id))
            .where(s.disposition == "quarantine")
            .group_by(r.store, s.population, s.reason)
        )
        with self.snapshot() as connection:
            return {(store, population, reason): day for store, population, reason, day in connection.execute(query)}

    def disposed(
        self, run_ids: Sequence[str] | None = None, *, between: tuple[dt.date, dt.date] | None = None
    ) -> tuple[Disposed, ...]:
        """Totals per store, population, rule and action: of these runs, of nights as of the days `between` (both included)."""
        r = tables.receipt.c
        query = (
            select(
                r.store,
                r.population,
                r.rule,
                r.action,
                cast(func.sum(r.rows), BigInteger).label("rows"),
                func.count().label("batches"),
                func.min(r.disposed_at).label("first"),
                func.max(r.disposed_at).label("last"),
            )
            .group_by(r.store, r.population, r.rule, r.action)
            .order_by(r.store, r.population, r.rule, r.action)
        )
        if between is not None:
            query = query.where(r.as_of.between(*between))
        if run_ids is not None:
            query = query.where(r.run_id.in_(run_ids))
        return self._all(Disposed, query)

    def idle_populations(self, store: str, nights: int) -> tuple[str, ...]:
        """Populations with a decided criterion of which nothing was ever disposed of, in at least so many completed nights.

        What always disposes of nothing may be a mapping that finds nothing; elsewhere such runs stayed green for years.
        """
        done = [run for run in self.runs(store, limit=nights * 2) if run.status in ("passed", "reservations")]
        if len(done) < nights:
            return ()
        touched = {total.population for total in self.disposed() if total.store == store}
        open_questions = ("undecided", "no_criterion")
        judged = {line.population for line in self.scan(done[0].run_id, "before") if line.reason not in open_questions}
        return tuple(sorted(judged - touched))

    # holds

    def holds(self, *, active_only: bool = True) -> tuple[Hold, ...]:
        query = select(tables.hold).order_by(tables.hold.c.placed_at, tables.hold.c.hold_id)
        return self._all(Hold, query.where(tables.hold.c.released_at.is_(None)) if active_only else query)

    # ledger

    def head(self) -> LedgerHead | None:
        query = select(tables.ledger.c.seq, tables.ledger.c.hash).order_by(tables.ledger.c.seq.desc()).limit(1)
        found = self._all(LedgerHead, query)
        return found[0] if found else None


def _prepare_folder(path: Path, *, readonly: bool) -> None:
    if readonly:
        if not path.exists():
            raise EvidenceError("there is no evidence database yet", file=path, mend="run a night first: `retention run`")
        return
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise EvidenceError(
            f"the evidence folder cannot be made ({type(reason).__name__})",
            file=path.parent,
            mend="give write permission, or set RETENTION_HOME to a folder that is writable",
        ) from None
