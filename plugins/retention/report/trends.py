"""Nights over time: lines as charts and month by month, then every night of every store."""

from __future__ import annotations

import calendar
import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from openpyxl.utils import get_column_letter as column_letter

from retention.evidence.trends import NightLine, TotalLine, totals
from retention.report import reasons
from retention.report.chart import add_bars
from retention.report.context import Report
from retention.report.lines import HEIGHT, Days, Line, add_lines
from retention.workbook import Area, Column, Field, Marked, Sheet, Tone, Value

STATUS_TONES: dict[str, Tone] = {"passed": "good", "reservations": "warn", "failed": "bad", "running": "bad", "waiting": "warn"}
WIDTHS = (15, 12, 12, 12, 14, 14, 14, 14, 14, 14, 14)
COUNTS = ("scanned", "kept", "held", "quarantined", "due", "disposed")
CHARTED = {"held": 6, "quarantined": 7, "disposed": 9, "age": 11}  # columns of the night-by-night sheet
POINTS_A_CENTIMETRE = 28.35
DAY, MONTH = {"fr": "dd/mm", "en": "d mmm"}, {"fr": "mm/yyyy", "en": "mmm yyyy"}
LONG = 70  # days from which an axis names months


@dataclass(frozen=True)
class MonthLine:
    """One month of all stores."""

    first: dt.date
    expected: int  # nights that were to be, of all stores
    missing: int
    failed: int
    disposed: int
    held: int | None  # at the last night that counted
    quarantined: int | None
    worst: TotalLine | None  # the night with the oldest overdue record


def leave_gaps(sheet: Sheet, area: Area, first: int, last: int) -> None:
    """Empties the cells of these columns that say nothing: a chart would draw a dash as a zero."""
    for row in sheet.ws.iter_rows(min_row=area.first_row, max_row=area.last_row, min_col=first, max_col=last):
        for cell in row:
            if cell.value == "–":
                cell.value = None


def by_month(lines: Iterable[NightLine]) -> tuple[MonthLine, ...]:
    """The months of these nights, in order."""
    months: dict[dt.date, list[TotalLine]] = defaultdict(list)
    for total in totals(lines):
        months[total.as_of.replace(day=1)].append(total)
    return tuple(_month(first, months[first]) for first in sorted(months))


def year_until(day: dt.date) -> dt.date:
    """The first day of the twelve calendar months that end with the month of `day`."""
    return dt.date(day.year - (day.month < 12), day.month % 12 + 1, 1)


def month_end(first: dt.date) -> dt.date:
    return first.replace(day=calendar.monthrange(first.year, first.month)[1])


def _month(first: dt.date, nights: Sequence[TotalLine]) -> MonthLine:
    counted = [night for night in nights if night.counted]
    late = [night for night in nights if night.overdue.rows]
    return MonthLine(
        first,
        expected=sum(night.expected for night in nights),
        missing=sum(night.missing for night in nights),
        failed=sum(night.failed for night in nights),
        disposed=sum(night.disposed for night in nights),
        held=counted[-1].held if counted else None,
        quarantined=counted[-1].quarantined if counted else None,
        worst=max(late, key=lambda night: (night.age or 0, night.overdue.rows), default=None),
    )


def write(report: Report, lines: Sequence[NightLine]) -> tuple[Sheet, Sheet]:
    """The sheet of months and charts, then the sheet it is drawn from."""
    sheet = report.sheet("trends", WIDTHS)
    nights, blocks = write_nights(report, lines)
    write_months(report, sheet, by_month(lines))
    sheet.page_break()
    draw(report, sheet, nights, blocks)
    return sheet, nights


def write_months(report: Report, sheet: Sheet, months: Sequence[MonthLine]) -> None:
    """A table of months, the last one first."""
    say = report.say

    def some(count: int) -> Value:
        return Marked(count, "bad") if count else 0

    def worst(month: MonthLine) -> Value:
        if month.worst is None:
            return Marked(0, "good")
        return Marked(say("trends.unknown") if month.worst.age is None else month.worst.age, "bad")

    fields: tuple[Field[MonthLine], ...] = (
        Field(Column(say("trends.month"), kind="strong"), lambda m: f"{m.first:%m/%Y}"),
        Field(Column(say("trends.expected"), kind="count"), lambda m: m.expected),
        Field(Column(say("trends.missing"), kind="count"), lambda m: some(m.missing)),
        Field(Column(say("trends.failed"), kind="count"), lambda m: some(m.failed)),
        Field(Column(say("col.disposed"), kind="count"), lambda m: m.disposed),
        Field(Column(say("trends.held_end"), kind="count"), lambda m: m.held),
        Field(Column(say("trends.quarantined_end"), kind="count"), lambda m: m.quarantined),
        Field(Column(say("trends.worst"), kind="count"), worst),
        Field(Column(say("trends.worst_night"), kind="date"), lambda m: m.worst.as_of if m.worst else None),
        Field(Column(say("trends.worst_rows"), kind="count", span=2), lambda m: m.worst.overdue.rows if m.worst else 0),
    )
    latest_first = sorted(months, key=lambda month: month.first, reverse=True)
    add_bars(sheet, sheet.records(fields, latest_first, empty=say("trends.none")), 5)


Blocks = dict[str, tuple[int, int]]  # first and last row of each store's nights; of all stores together under ""


