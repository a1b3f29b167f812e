"""Worker or session killed at any step of a batch, again and again on one store, until its night is done; then on another."""

from __future__ import annotations

from itertools import count
from pathlib import Path

from workbench import Bench  # noqa: F401 - the bench's calendar counts here

from tests.faults.fates import broken_off
from tests.faults.stage import REST, RUN, Stage, again, chance_of
from tests.faults.tally import Tally, rounds

FAULTS = 88  # on each kind of database in an ordinary run, and in each round of a soak


def test_killed_at_every_step(source: Stage, folder: Path, tally: Tally) -> None:
    nights = count()
    for seed in rounds():
        chance, faults = chance_of(seed, source), 0
        while faults < FAULTS:
            stage = again(source, folder / str(next(nights)))
            faults += broken_off(stage, chance, tally, FAULTS - faults)
            resumed = chance.random() < 0.5  # the step is tried again, or another night comes
            stage.comes_out(RUN if resumed else "later", ("dispose", "record") if resumed else REST)
            stage.close()
