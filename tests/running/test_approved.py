"""Nights that wait for a person on an Airflow that runs: its required actions, its roles, its clock."""

from __future__ import annotations

import json
from typing import Any

from cluster.client import Client
from retention.workspace import Workspace
from tests.airflows import Airflow

USAGE, SUBSCRIPTION, TRANSACTION = "retention_usage", "retention_subscription", "retention_transaction"


def declare(workspace: Workspace, timeout_hours: float) -> None:
    """What was never disposed of needs a second person; `second` is said to have changed the declaration."""
    file = workspace.declarations / "decisions" / "example.yaml"
    head, found, tail = file.read_text(encoding="utf-8").partition("approval:\n")
    assert found
    _, rest = tail.split("\n\n", 1)
    asked = f"  needed_for: [new_population]\n  two_persons: true\n  changed_by: [second]\n  timeout_hours: {timeout_hours}"
    file.write_text(f"{head}{found}{asked}\n\n{rest}", encoding="utf-8")


def path(dag: str, run: str) -> str:
    return f"dags/{dag}/dagRuns/{run}/taskInstances/approve/-1/hitlDetails"


def waits(client: Client, dag: str, run: str) -> dict[str, Any]:
    """What a run that waits asks."""
    client.wait_for_task(dag, run, "approve", "awaiting_input", seconds=180)
    answer = client.get(path(dag, run))
    answer.raise_for_status()
    return dict(answer.json())


def say(client: Client, dag: str, run: str, option: str, note: str = "") -> int:
    answer = client.patch(path(dag, run), json={"chosen_options": [option], "params_input": {"note": note}})
    return int(answer.status_code)


def clear(client: Client, dag: str, run: str, *tasks: str, downstream: bool) -> None:
    body = {
        "dag_run_id": run,
        "task_ids": list(tasks),
        "include_downstream": downstream,
        "only_failed": False,
        "dry_run": False,
    }
    client.post(f"dags/{dag}/clearTaskInstances", json=body).raise_for_status()


def plan_of(workspace: Workspace, store: str, run: str) -> str:
    found = workspace.evidence(readonly=True).plan(f"{store}:{run}")
    assert found is not None
    return found[0]


def test_a_night_waits_for_the_approval_of_its_plan(nights: Airflow) -> None:
    workspace, engineer = nights.workspace, nights.client("engineer")
    compliance, second = nights.client("compliance"), nights.client("second")
    declare(workspace, 0.002)  # seven seconds
    late = engineer.trigger(TRANSACTION)
    waits(engineer, TRANSACTION, late)
    declare(workspace, 20)
    runs = {dag: engineer.trigger(dag) for dag in (USAGE, SUBSCRIPTION)}
    rehearsal = engineer.trigger("retention_account", dry_run=True)

    # what is asked, and who may not answer
    asked = waits(compliance, USAGE, runs[USAGE])
    first = plan_of(workspace, "usage", runs[USAGE])
    assert first in asked["body"] and "page_events" in asked["body"] and asked["defaults"] == ["Reject"]
    assert list(asked["params"]) == ["note"]
    assert say(engineer, USAGE, runs[USAGE], "Approve") == 403
    assert say(second, USAGE, runs[USAGE], "Approve", "I wrote it") == 200
    assert engineer.wait_for(USAGE, runs[USAGE], seconds=180) == "failed"
    assert engineer.states(USAGE, runs[USAGE])["dispose"] == "upstream_failed"

    # asked again, while the plan is made anew: what was shown is no more
    clear(engineer, USAGE, runs[USAGE], "approve", downstream=True)
    waits(compliance, USAGE, runs[USAGE])
    clear(engineer, USAGE, runs[USAGE], "plan", downstream=False)
    engineer.wait_for_task(USAGE, runs[USAGE], "plan", "success", seconds=120)
    assert plan_of(workspace, "usage", runs[USAGE]) != first
    assert say(compliance, USAGE, runs[USAGE], "Approve", "of what I saw") == 200
    assert engineer.wait_for(USAGE, runs[USAGE], seconds=180) == "failed"

    # no answer in time; a refusal
    assert engineer.wait_for(TRANSACTION, late, seconds=180) == "failed"
    waits(compliance, SUBSCRIPTION, runs[SUBSCRIPTION])
    assert say(compliance, SUBSCRIPTION, runs[SUBSCRIPTION], "Reject", "too many") == 200
    assert engineer.wait_for(SUBSCRIPTION, runs[SUBSCRIPTION], seconds=180) == "failed"
    assert engineer.wait_for("retention_account", rehearsal, seconds=180) == "success"  # rehearsals ask nobody
    evidence = workspace.evidence(readonly=True)
    assert evidence.receipts() == ()

    # a new plan of the run that was asked about: Airflow would show what it asked of the first
    clear(engineer, USAGE, runs[USAGE], "plan", downstream=True)
    assert engineer.wait_for(USAGE, runs[USAGE], seconds=180) == "failed"
    states = engineer.states(USAGE, runs[USAGE])
    assert (states["validate_before"], states["approve"]) == ("success", "failed"), states
    told = workspace.evidence(readonly=True).run(f"usage:{runs[USAGE]}")
    assert told is not None and "goes on showing what it asked before" in (told.note or "")

    # a run of its own, approved by somebody else
    again = engineer.trigger(USAGE)
    asked = waits(compliance, USAGE, again)
    approved = plan_of(workspace, "usage", again)
    assert approved in asked["body"] and approved != first
    assert say(compliance, USAGE, again, "Approve", "looked at it") == 200
    assert engineer.wait_for(USAGE, again, seconds=240) == "success", engineer.states(USAGE, again)
    assert {receipt.plan_hash for receipt in evidence.receipts()} == {approved}
    answers = sealed(workspace)
    assert answers == {
        ("usage", "approved", "compliance", approved),
        ("subscription", "refused", "compliance", plan_of(workspace, "subscription", runs[SUBSCRIPTION])),
        ("transaction", "expired", "", plan_of(workspace, "transaction", late)),
    }
    returned = compliance.get(f"dags/{USAGE}/dagRuns/{again}/taskInstances/approve/xcomEntries/return_value").text
    assert "compliance" not in returned and "looked" not in returned


def sealed(workspace: Workspace) -> set[tuple[str, str, str, str]]:
    """Answers as the ledger has them."""
    with workspace.evidence(readonly=True).engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT payload FROM ledger WHERE kind = 'plan_answer'").scalars()
        said = [json.loads(row) for row in rows]
    return {(each["store"], each["answer"], each["who"], each["plan_hash"]) for each in said}
