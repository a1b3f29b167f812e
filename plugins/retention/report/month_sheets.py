"""The sheets that the page of a month rests on: disposals, runs, holds, checks, decisions to review, and the year's months."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from retention.cells import as_civil
from retention.declare.decisions import Decision
from retention.declare.words import CATEGORIES
from retention.evidence.months import DisposedThen, FailedCheck
from retention.evidence.records import Hold, Run
from retention.report import reasons, trends
from retention.report.chart import add_bars
from retention.report.context import Report
from retention.report.holds import where
from retention.report.lines import Days, Line
from retention.report.month import Month
from retention.workbook import Column, Field, Marked, Sheet, Value

REVIEW_WIDTHS = (30, 58, 20, 30, 15, 24)
MOVEMENT_WIDTHS = (22, 34, 17, 36, 26, 24, 13, 14, 18)


def write_year(report: Report, sheet: Sheet, months: Sequence[trends.MonthLine]) -> None:
    """Twelve months as a table, the last one first, and as lines."""
    trends.write_months(report, sheet, months)
    if len(months) < 2:
        return
    say = report.say
    sheet.page_break()
    data = report.sheet("months", (14, 16, 18, 18, 18))
    columns = [Column(say("trends.month"), kind="date")]
    columns += [Column(say(key), kind="count")
                for key in ("trends.worst", "col.disposed", "trends.held_end", "trends.quarantined_end")]  # fmt: skip
    rows = [(month.first, _age(month), month.disposed, month.held, month.quarantined) for month in months]
    area = data.table(columns, rows)
    trends.leave_gaps(data, area, 2, 5)
    axis = Days(1, area.first_row, area.last_row, trends.MONTH[report.language], by_month=True)
    charts = [("trends.worst", "trends.unit.days", 2), ("month.chart.disposed", "trends.unit.records", 3),
              ("trends.held_end", "trends.unit.records", 4), ("trends.quarantined_end", "trends.unit.records", 5)]  # fmt: skip
    lines = [
        trends.Chart(say(title), say(unit), (Line(say("trends.all"), column, area.first_row, area.last_row),))
        for title, unit, column in charts
    ]
    trends.place(sheet, data, axis, lines)


def _age(month: trends.MonthLine) -> int | None:
    if month.worst is None:
        return 0 if month.held is not None else None
    return month.worst.age


@dataclass(frozen=True)
class _Sum:
    """What was disposed of in the month in one population, under one rule, in one way."""

    category: str | None
    store: str
    population: str
    rule: str
    action: str
    rows: int
    nights: int
    first: dt.date
    last: dt.date
    runs: tuple[str, ...]


def write_disposed(month: Month) -> Sheet:
    """By category, action and rule, with the nights; then every run's share, under its run id."""
    report, say = month.report, month.report.say
    fields: tuple[Field[_Sum], ...] = (
        Field(Column(say("col.category"), 28, "strong"), lambda s: report.category(s.category) if s.category else None),
        Field(Column(say("col.store"), 27), lambda s: report.store(s.store)),
        Field(Column(say("col.population"), 30), lambda s: report.population(s.store, s.population)),
        Field(Column(say("col.action"), 22), lambda s: reasons.words(reasons.DONE, s.action, report.language)),
        Field(Column(say("col.rule"), 30), lambda s: report.rule(s.rule)),
        Field(Column(say("col.rows"), 12, "count"), lambda s: s.rows),
        Field(Column(say("month.in_nights"), 10, "count"), lambda s: s.nights),
        Field(Column(say("month.first_night"), 13, "date"), lambda s: s.first),
        Field(Column(say("month.last_night"), 13, "date"), lambda s: s.last),
    )
    sheet = report.sheet("month_disposed", [field.column.width for field in fields])
    sums = _summed(month)
    total = sum(one.rows for one in sums)
    area = sheet.records(fields, sums, main=True, empty=say("disposed.nothing"),
                         totals=[say("total"), "", "", "", "", total, "", "", ""])  # fmt: skip
    add_bars(sheet, area, 6)
    _write_shares(month)
    return sheet


