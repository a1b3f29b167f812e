"""What every command shares: `--json`, `--decisions`, `--debug`, errors in plain words, exit codes."""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import functools
import getpass
import inspect
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, get_type_hints

import typer
from rich.console import Console
from rich.text import Text

from retention.errors import NotFound, RetentionError

if TYPE_CHECKING:
    from rich.progress import Progress

    from retention.declare.bundle import Bundle
    from retention.evidence.database import Evidence
    from retention.workspace import Workspace

PIPE_WIDTH = 132
OUT_OF_ORDER = 9
WAITING = 10
WRONG_USAGE = 64

EXIT_CODES = """\
**Exit codes:** 0 done or in order · 1 any other error · 2 declaration · 3 store · 4 validation · 5 plan · 6 evidence ·
7 output · 8 not found · 9 `status`: something is overdue, or a run failed, is late or never was · 10 `run`, `resume`: a night
waits for a person's approval · 64 wrong usage
"""

AsOf = Annotated[
    str | None, typer.Option("--as-of", metavar="DATE", help="The date to judge by, as YYYY-MM-DD. Default: today in Paris.")
]
Store = Annotated[str, typer.Option("--store", "-s", metavar="STORE", help="The store's name.")]
Stores = Annotated[
    list[str] | None, typer.Option("--store", "-s", metavar="STORE", help="A store; repeat for several. Default: all.")
]
Lang = Annotated[str, typer.Option("--lang", metavar="fr|en", help="Language: fr or en.")]

_COMMON: dict[str, tuple[Any, Any]] = {
    "as_json": (Annotated[bool, typer.Option("--json", help="Answer with one JSON document and nothing else.")], False),
    "decisions": (
        Annotated[str | None, typer.Option("--decisions", metavar="SET", help="Decision set; overrides RETENTION_DECISIONS.")],
        None,
    ),
    "debug": (
        Annotated[bool, typer.Option("--debug", help="Show the traceback of an unexpected error. It may hold values.")],
        False,
    ),
}


class Frame:
    """One call of a command: where it prints, and the workspace it works on."""

    def __init__(self, *, as_json: bool, decisions: str | None) -> None:
        self.as_json, self.decisions = as_json, decisions
        self.out = console(sys.stdout)
        self.err = console(sys.stderr)
        self.exit_code = 0
        self.until_the_end = ExitStack()  # what is to be done when the command is over

    @functools.cached_property
    def workspace(self) -> Workspace:
        from retention.outputs import delivered
        from retention.workspace import Workspace

        workspace = Workspace.from_env()
        if self.decisions:
            workspace = dataclasses.replace(workspace, decision_set=self.decisions)
        return self.until_the_end.enter_context(delivered(workspace))

    @functools.cached_property
    def bundle(self) -> Bundle:
        return self.workspace.bundle()

    @functools.cached_property
    def evidence(self) -> Evidence | None:
        """The evidence as it stands, for reading; None before the first run."""
        from sqlalchemy import make_url

        url = make_url(self.workspace.evidence_url)
        if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
            return None
        return self.workspace.evidence(readonly=True)

    def address(self, path: Path) -> str:
        """Where the file that a command has written is to be found when it is over."""
        from retention.outputs import address

        return address(self.workspace, path)

    def show(self, *renderables: Any) -> None:
        """Prints for people; says nothing under `--json`. Markup counts in a plain string only, never in a table's cells."""
        if not self.as_json:
            for renderable in renderables:
                self.out.print(Text.from_markup(renderable, emoji=False) if isinstance(renderable, str) else renderable)

    def note(self, text: str) -> None:
        """A remark beside the answer, on stderr."""
        if not self.as_json:
            self.err.print(Text(text, style="yellow"))

    def answer(self, document: Any) -> None:
        """Prints the JSON document; says nothing to people."""
        if self.as_json:
            sys.stdout.write(json.dumps(plain(document), ensure_ascii=False, indent=2) + "\n")

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Progress bars on stderr, only where a person looks on."""
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

        columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=32), TimeElapsedColumn())
        shown = self.err.is_terminal and not self.as_json
        with Progress(*columns, console=self.err, transient=True, disable=not shown) as progress:
            yield progress


def console(stream: Any) -> Console:
    """A console that takes text as it is. A pipe gets a width of its own, for 80 columns would break tables."""
    made = Console(file=stream, highlight=False, markup=False, emoji=False)
    if not made.is_terminal:
        made = Console(file=stream, highlight=False, markup=False, emoji=False, width=PIPE_WIDTH)
    return made


def plain(value: Any) -> Any:
    """Anything of ours as JSON knows it."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(item) for item in value]
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    if isinstance(value, enum.Enum):
        return value.value
    return str(value) if isinstance(value, Path) else value


Registered = Callable[[Callable[..., None]], Callable[..., None]]


