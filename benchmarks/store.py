"""The shipped usage store, filled by the server itself, half of its page events due; and nights over copies of it."""

from __future__ import annotations

import datetime as dt
import os
import re
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, create_engine, insert, make_url, text

from retention import clock, dates, holds
from retention.declare.bundle import Bundle
from retention.evidence import tables as evidence_tables
from retention.evidence.records import ValidationLine
from retention.holds import Request
from retention.installation import install_store
from retention.night.context import Night
from retention.night.steps import STEPS, open_night
from retention.resolve import resolve
from retention.sample.schema import store_schema
from retention.stores.connect import make_engine
from retention.workspace import Workspace

CUSTOMERS = 5_000
HELD = (4, 7, 10)  # customers under a claim: each has an event among any few
# Databases of this run alone, and of the processes it starts: two runs may use one server.
_OURS = os.environ.setdefault("RETENTION_BENCH_NAME", f"retention_bench_{os.getpid()}")
BEFORE_DISPOSAL = ("prepare", "scan", "plan")
PRISTINE, WORK = f"{_OURS}_pristine", f"{_OURS}_work"

_SERIES = {
    "postgresql": "SELECT g FROM generate_series(1, {n}) AS s (g)",
    "sqlite": "WITH RECURSIVE s (g) AS (SELECT 1 UNION ALL SELECT g + 1 FROM s WHERE g < {n}) SELECT g FROM s",
    "mariadb": "SELECT seq AS g FROM seq_1_to_{n}",
}
_MOMENT = {
    "postgresql": "CAST('{start}' AS timestamp) + n.g * interval '{step} seconds'",
    "sqlite": "datetime('{start}', (n.g * {step}) || ' seconds')",
    "mariadb": "CAST('{start}' AS datetime) + INTERVAL n.g * {step} SECOND",
}


@dataclass(frozen=True)
class Filling:
    """What the store holds. `share` of `rows` page events are due; a shuffled heap keeps them in no order."""

    rows: int
    share: float = 0.5
    shuffled: bool = False


