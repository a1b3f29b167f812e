"""The pages that the tasks of a run lead to."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from retention import clock
from retention.airflow.links import of_run
from retention.workspace import Workspace
from ropa.register import versions
from ropa.register.making import make_register

DAG_RUN = "manual__2026-11-08T03:00:00+00:00"  # of the fixture `stage`


@pytest.mark.parametrize("part", ["plan", "validation", "receipts"])
def test_a_task_s_link_shows_what_the_run_made(browser: Any, stage: Workspace, part: str) -> None:
    address = urlsplit(of_run("retention_account", DAG_RUN, part))
    shown = browser(language="fr").text(address.path.partition("/retention")[2])
    assert f'id="{address.fragment}"' in shown
    evidence = stage.evidence(readonly=True)
    plan = evidence.plan(f"account:{DAG_RUN}")
    run = evidence.run(f"account:{DAG_RUN}")
    receipts = evidence.receipts([f"account:{DAG_RUN}"])
    assert plan is not None and run is not None and receipts
    assert plan[0] in shown and run.policy_hash in shown
    assert all(receipt.receipt_id in shown for receipt in receipts[:200])
    assert f"{sum(receipt.rows for receipt in receipts)} enregistrements en {len(receipts)} lots" in shown
    assert "None" not in shown


@pytest.mark.parametrize(
    "path",
    [
        "/runs/account/nothing",
        "/runs/usage/account:x",
        "/runs/account/..%2F..%2Fdigest.key",
        "/runs/%3Cscript%3E/x",
        "/versions/9.9",
    ],
)
def test_what_is_not_there(browser: Any, stage: Workspace, path: str) -> None:
    answer = browser().get(path)
    assert answer.status_code == 404
    assert "<script>" not in answer.text.replace("<script src=", "")


def test_a_run_of_another_store_is_not_shown(browser: Any, stage: Workspace) -> None:
    assert browser().get(f"/runs/usage/{quote(f'account:{DAG_RUN}')}").status_code == 404


def test_strangers_see_no_run(browser: Any, stage: Workspace) -> None:
    assert browser(None).get(f"/runs/account/{quote(f'account:{DAG_RUN}')}").status_code == 401


def test_a_version_of_the_register(browser: Any, empty: Workspace) -> None:
    evidence = empty.evidence()
    published = versions.publish(evidence, make_register(empty.bundle(), evidence, clock.today()))
    shown = browser(language="fr").text(f"/versions/{published.number}")
    assert published.content_hash in shown and "personne ne l’a approuvée" in shown
