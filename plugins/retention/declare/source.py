"""Reads a YAML file into a frozen model, so that every error names file, line and mend."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedBase, CommentedMap, CommentedSeq
from ruamel.yaml.constructor import ConstructorError, DuplicateKeyError, RoundTripConstructor
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

    def _found(self, location: Location) -> list[tuple[int | str, int]]:
        """The steps of a pydantic error location that stand in the file, with their lines.

        The others are discriminators and type names, which nobody wrote, or what is missing.
        """
        node: Any = self.tree
        found: list[tuple[int | str, int]] = []
        for step in location:
            if isinstance(node, CommentedMap) and step in node:
                found.append((step, node.lc.key(step)[0] + 1))
                node = node[step]
            elif isinstance(node, CommentedSeq) and isinstance(step, int) and step < len(node):
                found.append((step, node.lc.item(step)[0] + 1))
                node = node[step]
        return found

    def line_of(self, location: Location) -> int:
        """The 1-based line of a pydantic error location; of its nearest known parent where it is absent."""
        found = self._found(location)
        return found[-1][1] if found else _own_line(self.tree)

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
            place = [step for step, _ in self._found(first["loc"])]
            if first["type"] == "missing":
                place.append(first["loc"][-1])
            where = ".".join(str(step) for step in place) or "the file"
            message, _, mend = str(first["msg"]).removeprefix("Value error, ").partition(" Mend: ")
            raise self.error(
                f"{where}: {message}{more}", at=first["loc"], mend=mend or _mend_for(first["type"], place)
            ) from None


def _own_line(node: Any) -> int:
    return int(node.lc.line) + 1 if isinstance(node, CommentedBase) and node.lc.line is not None else 1


class _Constructor(RoundTripConstructor):
    """Gives a scalar that cannot be what it looks like (30 February) the line that ruamel withholds."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        try:
            return super().construct_object(node, deep)
        except (ValueError, IndexError) as reason:
            raise ConstructorError(None, None, f"{node.value!r} cannot be read ({reason})", node.start_mark) from None


def unreadable(path: Path, reason: Exception) -> DeclarationError:
    """What is said of a declared file that is no text of ours."""
    return DeclarationError(
        f"cannot be read as UTF-8 text ({type(reason).__name__})",
        file=path,
        line=1,
        mend="save it as UTF-8 and make it readable",
    )


def _load(path: Path) -> CommentedMap:
    yaml = YAML(typ="rt")
    yaml.Constructor = _Constructor
    yaml.allow_duplicate_keys = False
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise DeclarationError("the file does not exist", file=path, mend="restore it from version control") from None
    except (OSError, UnicodeDecodeError) as reason:
        raise unreadable(path, reason) from None
    try:
        tree = yaml.load(text)
    except DuplicateKeyError as duplicate:
        line = duplicate.problem_mark.line + 1 if duplicate.problem_mark else None
        raise DeclarationError(
            "a key stands twice in the same mapping",
            file=path,
            line=line,
            mend="keep one of the two: which one is meant must not be guessed",
        ) from None
    except MarkedYAMLError as broken:
        line = broken.problem_mark.line + 1 if broken.problem_mark else None
        raise DeclarationError(
            f"not valid YAML: {broken.problem}", file=path, line=line, mend="correct the syntax at this line"
        ) from None
    except YAMLError as broken:
        raise DeclarationError(
            f"not valid YAML: {type(broken).__name__}", file=path, line=1, mend="correct the syntax"
        ) from None
    except RecursionError:
        raise DeclarationError(
            "nested too deeply to be a declaration", file=path, line=1, mend="restore it from version control"
        ) from None
    if not isinstance(tree, CommentedMap) or not tree:
        raise DeclarationError(
            "the file is empty or holds no mapping", file=path, line=1, mend="restore it from version control"
        )
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
