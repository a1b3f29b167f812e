"""`init` makes our own tables, `grants` says what a night must be allowed, `preflight` checks both and more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from retention.cli.frame import Frame, Stores, command, stores_of
from retention.cli.tables import table
from retention.errors import EvidenceError, RetentionError, StoreError

if TYPE_CHECKING:
    from retention.migrations import Upgraded
    from retention.preflight.findings import Finding

EVIDENCE = "evidence"
Evidence = Annotated[bool, typer.Option("--evidence", help="The evidence database. Default: stores and evidence alike.")]


def register(app: typer.Typer) -> None:
    command(app, "init")(init)
    command(app, "grants")(grants)
    command(app, "preflight")(preflight)


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


def grants(
    frame: Frame,
    role: Annotated[
        str, typer.Option("--role", metavar="ROLE", help="The role that nights run as; on MariaDB also user@host.")
    ],
    store: Stores = None,
    evidence: Evidence = False,
    owner: Annotated[
        str | None, typer.Option("--owner", metavar="ROLE", help="Also what the role needs that runs `retention init`.")
    ] = None,
    schema: Annotated[str, typer.Option("--schema", help="PostgreSQL: the schema of the tables.")] = "public",
) -> None:
    """Print the least that a night must be granted, as SQL for an administrator. Changes nothing."""
    from retention import clock
    from retention.preflight.grants import Roles
    from retention.preflight.grants import grants as script
    from retention.preflight.needs import evidence_needs, store_needs
    from retention.resolve import resolve
    from retention.stores.places import placed

    roles, scripts = Roles(role, owner), []
    for place in _places(frame, store, evidence):
        if place == EVIDENCE:
            sql = script(frame.workspace.evidence_url, evidence_needs(), roles, schema=schema, stages=True)
        else:
            mapped = placed(frame.bundle.store(place), frame.workspace.store_url(place))
            needs = store_needs(mapped, resolve(frame.bundle, mapped, clock.today()))
            sql = script(frame.workspace.store_url(place), needs, roles, schema=schema)
        scripts.append({"where": place, "sql": sql})
    frame.answer({"scripts": scripts})
    if not frame.as_json:
        for found in scripts:
            typer.echo(f"-- {found['where']}\n{found['sql']}")


def preflight(frame: Frame, store: Stores = None, evidence: Evidence = False) -> None:
    """Check what a night would stumble over: structure, indexes, privileges, room. Exit code 3 (6: evidence) if it would."""
    found = {place: _findings(frame, place) for place in _places(frame, store, evidence)}
    frame.answer({"findings": [{"where": place, **vars(finding)} for place, findings in found.items() for finding in findings]})
    frame.show(_finding_table(found))
    refused = [place for place, findings in found.items() if any(finding.level == "refuse" for finding in findings)]
    if refused:
        frame.exit_code = EvidenceError.exit_code if refused == [EVIDENCE] else StoreError.exit_code


def _findings(frame: Frame, place: str) -> tuple[Finding, ...]:
    """What is to be said of a store or the evidence; that it cannot be asked at all is a finding too."""
    from retention import clock
    from retention.preflight.check import check_all, check_evidence
    from retention.preflight.findings import refuse
    from retention.resolve import resolve
    from retention.stores.connect import make_engine
    from retention.stores.places import placed
    from retention.stores.session import open_store

    workspace = frame.workspace
    try:
        if place == EVIDENCE:
            engine = make_engine(workspace.evidence_url)
            try:
                return check_evidence(engine, headroom=workspace.headroom)
            finally:
                engine.dispose()
        mapped = placed(frame.bundle.store(place), workspace.store_url(place))
        session = open_store(mapped, workspace.store_url(place))
        try:
            asked = resolve(frame.bundle, mapped, clock.today())
            return check_all(session, mapped, asked, headroom=workspace.headroom)
        finally:
            session.close()
    except RetentionError as error:
        return (refuse(error.message, error.mend),)


def _finding_table(found: dict[str, tuple[Finding, ...]]) -> Any:
    colours = {"refuse": "bold red", "warn": "yellow", "unknown": "dim"}
    made = table("Before a night", "where", "level", "what", "mend")
    for place, findings in found.items():
        for finding in findings:
            made.add_row(place, Text(finding.level, style=colours[finding.level]), finding.what, finding.mend)
        if not findings:
            made.add_row(place, Text("in order", style="green"), "", "")
    return made
