"""The page that the plugin adds to Airflow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from retention.evidence import tables
from retention.workspace import Workspace

Client = Any


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setenv("RETENTION_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("RETENTION_OUTPUT", str(tmp_path / "output"))
    return Workspace.from_env()


@pytest.fixture
def client(workspace: Workspace, airflow_database: None) -> Callable[..., Client]:
    from airflow.api_fastapi.core_api.security import get_user
    from fastapi.testclient import TestClient

    from retention.airflow.pages import make_application

    def make(*, logged_in: bool) -> Client:
        application = make_application()
        if logged_in:
            application.dependency_overrides[get_user] = lambda: object()
        return TestClient(application)

    return make


@pytest.mark.parametrize("path", ["/", "/workbooks/register/register.xlsx", "/openapi.json"])
def test_strangers_see_nothing(client: Callable[..., Client], path: str) -> None:
    assert client(logged_in=False).get(path).status_code in (401, 404)


def test_before_the_first_night_it_says_so(client: Callable[..., Client]) -> None:
    shown = client(logged_in=True).get("/").text
    assert "there is no evidence database yet" in shown
    assert "None yet." in shown


def test_the_last_night_of_each_store_is_shown(client: Callable[..., Client], workspace: Workspace) -> None:
    night = {
        "store": "usage",
        "as_of": dt.date(2026, 11, 8),
        "horizon": dt.date(2026, 11, 8),
        "policy_hash": "0" * 64,
        "decision_set": "example",
        "dry_run": False,
    }
    ended = [
        {"run_id": "old", "status": "passed", "started_at": dt.datetime.fromisoformat("2026-11-07T03:00"), "note": None},
        {
            "run_id": "new",
            "status": "failed",
            "started_at": dt.datetime.fromisoformat("2026-11-08T03:00"),
            "note": "<b>locked</b>",
        },
    ]
    with workspace.evidence().writing() as connection:
        connection.execute(insert(tables.run), [{**night, **run} for run in ended])
    shown = client(logged_in=True).get("/").text
    assert '<span class="failed">failed</span>' in shown
    assert "2026-11-08 04:00" in shown  # Paris
    assert "&lt;b&gt;locked&lt;/b&gt;" in shown
    assert "passed</span>" not in shown
    assert shown.count("no night yet") == 3


def test_workbooks_can_be_downloaded_and_nothing_else(client: Callable[..., Client], workspace: Workspace) -> None:
    book = workspace.output_folder("register") / "registre d'essai <1>.xlsx"
    book.write_bytes(b"book")
    (workspace.output_folder("reports") / "rapport-2026-11-22-detail.xlsx").write_bytes(b"keys of records")
    (workspace.output / "ledger-head.json").write_text("{}", encoding="ascii")
    workspace.home.mkdir()
    (workspace.home / "digest.key").write_text("secret", encoding="ascii")

    page = client(logged_in=True)
    assert "registre d&#x27;essai &lt;1&gt;.xlsx" in page.get("/").text
    assert page.get("/workbooks/register/registre%20d%27essai%20%3C1%3E.xlsx").content == b"book"
    for path in (
        "reports/rapport-2026-11-22-detail.xlsx",
        "ledger-head.json",
        "..%2Fvar%2Fdigest.key",
        "%2Fetc%2Fpasswd",
        "register",
    ):
        assert page.get(f"/workbooks/{path}").status_code == 404
