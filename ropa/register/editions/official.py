"""What the official layouts share: their words, the book they are written in, and how the model's values read there.

A value the policy does not state reads so in words: no cell of an official layout is left empty in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, TypeVar

from retention.cells import as_civil
from retention.declare.policy import NotStated
from retention.declare.words import Language, Text, period_text
from retention.typography import Words
from retention.workbook import Book, Column, Field, Kind, Marked, Value
from ropa.register.model import Activity, Basis, Names, ScheduleLine
from ropa.register.publication import Publication

T = TypeVar("T")


def both(fr: str, en: str) -> Text:
    return Text(fr=fr, en=en)


COMMON: dict[str, Text] = {
    "draft": both("PROJET – non approuvé", "DRAFT – not approved"),
    "example": both(
        "JEU DE DÉCISIONS D'EXEMPLE – sans valeur, n'engage personne", "EXAMPLE DECISION SET – of no force, binds nobody"
    ),
    "edition": both(
        "{owner} – état au {date} | version {number} – empreinte {hash} – publiée le {published}",
        "{owner} – as of {date} | version {number} – hash {hash} – published on {published}",
    ),
    "approved": both(" – approuvée par {approver} le {date}", " – approved by {approver} on {date}"),
    "not_stated": both("Non indiqué par la politique", "Not stated in the policy"),
    "silent": both("Non indiqué", "Not stated"),  # where a column is narrow
    "inferred": both("déduit, la politique ne le dit pas", "inferred, the policy does not say so"),
    "doubtful": both("douteuse", "doubtful"),
    "every": both("Toutes", "All"),
    "undecided": both("non décidé", "undecided"),
    "awaited": both("décisions attendues : {names}", "decisions awaited: {names}"),
    "none": both("Aucun", "None"),
    "no_run": both("aucune passe n'a compté", "no run has counted"),
    "verdict.yes": both("Oui", "Yes"),
    "verdict.partly": both("Oui, avec réserves", "Yes, with reservations"),
    "verdict.unknown": both("Non établi", "Not shown"),
    "verdict.no": both("Non", "No"),
    "sheet.lines": both("Lignes de la politique : {lines}", "Lines of the policy: {lines}"),
}
SILENT = ("not_stated", "silent")


@dataclass(frozen=True)
class Heading:
    """A column of an official layout: the label's key, and the attribute of the line that stands under it."""

    key: str
    attribute: str
    width: float = 12
    span: int = 1
    kind: Kind = "text"
    group: str = ""


class Says(Words):
    """The words of one edition in one language, and the model's values in these words."""

    def __init__(self, labels: dict[str, Text], language: Language) -> None:
        assert not labels.keys() & COMMON.keys(), "a label stands twice"
        super().__init__(COMMON | labels, language)

    @property
    def not_stated(self) -> str:
        return self("not_stated")

    def stated(self, value: Text | NotStated) -> str:
        return self.of(value) if isinstance(value, Text) else self.not_stated

    def texts(self, texts: Iterable[Text], none: str) -> str:
        """Texts as a list, one a line; `none` where there are none."""
        return bullets([self.of(text) for text in texts]) or none

    def listed(self, texts: Iterable[Text]) -> str:
        """Texts on one line."""
        return ("\u00a0; " if self.language == "fr" else "; ").join(self.of(text) for text in texts)

    def names(self, names: Names) -> str:
        """What a field names, one a line."""
        if names.kind == "not_stated":
            return self.not_stated
        return self.texts((item.title for item in names.items), self("none"))

    def inferred(self, text: str, inferred: bool) -> str:
        """A value, marked where it is ours and not the policy's."""
        return f"{text}\n({self('inferred')})" if inferred else text

    def bases(self, activity: Activity) -> str:
        """The legal bases, each with its article and what is to be said of it."""
        if isinstance(activity.bases, str):
            return self.not_stated
        return bullets([self._basis(basis) for basis in activity.bases]) or self.not_stated

    def _basis(self, basis: Basis) -> str:
        marks = [self(mark) for mark in ("doubtful", "inferred") if getattr(basis, mark)]
        note = [self.of(basis.note)] if basis.note else []
        return " – ".join([f"{self.of(basis.title)} ({self.of(basis.article)})", *marks, *note])

    def period(self, line: ScheduleLine) -> str:
        """How long under a line of the schedule: what has been decided, or that nothing has."""
        length = [period_text(line.months, self.language)] if line.months is not None else []
        if line.awaited:
            length = [*length, self("undecided"), f"({self('awaited', names=', '.join(line.awaited))})"]
        return typeset_join([*length, self.of(line.criterion)], length)

    def limits(self, lines: Iterable[ScheduleLine]) -> str:
        """Lines of the schedule with their terms, one a line."""
        return bullets([f"{self.of(line.title)}{self.colon}{self.period(line)}" for line in lines])

    def reasons(self, activity: Activity) -> list[str]:
        """Why an activity is not in order, or what is to be said of it; each category for itself where there are several."""
        told = [found for found in activity.found if found.finding.why]
        if len(activity.found) < 2 or not told:
            return [self.of(text) for text in activity.why] or [self("none")]
        return [
            f"{self.of(found.category.title)}{self.colon}{' – '.join(self.of(text) for text in found.finding.why)}"
            for found in told
        ]


