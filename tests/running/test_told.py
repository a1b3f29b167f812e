"""Who is told what by an Airflow that runs: by its DAG processor, its workers and its scheduler, over SMTP."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import create_engine, text

from tests.airflows import Airflow
from tests.mailbox import Mailbox, body, mailbox


@pytest.fixture
def box(nights: Airflow) -> Iterator[Mailbox]:
    with mailbox(nights.mail_port) as made:
        yield made


def test_a_store_that_is_down_is_told_and_stops_no_other(nights: Airflow, box: Mailbox) -> None:
    client, workspace = nights.client(), nights.workspace
    with closing(sqlite3.connect(workspace.store_file("usage"))) as file:
        file.execute("CREATE TABLE forgotten (email TEXT)")
    runs = {dag: client.trigger(dag, dry_run=True) for dag in ("retention_usage", "retention_subscription")}
    states = {dag: client.wait_for(dag, run, seconds=300) for dag, run in runs.items()}
    assert states == {"retention_usage": "failed", "retention_subscription": "success"}
    (letter,) = box.about(runs["retention_usage"])
    page = body(letter)
    assert "a échoué" in str(letter["Subject"])
    assert "forgotten" in page and "prepare" in page
    assert f"{nights.url}/dags/retention_usage/runs/" in page


def test_a_night_that_is_not_over_in_time_is_told(nights: Airflow, box: Mailbox) -> None:
    """A run that is queued on a paused DAG, whose deadline is then set back: four hours would be long for a test."""
    client, dag = nights.client(), "retention_transaction"
    client.patch(f"dags/{dag}", json={"is_paused": True}).raise_for_status()
    answer = client.post(f"dags/{dag}/dagRuns", json={"logical_date": None, "conf": {"dry_run": True}})
    answer.raise_for_status()
    run = answer.json()["dag_run_id"]
    try:
        engine = create_engine(nights.installed.environment["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"])
        with engine.begin() as connection:
            set_back = "UPDATE deadline SET deadline_time = now() - interval '1 minute' WHERE NOT missed"
            assert connection.execute(text(set_back)).rowcount >= 1  # those of runs that failed too: they are over
        engine.dispose()
        (letter,) = box.about(run)
    finally:
        client.delete(f"dags/{dag}/dagRuns/{run}").raise_for_status()
    assert "n’est pas terminée à l’heure" in str(letter["Subject"])
