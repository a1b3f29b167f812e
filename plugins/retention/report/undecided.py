"""Criteria nobody has decided, and records no rule covers: they are kept, and this is what that costs."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from retention.declare.rules import Rule, decision_ids
from retention.evidence.records import ScanLine
from retention.report.context import Report
from retention.workbook import Column, Field, Sheet

WIDTHS = (30, 27, 46, 46, 14, 14)


def write(report: Report) -> Sheet:
    """Decisions awaited, rule by rule, then records without a rule."""
    say = report.say
    sheet = report.sheet("undecided", WIDTHS)
    sheet.records(_fields(report), _awaited(report), empty=say("undecided.none"))
    sheet.heading(say("undecided.no_criterion"))
    lines = [(store, line) for store, line in report.lines(latest=True) if line.reason == "no_criterion"]
    sheet.records(_uncovered_fields(report), lines, empty=say("undecided.all_covered"))
    return sheet


@dataclass(frozen=True)
class _Awaited:
    rule: Rule
    decision: str
    question: str | None
    awaited: str
    rows: int
    oldest: dt.date | None


def _awaited(report: Report) -> list[_Awaited]:
    """One line per rule and missing decision, with the rows the rule keeps for want of it."""
    say, decisions = report.say, report.bundle.decisions
    found = []
    for rule in report.bundle.rules.rules:
        lines = [line for _, line in report.lines(latest=True) if line.reason == "undecided" and line.rule == rule.id]
        rows, oldest = sum(line.rows for line in lines), min((line.oldest for line in lines if line.oldest), default=None)
        for name in decision_ids(rule):
            decision = decisions.get(name)
            if decision is not None and decision.decided:
                continue
            question = say.of(decision.question) if decision else None
            words = say.of(decision.undecided) if decision and decision.undecided else say("undecided.absent")
            found.append(_Awaited(rule, name, question, words, rows, oldest))
    return sorted(found, key=lambda each: -each.rows)


def _fields(report: Report) -> tuple[Field[_Awaited], ...]:
    say = report.say
    return (
        Field(Column(say("col.rule"), kind="strong"), lambda a: say.of(a.rule.title)),
        Field(Column(say("undecided.decision"), kind="code"), lambda a: a.decision),
        Field(Column(say("undecided.question")), lambda a: a.question),
        Field(Column(say("undecided.awaited")), lambda a: a.awaited),
        Field(Column(say("undecided.rows"), kind="count"), lambda a: a.rows),
        Field(Column(say("col.oldest"), kind="date"), lambda a: report.day(a.oldest)),
    )


def _uncovered_fields(report: Report) -> tuple[Field[tuple[str, ScanLine]], ...]:
    say = report.say
    return (
        Field(Column(say("col.store"), kind="strong"), lambda line: report.store(line[0])),
        Field(Column(say("col.category")), lambda line: report.category(line[1].category)),
        Field(Column(say("col.population"), span=2), lambda line: report.population(line[0], line[1].population)),
        Field(Column(say("col.rows"), kind="count"), lambda line: line[1].rows),
        Field(Column(say("col.oldest"), kind="date"), lambda line: report.day(line[1].oldest)),
    )
