"""What a strict reader of Office Open XML asks of a workbook, and Excel answers with an offer of repair where it is not so."""

from __future__ import annotations

import posixpath
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from openpyxl.utils import range_boundaries

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}"
TYPES = "{http://schemas.openxmlformats.org/package/2006/content-types}"
FORBIDDEN_IN_SHEET_NAMES = re.compile(r"[\[\]:*?/\\]")
DEFINED_NAME = re.compile(r"^(_xlnm\.[A-Za-z_]+|[A-Za-z_\\][\w.\\]*)$")
CELL_LIKE = re.compile(r"^([A-Za-z]{1,3}\d+|[rR]\d*[cC]\d*)$")


def faults(path: Path) -> list[str]:
    """Everything that is wrong with the file; nothing, where it is in order."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        found = [f"{name} stands twice" for name in set(names) if names.count(name) > 1]
        parts: dict[str, ElementTree.Element] = {}
        for name in names:
            try:
                parts[name] = ElementTree.fromstring(archive.read(name))
            except ElementTree.ParseError as reason:
                found.append(f"{name} is not well formed: {reason}")
    return [*found, *_types(parts), *_relations(parts), *_book(parts), *_strings(parts), *_sheets(parts)]


def _types(parts: dict[str, ElementTree.Element]) -> Iterator[str]:
    root = parts["[Content_Types].xml"]
    by_name = {each.get("PartName", "").lstrip("/") for each in root.iter(f"{TYPES}Override")}
    by_end = {each.get("Extension") for each in root.iter(f"{TYPES}Default")}
    for name in parts:
        if name != "[Content_Types].xml" and name not in by_name and name.rpartition(".")[2] not in by_end:
            yield f"{name} has no content type"
    yield from (f"{name} has a content type and is not there" for name in by_name - parts.keys())


def _relations(parts: dict[str, ElementTree.Element]) -> Iterator[str]:
    for name, root in parts.items():
        if not name.endswith(".rels"):
            continue
        folder = posixpath.dirname(posixpath.dirname(name))
        ids = [each.get("Id") for each in root]
        if len(ids) != len(set(ids)):
            yield f"{name}: an id stands twice"
        for each in root.iter(f"{RELATIONS}Relationship"):
            target = each.get("Target", "")
            resolved = target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join(folder, target))
            if each.get("TargetMode") != "External" and resolved not in parts:
                yield f"{name}: {target} leads nowhere"


def _book(parts: dict[str, ElementTree.Element]) -> Iterator[str]:
    sheets = [sheet.get("name", "") for sheet in parts["xl/workbook.xml"].iter(f"{MAIN}sheet")]
    if len({name.casefold() for name in sheets}) != len(sheets):
        yield "a sheet's name stands twice"
    for name in sheets:
        if len(name) > 31 or FORBIDDEN_IN_SHEET_NAMES.search(name):
            yield f"{name!r} is no name for a sheet"
    scopes = set()
    for defined in parts["xl/workbook.xml"].iter(f"{MAIN}definedName"):
        name, target = defined.get("name", ""), defined.text or ""
        if not DEFINED_NAME.match(name) or CELL_LIKE.match(name):
            yield f"{name!r} is no defined name"
        if (name, defined.get("localSheetId")) in scopes:
            yield f"{name} is defined twice"
        scopes.add((name, defined.get("localSheetId")))
        yield from (f"{name} names no sheet: {target}" for sheet in _sheets_of(target) if sheet not in sheets)


def _sheets_of(target: str) -> list[str]:
    return [quoted.replace("''", "'") or bare for quoted, bare in re.findall(r"(?:'((?:[^']|'')+)'|([\w.]+))!", target)]


def _strings(parts: dict[str, ElementTree.Element]) -> Iterator[str]:
    shared = parts.get("xl/sharedStrings.xml")
    entries = ["".join(each.itertext()) for each in shared.iter(f"{MAIN}si")] if shared is not None else []
    if len(entries) != len(set(entries)):
        yield "a shared string stands twice"
    for name, root in parts.items():
        entries += ["".join(each.itertext()) for each in root.iter(f"{MAIN}is")] if name.startswith("xl/worksheets/") else []
    yield from ("a text is longer than a cell" for text in entries if len(text.encode("utf-16-le")) // 2 > 32_767)


def _sheets(parts: dict[str, ElementTree.Element]) -> Iterator[str]:
    sheets = {sheet.get("name", "") for sheet in parts["xl/workbook.xml"].iter(f"{MAIN}sheet")}
    for name, root in parts.items():
        if not name.startswith("xl/worksheets/sheet"):
            continue
        yield from (
            f"{name}: {cell.get('r')} is a formula" for cell in root.iter(f"{MAIN}c") if cell.find(f"{MAIN}f") is not None
        )
        for part in (*root.iter(f"{MAIN}oddHeader"), *root.iter(f"{MAIN}oddFooter")):
            if len(part.text or "") > 255:
                yield f"{name}: {part.tag} is longer than 255 characters"
        for link in root.iter(f"{MAIN}hyperlink"):
            location = link.get("location")
            if location is not None and not set(_sheets_of(location)) <= sheets:
                yield f"{name}: {location} leads to no sheet"
        yield from _overlapping(name, [each.get("ref", "") for each in root.iter(f"{MAIN}mergeCell")])
        rows = [int(row.get("r", 0)) for row in root.iter(f"{MAIN}row")]
        if rows != sorted(set(rows)):
            yield f"{name}: rows out of order"


def _overlapping(name: str, ranges: list[str]) -> Iterator[str]:
    taken: dict[tuple[int, int], str] = {}
    for each in ranges:
        first_column, first_row, last_column, last_row = (number or 0 for number in range_boundaries(each))
        for row in range(first_row, last_row + 1):
            for column in range(first_column, last_column + 1):
                if (row, column) in taken:
                    yield f"{name}: {each} overlaps {taken[row, column]}"
                taken[row, column] = each
