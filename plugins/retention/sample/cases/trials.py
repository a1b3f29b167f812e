"""Free trials: 25 months from the start, unless they run or became a contract."""

from __future__ import annotations

from retention.sample.book import Book
from retention.sample.cases.scenes import customer, elsewhere, trial_subject
from retention.sample.labels import fate

_MONTHS = 25


def boundary(book: Book) -> None:
    case = book.case("trial-boundary", "the trial and its rows in all four stores go the day after the last day, in Paris")
    for edge in book.when.edges(_MONTHS):
        trial_subject(case, fate(edge.due), started=edge.instant)


def clipped(book: Book) -> None:
    case = book.case("trial-clipped-month", "the last day is clipped to the end of a shorter month")
    for edge in book.when.clipped(_MONTHS):
        trial_subject(case, fate(edge.due), started=edge.day)


def converted(book: Book) -> None:
    case = book.case("trial-converted", "the contract rule governs; the trial rule no longer fires")
    for ends_on in (None, book.when.ago(months=8)):
        account = customer(case, "kept", ends_on=ends_on)
        elsewhere(case, "kept", account.customer_ref)


def second_unconverted(book: Book) -> None:
    case = book.case("trial-second-unconverted", "an unconverted second trial of the same person still expires")
    for ends_on in (None, book.when.ago(years=2)):
        account = customer(case, "kept", ends_on=ends_on)
        case.trial("deleted", account, started=book.when.ago(months=30))
        case.trial("kept", account, started=book.when.ago(months=10))


def still_running(book: Book) -> None:
    case = book.case("trial-still-running", "flagged, not deleted")
    trial_subject(case, "kept", started=book.when.ago(months=26), ended_at=None)
    trial_subject(case, "kept", started=book.when.ago(months=40), ended_at=None)
    trial_subject(case, "kept", started=book.when.ago(months=27), ended_at=book.when.ahead(months=1))


def two_trials(book: Book) -> None:
    case = book.case("trial-two", "trials are judged one by one; the account stays with the later one")
    account = case.account("kept", book.ref(), created_at=book.when.ago(months=32))
    case.trial("deleted", account, started=book.when.ago(months=31))
    case.trial("kept", account, started=book.when.ago(months=12))


CASES = (boundary, clipped, converted, second_unconverted, still_running, two_trials)
