"""A slow second opinion: what becomes of every row of a sample, worked out row by row in plain Python.

It shares nothing with the product but the population queries and dateutil's calendar.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from retention.declare.source import Source
from retention.declare.stores import Population, Store
from retention.sample import Sample

SQL = Path(__file__).resolve().parents[3] / "include" / "sql"
PARIS = ZoneInfo("Europe/Paris")
BROKEN = "broken"
Key = tuple[str, str]  # population, record key
Row = dict[str, Any]


def declared(store: str) -> Store:
    return Source(SQL / store / "store.yaml").parse(Store)


def over(anchor: dt.date | None, months: int, as_of: dt.date) -> bool:
    return anchor is not None and anchor + relativedelta(months=months) < as_of


def civil(value: object, kind: str) -> Any:
    """The Paris date of an anchor, None where it is absent, BROKEN where it cannot be read."""
    if value is None:
        return None
    try:
        if kind == "date":
            return dt.datetime.strptime(str(value), "%Y-%m-%d").date()  # noqa: DTZ007
        moment = dt.datetime.strptime(str(value), "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return BROKEN
    return moment.replace(tzinfo=dt.UTC).astimezone(PARIS).date()


def opened(path: Path) -> sqlite3.Connection:
    """A store, its archive beside it."""
    db = sqlite3.connect(path)
    apart = path.with_name(f"{path.stem}.archive.db")
    if apart.exists():
        db.execute("ATTACH DATABASE ? AS archive", (str(apart),))
    return db


class Oracle:
    """`fates` maps (population, record key) to one of the expected words."""

    def __init__(self, sample: Sample) -> None:
        self.as_of = sample.as_of
        self.instructions = sample.instructions
        self.populations: dict[str, Population] = {}
        self.rows: dict[Key, Row] = {}
        self.children: defaultdict[Key, list[Key]] = defaultdict(list)
        for store, path in sample.places.items():
            self._read(store, path)
        self._subjects()
        self.fates: dict[Key, str] = {}
        for key in self.rows:
            self.fate(key)
        self._small_cells()

    def _read(self, store: str, path: Path) -> None:
        db = opened(path)
        db.row_factory = sqlite3.Row
        for population in declared(store).populations:
            self.populations[population.name] = population
            columns = {str(row[population.key]): dict(row) for row in db.execute(f"SELECT * FROM {population.full_table}")}
            for found in db.execute((SQL / store / population.query).read_text(encoding="utf-8")):
                key = (population.name, str(found["record_key"]))
                row = self.rows[key] = {**columns[key[1]], **dict(found)}
                for anchor, kind in population.anchors.items():
                    row[f"@{anchor}"] = civil(row[anchor], kind)
                if population.parent and row["parent_key"] is not None:
                    self.children[(population.parent.population, str(row["parent_key"]))].append(key)
        db.close()

    def _subjects(self) -> None:
        accounts = [row["subject_key"] for (name, _), row in self.rows.items() if name == "accounts"]
        self.known = set(accounts)
        self.problem = {subject for subject, times in Counter(accounts).items() if times > 1}
        self.ends: defaultdict[object, list[dt.date]] = defaultdict(list)
        self.trials: defaultdict[object, list[Row]] = defaultdict(list)
        for (name, _), row in self.rows.items():
            if name in ("contracts", "trials") and self.unclear(name, row):
                self.problem.add(row["subject_key"])
            elif name == "contracts":
                self.ends[row["subject_key"]].append(row["@contract_end"] or dt.date.max)
            elif name == "trials" and row["state"] != "converted":
                self.trials[row["subject_key"]].append(row)

    def unclear(self, name: str, row: Row) -> bool:
        """Whether the row itself cannot be judged."""
        population = self.populations[name]
        if row["state"] not in population.states or row["state"] in population.quarantined_states:
            return True
        for anchor in population.anchors:
            day = row[f"@{anchor}"]
            if day == BROKEN or (day is None and anchor not in population.optional_anchors):
                return True
            if day is not None and day > self.as_of and anchor not in population.future_anchors:
                return True
        return any(
            row[first] is not None and row[later] is not None and str(row[later]) < str(row[first])
            for first, later in population.ordered
        )

    def fate(self, key: Key) -> str:
        if key not in self.fates:
            self.fates[key] = self._fate(key)
        return self.fates[key]

    def _fate(self, key: Key) -> str:
        name, row = key[0], self.rows[key]
        subject = row["subject_key"]
        if self.unclear(name, row) or subject in self.problem or (subject is not None and subject not in self.known):
            return "quarantined"
        fate, holds = self._judged(name, row), self._holds(key)
        erase = "erasure" in holds and not (self._asked_by_subject(subject) and self._live(subject))
        if holds - {"erasure"} and not (erase and holds == {"erasure", "insurance"}):
            return "held"
        if erase and name != "archived_invoices":
            fate = "deleted"
        if fate == "deleted" and name == "invoices" and self._under_floor(row):
            fate = "archived"
        if fate == "archived" and ("archived_invoices", key[1]) in self.rows:
            return "quarantined"
        if fate in ("deleted", "archived") and any(
            self.fate(child) not in ("deleted", "archived") for child in self.children[key]
        ):
            return "kept"
        return fate

    def _judged(self, name: str, row: Row) -> str:
        if row["state"] == "unsubscribed" and over(row["@unsubscribed_at"], 1, self.as_of):
            return "deleted"
        if name == "suppression_list":
            return "kept"
        standing = self._standing(name, row)
        if standing == "trial":
            trials = [row] if name == "trials" else self.trials[row["subject_key"]]
            running = any(t["@trial_end"] is None or t["@trial_end"] >= self.as_of for t in trials)
            start = max(t["@trial_start"] for t in trials)
            return "deleted" if not running and over(start, 25, self.as_of) else "kept"
        return getattr(self, f"_{self.populations[name].category}")(name, row, standing)

    def _account(self, name: str, row: Row, standing: str) -> str:
        if standing == "customer":
            return self._after_contract(row, 60)
        return "deleted" if over(row["@last_contact"], 36, self.as_of) else "kept"

    def _subscription(self, name: str, row: Row, standing: str) -> str:
        if standing == "customer":
            return self._after_contract(row, 36)
        return "deleted" if over(row["@last_contact"], 36, self.as_of) else "kept"

    def _transaction(self, name: str, row: Row, standing: str) -> str:
        if name == "archived_invoices":
            return "kept" if self._under_floor(row) else "deleted"
        if over(row["@recorded_at"], 60, self.as_of):
            return "deleted"
        if name == "payments" and row["card_last4"] is not None and over(row["@debited_at"], 13, self.as_of):
            return "anonymised"
        return "kept"

    def _usage(self, name: str, row: Row, standing: str) -> str:
        if not over(row["@recorded_at"], 25, self.as_of) or row["state"] == "anonymised":
            return "kept"
        return "anonymised" if name == "visits" else "deleted"

    def _after_contract(self, row: Row, months: int) -> str:
        latest = max(self.ends[row["subject_key"]])
        return "deleted" if latest.year < 9000 and over(latest, months, self.as_of) else "kept"

    def _standing(self, name: str, row: Row) -> str:
        subject = row["subject_key"]
        if name == "trials":
            return "customer" if row["state"] == "converted" else "trial"
        if subject is None:
            return "anonymous"
        if self.ends[subject]:
            return "customer"
        return "trial" if self.trials[subject] else "prospect"

    def _under_floor(self, row: Row) -> bool:
        close = dt.date(row["@document_date"].year, 12, 31)
        return not over(close, 120, self.as_of)

    def _live(self, subject: object) -> bool:
        return any(end >= self.as_of for end in self.ends[subject])

    def _asked_by_subject(self, subject: object) -> bool:
        return any(i.kind == "erasure" and i.subject_key == subject for i in self.instructions if i.scope == "subject")

    def _holds(self, key: Key) -> set[str]:
        """The kinds of instruction that reach a row: its subject's, its own, its ancestors'."""
        subject = {i.kind for i in self.instructions if i.scope == "subject" and i.subject_key == self.rows[key]["subject_key"]}
        return subject | self._on_records(key)

    def _on_records(self, key: Key) -> set[str]:
        found = {i.kind for i in self.instructions if i.scope == "record" and (i.population, i.record_key) == key}
        parent, above = self.populations[key[0]].parent, self.rows[key].get("parent_key")
        if parent is None or above is None:
            return found
        return found | self._on_records((parent.population, str(above)))

    def _small_cells(self) -> None:
        visits = [key for key in self.rows if key[0] == "visits"]
        gone = [key for key in visits if self.fates[key] == "anonymised" or self.rows[key]["state"] == "anonymised"]
        cells = Counter((self.rows[key]["browser"], self.rows[key]["operating_system"]) for key in gone)
        for key in gone:
            cell = (self.rows[key]["browser"], self.rows[key]["operating_system"])
            if cells[cell] < 5 and self.fates[key] == "anonymised":
                self.fates[key] = "deleted"
