"""What should become of every row in one night, judged row by row in plain Python.

Written from the prose of docs/design/overview.md ("Rules and how they combine") and the declared values. It shares no code with
the product: rows come as plain dicts, dates are reckoned with dateutil, values are read from the YAML files as they stand.

Where the prose leaves a question open, the answer taken here stands beside the code, marked "Read as".
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from ruamel.yaml import YAML

ROOT = Path(__file__).resolve().parents[2]
PARIS = ZoneInfo("Europe/Paris")
FOREVER = dt.date(9999, 12, 31)
BROKEN = "broken"

Cells = dict[str, Any]  # one row: column -> value
World = dict[str, list[Cells]]  # table -> rows
Name = tuple[str, Any]  # table, key


# ── what is declared ─────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Table:
    """One table as the design describes it. Populations are called like their tables."""

    store: str
    category: str
    key: str
    anchors: Mapping[str, tuple[str, str]]  # anchor -> column, instant or date
    optional: tuple[str, ...] = ()
    may_lie_ahead: tuple[str, ...] = ()
    ordered: tuple[str, str] | None = None
    parent: tuple[str, str] | None = None  # table, column
    states: tuple[str, ...] = ()  # allowed values of `status`, where there is such a column


TABLES: dict[str, Table] = {
    "accounts": Table(
        "account",
        "account",
        "account_id",
        {"recorded_at": ("created_at", "instant"), "last_contact": ("last_contact_at", "instant")},
        states=("active", "dormant", "closed"),
    ),
    "contacts": Table(
        "account",
        "account",
        "contact_id",
        {"recorded_at": ("created_at", "instant"), "last_contact": ("last_contact_at", "instant")},
        parent=("accounts", "account_id"),
        states=("active", "left"),
    ),
    "trials": Table(
        "account",
        "account",
        "trial_id",
        {"trial_start": ("started_at", "instant"), "trial_end": ("ended_at", "instant")},
        optional=("trial_end",),
        may_lie_ahead=("trial_end",),
        ordered=("trial_start", "trial_end"),
        parent=("accounts", "account_id"),
    ),
    "contracts": Table(
        "account",
        "account",
        "contract_id",
        {"contract_start": ("starts_on", "date"), "contract_end": ("ends_on", "date")},
        optional=("contract_end",),
        may_lie_ahead=("contract_start", "contract_end"),
        ordered=("contract_start", "contract_end"),
        parent=("accounts", "account_id"),
    ),
    "orders": Table(
        "transaction",
        "transaction",
        "order_id",
        {"recorded_at": ("created_at", "instant")},
        states=("placed", "delivered", "cancelled"),
    ),
    "invoices": Table(
        "transaction",
        "transaction",
        "invoice_id",
        {"recorded_at": ("created_at", "instant"), "document_date": ("issued_on", "date")},
        parent=("orders", "order_id"),
        states=("issued", "paid", "credited"),
    ),
    "archived_invoices": Table(
        "transaction",
        "transaction",
        "invoice_id",
        {"document_date": ("issued_on", "date")},
        states=("issued", "paid", "credited"),
    ),
    "payments": Table(
        "transaction",
        "transaction",
        "payment_id",
        {"recorded_at": ("created_at", "instant"), "debited_at": ("debited_at", "instant")},
        parent=("invoices", "invoice_id"),
        states=("settled", "refunded"),
    ),
    "subscribers": Table(
        "subscription",
        "subscription",
        "subscriber_id",
        {
            "recorded_at": ("subscribed_at", "instant"),
            "unsubscribed_at": ("unsubscribed_at", "instant"),
            "last_contact": ("last_contact_at", "instant"),
        },
        optional=("unsubscribed_at",),
        ordered=("recorded_at", "unsubscribed_at"),
    ),
    "preferences": Table("subscription", "subscription", "preference_id", {}, parent=("subscribers", "subscriber_id")),
    "suppression_list": Table("subscription", "subscription", "fingerprint", {"suppressed_at": ("suppressed_at", "instant")}),
    "visits": Table("usage", "usage", "visit_id", {"recorded_at": ("visited_at", "instant")}),
    "page_events": Table(
        "usage", "usage", "event_id", {"recorded_at": ("viewed_at", "instant")}, parent=("visits", "visit_id")
    ),
}
STORES = ("account", "transaction", "subscription", "usage")
SUBJECT_REQUIRED = {"accounts", "contacts", "trials", "contracts", "orders", "payments"}
CARD = ("card_brand", "card_last4", "card_expiry")
# What is left of an anonymised visit is its key, its browser, its operating system and its month.
VISIT_BLANKED = (
    "customer_ref",
    "visitor_id",
    "ip_address",
    "country",
    "city",
    "location",
    "browser_version",
    "referral_source",
    "duration_seconds",
    "interests",
)


@dataclass(frozen=True)
class Values:
    """The decided values of a set; None where a decision is awaited. Periods are in months."""

    decided: Mapping[str, Any]
    trial_months: int

    def __getitem__(self, name: str) -> Any:
        return self.decided.get(name)


@cache
def read_values(declarations: Path, decision_set: str) -> Values:
    """Reads a decision set and the policy's own period from the YAML files."""
    yaml = YAML(typ="safe")
    entries = yaml.load(declarations / "decisions" / f"{decision_set}.yaml")["decisions"]
    decided = {
        entry["id"]: _months(entry["value"]) if entry["kind"] == "period" else entry["value"]
        for entry in entries
        if "value" in entry
    }
    rules = yaml.load(declarations / "retention.yaml")["rules"]
    trial = next(rule for rule in rules if rule["id"] == "trial-data")
    return Values(decided, _months(trial["period"]["value"]))


