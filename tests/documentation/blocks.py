"""What a page of the documentation shows that can be tried: its fenced blocks, in order, and what they promise."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
HERE = "here"  # where a block is run that says nothing else

# A comment before a block says where its commands are run: <!-- run: airflow -->. One at the top of a page says what it begins
# with: <!-- begins with: a night -->.
_BLOCK = re.compile(r"^(?:<!-- run: (?P<run>[^>]+) -->\n+)?```(?P<head>[^\n]*)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_BEGINS = re.compile(r"^<!-- begins with: (.+) -->$", re.MULTILINE)
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Step:
    """A command and the lines that are to be among what it prints, in this order."""

    command: str
    expected: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """`title` is the file that the block is the content of."""

    language: str
    title: str | None
    text: str
    run: str
    line: int

    def steps(self) -> Iterator[Step]:
        """The commands of a console block: a line that begins with `$ `, and those after it while one ends in a backslash."""
        lines = iter(self.text.splitlines())
        command, expected = "", []
        for line in lines:
            if not line.startswith("$ "):
                expected.append(line)
                continue
            if command:
                yield Step(command, tuple(expected))
            command, expected = line.removeprefix("$ "), []
            while command.endswith("\\"):
                command += "\n" + next(lines)
        if command:
            yield Step(command, tuple(expected))


def pages() -> list[Path]:
    """What is written for readers: all but the design, whose blocks are drawings."""
    return sorted(path for path in DOCS.rglob("*.md") if "design" not in path.parts)


def blocks(path: Path) -> list[Block]:
    text = path.read_text(encoding="utf-8")
    return [
        Block(
            found["head"].split(" ")[0],
            title[1] if (title := _TITLE.search(found["head"])) else None,
            found["text"],
            found["run"] or HERE,
            text.count("\n", 0, found.start()) + 1,
        )
        for found in _BLOCK.finditer(text)
    ]


def begins_with(path: Path) -> str:
    """`nothing`, `samples` or `a night`."""
    found = _BEGINS.search(path.read_text(encoding="utf-8"))
    return found[1] if found else "nothing"


def missing(expected: tuple[str, ...], printed: str) -> str | None:
    """The first expected line that is not there, after those before it. White space counts once; … is anything, or nothing."""
    lines = iter([" ".join(line.split()) for line in printed.splitlines()])
    for line in (" ".join(each.split()) for each in expected):
        pattern = re.compile(".*".join(re.escape(part.strip()) for part in line.split("…")).replace(".*", ".*"))
        if line and line != "…" and not any(pattern.fullmatch(each) for each in lines):
            return line
    return None
