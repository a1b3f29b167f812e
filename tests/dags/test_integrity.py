"""Every DAG as Airflow sees it: what it is called, when it runs, what it asks for, in which order it works."""

from __future__ import annotations

import copy
import datetime as dt
import json
import shutil
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from retention.airflow import night as night_module
from retention.airflow.retries import RETRIES

ROOT = Path(__file__).resolve().parents[2]
PARIS = ZoneInfo("Europe/Paris")
STEPS = ["prepare", "scan", "plan", "validate_before", "approve", "share_out", "dispose", "validate_after", "record", "report"]
OTHERS = ["article30_register", "monthly_report", "policy_impact"]
NIGHTS = ["retention_account", "retention_subscription", "retention_transaction", "retention_usage"]


@pytest.fixture(scope="module")
def bag(airflow_database: None) -> Any:
    from airflow.dag_processing.dagbag import DagBag

    return DagBag(ROOT / "dags")


def test_every_dag_file_imports(bag: Any) -> None:
    assert bag.import_errors == {}
    assert sorted(bag.dags) == sorted(OTHERS + NIGHTS)


@pytest.mark.parametrize("dag_id", [*OTHERS, *NIGHTS])
def test_every_dag_keeps_the_house_rules(bag: Any, dag_id: str) -> None:
    dag = bag.dags[dag_id]
    assert dag.catchup is False
    assert dag.max_active_runs == 1
    assert dag.start_date is None, "with a start date, unpausing in daytime would run last night at once"
    assert (dag.deadline is None) is (dag_id in OTHERS)
    assert dag.on_failure_callback, "who must know is told"
    assert "gdpr" in dag.tags
    assert dag.description
    assert dag.doc_md and "{" not in dag.doc_md
    assert "cannot be read" not in dag.doc_md
    for task in dag.tasks:
        assert task.owner == "data-protection"
        assert task.retries == 2
        assert task.retry_policy is RETRIES


@pytest.mark.parametrize("dag_id", NIGHTS)
def test_a_night_takes_every_step_in_order(bag: Any, dag_id: str) -> None:
    dag = bag.dags[dag_id]
    assert [task.task_id for task in dag.topological_sort()] == STEPS
    for earlier, later in pairwise(STEPS):
        assert dag.get_task(earlier).downstream_task_ids == {later}
    assert all(task.trigger_rule == "all_success" for task in dag.tasks)
    assert all(task.doc_md for task in dag.tasks)


def test_the_steps_are_the_library_s() -> None:
    from retention.night import steps

    assert list(night_module.STEPS) == STEPS
    assert list(steps.STEPS) == [name for name in STEPS if name != "share_out"]  # in one process nothing need be shared out


def runs(dag: Any, first: dt.datetime, count: int) -> list[Any]:
    """The next runs that Airflow would schedule from a moment on."""
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction
    from pendulum import instance

    timetable = coerce_to_core_timetable(dag.timetable)
    found: list[Any] = []
    last = None
    for _ in range(count):
        info = timetable.next_dagrun_info(
            last_automated_data_interval=last, restriction=TimeRestriction(earliest=instance(first), latest=None, catchup=True)
        )
        found.append(info)
        last = info.data_interval
    return found


@pytest.mark.parametrize(("dag_id", "at"), [(name, "03:30" if name == "retention_account" else "04:00") for name in NIGHTS])
@pytest.mark.parametrize("first", [dt.datetime(2026, 3, 27, 12, tzinfo=PARIS), dt.datetime(2026, 10, 23, 12, tzinfo=PARIS)])
def test_one_night_a_day_even_when_the_clocks_change(bag: Any, dag_id: str, at: str, first: dt.datetime) -> None:
    scheduled = [info.run_after.astimezone(PARIS) for info in runs(bag.dags[dag_id], first, 4)]
    assert [f"{moment:%H:%M}" for moment in scheduled] == [at] * 4
    assert [moment.date() for moment in scheduled] == [first.date() + dt.timedelta(days=day) for day in range(1, 5)]


