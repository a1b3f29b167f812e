"""The steps of a night, in order. Each can run in a process of its own; each returns counts and digests only.

prepare → scan → plan → validate_before → approve → dispose → validate_after → record → report

Where a person has to approve the plan first, the night stops at `approve` and is resumed from there.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import SQLAlchemyError

from retention import clock, holds
from retention.errors import EvidenceError, OutputError, PlanError, RetentionError, StoreError
from retention.evidence import approvals, comparisons
from retention.evidence import tables as evidence_tables
from retention.evidence.records import Status
from retention.night import approval, declared, expectations, facts, lease, tombstones
from retention.night.context import Night, Progress, silent
from retention.night.disposal.run import dispose as dispose_of
from retention.night.plan import load_plan, make_plan, scanned_from_evidence
from retention.night.record import close_run, collect_receipts, note_head, set_status
from retention.night.scan import rescan
from retention.night.scan import scan as scan_store
from retention.preflight.check import check_evidence, check_store, stop_at_refusal
from retention.stores.inspect import Schema, check_schema, check_types, read_schema
from retention.stores.places import placed
from retention.stores.query import check_query
from retention.workspace import Workspace

log = logging.getLogger(__name__)

Result = dict[str, int | str]


def open_night(
    workspace: Workspace,
    store: str,
    *,
    as_of: dt.date,
    run_id: str,
    dry_run: bool = False,
    progress: Progress = silent,
    requested_by: str | None = None,
) -> Night:
    """Opens a run, new or under way. A future as-of makes it a rehearsal. `requested_by`: who started it, if a person did.

    Raises PlanError where the run began under another declaration, DeclarationError and EvidenceError as they come.
    """
    bundle = workspace.bundle()
    mapped = placed(bundle.store(store), workspace.store_url(store))
    evidence = workspace.evidence()
    t = evidence_tables.run
    today = clock.today()
    with evidence.writing() as connection:
        known = connection.execute(select(t).where(t.c.run_id == run_id)).mappings().one_or_none()
        if known is None:
            row: dict[str, Any] = {
                "run_id": run_id,
                "store": store,
                "as_of": as_of,
                "horizon": max(as_of, today),
                "policy_hash": bundle.policy_hash,
                "decision_set": bundle.decisions.set,
                "dry_run": dry_run or as_of > today,
                "status": "running",
                "started_at": clock.now(),
            }
            connection.execute(insert(t).values(row))
        else:
            row = dict(known)
    if row["store"] != store or row["as_of"] != as_of:
        raise PlanError(
            f"run {run_id} was begun for store {row['store']} as of {row['as_of']}", mend="give the new run another id"
        )
    return Night(
        workspace,
        bundle,
        evidence,
        mapped,
        run_id,
        as_of,
        row["horizon"],
        bool(row["dry_run"]),
        row["started_at"],
        progress,
        requested_by,
    )


def prepare(night: Night) -> Result:
    """Keeps the declaration, checks queries and schema, claims the store, brings holds and facts up to date."""
    t = evidence_tables.run
    with night.evidence.writing() as connection:  # a night that is begun again is judged by today's declaration
        values = {"status": "running", "finished_at": None, "note": None, "policy_hash": night.bundle.policy_hash}
        connection.execute(update(t).where(t.c.run_id == night.run_id).values(values))
    night.workspace.output_folder("reports")  # a night that could not be reported is not begun
    declared.keep(night)
    for population in night.populations:
        check_query(night.store, population)
    with night.session.reading("reading the schema") as store:
        schema = read_schema(store, night.store.declared.schemas)
    check_schema(night.store, schema, night.asked)
    night.session.ensure_tables()
    _check_beforehand(night, schema)
    _try_queries(night)
    fence = lease.take(night)
    approval.give_up_waiting(night)
    collected = collect_receipts(night)
    in_force = holds.reconcile(night.evidence, night.store, night.session)
    generation = _publish(night)
    came, stale = facts.pull(night)
    return {
        "tables": len(schema),
        "holds": in_force,
        "fence": fence,
        "receipts_recovered": collected,
        "fact_generation": generation,
        "facts_received": came,
        "facts_stale": int(stale),
    }


def _check_beforehand(night: Night, schema: Schema) -> None:
    """Stops a night that would be stopped later, in the middle of what it does. Raises StoreError or EvidenceError."""
    headroom = night.workspace.headroom
    stop_at_refusal(
        check_store(night.session, night.store, night.asked, schema, headroom=headroom), StoreError, f"store {night.store.name}"
    )
    stop_at_refusal(check_evidence(night.evidence.engine, headroom=headroom), EvidenceError, "the evidence database")


def _try_queries(night: Night) -> None:
    """Runs every verdict over no row: a query the database does not understand is found before anything is scanned."""
    for population in night.populations:
        with night.session.reading(f"trying the query {night.store.query_path(population)}") as connection:
            check_types(connection, night.store, population)
            compiled = night.compile(population.name, facts_stale=False)
            connection.execute(compiled.select(compiled.code).limit(0))


def _publish(night: Night) -> int:
    try:
        return facts.publish(night)
    except StoreError:
        publisher = night.bundle.publisher()
        if publisher is not None and publisher.name == night.store.name:
            raise
        current = facts.latest_generation(night.evidence)  # the store that knows is down: old facts age, and rows are kept
        return current[0] if current else 0


def scan(night: Night) -> Result:
    """Gives every row its disposition, and lists the candidates."""
    found = scan_store(night)
    counts: Result = {"rows": sum(found.rows.values())}
    for disposition in ("keep", "held", "quarantine", "due"):
        counts[disposition] = sum(line.rows for line in found.lines if line.disposition == disposition)
    return counts


def plan(night: Night) -> Result:
    """Freezes what was found. A run that waited for an answer about another plan waits no more."""
    set_status(night, "running")
    made = make_plan(night)
    return {"plan": made.plan_hash, "candidates": made.candidates}


def validate_before(night: Night) -> Result:
    """Great Expectations before the first disposal."""
    from retention.night.validate import validate

    found = scanned_from_evidence(night, "before")
    lines = validate(
        night, "before", expectations.before(night, load_plan(night), found.lines, facts_stale=facts.facts_stale(night))
    )
    return {"expectations": len(lines), "warnings": sum(line.outcome == "FAIL" for line in lines)}


def approve(night: Night) -> Result:
    """Asks whether a person has to approve the plan, and has. A night that waits for one is put on record as waiting."""
    made = load_plan(night)
    found = approval.standing(night, made)
    if found == "waiting":
        set_status(night, "waiting", note="a person has to approve the plan: `retention approvals`")
    else:
        set_status(night, "running")
    return {"reasons": len(made.document["approval"]["reasons"]), "approval": found}


def compare(night: Night) -> Result:
    """Says what the declaration changes, where that is why a person is asked: for whoever has to decide.

    A scan that only reads, and that nothing waits for: where it fails, what is kept of it says so.
    """
    asked = approvals.asked(night.evidence, night.run_id)
    if asked.comparison is not None or not any(reason.code == "declaration_changed" for reason in asked.reasons):
        return {}  # of one plan one thing is told, whatever has changed in the store since: people may have read it
    from retention.outlook.since import compare as judge

    found = judge(night.workspace, night.evidence, night.bundle, night.store.name, night.as_of)
    comparisons.keep(night.evidence, asked, found)
    return {"outcome": found.outcome, **found.changes}


def dispose(night: Night) -> Result:
    """Disposes of the candidates, batch by batch."""
    outcome = dispose_of(night)
    return {"batches": outcome.batches, "spared": outcome.spared, **outcome.disposed}


def validate_after(night: Night) -> Result:
    """Counts again, and Great Expectations after the last disposal."""
    from retention.night.validate import validate

    found = rescan(night)
    if night.dry_run:
        return {"rows": sum(found.rows.values()), "expectations": 0}
    checks = expectations.after(
        night, load_plan(night), night.evidence.scan(night.run_id, "before"), facts_stale=facts.facts_stale(night)
    )
    lines = validate(night, "after", checks)
    return {
        "rows": sum(found.rows.values()),
        "expectations": len(lines),
        "warnings": sum(line.outcome == "FAIL" for line in lines),
    }


def record(night: Night) -> Result:
    """Seals receipts and the run, and gives the run its verdict."""
    collected = collect_receipts(night)
    status = _verdict(night)
    receipts = night.evidence.receipts([night.run_id])
    if receipts:
        night.session.leave_no_trace()
    forgotten = 0 if night.dry_run else tombstones.settle(night)
    head = close_run(night, status, payload={"receipts": len(receipts), "disposed": sum(receipt.rows for receipt in receipts)})
    note_head(night.workspace, head)
    return {"receipts": collected, "status": status, "tombstones_forgotten": forgotten, "ledger": head.hash if head else ""}


def _verdict(night: Night) -> Status:
    """Green only when nothing is open: warnings, quarantine and spared candidates leave a reservation."""
    if night.dry_run:
        return "rehearsal"
    warned = any(line.outcome != "PASS" for line in night.evidence.validation(night.run_id))
    quarantined = any(line.disposition == "quarantine" for line in night.evidence.scan(night.run_id, "after"))
    stale = any(line.reason == "facts_stale" for line in night.evidence.scan(night.run_id, "after"))
    return "reservations" if warned or quarantined or stale else "passed"


def report(night: Night) -> Result:
    """Writes the retention report over this run and the latest, up to its date, of every other store."""
    from retention.report import write_report

    others = [name for name in night.bundle.stores if name != night.store.name]
    runs = [night.evidence.latest_run(name, finished=False, as_of=night.as_of) for name in others]
    ids = [night.run_id, *(run.run_id for run in runs if run is not None)]
    path = write_report(night.workspace, night.bundle, night.evidence, ids)
    return {"report": path.name}


STEPS: Mapping[str, Callable[[Night], Result]] = {
    "prepare": prepare,
    "scan": scan,
    "plan": plan,
    "validate_before": validate_before,
    "approve": approve,
    "dispose": dispose,
    "validate_after": validate_after,
    "record": record,
    "report": report,
}


def fail(night: Night, error: BaseException) -> None:
    """Marks a run as failed, if it can be: the error that failed the run is the one to be told, and nothing is raised here.

    What it disposed of before is receipted, and is collected now if it can be.
    """
    with contextlib.suppress(RetentionError, SQLAlchemyError):  # the next run of this store collects them before anything else
        collect_receipts(night)
    note = str(error) if isinstance(error, RetentionError) else type(error).__name__
    try:
        head = close_run(night, "failed", note=note)
    except RetentionError as second:
        log.error("The run could not be marked as failed: %s", second)
        return
    with contextlib.suppress(OutputError):
        note_head(night.workspace, head)


def run_night(night: Night) -> dict[str, Result]:
    """Every step, in order, or up to `approve` and the report where the night waits for a person."""
    return _go_on(night, STEPS)


def resume_night(night: Night) -> dict[str, Result]:
    """The steps of a night from `approve` on. Raises PlanError where it is over, or was never asked about."""
    run = night.evidence.run(night.run_id)
    if run is not None and run.status in ("passed", "reservations", "rehearsal"):
        raise PlanError(f"run {night.run_id} is over: there is nothing to resume", mend="start a new night: `retention run`")
    load_plan(night)
    names = list(STEPS)
    return _go_on(night, names[names.index("approve") :])


def _go_on(night: Night, names: Iterable[str]) -> dict[str, Result]:
    """A step that fails marks the run as failed, and its error goes on to the caller."""
    results: dict[str, Result] = {}
    try:
        for name in names:
            results[name] = STEPS[name](night)
            if results[name].get("approval") == "waiting":
                results["impact"], results["report"] = compare(night), report(night)  # for whoever has to decide
                break
    except Exception as error:
        fail(night, error)
        raise
    finally:
        night.session.close()
    return results
