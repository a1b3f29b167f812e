"""The report of a month as a DAG: written on the first of the next, when the last night of the month is over."""

from __future__ import annotations

import datetime as dt
from copy import deepcopy
from typing import Literal

from airflow.sdk import DAG, CronTriggerTimetable, Param, get_current_context, task

from retention.airflow.asof import as_of_date
from retention.airflow.connections import connected
from retention.airflow.links import ReportLink, linked
from retention.airflow.night import EVERY_TASK
from retention.airflow.notices import OtherFailed

LANGUAGES: tuple[Literal["fr", "en"], ...] = ("fr", "en")
CRON = "0 7 1 * *"  # after the nights of the first, which belong to the new month

PARAMS = {
    "month": Param(
        None,
        type=["null", "string"],
        pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])$",
        title="Month",
        description="The month (YYYY-MM) to report on; empty: the one before the day of the run.",
    ),
}

DOC = """\
Writes the report of the month that is over, in French and in English, to `output/reports/`: whether it was in order, the worst
delay, what was disposed of, nights that failed or are missing, holds placed and released, decisions that fall due for review.

It reads the evidence only, never a store. To have another month, trigger with *month*, or run `retention report --month`.
"""


def monthly_dag() -> DAG:
    """The DAG of the monthly report."""
    with DAG(
        dag_id="monthly_report",
        description="The retention report of the month that is over",
        doc_md=DOC,
        schedule=CronTriggerTimetable(CRON, timezone="Europe/Paris", run_immediately=dt.timedelta()),
        catchup=False,
        max_active_runs=1,
        params=deepcopy(PARAMS),
        tags={"gdpr", "report"},
        default_args=EVERY_TASK,
        on_failure_callback=OtherFailed(),
    ) as dag:
        for language in LANGUAGES:
            linked(task(task_id=f"report_{language}")(write)(language), ReportLink())
    return dag


def month_before(chosen: str | None, day: dt.date) -> dt.date:
    """The first day of the month that a person chose, else of the one before that of `day`."""
    if chosen:
        return dt.date.fromisoformat(f"{chosen}-01")
    return (day.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def write(language: Literal["fr", "en"]) -> str:
    """Writes the report in one language and returns the workbook's name."""
    from retention.outputs import delivered
    from retention.report import write_monthly
    from retention.workspace import Workspace

    context = get_current_context()
    day = as_of_date(None, context.get("data_interval_end"), context["dag_run"].run_after)
    first = month_before(context["params"].get("month"), day)
    with delivered(connected(Workspace.from_env())) as workspace:
        return write_monthly(workspace, workspace.bundle(), workspace.evidence(readonly=True), first, language).name
