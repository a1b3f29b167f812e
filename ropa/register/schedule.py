"""The retention schedule: each rule as declared, and beside it what the last night of every store found and did."""

from __future__ import annotations

from dataclasses import dataclass

from retention.declare.rules import Floor, Rule
from retention.evidence.figures import LastNight
from retention.workbook import Area, Column, Field, Marked, Sheet, Tone, Value
from ropa.register import criteria, findings
from ropa.register.context import Register, bullets
from ropa.register.findings import Finding, concerns

TONES: dict[findings.Verdict, Tone] = {"yes": "good", "partly": "warn", "unknown": "warn", "no": "bad"}


@dataclass(frozen=True)
class Line:
    """A line of the schedule: a declared rule, erasure requests, or the records no rule speaks about."""

    rule: Rule | None
    title: str
    scope: str | None
    criterion: str | None
    finding: Finding


def write(register: Register) -> tuple[Sheet, Area]:
    """The schedule, with totals that equal the evidence."""
    wanted = fields(register)
    sheet = register.sheet("schedule", [field.column.width for field in wanted])
    lines = schedule(register)
    area = sheet.records(wanted, lines, main=True, totals=_totals(register, lines))
    return sheet, area


def schedule(register: Register) -> list[Line]:
    """Every rule, then what stands outside them."""
    say, rules = register.say, register.bundle.rules
    lines = [
        Line(
            rule,
            say.of(rule.title),
            criteria.scope(register, rule),
            criteria.criterion(register, rule),
            findings.of_rule(register, rule),
        )
        for rule in rules.rules
    ]
    erasure = findings.of_lines_without_rule(register, findings.ERASURE)
    lines.append(Line(None, say.of(rules.erasure), say("schedule.erasure.scope"), say("schedule.erasure.criterion"), erasure))
    none = findings.of_lines_without_rule(register, None)
    lines.append(Line(None, say("schedule.none"), say("schedule.none.scope"), say("schedule.none.criterion"), none))
    return lines


def fields(register: Register) -> tuple[Field[Line], ...]:
    return (*_declared(register), *_found(register))


def _declared(register: Register) -> tuple[Field[Line], ...]:
    say = register.say
    group = say("schedule.declared")

    def length(line: Line) -> Value:
        if line.rule is None:
            return None
        return Marked(criteria.period(register, line.rule), "bad" if criteria.awaited(register, line.rule) else "plain")

    def source(line: Line) -> Value:
        if line.rule is None:
            return None
        text = criteria.source(register, line.rule)
        return Marked(f"{say('schedule.undecided')}\n{text}", "alert") if criteria.awaited(register, line.rule) else text

    def cutoff(line: Line) -> Value:
        if line.rule is None:
            return None
        return criteria.latest_due(register, line.rule) or Marked(say("undecided"), "bad")

    return (
        Field(Column(say("schedule.rule"), 18, "strong", group), lambda line: line.title),
        Field(Column(say("schedule.scope"), 22, "text", group), lambda line: line.scope),
        Field(Column(say("schedule.criterion"), 26, "text", group), lambda line: line.criterion),
        Field(Column(say("schedule.period"), 10, "text", group), length),
        Field(Column(say("schedule.source"), 36, "text", group), source),
        Field(Column(say("schedule.action"), 13, "text", group), lambda x: _action(register, x)),
        Field(Column(say("schedule.cutoff"), 11.5, "date", group), cutoff),
    )


def _found(register: Register) -> tuple[Field[Line], ...]:
    say = register.say
    group = say("schedule.found")

    def overdue(line: Line) -> Value:
        if line.finding.records is None:
            return None
        since = line.finding.overdue.since
        return Marked(since, "bad") if since else say("none")

    def verdict(line: Line) -> Value:
        if line.rule is None:
            return None
        return Marked(say(f"verdict.{line.finding.verdict}"), TONES[line.finding.verdict])

    return (
        Field(Column(say("schedule.records"), 10, "count", group), lambda line: line.finding.records),
        Field(Column(say("schedule.due"), 8, "count", group), lambda line: line.finding.due),
        Field(Column(say("schedule.deleted"), 11.5, "count", group), lambda line: line.finding.deleted),
        Field(Column(say("schedule.anonymised"), 13, "count", group), lambda line: line.finding.anonymised),
        Field(Column(say("schedule.minimised"), 12, "count", group), lambda line: line.finding.minimised),
        Field(Column(say("schedule.archived"), 12, "count", group), lambda line: line.finding.archived),
        Field(Column(say("schedule.held"), 8, "count", group), lambda line: line.finding.held),
        Field(Column(say("schedule.overdue"), 12, "date", group), overdue),
        Field(Column(say("schedule.nights"), 22, "text", group), lambda line: _nights(register, line)),
        Field(Column(say("schedule.checks"), 17, "text", group), lambda line: _checks(register, line)),
        Field(Column(say("schedule.verdict"), 17, "text", group), verdict),
        Field(Column(say("schedule.why"), 24, "text", group), lambda line: bullets(line.finding.why) or None),
    )


def _action(register: Register, line: Line) -> Value:
    """What becomes of a record; of one that a floor keeps, where it is kept."""
    if line.rule is None:
        return None
    populations = (p for store in register.bundle.stores.values() for p in store.declared.populations)
    archived = isinstance(line.rule, Floor) and any(p.archive and concerns(line.rule, p) for p in populations)
    return register.say("action.archive" if archived else f"action.{line.rule.action}")


def _nights(register: Register, line: Line) -> Value:
    if line.rule is None:
        return register.say("schedule.all_stores")
    return bullets(_night(register, night) for night in line.finding.nights) or None


def _night(register: Register, night: LastNight) -> str:
    say = register.say
    store = say.of(register.bundle.store(night.store).declared.title)
    if night.last is None:
        return f"{store}{say.colon}{say('status.never').lower()}"
    words = say(
        "schedule.night", store=store, date=say.date(night.last.as_of), status=say(f"status.{night.last.status}").lower()
    )
    if night.figures is not None and night.figures.run.run_id != night.last.run_id:
        words += " " + say("schedule.figures_from", date=say.date(night.figures.run.as_of))
    return words


def _checks(register: Register, line: Line) -> Value:
    if line.rule is None:
        return None
    say = register.say
    checks = line.finding.checks
    counts = {name: getattr(checks, name) for name in ("passed", "warnings", "failed", "errors") if getattr(checks, name)}
    if not counts:
        return say("schedule.checks.none")
    tone: Tone = "bad" if checks.failed or checks.errors else "warn" if checks.warnings else "plain"
    return Marked("\n".join(say(f"schedule.checks.{name}", count=count) for name, count in counts.items()), tone)


def _totals(register: Register, lines: list[Line]) -> list[Value]:
    """A total for every column of counts."""

    def add(name: str) -> Value:
        numbers = [getattr(line.finding, name) for line in lines]
        return sum(numbers) if None not in numbers else None

    counts = [add(name) for name in ("records", "due", "deleted", "anonymised", "minimised", "archived", "held")]
    return [register.say("total"), *[""] * 6, *counts, *[""] * 5]
