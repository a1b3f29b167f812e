"""What the last night of each store found and did under a rule, and whether records are kept and erased as declared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from retention.declare.rules import Rule
from retention.declare.stores import Population
from retention.evidence.figures import LastNight, NightFigures, Overdue, oldest
from retention.evidence.records import Receipt, ScanLine
from ropa.register.context import Register
from ropa.register.criteria import awaited

Verdict = Literal["yes", "partly", "unknown", "no"]
WORST_LAST: tuple[Verdict, ...] = ("yes", "partly", "unknown", "no")
ERASURE = "erasure-request"  # the built-in rule of approved erasure requests


@dataclass(frozen=True)
class Checks:
    """Expectations on the populations a rule concerns. A warning says that some rows could not be judged."""

    passed: int
    warnings: int
    failed: int
    errors: int


@dataclass(frozen=True)
class Finding:
    """The numbers of one rule over all stores it concerns. None: no run has counted."""

    records: int | None
    due: int | None
    deleted: int | None
    anonymised: int | None
    minimised: int | None
    archived: int | None
    held: int | None
    spared: int
    overdue: Overdue
    frozen: Overdue
    checks: Checks
    verdict: Verdict
    why: tuple[str, ...]
    nights: tuple[LastNight, ...]


def of_rule(register: Register, rule: Rule) -> Finding:
    """The finding of a declared rule."""
    populations = {
        name: [p for p in store.declared.populations if concerns(rule, p)] for name, store in register.bundle.stores.items()
    }
    nights = tuple(register.nights[name] for name, concerned in populations.items() if concerned)
    names = {p.name for concerned in populations.values() for p in concerned}
    finding = _count(nights, rule.id, names)
    reasons = [*_about_rule(register, rule, finding), *_about_nights(register, nights)]
    if stale := _stale(nights, rule.id):
        reasons.append(("partly", register.say("why.stale", count=register.say.count(stale))))
    return _judged(register, finding, reasons)


def of_lines_without_rule(register: Register, rule_id: str | None) -> Finding:
    """The finding of erasure requests, or of records no rule spoke about."""
    return _count(tuple(register.nights.values()), rule_id, set())


def concerns(rule: Rule, population: Population) -> bool:
    """Whether the rule can be about a population, going by category and kind."""
    scope = rule.scope
    return (
        population.category in scope.categories
        and (not scope.kinds or population.kind in scope.kinds)
        and population.kind not in scope.except_kinds
    )


def _count(nights: tuple[LastNight, ...], rule_id: str | None, populations: set[str]) -> Finding:
    figures = [night.figures for night in nights if night.figures is not None]

    def about(line: ScanLine) -> bool:
        return line.rule == rule_id

    def done(receipt: Receipt) -> bool:
        return receipt.rule == rule_id

    tallies = [each.tally(about, done) for each in figures]
    known = bool(figures)

    def total(numbers: Iterable[int]) -> int | None:
        return sum(numbers) if known else None

    return Finding(
        records=total(tally.scanned for tally in tallies),
        due=total(tally.due for tally in tallies),
        deleted=total(each.disposed("delete", done) for each in figures),
        anonymised=total(each.disposed("anonymise", done) for each in figures),
        minimised=total(each.disposed("minimise", done) for each in figures),
        archived=total(each.disposed("archive", done) for each in figures),
        held=total(tally.held for tally in tallies),
        spared=sum(tally.spared for tally in tallies),
        overdue=oldest(each.overdue(about) for each in figures),
        frozen=oldest(each.frozen(about) for each in figures),
        checks=_checks(figures, populations),
        verdict="unknown",
        why=(),
        nights=nights,
    )


def _checks(figures: list[NightFigures], populations: set[str]) -> Checks:
    lines = [line for each in figures for line in each.validation if line.population in populations]
    failed = [line for line in lines if line.outcome == "FAIL"]
    warnings = sum(line.severity == "warning" for line in failed)
    passed, errors = (sum(line.outcome == outcome for line in lines) for outcome in ("PASS", "ERROR"))
    return Checks(passed, warnings, len(failed) - warnings, errors)


def _about_rule(register: Register, rule: Rule, finding: Finding) -> Iterable[tuple[Verdict, str]]:
    say = register.say
    if finding.overdue.rows:
        since = say.date(finding.overdue.since) if finding.overdue.since else say("unknown_date")
        yield "no", say("why.overdue", count=say.count(finding.overdue.rows), date=since)
    if missing := awaited(register, rule):
        yield "unknown", say("why.undecided", names=", ".join(missing))
    if refused := finding.checks.failed + finding.checks.errors:
        yield "unknown", say("why.blocking", count=refused)
    if finding.checks.warnings:
        yield "partly", say("why.warnings", count=finding.checks.warnings)
    if finding.frozen.rows:
        yield "yes", say("why.frozen", count=say.count(finding.frozen.rows))
    if finding.spared:
        yield "yes", say("why.spared", count=say.count(finding.spared))


def _about_nights(register: Register, nights: tuple[LastNight, ...]) -> Iterable[tuple[Verdict, str]]:
    say = register.say
    for night in nights:
        store = say.of(register.bundle.store(night.store).declared.title)
        if night.last is None:
            yield "unknown", say("why.never", store=store)
        elif night.last.status in ("failed", "running"):
            yield "unknown", say("why.failed", store=store, status=say(f"status.{night.last.status}").lower())
        elif night.figures is not None and night.figures.run.status == "rehearsal":
            yield "unknown", say("why.rehearsal", store=store)
        elif night.last.policy_hash != register.bundle.policy_hash:
            yield "unknown", say("why.other_declaration", store=store)


def _stale(nights: tuple[LastNight, ...], rule_id: str) -> int:
    lines = (line for night in nights if night.figures for line in night.figures.latest)
    return sum(line.rows for line in lines if line.rule == rule_id and line.reason == "facts_stale")


def _judged(register: Register, finding: Finding, reasons: list[tuple[Verdict, str]]) -> Finding:
    verdict = max((level for level, _ in reasons), key=WORST_LAST.index, default="yes")
    if not finding.nights:
        verdict, reasons = "unknown", [("unknown", register.say("why.unmapped"))]
    return Finding(**{**finding.__dict__, "verdict": verdict, "why": tuple(text for _, text in reasons)})
