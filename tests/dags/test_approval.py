"""A night under Airflow that needs a person: asked and answered through Airflow's own API, without a scheduler."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing, nullcontext
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.sdk.exceptions import TaskAwaitingInput

from retention.airflow.approval import NightApproval
from retention.airflow.catalogue import store_cards
from retention.airflow.night import night_dag
from retention.evidence import approvals
from retention.night.steps import STEPS, open_night, run_night
from retention.sample import generate
from retention.workspace import Workspace

AS_OF = dt.date(2026, 11, 8)
DAG = "retention_usage"


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airflow_database: None) -> Workspace:
    """Stores before their first night, under a declaration that wants a second person for what never went."""
    declarations = tmp_path / "declarations"
    shutil.copytree(Workspace.at(tmp_path).declarations, declarations)
    file = declarations / "decisions" / "example.yaml"
    text = file.read_text(encoding="utf-8")
    assert text.count("needed_for: []\n  two_persons: false") == 1
    asked = "needed_for: [new_population]\n  two_persons: true"
    file.write_text(text.replace("needed_for: []\n  two_persons: false", asked), encoding="utf-8")
    for name, value in {"HOME": "var", "OUTPUT": "output", "DECLARATIONS": "declarations"}.items():
        monkeypatch.setenv(f"RETENTION_{name}", str(tmp_path / value))
    monkeypatch.setenv("RETENTION_DECISIONS", "example")
    made = Workspace.from_env()
    generate(made.store_file, as_of=AS_OF, usage_rows=200)
    return made


@pytest.fixture
def api(airflow_database: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Airflow's REST API, to which everybody is `officer`."""
    simple = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
    monkeypatch.setenv("AIRFLOW__CORE__AUTH_MANAGER", simple)
    from airflow.api_fastapi.app import create_app
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi.testclient import TestClient

    application = create_app(apps="core")
    application.dependency_overrides[get_user] = lambda: SimpleAuthManagerUser(username="officer", role="admin")
    for route in application.routes:
        mounted = getattr(route, "app", None)
        if hasattr(mounted, "dependency_overrides"):
            mounted.dependency_overrides.update(application.dependency_overrides)
    with TestClient(application) as client:
        yield client


class Person:
    """Answers whatever is asked, as soon as it is."""

    def __init__(self, api: Any, option: str) -> None:
        self._api, self._option = api, option
        self._asked: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def asked(self) -> dict[str, Any]:
        """What was asked, with the status of the answer."""
        self._thread.join(30)
        (question,) = self._asked
        return question

    def _wait(self) -> None:
        end = time.monotonic() + 300
        while time.monotonic() < end and not self._asked:
            time.sleep(0.5)
            found = self._api.get(f"/api/v2/dags/{DAG}/dagRuns/~/hitlDetails", params={"response_received": False})
            for detail in found.json().get("hitl_details", ()):
                run = detail["task_instance"]["dag_run_id"]
                path = f"/api/v2/dags/{DAG}/dagRuns/{run}/taskInstances/approve/-1/hitlDetails"
                said = {"chosen_options": [self._option], "params_input": {"note": "looked at it"}}
                self._asked.append(detail)
                detail["answer"] = self._api.patch(path, json=said).status_code


def run(**chosen: Any) -> Any:
    dag = night_dag(next(card for card in store_cards() if card.name == "usage"))
    dag.deadline = None
    for task in dag.tasks:
        task.retries = 0
    return dag.test(run_conf={"as_of": str(AS_OF), **chosen})


def states(done: Any) -> dict[str, str]:
    return {instance.task_id: str(instance.state) for instance in done.get_task_instances()}


def rows(workspace: Workspace) -> int:
    with closing(sqlite3.connect(workspace.store_file("usage"))) as file:
        return int(file.execute("SELECT (SELECT count(*) FROM page_events) + (SELECT count(*) FROM visits)").fetchone()[0])


def test_a_rehearsal_asks_nobody(workspace: Workspace) -> None:
    done = run(dry_run=True)
    assert str(done.state) == "success", states(done)
    found = workspace.evidence(readonly=True).plan(f"usage:{done.run_id}")
    assert found is not None and found[1]["approval"]["reasons"]  # a night would have been asked about


def test_an_approved_night_goes_on(workspace: Workspace, api: Any) -> None:
    before, person = rows(workspace), Person(api, "Approve")
    done = run()
    assert str(done.state) == "success", states(done)
    question = person.asked()
    found = workspace.evidence(readonly=True).plan(f"usage:{done.run_id}")
    assert found is not None
    assert question["answer"] == 200 and found[0] in question["body"] and question["defaults"] == ["Reject"]
    report = next((workspace.output / "reports").glob("*.xlsx")).name
    assert report in question["body"]
    assert rows(workspace) < before
    (instance,) = (one for one in done.get_task_instances() if one.task_id == "approve")
    assert instance.xcom_pull(task_ids="approve") == {"reasons": len(found[1]["approval"]["reasons"]), "approval": "approved"}


def test_a_refused_night_is_red_and_disposes_of_nothing(workspace: Workspace, api: Any) -> None:
    before = rows(workspace)
    Person(api, "Reject")
    done = run()
    assert str(done.state) == "failed"
    assert states(done)["approve"] == "failed" and states(done)["dispose"] == "upstream_failed"
    assert rows(workspace) == before
    recorded = workspace.evidence(readonly=True).run(f"usage:{done.run_id}")
    assert recorded is not None and recorded.status == "failed" and "refused" in (recorded.note or "")


def test_after_a_change_of_declaration_the_question_says_what_it_changes(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The task up to where Airflow parks it."""
    file = workspace.declarations / "decisions" / "example.yaml"
    quiet = file.read_text(encoding="utf-8").replace("needed_for: [new_population]", "needed_for: []")
    file.write_text(quiet, encoding="utf-8")
    run_night(open_night(workspace, "usage", as_of=AS_OF, run_id="usage:first"))
    head, found, tail = quiet.partition("  - id: usage.max\n")
    assert found and "value: 25 months" in tail
    shorter = tail.replace("value: 25 months", "value: 13 months", 1)
    file.write_text(head.replace("needed_for: []", "needed_for: [declaration_changed]") + found + shorter, encoding="utf-8")
    night = open_night(workspace, "usage", as_of=AS_OF, run_id="usage:second")
    for name in ("prepare", "scan", "plan"):
        STEPS[name](night)

    monkeypatch.setattr(NightApproval, "_show", lambda *_: None)  # asks Airflow what it shows
    task = NightApproval(task_id="approve", store="usage", opened=lambda _: nullcontext(night))
    with pytest.raises(TaskAwaitingInput):
        task.execute({"ti": SimpleNamespace(xcom_push=lambda *_: None)})  # type: ignore[typeddict-item]
    asked = approvals.asked(night.evidence, night.run_id)
    assert asked.comparison is not None and asked.comparison.outcome == "made"
    assert asked.comparison.changes["dispose"] == asked.rows > 0
    assert "Ce que change la déclaration" in task.body and "What the declaration changes" in task.body
    for name in asked.comparison.workbooks:
        assert (workspace.output / name).is_file()
        assert f"[{name}](" in task.body and f"/retention/workbooks/{name})" in task.body
    night.session.close()