def typeset_join(parts: Sequence[str], length: Sequence[str]) -> str:
    """`25 mois – Échu 25 mois après …`: the length, and then the sentence it is taken from."""
    return " – ".join([" ".join(length), parts[-1]]) if length else parts[-1]


def bullets(texts: Sequence[str]) -> str:
    """One text as it is; several as a list, one a line."""
    if len(texts) == 1:
        return texts[0]
    return "\n".join(f"• {text}" for text in texts)


def warning(publication: Publication, says: Says) -> str:
    """What a draft says on every page; nothing on what has been approved."""
    if not publication.draft:
        return ""
    example = [says("example")] if publication.register.grounding.example else []
    return " – ".join([says("draft"), *example])


def book(publication: Publication, says: Says, *, title: str) -> Book:
    """The book an edition is written in."""
    register, owner = publication.register, publication.register.controller.name
    edition = says(
        "edition",
        owner=owner,
        date=says.date(register.as_of),
        number=publication.number,
        hash=publication.content_hash[:12],
        published=says.date(as_civil(publication.published_at).date()),
    )
    if publication.approval and not publication.draft:
        approval = publication.approval
        edition += says("approved", approver=approval.approver, date=says.date(as_civil(approval.at).date()))
    return Book(
        says.language, title=title, subject=says.of(register.title), owner=owner, edition=edition,
        warning=warning(publication, says),
    )  # fmt: skip


def fields(says: Says, headings: Sequence[Heading]) -> tuple[Field[Any], ...]:
    """The columns of a table, each with the attribute it says."""
    return tuple(
        Field(
            Column(says(h.key), h.width, h.kind, says(h.group) if h.group else "", h.span),
            _marked(says, attrgetter(h.attribute)),
        )
        for h in headings
    )


def _marked(says: Says, of: Callable[[Any], Value]) -> Callable[[Any], Value]:
    """Silence and what nobody has decided stand out."""
    return lambda item: marked(says, of(item))


def marked(says: Says, value: Value) -> Value:
    """A value with the tone of its words."""
    if not isinstance(value, str):
        return value
    if value in [says(key) for key in SILENT]:
        return Marked(value, "warn")
    return Marked(value, "note") if any(says(key) in value for key in (*SILENT, "undecided")) else value


def file_name(names: dict[Language, str], publication: Publication, language: Language, suffix: str) -> str:
    """`registre-cnil-2026-11-25.ods`."""
    return f"{names[language]}-{publication.register.as_of.isoformat()}.{suffix}"
