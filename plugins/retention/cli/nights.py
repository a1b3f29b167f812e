"""`plan` rehearses a night, `run` has one; what `resume` goes on with."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from retention.cli.frame import WAITING, AsOf, Frame, Stores, command, date_of, described, login, stores_of, tell
from retention.cli.tables import number, scan_table, status_word, staying_table, table
from retention.errors import RetentionError

if TYPE_CHECKING:
    from rich.progress import Progress

    from retention.evidence.records import ApprovalReason, Run
    from retention.night.context import Night
    from retention.night.context import Progress as Report

_REHEARSED = ("prepare", "scan", "plan", "record")


@dataclass
class Attempt:
    """One store's run and what became of it."""

    store: str
    run_id: str
    steps: dict[str, Any] = field(default_factory=dict)
    error: BaseException | None = None
    seconds: float = 0.0

    @property
    def exit_code(self) -> int:
        if self.waits:
            return WAITING
        return self.error.exit_code if isinstance(self.error, RetentionError) else int(self.error is not None)

    @property
    def waits(self) -> bool:
        """Whether it stopped for a person to approve its plan."""
        return self.error is None and self.steps.get("approve", {}).get("approval") == "waiting"

    @property
    def status(self) -> str:
        if self.waits:
            return "waiting"
        return "failed" if self.error is not None else str(self.steps.get("record", {}).get("status", "running"))


def register(app: typer.Typer) -> None:
    command(app, "plan")(plan)
    command(app, "run")(run)


def plan(
    frame: Frame,
    store: Stores = None,
    as_of: AsOf = None,
    strategy: Annotated[
        bool, typer.Option("--strategy", help="Also say how the due rows of each table would be found, and why.")
    ] = False,
) -> None:
    """Rehearse a night: what is due, what stays and why. Nothing is disposed of."""
    from retention.night.steps import STEPS

    day = date_of(as_of)

    def rehearse(night: Night) -> dict[str, Any]:
        return {name: STEPS[name](night) for name in _REHEARSED}

    attempts, documents = [], []
    for name in stores_of(frame.bundle, store):
        attempt, night = _attempt(frame, name, day, dry_run=True, work=rehearse)
        attempts.append(attempt)
        documents.append(_planned(frame, attempt, night, strategy=strategy))
    frame.answer({"as_of": day, "stores": documents})
    frame.exit_code = next((attempt.exit_code for attempt in attempts if attempt.error), 0)


By = Annotated[str | None, typer.Option("--by", metavar="LOGIN", help="Who asks for the night. Default: this account.")]


def run(
    frame: Frame,
    store: Stores = None,
    as_of: AsOf = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Count, validate and report, but dispose of nothing.")] = False,
    by: By = None,
) -> None:
    """Have the night of every store: the one that publishes facts first. A store that fails does not stop the others.

    A night that a person must approve stops before it disposes of anything: `approvals` lists it, `resume` goes on with it.
    """
    from retention.night.steps import run_night

    day = date_of(as_of)
    attempts = []
    for name in stores_of(frame.bundle, store):
        attempt, _ = _attempt(frame, name, day, dry_run=dry_run, work=run_night, by=by)
        attempts.append(attempt)
    frame.show(summary(attempts, day))
    tell_waiting(frame, attempts)
    frame.answer({"as_of": day, "runs": [document_of(attempt) for attempt in attempts]})
    ends = sorted((attempt for attempt in attempts if attempt.exit_code), key=lambda attempt: attempt.waits)
    frame.exit_code = next((attempt.exit_code for attempt in ends), 0)


def resumed(frame: Frame, known: Run) -> Attempt:
    """What became of a run that was resumed."""
    from retention.night.steps import resume_night

    attempt, _ = _attempt(frame, known.store, known.as_of, dry_run=known.dry_run, work=resume_night, run_id=known.run_id)
    return attempt


def tell_waiting(frame: Frame, attempts: list[Attempt]) -> None:
    """Says of each run that waits what to do next."""
    for attempt in attempts:
        if attempt.waits:
            frame.show(Text(f"{attempt.store} waits for a person: nothing was disposed of. See why: retention approvals"))
            frame.show(Text(f"  retention approve {attempt.run_id} --by LOGIN --note TEXT   (or: retention reject …)"))
            frame.show(Text(f"  retention resume {attempt.run_id}"))


