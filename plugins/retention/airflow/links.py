"""Links from a task in Airflow to what it made: the plan, the validation result, the receipts, the report, the register.

A worker makes the link when its task ends, and the API server shows what it made.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from airflow.sdk import BaseOperatorLink

from retention.airflow.names import NIGHT


def airflow() -> str:
    """Where Airflow is; empty where it does not know its own address."""
    from airflow.sdk.configuration import conf

    return str(conf.get("api", "base_url", fallback="") or "").rstrip("/")


def base() -> str:
    """Where the plugin's page is; relative where Airflow does not know its own address."""
    return f"{airflow()}/retention"


def of_workbook(name: str) -> str:
    """Where the page gives a workbook, by its name below the outputs."""
    return f"{base()}/workbooks/{quote(name)}"


def of_run(dag_id: str, run_id: str, part: str = "") -> str:
    """The page of a night, at one of its parts."""
    store = dag_id.removeprefix(NIGHT)
    return f"{base()}/runs/{quote(store, safe='')}/{quote(f'{store}:{run_id}', safe='')}" + (f"#{part}" if part else "")


class _Part(BaseOperatorLink):  # type: ignore[misc]  # Airflow's classes are not typed here
    """A part of the page of a night."""

    name = ""
    part = ""

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        return of_run(ti_key.dag_id, ti_key.run_id, self.part)


class PlanLink(_Part):
    name = "Plan"
    part = "plan"


class ValidationLink(_Part):
    name = "Validation result"
    part = "validation"


class ReceiptsLink(_Part):
    name = "Receipts"
    part = "receipts"


class ReportLink(BaseOperatorLink):  # type: ignore[misc]
    """The workbook that a task says it wrote."""

    name = "Report"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        told = ti_key.xcom_pull(task_ids=ti_key.task_id, map_indexes=ti_key.map_index)
        name = told.get("report") if isinstance(told, dict) else told
        return of_workbook(f"reports/{name}") if name else ""


class VersionLink(BaseOperatorLink):  # type: ignore[misc]
    """The version of the register that a task published."""

    name = "Register version"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        told = ti_key.xcom_pull(task_ids=ti_key.task_id, map_indexes=ti_key.map_index)
        return f"{base()}/versions/{quote(str(told['version']), safe='')}" if isinstance(told, dict) else ""


LINKS: tuple[BaseOperatorLink, ...] = (PlanLink(), ValidationLink(), ReceiptsLink(), ReportLink(), VersionLink())

# What each step of a night leads to. A share of the disposal says its own link, for Airflow makes its task anew on the worker.
OF_STEP: dict[str, BaseOperatorLink] = {
    "plan": PlanLink(),
    "validate_before": ValidationLink(),
    "validate_after": ValidationLink(),
    "dispose": ReceiptsLink(),
    "record": ReceiptsLink(),
    "report": ReportLink(),
}


def linked(made: Any, *links: BaseOperatorLink) -> Any:
    """A task that leads to these."""
    made.operator.operator_extra_links = links
    return made
