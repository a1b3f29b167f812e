"""The connection is lost during COMMIT: before the server has it, or after it has done it. Each batch happens exactly once."""

from __future__ import annotations

from dataclasses import replace

import pytest
from workbench import AS_OF, Bench, take  # noqa: F401 - the bench's calendar counts here

from retention.night import steps
from tests.faults.proxy import Breaking, wire
from tests.faults.stage import RUN, Stage
from tests.faults.tally import Tally


@pytest.mark.parametrize("breaking", ["asked", "answered"])
def test_every_batch_happens_once(stage: Stage, tally: Tally, breaking: Breaking) -> None:
    if stage.kind == "sqlite":
        pytest.skip("a file has no connection to lose")
    with wire(stage.bench.url(stage.store), breaking) as between:
        urls = {**stage.workspace.store_urls, stage.store: between.url(stage.bench.url(stage.store))}
        night = steps.open_night(replace(stage.workspace, store_urls=urls), stage.store, as_of=AS_OF, run_id=RUN)
        take(night, ("dispose",))  # tried again by itself, and right
        night.session.close()
    tally.hit(f"COMMIT lost when {breaking}", between.broken)
    assert between.broken >= 3
    assert stage.final is not None
    assert stage.seen().rows == stage.final.rows
    stage.comes_out()
