"""Whole subjects that cases share: a trial, a customer, and their rows in the other three stores."""

from __future__ import annotations

import datetime as dt

from retention.sample.book import Case
from retention.sample.labels import Expected
from retention.sample.rows import Account, Invoice, Order, Payment


def trial_subject(case: Case, expected: Expected | None, *, started: dt.date | str, **trial: dt.date | None) -> Account:
    """A subject known by one unconverted trial only, with rows in all four stores and the same fate everywhere."""
    account = case.account(expected, case.book.ref(), created_at=started)
    case.contact(expected, account)
    case.trial(expected, account, started=started, **trial)
    elsewhere(case, expected, account.customer_ref)
    return account


def customer(case: Case, expected: Expected | None, *, ends_on: dt.date | None = None) -> Account:
    """A subject with a converted trial and one contract: all four share a fate. No end: it is live."""
    account = case.account(expected, case.book.ref(), created_at=case.when.ago(years=13))
    case.contact(expected, account)
    started = case.when.ago(years=12, months=2)
    case.trial(expected, account, started=started, converted=1)
    case.contract(expected, account, starts_on=case.when.ago(years=12), ends_on=ends_on)
    return account


def elsewhere(case: Case, expected: Expected | None, ref: str) -> None:
    """Recent rows of a subject outside the account store: order, subscriber with preference, visit with page event."""
    recent = case.when.ago(days=100)
    case.order(expected, ref, recorded=recent, amount_cents=0)
    case.subscriber(expected, ref, subscribed_at=recent)
    case.event(expected, case.visit(expected, ref, visited=recent))


def sale(
    case: Case, ref: str, recorded: dt.date | str, order: Expected | None, invoice: Expected | None, payment: Expected | None
) -> tuple[Order, Invoice, Payment]:
    """An order, its invoice and its payment, all of one instant."""
    ordered = case.order(order, ref, recorded=recorded)
    invoiced = case.invoice(invoice, ref, recorded=recorded, order=ordered)
    return ordered, invoiced, case.payment(payment, invoiced, ref)
