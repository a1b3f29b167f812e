"""Rows that are frozen, due or not."""

from __future__ import annotations

from retention.sample.book import Book, Case
from retention.sample.cases.scenes import customer, elsewhere, sale, trial_subject
from retention.sample.labels import Expected, InstructionKind
from retention.sample.rows import Account


def claim_on_subject(book: Book) -> None:
    case = book.case("claim-on-subject", "a claim freezes its rows; on release they are recomputed, no new term")
    over = _past_customer(case, "held")
    case.on_subject("legal_claim", over.customer_ref)
    live = customer(case, "held")  # frozen although nothing of it is due
    elsewhere(case, "held", live.customer_ref)
    case.on_subject("legal_claim", live.customer_ref)


def claim_on_record(book: Book) -> None:
    case = book.case("claim-on-record", "freezes its rows and their children")
    ref, old = customer(case, None).customer_ref, book.when.ago(years=6)
    order, _, _ = sale(case, ref, old, "held", "held", "held")
    case.on_record("legal_claim", order)
    _, invoice, _ = sale(case, ref, old, "kept", "held", "held")  # the order is a parent of what stays
    case.on_record("legal_claim", invoice)
    sale(case, ref, old, "deleted", "archived", "deleted")
    visit = case.visit("held", ref, visited=book.when.ago(months=28))
    case.event("held", visit)
    case.on_record("legal_claim", visit)


def claim_on_account(book: Book) -> None:
    case = book.case("claim-on-account-record", "freezes the account and its children; the other stores go on")
    account = customer(case, "held", ends_on=book.when.ago(years=6))
    case.on_record("legal_claim", account)
    sale(case, account.customer_ref, book.when.ago(years=7), "deleted", "archived", "deleted")


def restriction(book: Book) -> None:
    case = book.case("restriction", "blocks deletion and use; eligible rows are overdue, lawfully frozen")
    for months in (26, 3):
        account = trial_subject(case, "held", started=book.when.ago(months=months))
        case.on_subject("restriction", account.customer_ref)


def other_grounds(book: Book) -> None:
    grounds: tuple[tuple[str, InstructionKind, str], ...] = (
        ("hold-legal-obligation", "legal_obligation", "a legal obligation suspends the purge"),
        ("hold-vital-interests", "vital_interests", "vital interests suspend the purge"),
        ("hold-insurance", "insurance", "an insurance hold may pause a scheduled purge"),
    )
    for slug, kind, because in grounds:
        case = book.case(slug, because)
        case.on_subject(kind, trial_subject(case, "held", started=book.when.ago(months=28)).customer_ref)


def unsubscribed(book: Book) -> None:
    case = book.case("hold-unsubscribed", "a claim freezes an unsubscribed profile too")
    account = customer(case, "held")
    case.subscriber("held", account.customer_ref, unsubscribed_at=book.when.ago(months=4))
    case.on_subject("legal_claim", account.customer_ref)


def _past_customer(case: Case, expected: Expected) -> Account:
    """A customer of whom everything would be due in all four stores."""
    account = customer(case, expected, ends_on=case.when.ago(years=6))
    ref = account.customer_ref
    sale(case, ref, case.when.ago(years=7), expected, expected, expected)
    case.subscriber(expected, ref)
    case.event(expected, case.visit(expected, ref, visited=case.when.ago(months=30)))
    return account


CASES = (claim_on_subject, claim_on_record, claim_on_account, restriction, other_grounds, unsubscribed)