def _months(text: str) -> int:
    number, unit = text.split()
    return int(number) * (12 if unit.startswith("year") else 1)


@cache
def _elements(store: str) -> dict[str, dict[str, str]]:
    """table -> column -> data element."""
    populations = YAML(typ="safe").load(ROOT / "include" / "sql" / store / "store.yaml")["populations"]
    return {
        population["table"]: {
            column: held if isinstance(held, str) else held["element"] for column, held in population["columns"].items()
        }
        for population in populations
    }


# ── holds and requests ───────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Request:
    """A hold, or an approved erasure request (`kind == "erasure"`), about a subject, a record or a category."""

    kind: str
    subject: str | None = None
    record: Name | None = None
    category: str | None = None


# ── the outcome ──────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class Fate:
    """What a row is told."""

    disposition: str  # keep, held, quarantine, due
    action: str | None = None  # delete, archive, anonymise
    reason: str = ""


@dataclass
class Facts:
    """What is known of a data subject. `contract_until` is FOREVER where a contract has no end."""

    contracts: int = 0
    contract_until: dt.date | None = None
    trials: int = 0
    trial_start: dt.date | None = None
    trial_end: dt.date | None = None  # None while one of them runs
    contradictory: bool = False


@dataclass
class Night:
    """Everything the oracle says of one night over all stores."""

    fates: dict[Name, Fate]
    facts: dict[str, Facts]
    world: World  # as it stands in the morning
    suppressed: dict[str, set[Any]] = field(default_factory=dict)  # new fingerprints: instants of which one is kept

    def counts(self, store: str) -> Counter[tuple[str, str]]:
        """(table, disposition) -> rows."""
        return Counter((name[0], fate.disposition) for name, fate in self.fates.items() if TABLES[name[0]].store == store)

    def disposed(self, store: str) -> dict[Name, str]:
        return {
            name: str(fate.action)
            for name, fate in self.fates.items()
            if fate.disposition == "due" and TABLES[name[0]].store == store
        }


def judge(
    world: World,
    requests: Iterable[Request],
    values: Values,
    as_of: dt.date,
    today: dt.date,
    remembered: Mapping[str, Facts] | None = None,
) -> Night:
    """Judges every row of the four stores for one night. `remembered` are the facts of the night before."""
    return _Court(world, list(requests), values, as_of, max(as_of, today), dict(remembered or {})).night()


# ── dates ────────────────────────────────────────────────────────────────────────────────────────────────────────────────

