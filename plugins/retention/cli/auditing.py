"""`audit-pack`: one zip about a span of days, for somebody who has neither this program nor its databases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from retention.cli.frame import Frame, Lang, command, date_of, language_of
from retention.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Sequence

    from retention.audit.pack import Books
    from retention.evidence.database import Evidence
    from retention.evidence.records import RegisterVersion

From = Annotated[str, typer.Option("--from", metavar="DATE", help="The first day, as YYYY-MM-DD, of Paris.")]
To = Annotated[str, typer.Option("--to", metavar="DATE", help="The last day.")]
Out = Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Where to write it. Default: output/audit/.")]
Airflow = Annotated[
    str | None,
    typer.Option("--airflow", metavar="URL", help="Take along the history of runs of this Airflow (RETENTION_AIRFLOW_TOKEN)."),
]
User = Annotated[
    str | None,
    typer.Option("--airflow-user", metavar="NAME", help="For want of a token: log in with RETENTION_AIRFLOW_PASSWORD."),
]


def register(app: typer.Typer) -> None:
    command(app, "audit-pack")(audit_pack)


def audit_pack(
    frame: Frame,
    first: From,
    last: To,
    out: Out = None,
    lang: Lang = "fr",
    airflow: Airflow = None,
    airflow_user: User = None,
) -> None:
    """Pack everything that proves what was done from one day to another, with a program that checks it.

    Register, reports, plans, checks, receipts, ledger, holds, approvals, declaration; no record and no secret.
    """
    from retention.audit import history
    from retention.audit.pack import pack
    from retention.audit.span import Span

    span, language = Span(date_of(first), date_of(last)), language_of(lang)
    evidence = frame.evidence
    if evidence is None:
        raise NotFound("there is no evidence to pack yet", mend="run a night first: `retention run`")
    asked = history.Airflow.at(airflow, airflow_user) if airflow else None
    path = out or frame.workspace.output_folder("audit") / f"audit-{span.first}-{span.last}.zip"
    packed = pack(frame.workspace, frame.bundle, evidence, span, path, books=_books(evidence), language=language, airflow=asked)
    where = frame.address(packed.path)
    frame.answer({"file": where, "seal": packed.seal, "counts": dict(packed.counts), "changed": packed.declared.others})
    frame.show(
        Text(where),
        Text("  " + ", ".join(f"{count} {name}" for name, count in packed.counts.items() if count), style="dim"),
        Text(f"Its manifest ends with {packed.seal}: write it down where nobody can change it."),
    )
    if packed.declared.others:
        frame.note("The declaration has changed since: those in force then are enclosed, each in a folder named by its hash.")
    if packed.declared.missing:
        frame.note("The files of a declaration that runs followed were not kept, and are not enclosed. The index names them.")
    if asked is None:
        frame.note("Without --airflow the history that Airflow keeps is not in it.")


def _books(evidence: Evidence) -> Books:
    """Writes our own workbook of a version in both languages."""

    def write(version: RegisterVersion, folder: Path) -> Sequence[Path]:
        from ropa.register import versions
        from ropa.register.changes import changes
        from ropa.register.editions import OWN, editions

        publication = versions.publication(evidence, version.number)
        previous = versions.before(evidence, publication)
        found = changes(previous.register, publication.register) if previous is not None else ()
        number = previous.number if previous is not None else None
        write = editions([OWN])[OWN]
        return [write(publication, language, folder, changes=found, previous=number) for language in ("fr", "en")]

    return write
