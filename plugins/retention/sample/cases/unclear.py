"""Rows of which nobody can say whose they are."""

from __future__ import annotations

from retention.sample.book import Book
from retention.sample.cases.scenes import customer, sale

_NOBODY = "C9999999{:02d}"


def duplicate(book: Book) -> None:
    case = book.case("ambiguous-duplicate", "an ambiguous match is quarantined in all stores, never deleted by likeness")
    account = customer(case, "quarantined", ends_on=book.when.ago(years=7))
    ref = account.customer_ref
    case.account("quarantined", ref, last_contact_at=book.when.ago(years=5))
    sale(case, ref, book.when.ago(years=8), "quarantined", "quarantined", "quarantined")
    case.subscriber("quarantined", ref, last_contact_at=book.when.ago(years=4))
    case.event("quarantined", case.visit("quarantined", ref, visited=book.when.ago(months=30)))


def match(book: Book) -> None:
    case = book.case("ambiguous-match", "an ambiguous match is quarantined, never deleted by likeness")
    case.subscriber("quarantined", None, match_status="ambiguous", last_contact_at=book.when.ago(years=4))


def orphan(book: Book) -> None:
    case = book.case("orphan", "quarantined and reported; neither silently deleted nor silently kept")
    old = book.when.ago(years=6)
    sale(case, _NOBODY.format(1), old, "quarantined", "quarantined", "quarantined")
    case.subscriber("quarantined", _NOBODY.format(2), last_contact_at=book.when.ago(years=4))
    for number in (3, 4):
        visit = case.visit("quarantined", _NOBODY.format(number), visited=book.when.ago(months=20 + 5 * number))
        case.event("quarantined", visit)


CASES = (duplicate, match, orphan)