def test_a_scheduled_run_speaks_for_the_day_it_runs_on(bag: Any) -> None:
    from retention.airflow.asof import as_of_date

    for info in runs(bag.dags["retention_account"], dt.datetime(2026, 10, 23, 12, tzinfo=PARIS), 4):
        assert as_of_date(None, info.data_interval.end, info.run_after) == info.run_after.astimezone(PARIS).date()


def test_unpausing_in_daytime_waits_for_the_night(bag: Any) -> None:
    from airflow.serialization.encoders import coerce_to_core_timetable
    from airflow.timetables.base import TimeRestriction

    timetable = coerce_to_core_timetable(bag.dags["retention_account"].timetable)
    info = timetable.next_dagrun_info(
        last_automated_data_interval=None, restriction=TimeRestriction(earliest=None, latest=None, catchup=False)
    )
    assert info is not None
    assert info.run_after > dt.datetime.now(dt.UTC)


def test_the_register_follows_every_night(bag: Any) -> None:
    updated = {asset.uri for name in NIGHTS for task in bag.dags[name].tasks for asset in task.outlets}
    awaited = {asset.uri for asset in bag.dags["article30_register"].timetable.asset_condition.objects}
    assert awaited == updated == {f"retention://store/{name.removeprefix('retention_')}" for name in NIGHTS}
    assert {task.task_id for task in bag.dags["article30_register"].tasks} == {"publish", "register_fr", "register_en", "check"}
    assert [task.task_id for name in NIGHTS for task in bag.dags[name].tasks if task.outlets] == ["record"] * 4


def test_the_month_is_reported_on_the_first_of_the_next(bag: Any) -> None:
    from retention.airflow.asof import as_of_date
    from retention.airflow.monthly import month_before

    dag = bag.dags["monthly_report"]
    assert {task.task_id for task in dag.tasks} == {"report_fr", "report_en"}
    scheduled = runs(dag, dt.datetime(2026, 10, 23, 12, tzinfo=PARIS), 4)
    moments = [info.run_after.astimezone(PARIS) for info in scheduled]
    assert [f"{moment:%Y-%m-%d %H:%M}" for moment in moments] == [f"{month}-01 07:00" for month in
                                                                  ("2026-11", "2026-12", "2027-01", "2027-02")]  # fmt: skip
    months = [month_before(None, as_of_date(None, info.data_interval.end, info.run_after)) for info in scheduled]
    assert [f"{month:%Y-%m}" for month in months] == ["2026-10", "2026-11", "2026-12", "2027-01"]
    assert month_before("2025-02", dt.date(2026, 12, 1)) == dt.date(2025, 2, 1)
    assert with_params(dag, month="2026-11").dump() == {"month": "2026-11"}


@pytest.mark.parametrize("chosen", ["2026-13", "November", "2026-11-01", "26-11"])
def test_a_month_that_is_none_is_refused_before_anything_runs(bag: Any, chosen: str) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    with pytest.raises(ParamValidationError):
        with_params(bag.dags["monthly_report"], month=chosen)


def with_params(dag: Any, **chosen: Any) -> Any:
    params = copy.deepcopy(dag.params)
    params.update(chosen)
    params.validate()
    return params


@pytest.mark.parametrize("dag_id", NIGHTS)
def test_a_person_may_choose_the_date_and_a_dry_run(bag: Any, dag_id: str) -> None:
    dag = bag.dags[dag_id]
    assert dag.params.dump() == {"as_of": None, "dry_run": False}
    assert with_params(dag, as_of="2026-11-08", dry_run=True).dump() == {"as_of": "2026-11-08", "dry_run": True}


@pytest.mark.parametrize("chosen", [{"as_of": "8 November"}, {"as_of": "2026-13-01"}, {"as_of": 20261108}, {"dry_run": "yes"}])
def test_a_wrong_choice_is_refused_before_anything_runs(bag: Any, chosen: dict[str, Any]) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    with pytest.raises(ParamValidationError):
        with_params(bag.dags["retention_usage"], **chosen)


def test_what_if_is_asked_by_a_person_about_a_declared_set(bag: Any) -> None:
    from airflow.sdk.exceptions import ParamValidationError

    dag = bag.dags["policy_impact"]
    assert dag.timetable.can_be_scheduled is False
    assert [task.task_id for task in dag.tasks] == ["impact"]
    assert dag.params.get_param("decisions").schema["examples"] == ["example", "production"]
    assert with_params(dag, decisions="example").dump() == {"decisions": "example", "as_of": None}
    for wrong in ("../secret", "drafts/x.yaml", "", None):
        with pytest.raises(ParamValidationError):
            with_params(dag, decisions=wrong)


