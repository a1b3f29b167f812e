"""What lies in the output folder for people to take with them: editions of the register, reports, studies."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from retention.dates import PARIS
from retention.typography import Words

SUFFIXES = (".xlsx", ".ods", ".jsonld", ".zip")
SHELVES = ("register", "reports", "impact", "forecast")  # folders, in this order; what lies elsewhere comes last
NEWEST = 30  # of each shelf, where not all are asked for


@dataclass(frozen=True)
class Paper:
    """A file. `name` is its path below the output folder, by which it is asked for."""

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


def shelves(output: Path, say: Words, *, everything: bool = False) -> tuple[Shelf, ...]:
    """What there is, the newest first."""
    found: dict[str, list[tuple[float, int, str]]] = {}
    for path in _found(output):
        stat, name = path.stat(), path.relative_to(output).as_posix()
        found.setdefault(_shelf(name), []).append((stat.st_mtime, stat.st_size, name))
    made = []
    for shelf in (*SHELVES, "others"):
        files = sorted(found.get(shelf, ()), reverse=True)
        shown = files if everything else files[:NEWEST]
        if files:
            papers = tuple(_paper(name, size, mtime, say) for mtime, size, name in shown)
            made.append(Shelf(say(f"papers.{shelf}"), papers, len(files) - len(shown)))
    return tuple(made)


def paper(output: Path, name: str) -> Path | None:
    """The file of that name, where it is one of those that are offered. A name is looked up, never followed."""
    return next((path for path in _found(output) if path.relative_to(output).as_posix() == name), None)


def _found(output: Path) -> Iterator[Path]:
    """Files that are finished and lie where they seem to. Details are not offered: they are for whoever asked for them."""
    inside = output.resolve()
    for path in output.rglob("*"):
        if path.suffix not in SUFFIXES or path.name.startswith(("~$", ".")) or path.stem.endswith("-detail"):
            continue
        if path.is_file() and path.resolve().is_relative_to(inside):
            yield path


def _shelf(name: str) -> str:
    folder = name.partition("/")[0] if "/" in name else ""
    return folder if folder in SHELVES else "others"


def _paper(name: str, size: int, mtime: float, say: Words) -> Paper:
    written = dt.datetime.fromtimestamp(mtime, PARIS)
    path = Path(name)
    return Paper(
        name=name,
        title=path.name,
        kind=say(f"papers.kind.{path.suffix.removeprefix('.')}"),
        size=say("papers.size", size=say.count(max(1, round(size / 1024)))),
        written=f"{say.date(written.date())} {written:%H:%M}",
    )