def _summed(month: Month) -> list[_Sum]:
    groups: dict[tuple[str, str, str, str], list[DisposedThen]] = defaultdict(list)
    for each in month.span.disposed:
        groups[each.store, each.population, each.rule, each.action].append(each)
    sums = [
        _Sum(
            month.report.category_of(store, population), store, population, rule, action, sum(one.rows for one in those),
            len({one.as_of for one in those}), min(one.as_of for one in those), max(one.as_of for one in those),
            tuple(one.run_id for one in those),
        )
        for (store, population, rule, action), those in groups.items()
    ]  # fmt: skip
    order: dict[str, int] = {name: number for number, name in enumerate(CATEGORIES)}
    return sorted(sums, key=lambda one: (order.get(one.category or "", len(order)), one.action, one.rule, one.population))


def _write_shares(month: Month) -> None:
    report, say = month.report, month.report.say
    fields: tuple[Field[DisposedThen], ...] = (
        Field(Column(say("summary.as_of"), 13, "date"), lambda d: d.as_of),
        Field(Column(say("col.store"), 39, "strong"), lambda d: report.store(d.store)),
        Field(Column(say("col.population"), 40), lambda d: report.population(d.store, d.population)),
        Field(Column(say("col.action"), 26), lambda d: reasons.words(reasons.DONE, d.action, report.language)),
        Field(Column(say("col.rule"), 40), lambda d: report.rule(d.rule)),
        Field(Column(say("col.rows"), 12, "count"), lambda d: d.rows),
        Field(Column(say("col.batches"), 10, "count"), lambda d: d.batches),
        Field(Column(say("ledger.run"), 50, "code"), lambda d: d.run_id),
    )
    table = report.long("shares", [field.column for field in fields])
    table.extend([field.of(each) for field in fields] for each in month.span.disposed)
    table.finish(say("disposed.nothing"))


def write_runs(month: Month) -> Sheet:
    """Every run of the month, rehearsals among them, and why those that failed did."""
    report, say = month.report, month.report.say
    disposed: dict[str, int] = defaultdict(int)
    for each in month.span.disposed:
        disposed[each.run_id] += each.rows

    def status(run: Run) -> Value:
        words = reasons.words(reasons.STATUSES, run.status, report.language)
        return Marked(words, trends.STATUS_TONES.get(run.status, "note"))

    fields: tuple[Field[Run], ...] = (
        Field(Column(say("summary.as_of"), 13, "date"), lambda r: r.as_of),
        Field(Column(say("col.store"), 38, "strong"), lambda r: report.store(r.store)),
        Field(Column(say("summary.outcome"), 19), status),
        Field(Column(say("ledger.started"), 18, "moment"), lambda r: r.started_at),
        Field(Column(say("ledger.finished"), 18, "moment"), lambda r: r.finished_at),
        Field(Column(say("col.disposed"), 12, "count"), lambda r: disposed.get(r.run_id, 0)),
        Field(Column(say("ledger.set"), 14), lambda r: r.decision_set),
        Field(Column(say("ledger.run"), 40, "code"), lambda r: r.run_id),
        Field(Column(say("month.note"), 40), lambda r: r.note),
    )
    sheet = report.sheet("runs", [field.column.width for field in fields])
    sheet.records(fields, month.span.runs, main=True)
    return sheet


def write_movements(month: Month) -> Sheet:
    """Holds and requests placed, released, and in force at the end of the month."""
    report, say = month.report, month.report.say
    sheet = report.sheet("movements", MOVEMENT_WIDTHS)
    for key, holds in (("placed", month.placed()), ("released", month.released()), ("in_force", month.in_force())):
        sheet.heading(say(f"movements.{key}"))
        sheet.records(_hold_fields(month), holds, empty=say(f"movements.{key}.none"))
    return sheet


