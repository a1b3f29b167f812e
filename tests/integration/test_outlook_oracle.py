"""What another declaration would change, and what falls due in the months ahead, against the oracle that judges row by row.

The oracle knows neither: it is asked twice, with two sets of values, or with its clock moved to the end of each month.
"""

from __future__ import annotations

import calendar
import datetime as dt
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention import clock
from retention.declare.bundle import Bundle
from retention.outlook.forecast import Forecast, forecast
from retention.outlook.impact import Impact, impact
from tests.oracle import nights
from tests.oracle.compare import workspace_at
from tests.oracle.judge import STORES, TABLES, Fate, Values, judge, read_values
from tests.oracle.settings import worlds
from tests.oracle.variant import DECLARATIONS, write_variant
from tests.oracle.worlds import Chooser, Maker, Scene

TODAY = dt.date(2026, 11, 23)
AHEAD = 5  # months; the fewer, the sooner a statement is built
PARENTS = {spec.parent[0] for spec in TABLES.values() if spec.parent}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    yield tmp_path_factory.mktemp("outlook")


@pytest.fixture(scope="module")
def variant(folder: Path) -> Path:
    return write_variant(folder / "declarations")


@st.composite
def scenes(draw: st.DrawFn, *, subjects: int = 10, requests: int = 5) -> Scene:
    choose = Chooser(lambda n: draw(st.integers(0, n - 1)))
    return replace(Maker(choose, TODAY).draw(1 + choose.below(subjects), choose.below(requests + 1)), as_of=TODAY)


def prepared(scene: Scene, folder: Path) -> nights.Cached:
    """Stores with the facts of a night of today behind them, which disposed of nothing."""
    place = folder / "world"
    shutil.rmtree(place, ignore_errors=True)
    workspace = workspace_at(place, DECLARATIONS, "example")
    nights.load(scene, workspace)
    nights.place(scene, workspace)
    with mock.patch.object(nights, "STEPS", ("prepare", "scan")):
        for store in STORES:
            nights.run(workspace, store, TODAY, TODAY, f"before-{store}")
    return workspace


def looked(scene: Scene, workspace: nights.Cached, after: Bundle) -> tuple[Impact, Forecast]:
    with mock.patch.object(clock, "today", return_value=TODAY):
        before = workspace.bundle()
        return impact(workspace, before, after, TODAY, months=2), forecast(workspace, before, TODAY, months=AHEAD)


# impact


def told(scene: Scene, values: Values) -> dict[tuple[str, object], Fate]:
    return judge(scene.rows, scene.requests, values, TODAY, TODAY).fates


def changes(scene: Scene, before: Values, after: Values) -> Counter[tuple[str, str, str]]:
    """(table, disposition before, after) -> rows, by the oracle."""
    old, new = told(scene, before), told(scene, after)
    return Counter((name[0], old[name].disposition, new[name].disposition) for name in old)


def found(seen: Impact) -> Counter[tuple[str, str, str]]:
    counted: Counter[tuple[str, str, str]] = Counter()
    for line in seen.lines:
        pair = ("held", "held") if line.frozen else (line.before.disposition, line.after.disposition)
        counted[line.population, *pair] += line.rows
    return counted


def check_impact(scene: Scene, seen: Impact, before: Values, after: Values) -> None:
    wanted = changes(scene, before, after)
    counted = {population: rows for _, population, _, rows in seen.unchanged}
    for table, rows in counted.items():
        assert rows == sum(number for (name, *_), number in wanted.items() if name == table)
        assert all(one == other for name, one, other in wanted if name == table)
    assert found(seen) == Counter({key: rows for key, rows in wanted.items() if key[0] not in counted})
    for example in seen.examples:
        _, table, key = example.reference.split(":")
        record = (table, int(key) if key.lstrip("-").isdigit() else key)
        assert record in told(scene, before), "an example is a record that is there"


# forecast


def end_of(month: dt.date) -> dt.date:
    return month.replace(day=calendar.monthrange(month.year, month.month)[1])


def due_then(scene: Scene, values: Values, day: dt.date, today: dict[tuple[str, object], Fate]) -> Counter[str]:
    """Rows that the oracle finds due where its clock shows a later day. Holds are ignored, and what cannot be read today."""
    asked = [request for request in scene.requests if request.kind == "erasure"]
    fates = judge(scene.rows, asked, values, day, day).fates
    readable = {name for name, fate in today.items() if fate.disposition != "quarantine"}
    return Counter(name[0] for name, fate in fates.items() if fate.disposition == "due" and name in readable)


def check_forecast(scene: Scene, seen: Forecast, values: Values) -> None:
    requests = [request for request in scene.requests if request.kind == "erasure"]
    today = judge(scene.rows, requests, values, TODAY, TODAY).fates
    assert Counter({t: n for t, n in rows_by_table(seen).items()}) == Counter(name[0] for name in today)
    for first in seen.months.firsts:
        wanted = due_then(scene, values, end_of(first), today)
        ahead, waiting = Counter[str](), Counter[str]()
        for line in seen.lines:
            waiting[line.population] += line.rows if line.due.when == "waits" else 0
            if line.due.when == "due" or (line.due.month is not None and line.due.month <= first):
                ahead[line.population] += line.rows
        for table in TABLES:
            if table in PARENTS:  # its own time; it may have to wait for what hangs from it
                assert ahead[table] + waiting[table] >= wanted[table], (table, first)
            else:
                assert ahead[table] == wanted[table], (table, first, ahead[table], wanted[table])


def rows_by_table(seen: Forecast) -> Counter[str]:
    counted: Counter[str] = Counter()
    for line in seen.lines:
        counted[line.population] += line.rows
    return counted


def check(scene: Scene, folder: Path, variant: Path, other: str) -> None:
    workspace = prepared(scene, folder)
    declarations, name = (variant, "example") if other == "variant" else (DECLARATIONS, other)
    seen, ahead = looked(scene, workspace, nights.bundle_of(declarations, name))
    before = read_values(DECLARATIONS, "example")
    try:
        check_impact(scene, seen, before, read_values(declarations, name))
        check_forecast(scene, ahead, before)
    except AssertionError as wrong:
        raise AssertionError(f"{wrong}\n{scene!r}") from wrong


@given(scene=scenes(), other=st.sampled_from(["production", "variant"]))
@worlds(2)
def test_both_are_what_the_oracle_says(folder: Path, variant: Path, scene: Scene, other: str) -> None:
    check(scene, folder, variant, other)


@pytest.mark.parametrize(("seed", "other"), [(0, "variant"), (1, "production")])
def test_a_world_of_eighty_subjects(folder: Path, variant: Path, seed: int, other: str) -> None:
    check(replace(Maker(Chooser.seeded(seed), TODAY).draw(80, 20), as_of=TODAY), folder, variant, other)
