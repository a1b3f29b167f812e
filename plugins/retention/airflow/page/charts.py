"""Twelve months as bars: where each is drawn, what is written at it. Read by height and by number, never by colour."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from retention.report.trends import MonthLine
from retention.typography import Words

WIDTH, HEIGHT = 440, 170  # units of the drawing
MONTHS = 12
LEFT, TOP, FOOT = 4, 22, 22
GAP = 8
LEAST = 2.0  # a bar that stands for something is seen


@dataclass(frozen=True)
class Bar:
    """A month. `height` 0: nothing to draw; `unknown`: nobody counted, which is not a zero."""

    x: float
    y: float
    width: float
    height: float
    label: str
    full: str  # what it stands for, in words
    month: str
    unknown: bool


@dataclass(frozen=True)
class Chart:
    """`name` identifies it in the page; `summary` says what it shows to who cannot see it."""

    name: str
    title: str
    summary: str
    bars: tuple[Bar, ...]
    width: int = WIDTH
    height: int = HEIGHT
    base: int = HEIGHT - FOOT


@dataclass(frozen=True)
class MonthShown:
    """A month as the table under the charts says it."""

    month: str
    expected: int
    missing: int
    failed: int
    disposed: int
    held: int | None
    quarantined: int | None
    oldest: int | None  # days; None where it is not known
    oldest_on: str


Count = Callable[[MonthLine], int | None]


def charts(months: Sequence[MonthLine], say: Words) -> tuple[Chart, ...]:
    """Oldest overdue record, records disposed of, held, in quarantine."""
    counts: tuple[tuple[str, Count], ...] = (
        ("oldest", oldest),
        ("disposed", lambda month: month.disposed if month.held is not None or month.disposed else None),
        ("held", lambda month: month.held),
        ("quarantined", lambda month: month.quarantined),
    )
    return tuple(_chart(name, months, count, say) for name, count in counts) if months else ()


def table(months: Sequence[MonthLine], say: Words) -> tuple[MonthShown, ...]:
    """The same in words and numbers, the last month first."""
    return tuple(
        MonthShown(
            month=f"{month.first:%m/%Y}",
            expected=month.expected,
            missing=month.missing,
            failed=month.failed,
            disposed=month.disposed,
            held=month.held,
            quarantined=month.quarantined,
            oldest=oldest(month),
            oldest_on=say.date(month.worst.as_of) if month.worst else "",
        )
        for month in reversed(months)
    )


def oldest(month: MonthLine) -> int | None:
    """Days by which the oldest record was overdue in the worst night; 0 where none was, None where nobody counted."""
    if month.worst is not None:
        return month.worst.age
    return 0 if month.held is not None else None


def _chart(name: str, months: Sequence[MonthLine], count: Count, say: Words) -> Chart:
    counted = [count(month) for month in months]
    known = [number for number in counted if number is not None]
    most = max(known, default=0)
    slot = (WIDTH - 2 * LEFT) / MONTHS
    room = HEIGHT - TOP - FOOT
    bars = []
    for place, (month, number) in enumerate(zip(months, counted, strict=True)):
        height = max(LEAST, room * number / most) if number else 0.0
        label = "?" if number is None else short(number, say)
        full = say("chart.unknown") if number is None else say(f"chart.{name}.one", number=say.count(number))
        x = LEFT + place * slot + GAP / 2
        axis = f"{month.first:%m/%y}"
        bars.append(
            Bar(
                round(x, 1),
                round(HEIGHT - FOOT - height, 1),
                round(slot - GAP, 1),
                round(height, 1),
                label,
                full,
                axis,
                number is None,
            )
        )
    last = counted[-1]
    summary = say(
        "chart.summary",
        most=say.count(most),
        last=say("chart.unknown") if last is None else say.count(last),
        month=f"{months[-1].first:%m/%Y}",
    )
    return Chart(name, say(f"chart.{name}"), summary, tuple(bars))


def short(number: int, say: Words) -> str:
    """A number that fits over a bar: 9 999, 12 k, 3,4 M."""
    if number < 10_000:
        return say.count(number)
    size, unit = (1_000_000, "M") if number >= 1_000_000 else (1_000, "k")
    value = number / size
    text = f"{value:.1f}" if value < 10 else f"{value:.0f}"
    return (text.replace(".", ",") if say.language == "fr" else text) + f"\u202f{unit}"
