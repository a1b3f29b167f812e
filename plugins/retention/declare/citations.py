"""Citations of the published policy: a cited line exists and carries the words quoted from it, or the file is refused."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from retention.declare.source import Location, Source
from retention.declare.words import Cite

ELISION = "[…]"

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_MARKS = re.compile(r"[*<>]|^\s*-\s+")


class PolicyText:
    """The policy as it was published. It bears no version and no date: its SHA-256 is its version."""

    def __init__(self, content: bytes) -> None:
        self.sha256 = hashlib.sha256(content).hexdigest()
        self._lines = tuple(folded(line) for line in content.decode("utf-8").split("\n"))

    def fault(self, cite: Cite) -> tuple[str, str] | None:
        """What is wrong with a citation and how to mend it; None where every cited line carries its part of the quote."""
        for line in cite.lines:
            if not 1 <= line <= len(self._lines):
                return f"line {line} does not exist in the policy", f"cite one of its lines 1 to {len(self._lines)}"
        joined, spans = _join([self._lines[line - 1] for line in cite.lines])
        found: list[tuple[int, int]] = []
        for fragment in (folded(part) for part in cite.quote.split(ELISION)):
            start = joined.find(fragment, found[-1][1] if found else 0)
            if not fragment or start < 0:
                return (
                    f"{cite.label} of the policy does not say {fragment!r}",
                    "quote the words there, or correct the line",
                )
            found.append((start, start + len(fragment)))
        for line, (first, last) in zip(cite.lines, spans, strict=True):
            if not any(start < last and first < end for start, end in found):
                return (
                    f"line {line} of the policy carries none of the words quoted",
                    f"drop line {line}, or quote from it",
                )
        return None


def folded(text: str) -> str:
    """Words only: white space folded, emphasis marks, bullets and link syntax removed."""
    return " ".join(_MARKS.sub("", _LINK.sub(r"\1", text)).split())


def _join(lines: list[str]) -> tuple[str, list[tuple[int, int]]]:
    spans: list[tuple[int, int]] = []
    position = 0
    for line in lines:
        spans.append((position, position + len(line)))
        position += len(line) + 1
    return " ".join(lines), spans


def models_in(node: object, at: Location = ()) -> Iterator[tuple[tuple[int | str, ...], BaseModel]]:
    """Every model inside `node`, itself included, with its place in the file it was read from."""
    here = tuple(at)
    if isinstance(node, BaseModel):
        yield here, node
        for name in type(node).model_fields:
            yield from models_in(getattr(node, name), (*here, name))
    elif isinstance(node, dict):
        for key, value in node.items():
            yield from models_in(value, (*here, key))
    elif isinstance(node, tuple | list):
        for index, value in enumerate(node):
            yield from models_in(value, (*here, index))


def read_policy_text(source: Source, path: Path, *, sha256: str, at: Location) -> PolicyText:
    """The text beside a declaration. Raises DeclarationError where it is missing or is not the one that was declared."""
    try:
        text = PolicyText(path.read_bytes())
    except (OSError, UnicodeDecodeError) as reason:
        raise source.error(
            f"the policy {path.name} cannot be read ({type(reason).__name__})",
            at=at,
            mend=f"restore {path} from version control",
        ) from None
    if text.sha256 != sha256:
        raise source.error(
            f"{path.name} has the SHA-256 {text.sha256}, not the one declared: the policy has changed",
            at=at,
            mend="read what changed, correct the statements that cite it, then declare the new SHA-256; or restore the text",
        )
    return text


def check_citations(source: Source, root: BaseModel, text: PolicyText) -> None:
    """Raises DeclarationError for the first citation in `root` that the policy does not bear out."""
    for place, model in models_in(root):
        if isinstance(model, Cite) and (fault := text.fault(model)) is not None:
            message, mend = fault
            raise source.error(message, at=place, mend=mend)
