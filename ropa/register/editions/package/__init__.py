"""The register for everyone else: a zip of CSV files and `datapackage.json`, which says what stands in them (Data Package v1).

RFC 4180: UTF-8 without a mark (many readers take it for part of the first header), commas, CRLF, a header. The descriptor
names each file's columns, kinds, key and links, in the package's language, and gives its SHA-256. The same publication gives
the same bytes.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any

from retention.declare.words import Language
from retention.errors import RetentionError
from ropa.register.editions.output import put
from ropa.register.editions.package.cells import Value, plain, read_cell, write_cell
from ropa.register.editions.package.columns import Table
from ropa.register.editions.package.descriptor import describe
from ropa.register.editions.package.tables import TABLES
from ropa.register.publication import Publication

Rows = list[dict[str, Value]]
NAMES = {"fr": "registre", "en": "register"}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest a zip knows: when a file was packed is no part of what it says


def write(publication: Publication, language: Language, folder: Path) -> Path:
    """Writes `registre-csv-<as_of>.zip`. Raises OutputError."""
    files = {f"data/{table.name}.csv": _csv(table, rows_of(table, publication, language)) for table in TABLES}
    descriptor = describe(publication, language, files)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(_entry("datapackage.json"), json.dumps(descriptor, ensure_ascii=False, indent=1).encode() + b"\n")
        for name, content in files.items():
            archive.writestr(_entry(name), content)
    return put(packed.getvalue(), folder, f"{NAMES[language]}-csv-{publication.register.as_of}.zip")


def rows_of(table: Table, publication: Publication, language: Language) -> Rows:
    """The rows of a table as the package has them."""
    return [
        {column.name: plain(column.value(row), column.kind, language) for column in table.columns}
        for row in table.rows(publication)
    ]


def tables_of(publication: Publication, language: Language) -> dict[str, Rows]:
    """Every table of a publication: what `read_package` gives back."""
    return {table.name: rows_of(table, publication, language) for table in TABLES}


def read_package(path: Path) -> dict[str, Rows]:
    """Every table of a package, each row by its headers. Raises RetentionError where the package is not what it says it is."""
    try:
        with zipfile.ZipFile(path) as archive:
            descriptor = json.loads(archive.read("datapackage.json"))
            return {each["name"]: _read(path, each, archive.read(each["path"])) for each in descriptor["resources"]}
    except (OSError, zipfile.BadZipFile, KeyError, json.JSONDecodeError) as reason:
        raise _unreadable(path, f"the package cannot be read ({type(reason).__name__})") from None


def _entry(name: str) -> zipfile.ZipInfo:
    """Stored, not compressed: compression differs from one build of its library to the next."""
    entry = zipfile.ZipInfo(name, _EPOCH)
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry


def _csv(table: Table, rows: Rows) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(column.name for column in table.columns)
    writer.writerows([write_cell(value) for value in row.values()] for row in rows)
    return text.getvalue().encode()


def _read(path: Path, resource: dict[str, Any], content: bytes) -> Rows:
    name, fields = resource["path"], resource["schema"]["fields"]
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != resource["hash"]:
        raise _unreadable(path, f"{name} is not the file that was published: its hash differs")
    # A cell may be as long as a text of the model: no limit but the file's own size.
    limit = csv.field_size_limit(max(len(content), 131_072))
    try:
        lines = list(csv.reader(io.StringIO(content.decode(), newline="")))
    finally:
        csv.field_size_limit(limit)
    headers = [field["name"] for field in fields]
    if lines[:1] != [headers] or any(len(line) != len(headers) for line in lines):
        raise _unreadable(path, f"{name} does not have the columns of its schema")
    try:
        return [
            {field["name"]: read_cell(cell, field["type"]) for field, cell in zip(fields, line, strict=True)}
            for line in lines[1:]
        ]
    except (ValueError, KeyError):
        raise _unreadable(path, f"{name} has a cell that is not of its column's kind") from None


def _unreadable(path: Path, message: str) -> RetentionError:
    return RetentionError(message, file=path, mend="take the package as it was published, or write it again")
