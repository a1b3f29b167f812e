"""Random worlds in real stores, two nights each, row by row against the oracle.

For every store of every world: the scan counts each disposition as the oracle does and every row once; the morning after, rows
and columns are what the oracle says and nothing else; receipts carry the digest of each disposed row once and no other; the
second night finds nothing that the oracle does not find either.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.oracle.compare import play
from tests.oracle.judge import STORES, TABLES, Values, judge, read_values
from tests.oracle.settings import worlds
from tests.oracle.variant import DECLARATIONS, write_variant
from tests.oracle.worlds import Chooser, Maker, Scene

TODAY = dt.date(2026, 11, 23)


@st.composite
def scenes(draw: st.DrawFn, *, subjects: int = 8, requests: int = 6) -> Scene:
    choose = Chooser(lambda n: draw(st.integers(0, n - 1)))
    return Maker(choose, TODAY).draw(1 + choose.below(subjects), choose.below(requests + 1))


orders = st.permutations(STORES)
strategies = st.booleans()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("worlds")


@pytest.fixture(scope="module")
def variant(folder: Path) -> Path:
    return write_variant(folder / "declarations")


def check(scene: Scene, order: list[str], folder: Path, declarations: Path, decision_set: str, *, ranges: bool) -> None:
    values = read_values(declarations, decision_set)
    place = folder / "world"
    shutil.rmtree(place, ignore_errors=True)
    problems = play(scene, place, declarations, decision_set, values, tuple(order), ranges=ranges)
    assert not problems, "\n".join([*problems, f"ranges={ranges}", repr(scene)])


@given(scene=scenes(), order=orders, ranges=strategies)
@worlds(5)
def test_the_worked_example(folder: Path, scene: Scene, order: list[str], ranges: bool) -> None:
    check(scene, order, folder, DECLARATIONS, "example", ranges=ranges)


@given(scene=scenes(), order=orders, ranges=strategies)
@worlds(3)
def test_production_where_almost_nothing_is_decided(folder: Path, scene: Scene, order: list[str], ranges: bool) -> None:
    check(scene, order, folder, DECLARATIONS, "production", ranges=ranges)


@given(scene=scenes(), order=orders, ranges=strategies)
@worlds(3)
def test_other_decisions_in_small_batches(folder: Path, variant: Path, scene: Scene, order: list[str], ranges: bool) -> None:
    check(scene, order, folder, variant, "example", ranges=ranges)


# larger worlds: what a few subjects meet seldom


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("ranges", [False, True], ids=["listed", "ranges"])
@pytest.mark.parametrize("decision_set", ["example", "production", "variant"])
def test_a_world_of_eighty_subjects(folder: Path, variant: Path, seed: int, ranges: bool, decision_set: str) -> None:
    declarations = variant if decision_set == "variant" else DECLARATIONS
    scene = Maker(Chooser.seeded(seed), TODAY).draw(80, 20)
    check(scene, list(STORES), folder, declarations, "example" if decision_set == "variant" else decision_set, ranges=ranges)


# the oracle itself


def everything_that_is_judged(scene: Scene, values: Values) -> Counter[tuple[str, str]]:
    night = judge(scene.rows, scene.requests, values, scene.as_of, scene.today)
    return Counter((name[0], fate.action or fate.disposition) for name, fate in night.fates.items())


def test_the_worlds_meet_every_disposition_of_every_table() -> None:
    """Else the comparison would prove little."""
    values, met = read_values(DECLARATIONS, "example"), Counter[tuple[str, str]]()
    for seed in range(12):
        met += everything_that_is_judged(Maker(Chooser.seeded(seed), TODAY).draw(40, 16), values)
    wanted = {(table, word) for table in TABLES for word in ("keep", "held", "quarantine", "delete")}
    wanted -= {("suppression_list", word) for word in ("held", "quarantine", "delete")}  # undecided, and seldom anything else
    wanted |= {("invoices", "archive"), ("payments", "anonymise"), ("visits", "anonymise")}
    assert not {pair for pair in wanted if not met[pair]}


@given(scene=scenes(requests=3), earlier=st.integers(1, 900))
@worlds(60)
def test_an_older_night_never_finds_more(scene: Scene, earlier: int) -> None:
    """Of the oracle: what an old as-of date finds due is due today, the same holds being in force.

    Save where a child stays today.
    """
    values = read_values(DECLARATIONS, "example")
    now = judge(scene.rows, scene.requests, values, TODAY, TODAY).fates
    then = judge(scene.rows, scene.requests, values, TODAY - dt.timedelta(days=earlier), TODAY).fates
    due = {name for name, fate in then.items() if fate.disposition == "due"}
    assert not {name for name in due if now[name].disposition != "due" and now[name].reason != "child stays"}
