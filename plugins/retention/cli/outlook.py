"""`impact` and `forecast`: what another declaration would change, and what falls due in the months to come."""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from retention.cli.frame import AsOf, Frame, Lang, Stores, command, date_of, language_of, stores_of
from retention.cli.tables import number, table

if TYPE_CHECKING:
    from retention.outlook.forecast import Forecast
    from retention.outlook.impact import Impact, StoreState

_CHANGES = {
    "dispose": "goes at once",
    "release": "freed",
    "sooner": "sooner",
    "longer": "longer",
    "otherwise": "otherwise",
    "same": "same",
    "unjudged": "unjudged",
}
_WHEN = {
    "due": "now",
    "month": "by then",
    "later": "later",
    "open": "no date yet",
    "undecided": "undecided",
    "waits": "waiting",
    "never": "never",
    "unjudged": "unjudged",
}


def register(app: typer.Typer) -> None:
    command(app, "impact")(impact)
    command(app, "forecast")(forecast)


def impact(
    frame: Frame,
    decisions: Annotated[
        str | None,
        typer.Option("--decisions", metavar="FILE", help="The proposed decision set: a YAML file, or the name of a set."),
    ] = None,
    rules: Annotated[
        str | None, typer.Option("--rules", metavar="FILE", help="Proposed rules, instead of retention.yaml.")
    ] = None,
    against: Annotated[
        str | None, typer.Option("--against", metavar="SET", help="The set to compare with. Default: the one in force.")
    ] = None,
    store: Stores = None,
    as_of: AsOf = None,
    lang: Lang = "fr",
) -> None:
    """Say what a proposed decision set would dispose of, release or keep longer, before anyone approves it. Changes nothing."""
    from retention.outlook.change import called, proposed
    from retention.outlook.impact import impact as judge
    from retention.outlook.impact_book import write_impact

    day, language = date_of(as_of), language_of(lang)
    if decisions is None and rules is None:
        raise typer.BadParameter("say what is proposed: a decision set (--decisions), rules (--rules), or both")
    workspace = dataclasses.replace(frame.workspace, decision_set=against) if against else frame.workspace
    bundle = workspace.bundle()
    other = proposed(workspace, bundle, decisions=decisions, rules=rules)
    found = judge(workspace, bundle, other, day, stores=stores_of(bundle, store), called=called(decisions))
    if found.changes_nothing:
        frame.answer({"as_of": day, "before": found.before, "after": found.after, "difference": False, "workbook": None})
        frame.show(Text("No difference: both declarations ask the same of every record", style="green"))
        return
    path = write_impact(workspace, bundle, other, found, language)
    frame.answer({"difference": True, "workbook": frame.address(path), **_impact_document(found)})
    frame.show(*_impact_tables(found), Text(frame.address(path)))
    _remarks(frame, found.stores)
    for name in found.missing:
        frame.note(f"The proposed set says nothing of {name}, which a rule waits for: it counts as undecided")


def _impact_document(found: Impact) -> dict[str, Any]:
    from retention.outlook.impact import CHANGES

    return {
        "as_of": found.as_of,
        "before": found.before,
        "after": found.after,
        "changes": {change: found.rows(change) for change in CHANGES},
        "differences": [
            {"what": one.what, **{name: getattr(one, name).model_dump() for name in ("title", "before", "after")}}
            for one in found.differences
        ],
        "missing": found.missing,
        "lines": found.lines,
        "unchanged": [dict(zip(("store", "population", "category", "rows"), one, strict=True)) for one in found.unchanged],
        "examples": found.examples,
        "stores": found.stores,
    }


