"""Rates and estimates people can rely on, and a log that is not flooded."""

from __future__ import annotations

import logging

import pytest

from retention.night.progress import Speed, in_words, logged


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


def test_a_steady_rate_and_what_is_left() -> None:
    clock = Clock()
    speed = Speed(clock)
    assert (speed.rate, speed.seconds_left, speed.words()) == (None, None, "")
    for done in range(0, 50_001, 500):
        speed.observe("dispose account", done, 200_000)
        clock.now += 0.25
    assert speed.rate == pytest.approx(2_000)
    assert speed.seconds_left == pytest.approx(75)
    assert speed.words() == "2,000 a second, about 75 seconds left"


def test_a_new_rate_replaces_the_old_one_within_a_minute() -> None:
    clock, done = Clock(), 0
    speed = Speed(clock)
    for rate, seconds in ((1_000, 300), (100, 60)):
        for _ in range(seconds):
            speed.observe("dispose account", done, 10**7)
            clock.now += 1
            done += rate
    assert speed.rate == pytest.approx(100, rel=0.6)


def test_another_step_starts_anew_and_what_is_done_needs_no_estimate() -> None:
    clock = Clock()
    speed = Speed(clock)
    for done in (0, 100, 200):
        speed.observe("scan account", done, 200)
        clock.now += 1
    assert speed.words() == ""
    speed.observe("dispose account", 0, 500)
    assert speed.rate is None


def test_many_reports_at_once_do_not_divide_by_nothing() -> None:
    clock = Clock()
    speed = Speed(clock)
    for done in range(10):
        speed.observe("scan account", done, 10)
    clock.now += 2
    speed.observe("scan account", 10, 10)
    assert speed.rate == pytest.approx(5)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "about 1 second"),
        (45, "about 45 seconds"),
        (100, "about 2 minutes"),
        (5_399, "about 90 minutes"),
        (7_200, "about 2 hours"),
        (200_000, "about 2 days"),
    ],
)
def test_time_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


def test_a_line_every_so_many_seconds(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    clock = Clock()
    report = logged(logging.getLogger("night"), every=30, clock=clock)
    for second in range(91):
        report("dispose account", second * 100, 20_000)
        clock.now += 1
    assert [record.getMessage() for record in caplog.records] == [
        "dispose account: 3,000 of 20,000 (15 %), 100 a second, about 3 minutes left",
        "dispose account: 6,000 of 20,000 (30 %), 100 a second, about 2 minutes left",
        "dispose account: 9,000 of 20,000 (45 %), 100 a second, about 2 minutes left",
    ]
