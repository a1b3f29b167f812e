"""`demo`: sample stores, the real DAGs, and what came of it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from retention.cli.airflow_demo import Event, Ran, log_file, migrate, run_dags
from retention.cli.frame import Frame, command, date_of, stores_of
from retention.cli.registers import document_of, headline
from retention.cli.tables import became, by_reason, number, status_word, styled, table
from retention.errors import RetentionError

if TYPE_CHECKING:
    from retention.declare.bundle import Bundle
    from retention.evidence.database import Evidence
    from retention.evidence.figures import NightFigures
    from retention.evidence.records import ScanLine
    from retention.sample.compare import Compared
    from retention.sample.stage import Stage
    from retention.workspace import Workspace
    from ropa.register.publication import Publication

STEPS_A_NIGHT = 8
STEPS_OF_THE_REGISTER = 4
REGISTER = "article30_register"
_PAST = {"delete": "deleted", "anonymise": "anonymised", "minimise": "minimised", "archive": "archived"}


def register(app: typer.Typer) -> None:
    command(app, "demo")(demo)


@dataclass
class Timings:
    """How long each part took."""

    parts: list[tuple[str, float]] = field(default_factory=list)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        yield
        self.parts.append((name, time.monotonic() - begun))


@dataclass(frozen=True)
class Show:
    """Everything the demonstration found out."""

    workspace: Workspace
    bundle: Bundle
    stage: Stage
    ran: list[Ran]
    figures: dict[str, NightFigures]
    compared: tuple[Compared, ...]
    published: Publication | None
    files: list[Path]
    timings: Timings
    elsewhere: dict[str, str]  # what to set in order to look at it again


def demo(
    frame: Frame,
    rows: Annotated[
        int, typer.Option("--rows", min=0, help="Rows of the usage store; the other stores grow with it.")
    ] = 20_000,
    seed: Annotated[int, typer.Option("--seed", help="The same seed makes the same data.")] = 7,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="Where to play. Default: RETENTION_HOME and RETENTION_OUTPUT.")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Throw the last sample away and make a new one as of today.")] = False,
) -> None:
    """Make four sample stores, run their DAGs in Airflow, and show what was found, kept, disposed of and why.

    Run again, it keeps the data and finds nothing left to dispose of.
    """
    from retention.sample.compare import compare
    from retention.sample.stage import prepare

    workspace, timings = _workspace(frame, folder), Timings()
    with timings.part("declarations"):
        bundle = workspace.bundle()
    with timings.part("sample stores"):
        stage = prepare(workspace, bundle, as_of=date_of(None), seed=seed, usage_rows=rows, anew=fresh)
    _introduce(frame, workspace, stage)
    begun = time.time()
    dags = [*(f"retention_{store}" for store in stores_of(bundle, None)), REGISTER]
    ran = _run(frame, workspace, dags, stage, timings)
    evidence = workspace.evidence(readonly=True)
    with timings.part("comparison with the labels"):
        compared = compare(workspace, bundle, evidence, stage.labels, stage.as_of)
    files = sorted(path for path in _papers(workspace) if path.stat().st_mtime >= begun - 1)
    elsewhere = {"RETENTION_HOME": str(workspace.home), "RETENTION_OUTPUT": str(workspace.output)} if folder else {}
    figures = _figures(evidence, stores_of(bundle, None))
    show = Show(workspace, bundle, stage, ran, figures, compared, _published(evidence), files, timings, elsewhere)
    frame.answer(_document(show))
    _present(frame, show)
    frame.exit_code = _exit_code(frame, show)


def _papers(workspace: Workspace) -> Iterator[Path]:
    """What lies in the output folder for people to read: workbooks, and the register's other editions."""
    yield from workspace.output.rglob("*.xlsx")
    yield from (path for path in (workspace.output / "register").glob("*.*") if path.suffix not in (".xlsx", ".tmp"))


def _published(evidence: Evidence) -> Publication | None:
    """The register's latest version."""
    from ropa.register.versions import publications

    latest = publications(evidence, last=1)
    return latest[0] if latest else None


