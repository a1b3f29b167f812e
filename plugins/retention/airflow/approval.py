"""The task that asks a person to approve a night's plan, where the plan needs one.

It is Airflow's own required action. What was asked about, a plan by its hash, is kept in an XCom; the answer counts for that
plan and no other, and is checked and recorded by the library (`night/approval.py`). No answer in time is a refusal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import BaseNotifier, Context, Param
from airflow.sdk.exceptions import TaskAwaitingInput

from retention.airflow.links import of_workbook

if TYPE_CHECKING:
    from retention.evidence.records import Asked
    from retention.night.context import Night

APPROVE, REJECT = "Approve", "Reject"
ASKED_ABOUT = "asked_about"  # the XCom that holds the plan's hash
NOTE = Param(
    "",
    source="task",
    type="string",
    maxLength=2000,
    title="Note",
    description="On what ground. It is kept in the ledger: no personal data.",
)


class NightApproval(HITLOperator):  # type: ignore[misc]  # Airflow's classes are not typed here
    """Passes at once where the night's plan needs nobody, or is approved already; else waits for a person.

    `opened` opens the night of the DAG run and marks it as failed where what is done with it fails.
    """

    template_fields: Sequence[str] = ()  # what is asked is no template, whatever a table is called

    def __init__(
        self,
        *,
        store: str,
        opened: Callable[[str], AbstractContextManager[Night]],
        notifiers: Sequence[BaseNotifier] | BaseNotifier = (),
        **named: Any,
    ) -> None:
        named["params"] = {"note": NOTE}  # the form's only field: those of the DAG, which Airflow adds, are none of it
        super().__init__(subject=store, options=[APPROVE, REJECT], defaults=REJECT, notifiers=notifiers, **named)
        self.store, self.opened = store, opened

    def execute(self, context: Context) -> dict[str, int | str]:
        from retention import clock
        from retention.evidence import approvals
        from retention.night.steps import STEPS, compare

        with self.opened(self.store) as night:
            found = STEPS["approve"](night)
            if found["approval"] != "waiting":
                return found
            compare(night)
            asked = approvals.asked(night.evidence, night.run_id)
            self.subject, self.body = _in_words(night, asked, str(STEPS["report"](night)["report"]))
            context["ti"].xcom_push(ASKED_ABOUT, asked.plan_hash)
            self._show(context, asked.plan_hash)
        for notifier in self.notifiers:
            notifier(context)
        # Parks the task: it goes on below. Airflow's own `execute` would show the question once more, and forget an answer.
        raise TaskAwaitingInput(
            method_name="execute_complete", timeout=max(asked.answer_by - clock.now(), dt.timedelta(seconds=1))
        )

    def _show(self, context: Context, plan_hash: str) -> None:
        """Raises PlanError where Airflow shows another question than this one.

        It keeps one question for each task of a run, and goes on showing the first when the run is cleared and its plan is
        made anew: nobody may approve a plan by the figures of another.
        """
        from airflow.sdk.execution_time import task_runner
        from airflow.sdk.execution_time.comms import CreateHITLDetailPayload

        from retention.errors import PlanError

        question = CreateHITLDetailPayload(
            ti_id=context["ti"].id,
            options=self.options,
            subject=self.subject,
            body=self.body,
            defaults=self.defaults,
            multiple=self.multiple,
            params=self.serialized_params,
            assigned_users=[],
        )
        shown = task_runner.SUPERVISOR_COMMS.send(question)
        if getattr(shown, "body", None) != self.body:
            raise PlanError(
                "the plan was made anew, but of a run that was cleared Airflow goes on showing what it asked before",
                mend=f"{_AGAIN}; or approve plan {plan_hash} by `retention approve`, then clear this task",
            )

    def execute_complete(self, context: Context, event: dict[str, Any]) -> dict[str, int | str]:
        """Records the answer. Raises PlanError where it is a refusal, came too late, or may not be given."""
        from retention.errors import PlanError
        from retention.night.steps import STEPS

        plan_hash = context["ti"].xcom_pull(task_ids=self.task_id, key=ASKED_ABOUT)
        with self.opened(self.store) as night:
            if plan_hash is None:
                raise PlanError("what the answer is about is not known any more", mend="clear this task: it asks again")
            _record(night, str(plan_hash), event)
            return STEPS["approve"](night)


def _record(night: Night, plan_hash: str, event: dict[str, Any]) -> None:
    """Keeps what a person answered, or that nobody did in time: unless the plan was approved meanwhile by another road."""
    from retention.errors import PlanError
    from retention.evidence import approvals
    from retention.night import approval

    user, note = event.get("responded_by_user"), str((event.get("params_input") or {}).get("note") or "")
    said: dict[str, Any] = {"via": "airflow", "plan_hash": plan_hash}
    if user is None:
        if approvals.asked(night.evidence, night.run_id).answered("approved") is None:
            approval.expire(night.evidence, night.run_id, **said)
            raise PlanError("nobody approved the plan in time: nothing is disposed of", mend=_AGAIN)
        return
    said |= {"who": str(user["name"]), "note": note}
    if event["chosen_options"] == [APPROVE]:
        approval.approve(night.evidence, night.bundle, night.run_id, **said)
        return
    approval.refuse(night.evidence, night.run_id, **said)
    raise PlanError("a person refused the plan: nothing is disposed of", mend=_AGAIN)


_AGAIN = "trigger a night, or wait for the next: its plan is new, and is asked about anew"


def _in_words(night: Night, asked: Asked, report: str) -> tuple[str, str]:
    """Subject and Markdown, in French and in English: nobody knows yet who will read it."""
    from retention.report.approval import question, subject

    title = night.store.declared.title
    languages: tuple[Any, ...] = ("fr", "en")
    heads = [subject(asked, title.in_(language), language) for language in languages]
    said = [question(asked, report, language, book=_link) for language in languages]
    return " / ".join(heads), "\n\n---\n\n".join(said)


def _link(workbook: str) -> str:
    """A workbook in Markdown: our page gives it."""
    return f"[{workbook}]({of_workbook(workbook)})"
