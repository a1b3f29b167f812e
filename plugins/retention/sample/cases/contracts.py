"""Accounts under contract, after it, and without any."""

from __future__ import annotations

import datetime as dt

from retention.sample.book import Book
from retention.sample.cases.scenes import customer, elsewhere
from retention.sample.labels import Expected, fate

_MONTHS = 60
_PROSPECT_MONTHS = 36


def boundary(book: Book) -> None:
    case = book.case("contract-boundary", "the account goes the day after the period from the latest contract end")
    for edge in book.when.day_edges(_MONTHS):
        customer(case, fate(edge.due), ends_on=edge.day)


def clipped(book: Book) -> None:
    case = book.case("contract-clipped-month", "the last day is clipped to the end of a shorter month")
    for edge in book.when.clipped(_MONTHS):
        customer(case, fate(edge.due), ends_on=edge.day)


def lapsed_renewed(book: Book) -> None:
    case = book.case("contract-lapsed-renewed", "a live contract suspends deletion; the clock restarts at the latest end")
    latest_ends: tuple[tuple[dt.date | None, Expected], ...] = (
        (None, "kept"),
        (book.when.ago(years=2), "kept"),
        (book.when.latest_due(_MONTHS), "deleted"),
    )
    for ends_on, expected in latest_ends:
        account = customer(case, expected, ends_on=book.when.ago(years=9))
        case.contract(expected, account, starts_on=book.when.ago(years=8), ends_on=ends_on)


def several(book: Book) -> None:
    case = book.case("contract-several", "kept while any is live; anchor = the latest end")
    live = customer(case, "kept", ends_on=book.when.ago(years=7))
    case.contract("kept", live, starts_on=book.when.ago(years=6), ends_on=book.when.ahead(months=3))
    case.contract("kept", live, starts_on=book.when.ago(years=6), ends_on=book.when.ago(years=5, months=6))
    elsewhere(case, "kept", live.customer_ref)
    first, second = book.when.day_edges(_MONTHS)
    over = customer(case, "deleted", ends_on=book.when.ago(years=8))
    case.contract("deleted", over, starts_on=book.when.ago(years=7), ends_on=first.day)
    running = customer(case, "kept", ends_on=book.when.ago(years=8))
    case.contract("kept", running, starts_on=book.when.ago(years=7), ends_on=second.day)


def open_ended(book: Book) -> None:
    case = book.case("contract-open-ended", "an open-ended contract is live, not a NULL error")
    customer(case, "kept")
    account = customer(case, "kept", ends_on=book.when.ago(years=9))
    case.contract("kept", account, starts_on=book.when.ago(years=11))


def not_started(book: Book) -> None:
    case = book.case("contract-not-started", "kept while any is live: one signed for next month has not ended")
    account = customer(case, "kept", ends_on=book.when.ago(years=6))
    case.contract("kept", account, starts_on=book.when.ahead(months=1))


def prospect_boundary(book: Book) -> None:
    case = book.case("prospect-boundary", "without trial or contract, due after the period from the last contact")
    for edge in book.when.edges(_PROSPECT_MONTHS):
        case.contact(fate(edge.due), case.account(fate(edge.due), book.ref(), last_contact_at=edge.instant))


def parent_stays(book: Book) -> None:
    case = book.case("parent-stays-with-child", "a parent never goes before its children")
    old = book.when.ago(years=4)
    account = case.account("kept", book.ref(), last_contact_at=old)
    case.contact("kept", account, last_contact_at=book.when.ago(months=2))
    case.contact("deleted", account)
    recorded = book.when.ago(months=61)
    ref = customer(case, None).customer_ref
    order = case.order("kept", ref, recorded=recorded)
    case.invoice("kept", ref, recorded=book.when.ago(months=57), order=order)


CASES = (boundary, clipped, lapsed_renewed, several, open_ended, not_started, prospect_boundary, parent_stays)
