"""The one calculator of last days and cutoffs.

A period ends with the last hour of its last day: anchor date (Europe/Paris) + N calendar months, added once and clipped to the
end of a shorter month (Regulation (EEC, Euratom) 1182/71 art. 3(2)(c), by analogy). A record is due when the as-of date lies
after it.

`cutoff` turns that sentence round: the latest anchor date that is due on an as-of date. It compares the bare anchor with one
value, which every SQL dialect understands alike and every index serves.
"""

from __future__ import annotations

import calendar
import datetime as dt
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
OPEN_END = dt.date(9999, 12, 31)  # the end of a contract that has none


def shift_months(day: dt.date, months: int) -> dt.date:
    """`day` moved by a signed number of months in one step, clipped to the target month's length.

    Raises OverflowError where the result lies outside the years 1-9999.
    """
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OverflowError(f"{months} months from {day} leave the calendar")
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def paris_date(instant: dt.datetime) -> dt.date:
    """The civil date of an aware instant in Europe/Paris. Raises ValueError for a naive one."""
    if instant.tzinfo is None:
        raise ValueError("a naive timestamp has no date: say which time zone it is in")
    return instant.astimezone(PARIS).date()


def last_day(anchor: dt.date, months: int) -> dt.date:
    """The last day on which a record anchored on that date may be kept for that period."""
    return shift_months(anchor, months)


def is_due(anchor: dt.date, months: int, as_of: dt.date) -> bool:
    """Whether a record is due on the as-of date."""
    return as_of > last_day(anchor, months)


def cutoff(as_of: dt.date, months: int) -> dt.date:
    """The latest anchor date that is due: `is_due(a, months, as_of)` if and only if `a <= cutoff(as_of, months)`."""
    eve = as_of - dt.timedelta(days=1)
    target = shift_months(eve, -months)
    if eve.day == calendar.monthrange(eve.year, eve.month)[1]:
        return target.replace(day=calendar.monthrange(target.year, target.month)[1])
    return target


def start_of_day(day: dt.date, zone: ZoneInfo | dt.timezone) -> dt.datetime:
    """The first instant of a Paris day, as a naive timestamp in the store's zone.

    An instant belongs to that day or a later one exactly when it is not before this.
    """
    midnight = dt.datetime.combine(day, dt.time(), tzinfo=PARIS)
    return midnight.astimezone(zone).replace(tzinfo=None)


def year_close(document: dt.date, close: str) -> dt.date:
    """The close (MM-DD) of the financial year in which a document's date falls."""
    closing = dt.date.fromisoformat(f"{document.year:04d}-{close}")
    return closing if document <= closing else closing.replace(year=document.year + 1)


def cutoff_from_year_close(as_of: dt.date, months: int, close: str) -> dt.date:
    """The latest document date that is due where the period runs from the close of its financial year.

    The close grows in steps with the document's date, so the cutoff of the close steps down to the latest close not after it.
    """
    latest = cutoff(as_of, months)
    closing = dt.date.fromisoformat(f"{latest.year:04d}-{close}")
    return closing if closing <= latest else closing.replace(year=latest.year - 1)
