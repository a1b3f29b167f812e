"""Labels: complete in both languages, each used, none missing."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

import ropa.register
from retention.declare.policy import BasisKind, Policy
from retention.declare.words import Standing, Text
from retention.errors import DeclarationError
from ropa.register.labels import LABELS, catalogue
from ropa.register.labels.sheets import SHEETS
from ropa.register.model import Part, Recipient, RegisterCheck, RunRef, ScheduleLine, Verdict
from ropa.register.phrases import Phrases

SOURCES = [path for path in sorted(Path(ropa.register.__path__[0]).rglob("*.py")) if path.parent.name != "labels"]


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_say_the_same_things() -> None:
    for key, text in LABELS.items():
        assert placeholders(text.fr) == placeholders(text.en), key


@pytest.mark.parametrize(("pair", "language"), [(("", "Word"), "French"), (("Mot", " "), "English")])
def test_a_missing_translation_fails_and_names_the_key(pair: tuple[str, str], language: str) -> None:
    with pytest.raises(DeclarationError, match=rf"`some\.key` has no {language} text"):
        catalogue({"other.key": ("Mot", "Word"), "some.key": pair})


def test_a_key_that_stands_in_two_themes_is_named() -> None:
    with pytest.raises(DeclarationError, match=r"`some\.key` stands twice"):
        catalogue({"some.key": ("Mot", "Word")}, {"some.key": ("Autre", "Other")})


def test_a_key_nobody_wrote_down_is_named() -> None:
    with pytest.raises(DeclarationError, match=r"no label is called `absent\.key`"):
        Phrases({"some.key": Text(fr="Mot", en="Word")})("absent.key")


def said(path: Path) -> Iterator[tuple[str, str]]:
    """What the code asks the catalogue for: keys, and patterns of keys that are put together."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield "word", node.value
        if isinstance(node, ast.JoinedStr):
            parts = (re.escape(part.value) if isinstance(part, ast.Constant) else r"(\w+)" for part in node.values)
            yield "pattern", "".join(map(str, parts))
        if isinstance(node, ast.Call) and called(node) == "say" and node.args and isinstance(node.args[0], ast.Constant):
            yield "key", str(node.args[0].value)


def called(node: ast.Call) -> str:
    return node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")


ASKED = [each for path in SOURCES for each in said(path)]


def test_every_key_the_code_names_is_written_down() -> None:
    ours = [path for path in SOURCES if "own" in path.parts or "making" in path.parts]  # others have catalogues of their own
    named = {key for path in ours for kind, key in said(path) if kind == "key"}
    assert len(named) > 100
    assert named <= LABELS.keys()


def test_no_label_is_left_over() -> None:
    words = {key for kind, key in ASKED if kind == "word"}
    words |= {
        choice
        for part in (RunRef, ScheduleLine, Recipient, RegisterCheck)
        for f in part.model_fields
        for choice in choices(part, f)
    }
    words |= {*get_args(Verdict), *get_args(BasisKind), *map(str, range(1, 7)), *Policy.model_fields, *Standing}
    patterns = [re.compile(key) for kind, key in ASKED if kind == "pattern" and not key.startswith("(")]
    matches = ((key, pattern.fullmatch(key)) for key in LABELS for pattern in patterns)
    put_together = {key for key, match in matches if match and words.issuperset(match.groups())}
    unused = [key for key in LABELS if key not in words | put_together]
    assert [key for key in unused if key not in SHEETS] == []
    assert {key.partition(".")[0] for key in SHEETS} <= words, "a sheet that is not made"


def choices(part: type[Part], field: str) -> set[str]:
    """The words a field may hold."""
    kind = part.model_fields[field].annotation
    return {word for each in (kind, *get_args(kind)) for word in get_args(each) if isinstance(word, str)}


@pytest.mark.parametrize(
    ("prefix", "words"),
    [
        ("verdict", set(get_args(Verdict))),
        ("basis", set(get_args(BasisKind))),
        ("status", {*choices(RunRef, "status"), "never"}),
        ("action", choices(ScheduleLine, "action")),
        ("recipient", choices(Recipient, "kind")),
        ("checks", choices(RegisterCheck, "outcome")),
        ("gaps.rank", set("123456")),
    ],
)
def test_each_word_of_the_model_has_its_label(prefix: str, words: set[str]) -> None:
    assert len(words) >= 3
    assert {f"{prefix}.{word}" for word in words} <= LABELS.keys()
