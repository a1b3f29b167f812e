"""Last days and cutoffs, held against dateutil's calendar."""

from __future__ import annotations

import calendar
import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import example, given, settings
from hypothesis import strategies as st

from retention import dates

UTC = ZoneInfo("UTC")
PARIS = ZoneInfo("Europe/Paris")
NEW_YORK = ZoneInfo("America/New_York")
ZONES = (UTC, PARIS, NEW_YORK)
ONE_DAY = dt.timedelta(days=1)
AROUND = [hours * 3600 + second for hours in (-1, 0, 1) for second in (-1, 0, 1)]

days = st.dates(dt.date(1990, 1, 1), dt.date(2100, 12, 31))
month_ends = days.map(lambda d: d.replace(day=calendar.monthrange(d.year, d.month)[1]))
awkward_days = st.one_of(
    days,
    month_ends,
    month_ends.map(lambda d: d + ONE_DAY),
    month_ends.map(lambda d: d - ONE_DAY),
    st.integers(1992 // 4, 2096 // 4).map(lambda quarter: dt.date(quarter * 4, 2, 29)),  # 2100 is no leap year
)
months = st.integers(1, 240)
closes = st.dates(dt.date(2023, 1, 1), dt.date(2023, 12, 31)).map(lambda d: f"{d:%m-%d}")


def independently_due(anchor: dt.date, n: int, as_of: dt.date) -> bool:
    return anchor + relativedelta(months=n) < as_of


# the golden table


@pytest.mark.parametrize(
    ("anchor", "last"),
    [
        ("2023-01-31", "2025-02-28"),
        ("2024-01-31", "2026-02-28"),
        ("2022-01-31", "2024-02-29"),
        ("2024-02-29", "2026-03-29"),
        ("2023-12-31", "2026-01-31"),
        ("2024-03-31", "2026-04-30"),
    ],
)
def test_golden_dates_of_25_months(anchor: str, last: str) -> None:
    start, end = dt.date.fromisoformat(anchor), dt.date.fromisoformat(last)
    assert dates.last_day(start, 25) == end
    assert not dates.is_due(start, 25, end)
    assert dates.is_due(start, 25, end + ONE_DAY)


def test_an_instant_late_in_the_evening_utc_belongs_to_the_next_day_in_paris() -> None:
    anchor = dates.paris_date(dt.datetime(2024, 1, 31, 23, 30, tzinfo=dt.UTC))
    assert anchor == dt.date(2024, 2, 1)
    assert dates.last_day(anchor, 25) == dt.date(2026, 3, 1)
    assert dates.paris_date(dt.datetime(2024, 7, 31, 22, 30, tzinfo=dt.UTC)) == dt.date(2024, 8, 1)
    assert dates.paris_date(dt.datetime(2024, 7, 31, 21, 59, 59, tzinfo=dt.UTC)) == dt.date(2024, 7, 31)


def test_a_naive_instant_has_no_date() -> None:
    with pytest.raises(ValueError, match="naive"):
        dates.paris_date(dt.datetime(2024, 1, 31, 23, 30))  # noqa: DTZ001 - that is what is refused


def test_months_that_leave_the_calendar_are_refused() -> None:
    for day, shift in ((dt.date(1, 1, 31), -1), (dt.date(9999, 12, 1), 1)):
        with pytest.raises(OverflowError):
            dates.shift_months(day, shift)


# last day and cutoff


@given(awkward_days, months)
def test_the_last_day_is_one_addition(anchor: dt.date, n: int) -> None:
    assert dates.last_day(anchor, n) == anchor + relativedelta(months=n)


@given(awkward_days, months, st.integers(-3, 3))
@example(dt.date(2024, 2, 29), 12, 1)
@example(dt.date(2096, 2, 29), 48, 1)
def test_due_from_the_day_after_the_last_day(anchor: dt.date, n: int, offset: int) -> None:
    as_of = anchor + relativedelta(months=n) + dt.timedelta(days=offset)
    assert dates.is_due(anchor, n, as_of) == independently_due(anchor, n, as_of) == (offset > 0)


@given(awkward_days, awkward_days, months)
def test_due_on_any_day(anchor: dt.date, as_of: dt.date, n: int) -> None:
    assert dates.is_due(anchor, n, as_of) == independently_due(anchor, n, as_of)


@given(awkward_days, months, st.integers(-4, 4))
def test_the_cutoff_is_the_same_sentence_turned_round(as_of: dt.date, n: int, offset: int) -> None:
    anchor = as_of - relativedelta(months=n) + dt.timedelta(days=offset)
    assert (anchor <= dates.cutoff(as_of, n)) == independently_due(anchor, n, as_of)


@given(awkward_days, awkward_days, months)
def test_the_cutoff_holds_far_from_the_boundary_too(anchor: dt.date, as_of: dt.date, n: int) -> None:
    assert (anchor <= dates.cutoff(as_of, n)) == independently_due(anchor, n, as_of)


@pytest.mark.parametrize("n", [1, 2, 6, 12, 13, 24, 25, 36, 120])
def test_the_cutoff_on_every_day_of_five_years(n: int) -> None:
    as_of = dt.date(2024, 1, 1)
    while as_of.year < 2029:
        latest = dates.cutoff(as_of, n)
        assert independently_due(latest, n, as_of), as_of
        assert not independently_due(latest + ONE_DAY, n, as_of), as_of
        as_of += ONE_DAY


@given(awkward_days, months)
def test_the_cutoff_never_steps_back(as_of: dt.date, n: int) -> None:
    assert dates.cutoff(as_of, n) <= dates.cutoff(as_of + ONE_DAY, n)


# the first instant of a day


@pytest.mark.parametrize(
    ("day", "zone", "first"),
    [
        (dt.date(2024, 3, 31), UTC, "2024-03-30 23:00:00"),  # the clocks go forward later that night
        (dt.date(2024, 4, 1), UTC, "2024-03-31 22:00:00"),
        (dt.date(2024, 10, 27), UTC, "2024-10-26 22:00:00"),  # and back
        (dt.date(2024, 10, 28), UTC, "2024-10-27 23:00:00"),
        (dt.date(2024, 3, 31), PARIS, "2024-03-31 00:00:00"),
        (dt.date(2024, 10, 27), PARIS, "2024-10-27 00:00:00"),
        (dt.date(2024, 3, 20), NEW_YORK, "2024-03-19 19:00:00"),  # New York changed already, Paris has not
        (dt.date(2024, 4, 2), NEW_YORK, "2024-04-01 18:00:00"),
        (dt.date(2024, 10, 29), NEW_YORK, "2024-10-28 19:00:00"),
    ],
)
def test_the_first_instant_of_a_day(day: dt.date, zone: ZoneInfo, first: str) -> None:
    assert dates.start_of_day(day, zone) == dt.datetime.fromisoformat(first)
    assert dates.start_of_day(day, zone).tzinfo is None


@pytest.mark.parametrize("zone", ZONES, ids=str)
@given(day=days, seconds=st.one_of(st.sampled_from(AROUND), st.integers(-90_000, 90_000)))
@example(day=dt.date(2024, 3, 31), seconds=-1)
@example(day=dt.date(2024, 4, 1), seconds=-1)
@example(day=dt.date(2024, 10, 27), seconds=0)
@example(day=dt.date(2024, 10, 28), seconds=-3600)
def test_an_instant_belongs_to_a_day_from_its_first_instant_on(zone: ZoneInfo, day: dt.date, seconds: int) -> None:
    noon = dt.datetime.combine(day, dt.time(12), tzinfo=PARIS).astimezone(dt.UTC)
    instant = noon - dt.timedelta(hours=12) + dt.timedelta(seconds=seconds)  # around midnight; an hour off where clocks change
    naive = instant.astimezone(zone).replace(tzinfo=None)
    assert (instant.astimezone(PARIS).date() >= day) == (naive >= dates.start_of_day(day, zone))


# the close of the financial year


def close_of_the_year_of(document: dt.date, close: str) -> dt.date:
    """Day by day, until the close comes."""
    while f"{document:%m-%d}" != close:
        document += ONE_DAY
    return document


@given(days, closes)
@settings(max_examples=50)
@example(dt.date(2024, 2, 29), "02-28")
@example(dt.date(2024, 12, 31), "12-31")
@example(dt.date(2024, 1, 1), "12-31")
def test_a_document_belongs_to_the_year_that_closes_next(document: dt.date, close: str) -> None:
    assert dates.year_close(document, close) == close_of_the_year_of(document, close)


@given(awkward_days, st.integers(1, 130), closes, st.integers(-400, 400))
@example(dt.date(2025, 1, 1), 120, "12-31", 0)
@example(dt.date(2024, 3, 1), 12, "02-28", 0)
def test_the_cutoff_of_documents_steps_with_their_year(as_of: dt.date, n: int, close: str, offset: int) -> None:
    document = as_of - relativedelta(months=n) + dt.timedelta(days=offset)
    due = independently_due(dates.year_close(document, close), n, as_of)
    assert (document <= dates.cutoff_from_year_close(as_of, n, close)) == due


@pytest.mark.parametrize("close", ["12-31", "06-30", "02-28", "03-31", "01-01"])
def test_the_cutoff_of_documents_on_every_day_of_a_leap_year(close: str) -> None:
    as_of = dt.date(2024, 1, 1)
    while as_of.year == 2024:
        latest = dates.cutoff_from_year_close(as_of, 120, close)
        assert independently_due(close_of_the_year_of(latest, close), 120, as_of), as_of
        assert not independently_due(close_of_the_year_of(latest + ONE_DAY, close), 120, as_of), as_of
        as_of += ONE_DAY
