"""Tables and words for people: one look, whatever the command."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal

from rich import box
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from retention.declare.bundle import Bundle
    from retention.evidence.records import ScanLine

STYLES = {
    "quarantined": "yellow",
    "held, overdue": "cyan",
    "due": "red",
    "deleted": "red",
    "anonymised": "magenta",
    "minimised": "magenta",
    "archived": "magenta",
    "held": "cyan",
    "quarantine": "yellow",
    "keep": "",
    "passed": "green",
    "reservations": "yellow",
    "failed": "bold red",
    "running": "yellow",
    "waiting": "bold yellow",
    "rehearsal": "blue",
}
ORDER = ("due", "held", "quarantine", "keep")


def table(title: str, *columns: str, right: Iterable[str] = ()) -> Table:
    """A quiet table. Columns named in `right` hold numbers, which never break; the others give way on a narrow screen."""
    made = Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
    numbers = set(right)
    for column in columns:
        justify: Literal["left", "right"] = "right" if column in numbers else "left"
        made.add_column(column, justify=justify, no_wrap=column in numbers, overflow="fold")
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


def scan_table(title: str, bundle: Bundle, lines: Iterable[ScanLine], cutoffs: dict[str, str], as_of: dt.date) -> Table:
    """What a scan found, a line for each population and rule: what is due and since when, how much stays."""
    from retention.report import reasons

    columns = ("population", "rule", "due", "then", "cutoff", "oldest due", "for days", "held", "quarantined", "kept")
    made = table(title, *columns, right=("due", "for days", "held", "quarantined", "kept"))
    grouped: defaultdict[tuple[str, str], list[ScanLine]] = defaultdict(list)
    for line in lines:
        grouped[line.population, line.rule or ""].append(line)
    last = ""
    for (population, rule), group in sorted(grouped.items(), key=lambda item: (item[0][0], not item[0][1], item[0][1])):
        if last and last != population:
            made.add_section()
        due, *staying = (number(rows_of(group, disposition)) for disposition in ORDER)
        oldest = min((line.oldest_due for line in group if line.oldest_due and line.disposition == "due"), default=None)
        made.add_row(
            population if population != last else "",
            reasons.rule_title(bundle.rules, rule, "en")
            if rule
            else Text("unreadable: no rule is asked", style=STYLES["quarantine"]),
            Text(due, style=STYLES["due"]),
            _actions(group),
            cutoffs.get(rule, "–"),
            str(oldest or "–"),
            number((as_of - oldest).days) if oldest else "–",
            *staying,
        )
        last = population
    return made


def staying_table(bundle: Bundle, lines: Iterable[ScanLine]) -> Table:
    """Why everything stays that stays, most of it first."""
    made = table("Why the rest stays", "records", "outcome", "why", right=("records",))
    staying = [line for line in lines if line.disposition != "due"]
    for (_, outcome, words), rows in sorted(by_reason(bundle, staying, became).items(), key=lambda item: -item[1]):
        made.add_row(number(rows), styled(outcome), words)
    return made


def by_reason(
    bundle: Bundle, lines: Iterable[ScanLine], outcome: Callable[[ScanLine], str], *, by_rule: bool = False
) -> dict[tuple[str, str, str], int]:
    """Records by rule (if asked), outcome and reason in words. All holds of one reason stand together."""
    from retention.report import reasons

    counted: Counter[tuple[str, str, str]] = Counter()
    grounds: defaultdict[tuple[str, str, str], set[str]] = defaultdict(set)
    for line in lines:
        key = ((line.rule or "") if by_rule else "", outcome(line), reasons.reason(line.reason, "en"))
        counted[key] += line.rows
        if line.hold_kind:
            grounds[key].add(reasons.hold_title(bundle.rules, line.hold_kind, "en").lower())
    named = {key: f"{key[2]} ({'; '.join(sorted(grounds[key]))})" if grounds[key] else key[2] for key in counted}
    return {(rule, what, named[rule, what, words]): rows for (rule, what, words), rows in counted.items()}


def became(line: ScanLine) -> str:
    """The outcome of a line in a word."""
    words = {"keep": "kept", "held": "held, overdue" if line.overdue else "held", "quarantine": "quarantined"}
    return words.get(line.disposition, line.disposition)


def rows_of(lines: Iterable[ScanLine], disposition: str) -> int:
    return sum(line.rows for line in lines if line.disposition == disposition)


def status_word(status: str) -> Text:
    """A run's status in words and in its colour."""
    from retention.report import reasons

    return styled(status, reasons.words(reasons.STATUSES, status, "en").lower())


def _actions(lines: Sequence[ScanLine]) -> str:
    """`erase`, or with numbers where a rule does several things: `erase 207, reduce to legal fields 96`."""
    from retention.report import reasons

    rows: Counter[str] = Counter()
    for line in lines:
        if line.disposition == "due" and line.action:
            rows[reasons.words(reasons.ACTIONS, line.action, "en").lower()] += line.rows
    if len(rows) < 2:
        return next(iter(rows), "–")
    return ", ".join(f"{action} {number(count)}" for action, count in rows.most_common())


def key_values(rows: Iterable[tuple[str, Any]]) -> Table:
    """Two columns without a head: what, and what it is."""
    made = Table.grid(padding=(0, 2))
    made.add_column(style="dim", no_wrap=True)
    made.add_column(overflow="fold")
    for name, value in rows:
        if value is not None and value != "":
            made.add_row(name, value if isinstance(value, Text | Table) else str(value))
    return made