def _impact_tables(found: Impact) -> list[Any]:
    counted: Counter[tuple[str, str, str]] = Counter()
    for line in found.lines:
        counted[line.store, line.category, line.change] += line.rows
        counted[line.store, line.category, "held"] += line.rows if line.frozen else 0
    for one in found.unchanged:
        counted[one[0], one[2], "same"] += one[3]
    heads = (*_CHANGES.values(), "of all, held")
    made = table(f"{found.before} → {found.after}, as of {found.as_of}", "store", "category", *heads, right=heads)
    for store, category in dict.fromkeys((store, category) for store, category, _ in sorted(counted)):
        made.add_row(store, category, *(number(counted[store, category, what]) for what in (*_CHANGES, "held")))
    decided = table("What differs", "decision or rule", "in force", "proposed")
    for change in found.differences:
        decided.add_row(change.what, change.before.en, change.after.en)
    few = table("Examples", "record", "effect", "due now", "due then")
    for example in found.examples[:9]:
        few.add_row(example.reference, _CHANGES[example.change], _due(example.before.due), _due(example.after.due))
    return [made, decided, few] if found.examples else [made, decided]


def _due(due: Any) -> str:
    return f"{due.month:%Y-%m}" if due.month else _WHEN[due.when]


def forecast(
    frame: Frame,
    store: Stores = None,
    months: Annotated[int, typer.Option("--months", min=1, max=120, help="How many months to look ahead.")] = 24,
    as_of: AsOf = None,
    lang: Lang = "fr",
) -> None:
    """Say how many records fall due in each of the months to come, and how the stores shrink or grow. Changes nothing."""
    from retention.outlook.forecast import forecast as look
    from retention.outlook.forecast_book import write_forecast

    day, language = date_of(as_of), language_of(lang)
    found = look(frame.workspace, frame.bundle, day, stores=stores_of(frame.bundle, store), months=months)
    path = write_forecast(frame.workspace, frame.bundle, found, language)
    frame.answer({"workbook": frame.address(path), **_forecast_document(found)})
    frame.show(_forecast_table(found), _when_table(found), Text(frame.address(path)))
    _remarks(frame, found.stores)


def _forecast_document(found: Forecast) -> dict[str, Any]:
    stores = dict.fromkeys(line.store for line in found.lines)
    return {
        "as_of": found.as_of,
        "decision_set": found.decision_set,
        "pace": "new records: the average of the last 12 whole months, of those still there",
        "sizes": {"all": found.sizes(), **{store: found.sizes(store) for store in stores}},
        "lines": found.lines,
        "pace_unknown": [f"{store}:{population}" for store, population in found.paceless],
        "stores": found.stores,
    }


def _forecast_table(found: Forecast) -> Any:
    """A line a month: what falls due in each store, and how large all of them are then."""
    stores = list(dict.fromkeys(line.store for line in found.lines))
    heads = (*stores, "all", "left without new ones", "at the pace of 12 months")
    made = table(f"Falls due, as of {found.as_of} ({found.decision_set})", "month", *heads, right=heads)
    counted: Counter[tuple[Any, str]] = Counter()
    for line in found.lines:
        if not line.frozen:
            counted[line.due.month or line.due.when, line.store] += line.rows
    now = [counted["due", store] for store in stores]
    made.add_row("due already", *map(number, now), number(sum(now)), "", "")
    for size in found.sizes():
        due = [counted[size.month, store] for store in stores]
        made.add_row(f"{size.month:%Y-%m}", *map(number, due), number(sum(due)), number(size.alone), number(size.at_pace))
    return made


def _when_table(found: Forecast) -> Any:
    counted: Counter[tuple[str, str, str]] = Counter()
    for line in found.lines:
        counted[line.store, line.category, "held" if line.frozen else line.due.when] += line.rows
    heads = (*_WHEN.values(), "held")
    made = table("Of the records that are there", "store", "category", *heads, right=heads)
    for store, category in dict.fromkeys((store, category) for store, category, _ in sorted(counted)):
        made.add_row(store, category, *(number(counted[store, category, when]) for when in (*_WHEN, "held")))
    return made


def _remarks(frame: Frame, states: tuple[StoreState, ...]) -> None:
    for state in states:
        if state.facts_old:
            age = f"are of {state.facts_of}" if state.facts_of else "are not there"
            frame.note(f"Store {state.store}: facts of data subjects {age}; a night would bring them up to date first")
