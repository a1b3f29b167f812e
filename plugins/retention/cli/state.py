"""`status`, `verify` and `check`: whether stores, evidence and declarations are in order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from retention.cli.frame import OUT_OF_ORDER, AsOf, Frame, Stores, command, date_of, described, stores_of
from retention.cli.tables import days, number, status_word, table
from retention.errors import EvidenceError, RetentionError, StoreError

if TYPE_CHECKING:
    from retention.night.due import DueNow
    from retention.status import CategoryStatus, Status, StoreStatus


def register(app: typer.Typer) -> None:
    command(app, "status")(status)
    command(app, "verify")(verify)
    command(app, "check")(check)


# status


def status(
    frame: Frame,
    as_of: AsOf = None,
    due: Annotated[
        bool, typer.Option("--due", help="Also count, in the stores themselves, what a night that began now would find due.")
    ] = False,
) -> None:
    """Say whether every store is in order; the headline is the age of the oldest overdue record. Exit code 9 if one is not."""
    from retention.status import status as ask

    found = ask(frame.bundle, frame.evidence, date_of(as_of))
    now = _due_now(frame, found) if due else None
    frame.answer(_document(found, now))
    frame.show(_headline(found), _status_table(found, now))
    for store in found.stores:
        if store.problems:
            note = f" ({store.last.note})" if store.last is not None and store.last.note else ""
            frame.show(Text(f"{store.store}: {', '.join(map(str, store.problems))}{note}", style="red"))
    for name, counted in (now or {}).items():
        if isinstance(counted, StoreError):
            frame.show(Text(f"{name}: not counted. {counted}", style="yellow"))
        elif counted.facts_old:
            frame.show(f"[yellow]{name}: counted on old facts of data subjects, which a night would bring up to date first[/]")
    frame.exit_code = 0 if found.in_order else OUT_OF_ORDER


def _due_now(frame: Frame, found: Status) -> dict[str, DueNow | StoreError]:
    """What is due in each store, or why it could not be counted: one that is down does not hide the others."""
    from retention.night.due import due_now

    counts: dict[str, DueNow | StoreError] = {}
    for store in found.stores:
        try:
            counts[store.store] = due_now(frame.workspace, frame.bundle, store.store, found.as_of)
        except StoreError as away:
            counts[store.store] = away
    return counts


def _rows_due(now: dict[str, DueNow | StoreError] | None, store: StoreStatus, category: CategoryStatus) -> int | None:
    counted = now.get(store.store) if now is not None else None
    return None if counted is None or isinstance(counted, StoreError) else counted.rows.get(category.category, 0)


def _document(found: Status, now: dict[str, DueNow | StoreError] | None) -> dict[str, Any]:
    return {
        "as_of": found.as_of,
        "in_order": found.in_order,
        "overdue": found.overdue.rows,
        "oldest_overdue_days": found.overdue.days(found.as_of),
        "stores": [_store_document(found, store, now) for store in found.stores],
    }


def _store_document(found: Status, store: StoreStatus, now: dict[str, DueNow | StoreError] | None) -> dict[str, Any]:
    return {
        "store": store.store,
        "title": store.title.en,
        "problems": [str(problem) for problem in store.problems],
        "last_run": store.last,
        "counted_run": store.counted.run_id if store.counted else None,
        "categories": [
            {
                "category": category.category,
                "records": category.records,
                "overdue": category.overdue.rows,
                "oldest_overdue_days": category.overdue.days(found.as_of),
                "held": category.held,
                "held_overdue": category.frozen.rows,
                "quarantined": category.quarantined,
                "undecided": category.undecided,
            }
            | ({} if now is None else {"due_now": _rows_due(now, store, category)})
            for category in store.categories
        ],
    }


def _headline(found: Status) -> Text:
    age = found.overdue.days(found.as_of)
    if found.overdue.rows:
        oldest = f", the oldest for {days(age)}" if age is not None else ""
        return Text(
            f"{found.overdue.rows} record{'s are' if found.overdue.rows != 1 else ' is'} overdue{oldest}.", style="bold red"
        )
    if not found.in_order:
        return Text("Not in order: a store needs attention.", style="bold red")
    return Text("In order: nothing is overdue.", style="bold green")


def _status_table(found: Status, now: dict[str, DueNow | StoreError] | None) -> Any:
    live = () if now is None else ("due\nnow",)
    columns = ("records", "overdue", "oldest", "held", "overdue\nbut held", "quarantined", "undecided", *live)
    made = table(f"As of {found.as_of}", "store", "category", *columns, "last run", "status", right=columns)
    for store in found.stores:
        for first, category in zip((True, *([False] * len(store.categories))), store.categories, strict=False):
            rows = _rows_due(now, store, category)
            counted = () if now is None else (number(rows) if rows is not None else "?",)
            cells = (*_category_cells(found, category), *counted, *(_run_cells(store) if first else ()))
            made.add_row(store.store if first else "", *cells)
    return made


def _category_cells(found: Status, category: CategoryStatus) -> tuple[Any, ...]:
    age = category.overdue.days(found.as_of)
    overdue = Text(number(category.overdue.rows), style="bold red" if category.overdue.rows else "")
    return (
        category.category,
        number(category.records),
        overdue,
        days(age),
        number(category.held),
        number(category.frozen.rows),
        number(category.quarantined),
        number(category.undecided),
    )


def _run_cells(store: StoreStatus) -> tuple[Any, ...]:
    if store.last is None:
        return ("–", Text("never run", style="bold red"))
    return (str(store.last.as_of), status_word(store.last.status))


# verify


def verify(frame: Frame) -> None:
    """Check the ledger against itself, its noted head, the receipts of every store within reach, and their key sets."""
    from retention.evidence import ledger
    from retention.night.record import noted_head, store_receipts
    from retention.traces import known_key

    evidence = frame.evidence
    if evidence is None:
        raise EvidenceError("there is no evidence database yet", mend="run a night first: `retention run`")
    receipts: dict[str, ledger.StoreReceipts] = {}
    away: list[str] = []
    for name in stores_of(frame.bundle, None):
        try:
            receipts[name] = store_receipts(frame.workspace, name)
        except StoreError:
            away.append(name)
    secret = known_key(frame.workspace)
    findings = ledger.verify(evidence, head=noted_head(frame.workspace), receipts=receipts, secret=secret)
    head = evidence.head()
    frame.answer(
        {
            "holds": not findings,
            "head": head,
            "findings": findings,
            "compared": list(receipts),
            "out_of_reach": away,
            "key_sets_opened": secret is not None,
        }
    )
    if findings:
        made = table("What is wrong", "where", "what")
        for finding in findings:
            made.add_row(finding.where, finding.what)
        frame.show(made)
    elif head is not None:
        frame.show(f"[bold green]ledger holds:[/] {head.seq} entries, head {head.hash}")
    else:
        frame.show("ledger holds: no entry yet")
    if secret is None:
        frame.show("[yellow]there is no digest key: key sets were compared with their hashes, and not opened[/]")
    for name in away:
        frame.show(f"[yellow]store {name} is out of reach: its receipts were not compared[/]")
    frame.exit_code = EvidenceError.exit_code if findings else StoreError.exit_code if away else 0


# check


def check(frame: Frame, store: Stores = None) -> None:
    """Check declarations, population queries and, where stores are reachable, their schemas. Changes nothing."""
    bundle = frame.bundle
    rows: list[dict[str, Any]] = []
    for name in stores_of(bundle, store):
        rows += _check_store(frame, name)
    undecided = [decision.id for decision in bundle.decisions.decisions if not decision.decided]
    frame.answer(
        {
            "policy_hash": bundle.policy_hash,
            "decision_set": bundle.decisions.set,
            "undecided": undecided,
            "checks": [{**row, "error": described(row["error"]) if row["error"] else None} for row in rows],
        }
    )
    decided = len(bundle.decisions.decisions) - len(undecided)
    rules, gaps = len(bundle.rules.rules), len(bundle.policy.gaps)
    frame.show(f"[green]Declarations agree:[/] {rules} rules, {gaps} gaps of the policy said aloud.")
    waiting = f", {len(undecided)} undecided: {', '.join(undecided)}" if undecided else ""
    frame.show(f"Decision set {bundle.decisions.set}: {decided} decided{waiting}.", f"Policy hash {bundle.policy_hash}")
    frame.show(_check_table(rows))
    for row in rows:
        if row["error"] is not None:
            frame.show(Text(str(row["error"]), style="red"))
    frame.exit_code = next((row["error"].exit_code for row in rows if row["outcome"] == "failed"), 0)


def _check_store(frame: Frame, name: str) -> list[dict[str, Any]]:
    from retention.stores.places import placed
    from retention.stores.query import check_query

    mapped = placed(frame.bundle.store(name), frame.workspace.store_url(name))
    rows = [
        _tried(name, f"query {population.query}", lambda population=population: check_query(mapped, population))
        for population in mapped.declared.populations
    ]
    rows.append(_tried(name, "schema", lambda: _check_schema(frame, name)))
    return rows


def _check_schema(frame: Frame, name: str) -> None:
    from retention import clock
    from retention.resolve import resolve
    from retention.stores.inspect import check_schema, check_types, read_schema
    from retention.stores.places import placed
    from retention.stores.session import open_store

    mapped = placed(frame.bundle.store(name), frame.workspace.store_url(name))
    asked = resolve(frame.bundle, mapped, clock.today())
    session = open_store(mapped, frame.workspace.store_url(name))
    try:
        try:
            with session.reading("reading the schema") as connection:
                schema = read_schema(connection, mapped.declared.schemas)
        except StoreError as away:
            raise _OutOfReach(away) from None
        check_schema(mapped, schema, asked)
        for population in mapped.declared.populations:
            with session.reading(f"trying the query {mapped.query_path(population)}") as connection:
                check_types(connection, mapped, population)
    finally:
        session.close()


class _OutOfReach(Exception):
    """A store that cannot be read now: nothing is wrong with its declaration."""

    def __init__(self, error: StoreError) -> None:
        self.error = error
        super().__init__()


def _tried(store: str, what: str, attempt: Any) -> dict[str, Any]:
    try:
        attempt()
    except _OutOfReach as away:
        return {"store": store, "check": what, "outcome": "out of reach", "error": away.error}
    except RetentionError as error:
        return {"store": store, "check": what, "outcome": "failed", "error": error}
    return {"store": store, "check": what, "outcome": "in order", "error": None}


def _check_table(rows: list[dict[str, Any]]) -> Any:
    colours = {"in order": "green", "failed": "bold red", "out of reach": "yellow"}
    made = table("", "store", "check", "outcome")
    last = ""
    for row in rows:
        made.add_row(
            row["store"] if row["store"] != last else "", row["check"], Text(row["outcome"], style=colours[row["outcome"]])
        )
        last = row["store"]
    return made
