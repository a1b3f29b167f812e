"""`datapackage.json`: what stands in each file, in the package's language."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from typing import Any

from retention.declare.words import Language
from retention.typography import Words
from ropa.register.editions.package.columns import Column, Table
from ropa.register.editions.package.labels import COLUMNS, PACKAGE, TABLE_TITLES
from ropa.register.editions.package.tables import TABLES
from ropa.register.publication import Publication


def describe(publication: Publication, language: Language, files: Mapping[str, bytes]) -> dict[str, Any]:
    """The descriptor of a package with these files, by path. A column or table nobody named is an error."""
    say, register = Words(PACKAGE, language), publication.register
    published = publication.published_at
    return {
        "profile": "tabular-data-package",
        "name": f"article-30-register-{register.controller.registration_number}".lower(),
        "id": publication.content_hash,
        "title": say("title", title=Words(PACKAGE, language).of(register.title), name=register.controller.name),
        "description": say("draft" if publication.draft else "approved") + " " + say("description"),
        "status": "draft" if publication.draft else "approved",
        "version": publication.number,
        "created": (published if published.tzinfo else published.replace(tzinfo=dt.UTC)).isoformat(),
        "asOf": register.as_of.isoformat(),
        "language": language,
        "contributors": [{"title": register.controller.name, "role": "publisher"}],
        "textEscape": {"prefix": "'", "description": say("escape")},
        "resources": [_resource(table, language, files[f"data/{table.name}.csv"]) for table in TABLES],
    }


def _resource(table: Table, language: Language, content: bytes) -> dict[str, Any]:
    titles = Words(TABLE_TITLES, language)
    return {
        "profile": "tabular-data-resource",
        "name": table.name,
        "path": f"data/{table.name}.csv",
        "title": titles(table.name),
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": len(content),
        "hash": f"sha256:{hashlib.sha256(content).hexdigest()}",
        "dialect": {"delimiter": ",", "quoteChar": '"', "doubleQuote": True, "lineTerminator": "\r\n", "header": True},
        "schema": _schema(table, language),
    }


def _schema(table: Table, language: Language) -> dict[str, Any]:
    links = [{"fields": [name], "reference": {"resource": to, "fields": [_key(to)]}} for name, to in table.links.items()]
    return {
        "fields": [_field(table, column, language) for column in table.columns],
        "missingValues": [""],
        "primaryKey": list(table.key),
    } | ({"foreignKeys": links} if links else {})


def _field(table: Table, column: Column, language: Language) -> dict[str, Any]:
    title = Words(COLUMNS, language)(column.name)
    field: dict[str, Any] = {"name": column.name, "title": title, "type": column.kind}
    if column.name in table.key:
        field["constraints"] = {"required": True}
    return field


def _key(table: str) -> str:
    """What a link points at: the one column by which the rows of a table are known."""
    (column,) = next(each.key for each in TABLES if each.name == table)
    return column