def _workspace(frame: Frame, folder: Path | None) -> Workspace:
    """Embedded stores and evidence of its own, whatever the environment points at; the example decisions unless told others."""
    from retention.workspace import Workspace

    if folder is not None:
        return Workspace.at(folder.resolve(), decision_set=frame.decisions or "example")
    here = frame.workspace
    evidence = f"sqlite:///{here.home / 'evidence.db'}"
    return replace(here, decision_set=frame.decisions or "example", store_urls={}, evidence_url=evidence)


def _introduce(frame: Frame, workspace: Workspace, stage: Stage) -> None:
    from retention.sample.stage import in_force

    holds, requests = in_force(workspace.evidence())
    total = sum(sum(tables.values()) for tables in stage.rows.values())
    made = "Made" if stage.fresh else "Kept"
    frame.show(
        f"[bold]{made} four sample stores[/] in {workspace.home / 'stores'}: {number(total)} records as they stood on "
        f"{stage.as_of} (seed {stage.seed}), {len(stage.labels)} of them labelled edge cases; "
        f"{holds} holds and {requests} erasure requests in force.",
    )
    if not stage.fresh:
        frame.show("[dim]The night is run again on what is left: nothing more may go. --fresh starts over.[/]")


def _run(frame: Frame, workspace: Workspace, dags: list[str], stage: Stage, timings: Timings) -> list[Ran]:
    """The DAGs in Airflow, with a bar that counts their tasks."""
    total = STEPS_A_NIGHT * (len(dags) - 1) + STEPS_OF_THE_REGISTER
    with frame.progress() as bars:
        bar = bars.add_task("starting Airflow", total=total)

        def watch(event: Event) -> None:
            if event["event"] == "start":
                bars.update(bar, description=f"{event['dag']} · {event['task']}")
            elif event["event"] in ("success", "failure"):
                bars.advance(bar)

        with timings.part("Airflow's database"):
            migrate(workspace)
        begun = time.monotonic()
        ran = run_dags(workspace, dags, stage.as_of, watch)
    timings.parts.append(("starting Airflow", time.monotonic() - begun - sum(run.seconds for run in ran)))
    timings.parts += [(f"DAG {run.dag}", run.seconds) for run in ran]
    return ran


def _figures(evidence: Any, stores: list[str]) -> dict[str, NightFigures]:
    from retention.evidence.figures import figures_of

    latest = {store: evidence.latest_run(store, finished=False) for store in stores}
    return {store: figures_of(evidence, run) for store, run in latest.items() if run is not None}


def _exit_code(frame: Frame, show: Show) -> int:
    mismatched = any(not compared.matches for compared in show.compared)
    failed = [run.dag for run in show.ran if run.state != "success"]
    if failed and not frame.as_json:
        frame.err.print(Text(f"Error: failed in Airflow: {', '.join(failed)}", style="bold red"))
        frame.err.print(Text(f"Where: {log_file(show.workspace)}", style="red"))
    return RetentionError.exit_code if failed or mismatched else 0


# what it shows


def _present(frame: Frame, show: Show) -> None:
    frame.show(_overview(show))
    for store, figures in show.figures.items():
        frame.show(_store_table(show, store, figures))
        if figures.run.note:
            frame.show(Text(figures.run.note, style="red"))
    frame.show(*_cases(show.compared), _timing_table(show.timings))
    if show.published is not None:
        frame.show(headline(show.published, "Register, version"))
    frame.show(Text("Files", style="bold"))
    for path in show.files:
        frame.show(Text(f"  {path}"))
    frame.show(Text("\nNext", style="bold"), *_next(show))


def _overview(show: Show) -> Any:
    columns = ("found", "deleted", "anonymised", "minimised", "archived", "kept", "held", "quarantined", "still due")
    made = table(f"The night of {show.stage.as_of}", "store", "status", *columns, right=columns)
    for store, figures in show.figures.items():
        tally = figures.tally()
        done = (figures.disposed(action) for action in ("delete", "anonymise", "minimise", "archive"))
        counts = (tally.scanned, *done, tally.kept + tally.spared, tally.held, tally.quarantined, tally.outstanding)
        made.add_row(store, status_word(figures.run.status), *map(number, counts))
    return made


