"""The reference is read from code and declarations; these tests fail where something would be missing from it."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from docs.hooks import commands, declared, reference, settings
from retention import errors
from retention.cli import frame
from retention.declare import decisions, stores
from retention.declare.source import Declared
from retention.report.reasons import EXPECTATIONS
from tests.documentation.blocks import DOCS, ROOT

LIBRARY = ROOT / "plugins" / "retention"
PLACES = re.compile(r"^\{\{ (\w+) \}\}$", re.MULTILINE)


def page(name: str) -> str:
    return reference.filled((DOCS / "reference" / f"{name}.md").read_text(encoding="utf-8"))


def test_everything_generated_stands_on_some_page() -> None:
    placed = [name for path in DOCS.rglob("*.md") for name in PLACES.findall(path.read_text(encoding="utf-8"))]
    assert sorted(placed) == sorted(reference.GENERATED)


def test_a_place_that_nothing_fills_fails_the_build() -> None:
    with pytest.raises(KeyError, match="nothing"):
        reference.filled("{{ nothing }}")


def test_every_command_and_option_is_there_in_words() -> None:
    text, every = page("commands"), list(commands.walked())
    assert len(every) > 25
    for name, command in every:
        assert f"## {name}\n" in text
        assert command.help and command.help.split(".")[0] in text, name
        for parameter in command.params:
            assert parameter.help, f"{name} {parameter.name} says nothing of itself"
            assert parameter.param_type_name == "argument" or all(f"`{option}" in text for option in parameter.opts)


def _numbers() -> Iterator[int]:
    """Every exit code of the source: classes of errors, and the constants of the command line."""
    for found in vars(errors).values():
        if inspect.isclass(found) and issubclass(found, errors.RetentionError):
            yield found.exit_code
    for name, value in vars(frame).items():
        if name.isupper() and isinstance(value, int) and name != "PIPE_WIDTH":
            yield value


def test_every_exit_code_is_there() -> None:
    text = page("exit-codes")
    listed = re.findall(r"^\| (\d+) \| (.+) \|$", text, re.MULTILINE)
    assert {int(number) for number, _ in listed} == {0, *_numbers()}
    assert all(len(meaning) > 5 for _, meaning in listed)


_READ = re.compile(r"RETENTION_[A-Z_]+")


def test_every_setting_that_the_code_reads_is_there() -> None:
    told = {name.partition("<")[0] for name, _, _ in settings.told()}
    for path in LIBRARY.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _READ.fullmatch(node.value):
                assert node.value in told, f"{path.name} reads {node.value}, which no table of a docstring explains"
    assert {"RETENTION_HOME", "RETENTION_STORE_", "RETENTION_NOTIFY_TO"} <= told
    assert all(meaning for _, _, meaning in settings.told())


MODELS = [
    *(stores.Store, stores.Population, stores.Column, stores.Parent, stores.Suppression, stores.Archive, stores.Pace),
    *(decisions.Limits, decisions.Approval),
]


def test_no_model_of_a_store_is_left_out() -> None:
    own = {
        m for m in vars(stores).values() if inspect.isclass(m) and issubclass(m, Declared) and m.__module__ == stores.__name__
    }
    assert own == {model for model in MODELS if model.__module__ == stores.__name__}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_key_is_there_in_words(model: Any) -> None:
    text = page("store-yaml" if model.__module__ == stores.__name__ else "decisions")
    section = text.partition(f"## {model.__name__}\n")[2].partition("\n## ")[0]
    said = declared.described(model)
    for name, field in model.model_fields.items():
        assert said[name], f"{model.__name__}.{name} has no comment beside it, so the reference has nothing to say"
        assert f"| `{field.alias or name}` |" in section and said[name].split("|")[0].strip() in section


def test_every_decision_rule_check_and_reason_is_there() -> None:
    bundle = declared.bundle()
    for name in (decision.id for decision in bundle.decisions.decisions):
        assert f"| `{name}` |" in page("decisions")
    for name in (rule.id for rule in bundle.rules.rules):
        assert f"| `{name}` |" in page("rules")
    graded = dict(declared.severities())
    assert set(graded) <= set(EXPECTATIONS) and set(graded.values()) == {"blocking", "warning"}
    assert all(f"| `{code}` |" in page("checks") for code in graded)


def test_checks_are_all_that_a_night_may_ask() -> None:
    """Each code is a literal of night/expectations.py: one that came from elsewhere would not be found there."""
    words = set(re.findall(r'^    "(\w+)": "', (LIBRARY / "night" / "validate.py").read_text(encoding="utf-8"), re.MULTILINE))
    assert words and words == set(dict(declared.severities()))


# error messages that a page explains

_QUOTED = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def _literals() -> str:
    """Every text in the sources, its parts one after the other: what a message is made of."""
    found: list[str] = []
    for path in [*LIBRARY.rglob("*.py"), *(ROOT / "ropa").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr):
                found.append("".join(str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


@pytest.mark.parametrize("name", ["troubleshoot.md", "map-a-store.md", "place-a-hold.md"])
def test_a_message_that_is_explained_is_one_that_is_said(name: str) -> None:
    literals = _literals()
    quoted = _QUOTED.findall((DOCS / name).read_text(encoding="utf-8"))
    said = [part for message in quoted for part in message.split("…") if len(part.strip()) > 3]
    assert [part for part in said if part.strip() not in literals] == []
    assert name != "troubleshoot.md" or len(quoted) > 15


def test_the_hook_reads_the_code_beside_it() -> None:
    assert Path(inspect.getfile(errors)).is_relative_to(ROOT)
