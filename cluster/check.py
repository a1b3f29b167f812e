"""`make cluster-check`: the night of a large table on the parts of production, a worker killed with -9 in the middle of it.

python -m cluster.check                  about five minutes on two cores
python -m cluster.check --ratio          and how much faster two workers are than one
python -m cluster.check --rows 4000000   a larger table
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from cluster.client import Client
from cluster.machines import WORKERS, Machines, redis_server, start
from cluster.stage import Stage
from tests import servers

DAG, TASK = "retention_usage", "dispose"
ROWS = 1_000_000  # half of them due
RUN_SECONDS = 300.0
say = Console(highlight=False)


@dataclass
class Outcome:
    """What was asserted, and whether it held."""

    lines: list[tuple[str, str, bool]] = field(default_factory=list)

    def hold(self, what: str, found: object, good: bool) -> None:
        self.lines.append((what, str(found), good))

    @property
    def good(self) -> bool:
        return all(good for _, _, good in self.lines)


def main(arguments: list[str] | None = None) -> int:
    """Returns 1 where something did not hold."""
    parser = argparse.ArgumentParser(prog="python -m cluster.check", description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--rows", type=int, default=ROWS, help="of the table; half of them are due")
    parser.add_argument("--ratio", action="store_true", help="also measure two workers against one")
    chosen = parser.parse_args(arguments)
    servers.begin_run()
    try:
        outcome = _checked(servers.run_folder(), chosen.rows, ratio=chosen.ratio)
    finally:
        servers.end_run()
    _show(outcome)
    return 0 if outcome.good else 1


def _checked(folder: Path, rows: int, *, ratio: bool) -> Outcome:
    outcome = Outcome()
    server = servers.server_url("postgresql").render_as_string(hide_password=False)
    evidence = servers.create_database("postgresql").render_as_string(hide_password=False)
    metadata = servers.create_database("postgresql").render_as_string(hide_password=False)
    with _step(f"a table of {rows:,} rows, half of them due"):
        stage = Stage(server, evidence, folder / "stage", rows)
    with redis_server(folder) as broker:
        with _step("Airflow: api-server, scheduler, dag-processor, triggerer"):
            machines = start(folder, metadata, broker, stage.environment)
        with _step("two Celery workers"):
            for name in WORKERS:
                machines.start_worker(name)
            machines.wait_for_workers(*WORKERS)
        _killed(machines, stage, outcome)
        if ratio:
            _ratio(machines, stage, outcome)
    return outcome


def _killed(machines: Machines, stage: Stage, outcome: Outcome) -> None:
    """The night with a worker killed in the middle of it."""
    stage.set(workers=2)
    stage.hold_some()
    before, expected = stage.found(), stage.expected()
    engineer = machines.client("engineer")
    begun = time.monotonic()
    run = engineer.trigger(DAG)
    with _step("until both workers are at their shares"):
        at = _both_at_work(machines, stage, engineer, run)
    gone = stage.receipts()
    victim = sorted(at)[-1]
    machines.workers[victim].kill()
    say.print(f"  [bold red]{victim} killed[/] with -9 after {gone['rows']:,} rows in {gone['receipts']} batches")
    with _step("until the night is over"):
        state = engineer.wait_for(DAG, run, seconds=RUN_SECONDS)
    seconds = time.monotonic() - begun
    tries = [task["try_number"] for task in engineer.tasks(DAG, run) if task["task_id"] == TASK]
    found, after = stage.found(), stage.receipts()
    due = before.rows - expected.rows
    outcome.hold(
        "shares of the purge at the kill", ", ".join(f"{worker}: {share}" for worker, share in sorted(at.items())), len(at) == 2
    )
    outcome.hold("rows disposed of before the kill", f"{gone['rows']:,} of {due:,}", 0 < gone["rows"] < due)
    outcome.hold("tries of the shares", sorted(tries), max(tries) > 1)
    outcome.hold("the run", f"{state} after {seconds:.0f} s", state == "success")
    outcome.hold("what is left is what had to stay", f"{found.rows:,} rows, {found.digest[:12]}", found == expected)
    outcome.hold("receipts in the store = rows gone", f"{after['rows']:,} = {before.rows - found.rows:,}", after["rows"] == due)
    outcome.hold("receipts sealed in the ledger", f"{stage.sealed():,}", stage.sealed() == due)
    wrong = stage.wrong()
    outcome.hold("ledger, receipts and key sets", "; ".join(wrong) or "in order", not wrong)


def _both_at_work(machines: Machines, stage: Stage, client: Client, run: str) -> dict[str, str]:
    """Worker to share, once both have begun units of the work. Raises TimeoutError."""
    end = time.monotonic() + RUN_SECONDS
    while time.monotonic() < end:
        _approve(machines, run)
        tasks = [task for task in client.tasks(DAG, run) if task["task_id"] == TASK and task["state"] == "running"]
        at = {worker: str(task["map_index"]) for task in tasks if (worker := machines.worker_of(task["pid"]))}
        if len(at) == 2 and stage.receipts()["begun"] >= 2:
            return at
        if client.run(DAG, run)["state"] in ("success", "failed"):
            raise TimeoutError(f"the night was over before both workers were at it: {client.states(DAG, run)}")
        time.sleep(0.2)
    raise TimeoutError(f"not at work after {RUN_SECONDS:.0f} s: {client.states(DAG, run)}")


def _approve(machines: Machines, run: str) -> None:
    """What a person would do where the night asks for one: it is the first on this store."""
    compliance = machines.client("compliance")
    waiting = compliance.get(f"dags/{DAG}/dagRuns/{run}/hitlDetails", params={"response_received": False}).json()
    for detail in waiting.get("hitl_details", []):
        task = detail["task_instance"]
        path = f"dags/{DAG}/dagRuns/{run}/taskInstances/{task['task_id']}/{task['map_index']}/hitlDetails"
        compliance.patch(path, json={"chosen_options": ["Approve"], "params_input": {}}).raise_for_status()


def _ratio(machines: Machines, stage: Stage, outcome: Outcome) -> None:
    """The same purge by both workers and by one: from the first share's start to the last one's end."""
    seconds = {}
    with _step("both workers again"):
        for name in [name for name in WORKERS if machines.workers[name].ended]:
            machines.start_worker(name)
            machines.wait_for_workers(name)
    for count in (2, 1):
        with _step(f"the same night with {count} {'worker' if count == 1 else 'workers'}"):
            if count == 1:
                machines.workers[WORKERS[1]].kill()
            seconds[count] = _purge_seconds(machines, stage)
    ratio = seconds[1] / seconds[2]
    outcome.hold("two workers against one", f"{ratio:.2f} × ({seconds[1]:.1f} s against {seconds[2]:.1f} s)", ratio >= 1.5)


def _purge_seconds(machines: Machines, stage: Stage) -> float:
    stage.set(workers=2)
    client = machines.client("engineer")
    run = client.trigger(DAG)
    end = time.monotonic() + RUN_SECONDS
    while client.run(DAG, run)["state"] not in ("success", "failed"):
        _approve(machines, run)
        if time.monotonic() > end:
            raise TimeoutError(f"not over: {client.states(DAG, run)}")
        time.sleep(1)
    shares: list[dict[str, Any]] = [task for task in client.tasks(DAG, run) if task["task_id"] == TASK]
    began = min(dt.datetime.fromisoformat(share["start_date"]) for share in shares)
    ended = max(dt.datetime.fromisoformat(share["end_date"]) for share in shares)
    return (ended - began).total_seconds()


class _step:
    """Says what is being waited for, and how long it took."""

    def __init__(self, what: str) -> None:
        self.what = what

    def __enter__(self) -> None:
        self.begun = time.monotonic()

    def __exit__(self, kind: object, *_: object) -> None:
        mark = "[red]✗[/]" if kind else "[green]✓[/]"
        say.print(f"{mark} {self.what} [dim]{time.monotonic() - self.begun:.1f} s[/]")


def _show(outcome: Outcome) -> None:
    table = Table(title="The night, with a worker killed in the middle of it", title_style="bold")
    for column in ("what", "found", ""):
        table.add_column(column)
    for what, found, good in outcome.lines:
        table.add_row(what, found, "[green]holds[/]" if good else "[bold red]does not hold[/]")
    say.print(table)


if __name__ == "__main__":
    sys.exit(main())
