"""The rows of the thirteen tables. Field names are the column names, in the order of the schemas."""

from __future__ import annotations

from typing import NamedTuple


class Account(NamedTuple):
    account_id: int
    customer_ref: str
    company_name: str
    business_address: str | None
    email: str | None
    telephone: str | None
    segment: str | None
    created_at: str | None
    last_contact_at: str | None
    status: str | None


class Contact(NamedTuple):
    contact_id: int
    account_id: int
    full_name: str
    email: str | None
    mobile: str | None
    created_at: str | None
    last_contact_at: str | None
    status: str | None


class Trial(NamedTuple):
    trial_id: int
    account_id: int
    offer: str
    credits: int
    started_at: str | None
    ended_at: str | None
    converted: int


class Contract(NamedTuple):
    contract_id: int
    account_id: int
    reference: str
    plan: str
    starts_on: str | None
    ends_on: str | None


class Order(NamedTuple):
    order_id: int
    customer_ref: str
    product: str
    quantity: int
    amount_cents: int
    delivery_contact: str | None
    created_at: str | None
    status: str | None


class Invoice(NamedTuple):
    invoice_id: int
    order_id: int | None
    customer_ref: str | None
    invoice_number: str
    issued_on: str | None
    customer_name: str
    customer_address: str
    contact_name: str
    contact_email: str | None
    contact_phone: str | None
    net_cents: int
    vat_cents: int
    total_cents: int
    created_at: str | None
    status: str | None


class ArchivedInvoice(NamedTuple):
    """What the law requires to be kept of an invoice; its key is that of the invoice."""

    invoice_id: int
    invoice_number: str
    issued_on: str | None
    customer_name: str
    customer_address: str
    net_cents: int
    vat_cents: int
    total_cents: int
    created_at: str | None
    status: str | None


class Payment(NamedTuple):
    payment_id: int
    invoice_id: int
    customer_ref: str
    method: str
    amount_cents: int
    card_brand: str | None
    card_last4: str | None
    card_expiry: str | None
    debited_at: str | None
    created_at: str | None
    status: str | None


class Subscriber(NamedTuple):
    subscriber_id: int
    customer_ref: str | None
    email: str
    email_fingerprint: str
    full_name: str | None
    telephone: str | None
    subscribed_at: str | None
    unsubscribed_at: str | None
    last_contact_at: str | None
    match_status: str | None


class Preference(NamedTuple):
    preference_id: int
    subscriber_id: int
    topic: str
    channel: str


class Suppressed(NamedTuple):
    fingerprint: str
    suppressed_at: str | None


class Visit(NamedTuple):
    visit_id: int
    customer_ref: str | None
    visitor_id: str | None
    visited_at: str | None
    ip_address: str | None
    country: str | None
    city: str | None
    location: str | None
    browser: str | None
    browser_version: str | None
    operating_system: str | None
    referral_source: str | None
    duration_seconds: int | None
    interests: str | None


class PageEvent(NamedTuple):
    event_id: int
    visit_id: int
    customer_ref: str | None
    viewed_at: str | None
    path: str
    previous_path: str | None
    seconds: int | None


Row = (
    Account
    | Contact
    | Trial
    | Contract
    | Order
    | Invoice
    | ArchivedInvoice
    | Payment
    | Subscriber
    | Preference
    | Suppressed
    | Visit
    | PageEvent
)

# Where each kind of row lives. Parents stand before their children.
TABLES: dict[type[Row], tuple[str, str]] = {
    Account: ("account", "accounts"),
    Contact: ("account", "contacts"),
    Trial: ("account", "trials"),
    Contract: ("account", "contracts"),
    Order: ("transaction", "orders"),
    Invoice: ("transaction", "invoices"),
    ArchivedInvoice: ("transaction", "archived_invoices"),
    Payment: ("transaction", "payments"),
    Subscriber: ("subscription", "subscribers"),
    Preference: ("subscription", "preferences"),
    Suppressed: ("subscription", "suppression_list"),
    Visit: ("usage", "visits"),
    PageEvent: ("usage", "page_events"),
}
STORES: tuple[str, ...] = ("account", "transaction", "subscription", "usage")