_INSTANT = re.compile(r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def civil(value: Any, kind: str) -> Any:
    """The Paris date of an anchor: None where it is absent, BROKEN where it cannot be read."""
    if value is None:
        return None
    if not isinstance(value, str):
        return BROKEN
    try:
        if kind == "date":
            return dt.date.fromisoformat(value) if _DATE.fullmatch(value) else BROKEN
        match = _INSTANT.fullmatch(value)
        if match is None:
            return BROKEN
        return dt.datetime.strptime(match[1], "%Y-%m-%d %H:%M:%S").replace(tzinfo=dt.UTC).astimezone(PARIS).date()
    except ValueError:
        return BROKEN
    except OverflowError:  # the last hour of the calendar, which Paris has left already
        return FOREVER


def over(anchor: dt.date | None, months: int, as_of: dt.date) -> bool:
    """The period ends with the last hour of its last day."""
    return anchor is not None and anchor != FOREVER and as_of > anchor + relativedelta(months=months)


def close_of_year(document: dt.date, close: str) -> dt.date:
    month, day = (int(part) for part in close.split("-"))
    closing = dt.date(document.year, month, day)
    return closing if closing >= document else dt.date(document.year + 1, month, day)


# ── the court ────────────────────────────────────────────────────────────────────────────────────────────────────────────


class _Court:
    def __init__(
        self,
        world: World,
        requests: list[Request],
        values: Values,
        as_of: dt.date,
        horizon: dt.date,
        remembered: dict[str, Facts],
    ) -> None:
        self.values, self.as_of, self.horizon, self.requests = values, as_of, horizon, requests
        self.rows: dict[Name, Cells] = {
            (table, row[spec.key]): row for table, spec in TABLES.items() for row in world.get(table, [])
        }
        self.children: defaultdict[Name, list[Name]] = defaultdict(list)
        for name in self.rows:
            above = self.parent(name)
            if above is not None:
                self.children[above].append(name)
        self.listed = {row["fingerprint"] for row in world.get("suppression_list", [])}
        self.facts = self._all_facts(remembered)
        self.fates: dict[Name, Fate] = {}

    def night(self) -> Night:
        for name in self.rows:
            self.fate(name)
        self._small_cells()
        return Night(self.fates, self.facts, *self._morning())

    # what a row is

    def parent(self, name: Name) -> Name | None:
        """The record a row hangs from, whether it exists or not."""
        link = TABLES[name[0]].parent
        if link is None:
            return None
        table, column = link
        key = self.rows[name][column]
        return None if key is None else (table, key)

    def subject(self, name: Name) -> str | None:
        """The reference by which all stores know the data subject: the account's, for what hangs from an account."""
        table, row = name[0], self.rows[name]
        if table in ("contacts", "trials", "contracts"):
            account = self.rows.get(("accounts", row["account_id"]))
            return account["customer_ref"] if account else None
        if table == "preferences":
            subscriber = self.rows.get(("subscribers", row["subscriber_id"]))
            return subscriber["customer_ref"] if subscriber else None
        return None if table in ("suppression_list", "archived_invoices") else row["customer_ref"]

    def anchor(self, name: Name, anchor: str) -> Any:
        """An anchor of the row. A preference lives and ends with its subscriber: its anchors are the subscriber's."""
        if name[0] == "preferences":
            name = ("subscribers", self.rows[name]["subscriber_id"])
            if name not in self.rows:
                return None
        column, kind = TABLES[name[0]].anchors[anchor]
        return civil(self.rows[name][column], kind)

    def state(self, name: Name) -> str | None:
        """A word for what the row is; None where nobody declared such a thing."""
        table, row = name[0], self.rows[name]
        if table == "trials":
            return {0: "running" if row["ended_at"] is None else "expired", 1: "converted"}.get(row["converted"])
        if table == "contracts":
            return "open_ended" if row["ends_on"] is None else "dated"
        if table == "preferences":
            above = ("subscribers", row["subscriber_id"])
            return self.state(above) if above in self.rows else None
        if table == "subscribers":
            return self._subscriber_state(row)
        if table == "visits":
            named = (row["visitor_id"], row["ip_address"], row["customer_ref"])
            return "anonymised" if named == (None, None, None) else "recorded"
        if table in ("suppression_list", "page_events"):
            return "recorded"
        return row["status"] if row["status"] in TABLES[table].states else None

    def _subscriber_state(self, row: Cells) -> str | None:
        if row["match_status"] == "ambiguous":
            return "ambiguous"
        if row["match_status"] not in ("matched", "unmatched"):
            return None
        if row["unsubscribed_at"] is not None:
            return "unsubscribed"
        return "resubscribed_suppressed" if row["email_fingerprint"] in self.listed else "subscribed"

    def unreadable(self, name: Name) -> bool:
        """Whether the row itself cannot be judged."""
        table = "subscribers" if name[0] == "preferences" else name[0]
        spec = TABLES[table]
        for anchor in spec.anchors:
            day = self.anchor(name, anchor)
            if day == BROKEN or (day is None and anchor not in spec.optional):
                return True
            if day is not None and day > self.horizon and anchor not in spec.may_lie_ahead:
                return True
        if spec.ordered and self._turned(name, spec):
            return True
        if self.state(name) in (None, "ambiguous", "resubscribed_suppressed"):
            return True
        above = self.parent(name)
        return above is not None and above not in self.rows

    def _turned(self, name: Name, spec: Table) -> bool:
        row = self.rows[name] if name[0] != "preferences" else self.rows[("subscribers", self.rows[name]["subscriber_id"])]
        start, end = (row[spec.anchors[anchor][0]] for anchor in spec.ordered or ())
        return end is not None and str(end) < str(start)  # both are text of one form by now

    # what is known of a subject

    def _all_facts(self, remembered: dict[str, Facts]) -> dict[str, Facts]:
        """Facts of every subject of the register, and the last facts of those who have gone from it."""
        accounts = Counter(row["customer_ref"] for name, row in self.rows.items() if name[0] == "accounts")
        facts = {subject: Facts(contradictory=times > 1) for subject, times in accounts.items()}
        converted: set[str] = set()
        for name in [name for name in self.rows if name[0] in ("trials", "contracts")]:
            subject = self.subject(name)
            if subject is None:
                continue
            if name[0] == "contracts":
                self._count_contract(facts[subject], name)
            else:
                self._count_trial(facts[subject], name, converted)
        for subject, known in facts.items():
            last = remembered.get(subject)
            # Read as: contracts or trials that are all gone count as last known, for a former customer is no prospect.
            if known.contracts == 0 and last and last.contracts:
                known.contracts, known.contract_until = last.contracts, last.contract_until
            if known.trials == 0 and last and last.trials:
                known.trials, known.trial_start, known.trial_end = last.trials, last.trial_start, last.trial_end
            # Read as: a trial that became a contract, without any contract, is a contradiction.
            known.contradictory |= subject in converted and known.contracts == 0
        return {**remembered, **facts}

    def _count_contract(self, known: Facts, name: Name) -> None:
        known.contracts += 1
        if self._unusable(name):
            known.contradictory = True
            return
        end = self.anchor(name, "contract_end") or FOREVER
        known.contract_until = max(known.contract_until or end, end)

    def _count_trial(self, known: Facts, name: Name, converted: set[str]) -> None:
        if self._unusable(name):
            known.contradictory = True
            return
        if self.state(name) == "converted":
            converted.add(str(self.subject(name)))
            return
        start, end = self.anchor(name, "trial_start"), self.anchor(name, "trial_end") or FOREVER
        known.trials += 1
        known.trial_start = max(known.trial_start or start, start)
        known.trial_end = max(known.trial_end or end, end)

    def _unusable(self, name: Name) -> bool:
        """Whether nothing about the subject may be concluded from this contract or trial."""
        return self.unreadable(name)

    def standing(self, name: Name) -> str:
        if name[0] == "contracts":
            return "customer"
        if name[0] == "trials":  # judged one by one
            return "customer" if self.state(name) == "converted" else "trial"
        subject = self.subject(name)
        if subject is None:
            return "anonymous"
        known = self.facts[subject]
        return "customer" if known.contracts else "trial" if known.trials else "prospect"

    # holds and requests

    def _reaching(self, name: Name) -> list[Request]:
        """Requests about the row's subject, the row, a record it hangs from, or its category."""
        line, above = [name], self.parent(name)
        while above is not None:
            line.append(above)
            above = self.parent(above) if above in self.rows else None
        subject, category = self.subject(name), TABLES[name[0]].category
        return [
            request
            for request in self.requests
            if (request.subject is not None and request.subject == subject)
            or request.record in line
            or request.category == category
        ]

    def contract_live(self, name: Name) -> bool:
        known = self.facts.get(str(self.subject(name)))
        return bool(known and known.contract_until and known.contract_until >= self.as_of)

    def erased(self, name: Name) -> bool:
        """Whether an approved request asks for the row and no live contract stands against it.

        Read as: a live contract stands against a request about its subject, and about a record that is the relationship itself
        (account, contract, trial). A request about another record concerns a person or a thing among others (the contact of a
        customer): the person goes, the customer stays.
        """
        asked = [request for request in self._reaching(name) if request.kind == "erasure"]
        if self.contract_live(name):
            relationship = ("accounts", "contracts", "trials")
            asked = [request for request in asked if request.record and request.record[0] not in relationship]
        return bool(asked)

    def frozen(self, name: Name) -> bool:
        kinds = {request.kind for request in self._reaching(name)} - {"erasure"}
        return bool(kinds - {"insurance"} if self.erased(name) else kinds)

    # judgement

    def fate(self, name: Name) -> Fate:
        if name not in self.fates:
            self.fates[name] = self._fate(name)
        return self.fates[name]

    def _fate(self, name: Name) -> Fate:
        subject = self.subject(name)
        if self.unreadable(name):
            return Fate("quarantine", reason="unreadable")
        if subject is None and name[0] in SUBJECT_REQUIRED:
            return Fate("quarantine", reason="subject missing")
        if subject is not None and subject not in self.facts:
            return Fate("quarantine", reason="subject unknown")
        if subject is not None and self.facts[subject].contradictory:
            return Fate("quarantine", reason="subject contradictory")
        fate = self._unless_frozen(name)
        return Fate("held") if fate.disposition != "quarantine" and self.frozen(name) else fate

    def _unless_frozen(self, name: Name) -> Fate:
        if self.erased(name) or self._ceiling_reached(name):
            return self._due(name, "delete")
        if name[0] == "archived_invoices":  # the law alone keeps it
            return self._due(name, "delete")
        keep, action = self._by_its_rule(name)
        if keep is None:
            return self._due(name, action)
        if name[0] == "payments" and self._card_due(name):
            return Fate("due", "anonymise", "card")
        return Fate("keep", reason=keep)

    def _ceiling_reached(self, name: Name) -> bool:
        """An unsubscribed profile goes at its own time, whatever else would keep it.

        Read as: a ceiling never keeps, not even one that nobody has decided.
        """
        months = self.values["subscription.after_unsubscribe"]
        if name[0] not in ("subscribers", "preferences") or self.state(name) != "unsubscribed" or months is None:
            return False
        return over(self.anchor(name, "unsubscribed_at"), months, self.as_of)

    def _by_its_rule(self, name: Name) -> tuple[str | None, str]:
        """The reason to keep the whole row (None: there is none), and the action once there is none."""
        table, standing = name[0], self.standing(name)
        if table == "suppression_list":
            return self._elapsed(self.anchor(name, "suppressed_at"), "subscription.suppression"), "delete"
        if standing == "trial":
            return self._trial(name), "delete"
        category = TABLES[table].category
        if category == "account":
            if standing == "customer":
                return self._relationship(name, "account.after_contract"), "delete"
            return self._elapsed(self.anchor(name, "last_contact"), "account.prospect_max"), "delete"
        if category == "subscription":
            if standing == "customer":
                return self._relationship(name, "subscription.after_contract"), "delete"
            return self._elapsed(self.anchor(name, "last_contact"), "subscription.prospect_max"), "delete"
        if category == "transaction":
            return self._interest(name, "transaction"), "delete"
        if table == "page_events":
            return self._interest(name, "usage"), "delete"
        if self.values["usage.smallest_cell"] is None:
            return "undecided", "anonymise"
        return self._interest(name, "usage"), "anonymise"

    def _elapsed(self, anchor: dt.date, decision: str) -> str | None:
        months = self.values[decision]
        if months is None:
            return "undecided"
        return None if over(anchor, months, self.as_of) else "period running"

    def _relationship(self, name: Name, decision: str) -> str | None:
        known = self.facts[str(self.subject(name))]
        if self.values[decision] is None:
            return "undecided"
        if self.contract_live(name):
            return "contract live"
        return self._elapsed(known.contract_until or FOREVER, decision)

    def _trial(self, name: Name) -> str | None:
        """Trials one by one; other rows by the latest start, and never while one of the subject's trials is open."""
        chosen = self.values["trial.anchor"]
        if chosen is None:
            return "undecided"
        if name[0] == "trials":
            start, end = self.anchor(name, "trial_start"), self.anchor(name, "trial_end") or FOREVER
        else:
            known = self.facts[str(self.subject(name))]
            start, end = known.trial_start, known.trial_end or FOREVER
        if end >= self.as_of:
            return "trial open"
        return None if over(start if chosen == "trial_start" else end, self.values.trial_months, self.as_of) else "running"

    def _interest(self, name: Name, prefix: str) -> str | None:
        until, months = self.values[f"{prefix}.assessment"], self.values[f"{prefix}.max"]
        if until is None or months is None:
            return "undecided"
        if until < self.as_of or over(self.anchor(name, "recorded_at"), months, self.as_of):
            return None
        return "interest holds"

    def _card_due(self, name: Name) -> bool:
        months = self.values["transaction.card_max"]
        something_left = any(self.rows[name][column] is not None for column in CARD)
        return months is not None and something_left and over(self.anchor(name, "debited_at"), months, self.as_of)

    def _due(self, name: Name, action: str) -> Fate:
        """A row nothing keeps any longer: floors, what has been done before, and children that stay."""
        if name[0] in ("invoices", "archived_invoices"):
            floor = self._floor(name)
            if floor is not None:
                return floor
        if action == "anonymise" and not self._visit_differs(name):
            return Fate("keep", reason="already anonymised")
        # Read as: a visit whose page events stay keeps its identifiers with them.
        if any(not self._lets_go(child) for child in self.children[name]):
            return Fate("keep", reason="child stays")
        return Fate("due", action)

    def _lets_go(self, child: Name) -> bool:
        fate = self.fate(child)
        return fate.disposition == "due" and fate.action in ("delete", "archive")

    def _floor(self, name: Name) -> Fate | None:
        months, close = self.values["transaction.accounting_floor"], self.values["transaction.year_close"]
        if months is None or close is None or self.values["transaction.accounting_elements"] is None:
            return Fate("keep", reason="undecided")
        if over(close_of_year(self.anchor(name, "document_date"), close), months, self.as_of):
            return None
        if name[0] == "archived_invoices":
            return Fate("keep", reason="floor running")
        archived = ("archived_invoices", name[1])
        if archived in self.rows and not self._lets_go(archived):
            return Fate("quarantine", reason="key taken in the archive")
        if any(not self._lets_go(child) for child in self.children[name]):
            return Fate("keep", reason="child stays")
        return Fate("due", "archive")

    def _kept_by_law(self, name: Name) -> Cells:
        """What is archived of an invoice: no column that the legal obligation does not name, but for the key."""
        covered, elements = set(self.values["transaction.accounting_elements"]), _elements("transaction")
        columns = elements["archived_invoices"]
        assert all(elements["invoices"][column] in covered for column in columns if column != "invoice_id")
        return {column: self.rows[name][column] for column in columns}

    def _visit_differs(self, name: Name) -> bool:
        row = self.rows[name]
        return any(row[column] is not None for column in VISIT_BLANKED) or row["visited_at"] != _month(row["visited_at"])

    def _small_cells(self) -> None:
        """What remains in a cell smaller than the declared size is deleted instead.

        Read as: a cell is browser and operating system; alike are those anonymised tonight and, of those that are due, those
        anonymised before. What was anonymised before stays as it is.
        """
        smallest = self.values["usage.smallest_cell"]
        if smallest is None:
            return
        alike = [name for name, fate in self.fates.items() if name[0] == "visits" and self._looks_anonymised(name, fate)]
        cells = Counter(self._cell(name) for name in alike)
        for name in alike:
            if self.fates[name].disposition == "due" and cells[self._cell(name)] < smallest:
                self.fates[name] = Fate("due", "delete", "small cell")

    def _looks_anonymised(self, name: Name, fate: Fate) -> bool:
        if (fate.disposition, fate.action) == ("due", "anonymise"):
            return True
        if fate.disposition not in ("keep", "held") or self._visit_differs(name) or self.erased(name):
            return False
        return self.standing(name) != "trial" and self._interest(name, "usage") is None

    def _cell(self, name: Name) -> tuple[str, str]:
        return (self.rows[name]["browser"] or "", self.rows[name]["operating_system"] or "")

    # the morning after

    def _morning(self) -> tuple[World, dict[str, set[Any]]]:
        world: World = {table: [] for table in TABLES}
        for name, row in self.rows.items():
            fate = self.fates[name]
            if fate.disposition != "due":
                world[name[0]].append(dict(row))
            elif fate.action == "archive":
                world["archived_invoices"].append(self._kept_by_law(name))
            elif fate.action != "delete":
                world[name[0]].append({**row, **self._blanked(name)})
        kept = {row["fingerprint"] for row in world["suppression_list"]}
        fresh: dict[str, set[Any]] = {}
        for name, row in self.rows.items():
            gone = name[0] == "subscribers" and self.fates[name].action == "delete" and self.fates[name].disposition == "due"
            if gone and self.state(name) == "unsubscribed" and row["email_fingerprint"] not in kept:
                fresh.setdefault(row["email_fingerprint"], set()).add(row["unsubscribed_at"])
        return world, fresh

    def _blanked(self, name: Name) -> Cells:
        if name[0] == "payments":
            return dict.fromkeys(CARD)
        return {**dict.fromkeys(VISIT_BLANKED), "visited_at": _month(self.rows[name]["visited_at"])}


def _month(instant: str) -> str:
    return f"{instant[:7]}-01 00:00:00"
