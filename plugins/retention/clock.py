"""The wall clock, in one place. It dates receipts and stops a future as-of; it never makes a record due."""

from __future__ import annotations

import datetime as dt

from retention.dates import PARIS


def now() -> dt.datetime:
    """The current UTC instant, naive, to the microsecond: how every timestamp of ours is stored."""
    return dt.datetime.now(dt.UTC).replace(tzinfo=None)


def today() -> dt.date:
    """The current date in Europe/Paris."""
    return dt.datetime.now(PARIS).date()
