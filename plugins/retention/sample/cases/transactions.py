"""Orders, invoices under the accounting floor, and card data."""

from __future__ import annotations

import datetime as dt

from retention.sample.book import Book, Case
from retention.sample.cases.scenes import customer, sale, trial_subject
from retention.sample.rows import Account

_MONTHS = 60
_CARD_MONTHS = 13
_FLOOR_YEARS = 10


def boundary(book: Book) -> None:
    case = book.case("transaction-boundary", "due the day after the last day, in Paris, although the contract is live")
    ref = _live(case)
    for edge in book.when.edges(_MONTHS):
        if edge.due:
            sale(case, ref, edge.instant, "deleted", "archived", "deleted")
        else:
            sale(case, ref, edge.instant, "kept", "kept", "kept")


def account_gone(book: Book) -> None:
    case = book.case("invoice-account-gone", "keep the minimum invoice fields, sever the link; not an orphan error")
    for years in (6, 8):
        account = customer(case, "deleted", ends_on=book.when.ago(years=years))
        sale(case, account.customer_ref, book.when.ago(years=years, months=2), "deleted", "archived", "deleted")


def outlives_account(book: Book) -> None:
    case = book.case("invoice-outlives-account", "a tombstone tells when the relationship ended; not an orphan error")
    account = customer(case, "deleted", ends_on=book.when.ago(months=62))
    sale(case, account.customer_ref, book.when.ago(months=58), "kept", "kept", "kept")


def floor(book: Book) -> None:
    case = book.case("accounting-floor", "ten years from the close of the financial year of the document, then it goes")
    ref, year = _live(case), book.when.as_of.year - _FLOOR_YEARS
    for day in (dt.date(year - 1, 12, 31), dt.date(year - 1, 1, 2)):
        sale(case, ref, day, "deleted", "deleted", "deleted")
    for day in (dt.date(year, 1, 1), dt.date(year, 12, 31)):
        sale(case, ref, day, "deleted", "archived", "deleted")


def already_minimised(book: Book) -> None:
    case = book.case("invoice-already-minimised", "minimised where it stood before there was an archive: it goes there now")
    for years in (6, 8, 9):
        case.minimised_invoice("archived", issued=book.when.ago(years=years))


def in_archive(book: Book) -> None:
    case = book.case("invoice-in-archive", "kept while the law requires it, ten years from the close of its year, then it goes")
    year = book.when.as_of.year - _FLOOR_YEARS
    for day in (dt.date(year - 1, 12, 31), dt.date(year - 1, 1, 2), dt.date(year - 3, 6, 15)):
        case.archived_invoice("deleted", issued=day)
    for day in (dt.date(year, 1, 1), dt.date(year, 12, 31), book.when.ago(years=6)):
        case.archived_invoice("kept", issued=day)


def archive_key_taken(book: Book) -> None:
    case = book.case("archive-key-taken", "a key used a second time: nothing in the archive is overwritten, nothing is lost")
    invoice = case.minimised_invoice("quarantined", issued=book.when.ago(years=7))
    case.archived_invoice("kept", issued=book.when.ago(years=8), invoice_id=invoice.invoice_id)


def archived_and_held(book: Book) -> None:
    case = book.case("archived-and-held", "a hold on an archived record freezes it beyond the end of the legal period")
    for year in (book.when.as_of.year - _FLOOR_YEARS - 1, book.when.as_of.year - 6):
        case.on_record("legal_claim", case.archived_invoice("held", issued=dt.date(year, 6, 15)))


def archived_and_erasure(book: Book) -> None:
    case = book.case("archived-and-erasure", "an erasure request yields to the law that keeps an archived record")
    case.on_record("erasure", case.archived_invoice("kept", issued=book.when.ago(years=6)))


def past_floor(book: Book) -> None:
    case = book.case("invoice-past-floor", "when the floor has run out, what was left of the invoice goes")
    for years in (1, 2):
        case.minimised_invoice("deleted", issued=dt.date(book.when.as_of.year - _FLOOR_YEARS - years, 6, 15))


def trial_invoice(book: Book) -> None:
    case = book.case("trial-invoice", "the floor keeps the fields of a trial's invoice too; the rest goes with the trial")
    account = trial_subject(case, "deleted", started=book.when.ago(months=27))
    sale(case, account.customer_ref, book.when.ago(months=26), "deleted", "archived", "deleted")


def card(book: Book) -> None:
    case = book.case("card-boundary", "card details go 13 months after the debit; the rest of the payment stays")
    ref = _live(case)
    moments = [(edge.instant, edge.due) for edge in book.when.edges(_CARD_MONTHS)]
    moments += [(_noon(edge.day), edge.due) for edge in book.when.clipped(_CARD_MONTHS)]
    for instant, due in moments:
        _card_payment(case, ref, instant, due)


def card_blank(book: Book) -> None:
    case = book.case("card-already-blank", "nothing is left to blank: kept")
    ref = _live(case)
    for months in (14, 30):
        sale(case, ref, book.when.ago(months=months), "kept", "kept", "kept")


def _card_payment(case: Case, ref: str, instant: str, due: bool) -> None:
    order = case.order("kept", ref, recorded=instant)
    invoice = case.invoice("kept", ref, recorded=instant, order=order)
    expiry = f"{case.when.ahead(years=1):%m/%Y}"
    case.payment(
        "anonymised" if due else "kept", invoice, ref, method="card", card_brand="Visa", card_last4="0042", card_expiry=expiry
    )


def _live(case: Case) -> str:
    account: Account = customer(case, None)
    return account.customer_ref


def _noon(day: dt.date) -> str:
    return f"{day.isoformat()} 10:30:00"


CASES = (
    boundary,
    account_gone,
    outlives_account,
    floor,
    already_minimised,
    in_archive,
    archive_key_taken,
    archived_and_held,
    archived_and_erasure,
    past_floor,
    trial_invoice,
    card,
    card_blank,
)
