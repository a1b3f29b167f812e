"""When a disposition needs a person, and whether one has said yes.

The reasons are computed when the plan is made and stand in its document, under its hash. Asked for once, a plan is disposed of
with the approval of exactly that hash, by somebody who may give it, or not at all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from sqlalchemy import Connection

from retention import clock
from retention.declare.bundle import Bundle
from retention.declare.decisions import LIMIT_REASONS, Approval, Decisions, same_login
from retention.errors import PlanError
from retention.evidence import approvals, history
from retention.evidence.database import Evidence
from retention.evidence.records import ApprovalReason, Asked, PlanAnswer, ScanLine
from retention.evidence.runs import seal_status

if TYPE_CHECKING:
    from retention.night.context import Night
    from retention.night.plan import Plan

Standing = Literal["not needed", "waiting", "approved"]
_AGAIN = "start the night again: its plan is new, and is asked about anew"


# when the plan is made


def section(
    night: Night, candidates: Sequence[Mapping[str, Any]], lines: Sequence[ScanLine], rows: Mapping[str, int]
) -> dict[str, Any]:
    """What a plan's document says of its approval: why it needs one, who asked for the run, and what the approver must know."""
    with night.evidence.snapshot() as connection:
        found = reasons(connection, night.store.name, night.bundle, _added(candidates), rows)
    if not found:
        return {"reasons": []}
    declared = night.bundle.decisions.approval
    due = [line for line in lines if line.disposition == "due"]
    oldest = min((line.oldest for line in due if line.oldest), default=None)
    newest = max((line.newest for line in due if line.newest), default=None)
    return {
        "reasons": [asdict(reason) for reason in found],
        "two_persons": declared.two_persons,
        "requested_by": night.requested_by,
        "oldest": oldest.isoformat() if oldest else None,
        "newest": newest.isoformat() if newest else None,
        "answer_by": (clock.now() + dt.timedelta(hours=declared.timeout_hours)).isoformat(),
    }


def reasons(
    connection: Connection, store: str, bundle: Bundle, candidates: Mapping[str, int], rows: Mapping[str, int]
) -> tuple[ApprovalReason, ...]:
    """Why this many candidates of so many rows, by population, need a person. Nothing due needs nobody."""
    due = {population: count for population, count in candidates.items() if count}
    if not due:
        return ()
    decisions = bundle.decisions
    needed = {*decisions.approval.needed_for, *LIMIT_REASONS}
    found = [*_by_history(connection, store, bundle, due), *_by_limits(decisions, due, rows)]
    return tuple(reason for reason in found if reason.code in needed)


def _by_history(connection: Connection, store: str, bundle: Bundle, due: Mapping[str, int]) -> Iterable[ApprovalReason]:
    if history.last_policy_hash(connection, store) != bundle.policy_hash:
        yield ApprovalReason("declaration_changed", None, sum(due.values()))
    for population in sorted(history.never_disposed(connection, store, due)):
        yield ApprovalReason("new_population", population, due[population])
    nights = bundle.decisions.limits.idle_nights
    for population in sorted(history.idle(connection, store, nights, due)):
        yield ApprovalReason("after_idle", population, due[population], nights)


def _by_limits(decisions: Decisions, due: Mapping[str, int], rows: Mapping[str, int]) -> Iterable[ApprovalReason]:
    limits = decisions.limits
    for population, count in sorted(due.items()):
        if count > limits.candidate_floor and count > limits.candidate_share * rows.get(population, 0):
            yield ApprovalReason("candidate_share", population, count, limits.candidate_share)
        if limits.candidate_count is not None and count > limits.candidate_count:
            yield ApprovalReason("candidate_count", population, count, limits.candidate_count)


