"""What an Airflow that runs shows of a night, and what of people's acts reaches the ledger."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import Any
from urllib.parse import unquote

from sqlalchemy import select

from retention import clock
from retention.audit.history import PASSWORD
from retention.audit.history import Airflow as History
from retention.audit.span import Span
from retention.evidence import ledger, tables
from tests.airflows import Airflow

DAG = "retention_subscription"
SECONDS = 300


def acts(airflow: Airflow) -> list[dict[str, Any]]:
    """What the ledger has of people's acts, oldest first."""
    t = tables.ledger.c
    with airflow.workspace.evidence(readonly=True).engine.connect() as connection:
        payloads = connection.execute(select(t.payload).where(t.kind == "action").order_by(t.seq)).scalars()
        return [json.loads(payload) for payload in payloads]


def wait_for_acts(airflow: Airflow, run: str, *expected: str) -> list[dict[str, Any]]:
    """The acts upon a run, once all that are expected are in the ledger. Raises AssertionError."""
    end = time.monotonic() + SECONDS
    while True:
        found = [act for act in acts(airflow) if act["run"] == run or act["dag"] == DAG]
        if set(expected) <= {act["what"] for act in found}:
            return found
        assert time.monotonic() < end, f"only {[act['what'] for act in found]} of {expected}"
        time.sleep(0.5)


def test_a_night_and_the_hands_laid_on_it(nights: Airflow) -> None:
    client = nights.client()
    run = client.trigger(DAG, dry_run=True)
    assert client.wait_for(DAG, run, seconds=SECONDS) == "success"

    # what the run shows
    store = DAG.removeprefix("retention_")
    recorded = nights.workspace.evidence(readonly=True).run(f"{store}:{run}")
    assert recorded is not None
    note = client.run(DAG, run)["note"]
    assert f"policy {recorded.policy_hash[:12]}" in note and "DAG version 1" in note and "ledger " in note
    assert "rehearsal" in note

    # what its tasks lead to
    for task, name, part in (("plan", "Plan", "plan"), ("validate_before", "Validation result", "validation"),
                             ("record", "Receipts", "receipts")):  # fmt: skip
        links = client.get(f"dags/{DAG}/dagRuns/{run}/taskInstances/{task}/links").json()["extra_links"]
        assert unquote(links[name]) == f"{nights.url}/retention/runs/{store}/{store}:{run}#{part}"
    share = client.get(f"dags/{DAG}/dagRuns/{run}/taskInstances/dispose/links", params={"map_index": 0}).json()
    assert unquote(share["extra_links"]["Receipts"]).endswith(f"{store}:{run}#receipts")
    report = client.get(f"dags/{DAG}/dagRuns/{run}/taskInstances/report/links").json()["extra_links"]["Report"]
    (written,) = (path.name for path in (nights.workspace.output / "reports").glob("*.xlsx"))
    assert unquote(report) == f"{nights.url}/retention/workbooks/reports/{written}"

    # what people do to it
    clear = {"dry_run": False, "task_ids": ["report"], "only_failed": False, "dag_run_id": run}
    client.post(f"dags/{DAG}/clearTaskInstances", json=clear).raise_for_status()
    assert client.wait_for(DAG, run, seconds=SECONDS) == "success"
    mark = {"new_state": "failed"}
    client.patch(f"dags/{DAG}/dagRuns/{run}/taskInstances/report", json=mark).raise_for_status()
    client.patch(f"dags/{DAG}/dagRuns/{run}", json={"state": "success", "note": "Jeanne Martin called"}).raise_for_status()
    client.delete(f"dags/{DAG}/dagRuns/{run}").raise_for_status()
    monthly = client.trigger("monthly_report")  # which tells what no hook told
    ended = client.wait_for("monthly_report", monthly, seconds=SECONDS)
    found = wait_for_acts(
        nights, run, "trigger_dag_run", "post_clear_task_instances", "patch_task_instance", "patch_dag_run", "delete_dag_run"
    )
    assert {act["who"] for act in found} == {"admin"}
    assert {act["dag"] for act in found} == {DAG}
    marked = next(act for act in found if act["what"] == "patch_task_instance")
    assert marked["task"] == "report" and marked["asked"]["new_state"] == "failed"
    assert "Jeanne" not in json.dumps(found)
    numbers = [act["event"] for act in found]
    assert len(numbers) == len(set(numbers))
    assert ledger.verify(nights.workspace.evidence(readonly=True)) == []

    # what an audit pack takes along of Airflow's own history
    asked = History.at(nights.url, "admin", {PASSWORD: nights.passwords["admin"]})
    today = Span(clock.today() - dt.timedelta(days=1), clock.today())
    assert [each for each in asked.runs(DAG, today) if each["dag_run_id"] == run] == []  # which was deleted
    (month,) = (each for each in asked.runs("monthly_report", today) if each["dag_run_id"] == monthly)
    assert (month["state"], month["triggering_user_name"]) == (ended, "admin")
    assert {task["task_id"] for task in asked.tasks("monthly_report", monthly)} == {"report_fr", "report_en"}
    events = list(asked.events(DAG, today))
    assert {act["event"] for act in found} <= {event["event_log_id"] for event in events}
    assert "Jeanne" not in json.dumps(events)
    assert list(asked.runs("retention_nowhere", today)) == []
