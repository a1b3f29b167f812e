"""One store's night as a DAG: one task a step, each of them the library's own."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from typing import TYPE_CHECKING, Any

from airflow.sdk import (
    DAG,
    Asset,
    CronTriggerTimetable,
    Param,
    chain,
    get_current_context,
    task,
)

from retention.airflow import metrics
from retention.airflow.approval import NightApproval
from retention.airflow.asof import as_of_of
from retention.airflow.catalogue import StoreCard
from retention.airflow.connections import connected
from retention.airflow.lineage import with_lineage
from retention.airflow.links import OF_STEP, linked
from retention.airflow.names import NOTE
from retention.airflow.notices import NightDone, NightFailed, NightWaits, in_time
from retention.airflow.retries import TRIED_AGAIN

if TYPE_CHECKING:
    from retention.night.context import Night

OWNER = "data-protection"

# 02:00-03:00 does not exist on one night of the year and comes twice on another.
PUBLISHER_CRON = "30 3 * * *"
OTHERS_CRON = "0 4 * * *"

STEPS = {
    "prepare": "Checks that the store is what its declaration says, brings holds and facts up to date, claims it for this run.",
    "scan": "Gives every row its verdict inside the database and counts the rows of each.",
    "plan": "Freezes what is to be done in a document named by its SHA-256.",
    "validate_before": "Great Expectations has a second opinion. A blocking doubt ends the night here: nothing is disposed of.",
    "approve": "Waits for a person where one must look: a new declaration, a new table, a limit passed. Else passes at once.",
    "share_out": "Names the shares of the work: disjoint parts of the tables, for as many workers as the store's pace allows.",
    "dispose": "Deletes or anonymises what is due and not held, batch by batch, each with its receipt in the same transaction.",
    "validate_after": "Great Expectations looks again: what was due is gone, what was held is still there.",
    "record": "Seals the receipts in the ledger.",
    "report": "Writes the retention report.",
}

PARAMS = {
    "as_of": Param(
        None,
        type=["null", "string"],
        format="date",
        title="As of",
        description="The date (YYYY-MM-DD) this run speaks for; empty: the day of the run. A day to come makes it a rehearsal.",
    ),
    "dry_run": Param(
        False,
        type="boolean",
        title="Dry run",
        description="Count, validate and report, but dispose of nothing.",
    ),
}

EVERY_TASK: dict[str, Any] = {"owner": OWNER, **TRIED_AGAIN}

DOC = """\
Disposes of what nobody may keep any longer in **{title}** (`include/sql/{name}/`), keeps the rest for a stated reason and
proves both.

{rules}

A row that is held, unreadable or waiting for a decision stays, and the report says so. Another try or a second run of the same
night takes up the work that is left and repeats nothing. To see what would happen, trigger with *dry run*.
The report lies in `output/reports/`; `retention explain` says why one record was kept or disposed of.
"""

TELLING = ("plan", "validate_after", "record")  # steps after which the run's note is brought up to date
log = logging.getLogger(__name__)


def store_asset(store: str) -> Asset:
    """What a store's night has brought up to date."""
    return Asset(name=f"retention_{store}", uri=f"retention://store/{store}", group="retention")


def night_dag(card: StoreCard) -> DAG:
    """The DAG of one store's night."""
    with DAG(
        dag_id=f"retention_{card.name}",
        description=f"Nightly retention: {card.title}",
        doc_md=DOC.format(title=card.title, name=card.name, rules=card.rules),
        schedule=CronTriggerTimetable(
            PUBLISHER_CRON if card.publishes else OTHERS_CRON,
            timezone="Europe/Paris",
            interval=dt.timedelta(days=1),
            run_immediately=dt.timedelta(),  # by itself Airflow would, for two hours and a half after the night it missed
        ),
        catchup=False,
        max_active_runs=1,
        params=deepcopy(PARAMS),  # a DAG's own: Airflow writes a run's values into them
        tags={"gdpr", "retention", card.name},
        default_args=EVERY_TASK,
        on_failure_callback=NightFailed(card.name, card.title),
        on_success_callback=NightDone(card.name, card.title),
        deadline=in_time(card.name, card.title),
    ) as dag:
        # No start_date: the first run is the next one due, so that unpausing in daytime does not purge at once.
        done = {name: _step(card.name, name) for name in STEPS if name not in ("approve", "dispose")}
        waits = NightWaits(card.name, card.title)
        done["approve"] = NightApproval(
            task_id="approve", store=card.name, opened=_night, notifiers=[waits], doc_md=STEPS["approve"]
        )
        done["dispose"] = _disposal(card.name, done["share_out"])
        chain(*(done[name] for name in STEPS))
    return dag


