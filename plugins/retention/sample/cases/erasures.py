"""Approved erasure requests, and what they yield to."""

from __future__ import annotations

import datetime as dt

from retention.sample.book import Book, Case
from retention.sample.cases.scenes import customer, elsewhere, sale, trial_subject
from retention.sample.labels import Expected, InstructionKind
from retention.sample.rows import Account


def on_trial(book: Book) -> None:
    case = book.case("erasure-trial", "now, not at month 25")
    ended: tuple[dict[str, dt.date | None], ...] = ({}, {"ended_at": None})
    for trial in ended:
        account = trial_subject(case, "deleted", started=book.when.ago(months=4), **trial)
        case.on_subject("erasure", account.customer_ref)


def on_prospect(book: Book) -> None:
    case = book.case("erasure-prospect", "an approved request makes the rows due at once, in every store")
    account = case.account("deleted", book.ref())
    case.contact("deleted", account)
    case.subscriber("deleted", account.customer_ref)
    case.event("deleted", case.visit("deleted", account.customer_ref, visited=book.when.ago(days=50)))
    case.on_subject("erasure", account.customer_ref)


def against_floor(book: Book) -> None:
    case = book.case("erasure-accounting-floor", "by field: the floor keeps the invoice fields; telephone, segments, usage go")
    case.on_subject("erasure", _former_customer(case, invoice="archived", rest="deleted").customer_ref)


def against_insurance(book: Book) -> None:
    case = book.case("erasure-insurance", "against an insurance hold only: erase")
    account = _former_customer(case, invoice="archived", rest="deleted")
    case.on_subject("insurance", account.customer_ref)
    case.on_subject("erasure", account.customer_ref)


def against_restriction(book: Book) -> None:
    case = book.case("restriction-and-erasure", "a person decides; never automatic")
    _held_against(case, "restriction")


def against_grounds(book: Book) -> None:
    grounds: tuple[InstructionKind, ...] = ("legal_claim", "legal_obligation", "vital_interests")
    case = book.case("erasure-yields-to-hold", "an erasure request yields to claims, legal obligations and vital interests")
    for kind in grounds:
        _held_against(case, kind)


def live_contract(book: Book) -> None:
    case = book.case("erasure-live-contract", "an erasure request yields to a live contract")
    account = customer(case, "kept")
    elsewhere(case, "kept", account.customer_ref)
    case.on_subject("erasure", account.customer_ref)


def shared_contact(book: Book) -> None:
    case = book.case("contact-shared", "the person goes, the employer and colleagues stay")
    prospect = case.account("kept", book.ref())
    customers = (prospect, customer(case, "kept", ends_on=book.when.ago(years=1)), customer(case, "kept"))
    for account in customers:
        person = case.contact("deleted", account)
        case.contact("kept", account)
        case.on_record("erasure", person)


def _held_against(case: Case, kind: InstructionKind) -> None:
    account = _former_customer(case, invoice="held", rest="held")
    case.on_subject(kind, account.customer_ref)
    case.on_subject("erasure", account.customer_ref)


def _former_customer(case: Case, *, invoice: Expected, rest: Expected) -> Account:
    """Someone whose contract ended a year ago: nothing is due by itself."""
    account = customer(case, rest, ends_on=case.when.ago(years=1))
    ref = account.customer_ref
    sale(case, ref, case.when.ago(years=2), rest, invoice, rest)
    elsewhere(case, rest, ref)
    return account


CASES = (
    on_trial,
    on_prospect,
    against_floor,
    against_insurance,
    against_restriction,
    against_grounds,
    live_contract,
    shared_contact,
)
