"""Bulk rows of the transaction store: orders with their invoices and payments, and invoices archived in earlier years."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from retention.sample.book import Book
from retention.sample.bulk.ages import Ages
from retention.sample.bulk.profiles import Profile, of_kinds
from retention.sample.rows import ArchivedInvoice, Invoice, Order, Payment
from retention.sample.write import CHUNK, Writer, chunks

_PRODUCTS = ("Pack 1000 SMS", "Pack 5000 SMS", "Pack 20000 SMS", "Numéro dédié", "Module Echo")
_PRICES = (4_900, 7_900, 24_900, 89_000)
_DUE_SHARE = 0.085
_DUE_AGES = (1_860, 2_000)
_KEPT_AGES = (24, 1_790)
_CARD_DAYS = 400  # a little more than 13 months


class Sale(NamedTuple):
    order: Order
    invoice: Invoice | None
    payment: Payment | None


class Sales:
    """Orders of customers and past customers, and what followed from them."""

    def __init__(self, book: Book, ages: Ages, rng: random.Random, profiles: Sequence[Profile]) -> None:
        self._book, self._ages, self._rng = book, ages, rng
        live, past = of_kinds(profiles, "live"), of_kinds(profiles, "ended", "long_ended")
        self._buyers = live + past
        self._veterans = [who for who in self._buyers if who.started and who.started > _DUE_AGES[1] and (who.ended or 0) <= 0]
        self._gone = of_kinds(profiles, "gone")

    def write(self, writer: Writer, count: int) -> None:
        for sales in chunks((self._sale() for _ in range(count)), CHUNK):
            writer.add(Order, (sale.order for sale in sales))
            writer.add(Invoice, (sale.invoice for sale in sales if sale.invoice))
            writer.add(Payment, (sale.payment for sale in sales if sale.payment))
        writer.add(ArchivedInvoice, self._archived(count // 2))

    def _sale(self) -> Sale:
        who, age = self._buyer()
        names, price, at = self._book.names, self._rng.choice(_PRICES), self._ages.instant
        person, product = names.person(), self._rng.choice(_PRODUCTS)
        order = Order(self._book.key(Order), who.ref, product, 1, price, person.email, at(age), "delivered")
        if self._rng.random() < 0.04:
            return Sale(order._replace(status="cancelled"), None, None)
        invoiced = age - self._rng.randint(0, 2)
        invoice = self._invoice(invoiced, price)._replace(
            order_id=order.order_id,
            customer_ref=who.ref,
            contact_name=person.full_name,
            contact_email=person.email,
            contact_phone=names.telephone(),
        )
        if self._rng.random() < 0.04:
            return Sale(order, invoice._replace(status="issued"), None)
        return Sale(order, invoice, self._payment(invoice, who.ref, invoiced - self._rng.randint(0, 20)))

    def _buyer(self) -> tuple[Profile, int]:
        """Someone and the age of an order he placed while under contract."""
        draw = self._rng.random()
        if draw < _DUE_SHARE and self._veterans:
            return self._rng.choice(self._veterans), self._rng.randint(*_DUE_AGES)
        if draw > 1 - _DUE_SHARE / 8 and self._gone:
            who = self._rng.choice(self._gone)
            return who, (who.ended or 0) + 30
        who = self._rng.choice(self._buyers)
        first, last = min(who.started or 0, _KEPT_AGES[1]), max(who.ended or 0, _KEPT_AGES[0])
        return who, self._rng.randint(min(first, last), max(first, last))

    def _invoice(self, age: int, price: int) -> Invoice:
        """The accounting fields of an invoice."""
        names, key, day = self._book.names, self._book.key(Invoice), self._ages.day(age)
        vat = price // 5
        return Invoice(
            key,
            None,
            None,
            f"F{day[:4]}-{key:06d}",
            day,
            names.company(),
            names.address(),
            "",
            None,
            None,
            price,
            vat,
            price + vat,
            self._ages.instant(age),
            "paid",
        )

    def _archived(self, count: int) -> Iterator[ArchivedInvoice]:
        for number in range(count):
            past_floor = number % 12 == 0
            age = self._rng.randint(4_030, 4_300) if past_floor else self._rng.randint(1_900, 3_200)
            whole = self._invoice(age, self._rng.choice(_PRICES))
            yield ArchivedInvoice(*(getattr(whole, name) for name in ArchivedInvoice._fields))

    def _payment(self, invoice: Invoice, ref: str, age: int) -> Payment:
        instant = self._ages.instant(age)
        payment = Payment(
            self._book.key(Payment),
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
        )
        if self._rng.random() < 0.25:
            return payment
        payment = payment._replace(method="card")
        if age > _CARD_DAYS and self._rng.random() > 0.05:  # blanked in an earlier night
            return payment
        return payment._replace(
            card_brand=self._rng.choice(("Visa", "Mastercard", "CB")),
            card_last4=f"{self._rng.randrange(10_000):04d}",
            card_expiry=f"{self._rng.randint(1, 12):02d}/{int(self._ages.day(age)[:4]) + 2}",
        )
