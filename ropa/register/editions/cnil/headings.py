"""The tables of the CNIL layout: each header with the attribute that stands under it. The reader goes by the same list."""

from __future__ import annotations

from ropa.register.editions.official import Heading

WIDTHS = (34, 25, 24, 11, 15, 17, 18, 21)  # of a fiche

LIST = (
    Heading("list.name", "name", 38, kind="strong"),
    Heading("list.ref", "ref", 9, kind="link"),
    Heading("list.created", "created", 15, kind="date"),
    Heading("list.updated", "updated", 15, kind="date"),
    Heading("list.purpose", "purpose", 48),
    Heading("list.sensitive", "sensitive", 18),
)
ACTORS = (
    Heading("actors", "role", kind="strong"),
    Heading("name", "name"),
    Heading("address", "address"),
    Heading("postcode", "postcode"),
    Heading("city", "city"),
    Heading("country", "country"),
    Heading("telephone", "telephone"),
    Heading("email", "email"),
)
DATA = (
    Heading("data", "label", kind="strong"),
    Heading("description", "description", span=2),
    Heading("retention", "retention", span=5),
)
SENSITIVE = (Heading("sensitive", "label", kind="strong"), *DATA[1:])
SUBJECTS = (
    Heading("subjects", "label", kind="strong"),
    Heading("description", "type", span=2),
    Heading("detail", "detail", span=5),
)
RECIPIENTS = (
    Heading("recipients", "label", kind="strong"),
    Heading("type", "type", span=2),
    Heading("detail", "detail", span=5),
)
MEASURES = (Heading("measures", "label", kind="strong"), *RECIPIENTS[1:])
TRANSFERS = (
    Heading("transfers", "label", kind="strong"),
    Heading("transfer.recipient", "recipient", span=2),
    Heading("country", "country", span=2),
    Heading("transfer.safeguards", "safeguards", span=2),
    Heading("transfer.documentation", "documentation"),
)
FINDINGS = (
    Heading("evidence", "category", kind="strong"),
    Heading("records", "records", kind="count"),
    Heading("oldest", "oldest", kind="date"),
    Heading("overdue", "overdue", kind="count"),
    Heading("held", "held", kind="count"),
    Heading("disposed", "disposed", kind="count"),
    Heading("category.verdict", "verdict"),
    Heading("counted", "counted", kind="date"),
)
COMPLEMENTS = ("basis", "limit", "archive", "verdict", "why", "source")  # label keys, and attributes of `Complements`
CHOICES = ("yes_no", "subjects", "recipients", "measures", "safeguards")  # the columns of sheet 5
