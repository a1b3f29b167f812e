"""What Airflow tells this plugin when a run begins or ends: the run gets its note, and acts of people reach the ledger.

The hooks are called in the scheduler, and in the API server when a person marks a run. They never raise, never wait for a
store or for the evidence, and leave alone what is not one of this product's DAGs.

Where tasks are forks of the scheduler, it imports beforehand what each of them would import anew.
"""

from __future__ import annotations

import importlib
import logging
import sys
from typing import TYPE_CHECKING, Any

from airflow.listeners import hookimpl

from retention.airflow.actions import Copier
from retention.airflow.names import NOTE, ours

if TYPE_CHECKING:
    from airflow.models import DagRun
    from sqlalchemy.orm import Session

log = logging.getLogger(__name__)

LONGEST = 1000  # characters of a note in Airflow
# What tasks of a night import: Great Expectations alone takes over two seconds, twice a night.
HEAVY = (
    *("great_expectations", "great_expectations.expectations", "great_expectations.datasource.fluent"),
    *("great_expectations.execution_engine", "retention.night.steps", "retention.night.validate", "retention.report"),
)

_copier = Copier()


@hookimpl  # type: ignore[untyped-decorator]
def on_starting(component: Any) -> None:
    """A part of Airflow begins. With a LocalExecutor every task is a fork of the scheduler, and shares what it has imported."""
    if not _is_scheduler() or not _tasks_are_forks():
        return
    for name in HEAVY:
        try:
            importlib.import_module(name)
        except Exception as reason:  # the tasks that need it will say what is the matter
            log.error("Retention's listener could not import %s: %s", name, type(reason).__name__)


def _is_scheduler() -> bool:
    """By the command line: when it is asked, the part that begins does not know yet what it is."""
    return sys.argv[1:2] == ["scheduler"]


def _tasks_are_forks() -> bool:
    from airflow.configuration import conf

    return "LocalExecutor" in conf.get("core", "executor")


@hookimpl  # type: ignore[untyped-decorator]
def on_dag_run_running(dag_run: DagRun, msg: str) -> None:
    """A run begins: what people did since the last one is copied."""
    _noticed(dag_run, note=False)


@hookimpl  # type: ignore[untyped-decorator]
def on_dag_run_success(dag_run: DagRun, msg: str) -> None:
    _noticed(dag_run, note=True)


@hookimpl  # type: ignore[untyped-decorator]
def on_dag_run_failed(dag_run: DagRun, msg: str) -> None:
    _noticed(dag_run, note=True)


def _noticed(dag_run: DagRun, *, note: bool) -> None:
    if not ours(dag_run.dag_id):
        return
    from sqlalchemy.orm import object_session

    session = object_session(dag_run)
    if session is None:
        return
    for what, work in (("the run's note", _annotate if note else None), ("the audit log", _copy)):
        if work is None:
            continue
        try:
            with session.no_autoflush:  # the run is in the middle of being changed
                work(session, dag_run)
        except Exception as reason:
            log.error("Retention's listener could not see to %s: %s", what, type(reason).__name__)


def _copy(session: Session, _dag_run: DagRun) -> None:
    _copier.copy(session)


def _annotate(session: Session, dag_run: DagRun) -> None:
    """Writes what the last task that told something told. A note that a person wrote stays."""
    there: Any = dag_run.dag_run_note
    if there is not None and there.user_id is not None:
        return
    said = _said(session, dag_run)
    if not said:
        return
    version = dag_run.version_number
    note = (f"{said} · DAG version {version}" if version else said)[:LONGEST]
    if there is None:
        dag_run.note = note
    else:
        there.content = note


def _said(session: Session, dag_run: DagRun) -> str:
    from airflow.models.xcom import XComModel
    from sqlalchemy import select

    query = select(XComModel).where(
        XComModel.dag_id == dag_run.dag_id, XComModel.run_id == dag_run.run_id, XComModel.key == NOTE
    )
    last = session.scalars(query.order_by(XComModel.timestamp.desc()).limit(1)).first()
    return str(XComModel.deserialize_value(last)) if last is not None else ""
