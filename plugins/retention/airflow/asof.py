"""The date a run speaks for, whatever started it."""

from __future__ import annotations

import datetime as dt

from airflow.sdk import Context

from retention.dates import paris_date


def as_of_date(chosen: str | None, data_interval_end: dt.datetime | None, run_after: dt.datetime) -> dt.date:
    """The date a person chose, else the Paris date on which the run's interval ends, else that of the moment it may start.

    The logical date is no help: it is the interval's start for a scheduled run and a moment of its own for a manual one.
    """
    if chosen:
        return dt.date.fromisoformat(chosen)
    return paris_date(data_interval_end or run_after)


def as_of_of(context: Context) -> dt.date:
    """The as-of date of a task's run. Every task of a run gets the same one, on every try."""
    return as_of_date(context["params"].get("as_of"), context.get("data_interval_end"), context["dag_run"].run_after)
