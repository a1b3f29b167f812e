"""Every batch that was disposed of, and the ledger they are sealed in."""

from __future__ import annotations

from retention.evidence.figures import NightFigures
from retention.evidence.records import Receipt
from retention.report import reasons
from retention.report.context import Report
from retention.workbook import Column, Field, Marked, Sheet, Value


def write(report: Report) -> Sheet:
    """One line per batch, in the order they were done."""
    fields = _fields(report)
    sheet = report.sheet("receipts", [field.column.width for field in fields])
    receipts = sorted(
        (r for night in report.nights.values() for r in night.receipts), key=lambda r: (r.disposed_at, r.receipt_id)
    )
    rows, spared = sum(r.rows for r in receipts), sum(r.spared for r in receipts)
    sheet.records(fields, receipts, main=True, empty=report.say("receipts.none"),
                  totals=[report.say("total"), "", "", "", "", rows, spared, "", ""])  # fmt: skip
    return sheet


def _fields(report: Report) -> tuple[Field[Receipt], ...]:
    say = report.say
    return (
        Field(Column(say("receipts.time"), 18, "moment"), lambda r: r.disposed_at),
        Field(Column(say("col.store"), 22), lambda r: report.store(r.store)),
        Field(Column(say("col.population"), 25), lambda r: report.population(r.store, r.population)),
        Field(Column(say("col.rule"), 25), lambda r: report.rule(r.rule)),
        Field(Column(say("col.action"), 16), lambda r: reasons.words(reasons.ACTIONS, r.action, report.language)),
        Field(Column(say("col.rows"), 12, "count"), lambda r: r.rows),
        Field(Column(say("col.spared"), 11, "count"), lambda r: r.spared),
        Field(Column(say("receipts.root"), 36, "code"), lambda r: r.root),
        Field(Column(say("receipts.id"), 36, "code"), lambda r: r.receipt_id),
    )


def write_ledger(report: Report) -> Sheet:
    """The head of the ledger, then what each run was bound to."""
    say = report.say
    fields = _run_fields(report)
    sheet = report.sheet("ledger", [field.column.width for field in fields])
    head = report.evidence.head()
    sheet.facts(
        [
            (say("ledger.seq"), say.count(head.seq) if head else Marked(say("ledger.empty"), "bad")),
            (say("ledger.hash"), head.hash if head else None),
            (say("ledger.verify"), say("ledger.verify.text")),
        ]
    )
    sheet.heading(say("ledger.runs"))
    sheet.records(fields, report.nights.values())
    sheet.heading(say("ledger.declaration"))
    sheet.facts([(say("ledger.whole"), report.bundle.policy_hash), *report.bundle.hashes.items()])
    return sheet


def _run_fields(report: Report) -> tuple[Field[NightFigures], ...]:
    say = report.say

    def plan(night: NightFigures) -> Value:
        found = report.evidence.plan(night.run.run_id)
        return found[0] if found else None

    def policy(night: NightFigures) -> Value:
        return Marked(night.run.policy_hash, "plain" if night.run.policy_hash == report.bundle.policy_hash else "alert")

    return (
        Field(Column(say("col.store"), 26, "strong"), lambda night: report.store(night.run.store)),
        Field(Column(say("ledger.run"), 36, "code"), lambda night: night.run.run_id),
        Field(Column(say("ledger.set"), 16), lambda night: night.run.decision_set),
        Field(Column(say("ledger.started"), 18, "moment"), lambda night: night.run.started_at),
        Field(Column(say("ledger.finished"), 18, "moment"), lambda night: night.run.finished_at),
        Field(Column(say("ledger.plan"), 36, "code"), plan),
        Field(Column(say("ledger.policy"), 36, "code"), policy),
    )