def draw(report: Report, sheet: Sheet, nights: Sheet, blocks: Blocks) -> None:
    """The age of the oldest overdue record; records disposed of, held and in quarantine by store. Two charts a row."""
    say = report.say
    if not blocks:
        return
    first, last = blocks[""]
    by_month = last - first >= LONG
    axis = Days(2, first, last, (MONTH if by_month else DAY)[report.language], by_month)
    stores = [(store, rows) for store, rows in blocks.items() if store]
    found = (
        ("trends.chart.age", "trends.unit.days", [Line(say("trends.all"), CHARTED["age"], first, last)]),
        ("trends.chart.disposed", "trends.unit.records",
         [Line(report.store(store), CHARTED["disposed"], *rows) for store, rows in stores]),
        ("trends.chart.held", "trends.unit.records",
         [Line(report.store(store), CHARTED["held"], *rows) for store, rows in stores]),
        ("trends.chart.quarantined", "trends.unit.records",
         [Line(report.store(store), CHARTED["quarantined"], *rows) for store, rows in stores]),
    )  # fmt: skip
    place(sheet, nights, axis, [Chart(say(title), say(unit), tuple(lines)) for title, unit, lines in found])


@dataclass(frozen=True)
class Chart:
    """What is drawn in one chart."""

    title: str
    unit: str
    lines: tuple[Line, ...]


def place(sheet: Sheet, data: Sheet, axis: Days, charts: Sequence[Chart]) -> None:
    """Draws charts, two beside each other."""
    half = column_letter(_middle(sheet))
    for number, chart in enumerate(charts):
        right = number % 2 == 1
        if not right:
            sheet.keep_together(HEIGHT * POINTS_A_CENTIMETRE + 10)
        anchor = f"{half if right else 'A'}{sheet.row}"
        add_lines(sheet, data, axis, chart.lines, title=chart.title, unit=chart.unit, anchor=anchor)
        if right or number == len(charts) - 1:
            sheet.space(HEIGHT * POINTS_A_CENTIMETRE + 10)


def _middle(sheet: Sheet) -> int:
    """The column that begins nearest to the middle of the sheet."""
    half, used = sum(sheet.widths) / 2, 0.0
    for number, width in enumerate(sheet.widths, start=1):
        if used + width / 2 >= half:
            return number
        used += width
    return len(sheet.widths)


def write_nights(report: Report, lines: Sequence[NightLine]) -> tuple[Sheet, Blocks]:
    """All stores together, then store by store; every block has the same days, so that one axis serves all charts."""
    fields = _night_fields(report)
    table = report.long("nights", [field.column for field in fields], blank="")
    every, stores = totals(lines), list(dict.fromkeys(line.store for line in lines))
    shown = [_Shown(report.say("trends.all"), line.as_of, _nights_ran(report, line), line, None) for line in every]
    for store in stores:
        own = {line.as_of: line for line in lines if line.store == store}
        shown += [_shown(report, store, day.as_of, own.get(day.as_of)) for day in every]
    table.extend([field.of(line) for field in fields] for line in shown)
    (area,) = table.finish(report.say("trends.none"))
    starts = {name: area.first_row + number * len(every) for number, name in enumerate(["", *stores] if every else [])}
    return table.parts[0].sheet, {name: (start, start + len(every) - 1) for name, start in starts.items()}


@dataclass(frozen=True)
class _Shown:
    """A line of the sheet of nights. Without `counts` there was no night."""

    title: str
    as_of: dt.date
    outcome: Marked
    counts: NightLine | TotalLine | None
    run_id: str | None


def _shown(report: Report, store: str, day: dt.date, line: NightLine | None) -> _Shown:
    say, title = report.say, report.store(store)
    if line is None:
        return _Shown(title, day, Marked(say("trends.not_yet"), "muted"), None, None)
    if line.status is None:
        return _Shown(title, day, Marked(say("trends.night_missing"), "bad"), None, None)
    words = reasons.words(reasons.STATUSES, line.status, report.language)
    if line.runs > 1:
        words += say("trends.again", runs=line.runs)
    return _Shown(title, day, Marked(words, STATUS_TONES.get(line.status, "warn")), line, line.run_id)


def _nights_ran(report: Report, line: TotalLine) -> Marked:
    words = report.say("trends.ran", ran=line.ran, expected=line.expected)
    if line.failed:
        words += report.say("trends.ran_failed", failed=line.failed)
    return Marked(words, "bad" if line.missing or line.failed else "plain")


def _night_fields(report: Report) -> tuple[Field[_Shown], ...]:
    say = report.say

    def count(name: str) -> Field[_Shown]:
        def of(shown: _Shown) -> Value:
            line = shown.counts
            return getattr(line, name) if line and (line.counted or (name == "disposed" and line.disposed)) else None

        return Field(Column(say(f"col.{name}"), 13, "count"), of)

    def late(shown: _Shown) -> Value:
        return _marked(shown.counts.overdue.rows) if shown.counts and shown.counts.counted else None

    def age(shown: _Shown) -> Value:
        return _marked(shown.counts.age) if shown.counts and shown.counts.age is not None else None

    return (
        Field(Column(say("col.store"), 31, "strong"), lambda shown: shown.title),
        Field(Column(say("summary.as_of"), 13, "date"), lambda shown: shown.as_of),
        Field(Column(say("summary.outcome"), 31), lambda shown: shown.outcome),
        *map(count, COUNTS),
        Field(Column(say("col.outstanding"), 13, "count"), late),
        Field(Column(say("trends.age"), 15, "count"), age),
        Field(Column(say("ledger.run"), 44, "code"), lambda shown: shown.run_id),
    )


def _marked(count: int) -> Value:
    return Marked(count, "bad") if count else count
