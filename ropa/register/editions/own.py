"""Our own workbook: number, hash and standing of the version, and what changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from retention.declare.words import Language, Text
from retention.workbook import Book, Words
from ropa.register.changes import Change
from ropa.register.publication import Publication

NAMES: dict[Language, str] = {"fr": "registre-art30", "en": "register-art30"}


def write(
    publication: Publication, language: Language, folder: Path, *, changes: Sequence[Change] = (), previous: str | None = None
) -> Path:
    """Writes the workbook and answers its path."""
    register = publication.register
    say = Words({}, language)
    draft = say.of(Text(fr="Projet", en="Draft")) if publication.draft else ""
    edition = f"{publication.number} | {publication.content_hash[:12]}"
    book = Book(
        language, title=say.of(register.title), subject="", owner=register.controller.name, edition=edition, warning=draft
    )
    sheet = book.sheet("1", say.of(register.title), f"{publication.number} {previous or ''}", [20, 20, 60, 40, 40])
    for row, change in enumerate(changes, start=10):
        texts = (change.area, change.what, change.before, change.after)
        for column, text in enumerate(texts, start=1):
            sheet.ws.cell(row, column, say.of(text) if text else None)
    return book.save(folder, f"{NAMES[language]}-{register.as_of.isoformat()}.xlsx")
