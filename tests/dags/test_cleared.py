"""A night's run is cleared while its deadline lies ahead."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from retention.airflow.deadline import RunMade

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def stored(airflow_database: None) -> Any:
    """A night's DAG as the scheduler reads it: written to Airflow's database and read again."""
    from airflow.dag_processing.bundles.manager import DagBundlesManager
    from airflow.dag_processing.dagbag import DagBag, sync_bag_to_db
    from airflow.models.serialized_dag import SerializedDagModel

    DagBundlesManager().sync_bundles_to_db()
    sync_bag_to_db(DagBag(ROOT / "dags"), "dags-folder", None)
    return SerializedDagModel.get_dag("retention_usage")


def test_a_run_can_be_cleared_before_its_deadline(stored: Any) -> None:
    from airflow.models.dagrun import DagRun
    from airflow.models.deadline import Deadline
    from airflow.models.taskinstance import clear_task_instances
    from airflow.utils.session import create_session
    from airflow.utils.state import DagRunState
    from airflow.utils.types import DagRunTriggeredByType, DagRunType

    before = dt.datetime.now(dt.UTC)
    with create_session() as session:
        run = stored.create_dagrun(
            run_id="manual__cleared",
            run_after=before,
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.TEST,
            state=DagRunState.QUEUED,
            session=session,
        )
        session.flush()
        ours = session.query(Deadline).filter_by(dagrun_id=run.id)
        due = ours.one().deadline_time
        assert before <= due - dt.timedelta(hours=4) <= dt.datetime.now(dt.UTC)

        clear_task_instances(run.task_instances, session)
        session.flush()
        assert run.clear_number == 1
        assert ours.one().deadline_time == due, "clearing grants no delay"
        session.query(DagRun).filter_by(id=run.id).delete()


def test_what_it_counts_from_is_registered() -> None:
    from airflow.plugins_manager import get_deadline_references_plugins

    assert RunMade in get_deadline_references_plugins().values()
