"""The article 30 register as a DAG: published and written when every store's night is done."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any, Literal

from airflow.sdk import DAG, Param, get_current_context, task

from retention.airflow.asof import as_of_of
from retention.airflow.catalogue import StoreCard
from retention.airflow.connections import connected
from retention.airflow.links import VersionLink, linked
from retention.airflow.night import EVERY_TASK, store_asset
from retention.airflow.notices import OtherFailed

LANGUAGES: tuple[Literal["fr", "en"], ...] = ("fr", "en")

AS_OF = Param(
    None,
    type=["null", "string"],
    format="date",
    title="As of",
    description="The date (YYYY-MM-DD) the register speaks for; empty: the day of the run. A day before that of the latest "
    "version gives the version that stood then; a day to come is refused.",
)

DOC = """\
Publishes the article 30 register once every store's night has passed, and writes every edition of it in French and in English:
{stores}.

A register that lacks what the law requires is written, says so, and fails the last task.
A register that says what the latest version says makes no new one. A night that failed sends no word, so the register waits
until it is run again. `retention register` publishes one at any time, `retention register versions` lists them.
"""


def register_dag(cards: Iterable[StoreCard]) -> DAG:
    """The DAG of the register, updated by the nights of these stores."""
    stores = [card.name for card in cards]
    with DAG(
        dag_id="article30_register",
        description="The article 30 register, from the declaration and what the nights recorded",
        doc_md=DOC.format(stores=", ".join(f"`retention_{store}`" for store in stores)),
        schedule=[store_asset(store) for store in stores],
        catchup=False,
        max_active_runs=1,
        params={"as_of": deepcopy(AS_OF)},
        tags={"gdpr", "register"},
        default_args=EVERY_TASK,
        on_failure_callback=OtherFailed(),
    ) as dag:
        version = linked(task(task_id="publish")(publish)(), VersionLink())
        lawful = task(task_id="check")(check)(version)
        for language in LANGUAGES:
            written = task(task_id=f"register_{language}")(write)(language, version)
            written >> lawful
    return dag


def publish() -> dict[str, str]:
    """Publishes the register of the run's day. Returns the version's number and hash, and nothing of what it says."""
    from retention.workspace import Workspace
    from ropa.register.issuing import publish_or_find

    workspace, as_of = connected(Workspace.from_env()), as_of_of(get_current_context())
    publication = publish_or_find(workspace, workspace.bundle(), workspace.evidence(), as_of)
    return {"version": publication.number, "hash": publication.content_hash}


def write(language: Literal["fr", "en"], version: Any) -> list[str]:
    """Writes every edition of the published version in one language and returns the files' names."""
    from retention.outputs import delivered
    from retention.workspace import Workspace
    from ropa.register.editions import EDITIONS
    from ropa.register.issuing import write_editions
    from ropa.register.versions import publication

    with delivered(connected(Workspace.from_env())) as workspace:
        evidence = workspace.evidence(readonly=True)
        paths = write_editions(workspace, evidence, publication(evidence, version["version"]), [language], EDITIONS)
        return [path.name for path in paths]


def check(version: Any) -> int:
    """Raises ValidationFailed where the published register lacks what the law requires. Returns how many checks it passed."""
    from retention.workspace import Workspace
    from ropa.register.checking import refuse
    from ropa.register.versions import publication

    register = publication(connected(Workspace.from_env()).evidence(readonly=True), version["version"]).register
    refuse(register)
    return sum(each.outcome == "PASS" for each in register.checks)
