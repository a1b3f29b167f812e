"""The first sheet: the verdict, the one figure that matters, a line per store, a chart, and what waits for whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from openpyxl.styles import Alignment, Font

from retention.declare.words import CATEGORIES
from retention.evidence.figures import NightFigures, Overdue, oldest
from retention.evidence.records import Receipt, ScanLine
from retention.report import reasons
from retention.report.chart import add_chart
from retention.report.context import Report
from retention.report.verdict import Level, Matter, matters, verdict
from retention.workbook import FONT, TONES, Area, Column, Field, Marked, Sheet, Tone, Value

WIDTHS = (32, 18, 13, 17, 13, 13, 11, 16, 12, 11, 14, 15)
VERDICT_TONES: dict[Level, Tone] = {"in_order": "good", "reservations": "warn", "rehearsal": "warn", "attend": "bad"}
STATUS_TONES: dict[str, Tone] = {
    "passed": "good",
    "reservations": "warn",
    "rehearsal": "warn",
    "failed": "bad",
    "running": "bad",
    "waiting": "warn",
}
Line = tuple[str, NightFigures | None]


def write(report: Report) -> Sheet:
    """Verdict, headline, stores and categories; what waits follows when the other sheets stand."""
    sheet = report.sheet("summary", WIDTHS)
    found = matters(report)
    write_verdict(report, sheet, verdict(found))
    _headline(report, sheet)
    _stores(report, sheet)
    _categories(report, sheet)
    return sheet


def write_waiting(report: Report, sheet: Sheet, addresses: Mapping[str, str]) -> None:
    """What waits for whom, the gravest first."""
    write_matters(report, sheet, matters(report), addresses, spans=(4, 1, 4, 3))


def write_matters(
    report: Report, sheet: Sheet, found: Sequence[Matter], addresses: Mapping[str, str], *, spans: tuple[int, int, int, int]
) -> None:
    """Grounds of a verdict as a table whose columns cover so many of the sheet's."""
    say = report.say
    fields: tuple[Field[Matter], ...] = (
        Field(Column(say("summary.waiting.what"), span=spans[0]), lambda m: Marked(m.what, _matter_tone(m))),
        Field(Column(say("summary.waiting.count"), kind="count", span=spans[1]), lambda m: m.count),
        Field(Column(say("summary.waiting.whom"), span=spans[2]), lambda m: m.whom),
        Field(Column(say("summary.waiting.where"), kind="link", span=spans[3]),
              lambda m: Marked(say(f"{m.sheet}.sheet"), target=addresses[m.sheet])),
    )  # fmt: skip
    sheet.heading(say("summary.waiting"))
    sheet.records(fields, found, empty=say("summary.waiting.nothing"))


def _matter_tone(matter: Matter) -> Tone:
    return "alert" if matter.level == "attend" else "note"


def write_verdict(report: Report, sheet: Sheet, level: Level) -> None:
    """The verdict as a band over the page."""
    fill, ink, _ = TONES[VERDICT_TONES[level]]
    style = report.book.named(
        "verdict", Font(FONT, 16, bold=True, color=ink), fill=fill, alignment=Alignment(horizontal="center", vertical="center")
    )
    sheet.space(4)
    sheet.line(report.say(f"verdict.{level}"), style, size=16, gap=12)


def _headline(report: Report, sheet: Sheet) -> None:
    say = report.say
    late = oldest(night.overdue() for night in report.nights.values())
    frozen = oldest(night.frozen() for night in report.nights.values())
    by_action = Counter[str]()
    for night in report.nights.values():
        for receipt in night.receipts:
            by_action[receipt.action] += receipt.rows
    sheet.space(4)
    sheet.facts(
        [
            (say("summary.headline"), Marked(_age(report, late, "summary.none_overdue"), _late_tone(report, late))),
            (say("summary.frozen"), Marked(_age(report, frozen, "summary.none_frozen"), "plain")),
            (say("summary.disposed"), disposed_in_words(report, by_action)),
        ],
        labels=3,
    )