def _step(store: str, name: str):  # type: ignore[no-untyped-def]  # an XComArg, whose type Airflow does not say
    """The task of one step. Once `record` has sealed the receipts, the register may tell of them."""
    decorated = task(
        task_id=name,
        doc_md=STEPS[name],
        outlets=[store_asset(store)] if name == "record" else [],
        multiple_outputs=False,
    )
    made = decorated(run_step)(store, name)
    if name == "record":
        with_lineage(made, store)
    return linked(made, OF_STEP[name]) if name in OF_STEP else made


def _disposal(store: str, shares: Any):  # type: ignore[no-untyped-def]  # as above
    """One task for each share of the work: disjoint parts of the tables, for as many workers as the store's pace allows."""
    decorated = task(task_id="dispose", doc_md=STEPS["dispose"], multiple_outputs=False, map_index_template="{{ share_name }}")
    return linked(decorated(run_share).partial(store=store).expand(share=shares), OF_STEP["dispose"])


def run_step(store: str, step: str) -> dict[str, int | str] | list[str]:
    """Does one step of a store's night and returns its counts and digests; of `share_out` the names of the shares."""
    from retention.night.disposal.run import shares  # not at parse time: it brings the database toolkit along
    from retention.night.steps import STEPS as steps

    with _night(store) as night:
        done = shares(night) if step == "share_out" else steps[step](night)
        if step in TELLING:
            _tell(night)
        if step == "record":
            metrics.of_night(night)
        return done


def run_share(store: str, share: str) -> dict[str, Any]:
    """Does one share of the disposal. Its number is that of the mapped task."""
    from retention.night.disposal.run import dispose_share

    context = get_current_context()
    context["share_name"] = share  # what the grid calls this task
    link = OF_STEP["dispose"]
    context["ti"].xcom_push(key=link.xcom_key, value=link.get_link(context["task"], ti_key=context["ti"]))
    with _night(store) as night:
        begun = time.monotonic()
        outcome = dispose_share(night, max(0, context["ti"].map_index or 0))
        metrics.of_share(store, outcome.batches, time.monotonic() - begun)
        return {"batches": outcome.batches, "spared": outcome.spared, **outcome.disposed}


@contextmanager
def _night(store: str) -> Iterator[Night]:
    """The night of this DAG run. A step that fails marks it as failed."""
    from retention.night.progress import logged
    from retention.night.steps import fail, open_night
    from retention.outputs import delivered
    from retention.workspace import Workspace

    context = get_current_context()
    with delivered(connected(Workspace.from_env())) as workspace:
        night = open_night(
            workspace,
            store,
            as_of=as_of_of(context),
            run_id=f"{store}:{context['dag_run'].run_id}",  # the same on every try, so that one continues the other
            dry_run=bool(context["params"]["dry_run"]),
            progress=logged(log),
            requested_by=context["dag_run"].triggering_user_name,
        )
        try:
            yield night
        except Exception as error:
            fail(night, error)
            _tell(night)
            raise
        finally:
            night.session.close()


def _tell(night: Night) -> None:
    """Says in a line what the night did so far, for the run's note. It is not worth a failure of its own."""
    from retention import clock
    from retention.errors import RetentionError
    from retention.notice.outcome import note, outcome

    try:
        found = outcome(night.bundle, night.evidence, night.store.name, night.run_id, clock.today())
        said = note(found, night.evidence.head())
    except RetentionError as reason:
        log.warning("What the night did cannot be noted: %s", type(reason).__name__)
        return
    get_current_context()["ti"].xcom_push(key=NOTE, value=said)
