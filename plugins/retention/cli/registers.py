"""`register`: the article 30 register, published and written; its versions, what changed between them, their approval."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.text import Text

from retention.cli.frame import Frame, Lang, bare_command, command, date_of, language_of
from retention.cli.tables import moment, table
from retention.errors import EvidenceError, NotFound, RegisterError, ValidationFailed

if TYPE_CHECKING:
    from retention.declare.words import Text as Words
    from retention.evidence.database import Evidence
    from ropa.register.changes import Change
    from ropa.register.publication import Publication

LAST = 20

AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="A past day: the version that stood then. Default: today in Paris."),
]
Edition = Annotated[
    list[str] | None,
    typer.Option("--edition", "-e", metavar="NAME", help="An edition to write; repeat for several. Default: our own workbook."),
]
Everything = Annotated[bool, typer.Option("--all", help="Write every edition.")]
Last = Annotated[int, typer.Option("--last", min=1, metavar="N", help="How many of the latest versions to list.")]
Version = Annotated[
    str, typer.Argument(metavar="VERSION", help="A number such as 2.3, or a date: the version that stood then.")
]
Number = Annotated[str, typer.Argument(metavar="NUMBER", help="The version that was read, such as 2.3.")]
By = Annotated[str, typer.Option("--by", metavar="NAME", help="Who approves. The name is kept with the versions, as given.")]
Note = Annotated[str, typer.Option("--note", metavar="TEXT", help="On what ground. It is kept with the versions.")]
Spoken = Annotated[str, typer.Option("--lang", metavar="fr|en", help="Language of the list: fr or en.")]


def register(app: typer.Typer) -> None:
    group = typer.Typer(no_args_is_help=False)
    bare_command(group)(register_book)
    command(group, "versions")(list_versions)
    command(group, "diff")(diff)
    command(group, "approve")(approve)
    app.add_typer(group, name="register")


def register_book(
    frame: Frame, lang: Lang = "fr", as_of: AsOf = None, edition: Edition = None, everything: Everything = False
) -> None:
    """Publish the article 30 register of today and write it, or write again the version that stood on a past day.

    A register that says what the latest version says makes no new one.
    """
    from ropa.register.checking import unmet
    from ropa.register.editions import EDITIONS, OWN, editions
    from ropa.register.issuing import write_editions

    language = language_of(lang)
    names = list(EDITIONS) if everything else list(editions(edition or [OWN]))
    evidence, publication = _of_day(frame, date_of(as_of))
    made = write_editions(frame.workspace, evidence, publication, [language], names)
    paths = [frame.address(path) for path in made]
    frame.answer(document_of(publication) | {"files": paths, "unmet": [each.id for each in unmet(publication.register)]})
    frame.show(headline(publication), *map(Text, paths))
    if failed := unmet(publication.register):
        frame.note(f"The register lacks what the law requires, and says so: {', '.join(each.id for each in failed)}.")
        frame.exit_code = ValidationFailed.exit_code


def _of_day(frame: Frame, day: dt.date) -> tuple[Evidence, Publication]:
    """Today's register, published; a past day's as it was published then. Raises RegisterError for a day to come."""
    from retention import clock
    from ropa.register.issuing import publish
    from ropa.register.versions import standing

    if day < clock.today():
        evidence = _kept(frame)
        return evidence, standing(evidence, day)
    if day > clock.today():
        raise RegisterError(f"{day} lies ahead: nobody knows yet what the register will say", mend="leave out --as-of")
    evidence = frame.workspace.evidence()
    return evidence, publish(frame.workspace, frame.bundle, evidence, day)


def _kept(frame: Frame) -> Evidence:
    if frame.evidence is None:
        raise NotFound("no version of the register was published yet", mend="publish the first one: `retention register`")
    return frame.evidence


def document_of(publication: Publication) -> dict[str, Any]:
    """A version for `--json`."""
    return {
        "version": publication.number,
        "as_of": publication.register.as_of,
        "published_at": publication.published_at,
        "content_hash": publication.content_hash,
        "declaration_hash": publication.register.grounding.declaration_hash,
        "draft": publication.draft,
        "approval": publication.approval,
    }


def headline(publication: Publication, what: str = "Version") -> Text:
    """`Version 2.3 of 2026-11-25, approved by …`."""
    head = Text(f"{what} {publication.number} of {publication.register.as_of}, ", style="bold")
    return head + _state(publication) + Text(f", {publication.content_hash[:16]}…", style="dim")


def _state(publication: Publication) -> Text:
    if publication.register.grounding.example:
        return Text("draft: it rests on example decisions", style="yellow")
    if publication.approval is None:
        return Text("draft: nobody has approved it", style="yellow")
    return Text(f"approved by {publication.approval.approver} on {moment(publication.approval.at)[:10]}", style="green")


# versions


def list_versions(frame: Frame, last: Last = LAST, lang: Spoken = "en") -> None:
    """List the latest versions: number, day, hash, who approved them, and what changed."""
    from ropa.register.change_words import SAY
    from ropa.register.changes import changes, in_brief
    from ropa.register.versions import publications

    language = language_of(lang)
    kept = publications(frame.evidence, last=last + 1) if frame.evidence is not None else ()
    listed: list[tuple[Publication, Words]] = []
    for index, publication in enumerate(kept):
        if index:
            listed.append((publication, in_brief(changes(kept[index - 1].register, publication.register))))
        elif len(kept) <= last:
            listed.append((publication, SAY("brief.first")))
    frame.answer([document_of(publication) | {"changed": _both(changed)} for publication, changed in listed])
    if not listed:
        frame.show("No version of the register was published yet: `retention register` publishes the first one.")
        return
    made = table(
        "Versions of the register", "version", "as of", "published", "standing", "hash", "what changed", right=("hash",)
    )
    for publication, changed in listed:
        made.add_row(
            publication.number,
            str(publication.register.as_of),
            moment(publication.published_at),
            _state(publication),
            publication.content_hash[:12],
            changed.in_(language),
        )
    frame.show(made)


# diff


def diff(frame: Frame, before: Version, after: Version, lang: Spoken = "en") -> None:
    """Tell what changed between two versions, in plain words."""
    from ropa.register.changes import changes

    language, evidence = language_of(lang), _kept(frame)
    first, second = _version(evidence, before), _version(evidence, after)
    found = changes(first.register, second.register)
    frame.answer(
        {"before": document_of(first), "after": document_of(second), "changes": [_change_document(change) for change in found]}
    )
    title = f"From {first.number} ({first.register.as_of}) to {second.number} ({second.register.as_of})"
    if not found:
        frame.show(f"{title}: nothing changed{' but the day' if first.content_hash != second.content_hash else ''}.")
        return
    counted = f"{len(found)} change{'s' if len(found) != 1 else ''}"
    made = table(f"{title}: {counted}", "area", "of", "what", "before", "after")
    area = ""
    for change in found:
        if area and area != change.area.en:
            made.add_section()
        texts = (change.what, change.before, change.after)
        shown = change.area.in_(language) if area != change.area.en else ""
        made.add_row(shown, change.ref or "", *(text.in_(language) if text is not None else "–" for text in texts))
        area = change.area.en
    frame.show(made)


def _version(evidence: Evidence, wanted: str) -> Publication:
    """A version by its number, or the one that stood on a date."""
    from ropa.register.versions import publication, standing

    try:
        day = dt.date.fromisoformat(wanted)
    except ValueError:
        return publication(evidence, wanted)
    return standing(evidence, day)


def _change_document(change: Change) -> dict[str, Any]:
    texts = {name: _both(getattr(change, name)) for name in ("area", "what", "before", "after")}
    return {"area": texts["area"], "ref": change.ref, **{name: texts[name] for name in ("what", "before", "after")}}


def _both(text: Words | None) -> dict[str, str] | None:
    return text.model_dump() if text is not None else None


# approve


def approve(frame: Frame, number: Number, by: By, note: Note) -> None:
    """Approve what a version declares. The approval holds for it and for later versions that declare the same."""
    from ropa.register.versions import approve as record

    if frame.evidence is None:
        _kept(frame)
    done = record(frame.workspace.evidence(), number, by, note)
    first = done.publication.approval
    if first is None:
        raise EvidenceError("the approval was not recorded", mend="try again; `retention verify` tells what is wrong")
    frame.answer(document_of(done.publication) | {"recorded": done.recorded, "given": done.approval})
    if not done.recorded:
        words = "approved already what this version declares, in version"
        given = f"{done.approval.number} on {moment(done.approval.at)}: nothing was added."
        frame.show(Text(f"{done.approval.approver} {words} {given}"))
        return
    frame.show(Text(f"Version {number} is approved, by {done.approval.approver} on {moment(done.approval.at)}.", style="green"))
    if first != done.approval:
        frame.show(Text(f"The approval of {first.approver} on {moment(first.at)} came first, and stands.", style="dim"))
