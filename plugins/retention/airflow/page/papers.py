"""What lies among the outputs for people to take with them: editions of the register, reports, studies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from retention import outputs
from retention.dates import PARIS
from retention.outputs import Output
from retention.typography import Words
from retention.workspace import Workspace

SUFFIXES = (".xlsx", ".ods", ".jsonld", ".zip")
SHELVES = ("register", "reports", "impact", "forecast")  # folders, in this order; what lies elsewhere comes last
NEWEST = 30  # of each shelf, where not all are asked for


@dataclass(frozen=True)
class Paper:
    """A file. `name` is its path below the outputs, by which it is asked for."""

    name: str
    title: str
    kind: str
    size: str
    written: str


@dataclass(frozen=True)
class Shelf:
    title: str
    papers: tuple[Paper, ...]
    more: int  # that are not listed


def shelves(workspace: Workspace, say: Words, *, everything: bool = False) -> tuple[Shelf, ...]:
    """What there is, the newest first. Raises OutputError where an object store does not tell."""
    found: dict[str, list[Output]] = {}
    for output in _offered(workspace):
        found.setdefault(_shelf(output.name), []).append(output)
    made = []
    for shelf in (*SHELVES, "others"):
        files = sorted(found.get(shelf, ()), key=lambda output: (output.written, output.name), reverse=True)
        shown = files if everything else files[:NEWEST]
        if files:
            made.append(Shelf(say(f"papers.{shelf}"), tuple(_paper(each, say) for each in shown), len(files) - len(shown)))
    return tuple(made)


def paper(workspace: Workspace, name: str) -> Output | None:
    """The file of that name, where it is one of those that are offered. A name is looked up, never followed."""
    return next((output for output in _offered(workspace) if output.name == name), None)


def _offered(workspace: Workspace) -> Iterator[Output]:
    """Documents. Details are not offered: they are for whoever asked for them."""
    for output in outputs.listed(workspace):
        path = PurePosixPath(output.name)
        if path.suffix in SUFFIXES and not path.name.startswith("~$") and not path.stem.endswith("-detail"):
            yield output


def _shelf(name: str) -> str:
    folder = name.partition("/")[0] if "/" in name else ""
    return folder if folder in SHELVES else "others"


def _paper(output: Output, say: Words) -> Paper:
    written = output.written.astimezone(PARIS)
    path = PurePosixPath(output.name)
    return Paper(
        name=output.name,
        title=path.name,
        kind=say(f"papers.kind.{path.suffix.removeprefix('.')}"),
        size=say("papers.size", size=say.count(max(1, round(output.size / 1024)))),
        written=f"{say.date(written.date())} {written:%H:%M}",
    )