def _hold_fields(month: Month) -> tuple[Field[Hold], ...]:
    report, say = month.report, month.report.say

    def state(hold: Hold) -> Value:
        if hold.released_at is not None and as_civil(hold.released_at).date() <= month.last:
            return Marked(say("movements.released_on", date=say.date(as_civil(hold.released_at).date())), "muted")
        return Marked(say("holds.late"), "bad") if hold.review_by < month.last else Marked(say("holds.in_time"), "good")

    return (
        Field(Column(say("holds.id"), kind="code"), lambda h: h.hold_id),
        Field(Column(say("holds.kind"), kind="strong"),
              lambda h: reasons.hold_title(report.bundle.rules, h.kind, report.language)),
        Field(Column(say("holds.scope")), lambda h: reasons.words(reasons.SCOPES, h.scope, report.language)),
        Field(Column(say("holds.where")), lambda h: where(report, h)),
        Field(Column(say("holds.reference")), lambda h: h.reference),
        Field(Column(say("holds.approver")), lambda h: h.approver),
        Field(Column(say("holds.placed"), kind="date"), lambda h: as_civil(h.placed_at).date()),
        Field(Column(say("holds.review"), kind="date"), lambda h: h.review_by),
        Field(Column(say("holds.state")), state),
    )  # fmt: skip


def write_checks(month: Month) -> Sheet:
    """Expectations that did not pass in the month."""
    report, say = month.report, month.report.say
    fields: tuple[Field[FailedCheck], ...] = (
        Field(Column(say("validation.expectation"), 50, "strong"),
              lambda c: reasons.expectation(c.expectation, report.language)),
        Field(Column(say("validation.severity"), 17),
              lambda c: Marked(say(f"severity.{c.severity}"), "bad" if c.severity == "blocking" else "warn")),
        Field(Column(say("col.store"), 28), lambda c: report.store(c.store)),
        Field(Column(say("col.population"), 34), lambda c: report.population(c.store, c.population)),
        Field(Column(say("month.in_nights"), 10, "count"), lambda c: c.nights),
        Field(Column(say("month.worst_count"), 14, "count"), lambda c: c.worst),
        Field(Column(say("month.last_night"), 13, "date"), lambda c: c.last),
    )  # fmt: skip
    sheet = report.sheet("checks", [field.column.width for field in fields])
    sheet.records(fields, month.span.checks, main=True, empty=say("checks.none"))
    return sheet


def write_reviews(month: Month) -> Sheet:
    """Decisions whose review has come or comes soon, then those nobody has taken."""
    report, say = month.report, month.report.say
    sheet = report.sheet("reviews", REVIEW_WIDTHS)

    def state(decision: Decision) -> Value:
        late = decision.review_by is not None and decision.review_by < month.last
        return Marked(say("holds.late"), "bad") if late else Marked(say("reviews.soon"), "warn")

    fields: tuple[Field[Decision], ...] = (
        Field(Column(say("reviews.decision"), kind="code"), lambda d: d.id),
        Field(Column(say("undecided.question"), kind="strong"), lambda d: say.of(d.question)),
        Field(Column(say("reviews.value")), lambda d: _value(d)),
        Field(Column(say("holds.approver")), lambda d: d.approver),
        Field(Column(say("reviews.by"), kind="date"), lambda d: d.review_by),
        Field(Column(say("holds.state")), state),
    )
    sheet.records(fields, month.reviews(), empty=say("reviews.none"))
    sheet.heading(say("reviews.awaited"))
    awaited = [decision for decision in report.bundle.decisions.decisions if not decision.decided]
    sheet.records(
        (fields[0], fields[1], Field(Column(say("undecided.awaited"), span=4),
                                     lambda d: say.of(d.undecided) if d.undecided else None)),
        awaited, empty=say("undecided.none"),
    )  # fmt: skip
    return sheet


def _value(decision: Decision) -> str:
    """As declared: a number of months, a date, a word."""
    value = decision.value
    return ", ".join(value) if isinstance(value, tuple) else str(value)
