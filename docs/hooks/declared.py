"""What may be declared, and what is: keys of the models with the comments beside them, decisions, rules, checks."""

from __future__ import annotations

import ast
import inspect
import io
import tokenize
import types
import typing
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from docs.hooks.markdown import code, table
from retention.airflow.catalogue import kept
from retention.declare import decisions as decided
from retention.declare import stores
from retention.declare.bundle import Bundle, load_bundle
from retention.declare.words import Text, period_text
from retention.report.reasons import EXPECTATIONS, REASONS

ROOT = Path(__file__).resolve().parents[2]
DECLARATIONS = ROOT / "ropa" / "declarations"


# keys of models


def described(model: type[BaseModel]) -> dict[str, str]:
    """What the comment beside each field of a model says, or the one after it on the same line of the source."""
    source = inspect.getsource(model)
    comments = {
        token.start[0]: token.string.lstrip("# ")
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    body = typing.cast(ast.ClassDef, ast.parse(source).body[0]).body
    fields = [each for each in body if isinstance(each, ast.AnnAssign) and isinstance(each.target, ast.Name)]
    return {typing.cast(ast.Name, each.target).id: comments.get(each.end_lineno or 0, "") for each in fields}


def keys(model: type[BaseModel]) -> str:
    """A table of a model's keys."""
    said = described(model)
    return table(
        ("key", "value", "default", "meaning"),
        [
            (code(field.alias or name), _value(field.annotation, field.metadata), _default(field), said.get(name, ""))
            for name, field in model.model_fields.items()
        ],
    )


def _default(field: Any) -> str:
    if field.is_required():
        return "**needed**"
    value = field.default if field.default_factory is None else None
    if value is PydanticUndefined or value is None or value == () or isinstance(value, BaseModel):
        return "–"
    if isinstance(value, tuple):
        return ", ".join(map(code, value))
    return code(str(value).lower() if isinstance(value, bool) else str(value))


def _value(of: Any, metadata: Any = ()) -> str:
    """A type in words, with its bounds."""
    origin, arguments = typing.get_origin(of), typing.get_args(of)
    if origin is typing.Annotated:
        return _value(arguments[0], arguments[1:])
    if origin is typing.Literal:
        return ", ".join(map(code, arguments))
    if origin in (typing.Union, types.UnionType):
        return " or ".join(_value(each) for each in arguments if each is not type(None))
    if origin is tuple:
        return f"list of {_value(arguments[0])}"
    if origin is dict:
        return f"{_value(arguments[0])}: {_value(arguments[1])}"
    if of is Text:
        return "text in `fr` and `en`"
    if isinstance(of, type) and issubclass(of, BaseModel):
        return f"[{of.__name__.lower()}](#{of.__name__.lower()})"
    names = {str: "text", int: "number", float: "number", bool: "`true`, `false`", tuple: "list"}
    return names.get(of, getattr(of, "__name__", str(of)).lower()) + _bounds(metadata)


def _bounds(metadata: Any) -> str:
    signs = {"gt": ">", "ge": "≥", "lt": "<", "le": "≤"}
    found = [f"{sign} {getattr(each, name):,}" for each in metadata for name, sign in signs.items() if hasattr(each, name)]
    return f" ({', '.join(found)})" if found else ""


def store_keys() -> str:
    """Every key of store.yaml but those of its pace."""
    models = (stores.Store, stores.Population, stores.Column, stores.Parent, stores.Suppression, stores.Archive)
    return "\n\n".join(f"## {model.__name__}\n\n{inspect.getdoc(model)}\n\n{keys(model)}" for model in models)


def pace_keys() -> str:
    """The keys under `pace:`."""
    return f"## Pace\n\n{inspect.getdoc(stores.Pace)}\n\n{keys(stores.Pace)}"


def decision_keys() -> str:
    """The keys of a decision set that are no decisions."""
    parts = [f"## {model.__name__}\n\n{inspect.getdoc(model)}\n\n{keys(model)}" for model in (decided.Limits, decided.Approval)]
    return "\n\n".join(parts)


# what is declared


@cache
def bundle() -> Bundle:
    """Everything declared, with the decisions of production."""
    return load_bundle(DECLARATIONS, ROOT / "include" / "sql", "production")


def decisions() -> str:
    """Every decision, what it asks, and how it stands in production."""
    used = {name: ", ".join(code(rule) for rule in rules) for name, rules in _waiting().items()}
    rows = []
    for decision in bundle().decisions.decisions:
        value = getattr(decision, "value", None)
        stands = f"decided: {_said(decision.kind, value)}" if decision.decided else "**undecided**"
        kind, rules = decision.kind.replace("_", " "), used.get(decision.id, "")
        rows.append((code(decision.id), kind, decision.question.en, rules, stands))
    return table(("id", "kind", "question", "rules that wait for it", "in production"), rows)


def _said(kind: str, value: Any) -> str:
    return period_text(value, "en") if kind == "period" else str(value)


def _waiting() -> dict[str, list[str]]:
    from retention.declare.rules import decision_ids

    found: dict[str, list[str]] = {}
    for rule in bundle().rules.rules:
        for name in decision_ids(rule):
            found.setdefault(name, []).append(rule.id)
    return found


def _rules() -> Any:
    return yaml.safe_load((DECLARATIONS / "retention.yaml").read_text(encoding="utf-8"))


def rules() -> str:
    """Every rule in words."""
    tree = _rules()
    rows = [
        (code(one["id"]), one["title"]["en"], _scope(one["scope"]), kept(one, tree["anchors"]), one.get("action", "delete"))
        for one in tree["rules"]
    ]
    return table(("rule", "concerns", "scope", "kept", "then"), rows)


def _scope(scope: dict[str, list[str]]) -> str:
    return "; ".join(f"{name.replace('_', ' ')}: {', '.join(values)}" for name, values in scope.items())


def kinds() -> str:
    """Kinds of records and anchors, with their French words."""
    tree = _rules()
    parts = []
    for name in ("kinds", "anchors"):
        rows = [(code(key), words["en"], words["fr"]) for key, words in tree[name].items()]
        parts.append(f"## {name.title()}\n\n{table((name, 'English', 'French'), rows)}")
    return "\n\n".join(parts)


# what is checked and said


def checks() -> str:
    """Every expectation of a night, with what a failure does."""
    graded = dict(severities())
    rows = [(code(name), words.en, words.fr, graded[name]) for name, words in EXPECTATIONS.items() if name in graded]
    return table(("expectation", "English", "French", "a failure is"), rows)


def severities() -> Iterator[tuple[str, str]]:
    """Code and severity of every expectation, as `night/expectations.py` makes them."""
    tree = ast.parse((ROOT / "plugins/retention/night/expectations.py").read_text(encoding="utf-8"))
    by_function: dict[str, str] = {}  # functions that are told the code
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]
    for function in (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for call in (node for node in ast.walk(function) if node in calls and node.func.id == "Expectation"):  # type: ignore[attr-defined]
            named, severity = call.args[0], call.args[2].value  # type: ignore[attr-defined]
            if isinstance(named, ast.Constant):
                yield named.value, severity
            else:
                by_function[function.name] = severity
    for call in calls:
        if call.func.id in by_function:  # type: ignore[attr-defined]
            code_given = next(a.value for a in call.args if isinstance(a, ast.Constant) and a.value in EXPECTATIONS)
            yield code_given, by_function[call.func.id]  # type: ignore[attr-defined]


def reasons() -> str:
    """Every reason for which a record is kept, held, in quarantine or due."""
    return table(("reason", "English", "French"), [(code(name), words.en, words.fr) for name, words in REASONS.items()])
