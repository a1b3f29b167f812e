"""A plan that needs a person is disposed of with the approval of its hash, or not at all."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert
from workbench import AS_OF, DAY, UNTIL_DISPOSAL, Bench, copy, limit, redeclare, set_day, waive_validation

from retention import clock
from retention.errors import EvidenceError, NotFound, PlanError
from retention.evidence import approvals, tables
from retention.evidence.records import Asked
from retention.night import approval, steps
from retention.night.context import Night
from retention.night.disposal.run import dispose_share

STORE = "usage"


def asking(text: str) -> str:
    assert "needed_for: []\n  two_persons: false" in text
    return text.replace("needed_for: []\n  two_persons: false", "needed_for: [new_population]\n  two_persons: true")


@pytest.fixture(scope="session")
def declared(fast_folder: Callable[[], Path]) -> dict[str, Path]:
    """A declaration under which a table's first disposal needs a second person."""
    return redeclare(fast_folder(), sets={"example": asking})


@pytest.fixture
def bench(folder: Path, untouched: Bench, declared: dict[str, Path]) -> Iterator[Bench]:
    made = Bench(copy(untouched.workspace, folder / "asking", **declared), untouched.sample)
    yield made
    made.close()


@pytest.fixture
def server_bench(folder: Path, untouched_there: Bench, declared: dict[str, Path]) -> Iterator[Bench]:
    made = Bench(copy(untouched_there.workspace, folder / "asking", **declared), untouched_there.sample)
    yield made
    made.close()


def waiting(bench: Bench, run_id: str = "asks", **options: Any) -> tuple[Night, Asked]:
    """A night that has come as far as its approval."""
    night = bench.night(STORE, run_id=run_id, **options)
    night.requested_by = "engineer"
    for name in UNTIL_DISPOSAL:
        steps.STEPS[name](night)
    waive_validation(night)
    assert steps.STEPS["approve"](night)["approval"] == "waiting"
    return night, approvals.asked(night.evidence, run_id)


def say(bench: Bench, run_id: str = "asks", **changes: Any) -> Any:
    said = {"who": "officer", "note": "looked", "via": "test"} | changes
    return approval.approve(bench.evidence, bench.bundle, run_id, **said)


def refused(bench: Bench, night: Night) -> str:
    """The error of a disposal that must not happen, by whichever way it is tried."""
    before = bench.content(STORE)
    told = []
    for attempt in (lambda: steps.STEPS["dispose"](night), lambda: dispose_share(night, 0), lambda: dispose_share(night, 1)):
        with pytest.raises((PlanError, EvidenceError)) as error:
            attempt()
        told.append(str(error.value))
    assert bench.content(STORE) == before
    assert bench.receipted(STORE) == {}
    assert len(set(told)) == 1
    return told[0]


def test_without_approval_nothing_goes_and_with_it_exactly_that_plan(server_bench: Bench) -> None:
    bench = server_bench
    night, asked = waiting(bench)
    run = bench.evidence.run("asks")
    assert run is not None and (run.status, run.finished_at) == ("waiting", None)
    assert "needs a person's approval" in refused(bench, night)

    given, new = say(bench, plan_hash=asked.plan_hash)
    assert new and given.plan_hash == asked.plan_hash
    steps.STEPS["approve"](night)
    steps.STEPS["dispose"](night)
    gone = sum(len(keys) for keys in bench.receipted(STORE).values())
    assert gone == asked.rows > 0
    steps.STEPS["record"](night)
    assert bench.findings([STORE]) == []


def test_the_same_night_planned_again_needs_another_approval(bench: Bench) -> None:
    night, asked = waiting(bench)
    say(bench)
    steps.STEPS["plan"](night)  # nothing has changed but the hour
    waive_validation(night)
    again = approvals.asked(night.evidence, "asks")
    assert again.plan_hash != asked.plan_hash and again.candidates == asked.candidates
    assert "needs a person's approval" in refused(bench, night)
    assert steps.STEPS["approve"](night)["approval"] == "waiting"
    with pytest.raises(PlanError, match="another plan"):
        say(bench, plan_hash=asked.plan_hash)


def test_a_refusal_is_final_and_comes_before_an_approval(bench: Bench) -> None:
    night, _ = waiting(bench)
    say(bench)
    approval.refuse(bench.evidence, "asks", who="engineer", note="", via="test")  # between approval and disposal
    assert "refused" in refused(bench, night)
    run = bench.evidence.run("asks")
    assert run is not None and run.status == "failed"
    for again in (say, lambda bench: approval.expire(bench.evidence, "asks", via="test")):
        with pytest.raises(PlanError, match="was answered"):
            again(bench)
    assert bench.findings([STORE]) == []


