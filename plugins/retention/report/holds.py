"""Active holds and approved erasures. Keys of persons and records, and the free text of a ground, are never shown."""

from __future__ import annotations

from dataclasses import dataclass

from retention.cells import as_civil
from retention.evidence.records import Hold
from retention.report import reasons
from retention.report.context import Report
from retention.workbook import Column, Field, Marked, Sheet, Value

WIDTHS = (17, 33, 17, 35, 25, 22, 13, 17, 18)


def write(report: Report) -> Sheet:
    """Holds, erasure requests, then how many rows each ground freezes."""
    say = report.say
    sheet = report.sheet("holds", WIDTHS)
    active = report.evidence.holds()
    fields = _fields(report)
    sheet.records(fields, [hold for hold in active if hold.kind != "erasure"], main=True, empty=say("holds.none"))
    sheet.heading(say("holds.erasures"))
    sheet.records(fields, [hold for hold in active if hold.kind == "erasure"], empty=say("holds.no_erasures"))
    sheet.heading(say("holds.frozen"))
    sheet.records(_frozen_fields(report), _frozen(report), empty=say("holds.no_frozen"))
    return sheet


def _fields(report: Report) -> tuple[Field[Hold], ...]:
    say = report.say

    def review(hold: Hold) -> Value:
        late = hold.review_by < report.as_of
        return Marked(say("holds.late"), "bad") if late else Marked(say("holds.in_time"), "good")

    return (
        Field(Column(say("holds.id"), kind="code"), lambda h: h.hold_id),
        Field(
            Column(say("holds.kind"), kind="strong"), lambda h: reasons.hold_title(report.bundle.rules, h.kind, report.language)
        ),
        Field(Column(say("holds.scope")), lambda h: reasons.words(reasons.SCOPES, h.scope, report.language)),
        Field(Column(say("holds.where")), lambda h: where(report, h)),
        Field(Column(say("holds.reference")), lambda h: h.reference),
        Field(Column(say("holds.approver")), lambda h: h.approver),
        Field(Column(say("holds.placed"), kind="date"), lambda h: as_civil(h.placed_at).date()),
        Field(Column(say("holds.review"), kind="date"), lambda h: h.review_by),
        Field(Column(say("holds.state")), review),
    )


def where(report: Report, hold: Hold) -> str:
    """Where it applies, without saying to whom."""
    if hold.category:
        return report.category(hold.category)
    if hold.store and hold.population:
        return f"{report.store(hold.store)} – {report.population(hold.store, hold.population)}"
    return report.store(hold.store) if hold.store else report.say("holds.everywhere")


@dataclass(frozen=True)
class _Frozen:
    store: str
    ground: str
    rows: int
    late: int


def _frozen(report: Report) -> list[_Frozen]:
    """Rows frozen per store and ground in the last scans."""
    rows: dict[tuple[str, str], list[int]] = {}
    for store, line in report.lines(latest=True):
        if line.disposition == "held":
            ground = reasons.hold_title(report.bundle.rules, line.hold_kind, report.language)
            counts = rows.setdefault((store, ground), [0, 0])
            counts[0] += line.rows
            counts[1] += line.rows if line.overdue else 0
    return [_Frozen(report.store(store), ground, *counts) for (store, ground), counts in sorted(rows.items())]


def _frozen_fields(report: Report) -> tuple[Field[_Frozen], ...]:
    say = report.say
    return (
        Field(Column(say("col.store"), kind="strong", span=2), lambda f: f.store),
        Field(Column(say("holds.kind"), span=3), lambda f: f.ground),
        Field(Column(say("col.rows"), kind="count"), lambda f: f.rows),
        Field(Column(say("holds.overdue"), kind="count", span=3), lambda f: f.late),
    )
