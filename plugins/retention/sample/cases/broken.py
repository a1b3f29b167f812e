"""Rows that cannot be judged: an anchor in the future, absent or unreadable, an end before its start, a state nobody declared.

All of them would be due if the fault were overlooked, or their neighbours show that only the faulty row is stopped.
"""

from __future__ import annotations

from retention.sample.book import Book
from retention.sample.cases.scenes import customer

_QUARANTINED = "quarantined, the expectation fails, nothing of it is disposed of"


def future(book: Book) -> None:
    case = book.case("anchor-future", _QUARANTINED)
    ref = customer(case, None).customer_ref
    ahead = book.when.ahead(years=30)  # in the future of any day on which a past night might be run again
    case.account("quarantined", book.ref(), created_at=ahead, last_contact_at=book.when.ago(years=5))
    case.order("quarantined", ref, recorded=ahead)
    case.invoice("quarantined", ref, recorded=book.when.ago(years=7), issued_on=ahead)
    case.event("quarantined", case.visit("quarantined", None, visited=ahead))


def absent(book: Book) -> None:
    case = book.case("anchor-null", _QUARANTINED)
    ref = customer(case, None).customer_ref
    case.account("quarantined", book.ref(), last_contact_at=None)
    invoice = case.invoice("kept", ref, recorded=book.when.ago(months=20))
    case.payment("quarantined", invoice, ref, debited_at=None)
    case.visit("quarantined", None, visited="", visited_at=None)
    case.event("quarantined", case.visit("kept", None, visited=book.when.ago(months=3)), viewed_at=None)


def end_before_start(book: Book) -> None:
    case = book.case("end-before-start", _QUARANTINED)
    start = book.when.ago(years=6)
    case.trial("quarantined", case.account(None, book.ref()), started=start, ended_at=book.when.ago(years=6, days=9))
    case.contract("quarantined", case.account(None, book.ref()), starts_on=start, ends_on=book.when.ago(years=6, days=1))
    case.subscriber("quarantined", None, subscribed_at=book.when.ago(months=4), unsubscribed_at=book.when.ago(months=5))


def unreadable(book: Book) -> None:
    case = book.case("anchor-unreadable", _QUARANTINED)
    ref = customer(case, None).customer_ref
    prospect = case.account("kept", book.ref())
    case.contact("quarantined", prospect, last_contact_at="2020-13-01 10:00:00")
    case.contract("quarantined", case.account(None, book.ref()), starts_on="2018-01-01", ends_on="2019-02-30")
    case.order("quarantined", ref, recorded="31/01/2019")
    case.invoice("quarantined", ref, recorded=book.when.ago(years=7), issued_on="2019-02-29")
    case.visit("quarantined", None, visited="2022-01-31T10:00:00Z")
    case.visit("quarantined", None, visited="2022-02-31 10:00:00")
    case.event("quarantined", case.visit("kept", None, visited=book.when.ago(months=3)), viewed_at="2022-01-31T10:00:00Z")


def unknown_state(book: Book) -> None:
    case = book.case("unknown-state", "fail closed: a state nobody declared is never disposed of")
    ref = customer(case, None).customer_ref
    case.account("quarantined", book.ref(), status="merged?", last_contact_at=book.when.ago(years=5))
    case.trial("quarantined", case.account(None, book.ref()), started=book.when.ago(years=3), converted=7)
    case.order("quarantined", ref, recorded=book.when.ago(years=6), status="archived")
    case.subscriber("quarantined", None, match_status="imported", last_contact_at=book.when.ago(years=5))


CASES = (future, absent, end_before_start, unreadable, unknown_state)