class Bench:
    """A usage store on one kind of database: pristine, and copies that nights or bare statements work on."""

    def __init__(self, kind: str, server: str, folder: Path, filling: Filling) -> None:
        self.kind, self.filling, self.folder = kind, filling, folder
        self.server = make_url(server) if server else None
        self.as_of = clock.today()
        self.workspace = _workspace(folder)
        self.evidence, self.pristine_evidence = self.workspace.home / "evidence.db", folder / "pristine-evidence.db"
        due = int(filling.rows * filling.share)
        self.step = max(1, int(700 * 86_400 / max(due, filling.rows - due, 1)))  # seconds from one event to the next
        self.start = self.cutoff - dt.timedelta(seconds=due * self.step + 1)
        self._fill()

    def url(self, name: str) -> str:
        if self.server is None:
            return f"sqlite:///{self.folder / name}.db"
        return self.server.set(database=name).render_as_string(hide_password=False)

    @property
    def cutoff(self) -> dt.datetime:
        """The first instant that is not due, as the plan of the night has it."""
        return self.cutoff_of(self.as_of)

    def cutoff_of(self, as_of: dt.date) -> dt.datetime:
        asked = resolve(self._bundle, self._bundle.store("usage"), as_of)
        (term,) = (term for term in asked["page_events"].whole if term.id == "usage-events")
        assert term.cutoff is not None
        return dates.start_of_day(term.cutoff + dt.timedelta(days=1), ZoneInfo("UTC"))

    @cached_property
    def _bundle(self) -> Bundle:
        return self.workspace.bundle()

    def night(self, database: str) -> Night:
        """The one night of this bench, over the pristine store or a copy."""
        return open_night(self.workspace_of(database), "usage", as_of=self.as_of, run_id=self.run_id)

    @property
    def run_id(self) -> str:
        return f"usage:bench:{self.as_of.isoformat()}"

    def workspace_of(self, database: str) -> Workspace:
        stores = {"usage": self.url(database), "account": f"sqlite:///{self.folder / 'account.db'}"}
        return Workspace(**{**vars(self.workspace), "store_urls": stores})

    def pace(self, **values: float) -> None:
        """Writes the store's pace into its declaration: nights that are prepared from now on keep to it."""
        path = self.workspace.sql / "usage" / "store.yaml"
        plain = path.read_text(encoding="utf-8").partition("\npace:")[0]
        said = ", ".join(f"{name}: {value}" for name, value in values.items())
        path.write_text(f"{plain}\npace: {{{said}}}\n", encoding="utf-8")

    def prepare(self, *steps: str) -> None:
        """Takes these steps of the night on the pristine store, which every copy then has behind it.

        A plan counts as validated: what Great Expectations takes is no part of what is measured.
        """
        night = self.night(PRISTINE)
        install_store("usage", night.session.url)
        try:
            for step in steps:
                STEPS[step](night)
            if "plan" in steps:
                pass_validation(night)
        finally:
            night.session.close()
        if self.kind == "postgresql":  # our own tables too: it would be done within the hour
            analyse(self.url(PRISTINE))
        shutil.copy(self.evidence, self.pristine_evidence)

    def restore(self, *, logged: bool = False) -> None:
        """A fresh copy of store and evidence, on PostgreSQL right after a checkpoint.

        `logged`: the copy has passed through the WAL instead, so that a page changed now need not be written there whole.
        """
        shutil.copy(self.pristine_evidence, self.evidence)
        if self.server is None:
            shutil.copy(self.folder / f"{PRISTINE}.db", self.folder / f"{WORK}.db")
        elif self.kind == "postgresql":  # page by page: the heap and its indexes lie as they were
            how = "WAL_LOG" if logged else "FILE_COPY"
            self._admin("CHECKPOINT", f"DROP DATABASE IF EXISTS {WORK} WITH (FORCE)")
            self._admin(f"CREATE DATABASE {WORK} TEMPLATE {PRISTINE} STRATEGY {how}", *(() if logged else ("CHECKPOINT",)))
        else:
            self._copy_tables()

    def drop(self) -> None:
        if self.server is not None:
            force = " WITH (FORCE)" if self.kind == "postgresql" else ""
            self._admin(*(f"DROP DATABASE IF EXISTS {name}{force}" for name in (WORK, PRISTINE)))

    def _admin(self, *statements: str) -> None:
        assert self.server is not None
        engine = create_engine(self.server, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()

    def _copy_tables(self) -> None:
        self._admin(f"DROP DATABASE IF EXISTS {WORK}", f"CREATE DATABASE {WORK}")
        engine = make_engine(self.url(WORK))
        with engine.begin() as connection:
            connection.execute(text("SET SESSION foreign_key_checks = 0, unique_checks = 0"))
            for (table,) in connection.execute(text(f"SHOW TABLES FROM {PRISTINE}")).all():
                _, made = connection.execute(text(f"SHOW CREATE TABLE {PRISTINE}.{table}")).one()
                connection.execute(text(made))
                connection.execute(text(f"INSERT INTO {table} SELECT * FROM {PRISTINE}.{table}"))  # noqa: S608
        engine.dispose()

    # filling

    def _fill(self) -> None:
        self.drop()
        if self.server is not None:
            self._admin(f"CREATE DATABASE {PRISTINE}")
        _fill_accounts(self.folder / "account.db")
        engine = make_engine(self.url(PRISTINE), create=True)
        with engine.begin() as connection:
            schema = store_schema("usage", connection.dialect.name)
            if self.kind == "postgresql":  # every event has its visit: no need to look for ten million of them
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            for statement in schema.tables:
                connection.execute(text(statement))
            self._events(connection)
            for statement in schema.indexes:
                connection.execute(text(statement))
        engine.dispose()
        if self.kind == "postgresql":
            analyse(self.url(PRISTINE))

    def _events(self, connection: Connection) -> None:
        rows = self.filling.rows
        spread = _MOMENT[self.kind].format(start=self.start, step=self.step)
        recent = _MOMENT[self.kind].format(start=self.as_of - dt.timedelta(days=30), step=0)
        visits = max(1, rows // 10)
        who = f"CASE WHEN n.g % 3 = 0 THEN 'C' || (n.g % {CUSTOMERS} + 1) END"
        numbers = _SERIES[self.kind]
        connection.execute(
            text(
                "INSERT INTO visits (visit_id, visitor_id, visited_at, browser, operating_system) "  # noqa: S608
                f"SELECT n.g, 'v' || n.g, {recent}, 'Firefox', 'Linux' FROM ({numbers.format(n=visits)}) n"
            )
        )
        order = " ORDER BY random()" if self.filling.shuffled else ""
        connection.execute(
            text(
                "INSERT INTO page_events "  # noqa: S608
                f"SELECT n.g, n.g % {visits} + 1, {who}, {spread}, '/guide/page-' || (n.g % 1000), "
                f"'/guide/from-' || (n.g % 777), n.g % 600 FROM ({numbers.format(n=rows)}) n{order}"
            )
        )


def analyse(url: str) -> None:
    """VACUUM ANALYZE of a whole PostgreSQL database."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def pass_validation(night: Night) -> None:
    """Evidence that the plan was validated, without Great Expectations."""
    line = ValidationLine("before", "any", "benchmark", "blocking", "PASS", 0)
    with night.evidence.writing() as connection:
        connection.execute(insert(evidence_tables.validation).values(vars(line) | {"run_id": night.run_id}))


def hold_some(bench: Bench) -> None:
    """A few claims: their subjects' rows stay."""
    night = bench.night(PRISTINE)
    for number in HELD:
        request = Request(
            kind="legal_claim",
            subject_key=f"C{number}",
            reason="benchmark",
            reference="B-1",
            approver="benchmark",
            review_by=bench.as_of + dt.timedelta(days=90),
        )
        holds.place(night.workspace, night.bundle, night.evidence, request)
    night.session.close()


def _workspace(folder: Path) -> Workspace:
    """The installation's example declarations, but for the share of a store that may go in one night: half of it is to."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    workspace = Workspace.at(folder, decision_set="example")
    workspace.home.mkdir()
    shutil.copytree(workspace.declarations, folder / "declarations")
    path = folder / "declarations" / "decisions" / "example.yaml"
    text_ = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"candidate_share: [0-9.]+", "candidate_share: 1.0", text_), encoding="utf-8")
    shutil.copytree(workspace.sql, folder / "sql")
    return Workspace(**{**vars(workspace), "declarations": folder / "declarations", "sql": folder / "sql"})


def _fill_accounts(path: Path) -> None:
    """Customers with an open contract, who publish the facts of the subjects."""
    engine = make_engine(f"sqlite:///{path}", create=True)
    numbers = _SERIES["sqlite"].format(n=CUSTOMERS)
    with engine.begin() as connection:
        schema = store_schema("account", "sqlite")
        for statement in (*schema.tables, *schema.indexes):
            connection.execute(text(statement))
        connection.execute(
            text(
                "INSERT INTO accounts (account_id, customer_ref, company_name, created_at, last_contact_at, status) "  # noqa: S608
                f"SELECT g, 'C' || g, 'Company', '2019-01-01 08:00:00', '2026-01-01 08:00:00', 'active' FROM ({numbers})"
            )
        )
        connection.execute(
            text(
                "INSERT INTO contracts (contract_id, account_id, reference, plan, starts_on) "  # noqa: S608
                f"SELECT g, g, 'CT-' || g, 'Forfait Pro', '2019-01-01' FROM ({numbers})"
            )
        )
    engine.dispose()