def disposed_in_words(report: Report, by_action: Counter[str]) -> str:
    """How many records, and how many in each way."""
    say = report.say
    if not by_action.total():
        return say("disposed.nothing")
    parts = [
        f"{reasons.words(reasons.DONE, action, report.language)}{say.colon}{say.count(rows)}"
        for action, rows in by_action.most_common()
    ]
    return say(
        "month.disposed.text",
        count=say.count(by_action.total()),
        parts=(" ; " if report.language == "fr" else "; ").join(parts),
    )


def _late_tone(report: Report, late: Overdue) -> Tone:
    if not late.rows:
        return "good"
    return "warn" if report.rehearsal else "bad"


def _age(report: Report, late: Overdue, none: str) -> str:
    say = report.say
    if not late.rows:
        return say(none)
    days = late.days(report.as_of)
    if late.since is None or days is None:
        return say("summary.age_unknown", count=say.count(late.rows))
    return say("summary.age", days=say.count(days), date=say.date(late.since), count=say.count(late.rows))


def _stores(report: Report, sheet: Sheet) -> None:
    lines: list[Line] = [(store, report.nights.get(store)) for store in report.bundle.stores]
    sheet.heading(report.say("summary.stores"))
    sheet.records(_store_fields(report), lines, totals=_totals(report))


def _store_fields(report: Report) -> tuple[Field[Line], ...]:
    say = report.say

    def status(line: Line) -> Value:
        if line[1] is None:
            return Marked(say("summary.no_run"), "bad")
        name = line[1].run.status
        return Marked(reasons.words(reasons.STATUSES, name, report.language), STATUS_TONES.get(name, "warn"))

    def check(line: Line) -> Value:
        if line[1] is None:
            return None
        gap = line[1].tally().gap
        return Marked(say("summary.gap", count=gap), "bad") if gap else Marked(say("summary.balanced"), "good")

    def count(name: str, header: str) -> Field[Line]:
        return Field(Column(say(header), kind="count"), lambda line: getattr(line[1].tally(), name) if line[1] else None)

    return (
        Field(Column(say("col.store"), kind="strong"), lambda line: report.store(line[0])),
        Field(Column(say("summary.run"), kind="moment"), lambda line: line[1].run.started_at if line[1] else None),
        Field(Column(say("summary.as_of"), kind="date"), lambda line: line[1].run.as_of if line[1] else None),
        Field(Column(say("summary.outcome")), status),
        count("scanned", "col.scanned"),
        count("kept", "col.kept"),
        count("held", "col.held"),
        count("quarantined", "col.quarantined"),
        count("disposed", "col.disposed"),
        count("spared", "col.spared"),
        count("outstanding", "col.outstanding"),
        Field(Column(say("summary.check")), check),
    )


def _totals(report: Report) -> list[Value]:
    tallies = [night.tally() for night in report.nights.values()]
    names = ("scanned", "kept", "held", "quarantined", "disposed", "spared", "outstanding")
    return [report.say("total"), "", "", "", *(sum(getattr(tally, name) for tally in tallies) for name in names), ""]


def _categories(report: Report, sheet: Sheet) -> None:
    """The four categories, with the chart beside them."""
    say = report.say
    sheet.heading(say("summary.categories"))
    columns = [Column(say("col.category"), kind="strong")]
    columns += [Column(say(f"col.{name}"), kind="count") for name in ("kept", "held", "quarantined", "disposed", "outstanding")]
    area: Area = sheet.table(columns, [_category(report, category) for category in CATEGORIES])
    add_chart(sheet, area, title=say("summary.chart"), anchor=f"G{area.header_row}")
    sheet.space(76)


def _category(report: Report, category: str) -> list[Value]:
    """Rows by outcome; those spared at the last moment were kept."""

    def about(line: ScanLine) -> bool:
        return line.category == category

    def done(receipt: Receipt) -> bool:
        return report.category_of(receipt.store, receipt.population) == category

    tallies = [night.tally(about, done) for night in report.nights.values()]
    return [
        report.category(category),
        sum(tally.kept + tally.spared for tally in tallies),
        sum(tally.held for tally in tallies),
        sum(tally.quarantined for tally in tallies),
        sum(tally.disposed for tally in tallies),
        sum(tally.outstanding for tally in tallies),
    ]
