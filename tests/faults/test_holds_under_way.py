"""Holds are placed from all sides while a night disposes: each is honoured, or refused because it comes too late."""

from __future__ import annotations

import datetime as dt
import random
import re
import threading
from typing import Any

import pytest
from workbench import AS_OF, Bench  # noqa: F401 - the bench's calendar counts here

from retention import holds
from retention.errors import EvidenceBusy, NotFound, StoreError
from tests.faults.stage import Stage
from tests.faults.tally import Tally

PLACERS = 3


@pytest.fixture(scope="module", params=["transaction", "usage"])
def store(request: pytest.FixtureRequest) -> str:
    """Between them rows are deleted, minimised and anonymised."""
    return str(request.param)


def test_no_accepted_hold_loses_its_record(stage: Stage, tally: Tally) -> None:
    assert stage.final is not None
    gone, changed = stage.final.since(stage.before)
    due = [(name, key) for name, keys in gone.items() for key in keys | changed[name]]
    random.Random(20260615).shuffle(due)
    accepted: list[tuple[str, Any]] = []
    refused: list[tuple[str, Any]] = []
    over, failures = threading.Event(), []

    def place(mine: list[tuple[str, Any]]) -> None:
        try:
            for name, key in mine:
                if over.is_set():
                    return
                (accepted if _held(stage, name, key) else refused).append((name, key))
        except BaseException as error:
            failures.append(error)

    placers = [threading.Thread(target=place, args=(due[n::PLACERS],)) for n in range(PLACERS)]
    for placer in placers:
        placer.start()
    stage.dispose()
    over.set()
    for placer in placers:
        placer.join()

    assert failures == []
    seen = stage.seen()
    left, blanked = seen.since(stage.before)
    tally.hit("hold placed under way", len(accepted) + len(refused))
    assert len(accepted) >= PLACERS
    for name, key in accepted:
        assert key not in left[name], "an accepted hold's record is gone"
    for name, key in refused:
        assert key in left[name], "a hold was refused, and its record is there"
    assert sum(map(len, left.values())) + sum(map(len, blanked.values())) > 0
    stage.holds_good()


def _held(stage: Stage, population: str, key: Any) -> bool:
    """Whether a hold on one record was accepted."""
    request = holds.Request(
        "legal_claim", "T", "T-1", "T", AS_OF + dt.timedelta(days=9), store=stage.store, population=population,
        record_key=str(key),
    )  # fmt: skip
    while True:
        evidence = stage.workspace.evidence()
        try:
            placed = holds.place_if_there(stage.workspace, stage.bench.bundle, evidence, request)
        except NotFound as gone:
            assert re.match("already (disposed of|archived)", gone.message)
            return False
        except EvidenceBusy:
            continue
        except StoreError as busy:
            assert "too busy to be told of the hold, which was withdrawn" in busy.message
            continue
        finally:
            evidence.engine.dispose()
        return stage.store in placed.delivered  # one that is still to be delivered promises nothing yet
