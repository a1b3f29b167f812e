"""One record per processing activity, in the manner of the CNIL's model: to be read and printed rather than filtered."""

from __future__ import annotations

from dataclasses import dataclass

from openpyxl.styles import Font

from retention.typography import height_of
from retention.workbook import FONT, MIDDLE, NAVY, SIZE, Column, Field, Sheet, Value
from ropa.register.editions.own import activities as of
from ropa.register.editions.own import found
from ropa.register.editions.own.edition import Edition, bullets
from ropa.register.editions.own.page import Page, Paragraph, Table
from ropa.register.model import Activity, ActivityCategory, Finding

# The grid of the figures; pairs cover 1 + 5 + 2 + 4 of its columns.
WIDTHS = (21.0, 9.0, 11.0, 11.4, 9.6, 12.0, 9.0, 11.5, 11.0, 10.5, 10.5, 21.0)
SPANS = (1, 5, 2, 4)
FIGURES = (
    *("records", "oldest", "due", "overdue", "quarantined", "frozen", "undecided"),
    *("last_run", "days_30", "months_12", "verdict"),
)
NARROW = 52.0  # width of a value
HEAD, FIGURES_HEAD, FIGURES_LINE = 61.0, 52.0, 16.0  # heights: title in print, space and banner; header; a line

Side = tuple[str, Value]
Pair = tuple[Side, Side]


@dataclass(frozen=True)
class Card:
    """An activity's record: a banner, pairs of facts, the figures of its categories."""

    title: str
    first: bool  # begins where the sheet's own head ends
    pairs: tuple[Pair, ...]
    figures: Table | Paragraph  # what the runs found, or that they found nothing

    def lay(self, sheet: Sheet) -> int:
        if not self.first:
            sheet.keep_together(self._height())
        sheet.space()
        first = sheet.row
        banner = sheet.book.named("banner", Font(FONT, 11, bold=True, color="FFFFFF"), fill=NAVY, alignment=MIDDLE)
        sheet.line(self.title, banner, size=11, gap=6)
        kinds = ("strong", "text", "strong", "text")
        columns = [Column("", kind=kind, span=span) for kind, span in zip(kinds, SPANS, strict=True)]  # type: ignore[arg-type]
        sheet.rows(columns, [(*left, *right) for left, right in self.pairs])
        self.figures.lay(sheet)
        return first

    def _height(self) -> float:
        figures = FIGURES_HEAD + FIGURES_LINE * len(self.figures.items) if isinstance(self.figures, Table) else FIGURES_LINE
        return HEAD + figures + sum(max(_needs(left[1]), _needs(right[1])) for left, right in self.pairs)


def page(edition: Edition) -> Page:
    """A card for every activity, in their order."""
    activities = edition.register.activities
    cards = tuple(_card(edition, activity, first=activity is activities[0]) for activity in activities)
    return Page("cards", WIDTHS, cards, len(cards))


def _card(edition: Edition, activity: Activity, *, first: bool) -> Card:
    title = f"{activity.ref} – {edition.say.of(activity.title)}"
    return Card(title, first, _pairs(edition, activity), _figures(edition, activity))


def _figures(edition: Edition, activity: Activity) -> Table | Paragraph:
    if any(part.finding.records is not None for part in activity.found):
        return Table(_figure_fields(edition), activity.found)
    say = edition.say
    return Paragraph(f"{say('holdings.figures')}{say.colon}{found.nothing(edition)}", "muted")


def _figure_fields(edition: Edition) -> tuple[Field[ActivityCategory], ...]:
    say = edition.say
    name: Field[ActivityCategory] = Field(
        Column(say("holdings.figures"), kind="strong"), lambda part: say.of(part.category.title)
    )
    return (name, *(_figure(edition, each) for each in FIGURES))


def _figure(edition: Edition, name: str) -> Field[ActivityCategory]:
    return found.field(edition, name, 12, _of, short=True)


def _of(part: ActivityCategory) -> Finding:
    return part.finding


def _pairs(edition: Edition, activity: Activity) -> tuple[Pair, ...]:
    say, grounding = edition.say, edition.register.grounding
    dates = say("cover.dates.text", created=say.date(grounding.created_on), updated=say.date(grounding.updated_on))
    left: tuple[Side, ...] = (
        (say("activities.purpose"), say.of(activity.purpose)),
        (say("activities.subpurposes"), edition.titles(activity.purposes) or say("none")),
        (say("activities.subjects"), of.subjects(edition, activity)),
        (say("activities.data"), edition.names(activity.categories, every="all")),
        (say("activities.elements"), of.elements(edition, activity)),
        (say("activities.transfers"), of.transfers(edition, activity)),
        (say("activities.gaps"), of.gaps(edition, activity)),
        (say("activities.source"), activity.lines),
        (say("holdings.verdict"), found.verdict(edition, activity.verdict)),
    )
    right: tuple[Side, ...] = (
        (say("activities.basis"), of.bases(edition, activity)),
        (say("activities.limit"), say.of(activity.time_limit)),
        (say("activities.rules"), of.rules(edition, activity)),
        (say("activities.recipients"), of.recipients(edition, activity)),
        (say("activities.sensitive"), say("activities.sensitive.none")),
        (say("activities.notes"), bullets(say.of(note) for note in activity.notes) or None),
        (say("activities.security"), edition.names(activity.security)),
        (say("activities.dates"), dates),
        (say("holdings.why"), found.why_of_activity(edition, activity)),
    )
    return tuple(zip(left, right, strict=True))


def _needs(value: Value) -> float:
    plain = getattr(value, "value", value)
    return height_of(str(plain), NARROW, SIZE) + 4
