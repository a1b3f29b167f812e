"""`hold` and `request`: what must stay, and what must go at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from retention.cli.frame import Frame, command, date_of
from retention.cli.tables import moment, table
from retention.errors import NotFound, RetentionError

if TYPE_CHECKING:
    from retention.evidence.database import Evidence
    from retention.evidence.records import Hold
    from retention.holds import Placement

_NO_PERSONAL_DATA = "No personal data: it stays in the evidence."

Kind = Annotated[
    str,
    typer.Option(
        "--kind", "-k", metavar="KIND", help="legal_claim, legal_obligation, vital_interests, restriction or insurance."
    ),
]
Subject = Annotated[
    str | None, typer.Option("--subject", metavar="KEY", help="Everything of one data subject, by its opaque reference.")
]
StoreName = Annotated[str | None, typer.Option("--store", "-s", metavar="STORE", help="The store of --record.")]
Record = Annotated[
    str | None, typer.Option("--record", "-r", metavar="POPULATION:KEY", help="One record and what hangs from it.")
]
Category = Annotated[
    str | None, typer.Option("--category", metavar="CATEGORY", help="account, transaction, subscription or usage.")
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help=f"Why, in general terms. {_NO_PERSONAL_DATA}")]
Reference = Annotated[str, typer.Option("--reference", metavar="REF", help=f"The case number. {_NO_PERSONAL_DATA}")]
Approver = Annotated[str, typer.Option("--approver", metavar="WHO", help="Who answers for it.")]
ReviewBy = Annotated[str, typer.Option("--review-by", metavar="DATE", help="When it is to be looked at again, as YYYY-MM-DD.")]
By = Annotated[str, typer.Option("--by", metavar="WHO", help="Who answers for the release.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help=f"Why it ends. {_NO_PERSONAL_DATA}")]
HoldId = Annotated[str, typer.Argument(metavar="ID", help="The id that placing it printed.")]
Everything = Annotated[bool, typer.Option("--all", help="Also those that were released.")]


def register(app: typer.Typer) -> None:
    holds = typer.Typer(help="Holds: what must stay although its time has come.", no_args_is_help=True)
    requests = typer.Typer(help="Approved erasure requests: what must go before its time.", no_args_is_help=True)
    command(holds, "place")(place)
    command(holds, "release")(release)
    command(holds, "list")(list_holds)
    command(requests, "erasure")(erasure)
    command(requests, "withdraw")(withdraw)
    command(requests, "list")(list_requests)
    app.add_typer(holds, name="hold")
    app.add_typer(requests, name="request")


def place(
    frame: Frame,
    kind: Kind,
    reason: Reason,
    reference: Reference,
    approver: Approver,
    review_by: ReviewBy,
    subject: Subject = None,
    store: StoreName = None,
    record: Record = None,
    category: Category = None,
) -> None:
    """Freeze a data subject, one record or a category. It counts at once, and from the next batch on in a run under way."""
    if kind == "erasure":
        raise RetentionError("an erasure request does not freeze anything", mend="use `retention request erasure`")
    about = {"subject": subject, "store": store, "record": record, "category": category}
    _place(frame, kind, about, {"reason": reason, "reference": reference, "approver": approver, "review_by": review_by})


def erasure(
    frame: Frame,
    reason: Reason,
    reference: Reference,
    approver: Approver,
    review_by: ReviewBy,
    subject: Subject = None,
    store: StoreName = None,
    record: Record = None,
) -> None:
    """Enter an approved erasure request. The next run acts on it; claims, legal duties and live contracts still come first."""
    about = {"subject": subject, "store": store, "record": record, "category": None}
    _place(frame, "erasure", about, {"reason": reason, "reference": reference, "approver": approver, "review_by": review_by})


def release(frame: Frame, hold_id: HoldId, by: By, note: Note) -> None:
    """End a hold. What it froze is judged anew at the next run; no new period starts."""
    _release(frame, hold_id, by, note, erasure=False)


def withdraw(frame: Frame, hold_id: HoldId, by: By, note: Note) -> None:
    """Withdraw an erasure request."""
    _release(frame, hold_id, by, note, erasure=True)


def list_holds(frame: Frame, everything: Everything = False) -> None:
    """List the holds in force."""
    _list(frame, everything, erasure=False)


def list_requests(frame: Frame, everything: Everything = False) -> None:
    """List the erasure requests in force."""
    _list(frame, everything, erasure=True)


def _place(frame: Frame, kind: str, about: dict[str, str | None], form: dict[str, str]) -> None:
    from retention import holds

    _no_email(form["reason"], "--reason")
    _no_email(form["reference"], "--reference")
    population, _, key = (about["record"] or "").partition(":")
    if about["record"] and not key:
        raise RetentionError("a record is named by population and key", mend="write --record POPULATION:KEY")
    if about["store"] and not about["record"]:
        raise RetentionError("--store goes with --record", mend="add --record POPULATION:KEY, or leave --store out")
    request = holds.Request(
        kind=kind,
        reason=form["reason"],
        reference=form["reference"],
        approver=form["approver"],
        review_by=date_of(form["review_by"], "--review-by"),
        subject_key=about["subject"],
        store=about["store"],
        population=population or None,
        record_key=key or None,
        category=about["category"],
    )
    frame.note("Reason and reference stay in the evidence: they must not say who it is about.")
    placed = holds.place_if_there(frame.workspace, frame.bundle, frame.workspace.evidence(), request)
    _say(frame, placed, "in force")


def _release(frame: Frame, hold_id: str, by: str, note: str, *, erasure: bool) -> None:
    from retention import holds

    _no_email(note, "--note")
    evidence = frame.workspace.evidence()
    found = _find(evidence, hold_id)
    if found is not None and (found.kind == holds.ERASURE) != erasure:
        what, name = ("an erasure request", "request withdraw") if found.kind == holds.ERASURE else ("a hold", "hold release")
        raise RetentionError(f"{hold_id} is {what}", mend=f"use `retention {name}`")
    if found is None and erasure:
        raise NotFound(f"no erasure request is called {hold_id!r}", mend="list them: `retention request list`")
    _say(frame, holds.release(frame.workspace, frame.bundle, evidence, hold_id, by=by, note=note), "ended")


def _find(evidence: Evidence, hold_id: str) -> Hold | None:
    return next((hold for hold in evidence.holds(active_only=False) if hold.hold_id == hold_id), None)


def _no_email(text: str, option: str) -> None:
    from retention.holds import names_somebody

    if names_somebody(text):
        raise RetentionError(
            f"{option} seems to hold an email address", mend="describe the case by its number, never by a person's data"
        )


def _say(frame: Frame, placed: Placement, what: str) -> None:
    frame.answer(
        {
            "hold": placed.hold,
            "delivered": placed.delivered,
            "pending": placed.pending,
            "unknown_subject": placed.stranger,
        }
    )
    frame.show(f"[bold]{placed.hold.hold_id}[/] {placed.hold.kind.replace('_', ' ')}: {what}")
    frame.show(f"told:    {', '.join(placed.delivered) or 'no store yet'}")
    if placed.stranger:
        frame.show("[yellow]no customer is known by this reference: if it was mistyped, release the hold and place it anew[/]")
    if placed.pending:
        frame.show(
            f"pending: {', '.join(placed.pending)} [yellow](out of reach now; told before anything is disposed of there)[/]"
        )


def _list(frame: Frame, everything: bool, *, erasure: bool) -> None:
    kept = frame.evidence.holds(active_only=not everything) if frame.evidence is not None else ()
    chosen = [hold for hold in kept if (hold.kind == "erasure") == erasure]
    frame.answer(chosen)
    if not chosen:
        frame.show("None." if everything else "None in force.")
        return
    made = table(
        "Erasure requests" if erasure else "Holds",
        "id",
        "kind",
        "about",
        "reference",
        "approver",
        "placed",
        "review by",
        "ended",
    )
    for hold in chosen:
        ended = f"{moment(hold.released_at)} {hold.released_by}" if hold.released_at else "–"
        made.add_row(
            hold.hold_id,
            hold.kind.replace("_", " "),
            _about(hold),
            hold.reference,
            hold.approver,
            moment(hold.placed_at),
            str(hold.review_by),
            ended,
        )
    frame.show(made)


def _about(hold: Hold) -> Any:
    if hold.scope == "subject":
        return f"subject {hold.subject_key}"
    return f"{hold.store} {hold.population}:{hold.record_key}" if hold.scope == "record" else f"category {hold.category}"
