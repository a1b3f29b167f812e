"""What a night tells other systems: OpenLineage through a file, StatsD through a socket; both are real."""

from __future__ import annotations

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from retention import clock
from retention.airflow import metrics as metrics_module
from retention.sample import generate
from retention.workspace import Workspace

ROOT = Path(__file__).resolve().parents[2]


Told = tuple[Workspace, list[str], list[dict[str, Any]]]


@pytest.fixture
def told(tmp_path: Path, airflow_environment: dict[str, str], airflow_database: None) -> Told:
    """One night of usage: its workspace, every metric it sent, every event of lineage."""
    workspace = Workspace.at(tmp_path, decision_set="example")
    generate(workspace.store_file, as_of=clock.today(), usage_rows=1_000)
    events = tmp_path / "events.jsonl"
    listener = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    listener.bind(("127.0.0.1", 0))
    environment = {
        **airflow_environment,
        "RETENTION_HOME": str(workspace.home),
        "RETENTION_OUTPUT": str(workspace.output),
        "RETENTION_DECISIONS": "example",
        "AIRFLOW__METRICS__STATSD_ON": "true",
        "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
        "AIRFLOW__METRICS__STATSD_PORT": str(listener.getsockname()[1]),
        "AIRFLOW__OPENLINEAGE__DISABLED": "false",
        "AIRFLOW__OPENLINEAGE__TRANSPORT": json.dumps({"type": "file", "log_file_path": str(events), "append": True}),
    }
    command = [sys.executable, "-m", "retention.airflow.once", clock.today().isoformat(), "retention_usage"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-1500:] + done.stderr[-1500:]
    listener.setblocking(False)
    metrics: list[str] = []
    while True:
        try:
            metrics += listener.recv(65536).decode().splitlines()
        except BlockingIOError:
            break
    listener.close()
    lines = events.read_text(encoding="utf-8").splitlines() if events.exists() else []
    return workspace, metrics, [json.loads(line) for line in lines]


def test_a_night_tells_what_it_did(told: Told) -> None:
    workspace, metrics, events = told
    (run,) = workspace.evidence(readonly=True).runs("usage")
    receipts = workspace.evidence(readonly=True).receipts([run.run_id])
    by_table: dict[str, int] = {}
    for receipt in receipts:
        by_table[receipt.population] = by_table.get(receipt.population, 0) + receipt.rows
    assert sum(by_table.values()) > 0

    sent = dict(
        found.groups() for line in metrics if (found := re.match(r"airflow\.retention\.usage\.(\w+):([0-9.]+)\|", line))
    )
    due = sum(line.rows for line in workspace.evidence(readonly=True).scan(run.run_id, "before") if line.disposition == "due")
    assert int(sent["disposed"]) == sum(by_table.values())
    assert int(sent["due"]) == due
    assert int(sent["overdue"]) == int(sent["overdue_days"]) == 0
    assert {"held", "batch"} <= set(sent)

    complete = [event for event in events if event["eventType"] == "COMPLETE" and event["job"]["name"].endswith(".record")]
    (event,) = complete
    rows = {
        output["name"].rsplit(".", 1)[1]: output["outputFacets"]["outputStatistics"]["rowCount"] for output in event["outputs"]
    }
    assert rows == {name: count for name, count in by_table.items() if count}
    assert not any(re.search(r"password|@[a-z]+\.", json.dumps(output)) for output in event["outputs"])


def test_a_dataset_bears_no_password() -> None:
    from sqlalchemy import make_url

    from retention.airflow.lineage import _name, _namespace

    url = make_url("postgresql+psycopg://robot:secret@db.example/usage")
    assert (_namespace(url), _name(url, "visits")) == ("postgres://db.example:5432", "usage.public.visits")
    assert os.environ.get("AIRFLOW__OPENLINEAGE__TRANSPORT") is None


def test_the_dashboard_shows_what_is_sent() -> None:
    """Every metric that the module lists is in a panel, and no panel asks for another."""
    shown = (ROOT / "include" / "grafana" / "retention.json").read_text(encoding="utf-8")
    listed = set(re.findall(r"`retention\.<store>\.(\w+)`", metrics_module.__doc__ or ""))
    asked = {name for panel in json.loads(shown)["panels"] for name in re.findall(r"\+_([a-z_]+)", panel["targets"][0]["expr"])}
    assert asked == listed
