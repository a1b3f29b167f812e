"""Batches find the size that takes the declared time, and never leave the declared bounds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.declare.stores import Pace
from retention.errors import StoreError
from retention.night.pace import EAGER, GROWTH, TRIES, Controller
from tests.oracle.settings import worlds

FIRST = Pace().first_size


@st.composite
def paces(draw: st.DrawFn) -> Pace:
    smallest, first, largest = sorted(draw(st.lists(st.integers(1, 1_000_000), min_size=3, max_size=3)))
    return Pace(target_seconds=draw(st.floats(0.01, 60)), smallest=smallest, first_size=first, largest=largest)


events = st.lists(
    st.one_of(
        st.none(),  # a timeout
        st.tuples(st.integers(0, 2_000_000), st.floats(-1, 1e9, allow_nan=False)),  # a batch, however absurd
    ),
    max_size=60,
)


@worlds(300)
@given(paces(), st.floats(0.001, 1_000), events)
def test_never_outside_the_bounds(pace: Pace, rows_a_unit: float, happening: list[tuple[int, float] | None]) -> None:
    controller = Controller(pace, rows_a_unit=rows_a_unit)
    low = max(1, round(pace.smallest / rows_a_unit))
    high = max(low, round(pace.largest / rows_a_unit))
    for event in happening:
        before = controller.size()
        if event is None:
            try:
                controller.timed_out()
            except StoreError:
                assert before == low
            assert controller.size() <= max(low, before)
        else:
            controller.observe(*event)
            eager = event[1] < pace.target_seconds / 4
            assert controller.size() <= (before + 1) * (EAGER if eager else GROWTH)
        assert low <= controller.size() <= high


@worlds(60)
@given(st.floats(1e-6, 2e-3), st.floats(0, 0.4), st.integers(0, 2**32))
def test_it_settles_where_a_batch_takes_the_target(unit_seconds: float, overhead: float, seed: int) -> None:
    """Cost is a fixed part (up to 40 % of the target) and a part per row, give or take 20 %."""
    pace = Pace(smallest=1, largest=1_000_000)
    noise = random.Random(seed)
    fixed = overhead * pace.target_seconds
    controller, late = Controller(pace), []
    for number in range(200):
        size = controller.size()
        controller.observe(size, (fixed + size * unit_seconds) * noise.uniform(0.8, 1.2))
        if number >= 150:
            late.append(fixed + size * unit_seconds)
    assert sum(late) / len(late) == pytest.approx(pace.target_seconds, rel=0.15)
    assert max(late) < 1.6 * pace.target_seconds


@worlds(50)
@given(st.integers(0, 12))
def test_a_timeout_halves_and_the_size_comes_back(timeouts: int) -> None:
    pace = Pace(smallest=1, first_size=8_192, largest=100_000)
    controller = Controller(pace)
    for number in range(timeouts):
        controller.timed_out()
        assert controller.size() == 8_192 >> (number + 1)
    after = controller.size()
    unit_seconds = pace.target_seconds / 8_192
    controller.observe(after, after * unit_seconds)
    assert controller.size() <= max(after * GROWTH, after + 1)
    for _ in range(100):
        controller.observe(controller.size(), controller.size() * unit_seconds)
    assert controller.size() == pytest.approx(8_192, rel=0.05)


def test_it_soon_finds_the_size_of_a_quick_store() -> None:
    """A fast store must not pay for caution with its first twenty batches; the one that follows a small one is safe."""
    pace = Pace()
    unit_seconds, controller = pace.target_seconds / 80_000, Controller(pace)
    sizes = []
    for number in range(8):
        sizes.append(controller.size())
        made = 0.0 if number else 0.1  # the statements, with the first batch
        controller.observe(sizes[-1], made + sizes[-1] * unit_seconds)
    assert sizes[:4] == [5_000, 5_000, 10_000, 20_000]
    assert max(sizes) <= 80_000 * 1.001 and sizes[-1] > 40_000


def test_a_store_that_became_slow_is_spared_at_once() -> None:
    controller = Controller(Pace())
    controller.observe(FIRST, 0.25)
    controller.observe(controller.size(), 25.0)
    assert controller.size() < FIRST / 10


def test_it_gives_up_at_the_smallest_size_only() -> None:
    controller = Controller(Pace(smallest=100, first_size=400))
    for _ in range(2 + TRIES - 1):
        controller.timed_out()
    with pytest.raises(StoreError, match="smallest batches") as error:
        controller.timed_out()
    assert error.value.mend


def test_a_success_renews_the_tries() -> None:
    controller = Controller(Pace(smallest=100, first_size=100))
    for _ in range(10):
        for _ in range(TRIES - 1):
            controller.timed_out()
        controller.observe(100, 0.5)


def test_the_last_scrap_of_a_range_does_not_frighten() -> None:
    controller = Controller(Pace())
    for _ in range(20):
        controller.observe(controller.size(), 0.25)
    settled = controller.size()
    controller.observe(3, 0.05)  # 17 ms a row: all of it overhead
    assert controller.size() > settled * 0.75


def test_sizes_in_pages() -> None:
    controller = Controller(Pace(), rows_a_unit=50)
    assert controller.size() == FIRST / 50
