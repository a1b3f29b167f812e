"""What every sheet needs: the publication, the language, and how the parts of the model are put into a cell."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from openpyxl.utils import quote_sheetname

from retention.declare.words import Text
from retention.workbook import Marked, Value, Words
from ropa.register.changes import Change
from ropa.register.model import NOT_STATED, Citation, Named, Names, Register
from ropa.register.publication import Publication


@dataclass(frozen=True)
class Edition:
    """One publication in one language. `previous` is the number of the publication that `changes` start from."""

    publication: Publication
    content_hash: str
    say: Words
    changes: tuple[Change, ...] = ()
    previous: str | None = None

    @property
    def register(self) -> Register:
        return self.publication.register

    @property
    def warning(self) -> str:
        """What must stand on every page: that this is a draft, that its decisions are examples; else nothing."""
        publication, say = self.publication, self.say
        words = []
        if publication.draft:
            words.append(say("draft" if publication.approval is None else "draft.approved"))
        if self.register.grounding.example:
            words.append(say("example"))
        return " – ".join(words)

    # parts of the model in a cell

    @property
    def not_stated(self) -> Marked:
        return Marked(self.say("not_stated"), "warn")

    def text(self, value: Text | str | None) -> Value:
        """A text; `not stated` as such, None as a dash."""
        if value == NOT_STATED:
            return self.not_stated
        return self.say.of(value) if isinstance(value, Text) else value

    def names(self, names: Names, *, none: str = "none", every: str | None = None) -> Value:
        """What a field names, one to a line; of `all`, the words `every` or else each of them."""
        if names.kind == "not_stated":
            return self.not_stated
        if names.kind == "all" and every is not None:
            return self.say(every)
        return self.titles(names.items) or self.say(none)

    def titles(self, named: Iterable[Named]) -> str | None:
        """Titles, one to a line; None where there are none."""
        return bullets(self.say.of(each.title) for each in named) or None

    def quoted(self, words: str) -> str:
        return f"«\u00a0{words}\u00a0»" if self.say.language == "fr" else f"“{words}”"

    @property
    def semicolon(self) -> str:
        return "\u00a0; " if self.say.language == "fr" else "; "

    def cited(self, citations: Iterable[Citation]) -> str:
        """Lines and words of citations, one to a line."""
        return "\n".join(f"{cite.lines}{self.say.colon}{self.quoted(cite.quote)}" for cite in citations)

    def link(self, key: str) -> str:
        """The address of the sheet `key`."""
        return f"{quote_sheetname(self.say(f'{key}.sheet'))}!A1"


def bullets(lines: Iterable[str]) -> str:
    """One to a line; a dot before each where there are several."""
    known = [line for line in lines if line]
    return known[0] if len(known) == 1 else "\n".join(f"• {line}" for line in known)
