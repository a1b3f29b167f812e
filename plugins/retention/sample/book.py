"""Collects the labelled rows of the cases. Every method writes one quiet row; keywords say what is special about it."""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter, defaultdict
from typing import Any, TypeVar

from retention.sample.labels import Expected, Instruction, InstructionKind, Label
from retention.sample.moments import Moments, utc_text
from retention.sample.names import Names
from retention.sample.rows import (
    TABLES,
    Account,
    ArchivedInvoice,
    Contact,
    Contract,
    Invoice,
    Order,
    PageEvent,
    Payment,
    Preference,
    Row,
    Subscriber,
    Suppressed,
    Trial,
    Visit,
)

_CIVIL_DATES = frozenset({"starts_on", "ends_on", "issued_on"})
_APPROVER = "Perrine Valcourt"  # a name that none of the invented people can have
_BLANK_IN_VISITS = (
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
_R = TypeVar(
    "_R",
    Account,
    Contact,
    Trial,
    Contract,
    Order,
    Invoice,
    ArchivedInvoice,
    Payment,
    Subscriber,
    Preference,
    Suppressed,
    Visit,
    PageEvent,
)


class Book:
    """Rows, labels and instructions, and the next free key of every table."""

    def __init__(self, as_of: dt.date, rng: random.Random) -> None:
        self.when = Moments(as_of)
        self.names = Names(rng)
        self.rows: defaultdict[type[Row], list[Row]] = defaultdict(list)
        self.labels: list[Label] = []
        self.instructions: list[Instruction] = []
        self._keys: Counter[str] = Counter()

    def case(self, slug: str, because: str) -> Case:
        return Case(self, slug, because)

    def key(self, of: type[Row]) -> int:
        """The next free key of a table."""
        return self._next(TABLES[of][1])

    def ref(self) -> str:
        """A customer reference nobody has yet."""
        return f"C{self._next('customer_ref'):09d}"

    def _next(self, series: str) -> int:
        self._keys[series] += 1
        return self._keys[series]


class Case:
    """One edge case. The first argument of every row is what is expected of it; None leaves the row without a label."""

    def __init__(self, book: Book, slug: str, because: str) -> None:
        self.book = book
        self.when = book.when
        self.slug = slug
        self.because = because
        self._names = book.names

    def account(self, expected: Expected | None, ref: str, **columns: Any) -> Account:
        names, person = self._names, self._names.person()
        return self._put(
            expected,
            Account(
                self.book.key(Account),
                ref,
                names.company(),
                names.address(),
                person.email,
                names.telephone(),
                "PME",
                self._at(years=9, months=3),
                self._at(days=30),
                "active",
            ),
            columns,
        )

    def contact(self, expected: Expected | None, account: Account, **columns: Any) -> Contact:
        person = self._names.person()
        return self._put(
            expected,
            Contact(
                self.book.key(Contact),
                account.account_id,
                person.full_name,
                person.email,
                self._names.mobile(),
                account.created_at,
                account.last_contact_at,
                "active",
            ),
            columns,
        )

    def trial(self, expected: Expected | None, account: Account, *, started: dt.date | str, **columns: Any) -> Trial:
        """A trial of thirty days, ended without a contract."""
        start = _instant(started)
        end = utc_text(dt.date.fromisoformat(start[:10]) + dt.timedelta(days=30))
        row = Trial(self.book.key(Trial), account.account_id, "Essai 100 SMS", 100, start, end, 0)
        return self._put(expected, row, columns)

    def contract(self, expected: Expected | None, account: Account, **columns: Any) -> Contract:
        """An open-ended contract."""
        key = self.book.key(Contract)
        return self._put(
            expected,
            Contract(
                key,
                account.account_id,
                f"CT-{key:06d}",
                "Forfait Pro",
                self.when.ago(years=9).isoformat(),
                None,
            ),
            columns,
        )

    def order(self, expected: Expected | None, ref: str, *, recorded: dt.date | str, **columns: Any) -> Order:
        return self._put(
            expected,
            Order(
                self.book.key(Order),
                ref,
                "Pack 5000 SMS",
                1,
                24_900,
                self._names.person().email,
                _instant(recorded),
                "delivered",
            ),
            columns,
        )

    def invoice(
        self, expected: Expected | None, ref: str | None, *, recorded: dt.date | str, order: Order | None = None, **columns: Any
    ) -> Invoice:
        """An invoice issued on the day it was recorded."""
        key, person, names, instant = self.book.key(Invoice), self._names.person(), self._names, _instant(recorded)
        return self._put(
            expected,
            Invoice(
                key,
                order.order_id if order else None,
                ref,
                f"F{instant[:4]}-{key:06d}",
                instant[:10],
                names.company(),
                names.address(),
                person.full_name,
                person.email,
                names.telephone(),
                24_900,
                4_980,
                29_880,
                instant,
                "paid",
            ),
            columns,
        )

    def minimised_invoice(self, expected: Expected | None, *, issued: dt.date) -> Invoice:
        """An invoice of which only the accounting fields are left."""
        return self.invoice(expected, None, recorded=issued, contact_name="", contact_email=None, contact_phone=None)

    def archived_invoice(self, expected: Expected | None, *, issued: dt.date, **columns: Any) -> ArchivedInvoice:
        """What an earlier night left of an invoice. Its key was the invoice's."""
        key, names = self.book.key(Invoice), self._names
        made = (key, f"F{issued.year}-{key:06d}", issued.isoformat(), names.company(), names.address(), 24_900, 4_980, 29_880)
        return self._put(expected, ArchivedInvoice(*made, utc_text(issued), "paid"), columns)

    def payment(self, expected: Expected | None, invoice: Invoice, ref: str, **columns: Any) -> Payment:
        """A transfer on the day of the invoice."""
        instant = invoice.created_at
        return self._put(
            expected,
            Payment(
                self.book.key(Payment),
                invoice.invoice_id,
                ref,
                "transfer",
                invoice.total_cents,
                None,
                None,
                None,
                instant,
                instant,
                "settled",
            ),
            columns,
        )

    def subscriber(self, expected: Expected | None, ref: str | None, **columns: Any) -> Subscriber:
        """A subscriber with one preference, which shares its fate."""
        person, names = self._names.person(), self._names
        row = self._put(
            expected,
            Subscriber(
                self.book.key(Subscriber),
                ref,
                person.email,
                names.fingerprint(),
                person.full_name,
                names.mobile(),
                self._at(years=8),
                None,
                self._at(days=30),
                "matched" if ref else "unmatched",
            ),
            columns,
        )
        self._put(expected, Preference(self.book.key(Preference), row.subscriber_id, "nouveautes", "email"), {})
        return row

    def suppressed(self, expected: Expected | None, **columns: Any) -> Suppressed:
        return self._put(expected, Suppressed(self._names.fingerprint(), self._at(years=1)), columns)

    def visit(self, expected: Expected | None, ref: str | None, *, visited: dt.date | str, **columns: Any) -> Visit:
        key = self.book.key(Visit)
        return self._put(
            expected,
            Visit(
                key,
                ref,
                f"v-{key:08d}",
                _instant(visited),
                f"192.0.2.{key % 250 + 1}",
                "FR",
                "Rennes",
                "48.11,-1.68",
                "Firefox",
                "128.0",
                "Windows",
                "https://recherche.example/",
                95,
                "api",
            ),
            columns,
        )

    def anonymised_visit(self, expected: Expected | None, *, visited: dt.date, **columns: Any) -> Visit:
        """A visit of which browser, operating system and month are left."""
        blank = dict.fromkeys(_BLANK_IN_VISITS)
        month = f"{visited:%Y-%m}-01 00:00:00"
        return self.visit(expected, None, visited=month, **blank, **columns)

    def event(self, expected: Expected | None, visit: Visit, **columns: Any) -> PageEvent:
        """A page seen at the instant of its visit."""
        return self._put(
            expected,
            PageEvent(
                self.book.key(PageEvent),
                visit.visit_id,
                visit.customer_ref,
                visit.visited_at,
                "/tarifs",
                "/",
                40,
            ),
            columns,
        )

    def on_subject(self, kind: InstructionKind, ref: str) -> None:
        """A hold or an erasure request over all rows of a subject."""
        self.book.instructions.append(Instruction(kind=kind, scope="subject", subject_key=ref, **self._form(kind)))

    def on_record(self, kind: InstructionKind, row: Row) -> None:
        """A hold or an erasure request over one row."""
        store, population = TABLES[type(row)]
        self.book.instructions.append(
            Instruction(
                kind=kind,
                scope="record",
                store=store,
                population=population,
                record_key=str(row[0]),
                **self._form(kind),
            )
        )

    def _form(self, kind: InstructionKind) -> dict[str, Any]:
        number = len(self.book.instructions) + 1
        return {
            "reason": f"Sample: {self.slug}",
            "reference": f"{kind.upper()}-{number:03d}",
            "approver": _APPROVER,
            "review_by": self.when.ahead(months=6),
        }

    def _at(self, *, years: int = 0, months: int = 0, days: int = 0) -> str:
        return utc_text(self.when.ago(years=years, months=months, days=days))

    def _put(self, expected: Expected | None, row: _R, columns: dict[str, Any]) -> _R:
        texts = {name: _text(name, value) for name, value in columns.items()}
        final: _R = row._replace(**texts)
        self.book.rows[type(row)].append(final)
        if expected is not None:
            store, population = TABLES[type(row)]
            self.book.labels.append(Label(self.slug, store, population, str(final[0]), expected, self.because))
        return final


def _text(column: str, value: Any) -> Any:
    """Dates as the column writes them; anything else as it is."""
    if not isinstance(value, dt.date):
        return value
    return value.isoformat() if column in _CIVIL_DATES else utc_text(value)


def _instant(moment: dt.date | str) -> str:
    return moment if isinstance(moment, str) else utc_text(moment)
