"""A workspace to break: sample stores in a folder of one's own, and what tests ask of them again and again."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from databases import content, duplicate, remove, sql
from sqlalchemy import insert

from retention import clock, holds
from retention.declare.bundle import Bundle
from retention.declare.stores import Population
from retention.evidence import keysets, ledger
from retention.evidence import tables as evidence_tables
from retention.evidence.database import Evidence
from retention.evidence.ledger import Finding
from retention.evidence.records import Hold, ValidationLine
from retention.night import steps
from retention.night.context import Night
from retention.night.record import noted_head, store_receipts
from retention.sample import Sample
from retention.workspace import Workspace
from tests.approving import say_yes

AS_OF = dt.date(2026, 6, 15)
STORES = ("account", "transaction", "subscription", "usage")
UNTIL_DISPOSAL = ("prepare", "scan", "plan")
WITHOUT_REPORT = ("prepare", "scan", "plan", "validate_before", "dispose", "validate_after", "record")
UNVALIDATED = ("prepare", "scan", "plan", "dispose", "record")
DAY = dt.timedelta(days=1)

# The candidates of a list, each with what is to be done to it.
LISTED = """(SELECT c.population, c.seq, c.record_int, c.record_text, w.rule, w.reason, w.action
    FROM retention_candidate c JOIN retention_work w
    ON w.population = c.population AND w.strategy = 'listed' AND c.seq >= w.low AND c.seq < w.high)"""


_BEGAN = time.monotonic()


def set_day(patch: pytest.MonkeyPatch, day: dt.date) -> None:
    """The clock shows this day: three in the morning in Paris, and going on from there."""
    night = dt.datetime.combine(day, dt.time(1))
    patch.setattr(clock, "today", lambda: day)
    patch.setattr(clock, "now", lambda: night + dt.timedelta(seconds=time.monotonic() - _BEGAN))


@dataclass
class Bench:
    """One workspace with its sample. `sample` tells what was generated; `today` is the day the clock shows."""

    workspace: Workspace
    sample: Sample
    nights: list[Night] = field(default_factory=list)
    _runs: int = 0

    def close(self) -> None:
        for night in self.nights:
            night.session.close()
            night.evidence.engine.dispose()
        for url in self.workspace.store_urls.values():
            remove(url)

    # nights

    def night(self, store: str, *, as_of: dt.date = AS_OF, run_id: str | None = None, dry_run: bool = False) -> Night:
        self._runs += 1
        opened = steps.open_night(
            self.workspace, store, as_of=as_of, run_id=run_id or f"{store}-{as_of:%Y%m%d}-{self._runs}", dry_run=dry_run
        )
        self.nights.append(opened)
        return opened

    def run(self, store: str, names: Iterable[str] = UNVALIDATED, **options: Any) -> dict[str, dict[str, int | str]]:
        """The named steps of a new night, without a net: an error comes as it is."""
        return take(self.night(store, **options), names)

    def whole_night(self, stores: Iterable[str] = STORES, **options: Any) -> dict[str, dict[str, dict[str, int | str]]]:
        """Every step but the workbook, of every store."""
        return {store: self.run(store, WITHOUT_REPORT, **options) for store in stores}

    def guarded(self, store: str, **options: Any) -> dict[str, dict[str, int | str]]:
        """A night as the command line runs it: a failure is put on record."""
        return steps.run_night(self.night(store, **options))

    # what is declared and recorded

    @property
    def bundle(self) -> Bundle:
        return self.workspace.bundle()

    @property
    def evidence(self) -> Evidence:
        return self.workspace.evidence()

    def place(self, kind: str, **about: Any) -> Hold:
        request = holds.Request(
            kind=kind, reason="Test", reference="T-1", approver="Test", review_by=AS_OF + dt.timedelta(days=90), **about
        )
        return holds.place(self.workspace, self.bundle, self.evidence, request).hold

    def release(self, hold: Hold) -> None:
        holds.release(self.workspace, self.bundle, self.evidence, hold.hold_id, by="Test", note="over")

    def outcomes(self, run_id: str) -> dict[tuple[str, str], ValidationLine]:
        return {(line.population, line.expectation): line for line in self.evidence.validation(run_id)}

    def findings(self, stores: Iterable[str] = STORES) -> list[Finding]:
        """What verification has to say about ledger, noted head and the receipts in the stores."""
        receipts = {store: store_receipts(self.workspace, store) for store in stores}
        secret = self.workspace.digest_key()
        return ledger.verify(self.evidence, head=noted_head(self.workspace), receipts=receipts, secret=secret)

    # rows

    def file(self, store: str) -> Path:
        return self.workspace.store_file(store)

    def url(self, store: str) -> str:
        """The URL of a store."""
        return self.workspace.store_url(store)

    def sql(self, store: str, statement: str, *values: Any) -> list[Any]:
        return sql(self.url(store), statement, *values)

    def keys(self, store: str, population: str) -> set[Any]:
        declared = self.bundle.store(store).declared.population(population)
        return {row[0] for row in self.sql(store, f'SELECT "{declared.key}" FROM {table_name(declared)}')}

    def content(self, store: str) -> dict[str, str]:
        return content(self.url(store))

    def contents(self) -> dict[str, dict[str, str]]:
        return {store: self.content(store) for store in STORES}

    def receipted(self, store: str, known: Iterable[Any] = ()) -> dict[tuple[str, str], list[Any]]:
        """Keys that every receipt in a store names, by population and action. Text keys are found among those `known`."""
        found: dict[tuple[str, str], list[Any]] = {}
        names = 'receipt_id, store, population, scheme, root, keyset, "action", "rows"'
        for row in self.sql(store, f"SELECT {names} FROM retention_receipt"):
            keyset = keysets.KeySet(*row[:6])
            opened = keysets.opened(self.workspace.digest_key(), keyset)
            gone = opened.keys().tolist() if isinstance(opened, keysets.Blocks) else [key for key in known if key in opened]
            assert opened.count == row[7]
            found.setdefault((keyset.population, row[6]), []).extend(gone)
        return found


def table_name(population: Population) -> str:
    """The table of a population, as `sql` understands it on every kind of database."""
    return population.full_table if population.schema_name else f'"{population.table}"'


def take(night: Night, names: Iterable[str]) -> dict[str, dict[str, int | str]]:
    found = {}
    for name in names:
        if name == "dispose":
            waive_validation(night)
            say_yes(night)
        found[name] = steps.STEPS[name](night)
    return found


def waive_validation(night: Night) -> None:
    """Lets a plan pass that nobody validated: Great Expectations is slow, and has tests of its own."""
    if not night.evidence.validation(night.run_id):
        line = ValidationLine("before", "any", "waived", "blocking", "PASS", 0)
        with night.evidence.writing() as connection:
            connection.execute(insert(evidence_tables.validation).values(vars(line) | {"run_id": night.run_id}))


def copy(source: Workspace, folder: Path, **changes: Any) -> Workspace:
    """Stores, evidence, digest key and head of a workspace, in another folder."""
    there = replace(Workspace.at(folder, decision_set=source.decision_set), **changes)
    for old, new in ((source.home, there.home), (source.output, there.output)):
        if old.exists():
            shutil.copytree(old, new)
    return replace(there, store_urls={store: duplicate(url) for store, url in source.store_urls.items()})


def redeclare(folder: Path, *, sets: dict[str, Callable[[str], str]] | None = None) -> dict[str, Path]:
    """A copy of the declarations and of the mappings, for a test to change; `sets` edits decision sets."""
    origin = Workspace.at(folder)
    places = {"declarations": folder / "declarations", "sql": folder / "sql"}
    shutil.copytree(origin.declarations, places["declarations"])
    shutil.copytree(origin.sql, places["sql"])
    for name, edit in (sets or {}).items():
        file = places["declarations"] / "decisions" / f"{name}.yaml"
        file.write_text(edit(file.read_text(encoding="utf-8")), encoding="utf-8")
    return places


def limit(**limits: float) -> Callable[[str], str]:
    """An edit of a decision set that gives limits other values."""

    def edit(text: str) -> str:
        for name, value in limits.items():
            text, found = re.subn(rf"(?m)^  {name}: \S+", f"  {name}: {value}", text)
            assert found == 1, name
        return text

    return edit
