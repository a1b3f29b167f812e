"""The forecast as a workbook: what falls due and when, on one page; then by month, and how the stores shrink or grow."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from retention.declare.bundle import Bundle
from retention.declare.words import Language
from retention.outlook import charts
from retention.outlook.forecast import Forecast, ForecastLine
from retention.outlook.paper import NO_MONTH, Paper, month_name, paper
from retention.workbook import Area, Column, Sheet, Value
from retention.workspace import Workspace

NAMES: dict[Language, str] = {"fr": "prevision", "en": "forecast"}
WIDTHS = (26, 26, 12, 11, 13, 11, 15, 15, 17, 16, 16, 11)
Pair = tuple[str, str]  # store, category


def write_forecast(workspace: Workspace, bundle: Bundle, found: Forecast, language: Language) -> Path:
    """Writes the workbook to `output/forecast/` and answers where. Raises OutputError where it cannot."""
    folder = workspace.output_folder("forecast")
    return fill(bundle, found, language).book.save(folder, f"{NAMES[language]}-{found.as_of.isoformat()}.xlsx")


def fill(bundle: Bundle, found: Forecast, language: Language) -> Paper:
    """The workbook, not yet written."""
    made = paper(bundle, language, "forecast", found.as_of, found.decision_set)
    sheet = made.sheet("forecast.summary", WIDTHS)
    made.states(sheet, found.stores)
    _headline(made, sheet, found)
    chart_row = sheet.row
    sheet.space(180)
    _by_category(made, sheet, found)
    _assumed(made, sheet, found)
    months, area = _months(made, found)
    sizes, sized = _sizes(made, found)
    skip = 1 + len(found.months.firsts) // 13
    last = 2 + len(_pairs(found))
    charted = Area(area.header_row, area.first_row, area.first_row + len(found.months.firsts))
    charts.columns(
        sheet, months, charted, first=3, last=last, title=made.say("forecast.months.chart"), anchor=f"A{chart_row}",
        size=(16.5, 6.2), skip=skip,
    )  # fmt: skip
    charts.lines(
        sheet, sizes, sized, first=2, last=3, title=made.say("forecast.size.chart"), anchor=f"F{chart_row}", size=(15.5, 6.2),
        skip=skip,
    )  # fmt: skip
    return made


def _pairs(found: Forecast) -> list[Pair]:
    return sorted({(line.store, line.category) for line in found.lines})


# the first page


def _headline(made: Paper, sheet: Sheet, found: Forecast) -> None:
    say, sizes = made.say, found.sizes()
    last = month_name(found.months.firsts[-1], made.language)
    free = [line for line in found.lines if not line.frozen]
    now = sum(line.rows for line in free if line.due.when == "due")
    ahead = Counter({first: sum(line.rows for line in free if line.due.month == first) for first in found.months.firsts})
    peak = max(found.months.firsts, key=lambda first: ahead[first])
    total = sum(line.rows for line in found.lines)
    sheet.heading(say("forecast.headline"))
    sheet.facts(
        [
            (say("forecast.size"), say.count(total)),
            (say("forecast.now"), say.count(now)),
            (say("forecast.next", month=last), say.count(ahead.total())),
            (
                say("forecast.peak"),
                say("forecast.peak.of", month=month_name(peak, made.language), count=say.count(ahead[peak])),
            ),
            (say("forecast.size.alone", month=last), _moved(made, total, sizes[-1].alone)),
            (say("forecast.size.pace", month=last), _moved(made, total, sizes[-1].at_pace)),
        ],
        labels=3,
    )
    sheet.space(6)


def _moved(made: Paper, before: int, after: int) -> str:
    """A size, and what it is of the one today: `5 648 (−70 %)`."""
    share = round((after - before) / before * 100) if before else 0
    sign = "−" if share < 0 else "+"
    unit = "\u00a0%" if made.language == "fr" else "%"
    return f"{made.say.count(after)} ({sign}{abs(share)}{unit})"


def _by_category(made: Paper, sheet: Sheet, found: Forecast) -> None:
    say = made.say
    last = month_name(found.months.firsts[-1], made.language)
    sheet.heading(say("forecast.by"))
    columns = [Column(say("col.category"), kind="strong"), Column(say("col.store"))]
    heads = [say("col.rows"), say("when.due"), say("forecast.next", month=last), *(say(f"when.{when}") for when in NO_MONTH)]
    columns += [Column(head, kind="count") for head in (*heads, say("col.held"))]
    rows: list[list[Value]] = []
    for store, category in _pairs(found):
        lines = [line for line in found.lines if (line.store, line.category) == (store, category)]
        rows.append([made.category(category), made.store(store), *_counts(lines)])
    sheet.table(columns, rows, totals=[say("total"), "", *_counts(found.lines)])


def _counts(lines: Sequence[ForecastLine]) -> list[Value]:
    """All; then, of those that are not held, by when; then those that are."""
    free: Counter[str] = Counter()
    for line in lines:
        free["held" if line.frozen else line.due.when] += line.rows
    return [free.total(), free["due"], free["month"], *(free[when] for when in NO_MONTH), free["held"]]


def _assumed(made: Paper, sheet: Sheet, found: Forecast) -> None:
    say = made.say
    sheet.heading(say("forecast.assumed"))
    for name in ("holds", "contracts", "children", "archive", "pace"):
        sheet.paragraph(f"• {say(f'forecast.assume.{name}')}")
    if found.paceless:
        names = ", ".join(made.population(*one) for one in found.paceless)
        sheet.paragraph(f"• {say('forecast.assume.paceless', names=names)}")


# by month, sizes


def _months(made: Paper, found: Forecast) -> tuple[Sheet, Area]:
    say, pairs = made.say, _pairs(found)
    sheet = made.sheet("forecast.months", (44, 13, *(19 for _ in pairs)))
    columns = [Column(say("col.month"), kind="strong"), Column(say("total"), kind="count")]
    columns += [Column(_pair(made, pair, pairs), kind="count") for pair in pairs]
    counted: Counter[tuple[object, Pair]] = Counter()
    for line in found.lines:
        if not line.frozen:
            counted[line.due.month or line.due.when, (line.store, line.category)] += line.rows
    heads: list[tuple[str, object]] = [(say("when.due"), "due")]
    heads += [(made.month(first, found.months), first) for first in found.months.firsts]
    heads += [(say(f"when.{when}"), when) for when in NO_MONTH]
    rows: list[list[Value]] = [
        [head, sum(counted[due, pair] for pair in pairs), *(counted[due, pair] for pair in pairs)] for head, due in heads
    ]
    return sheet, sheet.table(columns, rows, main=True)


def _pair(made: Paper, pair: Pair, pairs: Sequence[Pair]) -> str:
    """A category; with its store where several hold some of it, or the store holds several."""
    store, category = pair
    alone = sum(store == s for s, _ in pairs) == 1 and sum(category == c for _, c in pairs) == 1
    return made.category(category) if alone else f"{made.store(store)} – {made.category(category)}"


def _sizes(made: Paper, found: Forecast) -> tuple[Sheet, Area]:
    say = made.say
    stores = list(dict.fromkeys(line.store for line in found.lines))
    sheet = made.sheet("forecast.sizes", (24, *(19 for _ in range(2 + 2 * len(stores)))))
    columns = [Column(say("col.month"), kind="strong")]
    for title in (say("total"), *(made.store(store) for store in stores)):
        columns += [Column(say(f"forecast.{how}"), kind="count", group=title) for how in ("alone", "pace")]
    sizes = [found.sizes(), *(found.sizes(store) for store in stores)]
    rows: list[list[Value]] = []
    for number, first in enumerate(found.months.firsts):
        row: list[Value] = [made.month(first, found.months)]
        for of in sizes:
            row += [of[number].alone, of[number].at_pace]
        rows.append(row)
    return sheet, sheet.table(columns, rows, main=True)
