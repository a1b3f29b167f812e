"""One record per processing activity, in the manner of the CNIL's model: to be read and printed rather than filtered."""

from __future__ import annotations

from openpyxl.styles import Font

from retention.declare.activities import Activity
from retention.typography import height_of
from retention.workbook import FONT, MIDDLE, NAVY, SIZE, Column, Sheet, Value
from ropa.register import activities as of
from ropa.register.context import Register, bullets

WIDTHS = (21, 53, 21, 53)


def write(register: Register) -> tuple[Sheet, dict[str, str]]:
    """The sheet, and the address of every activity's record."""
    sheet = register.sheet("cards", WIDTHS)
    addresses = {activity.id: _card(register, sheet, activity) for activity in register.bundle.activities.activities}
    return sheet, addresses


def _card(register: Register, sheet: Sheet, activity: Activity) -> str:
    pairs = _pairs(register, activity)
    sheet.keep_together(_height(pairs) + 36)
    sheet.space()
    address = sheet.at(sheet.row)
    banner = sheet.book.named("banner", Font(FONT, 11, bold=True, color="FFFFFF"), fill=NAVY, alignment=MIDDLE)
    sheet.line(f"{activity.ref} – {register.say.of(activity.title)}", banner, size=11, gap=6)
    columns = [Column("", kind="strong"), Column(""), Column("", kind="strong"), Column("")]
    sheet.rows(columns, [(left, left_value, right, right_value) for (left, left_value), (right, right_value) in pairs])
    return address


Pair = tuple[tuple[str, Value], tuple[str, Value]]


def _pairs(register: Register, activity: Activity) -> list[Pair]:
    say, bundle = register.say, register.bundle
    titles = register.statement_titles()
    notes = bullets(say.of(note) for note in activity.notes) or None
    dates = say(
        "cover.dates.text", created=say.date(bundle.activities.created_on), updated=say.date(bundle.activities.updated_on)
    )
    return [
        ((say("activities.purpose"), say.of(activity.purpose)), (say("activities.basis"), of.bases(register, activity))),
        (
            (say("activities.subpurposes"), register.listed(activity.purposes, titles)),
            (say("activities.limit"), say.of(activity.time_limit)),
        ),
        (
            (say("activities.subjects"), of.subjects(register, activity)),
            (say("activities.rules"), of.rules(register, activity)),
        ),
        (
            (say("activities.data"), register.categories(activity.categories)),
            (say("activities.recipients"), of.recipients(register, activity)),
        ),
        (
            (say("activities.elements"), of.elements(register, activity)),
            (say("activities.transfers"), of.transfers(register, activity)),
        ),
        (
            (say("activities.sensitive"), say("activities.sensitive.none")),
            (say("activities.security"), of.security(register, activity)),
        ),
        ((say("activities.source"), activity.lines), (say("activities.gaps"), of.gaps(register, activity))),
        ((say("activities.dates"), dates), (say("activities.notes"), notes)),
    ]


def _height(pairs: list[Pair]) -> float:
    return sum(max(_needs(left[1]), _needs(right[1])) for left, right in pairs)


def _needs(value: Value) -> float:
    plain = getattr(value, "value", value)
    return height_of(str(plain), WIDTHS[1], SIZE) + 4