def _store_table(show: Show, store: str, figures: NightFigures) -> Any:
    """Per rule: how many records, what became of them, and why."""
    from retention.report import reasons

    title = f"{show.bundle.store(store).declared.title.en}: {number(figures.tally().scanned)} records"
    made = table(title, "rule", "records", "became", "why", right=("records",))
    last = None
    for (rule, outcome, words), rows in sorted(_by_rule(show, figures).items(), key=lambda item: (item[0][0] or "~", -item[1])):
        if last is not None and rule != last:
            made.add_section()
        heading = reasons.rule_title(show.bundle.rules, rule or None, "en") if rule else "before any rule"
        made.add_row(heading if rule != last else "", number(rows), styled(outcome), words)
        last = rule
    return made


def _by_rule(show: Show, figures: NightFigures) -> dict[tuple[str, str, str], int]:
    """Records by rule, by what became of them, and by why."""
    receipted = {(receipt.population, receipt.rule, receipt.action) for receipt in figures.receipts}

    def outcome(line: ScanLine) -> str:
        done = (line.population, line.rule or "", line.action or "") in receipted
        return _PAST[str(line.action)] if line.disposition == "due" and done else became(line)

    return by_reason(show.bundle, figures.before, outcome, by_rule=True)


def _cases(compared: tuple[Compared, ...]) -> Iterator[Any]:
    cases: dict[str, list[Compared]] = defaultdict(list)
    for one in compared:
        cases[one.label.case].append(one)
    right = [case for case, records in cases.items() if all(one.matches for one in records)]
    matched = sum(one.matches for one in compared)
    style = "bold green" if matched == len(compared) else "bold red"
    yield Text(
        f"Labelled edge cases: {len(right)} of {len(cases)} came out as expected ({matched} of {len(compared)} records).",
        style=style,
    )
    if matched < len(compared):
        made = table("What came out otherwise", "case", "record", "expected", "found", "why")
        for one in [one for one in compared if not one.matches][:40]:
            label = one.label
            made.add_row(
                label.case, f"{label.store} {label.population}:{label.record_key}", label.expected, one.found, one.reason
            )
        yield made


def _timing_table(timings: Timings) -> Any:
    made = table("Time", "part", "seconds", right=("seconds",))
    for name, seconds in timings.parts:
        made.add_row(name, f"{seconds:.1f}")
    made.add_section()
    made.add_row("all", f"{sum(seconds for _, seconds in timings.parts):.1f}")
    return made


def _next(show: Show) -> Iterator[str]:
    """Commands to try, with a record of each kind."""
    where = {"RETENTION_DECISIONS": show.workspace.decision_set} | show.elsewhere
    yield "  export " + " ".join(f"{name}={value}" for name, value in where.items())
    yield "  retention status"
    yield "  retention register versions"
    for wanted in ("deleted", "held", "quarantined"):
        one = next((one for one in show.compared if one.found == wanted), None)
        if one is not None:
            label = one.label
            record = f"{label.population}:{label.record_key}"
            yield f"  retention explain --store {label.store} --record {record}   [dim]# {wanted}[/]"


def _document(show: Show) -> dict[str, Any]:
    mismatches = [one for one in show.compared if not one.matches]
    return {
        "as_of": show.stage.as_of,
        "fresh": show.stage.fresh,
        "rows": show.stage.rows,
        "dags": [
            {"dag": run.dag, "state": run.state, "seconds": round(run.seconds, 3), "tasks": run.tasks} for run in show.ran
        ],
        "stores": {
            store: {
                "run": figures.run,
                "tally": figures.tally(),
                "lines": [
                    {"rule": rule or None, "became": outcome, "why": words, "records": rows}
                    for (rule, outcome, words), rows in sorted(_by_rule(show, figures).items())
                ],
            }
            for store, figures in show.figures.items()
        },
        "labels": {"records": len(show.compared), "matched": len(show.compared) - len(mismatches), "mismatches": mismatches},
        "register": document_of(show.published) if show.published is not None else None,
        "files": show.files,
        "seconds": {name: round(seconds, 3) for name, seconds in show.timings.parts},
    }
