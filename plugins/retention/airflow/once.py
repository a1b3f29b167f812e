"""Runs DAGs of the `dags/` folder once, one after the other, in this process and without a scheduler: for the demonstration.

    python -m retention.airflow.once 2026-11-23 retention_account retention_usage article30_register

Every task says when it starts and how it ends, one JSON object a line.

| variable | default | meaning |
|---|---|---|
| `RETENTION_EVENTS` | `1` | the file descriptor on which it says so; set by `retention demo` |
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import DAG


def main(arguments: Sequence[str]) -> int:
    """Runs the DAGs named, all of them as of one day. Returns 1 if one failed; those after it are run all the same."""
    as_of, *names = arguments
    say = _events()
    bag = DagBag()
    for path in bag.import_errors:
        print(f"{path} cannot be imported", file=sys.stderr)
    failed = 0
    for name in names:
        dag = bag.get_dag(name) if name in bag.dag_ids else None
        if dag is None:
            say({"dag": name, "event": "missing"})
            failed = 1
            continue
        _listen(dag, say)
        say({"dag": name, "event": "begun"})
        run = dag.test(run_conf={"as_of": as_of})
        say({"dag": name, "event": "done", "state": str(run.state)})
        failed = failed or int(str(run.state) != "success")
    return failed


def _listen(dag: DAG, say: Callable[[dict[str, Any]], None]) -> None:
    """Has every task of this run tell what becomes of it, and none wait for another try or be late."""
    dag.deadline = None  # Airflow cannot run a DAG that has one without a scheduler
    for task in dag.tasks:
        told = {"dag": dag.dag_id, "task": task.task_id}
        task.retries = 0
        task.on_execute_callback = [lambda _context, told=told: say({**told, "event": "start"})]
        task.on_success_callback = [lambda _context, told=told: say({**told, "event": "success"})]
        task.on_failure_callback = [lambda _context, told=told: say({**told, "event": "failure"})]


def _events() -> Callable[[dict[str, Any]], None]:
    descriptor = int(os.environ.get("RETENTION_EVENTS", "1"))

    def say(event: dict[str, Any]) -> None:
        os.write(descriptor, (json.dumps(event) + "\n").encode())

    return say


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
