"""The impact as a workbook: what would happen, on one page; then by rule, by month, and a few examples."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from retention.declare.bundle import Bundle
from retention.declare.words import CATEGORIES, Language, Text
from retention.outlook import charts
from retention.outlook.impact import CHANGES, Change, Example, Impact, ImpactLine, Outcome
from retention.outlook.labels import DECLARED_SINCE, LABELS
from retention.outlook.paper import NO_MONTH, Paper, paper
from retention.report import reasons
from retention.workbook import Area, Column, Field, Marked, Sheet, Tone, Value
from retention.workspace import Workspace

NAMES: dict[Language, str] = {"fr": "simulation", "en": "impact"}
TONES: dict[Change, Tone] = {
    "dispose": "bad",
    "release": "warn",
    "sooner": "note",
    "longer": "note",
    "otherwise": "note",
    "same": "plain",
    "unjudged": "muted",
}
WIDTHS = (28, 40, 13, 13, 13, 13, 14, 14, 14, 13)
ON_THE_FIRST_PAGE = 4  # differences: more of them follow on a page of their own
SHOWN: tuple[Change, ...] = ("dispose", "release", "sooner", "longer", "otherwise", "same", "unjudged")


def write_impact(workspace: Workspace, before: Bundle, after: Bundle, found: Impact, language: Language) -> Path:
    """Writes the workbook to `output/impact/` and answers where. Raises OutputError where it cannot."""
    folder = workspace.output_folder("impact")
    made = fill(before, after, found, language)
    return made.book.save(folder, f"{NAMES[language]}-{found.before}-{found.after}-{found.as_of.isoformat()}.xlsx")


def write_change(workspace: Workspace, before: Bundle, after: Bundle, found: Impact, language: Language) -> Path:
    """As `write_impact`, where `after` is declared already and `before` is what it took the place of."""
    folder = workspace.output_folder("impact")
    made = fill(before, after, found, language, labels=LABELS | DECLARED_SINCE)
    about = "-".join([*(state.store for state in found.stores), before.policy_hash[:8], after.policy_hash[:8]])
    return made.book.save(folder, f"{NAMES[language]}-{about}-{found.as_of.isoformat()}.xlsx")


def fill(before: Bundle, after: Bundle, found: Impact, language: Language, *, labels: dict[str, Text] = LABELS) -> Paper:
    """The workbook, not yet written."""
    sets = f"{found.before} → {found.after}"
    made = paper(before, language, "impact", found.as_of, sets, other=after, labels=labels)
    sheet = made.sheet("impact.summary", WIDTHS, before=found.before, after=found.after)
    made.states(sheet, found.stores)
    if found.missing:
        sheet.paragraph(made.say("impact.missing", names=", ".join(found.missing)), "note")
    if found.changes_nothing:
        sheet.paragraph(made.say("impact.none"), "good")
        return made
    _headline(made, sheet, found)
    few = len(found.differences) <= ON_THE_FIRST_PAGE
    if few:
        _differences(made, sheet, found)
    _by_category(made, sheet, found)
    if not few:
        sheet.page_break()
        _differences(made, sheet, found)
    _rules(made, found)
    _months(made, found)
    _examples(made, found)
    return made


# the first page


def _headline(made: Paper, sheet: Sheet, found: Impact) -> None:
    """A line for each effect: how many records, and what that means."""
    say = made.say
    sheet.heading(say("impact.headline"))

    def named(change: Change) -> Value:
        return Marked(say(f"change.{change}"), TONES[change] if found.rows(change) else "plain")

    fields: tuple[Field[Change], ...] = (
        Field(Column(say("col.change"), kind="strong"), named),
        Field(Column(say("impact.meaning"), span=6), lambda c: say(f"means.{c}")),
        Field(Column(say("col.free"), kind="count"), lambda c: found.rows(c, frozen=False) + _counted(found, c)),
        Field(Column(say("col.held"), kind="count"), lambda c: found.rows(c, frozen=True)),
        Field(Column(say("total"), kind="count"), lambda c: found.rows(c) + _counted(found, c)),
    )
    sheet.records(fields, SHOWN)


def _counted(found: Impact, change: Change) -> int:
    """Records of populations of which both declarations ask the same."""
    return sum(rows for *_, rows in found.unchanged) if change == "same" else 0


def _by_category(made: Paper, sheet: Sheet, found: Impact) -> None:
    say = made.say
    counted: Counter[tuple[str, str, Change]] = Counter()
    for line in found.lines:
        counted[line.store, line.category, line.change] += line.rows
    for store, _, category, rows in found.unchanged:
        counted[store, category, "same"] += rows
    pairs = sorted({(store, category) for store, category, _ in counted}, key=lambda p: (p[0], CATEGORIES.index(p[1])))
    columns = [Column(say("col.category"), kind="strong"), Column(say("col.store"))]
    columns += [Column(say(f"change.{change}"), kind="count") for change in SHOWN]
    rows_: list[list[Value]] = [
        [made.category(c), made.store(s), *(counted[s, c, change] for change in SHOWN)] for s, c in pairs
    ]
    sheet.heading(say("impact.by"))
    area = sheet.table(columns, rows_)
    sheet.space(6)
    charts.columns(
        sheet, sheet, area, first=3, last=7, title=say("impact.chart"), anchor=f"A{sheet.row}", size=(30.0, 4.4), bars=True
    )
    sheet.space(128)


def _differences(made: Paper, sheet: Sheet, found: Impact) -> None:
    say = made.say
    sheet.heading(say("impact.differs"))
    columns = [
        Column(say("impact.what"), kind="code"),
        Column(say("impact.question"), span=3),
        Column(say("impact.from"), span=3),
        Column(say("impact.to"), span=3),
    ]
    rows: list[list[Value]] = [[d.what, say.of(d.title), say.of(d.before), say.of(d.after)] for d in found.differences]
    sheet.table(columns, rows)


# by rule


def _rules(made: Paper, found: Impact) -> None:
    say = made.say
    sheet = made.sheet("impact.rules", (20, 22, 26, 28, 30, 28, 30, 24, 11, 11))
    merged: Counter[tuple[str, str, str, str, str, str, str, Change, bool]] = Counter()
    for line in found.lines:
        words = (made.rule(line.before.rule), _outcome(made, line.before), made.rule(line.after.rule, proposed=True))
        key = (line.store, line.category, line.population, *words, _outcome(made, line.after))
        merged[(*key, line.change, line.frozen)] += line.rows
    keys = {key[:8] for key in merged}
    fields: list[Column] = [
        Column(say("col.store"), kind="strong"),
        Column(say("col.category")),
        Column(say("col.population")),
        Column(say("col.rule.before")),
        Column(say("col.before")),
        Column(say("col.rule.after")),
        Column(say("col.after")),
        Column(say("col.change")),
        Column(say("col.rows"), kind="count"),
        Column(say("col.frozen"), kind="count"),
    ]

    def order(key: tuple[str, ...]) -> tuple[int, str, str, int]:
        return (CHANGES.index(key[7]), key[0], key[2], -merged[(*key, False)] - merged[(*key, True)])  # type: ignore[index]

    rows: Iterator[list[Value]] = (
        [
            made.store(key[0]),
            made.category(key[1]),
            made.population(key[0], key[2]),
            *key[3:7],
            Marked(say(f"change.{key[7]}"), TONES[key[7]]),
            merged[(*key, False)] + merged[(*key, True)],
            merged[(*key, True)],
        ]
        for key in sorted(keys, key=order)
    )
    sheet.table(fields, rows, main=True)


def _outcome(made: Paper, outcome: Outcome) -> str:
    """What a declaration says of records, without the month."""
    words = reasons.words(reasons.DISPOSITIONS, outcome.disposition, made.language)
    if outcome.action:
        return f"{words}{made.say.colon}{reasons.words(reasons.ACTIONS, outcome.action, made.language).lower()}"
    return f"{words}{made.say.colon}{reasons.reason(outcome.reason, made.language)}"


# by month


def _months(made: Paper, found: Impact) -> None:
    """Two columns for all, two for each category; a row for each month, then those without one."""
    say = made.say
    free = [line for line in found.lines if not line.frozen]
    categories = [category for category in CATEGORIES if any(line.category == category for line in free)]
    sheet = made.sheet("impact.months", (44, *(14 for _ in range(2 + 2 * len(categories)))))
    groups = [("", free), *((made.category(c), [line for line in free if line.category == c]) for c in categories)]
    columns = [Column(say("col.month"), kind="strong")]
    for title, _ in groups:
        group = title or say("total")
        columns += [Column(say("impact.from"), kind="count", group=group), Column(say("impact.to"), kind="count", group=group)]
    counted = [(_by_due(lines, after=False), _by_due(lines, after=True)) for _, lines in groups]
    last = max((due for pair in counted for side in pair for due in side if isinstance(due, dt.date)), default=None)
    heads: list[tuple[str, object]] = [(say("when.due"), "due")]
    heads += [(made.month(first, found.months), first) for first in found.months.firsts if last and first <= last]
    months_end = len(heads)
    heads += [(say(f"when.{when}"), when) for when in NO_MONTH]
    rows = [[head, *_row(counted, due)] for head, due in heads]
    top = sheet.row
    sheet.space(190)
    area = sheet.table(columns, rows, main=True)
    charted = Area(area.header_row, area.first_row, area.first_row + months_end - 1)
    charts.columns(
        sheet, sheet, charted, first=2, last=3, title=say("impact.months.chart"), anchor=f"A{top}", size=(27.0, 6.5),
        grouping="clustered", skip=1 + months_end // 26,
    )  # fmt: skip


def _by_due(lines: Sequence[ImpactLine], *, after: bool) -> Counter[object]:
    counted: Counter[object] = Counter()
    for line in lines:
        due = line.after.due if after else line.before.due
        counted[due.month or due.when] += line.rows
    return counted


def _row(counted: Sequence[tuple[Counter[object], Counter[object]]], due: object) -> list[Value]:
    return [side[due] for pair in counted for side in pair]


# examples


def _examples(made: Paper, found: Impact) -> None:
    say = made.say
    sheet = made.sheet("impact.examples", (34, 24, 24, 34, 30, 34, 30, 10))
    fields: tuple[Field[Example], ...] = (
        Field(Column(say("col.reference"), kind="code"), lambda e: e.reference),
        Field(Column(say("col.category")), lambda e: made.category(e.category)),
        Field(Column(say("col.change")), lambda e: Marked(say(f"change.{e.change}"), TONES[e.change])),
        Field(Column(say("col.before")), lambda e: _outcome(made, e.before)),
        Field(Column(say("col.month")), lambda e: made.due(e.before.due)),
        Field(Column(say("col.after")), lambda e: _outcome(made, e.after)),
        Field(Column(say("col.month")), lambda e: made.due(e.after.due)),
        Field(Column(say("col.held")), lambda e: say("yes") if e.frozen else None),
    )
    ordered = sorted(found.examples, key=lambda e: CHANGES.index(e.change))
    sheet.records(fields, ordered, main=True, empty=say("impact.examples.none"))