def test_no_answer_in_time_is_one(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    night, asked = waiting(bench)
    with pytest.raises(PlanError, match="a rehearsal must not disturb it"):
        steps.STEPS["prepare"](bench.night(STORE, run_id="rehearsal", dry_run=True))
    monkeypatch.setattr(clock, "now", lambda: asked.answer_by + dt.timedelta(seconds=1))
    with pytest.raises(PlanError, match="too late"):
        say(bench)
    assert "needs a person's approval" in refused(bench, night)
    steps.STEPS["prepare"](bench.night(STORE, run_id="rehearsal", dry_run=True))  # which nobody is disturbed by any more
    run = bench.evidence.run("asks")
    assert run is not None and run.status == "failed"
    assert approvals.waiting(bench.evidence) == ()


def test_another_night_ends_the_one_that_waited(bench: Bench) -> None:
    night, _ = waiting(bench)
    waiting(bench, "later")
    assert [asked.run.run_id for asked in approvals.waiting(bench.evidence)] == ["later"]
    with pytest.raises(PlanError, match="has failed"):
        say(bench)
    assert "needs a person's approval" in refused(bench, night)


def test_under_another_declaration_there_is_nothing_to_approve(bench: Bench, folder: Path) -> None:
    night, _ = waiting(bench)
    other = redeclare(folder / "other", sets={"example": lambda text: limit(candidate_share=0.5)(asking(text))})
    changed = Bench(copy(bench.workspace, folder / "copied", **other), bench.sample)
    with pytest.raises(PlanError, match="changed since the plan was made"):
        say(changed)
    changed.close()
    assert approvals.asked(bench.evidence, "asks").answers == ()
    assert "needs a person's approval" in refused(bench, night)


def test_an_approver_who_may_not_have_is_found_out_at_disposal(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    night, _ = waiting(bench)
    with monkeypatch.context() as patch:
        patch.setattr(approval, "check_approver", lambda *_: None)  # as if whoever wrote the answer had not asked
        say(bench, who=" ENGINEER")
    assert "two persons" in refused(bench, night)


def test_only_what_waits_can_be_answered(bench: Bench) -> None:
    with pytest.raises(NotFound):
        say(bench, "nobody knows it")
    night = bench.night(STORE, run_id="early")
    with pytest.raises(PlanError, match="no plan yet"):
        say(bench, "early")
    night.session.close()
    waiting(bench, "later", as_of=AS_OF)
    rehearsed = bench.run("account", UNTIL_DISPOSAL, run_id="rehearsed", dry_run=True)
    assert rehearsed["plan"]["candidates"]
    with pytest.raises(PlanError):
        say(bench, "rehearsed")


# limits


def test_too_many_candidates_wait_whatever_is_declared(untouched: Bench, folder: Path) -> None:
    places = redeclare(folder, sets={"example": limit(candidate_share=0.05, candidate_floor=20)})
    made = Bench(copy(untouched.workspace, folder / "limited", **places), untouched.sample)
    night, asked = waiting(made)
    assert {(reason.code, reason.population, reason.limit) for reason in asked.reasons} >= {
        ("candidate_share", "page_events", 0.05)
    }
    refused(made, night)
    say(made)
    assert steps.STEPS["approve"](night)["approval"] == "approved"
    steps.STEPS["dispose"](night)
    assert sum(len(keys) for keys in made.receipted(STORE).values()) == asked.rows
    made.close()


def test_few_candidates_are_no_mass_however_large_their_share(untouched: Bench, folder: Path) -> None:
    places = redeclare(folder, sets={"example": limit(candidate_share=0.0001, candidate_floor=100_000)})
    made = Bench(copy(untouched.workspace, folder / "limited", **places), untouched.sample)
    made.run(STORE, UNTIL_DISPOSAL, run_id="few")
    found = made.evidence.plan("few")
    assert found is not None and found[1]["approval"] == {"reasons": []}
    made.close()


def test_what_went_once_is_not_asked_about_again(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    night, _ = waiting(bench)
    say(bench)
    for name in ("approve", "dispose", "record"):
        steps.STEPS[name](night)
    set_day(monkeypatch, AS_OF + 40 * DAY)
    bench.run(STORE, UNTIL_DISPOSAL, run_id="later", as_of=AS_OF + 40 * DAY)
    found = bench.evidence.plan("later")
    assert found is not None and sum(line["rows"] for line in found[1]["candidates"]) > 0
    assert found[1]["approval"]["reasons"] == []


# tampering: of evidence.db, behind the library's back

FORGED = "INSERT INTO plan_answer SELECT plan_hash, 'approved', run_id, 'usage', 'forger', created_at, '', 'test' FROM plan"
TAMPERED = {
    "UPDATE plan_answer SET who = 'somebody'": "who differs",
    "UPDATE plan_answer SET note = 'did not look'": "note differs",
    "UPDATE plan_answer SET at = '2026-06-14 01:00:00.000000'": "instant differs",
    "UPDATE plan_answer SET answer = 'refused'": "its record is missing",
    "DELETE FROM plan_answer": "its record is missing",
}


def tampered(bench: Bench, night: Night, statement: str, words: str) -> None:
    with bench.evidence.engine.begin() as connection:
        assert connection.exec_driver_sql(statement).rowcount == 1
    assert words in " ".join(finding.what for finding in bench.findings([STORE])), statement
    assert words in refused(bench, night), statement
    with pytest.raises(EvidenceError):
        say(bench)


def test_an_answer_that_was_slipped_in_lets_nothing_go(bench: Bench) -> None:
    night, _ = waiting(bench)
    tampered(bench, night, FORGED, "is not sealed")


def test_an_answer_that_was_tampered_with_lets_nothing_go(bench: Bench) -> None:
    night, _ = waiting(bench)
    given, _ = say(bench)
    for statement, words in TAMPERED.items():
        tampered(bench, night, statement, words)
        with bench.evidence.writing() as connection:
            connection.execute(delete(tables.plan_answer))
            connection.execute(insert(tables.plan_answer).values(vars(given)))
        assert bench.findings([STORE]) == []


def test_an_edited_plan_asks_no_less(bench: Bench) -> None:
    """The reasons are under the plan's hash: who takes them out has a plan that is none."""
    night, _ = waiting(bench)
    with bench.evidence.engine.begin() as connection:
        document = connection.exec_driver_sql("SELECT document FROM plan").scalar_one()
        start = document.index('"reasons":[')
        edited = document[: start + 11] + document[document.index("]", start) :]
        connection.exec_driver_sql("UPDATE plan SET document = ?", (edited,))
    assert "altered" in refused(bench, night)
