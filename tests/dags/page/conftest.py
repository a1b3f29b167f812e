"""The page as Airflow mounts it: real stores after a real night, users of the simple auth manager with tokens of its own."""

from __future__ import annotations

import html
import os
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from retention import clock
from retention.night import steps
from retention.sample import generate
from retention.workspace import Workspace

ORIGIN = "http://testserver"
SIMPLE = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
DAG_RUN = "manual__2026-11-08T03:00:00+00:00"


@dataclass
class Browser:
    """A person's browser: keeps cookies, sends where a form came from."""

    http: Any

    def get(self, path: str, **options: Any) -> Any:
        return self.http.get(f"/retention{path}", **options)

    def text(self, path: str, **options: Any) -> str:
        answer = self.get(path, **options)
        assert answer.status_code == 200, answer.text
        return html.unescape(answer.text)

    def token(self, path: str = "/explain") -> str:
        found = re.search(r'name="token" value="([^"]+)"', self.get(path).text)
        assert found is not None
        return found[1]

    def send(self, path: str, form: dict[str, str], *, token: str | None = None, **headers: str) -> Any:
        """A form of the page, sent as a browser sends it."""
        fields = {"token": self.token() if token is None else token, **form}
        sent = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin", **headers}
        return self.http.post(f"/retention{path}", data=fields, headers=sent, follow_redirects=False)


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Sample stores: two nights have run, as a DAG run and by the command line; one waits for a person; one never was."""
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RETENTION_HOME", str(folder / "var"))
        patch.setenv("RETENTION_OUTPUT", str(folder / "output"))
        patch.setenv("RETENTION_DECISIONS", "example")
        for name in [name for name in os.environ if name.startswith(("RETENTION_STORE_", "RETENTION_EVIDENCE"))]:
            patch.delenv(name)
        workspace = Workspace.from_env()
        generate(workspace.store_file, as_of=clock.today(), usage_rows=300)
        careful = replace(workspace, declarations=_asking(folder))
        for store, run_id, under in (
            ("account", f"account:{DAG_RUN}", workspace),
            ("usage", "usage:2026-11-08:20261108T030000000000", workspace),
            ("subscription", f"subscription:{DAG_RUN}", careful),
        ):
            night = steps.open_night(under, store, as_of=clock.today(), run_id=run_id)
            steps.run_night(night)
            night.session.close()
        yield workspace


def _asking(folder: Path) -> Path:
    """The declarations, with a person asked about the first disposal of a table."""
    made = folder / "declarations"
    shutil.copytree(Workspace.from_env().declarations, made)
    decisions = made / "decisions" / "example.yaml"
    text = decisions.read_text(encoding="utf-8")
    assert "needed_for: []" in text
    decisions.write_text(text.replace("needed_for: []", "needed_for: [new_population]"), encoding="utf-8")
    return made


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Before the first night."""
    monkeypatch.setenv("RETENTION_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("RETENTION_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("RETENTION_DECISIONS", "example")
    return Workspace.from_env()


@pytest.fixture(scope="session")
def _auth_manager(airflow_database: None) -> Iterator[Any]:
    from airflow.api_fastapi import app

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AIRFLOW__CORE__AUTH_MANAGER", SIMPLE)
        patch.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS", "admin:admin,viewer:viewer,op:op")
        app.purge_cached_app()
        yield app.init_auth_manager()
        app.purge_cached_app()


@pytest.fixture
def browser(_auth_manager: Any) -> Callable[..., Browser]:
    """`browser("admin")`: logged in as the simple auth manager's user of that name and role; None: a stranger."""
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from retention.airflow.page.app import make_application

    def make(role: str | None = "admin", *, name: str | None = None, language: str = "en") -> Browser:
        airflow = FastAPI()
        airflow.mount("/retention", make_application())
        http = TestClient(airflow, base_url=ORIGIN, headers={"Accept-Language": language})
        if role is not None:
            user = SimpleAuthManagerUser(username=name or role, role=role)
            http.cookies.set("_token", _auth_manager.generate_jwt(user))
        return Browser(http)

    return make
