"""Letters about nights, by Airflow's callbacks and over SMTP to a real server."""

from __future__ import annotations

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from cluster.parts import free_port
from retention import clock
from retention.airflow.catalogue import store_cards
from retention.airflow.impact import impact_dag
from retention.airflow.night import night_dag
from retention.airflow.notices import NightFailed, NightLate, NightWaits, Post
from retention.declare.bundle import load_bundle
from retention.sample import generate
from retention.workspace import Workspace
from tests.mailbox import FROM, TO, Mailbox, body, environment, mailbox

STORE = "usage"
read_once = cache(load_bundle)


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airflow_database: None) -> Workspace:
    monkeypatch.setenv("RETENTION_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("RETENTION_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("RETENTION_DECISIONS", "example")
    monkeypatch.setenv("AIRFLOW__API__BASE_URL", "https://airflow.example")
    # Every task reads the declaration anew, in half a second; no test here changes it.
    monkeypatch.setattr(Workspace, "bundle", lambda self: read_once(self.declarations, self.sql, self.decision_set))
    made = Workspace.from_env()
    generate(made.store_file, as_of=clock.today(), usage_rows=1_000)
    return made


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mailbox(free_port()) as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield made


def night(store: str = STORE) -> Any:
    dag = night_dag(next(card for card in store_cards() if card.name == store))
    dag.deadline = None  # which `dag.test()` does not know
    for task in dag.tasks:
        task.retry_delay = task.retry_delay * 0
    return dag


def add_stranger(workspace: Workspace, store: str = STORE) -> None:
    """A table that nobody declared: the night of the store fails at its first step."""
    with closing(sqlite3.connect(workspace.store_file(store))) as file:
        file.execute("CREATE TABLE forgotten (email TEXT)")


def told(box: Mailbox) -> tuple[str, str]:
    """Subject and page of the one letter there is."""
    (letter,) = box.letters
    assert letter["From"] == FROM
    assert [address.strip() for address in letter["To"].split(",")] == list(TO)
    return str(letter["Subject"]), body(letter)


def test_a_night_that_fails_is_told_once_in_french(workspace: Workspace, box: Mailbox) -> None:
    add_stranger(workspace)
    done = night().test()
    assert str(done.state) == "failed"
    subject, page = told(box)
    assert subject.startswith("[En retard ou non prouvé] ")
    assert "a échoué" in subject
    assert '<html lang="fr">' in page
    for words in ("forgotten", "prepare", "Rien n’a été effacé dans cette base", "jamais été comptée", "retention status"):
        assert words in page, words
    assert f"https://airflow.example/dags/retention_{STORE}/runs/{quote(done.run_id)}" in page


def test_a_letter_in_english(workspace: Workspace, box: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_LANGUAGE", "en")
    NightFailed(STORE, "Usage")({"run_id": "manual__x", "dag": night()})
    subject, page = told(box)
    assert subject.startswith("[Overdue or unproven] ")
    assert "there is no evidence database yet" in page
    assert "clear the failed step in Airflow" in page


def test_a_night_with_reservations_is_told_and_names_nobody(workspace: Workspace, box: Mailbox) -> None:
    """Every address and every reference of a data subject of the store is looked for."""
    with closing(sqlite3.connect(workspace.store_file("account"))) as file:
        people = {str(cell) for row in file.execute("SELECT email, full_name FROM contacts") for cell in row if cell}
    assert len(people) > 100
    done = night("account").test()
    run = workspace.evidence(readonly=True).run(f"account:{done.run_id}")
    assert run is not None
    assert run.status == "reservations"
    subject, page = told(box)
    assert subject.startswith("[À examiner] ")
    assert "Quarantaine" in page and "jamais" not in page
    assert not re.search(r"[\w.]+@[\w.]+", page)
    assert not people & set(re.findall(r"[\w.@+-]+", page))


def test_a_rehearsal_that_went_well_and_a_plan_that_waits(workspace: Workspace, box: Mailbox) -> None:
    done = night("account").test(run_conf={"dry_run": True})  # whose records in quarantine are the rehearsal's affair
    assert str(done.state) == "success"
    assert box.letters == []
    plan = workspace.evidence(readonly=True).plan(f"account:{done.run_id}")
    assert plan is not None
    NightWaits("account", "Account")({"run_id": done.run_id, "dag": night("account")})
    subject, page = told(box)
    assert "attend une approbation" in subject
    assert plan[0] in page
    assert f"{sum(line['rows'] for line in plan[1]['candidates'])} enregistrement(s)" in page


def test_evidence_that_cannot_be_read_is_told_as_such(
    workspace: Workspace, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace.home.mkdir(exist_ok=True)
    (workspace.home / "evidence.db").write_bytes(b"no database" * 1000)
    night().test()
    _, page = told(box)
    assert "La preuve ou la déclaration ne peut être lue" in page
    assert "the evidence database" in page


def test_a_dag_that_touches_no_store(workspace: Workspace, box: Mailbox) -> None:
    impact_dag().test(run_conf={"decisions": "nowhere"})
    subject, page = told(box)
    assert "policy_impact" in subject
    assert "Aucune base n’est touchée" in page


def test_a_night_that_is_late_is_told_unless_it_is_over(workspace: Workspace, box: Mailbox) -> None:
    run = {"dag_run_id": "manual__x", "dag_id": "retention_usage"}
    late = NightLate("usage", "Usage")
    for over in ("failed", "success"):
        late({"dag_run": {**run, "state": over}})  # type: ignore[arg-type]  # as Airflow hands it to a deadline
    assert box.letters == []
    late({"dag_run": {**run, "state": "running"}})  # type: ignore[arg-type]
    subject, page = told(box)
    assert "n’est pas terminée à l’heure" in subject
    assert "Ce qui est échu reste" in page


def test_nobody_is_told_where_nobody_is_named(
    workspace: Workspace, box: Mailbox, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("RETENTION_NOTIFY_TO")
    monkeypatch.setattr(NightFailed, "log", logging.getLogger("told"))
    caplog.set_level(logging.INFO, "told")
    NightFailed(STORE, "Usage")({"run_id": "manual__x", "dag": night()})
    assert box.letters == []
    assert caplog.text.count("RETENTION_NOTIFY_TO is not set") == 1


def test_a_mail_server_that_is_away_is_said_without_addresses(
    workspace: Workspace, box: Mailbox, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_SMTP_DEFAULT", environment(free_port())["AIRFLOW_CONN_SMTP_DEFAULT"])
    NightFailed(STORE, "Usage")({"run_id": "manual__x", "dag": night()})
    said = capsys.readouterr().out
    assert "Nobody could be told how this run went: ConnectionRefusedError" in said
    assert TO[0] not in said


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({}, None),
        ({"RETENTION_NOTIFY_TO": " , "}, None),
        ({"RETENTION_NOTIFY_TO": "a@b, c@d"}, Post(("a@b", "c@d"), None, "smtp_default", "fr")),
        (
            {
                "RETENTION_NOTIFY_TO": "a@b",
                "RETENTION_NOTIFY_FROM": "e@f",
                "RETENTION_NOTIFY_CONNECTION": "mail",
                "RETENTION_LANGUAGE": "en",
            },
            Post(("a@b",), "e@f", "mail", "en"),
        ),
    ],
)
def test_settings(given: dict[str, str], expected: Post | None) -> None:
    assert Post.from_env(given) == expected
