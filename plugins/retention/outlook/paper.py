"""What the two workbooks have in common: names of things, months in words, and the states of the facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retention.declare.bundle import Bundle
from retention.declare.words import Language, Text
from retention.outlook.calendar import Months
from retention.outlook.impact import StoreState
from retention.outlook.labels import LABELS
from retention.outlook.prospects import Due, When
from retention.report import reasons
from retention.typography import typeset
from retention.workbook import EDITION_BREAK, Book, Sheet, Words

_MONTHS: dict[Language, tuple[str, ...]] = {
    "fr": ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."),
    "en": ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
}
NO_MONTH: tuple[When, ...] = ("later", "open", "undecided", "waits", "never", "unjudged")


@dataclass(frozen=True)
class Paper:
    """One workbook in the making. `other` is the proposed declaration, where there is one."""

    bundle: Bundle
    book: Book
    say: Words
    other: Bundle | None = None

    @property
    def language(self) -> Language:
        return self.say.language

    def sheet(self, key: str, widths: Iterable[float], **values: object) -> Sheet:
        name, title, intro = (self.say(f"{key}.{part}", **values) for part in ("sheet", "title", "intro"))
        return self.book.sheet(name, title, intro, tuple(widths))

    def store(self, name: str) -> str:
        return self.say.of(self.bundle.store(name).declared.title)

    def category(self, name: str) -> str:
        found = next((category for category in self.bundle.policy.categories if category.id == name), None)
        return self.say.of(found.title) if found else name

    def population(self, store: str, name: str) -> str:
        """What the rows of a population are, with its name: `Facture (invoices)`."""
        kind = self.bundle.rules.kinds.get(self.bundle.store(store).declared.population(name).kind)
        return f"{self.say.of(kind)} ({name})" if kind else name

    def rule(self, rule: str | None, *, proposed: bool = False) -> str:
        """The title of a rule, as its own declaration has it."""
        rules = (self.other or self.bundle).rules if proposed else self.bundle.rules
        return reasons.rule_title(rules, rule, self.language)

    def due(self, due: Due) -> str:
        if due.month is None:
            return self.say(f"when.{due.when}")
        return self.say("when.month", month=month_name(due.month, self.language))

    def month(self, first: dt.date, months: Months) -> str:
        """A month as the head of a row; of this one only the rest is ahead."""
        name = month_name(first, self.language)
        return self.say("rest", month=name) if first == months.firsts[0] else name

    def states(self, sheet: Sheet, states: Sequence[StoreState]) -> None:
        """A remark for every store whose facts are old, or missing."""
        for state in states:
            if state.facts_old:
                key = "facts.old" if state.facts_of else "facts.none"
                date = self.say.date(state.facts_of) if state.facts_of else ""
                sheet.paragraph(self.say(key, store=self.store(state.store), date=date), "note")


def month_name(first: dt.date, language: Language) -> str:
    return typeset(f"{_MONTHS[language][first.month - 1]} {first.year}", language)


def paper(
    bundle: Bundle,
    language: Language,
    kind: str,
    as_of: dt.date,
    sets: str,
    *,
    other: Bundle | None = None,
    labels: dict[str, Text] = LABELS,
) -> Paper:
    """An empty workbook of that `kind`."""
    say = Words(labels, language)
    owner = bundle.policy.controller.name
    edition = EDITION_BREAK.join(
        [
            say("edition", owner=owner, date=say.date(as_of)),
            say("edition.more", sets=sets, hash=bundle.policy_hash[:8]),
        ]
    )
    warnings = [say("draft")] if other is not None else []
    warnings += [say("example")] if bundle.decisions.example or (other is not None and other.decisions.example) else []
    book = Book(
        language,
        title=say(f"{kind}.title"),
        subject=say(f"{kind}.subject"),
        owner=owner,
        edition=edition,
        warning=" – ".join(warnings),
    )
    return Paper(bundle, book, say, other)
