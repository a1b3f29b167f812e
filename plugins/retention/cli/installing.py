"""`init` puts our own tables where they are needed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from retention.cli.frame import Frame, command, stores_of
from retention.cli.tables import table

if TYPE_CHECKING:
    from retention.migrations import Upgraded

EVIDENCE = "evidence"
Stores = Annotated[
    list[str] | None, typer.Option("--store", "-s", metavar="STORE", help="A store; repeat for several. Default: all.")
]
Evidence = Annotated[bool, typer.Option("--evidence", help="The evidence database. Default: stores and evidence alike.")]


def register(app: typer.Typer) -> None:
    command(app, "init")(init)


def init(
    frame: Frame,
    store: Stores = None,
    evidence: Evidence = False,
    sql: Annotated[bool, typer.Option("--sql", help="Print the SQL for an administrator to run, and change nothing.")] = False,
) -> None:
    """Make our own tables in stores and in the evidence database, or bring them to this version. Nothing else is touched."""
    places = _places(frame, store, evidence)
    if sql:
        _print_scripts(frame, places)
        return
    done = {place: _install(frame, place) for place in places}
    made = table("Our own tables", "where", "outcome", "tables")
    for place, upgraded in done.items():
        made.add_row(place, _outcome(upgraded), ", ".join(upgraded.made) or "–")
    frame.show(made)
    frame.answer({"installed": [{"where": place, **vars(upgraded)} for place, upgraded in done.items()]})


def _places(frame: Frame, stores: list[str] | None, evidence: bool) -> list[str]:
    """Names of stores, and `evidence`: what was asked for, or everything."""
    everything = stores is None and not evidence
    named = stores_of(frame.bundle, stores) if stores or everything else []
    return [*named, EVIDENCE] if evidence or everything else named


def _install(frame: Frame, place: str) -> Upgraded:
    from retention.installation import install_evidence, install_store

    workspace = frame.workspace
    return install_evidence(workspace.evidence_url) if place == EVIDENCE else install_store(place, workspace.store_url(place))


def _print_scripts(frame: Frame, places: list[str]) -> None:
    from retention import migrations
    from retention.installation import script

    workspace = frame.workspace
    scripts: list[dict[str, Any]] = []
    for place in places:
        if place == EVIDENCE:
            scripts.append({"where": place, "sql": script(workspace.evidence_url, migrations.EVIDENCE)})
        else:
            scripts.append({"where": place, "sql": script(workspace.store_url(place), migrations.STORE)})
    frame.answer({"scripts": scripts})
    if not frame.as_json:
        for found in scripts:
            typer.echo(f"-- {found['where']}\n{found['sql'] or '-- nothing to do'}")


def _outcome(upgraded: Upgraded) -> str:
    if upgraded.before == upgraded.now:
        return "nothing to do"
    return f"made, version {upgraded.now}" if upgraded.before is None else f"brought from {upgraded.before} to {upgraded.now}"