def command(app: typer.Typer, name: str, **settings: Any) -> Registered:
    """Registers a command whose function takes a `Frame` first. The options that every command has are added here."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        app.command(name, epilog=settings.pop("epilog", EXIT_CODES), **settings)(_framed(function))
        return function

    return register


def bare_command(group: typer.Typer) -> Registered:
    """As `command`, for what a group of commands does when none of them is named."""

    def register(function: Callable[..., None]) -> Callable[..., None]:
        run = _framed(function, in_group=True)
        group.callback(invoke_without_command=True, epilog=EXIT_CODES)(run)
        return function

    return register


def _framed(function: Callable[..., None], *, in_group: bool = False) -> Callable[..., None]:
    """A function as typer calls it: with the options that every command has, errors in plain words, and an exit code."""
    hints = get_type_hints(function, include_extras=True)
    own = list(inspect.signature(function).parameters.values())[1:]

    def run(*, as_json: bool, debug: bool, decisions: str | None = None, **options: Any) -> None:
        if "decisions" in hints:  # of its own: what it is about, not what is in force
            options["decisions"], decisions = decisions, None
        frame = Frame(as_json=as_json, decisions=decisions)
        if in_group and _hands_on(options.pop("context")):
            return
        try:
            with frame.until_the_end:
                function(frame, **options)
        except RetentionError as error:
            _refuse(frame, error)
            raise typer.Exit(error.exit_code) from None
        except (typer.Exit, typer.Abort, typer.TyperException, KeyboardInterrupt):
            raise
        except Exception as error:
            if debug:
                raise
            _stumble(frame, error)
            raise typer.Exit(1) from None
        if frame.exit_code:
            raise typer.Exit(frame.exit_code)

    parameters = [_keyword(p.name, hints[p.name], p.default) for p in own]
    parameters += [_keyword(name, hint, default) for name, (hint, default) in _COMMON.items() if name not in hints]
    if in_group:
        parameters.append(_keyword("context", typer.Context, inspect.Parameter.empty))
    run.__name__, run.__doc__ = function.__name__, function.__doc__
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters}
    return run


def _hands_on(context: typer.Context) -> bool:
    """Whether a command of the group was named. Options before its name would be lost: they are refused."""
    if context.invoked_subcommand is None:
        return False
    for name in context.params:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            raise typer.BadParameter(f"write it after the command: {context.command_path} {context.invoked_subcommand} …")
    return True


def _keyword(name: str, annotation: Any, default: Any) -> inspect.Parameter:
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def described(error: BaseException) -> dict[str, Any]:
    """An error as data. Of one that nobody foresaw only the type: its message may carry values."""
    if isinstance(error, RetentionError):
        return {
            "type": type(error).__name__,
            "message": error.message,
            "where": error.where or None,
            "mend": error.mend or None,
            "exit_code": error.exit_code,
        }
    return {"type": type(error).__name__, "message": "unexpected error", "where": None, "mend": "see --debug", "exit_code": 1}


def tell(err: Console, error: RetentionError) -> None:
    """Message, where, mend; in red on stderr."""
    err.print(Text(f"Error: {error.message}", style="bold red"))
    if error.where:
        err.print(Text(f"Where: {error.where}", style="red"))
    if error.mend:
        err.print(Text(f"Mend:  {error.mend}", style="red"))


def _refuse(frame: Frame, error: RetentionError) -> None:
    frame.answer({"error": described(error)})
    if not frame.as_json:
        tell(frame.err, error)


def _stumble(frame: Frame, error: Exception) -> None:
    frame.answer({"error": described(error)})
    if not frame.as_json:
        frame.err.print(Text(f"Error: unexpected {type(error).__name__}", style="bold red"))
        frame.err.print(
            Text("Mend:  run it again with --debug to see where; what that shows may hold values of a record", style="red")
        )


# what people type


def date_of(text: str | None, option: str = "--as-of") -> dt.date:
    """A date as typed, or today in Paris."""
    from retention import clock

    if text is None:
        return clock.today()
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("write a date that exists as YYYY-MM-DD", param_hint=option) from None


def login() -> str:
    """The account this process runs under."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # an account without a name
        return f"uid {os.getuid()}"


def language_of(text: str) -> Any:
    """`fr` or `en`."""
    if text not in ("fr", "en"):
        raise typer.BadParameter("write fr or en", param_hint="--lang")
    return text


def stores_of(bundle: Bundle, chosen: list[str] | None) -> list[str]:
    """The stores asked for, or all of them; the one that publishes facts goes first."""
    publisher = bundle.publisher()
    names = list(dict.fromkeys(chosen)) if chosen else list(bundle.stores)
    for name in names:
        if name not in bundle.stores:
            raise NotFound(f"no store is called {name!r}", mend=f"choose one of: {', '.join(bundle.stores)}")
    return sorted(names, key=lambda name: publisher is None or name != publisher.name)
