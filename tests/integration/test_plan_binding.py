"""A plan is carried out as it was made, or not at all."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from workbench import AS_OF, DAY, STORES, UNTIL_DISPOSAL, Bench, copy, limit, redeclare, set_day, sql, take

from retention.errors import PlanError
from retention.evidence import ledger
from retention.night import steps


@pytest.fixture
def declared(folder: Path, untouched: Bench) -> Iterator[Bench]:
    """A sample with a declaration of its own, which may change."""
    made = Bench(copy(untouched.workspace, folder / "bench", **redeclare(folder)), untouched.sample)
    yield made
    made.close()


def edit(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, file
    file.write_text(text.replace(old, new), encoding="utf-8")


def longer_period(bench: Bench) -> None:
    edit(bench.workspace.declarations / "decisions" / "example.yaml", "    value: 1 month\n", "    value: 2 months\n")


def other_limit(bench: Bench) -> None:
    file = bench.workspace.declarations / "decisions" / "example.yaml"
    file.write_text(limit(candidate_share=0.5)(file.read_text(encoding="utf-8")), encoding="utf-8")


def other_rule(bench: Bench) -> None:
    edit(bench.workspace.declarations / "retention.yaml", "    anchor: unsubscribed_at\n", "    anchor: recorded_at\n")


def other_mapping(bench: Bench) -> None:
    edit(bench.workspace.sql / "usage" / "store.yaml", "cell: [browser, operating_system]", "cell: [browser]")


def other_query(bench: Bench) -> None:
    edit(bench.workspace.sql / "usage" / "visits.sql", "v.visitor_id IS NULL AND ", "")


def other_policy(bench: Bench) -> None:
    edit(
        bench.workspace.declarations / "policy.yaml",
        "title: {fr: Politique de confidentialité de",
        "title: {fr: Nouvelle politique de",
    )


@pytest.mark.parametrize("change", [longer_period, other_limit, other_rule, other_mapping, other_query, other_policy])
def test_a_declaration_changed_between_plan_and_disposal(declared: Bench, change: Callable[[Bench], None]) -> None:
    declared.run("usage", UNTIL_DISPOSAL, run_id="bound")
    before = declared.content("usage")
    change(declared)

    with pytest.raises(PlanError) as error:
        take(declared.night("usage", run_id="bound"), ("dispose",))

    assert error.value.exit_code == 5
    assert "changed since the plan was made" in str(error.value)
    assert declared.content("usage") == before
    assert declared.receipted("usage") == {}


def test_begun_again_a_night_follows_the_new_declaration(declared: Bench) -> None:
    declared.run("usage", UNTIL_DISPOSAL, run_id="bound")
    other_limit(declared)
    ran = declared.run("usage", (*UNTIL_DISPOSAL, "dispose", "record"), run_id="bound")
    assert int(ran["dispose"]["batches"]) > 0


def test_another_decision_set_between_plan_and_disposal(bench: Bench) -> None:
    from dataclasses import replace

    bench.run("usage", UNTIL_DISPOSAL, run_id="bound")
    bench.workspace = replace(bench.workspace, decision_set="production")
    with pytest.raises(PlanError):
        take(bench.night("usage", run_id="bound"), ("dispose",))
    assert bench.receipted("usage") == {}


@pytest.mark.parametrize(
    "change",
    [
        "ALTER TABLE visits ADD COLUMN fax TEXT",
        "ALTER TABLE visits DROP COLUMN interests",
        "CREATE TABLE visits_copy AS SELECT * FROM visits",
        "DROP TABLE page_events",
    ],
)
def test_a_schema_changed_between_plan_and_disposal(bench: Bench, change: str) -> None:
    night = bench.night("usage")
    take(night, UNTIL_DISPOSAL)
    bench.sql("usage", change)
    before = bench.content("usage")

    with pytest.raises(PlanError) as error:
        take(night, ("dispose",))

    assert error.value.exit_code == 5
    assert "schema changed" in str(error.value)
    assert bench.content("usage") == before


@pytest.mark.parametrize("when", ["before the night", "after the plan"])
def test_a_trigger_that_copies_what_is_deleted(bench: Bench, when: str) -> None:
    from retention.errors import RetentionError

    trigger = (
        "CREATE TRIGGER keep AFTER DELETE ON page_events BEGIN UPDATE visits SET interests = OLD.path "
        "WHERE visit_id = (SELECT max(visit_id) FROM visits); END"
    )
    if when == "before the night":
        bench.sql("usage", trigger)
    night = bench.night("usage")
    with pytest.raises(RetentionError):
        take(night, UNTIL_DISPOSAL)
        bench.sql("usage", trigger) if when == "after the plan" else None
        take(night, ("dispose",))


def altered(bench: Bench, *, rehash: bool, **changes: object) -> None:
    """What somebody with access to the evidence database could do to a plan."""
    file = bench.workspace.home / "evidence.db"
    document = json.loads(sql(file, "SELECT document FROM plan WHERE run_id = 'bound'")[0][0])
    document |= changes
    text = ledger.canonical(document)
    sql(file, "UPDATE plan SET document = ? WHERE run_id = 'bound'", text)
    if rehash:
        sql(file, "UPDATE plan SET plan_hash = ? WHERE run_id = 'bound'", hashlib.sha256(text.encode()).hexdigest())


@pytest.mark.parametrize(
    "rehash",
    [
        False,
        pytest.param(
            True,
        ),
    ],
)
def test_a_plan_altered_in_the_evidence(declared: Bench, rehash: bool) -> None:
    declared.run("usage", UNTIL_DISPOSAL, run_id="bound")
    before = declared.content("usage")
    longer_period(declared)
    altered(declared, rehash=rehash, policy_hash=declared.bundle.policy_hash)

    with pytest.raises(PlanError) as error:
        take(declared.night("usage", run_id="bound"), ("dispose",))

    assert "altered" in str(error.value)
    assert declared.content("usage") == before


def test_a_plan_that_is_missing(bench: Bench) -> None:
    night = bench.night("usage", run_id="bound")
    take(night, ("prepare", "scan"))
    for step in ("validate_before", "dispose"):
        with pytest.raises(PlanError) as error:
            take(night, (step,))
        assert "no plan" in str(error.value)
    assert bench.receipted("usage") == {}


def test_a_plan_without_a_scan(bench: Bench) -> None:
    with pytest.raises(PlanError) as error:
        bench.run("usage", ("prepare", "plan"))
    assert "no scan" in str(error.value)


def test_a_plan_is_the_same_for_the_same_scan(bench: Bench) -> None:
    night = bench.night("transaction")
    first = take(night, UNTIL_DISPOSAL)["plan"]["plan"]
    assert take(night, ("scan", "plan"))["plan"]["plan"] == first


def test_the_clock_set_back_makes_a_rehearsal(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """An as-of date that lies ahead of the clock disposes of nothing, however it came to lie there."""
    set_day(monkeypatch, AS_OF - DAY)
    for store in STORES:
        ran = bench.run(store)
        assert ran["dispose"] == {"batches": 0, "spared": 0}


def test_a_run_takes_its_horizon_with_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Begun before midnight and ended after, a night is judged by one day."""
    night = bench.night("usage", run_id="midnight")
    set_day(monkeypatch, AS_OF + DAY)
    again = steps.open_night(bench.workspace, "usage", as_of=AS_OF, run_id="midnight")
    assert (again.horizon, again.as_of) == (night.horizon, night.as_of) == (AS_OF, AS_OF)
    assert dt.timedelta(days=1) == DAY
