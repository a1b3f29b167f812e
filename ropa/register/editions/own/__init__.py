"""Our own workbook: everything a publication says, with a sheet for each part of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from retention.declare.words import Language
from retention.workbook import Book, Sheet, Words
from ropa.register.changes import Change
from ropa.register.editions.own import (
    activities,
    cards,
    contents,
    cover,
    data,
    holdings,
    open_matters,
    parties,
    schedule,
    statements,
)
from ropa.register.editions.own.edition import Edition
from ropa.register.editions.own.page import Page
from ropa.register.labels import LABELS
from ropa.register.publication import Publication

NAMES: dict[Language, str] = {"fr": "registre-art30", "en": "register-art30"}
DETAILS = (  # the sheets that link to no other, in their order around `holdings`
    (data.page, parties.recipients, parties.transfers, schedule.page),
    (
        statements.security, statements.rights, statements.cookies, open_matters.decisions, open_matters.gaps,
        open_matters.checks, open_matters.changes, statements.processor, statements.sources,
    ),
)  # fmt: skip


def write(
    publication: Publication,
    language: Language,
    folder: Path,
    *,
    changes: Sequence[Change] = (),
    previous: str | None = None,
) -> Path:
    """Writes `registre-art30-<as-of>.xlsx` (`register-art30-<as-of>.xlsx` in English) into `folder` and answers its path.

    `changes` are those since the publication of number `previous`. Raises OutputError where the file cannot be written.
    """
    edition = edition_of(publication, language, changes, previous)
    return fill(edition).save(folder, f"{NAMES[language]}-{publication.register.as_of.isoformat()}.xlsx")


def edition_of(
    publication: Publication, language: Language, changes: Sequence[Change] = (), previous: str | None = None
) -> Edition:
    return Edition(publication, publication.content_hash, Words(LABELS, language), tuple(changes), previous)


def pages(edition: Edition, records: Page, addresses: Mapping[str, str]) -> tuple[Page, ...]:
    """Every sheet after the contents. `addresses` are those of the activities' `records`, by their ids."""
    before, after = DETAILS
    return (
        activities.page(edition, addresses),
        records,
        *(page(edition) for page in before),
        holdings.page(edition, addresses),
        *(page(edition) for page in after),
    )


def fill(edition: Edition) -> Book:
    """The workbook, not yet written."""
    book, say = _book(edition), edition.say
    first, _ = _lay(edition, book, cover.page(edition))
    book.contents = say("contents.sheet")
    records = cards.page(edition)
    record_sheet, rows = _lay(edition, book, records)  # before the list, which links to where each record begins
    addresses = {each.id: record_sheet.at(row) for each, row in zip(edition.register.activities, rows, strict=True)}
    listed = pages(edition, records, addresses)
    book.contents = first.name
    _lay(edition, book, contents.page(edition, listed))
    book.contents = say("contents.sheet")
    for page in listed:
        if page is not records:
            _lay(edition, book, page)
    book.workbook.move_sheet(record_sheet.ws, 2)
    return book


def _book(edition: Edition) -> Book:
    say, register, publication = edition.say, edition.register, edition.publication
    owner = register.controller.name
    named = say(
        "edition",
        number=publication.number,
        date=say.date(register.as_of),
        owner=owner,
        hash=edition.content_hash[:8],
        version=register.grounding.policy_sha256[:8],
        declaration=register.grounding.declaration_hash[:8],
    )
    title = say("title")
    return Book(say.language, title=title, subject=say.of(register.title), owner=owner, edition=named, warning=edition.warning)


def _lay(edition: Edition, book: Book, page: Page) -> tuple[Sheet, list[int]]:
    """Writes a sheet; answers the rows at which its blocks begin."""
    say, key = edition.say, page.key
    sheet = book.sheet(
        say(f"{key}.sheet"), say(f"{key}.title"), say(f"{key}.intro"), page.widths, spread=page.spread, repeated=page.repeated
    )
    return sheet, [block.lay(sheet) for block in page.blocks]
