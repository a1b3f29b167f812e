"""Newsletter subscribers: during and after a contract, without one, and after they objected."""

from __future__ import annotations

from retention.sample.book import Book
from retention.sample.cases.scenes import customer
from retention.sample.labels import fate

_AFTER_CONTRACT = 36
_WITHOUT_CONTRACT = 36
_AFTER_UNSUBSCRIBE = 1


def after_contract(book: Book) -> None:
    case = book.case("subscription-after-contract", "due after the period from the latest contract end; the account stays")
    for edge in book.when.day_edges(_AFTER_CONTRACT):
        account = customer(case, "kept", ends_on=edge.day)
        case.subscriber(fate(edge.due), account.customer_ref)


def contract_live(book: Book) -> None:
    case = book.case("subscription-contract-live", "a live contract keeps the subscription, however long ago the last contact")
    for ends_on in (None, book.when.ahead(months=2)):
        account = customer(case, "kept", ends_on=ends_on)
        case.subscriber("kept", account.customer_ref, last_contact_at=book.when.ago(years=6))


def without_contract(book: Book) -> None:
    case = book.case("subscription-prospect", "without a contract, due after the period from the last contact")
    for edge in book.when.edges(_WITHOUT_CONTRACT):
        case.subscriber(fate(edge.due), None, last_contact_at=edge.instant)
    account = case.account("kept", book.ref())
    case.subscriber("deleted", account.customer_ref, last_contact_at=book.when.ago(months=37))


def unsubscribed(book: Book) -> None:
    case = book.case("unsubscribed", "stop, delete the profile, keep a keyed fingerprint")
    for edge in book.when.edges(_AFTER_UNSUBSCRIBE):
        case.subscriber(fate(edge.due), None, unsubscribed_at=edge.instant)
    for edge_day in book.when.clipped(_AFTER_UNSUBSCRIBE):
        case.subscriber(fate(edge_day.due), None, unsubscribed_at=edge_day.day)
    # A ceiling is the most a row may be kept, never a reason to keep it: this one is due by its last contact.
    case.subscriber("deleted", None, unsubscribed_at=book.when.ago(days=10), last_contact_at=book.when.ago(years=4))
    already = case.subscriber("deleted", None, unsubscribed_at=book.when.ago(months=2))
    case.suppressed("kept", fingerprint=already.email_fingerprint, suppressed_at=already.unsubscribed_at)


def unsubscribed_customer(book: Book) -> None:
    case = book.case("unsubscribed-customer", "an objection outweighs a live contract: the profile goes, the account stays")
    account = customer(case, "kept")
    case.subscriber("deleted", account.customer_ref, unsubscribed_at=book.when.ago(months=3))
    case.subscriber("kept", account.customer_ref, unsubscribed_at=book.when.ago(days=10))


def unsubscribed_account_gone(book: Book) -> None:
    case = book.case("unsubscribed-account-gone", "the keyed fingerprint survives deletion of the account")
    account = customer(case, "deleted", ends_on=book.when.ago(years=6))
    case.subscriber("deleted", account.customer_ref, unsubscribed_at=book.when.ago(months=2))


def resubscribed(book: Book) -> None:
    case = book.case("resubscribed-suppressed", "the fingerprint is checked on re-import: a person decides")
    entry = case.suppressed("kept", suppressed_at=book.when.ago(years=2))
    case.subscriber("quarantined", None, email_fingerprint=entry.fingerprint, last_contact_at=book.when.ago(years=4))
    entry = case.suppressed("kept", suppressed_at=book.when.ago(months=5))
    case.subscriber("quarantined", customer(case, "kept").customer_ref, email_fingerprint=entry.fingerprint)


def undecided(book: Book) -> None:
    case = book.case("undecided", "kept, criterion not decided")
    for years in (1, 6, 11):
        case.suppressed("kept", suppressed_at=book.when.ago(years=years))


CASES = (
    after_contract,
    contract_live,
    without_contract,
    unsubscribed,
    unsubscribed_customer,
    unsubscribed_account_gone,
    resubscribed,
    undecided,
)
