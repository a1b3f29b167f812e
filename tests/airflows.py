"""One running Airflow for the tests: api-server, scheduler, dag-processor and triggerer, as `make up` and production have them.

It starts when the first test asks for it (fixture `airflow`), on free ports, with its own tables in a database on the shared
PostgreSQL and the four sample stores in a folder of the run; every worker of the run shares it, and it ends with the run.
Tests that have nights in it take it for themselves first (fixture `nights`), and find the stores as they stand before the night
of today, and no evidence.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import make_url

from cluster.client import Client
from cluster.parts import ALWAYS, ROOT, Installation, free_port, installation, wait_until_healthy
from retention import clock
from retention.sample import generate
from retention.workspace import Workspace
from tests import mailbox, servers

# Who there is: each in the role that `retention.airflow.roles` makes, two where a second person is needed.
USERS = {
    "admin": "Admin",
    "compliance": "Compliance",
    "second": "Compliance",
    "auditor": "Auditor",
    "engineer": "Data engineer",
}
# A test should not wait for what is slow for the sake of a machine that serves hundreds of DAGs.
QUICK = {
    "AIRFLOW__SCHEDULER__SCHEDULER_HEARTBEAT_SEC": "1",
    "AIRFLOW__SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
    "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "2",
    "AIRFLOW__DATABASE__SQL_ALCHEMY_POOL_SIZE": "3",
    "AIRFLOW__FAB__PASSWORD_HASH_ITERATIONS": "1000",
    "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "false",
}
_STATE = "airflow.json"


@dataclass(frozen=True)
class Airflow:
    """The Airflow that runs: who may log in, where its stores lie."""

    installed: Installation
    passwords: dict[str, str]
    _clients: dict[str, Client] = field(default_factory=dict)

    @property
    def url(self) -> str:
        return self.installed.url

    @property
    def workspace(self) -> Workspace:
        """The stores, evidence and outputs that its nights work on."""
        return Workspace.from_env(self.installed.environment)

    def client(self, user: str = "admin") -> Client:
        """The REST API as a user of `USERS` sees it."""
        if user not in self._clients:
            self._clients[user] = Client(self.url, user, self.passwords[user])
        return self._clients[user]

    @property
    def mail_port(self) -> int:
        """Where its letters go, for whoever listens there (`tests.mailbox`)."""
        return int(json.loads(self.installed.environment["AIRFLOW_CONN_SMTP_DEFAULT"])["port"])

    def log(self, part: str) -> Path:
        """Everything that one part said so far."""
        return self.installed.folder / f"airflow-{part}" / "log"

    def fresh(self) -> Workspace:
        """Makes the stores, the evidence and the outputs anew, and the declarations those of the repository."""
        workspace = self.workspace
        for folder in (workspace.home, workspace.output):
            shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT / "ropa" / "declarations", workspace.declarations, dirs_exist_ok=True)
        generate(workspace.store_file, as_of=clock.today(), usage_rows=1_000)
        return workspace


def running() -> Airflow:
    """The Airflow of this run of tests, started where it does not run yet."""
    state = servers.run_folder() / _STATE
    with servers.alone("airflow"):
        if not state.exists():
            made = _start(servers.run_folder())
            state.touch(0o600)
            state.write_text(json.dumps({"environment": made.installed.environment, "passwords": made.passwords}))
    told = json.loads(state.read_text(encoding="utf-8"))
    return Airflow(Installation(servers.run_folder(), told["environment"]), told["passwords"])


@contextlib.contextmanager
def reserved() -> Iterator[Airflow]:
    """The running Airflow for nights of one's own: no other test that asks for the same is at it meanwhile."""
    with servers.alone("airflow-nights"):
        airflow = running()
        airflow.client().settle()  # whatever the test before left under way
        airflow.fresh()
        yield airflow


def end() -> None:
    """Removes its database, where that lies on a server that goes on; its processes end with the run's servers."""
    state = servers.run_folder() / _STATE
    if state.exists() and os.environ.get("RETENTION_TEST_POSTGRESQL"):
        servers.drop_database(make_url(json.loads(state.read_text())["environment"]["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"]))


def _start(folder: Path) -> Airflow:
    database = servers.create_database("postgresql")
    workspace = {
        "RETENTION_HOME": str(folder / "airflow-workspace" / "var"),
        "RETENTION_OUTPUT": str(folder / "airflow-workspace" / "output"),
        "RETENTION_DECISIONS": "example",
        "RETENTION_DECLARATIONS": str(folder / "airflow-workspace" / "declarations"),  # a copy, which tests may change
    }
    letters = mailbox.environment(free_port())  # where a test that takes letters listens; elsewhere nobody does
    settings = {**QUICK, **{name: value for name, value in letters.items() if name.startswith("AIRFLOW")}}
    workspace |= {name: value for name, value in letters.items() if name.startswith("RETENTION")}
    installed = installation(folder, database.render_as_string(hide_password=False), workspace, **settings)
    passwords = {user: secrets.token_urlsafe(12) for user in USERS}
    users = [{"username": user, "password": passwords[user], "role": role} for user, role in USERS.items()]
    installed.run(module="cluster.setup", text=json.dumps(users))
    made = Airflow(installed, passwords)
    made.fresh()
    wait_until_healthy(installed, [installed.start(part) for part in ALWAYS], seconds=300)  # of a busy machine
    made.client().wait_for_dags(7, seconds=300)
    return made
