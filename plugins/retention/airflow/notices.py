"""Who is told what, by Airflow's own notifiers: once a run, not once a task or a try.

| variable | meaning |
|---|---|
| `RETENTION_NOTIFY_TO` | addresses, separated by commas; nobody is told anything without it |
| `RETENTION_NOTIFY_FROM` | the sender; else that of the connection |
| `RETENTION_NOTIFY_CONNECTION` | Airflow connection of a mail server (`smtp_default`) |
| `RETENTION_LANGUAGE` | `fr` (default) or `en` |
| `RETENTION_NIGHT_HOURS` | hours after which a night that is not over is late (4) |

What is told of a run is made by `retention.notice` from the evidence. A letter that cannot be sent is said in the log and
stops nothing.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from airflow.sdk import BaseNotifier, Context
from airflow.sdk.definitions.callback import SyncCallback
from airflow.sdk.definitions.deadline import DeadlineAlert

from retention.airflow.asof import as_of_of
from retention.airflow.deadline import RunMade
from retention.airflow.links import airflow

if TYPE_CHECKING:
    from retention.notice.compose import About
    from retention.notice.letter import Letter
    from retention.notice.outcome import Outcome
    from retention.workspace import Workspace

Language = Literal["fr", "en"]


@dataclass(frozen=True)
class Post:
    """Where letters go."""

    to: tuple[str, ...]
    sender: str | None
    connection: str
    language: Language

    @classmethod
    def from_env(cls, environment: Mapping[str, str] = os.environ) -> Post | None:
        """None where nobody is to be told anything."""
        to = tuple(address.strip() for address in environment.get("RETENTION_NOTIFY_TO", "").split(",") if address.strip())
        if not to:
            return None
        return cls(
            to,
            environment.get("RETENTION_NOTIFY_FROM") or None,
            environment.get("RETENTION_NOTIFY_CONNECTION") or "smtp_default",
            "en" if environment.get("RETENTION_LANGUAGE") == "en" else "fr",
        )

    def send(self, letter: Letter) -> None:
        """Its text is sent as it is, for it is no template."""
        from airflow.providers.smtp.notifications.smtp import SmtpNotifier

        SmtpNotifier(
            to=list(self.to),
            from_email=self.sender,
            subject=letter.subject,
            html_content=letter.html(),
            smtp_conn_id=self.connection,
        ).notify({})


class Notice(BaseNotifier):  # type: ignore[misc]  # Airflow's classes are not typed here
    """Makes a letter about a run and sends it. What it is told of the run is what `context` says."""

    def letter(self, context: Context, language: Language) -> Letter | None:
        raise NotImplementedError

    def render_template_fields(self, context: Context, jinja_env: Any = None) -> None:
        """Nothing here is a template, whatever a store is called."""

    def notify(self, context: Context) -> None:
        post = Post.from_env()
        if post is None:
            self.log.info("Nobody is told how this run went: RETENTION_NOTIFY_TO is not set")
            return
        try:
            letter = self.letter(context, post.language)
            if letter is None:
                return
            post.send(letter)
        except Exception as reason:  # whatever a mail server or a secrets backend raises: its text might name people
            self.log.error("Nobody could be told how this run went: %s (connection %s)", type(reason).__name__, post.connection)
        else:
            self.log.info("Told %d address(es): %s", len(post.to), letter.subject)


class OfStore(Notice):
    """About the night of one store."""

    def __init__(self, store: str, title: str, context: Context | None = None) -> None:
        super().__init__(**({"context": context} if context else {}))
        self.store, self.title = store, title

    def look(self, context: Context, language: Language) -> tuple[About, Outcome | None]:
        """What the evidence says of the run. Where it cannot be read, the reason is what was said."""
        from dataclasses import replace

        from retention import clock
        from retention.airflow.connections import connected
        from retention.errors import RetentionError
        from retention.notice.outcome import outcome
        from retention.workspace import Workspace

        about = _about(context, self.title)
        try:
            workspace = connected(Workspace.from_env())
            bundle = workspace.bundle()
            about = replace(about, title=bundle.store(self.store).declared.title.in_(language))
            run_id = f"{self.store}:{about.run_id}"
            found = outcome(bundle, _evidence(workspace), self.store, run_id, clock.today())
        except RetentionError as reason:
            return replace(about, said=str(reason)), None
        if found.run is None:
            return about, found
        return replace(about, date=found.run.as_of, said=found.run.note or ""), found


class NightFailed(OfStore):
    """For `on_failure_callback` of a night's DAG."""

    def letter(self, context: Context, language: Language) -> Letter:
        from retention.notice.compose import failed

        return failed(*self.look(context, language), language)


class NightDone(OfStore):
    """For `on_success_callback` of a night's DAG: says nothing where nothing is open."""

    def letter(self, context: Context, language: Language) -> Letter | None:
        from retention.notice.compose import done

        about, found = self.look(context, language)
        return done(about, found, language) if found is not None else None


class NightWaits(OfStore):
    """For the task that asks a person to approve a disposition."""

    def letter(self, context: Context, language: Language) -> Letter | None:
        from retention.airflow.connections import connected
        from retention.notice.compose import waiting
        from retention.workspace import Workspace

        about, _found = self.look(context, language)
        plan = _evidence(connected(Workspace.from_env())).plan(f"{self.store}:{about.run_id}")
        if plan is None:
            return None
        plan_hash, document = plan
        return waiting(about, sum(line["rows"] for line in document["candidates"]), plan_hash, language)


class NightLate(OfStore):
    """For the deadline of a night. Of a run that is over, something has been told already."""

    def letter(self, context: Context, language: Language) -> Letter | None:
        from retention.notice.compose import late

        return None if _state(context) in ("success", "failed") else late(*self.look(context, language), language)


class OtherFailed(Notice):
    """For DAGs that touch no store: the register, reports, what-if."""

    def letter(self, context: Context, language: Language) -> Letter:
        from retention.notice.compose import other

        return other(_about(context, context["dag"].dag_id), language)


def in_time(store: str, title: str, environment: Mapping[str, str] = os.environ) -> DeadlineAlert:
    """The deadline of a night, counted from when its run was made. The alert runs on a worker, where connections are known."""
    return DeadlineAlert(
        name=f"The night of {store} is over",
        reference=RunMade(),
        interval=dt.timedelta(hours=float(environment.get("RETENTION_NIGHT_HOURS", "4"))),
        callback=SyncCallback("retention.airflow.notices.NightLate", kwargs={"store": store, "title": title}),
    )


def _evidence(workspace: Workspace) -> Any:
    return workspace.evidence(readonly=True)


def _about(context: Context, title: str) -> About:
    """What Airflow says of the run: a callback of a DAG, a task and a deadline are each given something else."""
    from retention import clock
    from retention.notice.compose import About

    run: Any = context.get("dag_run")
    told = run if isinstance(run, Mapping) else {}
    run_id = str(told.get("dag_run_id") or context.get("run_id") or run.run_id)
    dag_id = str(told.get("dag_id") or (context["dag"].dag_id if "dag" in context else run.dag_id))
    instance: Any = context.get("ti")
    day = as_of_of(context) if run is not None and not told else clock.today()
    return About(title, day, run_id, str(instance.task_id) if instance is not None else "", "", _link(dag_id, run_id))


def _state(context: Context) -> str:
    run: Any = context.get("dag_run")
    return str(run.get("state", "")) if isinstance(run, Mapping) else ""


def _link(dag_id: str, run_id: str) -> str:
    base = airflow()
    return f"{base}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}" if base else ""
