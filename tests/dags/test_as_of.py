"""The date a run speaks for, at the edges of days and on the two nights when the clocks change."""

from __future__ import annotations

import datetime as dt

import pytest

from retention.airflow.asof import as_of_date


def utc(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=dt.UTC)


NOON = utc("2026-06-15T12:00")


@pytest.mark.parametrize(
    ("interval_end", "expected"),
    [
        pytest.param("2026-11-08T02:30", "2026-11-08", id="03:30 in winter"),
        pytest.param("2026-07-08T01:30", "2026-07-08", id="03:30 in summer"),
        pytest.param("2026-01-31T22:59:59", "2026-01-31", id="last second of a winter day"),
        pytest.param("2026-01-31T23:00", "2026-02-01", id="first second of a winter day"),
        pytest.param("2026-07-31T21:59:59", "2026-07-31", id="last second of a summer day"),
        pytest.param("2026-07-31T22:00", "2026-08-01", id="first second of a summer day"),
        pytest.param("2026-03-28T23:00", "2026-03-29", id="clocks go forward: the day begins in winter time"),
        pytest.param("2026-03-29T01:30", "2026-03-29", id="clocks go forward: 03:30 is two and a half hours into the day"),
        pytest.param("2026-03-29T22:00", "2026-03-30", id="clocks go forward: the day ends in summer time"),
        pytest.param("2026-10-24T22:00", "2026-10-25", id="clocks go back: the day begins in summer time"),
        pytest.param("2026-10-25T00:30", "2026-10-25", id="clocks go back: 02:30 for the first time"),
        pytest.param("2026-10-25T01:30", "2026-10-25", id="clocks go back: 02:30 for the second time"),
        pytest.param("2026-10-25T22:59:59", "2026-10-25", id="clocks go back: the day has 25 hours"),
        pytest.param("2024-02-28T23:00", "2024-02-29", id="leap day"),
        pytest.param("2026-12-31T23:00", "2027-01-01", id="new year comes earlier in Paris than in UTC"),
    ],
)
def test_the_interval_s_end_is_dated_in_paris(interval_end: str, expected: str) -> None:
    assert as_of_date(None, utc(interval_end), NOON) == dt.date.fromisoformat(expected)


def test_a_chosen_date_outweighs_everything() -> None:
    assert as_of_date("2024-02-29", utc("2026-11-08T02:30"), NOON) == dt.date(2024, 2, 29)


@pytest.mark.parametrize("chosen", [None, ""])
def test_without_an_interval_the_run_is_dated_by_when_it_may_start(chosen: str | None) -> None:
    """Runs that an asset or a person started through the API have no interval."""
    assert as_of_date(chosen, None, utc("2026-10-24T22:30")) == dt.date(2026, 10, 25)


def test_other_zones_are_understood() -> None:
    tokyo = dt.timezone(dt.timedelta(hours=9))
    assert as_of_date(None, dt.datetime(2026, 7, 1, 6, 59, tzinfo=tokyo), NOON) == dt.date(2026, 6, 30)


@pytest.mark.parametrize("chosen", ["2026-02-30", "yesterday", "08/11/2026"])
def test_what_is_no_date_is_refused(chosen: str) -> None:
    with pytest.raises(ValueError):
        as_of_date(chosen, None, NOON)


def test_a_naive_moment_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        as_of_date(None, None, NOON.replace(tzinfo=None))
