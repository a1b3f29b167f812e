"""What a proposed decision set would change, as a DAG that a person starts: the outcome of `retention impact`."""

from __future__ import annotations

import os
from collections.abc import Mapping
from copy import deepcopy

from airflow.sdk import DAG, Param, get_current_context, task

from retention.airflow.asof import as_of_of
from retention.airflow.catalogue import REPOSITORY
from retention.airflow.connections import connected
from retention.airflow.night import EVERY_TASK, PARAMS
from retention.airflow.notices import OtherFailed

DOC = """\
Judges every record under the decision set in force and under a proposed one, side by side and read-only, and writes what the
proposed one would dispose of, release or keep longer, by category, rule and month, as a workbook in French and in English.

Trigger it with the name of a set that lies in `ropa/declarations/decisions/`. Where both ask the same, it says so and writes
nothing. The workbooks lie in `output/impact/`; `retention impact --decisions FILE` does the same for any file.
"""


def decision_sets(environment: Mapping[str, str] = os.environ) -> list[str]:
    """The names of the declared decision sets, as a DAG file sees them: nothing is read."""
    folder = REPOSITORY / environment.get("RETENTION_DECLARATIONS", "ropa/declarations") / "decisions"
    return sorted(path.stem for path in folder.glob("*.yaml"))


def impact_dag() -> DAG:
    """The DAG `policy_impact`. No schedule: it answers a question."""
    params = {
        "decisions": Param(
            None,
            type="string",
            pattern="^[a-z][a-z0-9_.-]*$",
            examples=decision_sets(),
            title="Proposed decision set",
            description="The name of a set in ropa/declarations/decisions.",
        ),
        "as_of": deepcopy(PARAMS["as_of"]),
    }
    with DAG(
        dag_id="policy_impact",
        description="What a proposed decision set would dispose of, release or keep longer",
        doc_md=DOC,
        schedule=None,
        catchup=False,
        max_active_runs=1,
        params=params,
        tags={"gdpr", "what-if"},
        default_args=EVERY_TASK,
        on_failure_callback=OtherFailed(),
    ) as dag:
        task(task_id="impact", multiple_outputs=False)(judge)()
    return dag


def judge() -> dict[str, int | str]:
    """Judges under both sets, writes the workbooks, and returns counts by effect and the workbooks' names."""
    from retention.outlook.change import proposed
    from retention.outlook.impact import CHANGES, impact
    from retention.outlook.impact_book import write_impact
    from retention.outputs import delivered
    from retention.workspace import Workspace

    context = get_current_context()
    workspace, as_of = connected(Workspace.from_env()), as_of_of(context)
    bundle = workspace.bundle()
    other = proposed(workspace, bundle, decisions=str(context["params"]["decisions"]), named=True)
    found = impact(workspace, bundle, other, as_of)
    told: dict[str, int | str] = {change: found.rows(change) for change in CHANGES}
    if found.changes_nothing:
        return {**told, "difference": 0}
    with delivered(workspace) as there:
        written = {f"workbook_{lang}": write_impact(there, bundle, other, found, lang).name for lang in ("fr", "en")}
    return {**told, "difference": 1, **written}
