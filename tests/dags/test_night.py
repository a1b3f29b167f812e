"""Whole nights under Airflow, on real databases."""

from __future__ import annotations

import datetime as dt
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import cache, wraps
from pathlib import Path
from typing import Any

import pytest

from retention import clock
from retention.airflow import night as night_module
from retention.airflow.catalogue import store_cards
from retention.airflow.impact import impact_dag
from retention.airflow.register import register_dag
from retention.declare.bundle import load_bundle
from retention.errors import PlanError, Transient
from retention.evidence import registers
from retention.night import steps
from retention.night.disposal import run as disposal
from retention.sample import generate
from retention.workspace import Workspace
from ropa.register.editions import EDITIONS

AS_OF = dt.date(2026, 11, 8)
STORES = ("account", "subscription", "transaction", "usage")


TOMORROW = clock.today() + dt.timedelta(days=1)

read_once = cache(load_bundle)


@pytest.fixture(autouse=True)
def workspace(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, airflow_database: None
) -> Workspace:
    """Sample stores in a folder of this test's own, as they stand before a night (`AS_OF`, unless the test says another)."""
    # Every task reads the declaration anew, in half a second; no test here changes it.
    monkeypatch.setattr(Workspace, "bundle", lambda self: read_once(self.declarations, self.sql, self.decision_set))
    monkeypatch.setenv("RETENTION_HOME", str(tmp_path / "var"))
    monkeypatch.setenv("RETENTION_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("RETENTION_DECISIONS", "example")
    made = Workspace.from_env()
    generate(made.store_file, as_of=getattr(request, "param", AS_OF), usage_rows=1_000)
    return made


in_task = threading.local()


@pytest.fixture(autouse=True)
def no_metadata_in_tasks(airflow_database: None) -> Iterator[None]:
    """A real worker has no access to Airflow's own database; `dag.test()` would let it pass."""
    from airflow import settings
    from sqlalchemy import event

    def refuse(*_: Any) -> None:
        assert not getattr(in_task, "now", False), "a task reached for Airflow's own database"

    event.listen(settings.engine, "before_cursor_execute", refuse)
    yield
    event.remove(settings.engine, "before_cursor_execute", refuse)


def as_task(work: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(work)
    def watched(*args: Any, **named: Any) -> Any:
        in_task.now = True
        try:
            return work(*args, **named)
        finally:
            in_task.now = False

    return watched


def night_of(store: str) -> Any:
    """The DAG of a store, with its retries at once."""
    dag = night_module.night_dag(next(card for card in store_cards() if card.name == store))
    return watched(dag)


def watched(dag: Any) -> Any:
    dag.deadline = None  # which `dag.test()` does not know
    for task in dag.tasks:
        if hasattr(task, "python_callable"):
            task.python_callable = as_task(task.python_callable)
        task.retry_delay = dt.timedelta()
    return dag


def run(dag: Any, **chosen: Any) -> Any:
    return dag.test(run_conf={"as_of": str(AS_OF), **chosen})


def results(dag_run: Any) -> dict[str, dict[str, Any]]:
    """What each task returned."""
    return {
        instance.task_id: instance.xcom_pull(task_ids=instance.task_id, map_indexes=instance.map_index)
        for instance in dag_run.get_task_instances()
    }


def states(dag_run: Any) -> dict[str, str]:
    return {instance.task_id: str(instance.state) for instance in dag_run.get_task_instances()}


def count_rows(workspace: Workspace, store: str) -> dict[str, int]:
    """Rows of each population's table."""
    populations = workspace.bundle().store(store).declared.populations
    path = workspace.store_file(store)
    with closing(sqlite3.connect(path)) as file:
        if any(p.schema_name for p in populations):
            file.execute("ATTACH DATABASE ? AS archive", (str(path.with_name(f"{path.stem}.archive.db")),))
        return {p.table: file.execute(f'SELECT count(*) FROM "{p.table}"').fetchone()[0] for p in populations}


def disposed_rows(workspace: Workspace, run_id: str) -> int:
    return sum(receipt.rows for receipt in workspace.evidence(readonly=True).receipts([run_id]))


@pytest.mark.parametrize("store", STORES)
def test_a_night_disposes_once_and_a_second_one_of_nothing(workspace: Workspace, store: str) -> None:
    before = count_rows(workspace, store)
    first = run(night_of(store))
    assert str(first.state) == "success", states(first)

    evidence = workspace.evidence(readonly=True)
    recorded = evidence.run(f"{store}:{first.run_id}")
    assert recorded is not None
    assert (recorded.as_of, recorded.dry_run) == (AS_OF, False)
    assert recorded.status in ("passed", "reservations")
    assert disposed_rows(workspace, recorded.run_id) > 0
    assert count_rows(workspace, store) != before

    second = run(night_of(store))
    assert str(second.state) == "success", states(second)
    assert disposed_rows(workspace, f"{store}:{second.run_id}") == 0


def test_tasks_return_counts_and_digests_only(workspace: Workspace) -> None:
    returned = results(run(night_of("account")))
    assert list(returned["scan"]) == ["rows", "keep", "held", "quarantine", "due"]
    assert returned.pop("share_out") == ["contacts, trials, contracts, accounts"]  # populations, never keys
    for step, result in returned.items():
        assert isinstance(result, dict), step
        assert all(isinstance(value, int | str) for value in result.values()), step
        assert not any("@" in str(value) for value in result.values()), step


def test_a_dry_run_changes_no_row(workspace: Workspace) -> None:
    before = count_rows(workspace, "transaction")
    done = run(night_of("transaction"), dry_run=True)
    assert str(done.state) == "success", states(done)
    assert count_rows(workspace, "transaction") == before
    recorded = workspace.evidence(readonly=True).run(f"transaction:{done.run_id}")
    assert recorded is not None
    assert recorded.status == "rehearsal"


@pytest.mark.parametrize("workspace", [TOMORROW], indirect=True)
def test_a_day_to_come_is_a_rehearsal(workspace: Workspace) -> None:
    before = count_rows(workspace, "usage")
    done = run(night_of("usage"), as_of=str(TOMORROW))
    assert str(done.state) == "success", states(done)
    assert count_rows(workspace, "usage") == before
    recorded = workspace.evidence(readonly=True).run(f"usage:{done.run_id}")
    assert recorded is not None
    assert recorded.status == "rehearsal"


def test_a_table_nobody_declared_stops_the_night_at_once(workspace: Workspace) -> None:
    with closing(sqlite3.connect(workspace.store_file("usage"))) as file:
        file.execute("CREATE TABLE forgotten (email TEXT)")
    before = count_rows(workspace, "usage")
    done = run(night_of("usage"))
    assert str(done.state) == "failed"
    assert states(done)["prepare"] == "failed"
    assert set(states(done).values()) == {"failed", "upstream_failed"}
    assert count_rows(workspace, "usage") == before
    recorded = workspace.evidence(readonly=True).run(f"usage:{done.run_id}")
    assert recorded is not None
    assert recorded.status == "failed"
    assert "forgotten" in (recorded.note or "")


def test_what_a_person_must_mend_is_tried_once(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    tries = []

    def refuse(_night: Any) -> Any:
        tries.append(1)
        raise PlanError("superseded")

    monkeypatch.setitem(steps.STEPS, "plan", refuse)  # type: ignore[arg-type]
    done = run(night_of("usage"))
    assert states(done)["plan"] == "failed"
    assert len(tries) == 1


def test_another_try_continues_the_same_run(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    real, tries = disposal.dispose_share, []

    def locked_at_first(night: Any, share: int) -> Any:
        tries.append(night.run_id)
        if len(tries) == 1:
            raise Transient("the store is locked by another program")
        return real(night, share)

    monkeypatch.setattr(disposal, "dispose_share", locked_at_first)
    done = run(night_of("usage"))
    assert str(done.state) == "success", states(done)
    assert tries == [f"usage:{done.run_id}"] * 2
    runs = workspace.evidence(readonly=True).runs("usage")
    assert [recorded.run_id for recorded in runs] == tries[:1]
    assert runs[0].status in ("passed", "reservations")


def test_what_if_writes_both_workbooks_and_touches_no_row(workspace: Workspace) -> None:
    """Stores that no night disposed of; a task returns counts and names of files."""
    for store in STORES:
        night = steps.open_night(workspace, store, as_of=AS_OF, run_id=f"{store}:rehearsal")
        steps.STEPS["prepare"](night)
        night.session.close()
    rows = {store: count_rows(workspace, store) for store in STORES}
    done = watched(impact_dag()).test(run_conf={"decisions": "production", "as_of": str(AS_OF)})
    assert str(done.state) == "success", states(done)
    told = results(done)["impact"]
    written = {path.name for path in (workspace.output / "impact").glob("*.xlsx")}
    assert written == {told.pop("workbook_fr"), told.pop("workbook_en")} and len(written) == 2
    assert told.pop("difference") == 1 and told["release"] > 0
    assert all(isinstance(count, int) for count in told.values())
    assert {store: count_rows(workspace, store) for store in STORES} == rows


def test_the_register_is_published_and_written_in_both_languages(workspace: Workspace) -> None:
    for store in STORES:
        steps.run_night(steps.open_night(workspace, store, as_of=AS_OF, run_id=f"before-the-register-{store}"))
    done = run(watched(register_dag(store_cards())))
    assert str(done.state) == "success", states(done)
    returned = results(done)
    (version,) = registers.shelf(workspace.evidence(readonly=True)).versions
    assert returned.pop("publish") == {"version": "1.0", "hash": version.content_hash} and version.as_of == AS_OF
    assert returned.pop("check") > 0
    names = [name for each in returned.values() for name in each]
    assert len(names) == len(set(names)) == 2 * len(EDITIONS)
    assert set(names) == {path.name for path in (workspace.output / "register").iterdir()}

    again = run(watched(register_dag(store_cards())))  # nothing has happened since: no new version
    assert results(again)["publish"]["version"] == "1.0"
    earlier = run(watched(register_dag(store_cards())), as_of=str(AS_OF - dt.timedelta(days=1)))
    assert states(earlier)["publish"] == "failed"  # nothing stood then, and it is not made up
    ahead = run(watched(register_dag(store_cards())), as_of=str(TOMORROW))
    assert states(ahead)["publish"] == "failed"
    assert len(registers.shelf(workspace.evidence(readonly=True)).versions) == 1
