"""Every expectation, in plain words, those that did not pass first."""

from __future__ import annotations

from retention.evidence.records import ValidationLine
from retention.report import reasons
from retention.report.context import Report
from retention.workbook import Column, Field, Marked, Sheet, Tone, Value

Line = tuple[str, ValidationLine]
TONES: dict[str, Tone] = {"PASS": "good", "FAIL": "bad", "ERROR": "bad"}
ORDER = ("ERROR", "FAIL", "PASS")


def write(report: Report) -> Sheet:
    """One line per expectation, population and stage."""
    fields = _fields(report)
    sheet = report.sheet("validation", [field.column.width for field in fields])
    lines = [(store, line) for store, night in report.nights.items() for line in night.validation]
    sheet.records(fields, sorted(lines, key=_order), main=True, empty=report.say("validation.none"))
    return sheet


def _order(line: Line) -> tuple[int, bool, str, str, str]:
    found = line[1]
    return ORDER.index(found.outcome), found.stage == "after", line[0], found.population, found.expectation


def _fields(report: Report) -> tuple[Field[Line], ...]:
    say = report.say

    def outcome(line: Line) -> Value:
        name = line[1].outcome
        tone: Tone = "warn" if name == "FAIL" and line[1].severity == "warning" else TONES[name]
        return Marked(f"{say(f'outcome.{name}')} ({name})", tone)

    return (
        Field(Column(say("validation.outcome"), 18), outcome),
        Field(
            Column(say("validation.expectation"), 50, "strong"),
            lambda line: reasons.expectation(line[1].expectation, report.language),
        ),
        Field(Column(say("validation.unexpected"), 13, "count"), lambda line: line[1].unexpected),
        Field(Column(say("validation.severity"), 15), lambda line: say(f"severity.{line[1].severity}")),
        Field(Column(say("validation.stage"), 13), lambda line: say(f"stage.{line[1].stage}")),
        Field(Column(say("col.store"), 24), lambda line: report.store(line[0])),
        Field(Column(say("col.population"), 30), lambda line: report.population(line[0], line[1].population)),
        Field(Column(say("validation.code"), 22, "code"), lambda line: line[1].expectation),
    )
