"""The page in Airflow's UI at twelve months of evidence: how long it takes to answer, and whether it grows."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from benchmarks import register
from benchmarks.harness import Options, Row
from retention import clock
from retention.evidence import keysets, tables
from retention.night import steps
from retention.sample import generate
from retention.workspace import Workspace

GOAL = "<= 200 ms"
SIMPLE = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
MEASURED = "import sys; from benchmarks.page import answers; answers(int(sys.argv[1]))"
MORE = 20  # rounds after the measured ones, for its memory


def page(options: Options) -> list[Row]:
    """Milliseconds of an answer, in a process of its own with Airflow's own login, and what that process grows by."""
    folder = options.folder / "page"
    workspace = Workspace.at(folder, decision_set="example")
    generate(workspace.store_file, as_of=clock.today(), usage_rows=300)
    night = steps.open_night(workspace, "account", as_of=clock.today(), run_id="account:page")
    steps.run_night(night)
    night.session.close()
    register.fill(workspace.evidence(), workspace.bundle(), clock.today())
    _seal(workspace)
    found = _measure(folder, workspace, max(10, 4 * options.repeat))
    nights = f"{register.NIGHTS} nights of {len(workspace.bundle().stores)} stores"
    rows = [
        Row(f"the page: {name}", GOAL, statistics.median(found[name]), f"{nights}; worst {max(found[name]):.0f} ms")
        for name in ("overview", "holds", "documents", "explain")
    ]
    first = f"{nights}; once, declarations read and all months added up"
    return [
        *rows,
        Row("the page: its first answer", "<= 5000 ms", found["first"], first),
        Row("the page: what it grows by", "<= 5 MB", found["grown"], f"over {found['requests']} requests more"),
    ]


def _seal(workspace: Workspace) -> None:
    """Gives the receipts of one population key sets that can be opened: `explain` looks into each."""
    r, secret = tables.receipt.c, workspace.digest_key()
    with workspace.evidence().writing() as db:
        theirs = select(r.receipt_id).where(r.store == "account", r.population == "accounts", r.keyset == b"")
        for number, receipt_id in enumerate(db.execute(theirs).scalars().all()):
            keys = range(1_000_000 + number * 3_000, 1_000_000 + number * 3_000 + 3 * 1_004, 3)
            made = keysets.seal(secret, receipt_id, "account", "accounts", keys)
            db.execute(update(tables.receipt).where(r.receipt_id == receipt_id).values(made.columns()))


def _measure(folder: Path, workspace: Workspace, times: int) -> dict[str, Any]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "RETENTION_"))},
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__AUTH_MANAGER": SIMPLE,
        "AIRFLOW__CORE__LOAD_EXAMPLES": "false",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR",
        "RETENTION_HOME": str(workspace.home),
        "RETENTION_OUTPUT": str(workspace.output),
        "RETENTION_DECISIONS": workspace.decision_set,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-W", "ignore", "-c", MEASURED, str(times)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the page could not be measured:\n{done.stderr[-2000:]}")
    return dict(json.loads(done.stdout.strip().splitlines()[-1]))


def answers(times: int) -> None:
    """Run in that process: prints what it found as one line of JSON."""
    browser, token = _browser()

    def ask(path: str) -> float:
        began = time.perf_counter()
        answer = browser.get(f"/retention{path}")
        assert answer.status_code == 200, answer.text
        return 1000 * (time.perf_counter() - began)

    def explain() -> float:
        form = {"token": token(), "store": "account", "record": "accounts:2"}
        began = time.perf_counter()
        answer = browser.post("/retention/explain", data=form, headers={"Origin": "http://testserver"})
        assert answer.status_code in (200, 404), answer.text
        return 1000 * (time.perf_counter() - began)

    pages = {"overview": "/", "holds": "/holds", "documents": "/papers"}
    found: dict[str, Any] = {"first": ask("/")}
    found |= {name: [ask(path) for _ in range(times)] for name, path in pages.items()}
    explain()
    found["explain"] = [explain() for _ in range(times)]
    before = _resident()
    for _ in range(MORE):
        for path in pages.values():
            ask(path)
        explain()
    found |= {"grown": max(0.0, _resident() - before), "requests": MORE * (len(pages) + 1)}
    print(json.dumps(found))


def _browser() -> Any:
    from airflow.api_fastapi.app import init_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from airflow.utils.db import initdb
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    from retention.airflow.page.app import make_application

    initdb()
    airflow = FastAPI()
    airflow.mount("/retention", make_application())
    browser = TestClient(airflow)
    browser.cookies.set("_token", init_auth_manager().generate_jwt(SimpleAuthManagerUser(username="admin", role="admin")))

    def token() -> str:
        return str(browser.get("/retention/explain").text.partition('name="token" value="')[2].partition('"')[0])

    return browser, token


def _resident() -> float:
    """Megabytes."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0]) / 1024