def test_airflow_keeps_the_dags_as_they_are_written(bag: Any) -> None:
    from airflow.serialization.serialized_objects import DagSerialization

    for dag in bag.dags.values():
        stored = DagSerialization.deserialize_dag(json.loads(json.dumps(DagSerialization.serialize_dag(dag))))
        assert stored.task_ids == dag.task_ids


PARSE = """
import gc, json, sys, time
from airflow.sdk import DAG, Asset, Context, CronTriggerTimetable, ExceptionRetryPolicy, Param, RetryRule, chain, task
Asset(name="warm", uri="warm://up"); task(lambda: None)  # what Airflow itself loads at the first use
gc.collect(); gc.freeze()  # or it collects Airflow's own garbage while we hold the watch
before = set(sys.modules)
took = {}
for name in ("retention_nights", "article30_register", "retention_monthly", "policy_impact"):
    start = time.perf_counter()
    module = __import__(name)
    took[name] = time.perf_counter() - start
dags = [value.dag_id for name in took for value in vars(sys.modules[name]).values() if isinstance(value, DAG)]
print(json.dumps({"took": took, "dags": dags, "loaded": sorted({m.split(".")[0] for m in set(sys.modules) - before} | {
    m for m in sys.modules if m.startswith("retention.")})}))
"""


def parse(environment: dict[str, str]) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-c", PARSE],
        env={**environment, "PYTHONPATH": f"{environment['PYTHONPATH']}:{ROOT / 'dags'}"},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def test_parsing_loads_nothing_heavy(airflow_environment: dict[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    answer = parse(airflow_environment)
    heavy = {
        "pandas",
        "great_expectations",
        "numpy",
        "openpyxl",
        "ruamel",
        "sqlglot",
        "ropa",
        "retention.workspace",
        "retention.night",
        "retention.declare",
        "retention.stores",
        "retention.outlook",
    }
    assert heavy.isdisjoint(answer["loaded"])
    with capsys.disabled():
        print("\nparsed in " + ", ".join(f"{name} {seconds * 1000:.0f} ms" for name, seconds in answer["took"].items()))


def test_a_fifth_store_is_a_fifth_dag_without_touching_python(airflow_environment: dict[str, str], tmp_path: Path) -> None:
    shutil.copytree(ROOT / "include" / "sql", tmp_path / "sql")
    shutil.copytree(tmp_path / "sql" / "usage", tmp_path / "sql" / "support")
    (tmp_path / "sql" / "notes").mkdir()
    dags = parse({**airflow_environment, "RETENTION_SQL": str(tmp_path / "sql")})["dags"]
    assert sorted(dags) == sorted([*OTHERS, *NIGHTS, "retention_support"])


@pytest.mark.parametrize("broken", ["", "store: [", "- a list", "store: usage\n", "populations: {}\n", "\x00"])
def test_a_broken_declaration_harms_no_other_dag(tmp_path: Path, broken: str) -> None:
    from retention.airflow.catalogue import store_cards

    shutil.copytree(ROOT / "include" / "sql", tmp_path / "sql")
    (tmp_path / "sql" / "usage" / "store.yaml").write_text(broken, encoding="utf-8")
    cards = {card.name: card for card in store_cards({"RETENTION_SQL": str(tmp_path / "sql")})}
    assert list(cards) == ["account", "subscription", "transaction", "usage"]
    assert "cannot be read" in cards["usage"].rules
    assert "account-relationship" in cards["account"].rules
    assert cards["account"].publishes


def test_a_store_s_rules_are_told_in_words() -> None:
    from retention.airflow.catalogue import store_cards

    rules = {card.name: card.rules for card in store_cards({})}
    assert "| `payment-card` | Payment card data |" in rules["transaction"]
    assert "payment-card" not in rules["account"]
    assert "25 months from the date that decision `trial.anchor` settles" in rules["account"]
    assert "suppression-list" in rules["subscription"]
