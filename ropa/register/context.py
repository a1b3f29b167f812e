"""What every sheet of the register needs: the declaration, the evidence, the language, and how declared things are named."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from retention.declare.bundle import Bundle
from retention.declare.decisions import DateDecision, Decision, ElementsDecision, PeriodDecision
from retention.declare.policy import NOT_STATED, lines_of
from retention.declare.words import CATEGORIES, Cite, Language, Text, period_text
from retention.evidence.figures import LastNight
from retention.workbook import Book, Marked, Sheet, Value, Words


@dataclass(frozen=True)
class Register:
    """One edition of the register."""

    bundle: Bundle
    nights: Mapping[str, LastNight]
    as_of: dt.date
    book: Book
    say: Words

    @property
    def language(self) -> Language:
        return self.say.language

    def sheet(self, key: str, widths: Iterable[float]) -> Sheet:
        """The sheet `key` with its title and introduction."""
        return self.book.sheet(self.say(f"{key}.sheet"), self.say(f"{key}.title"), self.say(f"{key}.intro"), tuple(widths))

    # naming declared things

    @property
    def not_stated(self) -> Marked:
        return Marked(self.say("not_stated"), "warn")

    def text(self, value: Text | str | None) -> Value:
        """A declared text; `not stated` as such, None as a dash."""
        if value is None or value == NOT_STATED:
            return None if value is None else self.not_stated
        return self.say.of(value) if isinstance(value, Text) else value

    def listed(self, names: tuple[str, ...] | str, titles: Mapping[str, Text], *, none: str = "none") -> Value:
        """What a field of the declaration names, one to a line."""
        if names == NOT_STATED:
            return self.not_stated
        if isinstance(names, str):
            return self.say("all")
        return bullets(self.say.of(titles[name]) for name in names) if names else self.say(none)

    @property
    def category_titles(self) -> dict[str, Text]:
        return {category.id: category.title for category in self.bundle.policy.categories}

    def categories(self, names: tuple[str, ...] | str) -> Value:
        """Categories of data; all four of them as "all"."""
        if isinstance(names, tuple) and set(names) == set(CATEGORIES):
            return self.say("all")
        return self.listed(names, self.category_titles)

    def statement_titles(self) -> dict[str, Text]:
        return {statement.id: statement.title for statement in self.bundle.policy.statements()}

    def article(self, reference: str) -> str:
        """`art. 6(1)(b)`, in French `art. 6.1.b`."""
        return re.sub(r"\((\w+)\)", r".\1", reference) if self.language == "fr" else reference

    def quoted(self, words: str) -> str:
        return f"«\u00a0{words}\u00a0»" if self.language == "fr" else f"“{words}”"

    def citation(self, cites: Iterable[Cite]) -> str:
        """Lines and words of citations, one to a line."""
        return "\n".join(f"{cite.label}{self.say.colon}{self.quoted(cite.quote)}" for cite in cites)

    def lines(self, cites: Iterable[Cite]) -> str:
        return lines_of(tuple(cites))

    def anchor(self, name: str) -> str:
        text = self.bundle.rules.anchors.get(name)
        return self.say.of(text) if text else name

    def decided(self, decision: Decision) -> str:
        """A decision's value in words."""
        value = decision.value
        if isinstance(decision, PeriodDecision) and decision.value is not None:
            return period_text(decision.value, self.language)
        if isinstance(decision, DateDecision) and decision.value is not None:
            return self.say("until", date=self.say.date(decision.value))
        if isinstance(decision, ElementsDecision) and decision.value is not None:
            titles = self.bundle.policy.elements()
            return ", ".join(self.say.of(titles[name]) if name in titles else name for name in decision.value)
        if decision.kind == "day_of_year":
            return self.day_of_year(str(value))
        if value in ("yes", "no"):
            return self.say(str(value))
        return self.anchor(value) if isinstance(value, str) else str(value)

    def day_of_year(self, month_day: str) -> str:
        month, day = month_day.split("-")
        return f"{day}/{month}" if self.language == "fr" else dt.date(2023, int(month), int(day)).strftime("%d %B").lstrip("0")

    def overdue_for_review(self, decision: Decision) -> bool:
        return decision.review_by is not None and decision.review_by < self.as_of


def bullets(lines: Iterable[str]) -> str:
    """One to a line; a dot before each where there are several."""
    known = [line for line in lines if line]
    return known[0] if len(known) == 1 else "\n".join(f"• {line}" for line in known)
