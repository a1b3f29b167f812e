"""Editions of the register: each is written from a publication and from nothing else.

Adding one takes a line in `EDITIONS`. Its module is imported when it is written, and not before.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from retention.errors import NotFound

if TYPE_CHECKING:
    from retention.declare.words import Language
    from ropa.register.changes import Change
    from ropa.register.publication import Publication


class Writer(Protocol):
    """Writes one edition in one language into a folder and answers its path. Raises OutputError where it cannot.

    `changes` are those since the publication of number `previous`; an edition that has no place for them leaves them out.
    """

    def __call__(
        self,
        publication: Publication,
        language: Language,
        folder: Path,
        *,
        changes: Sequence[Change] = (),
        previous: str | None = None,
    ) -> Path: ...


def _edition(module: str, function: str = "write", *, tells_changes: bool = False) -> Writer:
    """The edition that a function of a module writes. Most layouts are given and have no place for changes."""

    def write(
        publication: Publication,
        language: Language,
        folder: Path,
        *,
        changes: Sequence[Change] = (),
        previous: str | None = None,
    ) -> Path:
        written = getattr(importlib.import_module(f"ropa.register.editions.{module}"), function)
        told = {"changes": changes, "previous": previous} if tells_changes else {}
        path: Path = written(publication, language, folder, **told)
        return path

    return write


OWN = "register"

EDITIONS: dict[str, Writer] = {
    OWN: _edition("own", tells_changes=True),
    "cnil": _edition("cnil"),
    "cnil-ods": _edition("cnil", "write_ods"),
    "ico": _edition("ico"),
    "processor": _edition("processor"),
    "jsonld": _edition("dpv"),
    "csv": _edition("package"),
}


def editions(names: Iterable[str]) -> dict[str, Writer]:
    """The editions of these names, each once. Raises NotFound."""
    wanted = list(dict.fromkeys(names))
    for name in wanted:
        if name not in EDITIONS:
            raise NotFound(f"there is no edition {name!r}", mend=f"choose one of: {', '.join(EDITIONS)}")
    return {name: EDITIONS[name] for name in wanted}
