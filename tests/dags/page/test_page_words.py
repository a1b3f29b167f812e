"""Every word of the page is there in both languages, and none of them for nothing."""

from __future__ import annotations

import re
from pathlib import Path

import jinja2
import pytest
from jinja2 import nodes

from retention.errors import DeclarationError

ROOM = Path(__file__).resolve().parents[3] / "plugins" / "retention" / "airflow" / "page"
ALIKE = {"none", "papers.kind", "nav.papers", "explain.batch"} | {"explain.population", "explain.action", "holds.action"}


def _asked() -> tuple[set[str], set[str]]:
    """Keys that templates and modules ask for, and beginnings of those that they put together."""
    whole, begun = set(), set()
    for path in (ROOM / "templates").glob("*.html"):
        template = jinja2.Environment().parse(path.read_text(encoding="utf-8"))
        texts = (text.value for text in template.find_all(nodes.Const) if isinstance(text.value, str))
        whole |= {text for text in texts if re.fullmatch(r"(explain|night)\.\w+", text)}  # heads of tables
        for call in template.find_all(nodes.Call):
            if not (isinstance(call.node, nodes.Name) and call.node.name == "say"):
                continue
            key = call.args[0]
            for each in [key.expr1, key.expr2] if isinstance(key, nodes.CondExpr) else [key]:
                if isinstance(each, nodes.Const):
                    whole.add(each.value)
                elif isinstance(each, nodes.Concat) and isinstance(each.nodes[0], nodes.Const):
                    begun.add(each.nodes[0].value)
    for path in ROOM.glob("*.py"):
        text = path.read_text(encoding="utf-8")
        whole |= set(re.findall(r'say\("([\w.]+)"', text)) | set(re.findall(r'"(mistake\.\w+)"', text))
        whole |= {f"message.{words}" for words in re.findall(r'Refusal\(\d+, "(\w+)"', text)}
        begun |= set(re.findall(r'say\(f"([\w.]+)\{', text))
    return whole, begun


def test_every_word_that_is_asked_for_is_there() -> None:
    from retention.airflow.page.words import WORDS

    whole, begun = _asked()
    assert len(whole) > 100
    assert sorted(whole - WORDS.keys()) == []
    assert [each for each in begun if not any(key.startswith(each) for key in WORDS)] == []


def test_no_word_is_there_for_nothing() -> None:
    from retention.airflow.page.words import WORDS

    whole, begun = _asked()
    assert [key for key in WORDS if key not in whole and not key.startswith(tuple(begun))] == []


def test_every_word_has_both_languages() -> None:
    from retention.airflow.page.words import WORDS

    same = {key for key, word in WORDS.items() if word.fr == word.en}
    assert same <= ALIKE
    held = {key: set(re.findall(r"\{(\w+)\}", word.fr)) ^ set(re.findall(r"\{(\w+)\}", word.en)) for key, word in WORDS.items()}
    assert {key: names for key, names in held.items() if names} == {}


def test_a_word_that_is_missing_is_an_error() -> None:
    from retention.airflow.page.words import WORDS
    from retention.typography import Words

    with pytest.raises(DeclarationError, match="no label is called `nonsense`"):
        Words(WORDS, "fr")("nonsense")


def test_whatever_may_be_refused_or_shown_has_its_words() -> None:
    from retention.airflow.page import app, refusal
    from retention.airflow.page.papers import SHELVES, SUFFIXES
    from retention.airflow.page.words import WORDS
    from retention.status import _LAST_RUN

    messages = {words for _, _, words in refusal.STATUS} | set(app.KNOWN.values()) | {"refused", "stumbled"}
    assert {f"message.{words}" for words in messages} <= WORDS.keys()
    assert {f"problem.{each}" for each in (*_LAST_RUN.values(), "never", "late", "overdue")} <= WORDS.keys()
    assert {f"papers.{shelf}" for shelf in (*SHELVES, "others")} <= WORDS.keys()
    assert {f"papers.kind.{suffix[1:]}" for suffix in SUFFIXES} <= WORDS.keys()


def test_nothing_is_asked_of_another_server() -> None:
    for path in [*(ROOM / "templates").iterdir(), *(ROOM / "static").iterdir()]:
        text = path.read_text(encoding="utf-8").replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?:|//[\w.]+\.\w+/|@import|url\(", text), path.name
    for path in (ROOM / "templates").iterdir():
        assert not re.search(r"<style|\sstyle=|\son\w+=|<script(?! src)", path.read_text(encoding="utf-8")), path.name
