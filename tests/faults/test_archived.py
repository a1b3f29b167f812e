"""Killed between the row that the archive has and the row that is to leave: one copy is left, in one place or in the other."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event
from workbench import Bench  # noqa: F401 - the bench's calendar counts here

from tests.faults.stage import Stage, again
from tests.faults.tally import Tally


def test_killed_once_the_archive_has_the_rows(source: Stage, folder: Path, tally: Tally) -> None:
    stage = again(source, folder / "broken")
    moved: list[str] = []

    def after(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if "INSERT INTO" in statement and "archived_invoices" in statement:
            moved.append(statement)

    def before(*_: Any) -> None:
        if moved:
            os.kill(os.getpid(), signal.SIGKILL)

    def work() -> None:
        event.listen(Engine, "after_cursor_execute", after)
        event.listen(Engine, "before_cursor_execute", before)
        event.listen(Engine, "commit", before)
        stage.dispose()

    child = stage.child(work)
    child.join(60)
    tally.hit("worker killed")

    assert child.exitcode == -signal.SIGKILL
    stage.holds_good()
    seen = stage.seen().rows
    there = seen["archived_invoices"].keys() - stage.before["archived_invoices"].keys()
    assert not there & seen["invoices"].keys()
    assert there | seen["invoices"].keys() >= stage.before["invoices"].keys() - stage.gone("invoices")
    stage.comes_out()
    stage.close()
