"""Puts the register together: the sheets in their order, the table of contents, the file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from retention.declare.bundle import Bundle
from retention.declare.words import Language
from retention.evidence.database import Evidence
from retention.evidence.figures import last_nights
from retention.workbook import Area, Book, Sheet, Words
from retention.workspace import Workspace
from ropa.register import (
    activities,
    cards,
    cover,
    data,
    decisions,
    gaps,
    measures,
    processor,
    recipients,
    schedule,
    sources,
)
from ropa.register.context import Register
from ropa.register.cover import Entry
from ropa.register.labels import LABELS

NAMES: dict[Language, str] = {"fr": "registre-art30", "en": "register-art30"}


def build_register(workspace: Workspace, bundle: Bundle, evidence: Evidence | None, language: Language, as_of: dt.date) -> Path:
    """Writes the register of one day and answers where."""
    folder = workspace.output_folder("register")
    return fill(bundle, evidence, language, as_of).save(folder, f"{NAMES[language]}-{as_of.isoformat()}.xlsx")


def fill(bundle: Bundle, evidence: Evidence | None, language: Language, as_of: dt.date) -> Book:
    """The workbook, not yet written."""
    say = Words(LABELS, language)
    warning = say("example", title=say.of(bundle.decisions.title)) if bundle.decisions.example else ""
    owner = bundle.policy.controller.name
    edition = say("edition", owner=owner, date=say.date(as_of), version=bundle.policy.sha256[:8], hash=bundle.policy_hash[:8])
    book = Book(
        language, title=say("title"), subject=say.of(bundle.activities.title), owner=owner, edition=edition, warning=warning
    )
    register = Register(bundle, last_nights(evidence, bundle.stores, as_of), as_of, book, say)
    first = cover.write(register)
    cover.write_contents(register, first, _sheets(register))
    return book


def _sheets(register: Register) -> list[Entry]:
    """All sheets after the cover. The list of activities links to their records, which are therefore written first."""
    record_sheet, addresses = cards.write(register)
    listed, area = activities.write(register, addresses)
    register.book.workbook.move_sheet(listed.ws, -1)
    count = len(register.bundle.activities.activities)
    return [
        _entry("activities", listed, area),
        Entry("cards", count, record_sheet.at(1)),
        *(
            _entry(key, *write(register))
            for key, write in (
                ("data", data.write),
                ("recipients", recipients.write),
                ("transfers", recipients.write_transfers),
                ("schedule", schedule.write),
                ("security", measures.write_security),
                ("rights", measures.write_rights),
                ("cookies", measures.write_cookies),
                ("decisions", decisions.write),
                ("gaps", gaps.write),
                ("processor", processor.write),
                ("sources", sources.write),
            )
        ),
    ]


def _entry(key: str, sheet: Sheet, area: Area) -> Entry:
    return Entry(key, area.last_row - area.first_row + 1, sheet.at(1))
