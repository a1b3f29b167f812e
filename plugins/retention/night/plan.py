"""The plan: what a night is about to do, frozen and named by its SHA-256. Disposal refuses a plan that is no longer true."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from retention import clock
from retention.declare.stores import Population
from retention.errors import PlanError
from retention.evidence import ledger
from retention.evidence import tables as evidence_tables
from retention.evidence.records import ScanLine
from retention.night.context import Night
from retention.night.disposal import units
from retention.night.disposal.strategy import choose
from retention.night.facts import facts_stale, latest_generation
from retention.night.scan import Scanned
from retention.preflight.structure import check_structure
from retention.stores import tables
from retention.stores.inspect import fingerprint, read_schema
from retention.stores.lease import check_lease


@dataclass(frozen=True)
class Plan:
    """A plan's document and its name."""

    document: dict[str, Any]
    plan_hash: str

    @property
    def candidates(self) -> int:
        return sum(line["rows"] for line in self.document["candidates"])


def make_plan(night: Night) -> Plan:
    """Freezes what the scan found. Raises PlanError where the scan has not been made."""
    lines = night.evidence.scan(night.run_id, "before")
    if not lines and any(_rows(night, population.name) for population in night.populations):
        raise PlanError("there is no scan to plan from", mend="run the scan of this night first")
    choices = [choose(population, lines) for population in night.populations]
    stale = facts_stale(night)
    with night.session.writing("laying out the work") as connection:
        check_lease(connection, night.run_id)
        last_keys = {population.name: _last_key(night, connection, population) for population in night.populations}
        units.lay_out(night, connection, choices, lines, stale)
        candidates = units.candidate_counts(connection, night, choices, lines)
        schema = fingerprint(read_schema(connection))
        in_force = sorted(connection.execute(select(tables.hold.c.hold_id)).scalars())
    newest = latest_generation(night.evidence)
    document = {
        "store": night.store.name,
        "run_id": night.run_id,
        "as_of": night.as_of.isoformat(),
        "horizon": night.horizon.isoformat(),
        "policy_hash": night.bundle.policy_hash,
        "decision_set": night.bundle.decisions.set,
        "schema_fingerprint": schema,
        "holds": in_force,
        "last_keys": last_keys,
        "fact_generation": newest[0] if newest else 0,
        "cutoffs": _cutoffs(night),
        "rows": _rows_before(lines),
        "verdicts": _verdicts(lines),
        "candidates": candidates,
        "strategies": [choice.document() for choice in choices],
    }
    plan = Plan(document, hashlib.sha256(ledger.canonical(document).encode()).hexdigest())
    t = evidence_tables.plan
    with night.evidence.writing() as connection:
        connection.execute(delete(t).where(t.c.run_id == night.run_id))
        asked = evidence_tables.validation  # of a plan before this one: it says nothing about this one
        connection.execute(delete(asked).where(asked.c.run_id == night.run_id))
        connection.execute(
            insert(t).values(
                run_id=night.run_id, plan_hash=plan.plan_hash, document=ledger.canonical(document), created_at=clock.now()
            )
        )
        ledger.append(connection, [ledger.Entry("plan", plan.plan_hash, document, night.run_id, night.store.name)])
    return plan


def load_plan(night: Night) -> Plan:
    """The plan of this run. Raises PlanError where there is none, or it was altered."""
    found = night.evidence.plan(night.run_id)
    if found is None:
        raise PlanError("this run has no plan", mend="run the scan and the plan of this night first")
    plan_hash, document = found
    unaltered = hashlib.sha256(ledger.canonical(document).encode()).hexdigest() == plan_hash
    if not unaltered or not ledger.is_sealed(night.evidence, "plan", plan_hash) or document["run_id"] != night.run_id:
        raise PlanError(
            "the plan was altered after it was made", mend="start the night again: nothing was disposed of under this plan"
        )
    return Plan(document, plan_hash)


def check_validated(night: Night) -> None:
    """Raises PlanError unless the plan has passed validation: a step marked as successful by hand has validated nothing."""
    asked = [line for line in night.evidence.validation(night.run_id) if line.stage == "before"]
    if not asked or any(line.severity == "blocking" and line.outcome != "PASS" for line in asked):
        raise PlanError(
            "this plan has not passed its validation: nothing is disposed of under it",
            mend="run the validation of this night, and mend what it finds",
        )


def check_plan(night: Night, plan: Plan) -> None:
    """Raises PlanError unless the plan still fits policy, schema and calendar."""
    if plan.document["policy_hash"] != night.bundle.policy_hash:
        raise PlanError(
            "policy, decisions, rules or mappings changed since the plan was made: nothing is disposed of under it",
            mend="start the night again, so that the new declaration is scanned and planned",
        )
    with night.session.reading("checking the schema") as connection:
        schema = read_schema(connection)
        if fingerprint(schema) != plan.document["schema_fingerprint"]:
            raise PlanError(
                "the store's schema changed since the plan was made: nothing is disposed of under it",
                mend="bring the mapping up to date if need be, then start the night again",
            )
        unfit = [f for f in check_structure(connection, night.store, schema, night.asked) if f.level == "refuse"]
    if unfit:
        raise PlanError(
            f"the store changed since the plan was made: {unfit[0].what}", mend=f"{unfit[0].mend}, then start the night again"
        )


def scanned_from_evidence(night: Night, stage: str) -> Scanned:
    """A scan as another process left it."""
    lines = night.evidence.scan(night.run_id, stage)
    return Scanned(lines, _rows_before(lines))


def _rows_before(lines: tuple[ScanLine, ...]) -> dict[str, int]:
    rows: dict[str, int] = {}
    for line in lines:
        rows[line.population] = rows.get(line.population, 0) + line.rows
    return rows


def _rows(night: Night, population: str) -> int:
    with night.session.reading() as connection:
        compiled = night.compile(population, facts_stale=False)
        return int(connection.execute(select(func.count()).select_from(compiled.table)).scalar_one())


def _last_key(night: Night, connection: Connection, population: Population) -> int | None:
    """The highest key of a table whose keys grow: rows above it came after the scan. None where they do not."""
    if population.key_type != "integer":
        return None
    table = night.compile(population.name, facts_stale=False).table
    return connection.execute(select(func.max(table.c[population.key]))).scalar()


def _cutoffs(night: Night) -> dict[str, str]:
    found: dict[str, str] = {}
    for asked in night.asked.values():
        for term in asked.terms:
            found[term.id] = term.cutoff.isoformat() if term.cutoff else "undecided: " + ", ".join(term.awaited)
    return found


def _verdicts(lines: tuple[ScanLine, ...]) -> list[dict[str, Any]]:
    return [
        {
            "population": line.population,
            "disposition": line.disposition,
            "rule": line.rule,
            "reason": line.reason,
            "rows": line.rows,
        }
        for line in lines
    ]
