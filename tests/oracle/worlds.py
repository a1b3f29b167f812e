"""Small random worlds: rows of the four stores with everything at or beside a boundary, or broken, and requests about them.

Every choice goes through a `Chooser`, so that the same worlds come from hypothesis (which shrinks them) or from a plain random
generator (which is quick enough for worlds of hundreds of subjects).
"""

from __future__ import annotations

import calendar
import datetime as dt
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from tests.oracle.judge import PARIS, TABLES, Cells, Name, Request, World

T = TypeVar("T")
UTC = ZoneInfo("UTC")
ONE_DAY = dt.timedelta(days=1)
HOLDS = ("legal_claim", "legal_obligation", "vital_interests", "restriction", "insurance")

AS_OF = [
    dt.date(2024, 2, 29),
    dt.date(2024, 3, 1),
    dt.date(2025, 2, 28),
    dt.date(2025, 3, 1),
    dt.date(2025, 3, 31),
    dt.date(2025, 10, 26),
    dt.date(2026, 1, 1),
    dt.date(2026, 3, 29),
    dt.date(2026, 3, 31),
    dt.date(2026, 5, 1),
]


class Chooser:
    """Where choices come from. `below(n)` is a whole number from 0 to n - 1; 0 is the plainest."""

    def __init__(self, below: Callable[[int], int]) -> None:
        self.below = below

    @classmethod
    def seeded(cls, seed: int) -> Chooser:
        return cls(random.Random(seed).randrange)

    def one(self, of: Sequence[T]) -> T:
        return of[self.below(len(of))]

    def rarely(self, one_in: int) -> bool:
        return self.below(one_in) == one_in - 1


@dataclass
class Scene:
    """A world, what is asked about it, and when."""

    as_of: dt.date
    today: dt.date
    rows: World = field(default_factory=lambda: {table: [] for table in TABLES})
    requests: list[Request] = field(default_factory=list)

    def names(self) -> list[Name]:
        return [(table, row[TABLES[table].key]) for table, rows in self.rows.items() for row in rows]


UNREADABLE_INSTANTS = (
    "31/01/2019",
    "2022-01-31T10:00:00Z",
    "2022-02-30 10:00:00",
    "2022-01-31",
    "2022-01-31 10:00",
    "2022-01-31 24:00:00",
    "2022-01-31 10:00:00+02:00",
    "",
    20220131,
)
UNREADABLE_DATES = ("31/01/2019", "2019-02-29", "2019-02-28 10:00:00", "2019-2-3", "", 20190203)


