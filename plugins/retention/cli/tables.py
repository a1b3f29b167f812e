"""Tables and words for people: one look, whatever the command."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Literal

from rich import box
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from retention.declare.bundle import Bundle
    from retention.declare.words import Language
    from retention.evidence.records import ScanLine

STYLES = {
    "quarantined": "yellow",
    "held, overdue": "cyan",
    "due": "red",
    "deleted": "red",
    "anonymised": "magenta",
    "minimised": "magenta",
    "held": "cyan",
    "quarantine": "yellow",
    "keep": "",
    "passed": "green",
    "reservations": "yellow",
    "failed": "bold red",
    "running": "yellow",
    "rehearsal": "blue",
}
ORDER = ("due", "held", "quarantine", "keep")


def table(title: str, *columns: str, right: Iterable[str] = (), wrap: Iterable[str] = ()) -> Table:
    """A quiet table. Columns named in `right` hold numbers; only those in `wrap` may break over lines."""
    made = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    numbers, foldable = set(right), set(wrap)
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in numbers else "left"
        made.add_column(column, justify=justify, no_wrap=column not in foldable, overflow="fold")
    return made


def styled(word: str, text: str | None = None) -> Text:
    """A word in its colour."""
    return Text(text if text is not None else word, style=STYLES.get(word, ""))


def number(value: int) -> str:
    """1234567 as `1 234 567`; nothing as a dash, so that the eye finds what is there."""
    return f"{value:,}".replace(",", "\N{NO-BREAK SPACE}") if value else "–"


def days(value: int | None) -> str:
    return "–" if value is None else f"{value} day{'s' if value != 1 else ''}"


def moment(instant: dt.datetime | None) -> str:
    """A stored instant (UTC without a zone) as Paris clocks show it."""
    from retention.dates import PARIS

    return f"{instant.replace(tzinfo=dt.UTC).astimezone(PARIS):%Y-%m-%d %H:%M}" if instant else "–"


def scan_table(
    title: str, bundle: Bundle, lines: Iterable[ScanLine], cutoffs: dict[str, str], as_of: dt.date, language: Language = "en"
) -> Table:
    """What a scan found, population by population: due first, then held, quarantined and kept, each with its reason."""
    from retention.report import reasons

    made = table(
        title,
        "population",
        "outcome",
        "records",
        "why",
        "rule",
        "cutoff",
        "oldest due",
        right=("records",),
        wrap=("why", "rule"),
    )
    last = ""
    for line in sorted(lines, key=lambda line: (line.population, ORDER.index(line.disposition), -line.rows)):
        if last and last != line.population:
            made.add_section()
        made.add_row(
            line.population if line.population != last else "",
            outcome(line, language),
            number(line.rows),
            why(bundle, line, language),
            reasons.rule_title(bundle.rules, line.rule, language),
            cutoffs.get(line.rule or "", "–"),
            _oldest_due(line, as_of),
        )
        last = line.population
    return made


def outcome(line: ScanLine, language: Language) -> Text:
    """`Due: Erase`, `Held, overdue`, `Kept`."""
    from retention.report import reasons

    word = reasons.words(reasons.DISPOSITIONS, line.disposition, language)
    if line.disposition == "due" and line.action:
        word += f": {reasons.words(reasons.ACTIONS, line.action, language).lower()}"
    if line.overdue:
        word += ", overdue"
    return styled(line.disposition, word)


def why(bundle: Bundle, line: ScanLine, language: Language) -> str:
    """The reason, with the ground of a hold."""
    from retention.report import reasons

    words = reasons.reason(line.reason, language)
    return f"{words}: {reasons.hold_title(bundle.rules, line.hold_kind, language).lower()}" if line.hold_kind else words


def _oldest_due(line: ScanLine, as_of: dt.date) -> str:
    return f"{line.oldest_due} ({days((as_of - line.oldest_due).days)})" if line.oldest_due else "–"


def key_values(rows: Iterable[tuple[str, Any]]) -> Table:
    """Two columns without a head: what, and what it is."""
    made = Table.grid(padding=(0, 2))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        if value is not None and value != "":
            made.add_row(name, value if isinstance(value, Text | Table) else str(value))
    return made
