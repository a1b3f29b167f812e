"""The report of a month: one page that says whether it was in order, then what that page rests on."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path

from retention import clock
from retention.declare.bundle import Bundle
from retention.declare.words import CATEGORIES, Language
from retention.errors import NotFound
from retention.evidence.database import Evidence
from retention.evidence.figures import FINISHED, figures_of, latest_per_store
from retention.evidence.months import Span, span
from retention.evidence.trends import trend
from retention.report import month_sheets, quarantine, reasons, summary, trends
from retention.report.build import opened
from retention.report.month import Month, grounds
from retention.report.verdict import verdict
from retention.workbook import Column, Marked, Sheet, Value
from retention.workspace import Workspace

NAMES: dict[Language, str] = {"fr": "rapport-mensuel", "en": "monthly-report"}
ACTIONS = ("delete", "anonymise", "minimise", "archive")
WIDTHS = (32, 15, 15, 15, 15, 15, 20, 20)


def build_monthly(workspace: Workspace, bundle: Bundle, evidence: Evidence, first: dt.date, language: Language) -> Path:
    """Writes the report of the month that begins on `first` and answers where.

    Raises NotFound for a month that has not begun, or of which no night is on record.
    """
    today = clock.today()
    last = min(trends.month_end(first), today)
    if first > today:
        raise NotFound(f"the month {first:%Y-%m} has not begun", mend=f"choose a month up to {today:%Y-%m}")
    found = span(evidence, first, last)
    if not found.runs:
        raise NotFound(f"no night of {first:%Y-%m} is on record", mend=_instead(found))
    folder = workspace.output_folder("reports")
    month = _month(bundle, evidence, found, language)
    fill(month)
    return month.report.book.save(folder, f"{NAMES[language]}-{first:%Y-%m}.xlsx")


def _instead(found: Span) -> str:
    if found.begun is None:
        return "run a night first: `retention run`"
    return f"choose a month from {found.begun:%Y-%m} on in which nights were run"


def _month(bundle: Bundle, evidence: Evidence, found: Span, language: Language) -> Month:
    counted = [run for run in found.runs if run.status in FINISHED and run.status != "rehearsal"]
    figures = {store: figures_of(evidence, run) for store, run in latest_per_store(counted).items() if store in bundle.stores}
    report = opened(bundle, evidence, figures, language, title="month.book", as_of=found.last)
    year = trend(evidence, bundle.stores, trends.year_until(found.first), found.last)
    whole = found.last == trends.month_end(found.first)
    if not whole and year and not any(line.run_id for line in year if line.as_of == found.last):
        year = tuple(line for line in year if line.as_of < found.last)  # tonight's runs are yet to come
    return Month(report, found.first, found.last, whole, found, year)


def fill(month: Month) -> None:
    """The workbook, not yet written."""
    report = month.report
    title = report.say("month.title", month=month.name)
    intro = report.say("month.intro" if month.whole else "month.intro.so_far", first=report.say.date(month.first),
                       last=report.say.date(month.last))  # fmt: skip
    page = report.book.sheet(report.say("summary.sheet"), title, intro, WIDTHS)
    curves = report.sheet("curves", trends.WIDTHS)
    nights, blocks = trends.write_nights(report, month.lines)
    trends.draw(report, curves, nights, blocks)
    year = report.sheet("trends", trends.WIDTHS)
    month_sheets.write_year(report, year, trends.by_month(month.year))
    addresses = {
        "nights": nights.at(1),
        "trends": year.at(1),
        "disposed": month_sheets.write_disposed(month).at(1),
        "runs": month_sheets.write_runs(month).at(1),
        "movements": month_sheets.write_movements(month).at(1),
        "quarantine": quarantine.write(report).at(1),
        "checks": month_sheets.write_checks(month).at(1),
        "reviews": month_sheets.write_reviews(month).at(1),
    }
    _write_page(month, page, addresses)


def _write_page(month: Month, sheet: Sheet, addresses: dict[str, str]) -> None:
    report, found = month.report, grounds(month)
    summary.write_verdict(report, sheet, verdict(found))
    sheet.facts(_facts(month), labels=2)
    sheet.heading(report.say("month.categories"))
    _write_categories(month, sheet)
    summary.write_matters(report, sheet, found, addresses, spans=(4, 1, 2, 1))


def _facts(month: Month) -> list[tuple[str, Value]]:
    """The month in a few sentences, each with the dates and runs it rests on."""
    say, report, worst, total = month.report.say, month.report, month.worst, month.total
    lines = month.lines
    expected, missing = len(lines), sum(line.missing for line in lines)
    failed = sum(line.status in ("failed", "running") for line in lines)
    left = total.overdue if total else None
    facts: list[tuple[str, Value]] = [
        (say("month.worst"), Marked(say("month.none_overdue"), "good") if worst is None else Marked(
            say("month.worst.text", days="?" if worst.age is None else say.count(worst.age), date=say.date(worst.as_of),
                store=report.store(worst.store), count=say.count(worst.overdue.rows), run=worst.run_id), "bad")),
        (say("month.left"), Marked(say("month.left.none"), "good") if not left or not left.rows else Marked(
            say("month.left.text", count=say.count(left.rows), days=left.days(month.last) or "?"), "bad")),
        (say("month.disposed"), _disposed(month)),
        (say("month.nights"), Marked(
            say("month.nights.text", expected=say.count(expected), ran=say.count(expected - missing), failed=failed,
                missing=missing), "bad" if missing or failed else "good")),
        (say("month.holds"), say("month.holds.text", placed=len(month.placed()), released=len(month.released()),
                                 force=len(month.in_force()))),
    ]  # fmt: skip
    return facts


def _disposed(month: Month) -> str:
    by_action: Counter[str] = Counter()
    for each in month.span.disposed:
        by_action[each.action] += each.rows
    return summary.disposed_in_words(month.report, by_action)


def _write_categories(month: Month, sheet: Sheet) -> None:
    """What was disposed of by category and action, and what is held and in quarantine at the end."""
    say, report = month.report.say, month.report
    done: Counter[tuple[str | None, str]] = Counter()
    for each in month.span.disposed:
        done[report.category_of(each.store, each.population), each.action] += each.rows
    columns = [Column(say("col.category"), kind="strong")]
    columns += [Column(reasons.words(reasons.DONE, action, report.language), kind="count") for action in ACTIONS]
    columns += [Column(say(key), kind="count") for key in ("col.disposed", "month.held_end", "month.quarantined_end")]
    rows: list[list[Value]] = []
    for category in CATEGORIES:
        acted = [done[category, action] for action in ACTIONS]
        left = [
            sum(line.rows for _, line in report.lines(latest=True) if (line.category, line.disposition) == (category, kind))
            for kind in ("held", "quarantine")
        ]
        rows.append([report.category(category), *acted, sum(acted), *left])
    other = [sum(rows for (name, did), rows in done.items() if name is None and did == action) for action in ACTIONS]
    if any(other):
        rows.append([say("month.no_category"), *other, sum(other), None, None])
    sums = [sum(int(str(row[number] or 0)) for row in rows) for number in range(1, len(columns))]
    sheet.table(columns, rows, totals=[say("total"), *sums])
