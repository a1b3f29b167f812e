"""The commands, put together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer

from retention.cli.frame import EXIT_CODES, WRONG_USAGE

app = typer.Typer(
    name="retention",
    help="Disposes of personal data when its time has come, says why the rest is kept, and writes the article 30 register.",
    epilog=EXIT_CODES,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(version("retention"))
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Say the version.")] = False,
) -> None:
    pass


def _register() -> None:
    from retention.cli import (
        approving,
        auditing,
        demo,
        explaining,
        holding,
        installing,
        nights,
        outlook,
        papers,
        registers,
        state,
    )

    for module in (nights, approving, explaining, holding, state, installing, registers, papers, outlook, auditing, demo):
        module.register(app)


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code."""
    try:
        return int(app(args=list(arguments), prog_name="retention", standalone_mode=True) or 0)
    except SystemExit as end:
        return WRONG_USAGE if _wrong_usage(end) else int(end.code or 0) if not isinstance(end.code, str) else 1


def _wrong_usage(end: SystemExit) -> bool:
    """Whether the command line itself was wrong: its code would otherwise be that of a declaration error."""
    cause = end.__context__
    return isinstance(cause, typer.TyperException) and end.code == 2


_register()
