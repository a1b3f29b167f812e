"""Nights that wait for a person, from the command line."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from retention.workspace import Workspace
from tests.unit.cli.conftest import Retention

NIGHT = ("run", "--store", "subscription", "--by", "engineer")


@pytest.fixture
def asking(before: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A sample before its night, under a declaration that wants a second person for what was never disposed of."""
    folder = before / "declarations"
    shutil.copytree(Workspace.at(before).declarations, folder)
    file = folder / "decisions" / "example.yaml"
    text = file.read_text(encoding="utf-8")
    asked = "needed_for: [new_population]\n  two_persons: true\n  changed_by: [author]"
    assert "needed_for: []\n  two_persons: false" in text
    file.write_text(text.replace("needed_for: []\n  two_persons: false", asked), encoding="utf-8")
    monkeypatch.setenv("RETENTION_DECLARATIONS", str(folder))
    return before


def waiting(retention: Retention, home: Path) -> dict[str, Any]:
    ran = retention(*NIGHT, "--json", home=home)
    assert ran.exit_code == 10
    return dict(ran.json["runs"][0])


def rows(home: Path) -> int:
    """Receipted rows of the store."""
    evidence = Workspace.at(home).evidence(readonly=True)
    return sum(total.rows for total in evidence.disposed())


def test_a_night_waits_is_approved_and_resumed(retention: Retention, asking: Path) -> None:
    run = waiting(retention, asking)
    assert (run["status"], run["error"]) == ("waiting", None)
    assert "dispose" not in run["steps"] and "report" in run["steps"]
    assert rows(asking) == 0
    state = retention("status", "--json")
    assert state.exit_code == 9
    subscription = next(store for store in state.json["stores"] if store["store"] == "subscription")
    assert "the last run waits for approval" in subscription["problems"]

    (listed,) = retention("approvals", "--json").json
    assert listed["run_id"] == run["run_id"] and listed["plan_hash"] == run["steps"]["plan"]["plan"]
    assert listed["records"] == run["steps"]["plan"]["candidates"] == sum(one["rows"] for one in listed["candidates"])
    assert {reason["code"] for reason in listed["reasons"]} == {"new_population"}
    assert listed["requested_by"] == "engineer" and listed["oldest"] <= listed["newest"]

    assert retention("resume", run["run_id"], "--json").json["status"] == "waiting"  # nobody has answered
    given = retention("approve", run["run_id"], "--by", "officer", "--note", "looked", "--plan", listed["plan_hash"], "--json")
    assert given.json["recorded"] is True and given.json["answer"]["via"].startswith("cli, account ")
    assert retention("approve", run["run_id"], "--by", "other", "--note", "too", "--json").json["recorded"] is False
    resumed = retention("resume", run["run_id"], "--json")
    assert resumed.exit_code == 0 and resumed.json["status"] in ("passed", "reservations")
    assert rows(asking) == listed["records"] - resumed.json["steps"]["dispose"]["spared"] > 0
    assert retention("approvals", "--json").json == []
    assert retention("verify").exit_code == 0
    assert retention("resume", run["run_id"]).exit_code == 5
    assert retention(*NIGHT).exit_code == 0  # the next night finds nothing, and nobody is asked


def test_a_refused_night_disposes_of_nothing(retention: Retention, asking: Path) -> None:
    run = waiting(retention, asking)["run_id"]
    assert retention("reject", run, "--by", "engineer", "--note", "not yet").exit_code == 0  # whoever started it may refuse
    late = ("--by", "officer", "--note", "late")
    for command in (("approve", run, *late), ("resume", run), ("reject", run, *late)):
        answer = retention(*command)
        assert answer.exit_code == 5 and "refused" in answer.err and "Mend:" in answer.err
    assert rows(asking) == 0
    again = waiting(retention, asking)  # a new night asks anew
    assert again["run_id"] != run


REFUSALS = [
    (("--by", "Engineer ", "--note", "mine"), "two persons"),
    (("--by", " AUTHOR", "--note", "mine"), "two persons"),
    (("--by", "  ", "--note", "mine"), "who gives it"),
    (("--by", "officer", "--note", "another", "--plan", "0" * 64), "another plan"),
]


def test_who_may_not_approve_and_what_is_stale(retention: Retention, asking: Path) -> None:
    told = retention(*NIGHT, home=asking)  # for people
    assert told.exit_code == 10 and "to approve" in told.out
    assert "retention approve subscription:" in told.out and "retention resume subscription:" in told.out
    listed = retention("approvals").out
    assert "ever disposed of" in " ".join(listed.split()) and "To go on: retention approve" in listed
    run = retention("approvals", "--json").json[0]["run_id"]
    for arguments, words in REFUSALS:
        answer = retention("approve", run, *arguments)
        assert answer.exit_code == 5 and words in answer.err, arguments
    assert retention("resume", run).exit_code == 10 and rows(asking) == 0


def test_there_must_be_something_to_answer(retention: Retention, asking: Path, after: Path) -> None:
    assert retention("approvals", home=asking).exit_code == 0
    assert retention("approve", "nobody:knows", "--by", "a", "--note", "b").exit_code == 8
    ended = retention("approve", "subscription:first", "--by", "a", "--note", "b", home=after)
    assert ended.exit_code == 5 and "needs nobody's approval" in ended.err


def test_a_rehearsal_says_what_a_night_would_ask(retention: Retention, asking: Path) -> None:
    told = retention("plan", "--store", "subscription", "--json", home=asking)
    assert told.exit_code == 0
    assert {reason["code"] for reason in told.json["stores"][0]["approval"]} == {"new_population"}
    assert "would wait for a person" in retention("plan", "--store", "subscription").out