def _attempt(
    frame: Frame, store: str, day: dt.date, *, dry_run: bool, work: Any, by: str | None = None, run_id: str | None = None
) -> tuple[Attempt, Night | None]:
    """Opens a run, does the work, and keeps an error for the end. An error that is no RetentionError shows its type only."""
    from retention import clock
    from retention.night.steps import fail, open_night

    attempt = Attempt(store, run_id or f"{store}:{day.isoformat()}:{clock.now():%Y%m%dT%H%M%S%f}")
    night, started = None, time.monotonic()
    with frame.progress() as bars, _reporting(bars, store) as report:
        try:
            how: dict[str, Any] = {"dry_run": dry_run, "progress": report, "requested_by": by or login()}
            night = open_night(frame.workspace, store, as_of=day, run_id=attempt.run_id, **how)
            attempt.steps = work(night)
        except Exception as error:
            attempt.error = error
            if night is not None and not _closed(frame, attempt.run_id):
                fail(night, error)
        finally:
            if night is not None:
                night.session.close()
    attempt.seconds = time.monotonic() - started
    if attempt.error is not None and not frame.as_json:
        frame.err.print(Text(f"Store {store}", style="bold red"))
        shown = attempt.error
        tell(frame.err, shown if isinstance(shown, RetentionError) else RetentionError(f"unexpected {type(shown).__name__}"))
    return attempt, night


def _closed(frame: Frame, run_id: str) -> bool:
    """Whether it is on record already how the run ended, or that it waits."""
    run = frame.workspace.evidence(readonly=True).run(run_id)
    return run is not None and run.status != "running"


@contextmanager
def _reporting(bars: Progress, store: str) -> Iterator[Report]:
    """Turns what a night reports into one bar."""
    from retention.night.progress import Speed

    bar, speed = bars.add_task(store, total=None), Speed()

    def report(what: str, done: int, total: int) -> None:
        speed.observe(what, done, total)
        bars.update(bar, description=" · ".join(filter(None, (what, speed.words()))), completed=done, total=total or None)

    yield report


def _planned(frame: Frame, attempt: Attempt, night: Night | None, *, strategy: bool) -> dict[str, Any]:
    from retention.report.approval import why

    document = document_of(attempt)
    if attempt.error is not None or night is None:
        return document
    lines = night.evidence.scan(night.run_id, "before")
    found = night.evidence.plan(night.run_id)
    cutoffs, strategies = (found[1]["cutoffs"], found[1]["strategies"]) if found else ({}, [])
    title = f"{night.store.declared.title.en} ({night.store.name}), as of {night.as_of}: a rehearsal, nothing is disposed of"
    counts = "   ".join(f"{words} {number(attempt.steps['scan'].get(key, 0))}" for key, words in _COUNTS)
    frame.show(scan_table(title, night.bundle, lines, cutoffs, night.as_of), staying_table(night.bundle, lines))
    if strategy:
        frame.show(_strategy_table(strategies))
    frame.show(f"{counts}\nplan {attempt.steps['plan']['plan']}\n")
    reasons = _reasons(found[1]) if found else []
    if reasons:
        frame.show("[yellow]A night would wait for a person's approval:[/]", *(Text(why(each, "en")) for each in reasons))
    told = {"cutoffs": cutoffs, "lines": lines, "strategies": strategies, "approval": reasons}
    return document | {"plan_hash": attempt.steps["plan"]["plan"], **told}


def _reasons(plan: dict[str, Any]) -> list[ApprovalReason]:
    """Why a night under such a plan would wait for a person."""
    from retention.evidence.records import ApprovalReason

    return [ApprovalReason(**each) for each in plan["approval"]["reasons"]]


def _strategy_table(strategies: list[dict[str, Any]]) -> Any:
    made = table("How due rows are found", "table", "strategy", "due", "records", "because", right=("due", "records"))
    for choice in strategies:
        made.add_row(choice["population"], choice["strategy"], number(choice["due"]), number(choice["rows"]), choice["why"])
    return made


_COUNTS = (("rows", "records"), ("due", "due"), ("held", "held"), ("quarantine", "quarantined"), ("keep", "kept"))


def document_of(attempt: Attempt) -> dict[str, Any]:
    return {
        "store": attempt.store,
        "run_id": attempt.run_id,
        "status": attempt.status,
        "seconds": round(attempt.seconds, 3),
        "steps": attempt.steps,
        "error": described(attempt.error) if attempt.error else None,
    }


def summary(attempts: list[Attempt], day: dt.date) -> Any:
    columns = ("records", "deleted", "anonymised", "minimised", "archived", "held", "quarantined", "spared", "seconds")
    made = table(f"Night of {day}", "store", "status", *columns, right=columns)
    for attempt in attempts:
        scan, done = attempt.steps.get("scan", {}), attempt.steps.get("dispose", {})
        resumed = "scan" not in attempt.steps and not attempt.error
        counts = (
            None if resumed else scan.get("rows", 0),
            done.get("delete", 0),
            done.get("anonymise", 0),
            done.get("minimise", 0),
            done.get("archive", 0),
            None if resumed else scan.get("held", 0),
            None if resumed else scan.get("quarantine", 0),
            done.get("spared", 0),
        )
        cells = ("–" if count is None else number(count) for count in counts)
        made.add_row(attempt.store, status_word(attempt.status), *cells, f"{attempt.seconds:.1f}")
    return made
