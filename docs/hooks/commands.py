"""The command line as it is: every command with its arguments and options, and the exit codes."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

import typer

from docs.hooks.markdown import code, table
from retention import errors
from retention.cli import frame
from retention.cli.app import app

COMMON = ("as_json", "decisions", "debug")  # every command has them


def walked(command: Any = None, name: str = "retention") -> Iterator[tuple[str, Any]]:
    """Every command that does something, with its full name."""
    command = command or typer.main.get_command(app)
    for word, below in sorted(getattr(command, "commands", {}).items()):
        yield from walked(below, f"{name} {word}")
    if not hasattr(command, "commands") or getattr(command, "invoke_without_command", False):
        yield name, command


def commands() -> str:
    """A section for each command, after the options that all of them have."""
    first = next(command for _, command in walked())
    common = [parameter for parameter in first.params if parameter.name in COMMON]
    parts = ["Every command has these:", _options(common)]
    for name, command in sorted(walked(), key=lambda one: one[0]):
        own = [parameter for parameter in command.params if parameter.name not in COMMON or not _is_common(parameter)]
        parts += [f"## {name}", inspect.cleandoc(command.help or "")]
        if own:
            parts.append(_options(own))
    return "\n\n".join(parts)


def _is_common(parameter: Any) -> bool:
    """`--decisions` of `impact` is another than that of all commands."""
    return bool(parameter.name != "decisions" or parameter.metavar == "SET")


def _options(parameters: list[Any]) -> str:
    return table(("option", "meaning", "default"), [(_written(each), each.help or "", _default(each)) for each in parameters])


def _written(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return code(parameter.metavar or parameter.name.upper())
    value = "" if parameter.is_flag else f" {parameter.metavar or parameter.type_descriptor.annotation.__name__.upper()}"
    *short, last = parameter.opts
    return ", ".join(map(code, [*short, last + value]))


def _default(parameter: Any) -> str:
    if parameter.required:
        return "**needed**"
    return code(str(parameter.default)) if parameter.default not in (None, False, "") and parameter.default != [] else "–"


def exit_codes() -> str:
    """What a command returns: the codes of errors, by their classes, and those of answers."""
    classes = [each for each in vars(errors).values() if inspect.isclass(each) and issubclass(each, errors.RetentionError)]
    found: dict[int, list[str]] = {}
    for each in classes:
        if "exit_code" in vars(each) and each is not errors.RetentionError:
            found.setdefault(each.exit_code, []).append(inspect.cleandoc(each.__doc__ or "").splitlines()[0])
    rows = {str(number): " ".join(texts) for number, texts in found.items()}
    rows |= {number: text for number, text in _in_short() if number not in rows}
    return table(("code", "meaning"), [(number, rows[number]) for number in sorted(rows, key=int)])


def _in_short() -> Iterator[tuple[str, str]]:
    """The codes of `--help`, each with its few words."""
    text = " ".join(frame.EXIT_CODES.removeprefix("**Exit codes:**").split())
    for part in text.split(" · "):
        number, _, words = part.partition(" ")
        yield number, words[0].upper() + words[1:] + "."
