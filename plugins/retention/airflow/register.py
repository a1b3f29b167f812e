"""The article 30 register as a DAG: written anew when every store's night is done."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Literal

from airflow.sdk import DAG, get_current_context, task

from retention.airflow.asof import as_of_of
from retention.airflow.catalogue import StoreCard
from retention.airflow.connections import connected
from retention.airflow.night import OWNER, PARAMS, RETRIES, store_asset

LANGUAGES: tuple[Literal["fr", "en"], ...] = ("fr", "en")

DOC = """\
Writes the article 30 register as a workbook in French and in English, once every store's night has passed:
{stores}.

A night that failed sends no word, so the register waits until it is run again. `retention register` writes one at any time.
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
        params={"as_of": PARAMS["as_of"]},
        tags={"gdpr", "register"},
        default_args={
            "owner": OWNER,
            "retries": 2,
            "retry_delay": dt.timedelta(minutes=5),
            "retry_policy": RETRIES,
        },
    ) as dag:
        for language in LANGUAGES:
            task(task_id=f"register_{language}")(write)(language)
    return dag


def write(language: Literal["fr", "en"]) -> str:
    """Writes the register in one language and returns the workbook's name."""
    from retention.workspace import Workspace
    from ropa.register import write_register

    workspace, as_of = connected(Workspace.from_env()), as_of_of(get_current_context())
    evidence = workspace.evidence(readonly=True)
    return write_register(workspace, workspace.bundle(), evidence, language=language, as_of=as_of).name
