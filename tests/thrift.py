"""What a run of thousands of small nights would do again for each of them, done once: reading what is declared, building
verdicts, putting statements into words, reading this machine's certificates. Over so few rows that takes longer than the rest.

A program that has one night, or one a process, gains nothing by it. `make test-all` goes without.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import pymysql.connections
from sqlalchemy import Engine

from retention.declare import source
from retention.night import context
from retention.night.verdicts import Compiled

_MOST = 3_000  # statements, and
_MOST_VERDICTS = 300
_MOST_FILES = 200


class _Latest(OrderedDict[Any, Any]):
    """Remembers the latest so many."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key, value)
        while len(self) > self._most:
            self.popitem(last=False)


_statements = _Latest(_MOST)
_verdicts = _Latest(_MOST_VERDICTS)


class _OfItsKind:
    """The statements of one engine, shared with every engine whose database takes the same words."""

    def __init__(self, dialect: Any) -> None:
        self._dialect = dialect

    def _key(self, key: tuple[Any, ...]) -> tuple[Any, ...]:
        """Without the engine's own dialect, but with what it says of its database once it has met it."""
        words = ("name", "driver", "server_version_info", "default_schema_name", "_backslash_escapes", "_server_ansiquotes")
        return (*(getattr(self._dialect, word, None) for word in words), *key[1:])

    def get(self, key: tuple[Any, ...], default: Any = None) -> Any:
        return _statements.get(self._key(key), default)

    def __setitem__(self, key: tuple[Any, ...], value: Any) -> None:
        _statements[self._key(key)] = value

    def clear(self) -> None:
        """Others need them."""


def _shared(engine: Engine) -> Any:
    return None if engine.__dict__.get("_unshared") is None else _OfItsKind(engine.dialect)


def _set(engine: Engine, own: Any) -> None:
    engine.__dict__["_unshared"] = own  # None where the engine is to remember nothing


def _compiled(name: str, every: dict[str, Any], setting: Any, alias: str = "p", **form: Any) -> Compiled:
    """The verdicts of another night of the same declaration and day."""
    key = (
        name,
        alias,
        repr(setting),
        *sorted((word, id(value) if word == "table" else repr(value)) for word, value in form.items()),
    )
    known = _verdicts.get(key)
    if known is None or known[0] != every:
        known = _verdicts[key] = (every, Compiled(name, every, setting, alias, **form), form)  # what has an id must live on
    found: Compiled = known[1]
    return found


_files = _Latest(_MOST_FILES)
_load = source._load


def load_once(path: Path) -> Any:
    """A file that says the same is not parsed again: a declaration takes most of a second, and a test changes little of it."""
    try:
        content = path.read_bytes()
    except OSError:
        return _load(path)  # which says what is wrong
    if content not in _files:
        _files[content] = _load(path)
    return _files[content]


_context = pymysql.connections.Connection._create_ssl_ctx


def begin() -> None:
    """For this process and from now on."""
    Engine._compiled_cache = property(_shared, _set)  # type: ignore[assignment]
    source._load = load_once
    context.Compiled = _compiled  # type: ignore[assignment,misc]
    contexts: MutableMapping[str, Any] = {}

    def context_of(connection: Any, sslp: Any) -> Any:
        told = repr(sslp)
        if told not in contexts:
            contexts[told] = _context(connection, sslp)
        return contexts[told]

    pymysql.connections.Connection._create_ssl_ctx = context_of
