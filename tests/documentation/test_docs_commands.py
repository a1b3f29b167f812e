"""Every command that the documentation shows is run as it stands there, and prints what it says there."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from retention.cli.app import app
from tests import servers
from tests.documentation.blocks import DOCS, HERE, ROOT, Block, begins_with, blocks, missing, pages
from tests.documentation.desk import Desk

# Commands that no test of this folder runs: the file that runs them, or why none does.
ELSEWHERE = {
    "make demo": ".ci/run",
    "make docs": ".ci/run",
    "make lint": ".ci/run",
    "make types": ".ci/run",
    "make test": ".ci/run",
}
NOT_RUN = {
    "make up": "starts Airflow on a fixed port until it is stopped; tests/airflows.py starts the same parts",
    "make down": "stops what `make up` started",
    "mkdir -p var output backups": "goes with the compose file",
    "docker compose": "there is no Docker engine; tests/integration/test_production.py runs what the compose file runs",
    "include/airflow/secrets.sh": "makes the secrets of the compose file; tests/unit/test_compose.py runs it",
}
WRITABLE = {"yaml", "sql", "diff", "python"}
SHOWN = {"text"}
PLACES = (HERE, "airflow", "postgresql", "elsewhere")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    made = Desk(tmp_path_factory.mktemp("desk"))
    yield made
    made.close()


def tried(desk: Desk, chosen: list[Block], **more: str) -> None:
    for done in desk.shell(chosen, more):
        assert done.code == 0, f"$ {done.step.command}\n{done.printed}"
        absent = missing(done.step.expected, done.printed)
        assert absent is None, f"$ {done.step.command}\n{done.printed}\nis without the line: {absent}"


def of(page: Path, *places: str) -> list[Block]:
    return [block for block in blocks(page) if block.run in places and block.language not in SHOWN]


@pytest.mark.parametrize("page", [page for page in pages() if of(page, HERE)], ids=lambda page: page.stem)
def test_a_page_does_what_it_says(desk: Desk, page: Path) -> None:
    desk.begin(begins_with(page))
    tried(desk, of(page, HERE))


@pytest.mark.parametrize("page", [page for page in pages() if of(page, "postgresql")], ids=lambda page: page.stem)
def test_a_page_does_what_it_says_on_a_server(desk: Desk, page: Path) -> None:
    """Its databases have the names that the page gives them, on the server of this run of tests, and end with it."""
    if os.environ.get("RETENTION_TEST_POSTGRESQL"):
        pytest.skip("on a server that is somebody's, such a name could be that of a database of theirs")
    server = servers.server_url("postgresql")
    where = {"PGHOST": server.host, "PGPORT": server.port, "PGUSER": server.username, "PGPASSWORD": server.password}
    chosen = [block for block in of(page, HERE, "postgresql") if block.run == "postgresql" or block.language != "console"]
    desk.begin(begins_with(page))
    tried(desk, chosen, **{name: str(value) for name, value in where.items() if value is not None})


def test_every_block_is_of_a_kind_that_is_tried() -> None:
    for page in pages():
        for block in blocks(page):
            where = f"{page.relative_to(ROOT)}:{block.line}"
            assert block.run in PLACES, where
            if block.language in SHOWN:
                assert not re.search(r"^(\$|retention|make|airflow) ", block.text, re.MULTILINE), f"{where} shows a command"
            elif block.language == "console":
                assert block.text.startswith("$ "), where
            else:
                assert block.language in WRITABLE and (block.title or block.language == "diff"), where


_INDENTED = re.compile(r"^    (\$|retention|make|airflow|docker|include/|python|psql) ", re.MULTILINE)


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_no_command_hides_outside_a_block(page: Path) -> None:
    outside = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    assert _INDENTED.findall(outside) == []


def test_what_is_run_elsewhere_is_run_there_or_says_why_not() -> None:
    shown = [step.command for page in pages() for block in of(page, "elsewhere") for step in block.steps()]
    used = set()
    for command in shown:
        name = next((name for name in (*ELSEWHERE, *NOT_RUN) if command == name or command.startswith(f"{name} ")), None)
        assert name is not None, f"nothing runs {command}"
        used.add(name)
        if name in ELSEWHERE:
            assert name in (ROOT / ELSEWHERE[name]).read_text(encoding="utf-8"), command
    assert used == {*ELSEWHERE, *NOT_RUN}, "the list above names what no page shows"
    assert all(f"{name.split()[1]}:" in (ROOT / "Makefile").read_text() for name in used if name.startswith("make "))


# commands in the middle of a sentence

_SPAN = re.compile(r"(?<!`)`(retention [^`\n]+)`(?!`)")
SENTENCES = [*DOCS.rglob("*.md"), ROOT / "README.md"]


@pytest.mark.parametrize("path", SENTENCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_command_that_is_named_exists(path: Path) -> None:
    for spoken in _SPAN.findall(path.read_text(encoding="utf-8")):
        _exists(spoken)


def _exists(spoken: str) -> None:
    words = shlex.split(spoken.replace("…", "").replace("'", ""))[1:]
    command: Any = typer.main.get_command(app)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in parameter.opts} | {"--help", "-h", "--version"}
    assert command.name != "retention" or not words or words[0].startswith("-"), f"no such command: {spoken}"
    assert {word for word in words if word.startswith("-")} <= known, f"no such option: {spoken}"
