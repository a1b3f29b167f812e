"""Where the policy's own words stand in the CNIL's rows and lists. All of it is here, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from ropa.register.model import Named

Row = Literal["identity", "personal_life", "economic", "connection", "location", "nir"]
ROWS: tuple[Row, ...] = ("identity", "personal_life", "economic", "connection", "location", "nir")
SENSITIVE = ("origin", "politics", "religion", "union", "genetic", "biometric", "health", "sex", "offences")

ELEMENT_ROWS: Mapping[str, Row] = {  # every element of the policy; a test fails where one has no row
    "name": "identity",
    "business_address": "identity",
    "email": "identity",
    "telephone": "identity",
    "contact_details": "identity",
    "subscription_email": "identity",
    "subscription_contact": "identity",
    "interests": "personal_life",
    "card_details": "economic",
    "transaction_information": "economic",
    "ip_address": "connection",
    "browser_type": "connection",
    "browser_version": "connection",
    "operating_system": "connection",
    "referral_source": "connection",
    "visit_duration": "connection",
    "pages_viewed": "connection",
    "navigation_paths": "connection",
    "visit_moment": "connection",
    "location": "location",
}

SUBJECT_TYPES: Mapping[str, str] = {  # a subject that is not here is of the type `other`, with its own name beside it
    "subject.holders": "customers",
    "subject.customers": "customers",
    "subject.employer_contacts": "customers",
    "subject.prospects": "prospects",
    "subject.trial_users": "prospects",
}
RECIPIENT_TYPES: Mapping[str, str] = {  # whether a provider acts as a processor is for a contract to say, not for us
    "provider": "provider",
    "group": "partner",
    "successor": "partner",
    "adviser": "other",
    "authority": "other",
}
MEASURE_TYPES: Mapping[str, str] = {
    "security.restricted_access": "access",
    "security.controlled_premises": "access",
    "security.encrypted_transmission": "encryption",
    "security.firewalls": "software",
    "security.third_parties": "processors",
}


def by_row(elements: Iterable[Named]) -> dict[Row | None, list[Named]]:
    """Elements by their row; those of None are known to no row and are shown in a row of their own."""
    found: dict[Row | None, list[Named]] = {}
    for element in elements:
        found.setdefault(ELEMENT_ROWS.get(element.id), []).append(element)
    return found