def _added(candidates: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in candidates:
        found[line["population"]] = found.get(line["population"], 0) + line["rows"]
    return found


# before anything is disposed of


def standing(night: Night, plan: Plan) -> Standing:
    """Whether the plan may be carried out as far as persons are concerned.

    Raises PlanError where one refused it, or who approved may not; EvidenceError where an answer was tampered with.
    """
    said = plan.document.get("approval")
    if said is None:
        raise PlanError("an earlier version made this plan, and asked nobody", mend="start the night again")
    if night.dry_run or not said["reasons"]:
        return "not needed"
    given = {each.answer: each for each in approvals.answers(night.evidence, plan.plan_hash)}
    if "refused" in given or "expired" in given:
        raise PlanError("nobody approved this plan, or a person refused it: nothing is disposed of under it", mend=_AGAIN)
    if "approved" not in given:
        return "waiting"
    check_approver(night.bundle.decisions.approval, said["requested_by"], given["approved"].who)
    return "approved"


def check_approved(night: Night, plan: Plan) -> None:
    """Raises PlanError unless the plan needs nobody's approval or has it: a step marked by hand approves nothing."""
    if standing(night, plan) == "waiting":
        raise PlanError(
            "this plan needs a person's approval, and has none: nothing is disposed of under it",
            mend=f"see what waits: `retention approvals`; then `retention approve {night.run_id}`",
        )


def give_up_waiting(night: Night) -> None:
    """Ends runs of the same store that still waited for an answer: this one has taken the store, and their work is gone."""
    note = "another run took the store before a person had answered: nothing was disposed of"
    for run in night.evidence.runs(night.store.name):
        if run.status == "waiting" and run.run_id != night.run_id:
            with night.evidence.writing() as connection:
                seal_status(connection, run, "failed", note=note)


# what persons answer


def approve(
    evidence: Evidence, bundle: Bundle, run_id: str, *, who: str, note: str, via: str, plan_hash: str | None = None
) -> tuple[PlanAnswer, bool]:
    """Records a person's approval of the plan of a run, and says whether it is new. `plan_hash`: the plan that was looked at.

    Raises NotFound; PlanError where the run waits for no answer, its plan or the declaration is another by now, or who
    approves may not.
    """
    question = approvals.asked(evidence, run_id)
    if question.policy_hash != bundle.policy_hash:
        raise PlanError("policy, decisions, rules or mappings changed since the plan was made", mend=_AGAIN)
    check_approver(bundle.decisions.approval, question.requested_by, who)
    return approvals.record(evidence, _answer(question, "approved", who, note, via, plan_hash))


def refuse(
    evidence: Evidence, run_id: str, *, who: str, note: str, via: str, plan_hash: str | None = None
) -> tuple[PlanAnswer, bool]:
    """Records that a person refuses the plan of a run, which ends it. Anybody may. Raises NotFound and PlanError."""
    return approvals.record(evidence, _answer(approvals.asked(evidence, run_id), "refused", who, note, via, plan_hash))


def expire(evidence: Evidence, run_id: str, *, via: str, plan_hash: str | None = None) -> tuple[PlanAnswer, bool]:
    """Records that nobody answered in time, which ends the run. Raises NotFound and PlanError."""
    return approvals.record(evidence, _answer(approvals.asked(evidence, run_id), "expired", "", "", via, plan_hash))


def check_approver(declared: Approval, requested_by: str | None, who: str) -> None:
    """Raises PlanError where who approves may not. It names nobody: errors are logged."""
    name = same_login(who)
    if not name:
        raise PlanError("an approval says who gives it", mend="give a name")
    if declared.approvers is not None and name not in map(same_login, declared.approvers):
        raise PlanError(
            "who approves is not among the approvers that the decision set names",
            mend="have one of them approve, or add a name under approval.approvers",
        )
    if not declared.two_persons:
        return
    if requested_by is not None and name == same_login(requested_by):
        raise PlanError(
            "who started the run may not approve its plan: the decision set wants two persons", mend="have another approve it"
        )
    if name in map(same_login, declared.changed_by):
        raise PlanError(
            "who changed the declaration may not approve its first nights: the decision set wants two persons",
            mend="have another approve it",
        )


def _answer(
    question: Asked, answer: Literal["approved", "refused", "expired"], who: str, note: str, via: str, plan_hash: str | None
) -> PlanAnswer:
    run = question.run
    return PlanAnswer(
        plan_hash or question.plan_hash, answer, run.run_id, run.store, who.strip(), clock.now(), note.strip(), via
    )
