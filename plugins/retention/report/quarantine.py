"""Rows set aside because they cannot be judged: why, and what mends it."""

from __future__ import annotations

from retention.evidence.records import ScanLine
from retention.report import reasons
from retention.report.chart import add_bars
from retention.report.context import Report
from retention.workbook import Column, Field, Sheet

Line = tuple[str, ScanLine]


def write(report: Report) -> Sheet:
    """One line per population and reason, the largest first."""
    say, since = report.say, report.evidence.quarantined_since()
    fields: tuple[Field[Line], ...] = (
        Field(Column(say("col.store"), 25, "strong"), lambda line: report.store(line[0])),
        Field(Column(say("col.population"), 32), lambda line: report.population(line[0], line[1].population)),
        Field(Column(say("col.reason"), 42), lambda line: report.reason(line[1].reason)),
        Field(Column(say("quarantine.mend"), 48), lambda line: mend(report, line[1].reason)),
        Field(
            Column(say("quarantine.since"), 14, "date"),
            lambda line: since.get((line[0], line[1].population, line[1].reason)),
        ),
        Field(Column(say("col.rows"), 12, "count"), lambda line: line[1].rows),
    )
    sheet = report.sheet("quarantine", [field.column.width for field in fields])
    lines = sorted((line for line in report.lines() if line[1].disposition == "quarantine"), key=lambda line: -line[1].rows)
    total = sum(line.rows for _, line in lines)
    area = sheet.records(fields, lines, main=True, empty=say("quarantine.none"), totals=[say("total"), "", "", "", "", total])
    add_bars(sheet, area, 6)
    return sheet


def mend(report: Report, code: str) -> str:
    """What a person can do about it."""
    return reasons.words(reasons.MENDS, code, report.language) if code in reasons.MENDS else report.say("quarantine.examine")
