"""`report`: the workbook on the last runs."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from retention import clock
from retention.cli.frame import Frame, Lang, command, language_of
from retention.errors import NotFound

if TYPE_CHECKING:
    from retention.evidence.database import Evidence
    from retention.evidence.records import Run

RUN_FIRST = "run a night first: `retention run`, or rehearse one: `retention plan`"


def register(app: typer.Typer) -> None:
    command(app, "report")(report_book)


def report_book(
    frame: Frame,
    lang: Lang = "fr",
    month: Annotated[
        str | None, typer.Option("--month", metavar="YYYY-MM", help="The report of a month instead of the last nights.")
    ] = None,
    detail: Annotated[
        bool,
        typer.Option("--detail", help="Also list every record held or in quarantine, by opaque reference, and every receipt."),
    ] = False,
) -> None:
    """Write the retention report on the last run of every store, or on a month."""
    language, evidence = language_of(lang), frame.evidence
    if month is not None:
        if detail:
            raise typer.BadParameter("goes with the report on the last nights, not with a month", param_hint="--detail")
        _month_book(frame, month_of(month), language)
        return
    latest = [_latest(evidence, name) for name in frame.bundle.stores] if evidence is not None else []
    runs = [run.run_id for run in latest if run is not None]
    if evidence is None or not runs:
        raise NotFound("there is no run to report on", mend=RUN_FIRST)
    from retention.report import write_detail, write_report

    made = [write_report(frame.workspace, frame.bundle, evidence, runs, language)]
    if detail:
        made.append(write_detail(frame.workspace, frame.bundle, evidence, runs, language))
    paths = [frame.address(path) for path in made]
    frame.answer({"workbook": paths[0], "detail": paths[1] if detail else None, "runs": runs})
    frame.show(*map(Text, paths))


def _latest(evidence: Evidence, store: str) -> Run | None:
    """The run of the latest date up to today; where there is none, a rehearsal of a day to come."""
    return evidence.latest_run(store, finished=False, as_of=clock.today()) or evidence.latest_run(store, finished=False)


def _month_book(frame: Frame, first: dt.date, language: Any) -> None:
    from retention.report import write_monthly

    if frame.evidence is None:
        raise NotFound("there is no run to report on", mend=RUN_FIRST)
    path = write_monthly(frame.workspace, frame.bundle, frame.evidence, first, language)
    frame.answer({"workbook": frame.address(path), "month": f"{first:%Y-%m}"})
    frame.show(Text(frame.address(path)))


def month_of(text: str) -> dt.date:
    """The first day of a month as typed."""
    if re.fullmatch(r"\d{4}-\d{2}", text, re.ASCII):
        with contextlib.suppress(ValueError):
            return dt.date.fromisoformat(f"{text}-01")
    raise typer.BadParameter("write a month that exists as YYYY-MM", param_hint="--month")
