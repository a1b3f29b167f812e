"""What tasks made, where their links lead: one night with its plan, validation and receipts; one version of the register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from retention.airflow.page.overview import RunShown, moment, run_shown
from retention.declare.bundle import Bundle
from retention.evidence.database import Evidence
from retention.evidence.records import Disposed, Run, ScanLine, ValidationLine
from retention.evidence.registers import shelf
from retention.report import reasons
from retention.typography import Words

OUTCOMES = {"PASS": "good", "FAIL": "bad", "ERROR": "bad"}


@dataclass(frozen=True)
class LineShown:
    """Rows that were told the same."""

    population: str
    disposition: str
    reason: str
    rule: str
    action: str
    rows: int


@dataclass(frozen=True)
class CheckShown:
    population: str
    expectation: str
    stage: str
    severity: str
    outcome: str
    tone: str
    unexpected: int | None


@dataclass(frozen=True)
class DisposedShown:
    population: str
    rule: str
    action: str
    rows: int
    batches: int
    first: str
    last: str


@dataclass(frozen=True)
class Night:
    """One run of a store, from the evidence alone."""

    store: str
    run: RunShown
    rehearsal: bool
    finished: str
    policy_hash: str
    decision_set: str
    plan_hash: str
    lines: tuple[LineShown, ...]
    checks: tuple[CheckShown, ...]
    disposed: tuple[DisposedShown, ...]


@dataclass(frozen=True)
class Version:
    """One publication of the register."""

    number: str
    as_of: str
    published: str
    declaration_hash: str
    content_hash: str
    approval: str


def night(bundle: Bundle, evidence: Evidence, run: Run, say: Words) -> Night:
    plan = evidence.plan(run.run_id)
    mapped = bundle.stores.get(run.store)
    return Night(
        store=say.of(mapped.declared.title) if mapped else run.store,
        run=run_shown(run, say),
        rehearsal=run.dry_run,
        finished=moment(run.finished_at, say) if run.finished_at else "",
        policy_hash=run.policy_hash,
        decision_set=run.decision_set,
        plan_hash=plan[0] if plan else "",
        lines=tuple(_lines(bundle, evidence.scan(run.run_id, "before"), say)),
        checks=tuple(_checks(evidence.validation(run.run_id), say)),
        disposed=tuple(_disposed(bundle, evidence.disposed([run.run_id]), say)),
    )


def version(evidence: Evidence, number: str, say: Words) -> Version:
    """Raises NotFound for a number that nobody published."""
    known = shelf(evidence)
    found = known.version(number)
    approval = known.approval(found)
    given = say("version.approved", who=approval.approver, when=moment(approval.at, say)) if approval else say("version.draft")
    return Version(
        found.number, say.date(found.as_of), moment(found.published_at, say), found.declaration_hash, found.content_hash, given
    )


def _lines(bundle: Bundle, lines: Iterable[ScanLine], say: Words) -> Iterable[LineShown]:
    for line in lines:
        yield LineShown(
            population=line.population,
            disposition=reasons.words(reasons.DISPOSITIONS, line.disposition, say.language),
            reason=reasons.reason(line.reason, say.language),
            rule=reasons.rule_title(bundle.rules, line.rule, say.language),
            action=reasons.words(reasons.ACTIONS, line.action, say.language) if line.action else "",
            rows=line.rows,
        )


def _checks(lines: Iterable[ValidationLine], say: Words) -> Iterable[CheckShown]:
    for line in lines:
        yield CheckShown(
            population=line.population,
            expectation=reasons.expectation(line.expectation, say.language),
            stage=say(f"night.stage.{line.stage}"),
            severity=say(f"night.severity.{line.severity}"),
            outcome=say(f"night.outcome.{line.outcome}"),
            tone=OUTCOMES[line.outcome],
            unexpected=line.unexpected,
        )


def _disposed(bundle: Bundle, totals: Iterable[Disposed], say: Words) -> Iterable[DisposedShown]:
    for each in totals:
        yield DisposedShown(
            population=each.population,
            rule=reasons.rule_title(bundle.rules, each.rule, say.language),
            action=reasons.words(reasons.ACTIONS, each.action, say.language),
            rows=each.rows,
            batches=each.batches,
            first=moment(each.first, say),
            last=moment(each.last, say),
        )
