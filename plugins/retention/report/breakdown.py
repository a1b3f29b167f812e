"""Every record's outcome by category, rule and reason, then what was disposed of."""

from __future__ import annotations

from retention.declare.words import CATEGORIES
from retention.evidence.records import Disposed, ScanLine
from retention.report import reasons
from retention.report.chart import add_bars
from retention.report.context import Report
from retention.workbook import Column, Field, Marked, Sheet, Tone, Value

WIDTHS = (21, 21, 27, 17, 26, 34, 16, 12, 12, 12, 13)
TONES: dict[str, Tone] = {"keep": "plain", "held": "note", "quarantine": "warn", "due": "total"}
ORDER = ("due", "held", "quarantine", "keep")
Line = tuple[str, ScanLine]


def write(report: Report) -> Sheet:
    """Before disposal: rows by outcome, rule and reason."""
    sheet = report.sheet("breakdown", WIDTHS)
    total = sum(line.rows for _, line in report.lines())
    sheet.records(_fields(report), sorted(report.lines(), key=_order), main=True,
                  totals=[report.say("total"), "", "", "", "", "", "", total, "", "", ""])  # fmt: skip
    return sheet


def write_disposed(report: Report) -> Sheet:
    """What was disposed of, by rule and action."""
    fields = _disposed_fields(report)
    sheet = report.sheet("disposed", [field.column.width for field in fields])
    disposed = report.evidence.disposed(run_ids=[night.run.run_id for night in report.nights.values()])
    rows, batches = sum(each.rows for each in disposed), sum(each.batches for each in disposed)
    totals: list[Value] = [report.say("total"), "", "", "", rows, batches, "", ""]
    area = sheet.records(fields, disposed, main=True, empty=report.say("disposed.nothing"), totals=totals)
    add_bars(sheet, area, 5)
    return sheet


def _order(line: Line) -> tuple[int, str, str, int, str]:
    scanned = line[1]
    category = CATEGORIES.index(scanned.category) if scanned.category in CATEGORIES else len(CATEGORIES)
    return category, line[0], scanned.population, ORDER.index(scanned.disposition), scanned.rule or ""


def _fields(report: Report) -> tuple[Field[Line], ...]:
    say, language = report.say, report.language

    def why(line: Line) -> Value:
        words = report.reason(line[1].reason)
        if line[1].hold_kind:
            words += f" ({reasons.hold_title(report.bundle.rules, line[1].hold_kind, language)})"
        return (
            Marked(f"{words}\n{say('breakdown.late')}", "note") if line[1].disposition == "held" and line[1].overdue else words
        )

    def outcome(line: Line) -> Value:
        return Marked(reasons.words(reasons.DISPOSITIONS, line[1].disposition, language), TONES[line[1].disposition])

    return (
        Field(Column(say("col.category"), kind="strong"), lambda line: report.category(line[1].category)),
        Field(Column(say("col.store")), lambda line: report.store(line[0])),
        Field(Column(say("col.population")), lambda line: report.population(line[0], line[1].population)),
        Field(Column(say("col.outcome")), outcome),
        Field(Column(say("col.rule")), lambda line: report.rule(line[1].rule)),
        Field(Column(say("col.reason")), why),
        Field(
            Column(say("col.action")), lambda line: line[1].action and reasons.words(reasons.ACTIONS, line[1].action, language)
        ),
        Field(Column(say("col.rows"), kind="count"), lambda line: line[1].rows),
        Field(Column(say("col.oldest"), kind="date"), lambda line: report.day(line[1].oldest)),
        Field(Column(say("col.newest"), kind="date"), lambda line: report.day(line[1].newest)),
        Field(Column(say("col.since"), kind="date"), lambda line: line[1].oldest_due),
    )


def _disposed_fields(report: Report) -> tuple[Field[Disposed], ...]:
    say = report.say
    return (
        Field(Column(say("col.store"), 25, "strong"), lambda d: report.store(d.store)),
        Field(Column(say("col.population"), 30), lambda d: report.population(d.store, d.population)),
        Field(Column(say("col.rule"), 32), lambda d: report.rule(d.rule)),
        Field(Column(say("col.action"), 24), lambda d: reasons.words(reasons.ACTIONS, d.action, report.language)),
        Field(Column(say("col.rows"), 12, "count"), lambda d: d.rows),
        Field(Column(say("col.batches"), 10, "count"), lambda d: d.batches),
        Field(Column(say("col.first"), 19, "moment"), lambda d: d.first),
        Field(Column(say("col.last"), 19, "moment"), lambda d: d.last),
    )
