"""`report`: the workbook on the last runs."""

from __future__ import annotations

import typer
from rich.text import Text

from retention.cli.frame import Frame, Lang, command, language_of
from retention.errors import NotFound


def register(app: typer.Typer) -> None:
    command(app, "report")(report_book)


def report_book(frame: Frame, lang: Lang = "fr") -> None:
    """Write the retention report on the last run of every store."""
    from retention.report import write_report

    language, evidence = language_of(lang), frame.evidence
    latest = [evidence.latest_run(name, finished=False) for name in frame.bundle.stores] if evidence is not None else []
    runs = [run.run_id for run in latest if run is not None]
    if evidence is None or not runs:
        raise NotFound(
            "there is no run to report on", mend="run a night first: `retention run`, or rehearse one: `retention plan`"
        )
    path = write_report(frame.workspace, frame.bundle, evidence, runs, language)
    frame.answer({"workbook": path, "runs": runs})
    frame.show(Text(str(path)))