class Maker:
    """Draws one scene."""

    def __init__(self, choose: Chooser, today: dt.date, *, broken_one_in: int = 60) -> None:
        self.choose, self.broken_one_in = choose, broken_one_in
        self.scene = Scene(as_of=choose.one([today, *AS_OF]), today=today)
        self.keys = dict.fromkeys(TABLES, 0)
        self.refs: list[str] = []

    def draw(self, subjects: int, requests: int) -> Scene:
        for _ in range(subjects):
            self.subject()
        if not self.choose.rarely(3):
            self.nobody()
        for _ in range(requests if self.scene.names() else 0):
            self.request()
        if self.choose.rarely(6):
            self.category_hold()
        return self.scene

    # days and instants

    def latest_due(self, months: int) -> dt.date:
        """The latest day of which the period is over."""
        day = self.scene.as_of - relativedelta(months=months) + dt.timedelta(days=4)
        while not day + relativedelta(months=months) < self.scene.as_of:
            day -= ONE_DAY
        return day

    def day(self, *months: int) -> dt.date:
        """A day at, beside or far from the boundary of one of these periods."""
        edge = self.latest_due(self.choose.one(months))
        how = self.choose.below(9)
        if how < 5:
            return edge + dt.timedelta(days=(0, 1, -1, 2, -2)[how])
        if how == 5:
            return edge.replace(day=calendar.monthrange(edge.year, edge.month)[1])
        if how == 6:
            return dt.date(self.choose.one((2016, 2020, 2024)), 2, 29)
        if how == 7:
            return self.scene.as_of - dt.timedelta(days=self.choose.one((0, 1, 30, 200)))
        return edge - relativedelta(years=self.choose.one((1, 3, 6)))

    def instant(self, *months: int) -> str:
        return self.at(self.day(*months))

    def at(self, day: dt.date) -> str:
        """An instant of that Paris day, or late in the UTC evening before it; at most now."""
        how = self.choose.below(7)
        start = dt.datetime.combine(day, dt.time(), tzinfo=PARIS).astimezone(UTC)
        moment = (
            start + dt.timedelta(hours=11),
            start,
            start - dt.timedelta(seconds=1),
            dt.datetime.combine(day, dt.time(22, 30), tzinfo=UTC),
            dt.datetime.combine(day, dt.time(23, 30), tzinfo=UTC),
            dt.datetime.combine(day - ONE_DAY, dt.time(22, 30), tzinfo=UTC),
            dt.datetime.combine(day - ONE_DAY, dt.time(23, 30), tzinfo=UTC),
        )[how]
        now = dt.datetime.combine(self.scene.today, dt.time(23), tzinfo=PARIS).astimezone(UTC)
        text = f"{min(moment, now):%Y-%m-%d %H:%M:%S}"
        return f"{text}.250" if self.choose.rarely(40) else text

    def broken(self, good: Any, *, date: bool = False, optional: bool = False) -> Any:
        """Mostly the value itself; now and then absent, unreadable or in the future."""
        if not self.choose.rarely(self.broken_one_in):
            return good
        how = self.choose.below(3)
        if how == 0 and not optional:
            return None
        ahead = self.scene.today + dt.timedelta(days=self.choose.one((1, 2, 400)))
        if how == 1:
            return ahead.isoformat() if date else f"{ahead} 12:00:00"
        return self.choose.one(UNREADABLE_DATES if date else UNREADABLE_INSTANTS)

    def odd(self, good: T, *others: T) -> T:
        return self.choose.one(others) if self.choose.rarely(self.broken_one_in) else good

    # rows

    def add(self, table: str, row: Cells) -> Cells:
        self.scene.rows[table].append(row)
        return row

    def key(self, table: str) -> int:
        self.keys[table] += 1
        return self.keys[table]

    def parent(self, key: int) -> int:
        return self.odd(key, 9999)

    def ref(self, own: str | None) -> str | None:
        """The subject's own reference; now and then somebody else's."""
        return self.odd(own, *self.refs, "C-nobody")

    def subject(self) -> None:
        ref = f"C{len(self.refs) + 1:05d}"
        self.refs.append(ref)
        for _ in range(self.odd(1, 2, 0)):
            self.account(ref)
        self.sales(ref)
        self.subscribers(ref)
        self.visits(ref)
        if self.choose.rarely(4):
            self.suppressed(f"s{len(self.refs)}")

    def nobody(self) -> None:
        """Rows that name nobody."""
        self.subscribers(None)
        self.visits(None)
        for _ in range(self.choose.below(2)):
            self.invoice(None, None)
        for _ in range(self.choose.below(4)):
            self.archived_invoice()
        for number in range(4):
            if not self.choose.below(2):
                self.suppressed(f"f{number}")

    def suppressed(self, fingerprint: str) -> None:
        self.add("suppression_list", {"fingerprint": fingerprint, "suppressed_at": self.broken(self.instant(36, 1))})

    def account(self, ref: str) -> None:
        key = self.key("accounts")
        contacted = self.instant(36)
        self.add(
            "accounts",
            {
                "account_id": key,
                "customer_ref": ref,
                "company_name": "Atelier",
                "business_address": "1 rue Haute",
                "email": None,
                "telephone": "01",
                "segment": None,
                "created_at": self.broken("2010-05-05 10:00:00"),
                "last_contact_at": self.broken(contacted),
                "status": self.odd("active", "dormant", "merged?", None),
            },
        )
        for _ in range(self.choose.below(3)):
            self.add(
                "contacts",
                {
                    "contact_id": self.key("contacts"),
                    "account_id": self.parent(key),
                    "full_name": "Ana",
                    "email": "a@example.org",
                    "mobile": None,
                    "created_at": self.broken("2011-05-05 10:00:00"),
                    "last_contact_at": self.broken(self.choose.one((contacted, self.instant(36)))),
                    "status": self.odd("active", "left", "gone"),
                },
            )
        self.trials(key)
        self.contracts(key)

    def trials(self, account: int) -> None:
        for _ in range(self.choose.one((0, 1, 0, 2))):
            start = self.instant(25)
            soon = f"{dt.date.fromisoformat(start[:10]) + dt.timedelta(days=30)} 12:00:00"
            ends = (
                soon,
                soon,
                soon,
                None,
                self.at(self.scene.as_of),
                self.at(self.scene.as_of - ONE_DAY),
                f"{self.scene.today + dt.timedelta(days=20)} 12:00:00",
                self.instant(25),
            )
            end = self.choose.one(ends)
            if end is not None and end < start and not self.choose.rarely(10):
                end = start
            self.add(
                "trials",
                {
                    "trial_id": self.key("trials"),
                    "account_id": self.parent(account),
                    "offer": "Essai",
                    "credits": 10,
                    "started_at": self.broken(start),
                    "ended_at": self.broken(end, optional=True),
                    "converted": self.odd(self.choose.one((0, 0, 0, 0, 1)), 7),
                },
            )

    def contracts(self, account: int) -> None:
        for _ in range(self.choose.one((0, 1, 0, 2))):
            ends = (
                self.day(60, 36),
                self.day(60),
                self.day(60),
                None,
                self.scene.as_of - ONE_DAY,
                self.scene.as_of,
                self.scene.as_of + ONE_DAY,
                self.scene.today + dt.timedelta(days=90),
            )
            end = self.choose.one(ends)
            start = self.choose.one((dt.date(2008, 1, 1), end or dt.date(2012, 1, 1), dt.date(2018, 6, 30)))
            if end is not None and end < start and not self.choose.rarely(10):
                start = end
            self.add(
                "contracts",
                {
                    "contract_id": self.key("contracts"),
                    "account_id": self.parent(account),
                    "reference": "CT",
                    "plan": "Pro",
                    "starts_on": self.broken(start.isoformat(), date=True),
                    "ends_on": self.broken(end.isoformat() if end else None, date=True, optional=True),
                },
            )

    def sales(self, ref: str) -> None:
        if self.choose.rarely(3):
            self.archived_invoice()
        for _ in range(self.choose.one((0, 1, 2))):
            key, recorded = self.key("orders"), self.instant(60)
            self.add(
                "orders",
                {
                    "order_id": key,
                    "customer_ref": self.ref(ref),
                    "product": "Pack",
                    "quantity": 1,
                    "amount_cents": 100,
                    "delivery_contact": None,
                    "created_at": self.broken(recorded),
                    "status": self.odd("delivered", "placed", "archived"),
                },
            )
            for _ in range(self.choose.one((1, 0, 2))):
                self.invoice(ref, key, recorded)

    def archived_invoice(self) -> None:
        """Now and then its key is that of an invoice: a number used twice."""
        key, year = self.key("invoices"), self.scene.as_of.year
        there = {row["invoice_id"] for row in self.scene.rows["archived_invoices"]}
        used = [row["invoice_id"] for row in self.scene.rows["invoices"] if row["invoice_id"] not in there]
        issued = self.choose.one((f"{year - 10}-12-31", f"{year - 11}-12-31", f"{year - 11}-06-30", f"{year - 11}-07-01"))
        self.add(
            "archived_invoices",
            {
                "invoice_id": self.choose.one(used) if used and self.choose.rarely(4) else key,
                "invoice_number": f"F{key}",
                "issued_on": self.broken(issued, date=True),
                "customer_name": "Atelier",
                "customer_address": "1 rue Haute",
                "net_cents": 1,
                "vat_cents": 1,
                "total_cents": 2,
                "created_at": f"{issued} 10:00:00",
                "status": self.odd("paid", "issued", "lost", None),
            },
        )

    def invoice(self, ref: str | None, order: int | None, recorded: str | None = None) -> None:
        key = self.key("invoices")
        created = recorded if recorded and not self.choose.rarely(3) else self.instant(60)
        year = self.scene.as_of.year
        issued = self.choose.one(
            (
                created[:10],
                f"{year - 10}-12-31",
                f"{year - 11}-12-31",
                f"{year - 10}-01-01",
                f"{year - 11}-06-30",
                f"{year - 11}-07-01",
            )
        )
        plain = self.choose.one((True, True, False))
        self.add(
            "invoices",
            {
                "invoice_id": key,
                "order_id": None if order is None or self.choose.rarely(8) else self.parent(order),
                "customer_ref": None if ref is None or self.choose.rarely(8) else self.ref(ref),
                "invoice_number": f"F{key}",
                "issued_on": self.broken(issued, date=True),
                "customer_name": "Atelier",
                "customer_address": "1 rue Haute",
                "contact_name": "Ana" if plain else "",
                "contact_email": self.choose.one((None, "a@example.org")) if plain else None,
                "contact_phone": None,
                "net_cents": 1,
                "vat_cents": 1,
                "total_cents": 2,
                "created_at": self.broken(created),
                "status": self.odd("paid", "issued", None),
            },
        )
        for _ in range(self.choose.one((1, 0, 2)) if ref is not None else 0):
            card = self.choose.one((None, "0042"))
            self.add(
                "payments",
                {
                    "payment_id": self.key("payments"),
                    "invoice_id": self.parent(key),
                    "customer_ref": self.ref(ref),
                    "method": "card" if card else "transfer",
                    "amount_cents": 2,
                    "card_brand": self.choose.one((None, "Visa")) if card else None,
                    "card_last4": card,
                    "card_expiry": None,
                    "debited_at": self.broken(self.instant(13)),
                    "created_at": self.broken(created if not self.choose.rarely(3) else self.instant(60)),
                    "status": self.odd("settled", "refunded", "lost"),
                },
            )

    def subscribers(self, ref: str | None) -> None:
        for _ in range(self.choose.one((0, 1, 2))):
            key = self.key("subscribers")
            left = self.choose.one((None, self.instant(1), None))
            joined = self.choose.one(("2012-01-01 10:00:00", left or "2013-01-01 10:00:00"))
            if left and self.choose.rarely(20):
                joined = self.instant(1)  # after the person left, perhaps
            self.add(
                "subscribers",
                {
                    "subscriber_id": key,
                    "customer_ref": self.ref(ref),
                    "email": "a@example.org",
                    "email_fingerprint": self.fingerprint(),
                    "full_name": None,
                    "telephone": None,
                    "subscribed_at": self.broken(joined),
                    "unsubscribed_at": self.broken(left, optional=True),
                    "last_contact_at": self.broken(self.instant(36)),
                    "match_status": self.odd("matched" if ref else "unmatched", "ambiguous", "imported", None),
                },
            )
            for _ in range(self.choose.below(3)):
                self.add(
                    "preferences",
                    {
                        "preference_id": self.key("preferences"),
                        "subscriber_id": self.parent(key),
                        "topic": "prix",
                        "channel": "email",
                    },
                )

    def fingerprint(self) -> str:
        """One's own, or one of a few that several rows and the suppression list share."""
        return f"f{self.choose.below(4)}" if self.choose.rarely(5) else f"g{self.keys['subscribers']}"

    def visits(self, ref: str | None) -> None:
        for _ in range(self.choose.one((0, 1, 2, 3))):
            key, seen = self.key("visits"), self.instant(25)
            anonymised = self.choose.rarely(5)
            person = None if anonymised else self.ref(ref)
            full: Cells = {
                "visit_id": key,
                "customer_ref": person,
                "visitor_id": f"v{key}",
                "visited_at": self.broken(f"{seen[:7]}-01 00:00:00" if anonymised else seen),
                "ip_address": "192.0.2.1",
                "country": "FR",
                "city": None,
                "location": None,
                "browser": self.choose.one(("Firefox", "Firefox", "Lynx", None)),
                "browser_version": "1",
                "operating_system": self.choose.one(("Linux", "Linux", "Haiku")),
                "referral_source": None,
                "duration_seconds": 5,
                "interests": None,
            }
            kept = ("visit_id", "visited_at", "browser", "operating_system")
            leftover = "country" if anonymised and self.choose.rarely(6) else ""
            if anonymised:
                full = {column: value if column in kept or column == leftover else None for column, value in full.items()}
            self.add("visits", full)
            for _ in range(self.choose.one((0, 1, 2)) if not anonymised else 0):
                self.add(
                    "page_events",
                    {
                        "event_id": self.key("page_events"),
                        "visit_id": self.parent(key),
                        "customer_ref": self.odd(person, *self.refs),
                        "viewed_at": self.broken(self.choose.one((seen, seen, self.instant(25)))),
                        "path": "/",
                        "previous_path": None,
                        "seconds": 1,
                    },
                )

    # requests

    def request(self) -> None:
        kind = self.choose.one(("erasure", *HOLDS, "erasure"))
        names = self.scene.names()
        if self.choose.below(2) or not self.refs:
            self.scene.requests.append(Request(kind, record=self.choose.one(names)))
        else:
            self.scene.requests.append(Request(kind, subject=self.choose.one(self.refs)))

    def category_hold(self) -> None:
        """It freezes a fourth of the world, so there is one at most."""
        category = TABLES[self.choose.one(list(TABLES))].category
        self.scene.requests.append(Request(self.choose.one(HOLDS), category=category))
