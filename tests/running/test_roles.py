"""Each role on the running Airflow, through its REST API: refused what is not its own, let do what is."""

from __future__ import annotations

import json
from pathlib import Path

import httpx
import pytest
from sqlalchemy import make_url

from retention.airflow.roles import read_users
from retention.errors import DeclarationError
from tests import servers
from tests.airflows import Airflow

DAG = "retention_usage"
ROLES = ("compliance", "auditor", "engineer", "admin")
EVERYBODY = frozenset(ROLES)
TRAIL = EVERYBODY - {"engineer"}

# What is asked -> method, path, body, who may. Nobody who may is asked to change anything real: what is named is not there, or
# it is a dry run, and the answer is then 404, 422 or the like. Only 401 and 403 are refusals.
NOWHERE = f"dags/{DAG}/dagRuns/no-such-run"
TASK = f"{NOWHERE}/taskInstances/dispose"
ACTIONS: dict[str, tuple[str, str, object, frozenset[str]]] = {
    "read DAGs": ("GET", "dags", None, EVERYBODY),
    "read runs": ("GET", f"dags/{DAG}/dagRuns", None, EVERYBODY),
    "read task instances": ("GET", f"{NOWHERE}/taskInstances", None, EVERYBODY),
    "read logs": ("GET", f"{TASK}/logs/1", None, EVERYBODY),
    "read XComs": ("GET", f"{TASK}/xcomEntries", None, EVERYBODY),
    "read asset events": ("GET", "assets/events", None, EVERYBODY),
    "read required actions": ("GET", f"dags/{DAG}/dagRuns/~/hitlDetails", None, EVERYBODY),
    "read backfills": ("GET", f"backfills?dag_id={DAG}", None, EVERYBODY),
    "read the audit log": ("GET", "eventLogs", None, TRAIL),
    "trigger": ("POST", f"dags/{DAG}/dagRuns", {"logical_date": "not a date"}, frozenset({"engineer", "admin"})),
    "clear": (
        "POST",
        f"dags/{DAG}/clearTaskInstances",
        {"dry_run": True, "dag_run_id": "no-such-run", "only_failed": False},
        frozenset({"engineer", "admin"}),
    ),
    "clear a run": ("POST", f"{NOWHERE}/clear", {"dry_run": True}, frozenset({"engineer", "admin"})),
    "mark a task": ("PATCH", TASK, {"new_state": "success"}, frozenset({"engineer", "admin"})),
    "mark a run": ("PATCH", NOWHERE, {"state": "success"}, frozenset({"engineer", "admin"})),
    "write a note": ("PATCH", NOWHERE, {"note": "seen"}, frozenset({"engineer", "admin"})),
    "delete a run": ("DELETE", NOWHERE, None, frozenset({"admin"})),
    "delete a DAG": ("DELETE", "dags/no_such_dag", None, frozenset({"admin"})),
    "backfill": (
        "POST",
        "backfills",
        {"dag_id": "no_such_dag", "from_date": "2026-01-01T00:00:00Z", "to_date": "2026-01-02T00:00:00Z"},
        frozenset({"engineer", "admin"}),
    ),
    "pause": ("PATCH", "dags/no_such_dag", {"is_paused": True}, frozenset({"compliance", "engineer", "admin"})),
    "answer a required action": (
        "PATCH",
        f"{TASK}/-1/hitlDetails",
        {"chosen_options": ["Approve"], "params_input": {}},
        frozenset({"compliance", "admin"}),
    ),
    "send an asset event": ("POST", "assets/events", {"asset_id": 0, "extra": {}}, frozenset({"admin"})),
    "read connections": ("GET", "connections", None, frozenset({"admin"})),
    "write a connection": ("PATCH", "connections/nothing", {"connection_id": "x", "conn_type": "y"}, frozenset({"admin"})),
    "read variables": ("GET", "variables", None, frozenset({"admin"})),
    "write a variable": ("PATCH", "variables/nothing", {"key": "nothing", "value": "x"}, frozenset({"admin"})),
    "write a pool": ("PATCH", "pools/nothing", {"pool": "nothing", "slots": 1}, frozenset({"admin"})),
    "read users": ("GET", "/auth/fab/v1/users", None, frozenset({"admin"})),
    "read roles": ("GET", "/auth/fab/v1/roles", None, frozenset({"admin"})),
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("role", ROLES)
def test_a_role_may_do_what_is_its_own_and_nothing_else(airflow: Airflow, role: str, action: str) -> None:
    method, path, body, allowed = ACTIONS[action]
    answer = airflow.client(role).request(method, path, json=body)
    assert (answer.status_code not in (401, 403)) == (role in allowed), (answer.status_code, answer.text[:300])
    assert answer.status_code < 500


def test_without_a_login_nothing_is_told(airflow: Airflow) -> None:
    for path in ("dags", f"dags/{DAG}/dagRuns", "eventLogs", "connections"):
        assert httpx.get(f"{airflow.url}/api/v2/{path}").status_code == 401, path
    wrong = httpx.post(f"{airflow.url}/auth/token", json={"username": "admin", "password": "wrong"})
    assert wrong.status_code == 401


def test_roles_are_brought_back_in_line(airflow: Airflow) -> None:
    """The command changes what somebody gave beyond a role, and nothing else."""
    given = """INSERT INTO ab_permission_view_role (id, permission_view_id, role_id)
        SELECT nextval('ab_permission_view_role_id_seq'), right_of.id, role.id
        FROM ab_permission_view right_of JOIN ab_permission action ON action.id = right_of.permission_id
        JOIN ab_view_menu resource ON resource.id = right_of.view_menu_id CROSS JOIN ab_role role
        WHERE action.name = 'can_create' AND resource.name = 'DAG Runs' AND role.name = 'Auditor'"""
    with servers.alone("airflow-roles"):
        servers.run(make_url(airflow.installed.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]), given)
        said = airflow.installed.run(module="retention.airflow.roles")
    assert [line for line in said.splitlines() if "role" in line] == ["role Auditor: can_create DAG Runs taken away"]


@pytest.mark.parametrize(
    ("mode", "content", "says"),
    [
        (0o644, "[]", "others may read this file"),
        (0o600, '[{"username": "x", "password": "very secret"}]', "not a list of users"),
        (0o600, '[{"username": "x", "password": "very secret", "role": "Boss"}]', "no such role: Boss"),
    ],
)
def test_users_that_are_refused(tmp_path: Path, mode: int, content: str, says: str) -> None:
    path = tmp_path / "users.json"
    path.write_text(content, encoding="utf-8")
    path.chmod(mode)
    with pytest.raises(DeclarationError, match=says) as error:
        read_users(str(path))
    assert "secret" not in str(error.value)


def test_users_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "users.json"
    path.touch(0o600)
    path.write_text(json.dumps([{"username": "ada", "password": "x", "role": "Auditor"}]), encoding="utf-8")
    assert [(user.username, user.role) for user in read_users(str(path))] == [("ada", "Auditor")]
