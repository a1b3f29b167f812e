"""Why a plan needs a person, held against a reckoning of its own over random histories of a store's nights."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import URL, delete, insert

from retention import migrations
from retention.declare.bundle import Bundle
from retention.declare.decisions import APPROVAL_REASONS, Approval, Decisions, Limits
from retention.declare.words import Text
from retention.errors import PlanError
from retention.evidence import ledger, tables
from retention.evidence.database import Evidence
from retention.evidence.heads import GENESIS, move_head
from retention.night.approval import check_approver, reasons
from retention.stores.connect import make_engine

DAY = dt.date(2026, 1, 1)
STORES, POPULATIONS, DECLARATIONS = ("a", "b"), ("p", "q", "r"), ("one", "two")
Counts = dict[str, int]


@dataclass(frozen=True)
class Past:
    """A run that was: how it ended, what was due in it, and what it disposed of under which declaration."""

    store: str
    day: int
    status: str
    declaration: str
    due: Counts
    disposed: Counts


counts = st.dictionaries(st.sampled_from(POPULATIONS), st.integers(0, 3), max_size=3)
pasts = st.builds(
    Past,
    store=st.sampled_from(STORES),
    day=st.integers(0, 5),
    status=st.sampled_from(["passed", "reservations", "failed", "waiting", "rehearsal"]),
    declaration=st.sampled_from(DECLARATIONS),
    due=counts,
    disposed=counts,
)
limits = st.builds(
    Limits,
    candidate_share=st.sampled_from([0.1, 0.5, 1.0]),
    candidate_floor=st.integers(0, 4),
    candidate_count=st.one_of(st.none(), st.integers(1, 8)),
    quarantine_share=st.just(0.5),
    fact_age_days=st.just(1),
    batch_rows=st.just(10),
    idle_nights=st.integers(2, 4),
)
needs = st.lists(st.sampled_from(APPROVAL_REASONS), unique=True).map(tuple)
candidates = st.dictionaries(st.sampled_from(POPULATIONS), st.integers(0, 9), max_size=3)


def bundle(declaration: str, set_limits: Limits, needed: Any = APPROVAL_REASONS) -> Bundle:
    decisions = Decisions(
        set="test",
        title=Text(fr="t", en="t"),
        example=True,
        limits=set_limits,
        approval=Approval(needed_for=needed),
        decisions=(),
    )
    nothing: Any = None
    return Bundle(nothing, decisions, nothing, nothing, nothing, {}, {"declaration": declaration})


def keep(evidence: Evidence, history: list[Past], set_limits: Limits) -> None:
    """Puts a history into the evidence, in the order in which it happened, in the place of what was there."""
    with evidence.writing() as db:
        for table in (tables.run, tables.scan, tables.receipt, tables.ledger):
            db.execute(delete(table))
        move_head(db, "ledger", 0, GENESIS)
        for number, past in enumerate(history):
            started = dt.datetime.combine(DAY, dt.time()) + dt.timedelta(hours=number)
            plan = f"{number:064x}"
            hashed = bundle(past.declaration, set_limits).policy_hash
            run = {"run_id": str(number), "store": past.store, "as_of": DAY + dt.timedelta(days=past.day), "horizon": DAY}
            how = {"policy_hash": "of another try", "decision_set": "test", "dry_run": False, "status": past.status}
            db.execute(insert(tables.run).values(**run, **how, started_at=started))
            ledger.append(db, [ledger.Entry("plan", plan, {"policy_hash": hashed}, str(number), past.store)])
            for line, (population, rows) in enumerate(past.due.items()):
                db.execute(insert(tables.scan).values(_line(number, line, population, rows)))
            for batch, (population, rows) in enumerate(past.disposed.items()):
                db.execute(insert(tables.receipt).values(_receipt(past, number, batch, population, rows, plan, started)))


def _line(number: int, line: int, population: str, rows: int) -> dict[str, Any]:
    said = {"category": "usage", "kind": "visit", "disposition": "due", "reason": "period_over", "overdue": False}
    return {"run_id": str(number), "stage": "before", "population": population, "line": line, "rows": rows, **said}


def _receipt(past: Past, number: int, batch: int, population: str, rows: int, plan: str, at: dt.datetime) -> dict[str, Any]:
    return {
        "receipt_id": f"{number}/{batch}", "run_id": str(number), "store": past.store, "population": population, "unit": 1,
        "batch": batch, "rule": "r", "action": "delete", "as_of": DAY, "plan_hash": plan, "rows": rows, "spared": 0, "root": "",
        "scheme": "blocks", "keyset": b"", "keyset_hash": "", "disposed_at": at + dt.timedelta(seconds=batch),
    }  # fmt: skip


def reckoned(
    history: list[Past], declaration: str, set_limits: Limits, needed: Any, due: Counts, rows: Counts
) -> set[tuple[str, str | None]]:
    """The reasons, from the history as a list: no database, no index, no share as a float."""
    due = {population: count for population, count in due.items() if count > 0}
    if not due:
        return set()
    mine = [past for past in history if past.store == "a"]
    gone = [(past.declaration, population) for past in mine for population, count in past.disposed.items() if count > 0]
    found: set[tuple[str, str | None]] = set()
    if not gone or gone[-1][0] != declaration:
        found.add(("declaration_changed", None))
    completed = [past for past in mine if past.status in ("passed", "reservations")]
    days = sorted({past.day for past in completed})[-set_limits.idle_nights :]
    for population, count in due.items():
        if population not in {of for _, of in gone}:
            found.add(("new_population", population))
        busy = any(past.due.get(population, 0) > 0 for past in completed if past.day in days)
        if len(days) == set_limits.idle_nights and not busy:
            found.add(("after_idle", population))
        share = Fraction(str(set_limits.candidate_share))
        if count > set_limits.candidate_floor and count > share * rows.get(population, 0):
            found.add(("candidate_share", population))
        if set_limits.candidate_count and count > set_limits.candidate_count:
            found.add(("candidate_count", population))
    return {(code, of) for code, of in found if code in needed or code in ("candidate_share", "candidate_count")}


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Evidence:
    return Evidence(f"sqlite:///{tmp_path_factory.mktemp('evidence') / 'evidence.db'}")


def check(evidence: Evidence, history: list[Past], set_limits: Limits, needed: Any, due: Counts, rows: Counts) -> None:
    keep(evidence, history, set_limits)
    with evidence.snapshot() as connection:
        found = reasons(connection, "a", bundle("one", set_limits, needed), due, rows)
    assert {(reason.code, reason.population) for reason in found} == reckoned(history, "one", set_limits, needed, due, rows)
    assert len(found) == len({(reason.code, reason.population) for reason in found})
    assert all(reason.rows == (due[reason.population] if reason.population else sum(due.values())) for reason in found)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pasts, max_size=8), limits, needs, candidates, candidates)
def test_reasons_are_those_of_an_independent_reckoning(
    evidence: Evidence, history: list[Past], set_limits: Limits, needed: Any, due: Counts, rows: Counts
) -> None:
    check(evidence, history, set_limits, needed, due, rows)


def _limits(**others: Any) -> Limits:
    fixed = {"candidate_share": 1.0, "candidate_floor": 9, "quarantine_share": 0.5, "fact_age_days": 1, "batch_rows": 10}
    return Limits(**(fixed | others))


def test_servers_answer_alike(server_database: URL) -> None:
    url = server_database.render_as_string(hide_password=False)
    engine = make_engine(url)
    with engine.begin() as connection:
        migrations.upgrade(connection, migrations.EVIDENCE)
    engine.dispose()
    made = Evidence(url)
    quiet = [Past("a", day, "passed", "one", {"q": 1}, {"q": 1}) for day in range(3)]
    busy = [Past("a", 0, "passed", "one", {"p": 1}, {"p": 1}), *quiet, Past("a", 4, "failed", "two", {}, {"r": 2})]
    for history in ([], quiet, busy):
        check(made, history, _limits(idle_nights=2), APPROVAL_REASONS, {"p": 1, "q": 2, "r": 0}, {"p": 4, "q": 4})
    made.engine.dispose()


def test_a_night_that_was_refused_does_not_count_as_usual(evidence: Evidence) -> None:
    """Else the night after a refusal would run by itself."""
    quiet = [Past("a", day, "passed", "one", {"q": 1}, {"q": 1}) for day in range(3)]
    refused = Past("a", 3, "failed", "one", {"p": 5}, {})
    keep(evidence, [Past("a", 0, "passed", "one", {}, {"p": 1}), *quiet, refused], _limits())
    with evidence.snapshot() as connection:
        found = reasons(connection, "a", bundle("one", _limits(idle_nights=3)), {"p": 5}, {"p": 9})
    assert [reason.code for reason in found] == ["after_idle"]


def test_a_plan_that_is_not_in_the_ledger_counts_as_another_declaration(evidence: Evidence) -> None:
    keep(evidence, [Past("a", 0, "passed", "one", {"p": 1}, {"p": 1})], _limits())
    with evidence.writing() as db:
        db.execute(delete(tables.ledger))
    with evidence.snapshot() as connection:
        found = reasons(connection, "a", bundle("one", _limits()), {"p": 1}, {"p": 9})
    assert [reason.code for reason in found] == ["declaration_changed"]


# who may approve


def test_what_is_not_declared_is_needed() -> None:
    declared = Decisions(set="test", title=Text(fr="t", en="t"), example=True, limits=_limits(), decisions=())
    assert declared.approval == Approval(needed_for=APPROVAL_REASONS, two_persons=True, approvers=None, timeout_hours=20)


@pytest.mark.parametrize(
    ("declared", "requested_by", "who"),
    [
        ({}, "anna", "ANNA"),
        ({}, " anna", "anna "),
        ({}, "ＡＮＮＡ", "anna"),
        ({"changed_by": ["Bert"]}, None, "bert"),
        ({"approvers": ["carla"]}, None, "bert"),
        ({"approvers": ["carla"], "two_persons": False}, None, "bert"),
        ({}, None, " "),
        ({}, "anna", ""),
    ],
)
def test_who_may_not_approve(declared: dict[str, Any], requested_by: str | None, who: str) -> None:
    with pytest.raises(PlanError) as refused:
        check_approver(Approval(**declared), requested_by, who)
    assert refused.value.mend
    assert not who.strip() or who.strip().casefold() not in str(refused.value).casefold()  # errors are logged


@pytest.mark.parametrize(
    ("declared", "requested_by", "who"),
    [
        ({}, "anna", "bert"),
        ({}, None, "bert"),
        ({"two_persons": False, "changed_by": ["anna"]}, "anna", "anna"),
        ({"approvers": ["Carla"]}, "anna", "carla"),
    ],
)
def test_who_may(declared: dict[str, Any], requested_by: str | None, who: str) -> None:
    check_approver(Approval(**declared), requested_by, who)
