"""Visits, which are anonymised, and page events, which are deleted."""

from __future__ import annotations

from retention.sample.book import Book
from retention.sample.cases.scenes import customer
from retention.sample.labels import fate

_MONTHS = 25
_SMALLEST_CELL = 5


def boundary(book: Book) -> None:
    case = book.case("visit-boundary", "IP, location, identifiers and unique paths go after 25 months, in Paris")
    ref = customer(case, None).customer_ref
    moments = [(edge.instant, edge.due) for edge in book.when.edges(_MONTHS)]
    moments += [(f"{edge.day.isoformat()} 10:30:00", edge.due) for edge in book.when.clipped(_MONTHS)]
    for subject in (None, ref):
        for instant, due in moments:
            visit = case.visit("anonymised" if due else "kept", subject, visited=instant)
            case.event(fate(due), visit)


def small_cell(book: Book) -> None:
    case = book.case("visit-small-cell", "where a cell stays too small, delete instead")
    rare = {"browser": "Lynx", "operating_system": "Haiku"}
    for number in range(_SMALLEST_CELL - 1):
        visit = case.visit("deleted", None, visited=book.when.ago(months=27 + number), **rare)
        case.event("deleted", visit)
    for days in (20, 40, 60):  # alike, but not due: they hide nobody
        case.visit("kept", None, visited=book.when.ago(days=days), **rare)


def cell_of_five(book: Book) -> None:
    case = book.case("visit-cell-large-enough", "a cell as large as the smallest one allowed is anonymised")
    common = {"browser": "Konqueror", "operating_system": "FreeBSD"}
    for number in range(_SMALLEST_CELL - 1):
        case.visit("anonymised", None, visited=book.when.ago(months=26 + number), **common)
    case.anonymised_visit("kept", visited=book.when.ago(months=40), **common)


def already_anonymised(book: Book) -> None:
    case = book.case("visit-already-anonymised", "nothing is left to blank: kept")
    for months in (27, 33, 50):
        case.anonymised_visit("kept", visited=book.when.ago(months=months))


CASES = (boundary, small_cell, cell_of_five, already_anonymised)
