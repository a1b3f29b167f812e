"""`approvals`, `approve`, `reject`, `resume`: plans that a person has to approve before anything is disposed of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from retention.cli.frame import Frame, command, login
from retention.cli.nights import document_of, resumed, summary, tell_waiting
from retention.cli.tables import moment, number, table
from retention.errors import NotFound

if TYPE_CHECKING:
    from retention.evidence.database import Evidence
    from retention.evidence.records import Asked

RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run, as `retention approvals` names it.")]
By = Annotated[str, typer.Option("--by", metavar="LOGIN", help="Who answers. It is kept in the ledger, as given.")]
Note = Annotated[
    str, typer.Option("--note", metavar="TEXT", help="On what ground. No personal data: it stays in the evidence.")
]
PlanHash = Annotated[
    str | None,
    typer.Option("--plan", metavar="HASH", help="The plan that was looked at. Refused where the run has another by now."),
]


def register(app: typer.Typer) -> None:
    command(app, "approvals")(approvals)
    command(app, "approve")(approve)
    command(app, "reject")(reject)
    command(app, "resume")(resume)


def approvals(frame: Frame) -> None:
    """List what waits for a person: which run, why, how many records, how old, and the plan's hash.

    Where the declaration has changed: what that changes, and in which workbooks it is told.
    """
    from retention.evidence.approvals import waiting
    from retention.report.approval import changes, why

    found = waiting(frame.evidence) if frame.evidence is not None else ()
    frame.answer([_document(asked) for asked in found])
    if not found:
        frame.show("Nothing waits for a person.")
        return
    made = table(
        "What waits for a person", "run", "records", "oldest", "newest", "answer by", "why", "plan", right=("records",)
    )
    for asked in found:
        made.add_row(
            asked.run.run_id,
            number(asked.rows),
            str(asked.oldest or "–"),
            str(asked.newest or "–"),
            _until(asked),
            "\n".join(why(reason, "en") for reason in asked.reasons),
            asked.plan_hash[:16],
        )
    frame.show(made)
    for asked in found:
        if asked.comparison is not None:
            said = changes(asked.comparison, "en", book=lambda name: frame.address(frame.workspace.output / name))
            frame.show(Text(f"{asked.run.run_id}: what the declaration changes. {said}"))
    for asked in found:
        done = asked.answered("approved")
        verb = (
            f"retention resume {asked.run.run_id}" if done else f"retention approve {asked.run.run_id} --by LOGIN --note TEXT"
        )
        frame.show(Text(f"To go on: {verb}", style="dim"))


def approve(frame: Frame, run: RunId, by: By, note: Note, plan: PlanHash = None) -> None:
    """Approve the plan of a run that waits. `resume` then disposes of what it names, if nothing has changed since."""
    from retention.night.approval import approve as give

    given, new = give(_kept(frame), frame.bundle, run, who=by, note=note, via=_via(), plan_hash=plan)
    frame.answer({"answer": given, "recorded": new})
    if not new:
        frame.show(Text(f"The plan was approved already, on {moment(given.at)}: nothing was added."))
    else:
        frame.show(Text(f"The plan {given.plan_hash[:16]}… of run {run} is approved.", style="green"))
    frame.show(Text(f"To go on: retention resume {run}", style="dim"))


def reject(frame: Frame, run: RunId, by: By, note: Note, plan: PlanHash = None) -> None:
    """Refuse the plan of a run that waits. The run has then failed, and nothing of it is disposed of."""
    from retention.night.approval import refuse

    given, _ = refuse(_kept(frame), run, who=by, note=note, via=_via(), plan_hash=plan)
    frame.answer({"answer": given, "recorded": True})
    frame.show(Text(f"The plan {given.plan_hash[:16]}… of run {run} is refused: nothing of it is disposed of.", style="yellow"))


def resume(frame: Frame, run: RunId) -> None:
    """Go on with a run from where it waited, or from where it failed while disposing: what is done is not done again."""
    known = _kept(frame).run(run)
    if known is None:
        raise NotFound(f"no run is called {run!r}", mend="`retention approvals` lists what waits")
    attempt = resumed(frame, known)
    frame.show(summary([attempt], known.as_of))
    tell_waiting(frame, [attempt])
    frame.answer(document_of(attempt))
    frame.exit_code = attempt.exit_code


def _kept(frame: Frame) -> Evidence:
    if frame.evidence is None:
        raise NotFound("there is no evidence yet, so nothing waits", mend="run a night first: `retention run`")
    return frame.workspace.evidence()


def _via() -> str:
    """The way an answer came, with the account it came from: a name given by --by is only a name."""
    return f"cli, account {login()}"


def _until(asked: Asked) -> Any:
    from retention import clock

    if asked.answered("approved"):
        return Text("approved", style="green")
    late = clock.now() > asked.answer_by
    return Text(f"{moment(asked.answer_by)}{': too late' if late else ''}", style="red" if late else "")


def _document(asked: Asked) -> dict[str, Any]:
    return {
        "run_id": asked.run.run_id,
        "store": asked.run.store,
        "as_of": asked.run.as_of,
        "plan_hash": asked.plan_hash,
        "reasons": asked.reasons,
        "records": asked.rows,
        "candidates": asked.candidates,
        "oldest": asked.oldest,
        "newest": asked.newest,
        "requested_by": asked.requested_by,
        "two_persons": asked.two_persons,
        "answer_by": asked.answer_by,
        "answers": asked.answers,
        "comparison": asked.comparison,
    }
