"""Runs the DAGs for the demonstration, in a process of their own: importing Airflow takes seconds, and this package never does.

The process is `retention.airflow.once`; it has an Airflow home of its own beside the demonstration's data.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retention.errors import RetentionError

if TYPE_CHECKING:
    from retention.workspace import Workspace

REPOSITORY = Path(__file__).resolve().parents[3]
Event = Mapping[str, Any]


@dataclass
class Ran:
    """One DAG's run as it was watched."""

    dag: str
    state: str = "not run"
    seconds: float = 0.0
    tasks: dict[str, str] = field(default_factory=dict)  # task -> success | failure


def environment(workspace: Workspace) -> dict[str, str]:
    """What Airflow and the tasks need: the demonstration's own stores and evidence, whatever else this shell points at."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("RETENTION_STORE_", "AIRFLOW__"))}
    ours.pop("RETENTION_EVIDENCE", None)
    for line in (REPOSITORY / "include" / "airflow.env").read_text(encoding="utf-8").splitlines():
        name, is_set, value = line.partition("=")
        if is_set and not name.startswith("#"):
            ours[name] = value
    return ours | {
        "AIRFLOW_HOME": str(workspace.home / "airflow"),
        "AIRFLOW__CORE__DAGS_FOLDER": str(REPOSITORY / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(REPOSITORY / "plugins"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{workspace.home / 'airflow' / 'airflow.db'}",
        "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "plugins"), str(REPOSITORY)]),
        "RETENTION_HOME": str(workspace.home),
        "RETENTION_OUTPUT": str(workspace.output),
        "RETENTION_DECISIONS": workspace.decision_set,
    }


def migrate(workspace: Workspace) -> None:
    """Makes Airflow's own database where there is none yet. Raises RetentionError where Airflow cannot."""
    marker = workspace.home / "airflow" / ".migrated"
    if marker.exists():
        return
    marker.parent.mkdir(parents=True, exist_ok=True)
    code = _logged(workspace, [sys.executable, "-m", "airflow", "db", "migrate"])
    if code:
        raise RetentionError("Airflow could not set up its database", file=log_file(workspace), mend="the log says why")
    marker.touch()


def run_dags(workspace: Workspace, dags: Sequence[str], as_of: dt.date, watch: Callable[[Event], None]) -> list[Ran]:
    """Runs DAGs in order and tells `watch` every event. Raises RetentionError where the process dies before its end."""
    reading, writing = os.pipe()
    ran = {dag: Ran(dag) for dag in dags}
    with log_file(workspace).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "retention.airflow.once", as_of.isoformat(), *dags],
            env=environment(workspace) | {"RETENTION_EVENTS": str(writing)},
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            pass_fds=[writing],
            cwd=REPOSITORY,
        )
    os.close(writing)
    try:
        with os.fdopen(reading, encoding="utf-8") as events:
            begun = time.monotonic()
            for line in events:
                event = json.loads(line)
                begun = _note(ran[event["dag"]], event, begun)
                watch(event)
        process.wait()
    finally:
        if process.poll() is None:  # interrupted: never leave a night running behind
            process.terminate()
            process.wait()
    if any(run.state == "not run" for run in ran.values()):
        raise RetentionError("Airflow stopped before the last DAG", file=log_file(workspace), mend="the log says why")
    return list(ran.values())


def _note(run: Ran, event: Event, begun: float) -> float:
    if event["event"] == "begun":
        return time.monotonic()
    if event["event"] == "done":
        run.state, run.seconds = event["state"], time.monotonic() - begun
    elif event["event"] in ("success", "failure"):
        run.tasks[event["task"]] = event["event"]
    return begun


def log_file(workspace: Workspace) -> Path:
    """Everything Airflow itself has to say."""
    return workspace.home / "airflow" / "demo.log"


def _logged(workspace: Workspace, command: list[str]) -> int:
    with log_file(workspace).open("ab") as log:
        return subprocess.run(
            command, env=environment(workspace), stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=REPOSITORY, check=False
        ).returncode
