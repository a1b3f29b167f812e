"""Plans that need a person, and what persons answered: kept in the evidence database and sealed in the ledger.

An answer names a plan by its hash. It is written behind the ledger's head, in the transaction that looked at run, plan and
earlier answers: of two answers at once one comes second and finds the other's there.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

from sqlalchemy import Connection, insert, select

from retention import clock
from retention.errors import EvidenceError, NotFound, PlanError
from retention.evidence import comparisons, ledger, seals, tables
from retention.evidence.database import Evidence
from retention.evidence.heads import lock_head
from retention.evidence.records import ApprovalReason, Asked, Candidates, PlanAnswer, Run
from retention.evidence.runs import seal_status

WAITS = "`retention approvals` lists what waits"
_OVER = "start the night again: its plan is new, and is asked about anew"


def waiting(evidence: Evidence) -> tuple[Asked, ...]:
    """What waits for a person, the oldest first."""
    r, p = tables.run, tables.plan.c
    query = select(r, p.plan_hash, p.document).select_from(r.join(tables.plan, p.run_id == r.c.run_id))
    with evidence.snapshot() as connection:
        rows = connection.execute(query.where(r.c.status == "waiting").order_by(r.c.started_at, r.c.run_id)).mappings()
        return tuple(_asked(connection, dict(row)) for row in rows.all() if _reasons(row["document"]))


def asked(evidence: Evidence, run_id: str) -> Asked:
    """What a run asks, or asked. Raises NotFound where there is no such run, PlanError where it has no plan or asks nothing."""
    with evidence.snapshot() as connection:
        return _of_run(connection, run_id)


def answers(evidence: Evidence, plan_hash: str) -> tuple[PlanAnswer, ...]:
    """The answers to a plan. Raises EvidenceError where one was edited, removed or slipped in."""
    with evidence.snapshot() as connection:
        return _answers(connection, plan_hash)


def in_time(evidence: Evidence, run_id: str) -> bool:
    """Whether a run that waits may still be answered."""
    return clock.now() <= asked(evidence, run_id).answer_by


def record(evidence: Evidence, answer: PlanAnswer) -> tuple[PlanAnswer, bool]:
    """Keeps an answer, and says whether it is new: who comes second with an approval finds the first.

    A refusal, or no answer in time, also ends the run. Raises NotFound, or PlanError where the run no longer waits for it.
    """
    with evidence.writing() as connection:
        lock_head(connection, "ledger")
        question = _of_run(connection, answer.run_id)
        _check_waits(question, answer)
        if answer.answer == "approved" and (given := question.answered("approved")) is not None:
            return given, False
        connection.execute(insert(tables.plan_answer).values(vars(answer)))
        reference = seals.answer_reference(answer.plan_hash, answer.answer)
        said = seals.of_answer(answer)
        ledger.append(connection, [ledger.Entry("plan_answer", reference, said, answer.run_id, answer.store)])
        if answer.answer != "approved":
            seal_status(connection, question.run, "failed", note=_NOTES[answer.answer])
        return answer, True


_NOTES = {
    "refused": "a person refused the plan: nothing was disposed of",
    "expired": "nobody approved the plan in time: nothing was disposed of",
}
_ENDED = {
    "passed": "is over: what its plan named is disposed of",
    "reservations": "is over: what its plan named is disposed of",
    "rehearsal": "is a rehearsal, which disposes of nothing and asks nobody",
    "failed": "has failed, and waits for no answer any more",
    "running": "is at work: it does not wait for an answer",
}


def _check_waits(question: Asked, answer: PlanAnswer) -> None:
    run = question.run
    if answer.plan_hash != question.plan_hash:
        raise PlanError(
            f"run {run.run_id} has another plan by now: the answer is about one that is no more",
            mend=f"look at the new one, and answer that: {WAITS}",
        )
    for final in ("refused", "expired"):
        if question.answered(final) is not None:
            raise PlanError(f"the plan of run {run.run_id} was answered: {_NOTES[final]}", mend=_OVER)
    if run.status != "waiting":
        raise PlanError(f"run {run.run_id} {_ENDED[run.status]}", mend=WAITS)
    if answer.answer == "approved" and answer.at > question.answer_by:
        raise PlanError(
            f"the answer comes too late: run {run.run_id} waited until {question.answer_by:%Y-%m-%d %H:%M} UTC", mend=_OVER
        )


def _of_run(connection: Connection, run_id: str) -> Asked:
    r, p = tables.run, tables.plan.c
    query = select(r, p.plan_hash, p.document).select_from(r.outerjoin(tables.plan, p.run_id == r.c.run_id))
    row = connection.execute(query.where(r.c.run_id == run_id)).mappings().one_or_none()
    if row is None:
        raise NotFound(f"no run is called {run_id!r}", mend=WAITS)
    if row["plan_hash"] is None:
        raise PlanError(f"run {run_id} has no plan yet, so there is nothing to answer", mend=WAITS)
    return _asked(connection, dict(row))


def _asked(connection: Connection, row: dict[str, Any]) -> Asked:
    plan_hash, text = str(row.pop("plan_hash")), row.pop("document")
    run, document = Run(**row), json.loads(text)
    if not _reasons(text):
        raise PlanError(f"the plan of run {run.run_id} needs nobody's approval", mend=WAITS)
    approval = document["approval"]
    return Asked(
        run=run,
        plan_hash=plan_hash,
        policy_hash=document["policy_hash"],
        reasons=_reasons(text),
        candidates=tuple(Candidates(**line) for line in document["candidates"] if line["rows"]),
        oldest=_day(approval["oldest"]),
        newest=_day(approval["newest"]),
        requested_by=approval["requested_by"],
        two_persons=approval["two_persons"],
        answer_by=dt.datetime.fromisoformat(approval["answer_by"]),
        answers=_answers(connection, plan_hash),
        comparison=comparisons.found_for(connection, plan_hash),
    )


def _reasons(document: str) -> tuple[ApprovalReason, ...]:
    approval = json.loads(document).get("approval") or {"reasons": ()}
    return tuple(ApprovalReason(**reason) for reason in approval["reasons"])


def _day(text: str | None) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def _answers(connection: Connection, plan_hash: str) -> tuple[PlanAnswer, ...]:
    fault = next(seals.answer_faults(connection, plan_hash), None)
    if fault is not None:
        raise EvidenceError(
            f"{fault.where} {fault.what}",
            mend="restore the evidence database from its backup; `retention verify` tells what else was touched",
        )
    return tuple(seals.answers(connection, plan_hash))
