"""Reads a YAML file into a frozen model, so that every error names file, line and mend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase, CommentedMap, CommentedSeq
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from retention.errors import DeclarationError

Model = TypeVar("Model", bound=BaseModel)
Location = Sequence[int | str]


class Declared(BaseModel):
    """Base of every declared model: immutable, and a key nobody knows is an error, not a silent no-op."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Source:
    """One YAML file, with the line of everything in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.tree = _load(path)

    def line_of(self, location: Location) -> int:
        """The 1-based line of a pydantic error location; of its nearest known parent where it is absent."""
        node: Any = self.tree
        line = _own_line(node)
        for step in location:
            if isinstance(node, CommentedMap) and step in node:
                line = node.lc.key(step)[0] + 1
                node = node[step]
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                line = node.lc.item(step)[0] + 1
                node = node[step]
            # anything else is a discriminator or a type name that pydantic put into the path: it has no line of its own
        return line

    def error(self, message: str, *, at: Location = (), mend: str = "") -> DeclarationError:
        """A declaration error at a place in this file."""
        return DeclarationError(message, file=self.path, line=self.line_of(at), mend=mend)

    def parse(self, model: type[Model]) -> Model:
        """The file as a model. Raises DeclarationError for the first thing that is wrong, and says how many more are."""
        try:
            return model.model_validate(_plain(self.tree))
        except ValidationError as failure:
            problems = failure.errors()
            first = problems[0]
            more = f" ({len(problems) - 1} more in this file)" if len(problems) > 1 else ""
            where = ".".join(str(step) for step in first["loc"]) or "the file"
            message, _, mend = str(first["msg"]).removeprefix("Value error, ").partition(" Mend: ")
            raise self.error(
                f"{where}: {message}{more}", at=first["loc"], mend=mend or _mend_for(first["type"], first["loc"])
            ) from None


def _own_line(node: Any) -> int:
    return int(node.lc.line) + 1 if isinstance(node, CommentedBase) and node.lc.line is not None else 1


def _load(path: Path) -> CommentedMap:
    yaml = YAML(typ="rt")
    yaml.allow_duplicate_keys = False
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DeclarationError("the file does not exist", file=path, mend="restore it from version control") from None
    except (OSError, UnicodeDecodeError) as reason:
        raise DeclarationError(f"cannot be read as UTF-8 text ({type(reason).__name__})", file=path, line=1,
                               mend="save it as UTF-8 and make it readable") from None
    try:
        tree = yaml.load(text)
    except DuplicateKeyError as duplicate:
        line = duplicate.problem_mark.line + 1 if duplicate.problem_mark else None
        raise DeclarationError("a key stands twice in the same mapping", file=path, line=line,
                               mend="keep one of the two: which one is meant must not be guessed") from None
    except MarkedYAMLError as broken:
        line = broken.problem_mark.line + 1 if broken.problem_mark else None
        raise DeclarationError(f"not valid YAML: {broken.problem}", file=path, line=line,
                               mend="correct the syntax at this line") from None
    except YAMLError as broken:
        raise DeclarationError(f"not valid YAML: {type(broken).__name__}", file=path, line=1,
                               mend="correct the syntax") from None
    if not isinstance(tree, CommentedMap) or not tree:
        raise DeclarationError("the file is empty or holds no mapping", file=path, line=1,
                               mend="restore it from version control")
    return tree


def _plain(node: Any) -> Any:
    """Ruamel's annotated containers as plain ones: pydantic is stricter and faster with them."""
    if isinstance(node, CommentedMap):
        return {key: _plain(value) for key, value in node.items()}
    if isinstance(node, CommentedSeq):
        return [_plain(value) for value in node]
    return node


def _mend_for(kind: str, location: Location) -> str:
    name = location[-1] if location else "it"
    if kind == "missing":
        return f"add `{name}`"
    if kind == "extra_forbidden":
        return f"remove `{name}` or correct its spelling"
    return f"correct `{name}`"
