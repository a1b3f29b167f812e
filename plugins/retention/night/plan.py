"""The plan: what a night is about to do, frozen and named by its SHA-256. Disposal refuses a plan that is no longer true."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select
from sqlalchemy import table as sql_table
from sqlalchemy.sql.expression import column as sql_column

from retention import clock
from retention.declare.stores import Population
from retention.errors import PlanError
from retention.evidence import ledger
from retention.evidence import tables as evidence_tables
from retention.evidence.records import ScanLine
from retention.night import approval
from retention.night.context import Night
from retention.night.disposal import parts, units
from retention.night.disposal.strategy import Choice, choose
from retention.night.facts import facts_stale, latest_generation
from retention.night.scan import Scanned
from retention.preflight.structure import check_structure
from retention.stores import tables
from retention.stores.inspect import fingerprint, read_schema
from retention.stores.lease import check_lease
from retention.stores.places import table_of


@dataclass(frozen=True)
class Plan:
    """A plan's document and its name."""

    document: dict[str, Any]
    plan_hash: str

    @property
    def candidates(self) -> int:
        return sum(line["rows"] for line in self.document["candidates"])

    def candidates_of(self, population: str) -> int:
        return sum(line["rows"] for line in self.document["candidates"] if line["population"] == population)


def make_plan(night: Night) -> Plan:
    """Freezes what the scan found. Raises PlanError where the scan has not been made."""
    lines = night.evidence.scan(night.run_id, "before")
    if not lines and any(_rows(night, population.name) for population in night.populations):
        raise PlanError("there is no scan to plan from", mend="run the scan of this night first")
    stale = facts_stale(night)
    partitioned = _partitioned(night, stale)
    choices = _choices(night, lines, partitioned)
    with night.session.writing("laying out the work") as connection:
        check_lease(connection, night.run_id)
        last_keys = {population.name: _last_key(night, connection, population) for population in night.populations}
        units.lay_out(night, connection, choices, lines, stale)
        candidates = units.candidate_counts(connection, night, choices, _by_rows(lines, partitioned), _whole(partitioned))
        schema = _fingerprint(night, connection)
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
        "approval": approval.section(night, candidates, lines, _rows_before(lines)),
        "strategies": [choice.document() for choice in choices],
        **({"partitions": {name: parts.document(of) for name, of in partitioned.items()}} if partitioned else {}),
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


def _partitioned(night: Night, stale: bool) -> dict[str, parts.Found]:
    """What the partitions of each population are fit for. Read before anything is locked, for every row of some is asked."""
    found: dict[str, parts.Found] = {}
    for population in night.populations:
        if population.name in night.partitioned:
            with night.session.reading("looking at partitions") as connection:
                last_key = _last_key(night, connection, population)
                found[population.name] = parts.find(night, connection, population, stale=stale, last_key=last_key)
    return found


def _choices(night: Night, lines: tuple[ScanLine, ...], partitioned: Mapping[str, parts.Found]) -> list[Choice]:
    """One for the rows of each population, and one more where partitions of it go as a whole."""
    choices: list[Choice] = []
    for population in night.populations:
        found = partitioned.get(population.name)
        whole = found.choice() if found is not None else None
        choices += [choose(population, lines, found.partitions() if found is not None else None), *([whole] if whole else [])]
    return choices


def _by_rows(lines: tuple[ScanLine, ...], partitioned: Mapping[str, parts.Found]) -> tuple[ScanLine, ...]:
    """The lines of a scan without the rows of whole partitions."""
    taken: Counter[tuple[str, ...]] = Counter()
    for name, found in partitioned.items():
        for words, rows, _ in found.counts():
            taken[(name, *words)] += rows
    left: list[ScanLine] = []
    for line in lines:
        told = (line.population, line.rule or "", line.reason, line.action or "")
        away = min(line.rows, taken[told]) if line.disposition == "due" else 0
        taken[told] -= away
        left += [replace(line, rows=line.rows - away)] if line.rows > away else []
    return tuple(left)


def _whole(partitioned: Mapping[str, parts.Found]) -> dict[tuple[str, str, str, str], int]:
    """The rows of whole partitions that go tonight, by population, rule, reason and action."""
    found: Counter[tuple[str, str, str, str]] = Counter()
    for name, of in partitioned.items():
        for (rule, reason, action), rows, tonight in of.counts():
            found[name, rule, reason, action] += rows * tonight
    return {name: rows for name, rows in found.items() if rows}


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
        schema = read_schema(connection, night.store.declared.schemas)
        if fingerprint(schema, night.store.declared.schemas) != plan.document["schema_fingerprint"]:
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


def _fingerprint(night: Night, connection: Connection) -> str:
    schemas = night.store.declared.schemas
    return fingerprint(read_schema(connection, schemas), schemas)


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
    own = population.key
    apart = (sql_table(part, sql_column(own)) for part in night.detached_of(population))
    found = [connection.execute(select(func.max(table.c[own]))).scalar() for table in (table_of(population, own), *apart)]
    return max((last for last in found if last is not None), default=None)


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
