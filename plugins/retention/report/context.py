"""What every sheet of the report needs: the nights it is about, the declaration, the language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from retention.dates import OPEN_END
from retention.declare.bundle import Bundle
from retention.declare.words import Language
from retention.evidence.database import Evidence
from retention.evidence.figures import NightFigures
from retention.evidence.records import ScanLine
from retention.longtable import LongTable
from retention.report import reasons
from retention.workbook import Book, Column, Sheet, Words


@dataclass(frozen=True)
class Report:
    """One edition of the report: the last of the given runs of each store."""

    bundle: Bundle
    evidence: Evidence
    nights: Mapping[str, NightFigures]
    as_of: dt.date
    book: Book
    say: Words

    @property
    def language(self) -> Language:
        return self.say.language

    @property
    def rehearsal(self) -> bool:
        """Whether nothing was meant to be disposed of in any of the runs."""
        return all(night.run.status == "rehearsal" for night in self.nights.values())

    def sheet(self, key: str, widths: Iterable[float]) -> Sheet:
        return self.book.sheet(self.say(f"{key}.sheet"), self.say(f"{key}.title"), self.say(f"{key}.intro"), tuple(widths))

    def long(self, key: str, columns: Sequence[Column], *, blank: str = "–") -> LongTable:
        """A table of any length on a sheet of its own, or on several."""
        widths = tuple(column.width for column in columns)

        def sheet_of(number: int) -> Sheet:
            name = self.say(f"{key}.sheet") + (f" ({number})" if number > 1 else "")
            return self.book.sheet(name, self.say(f"{key}.title"), self.say(f"{key}.intro"), widths)

        return LongTable(self.book, sheet_of, columns, blank=blank)

    def store(self, name: str) -> str:
        """The title of a store; of one that is no longer declared, its name."""
        mapped = self.bundle.stores.get(name)
        return self.say.of(mapped.declared.title) if mapped else name

    def category(self, name: str) -> str:
        found = next((category for category in self.bundle.policy.categories if category.id == name), None)
        return self.say.of(found.title) if found else name

    def population(self, store: str, name: str) -> str:
        """What the rows of a population are, with its name: `Facture (invoices)`."""
        mapped = self.bundle.stores.get(store)
        declared = next((p for p in mapped.declared.populations if p.name == name), None) if mapped else None
        kind = self.bundle.rules.kinds.get(declared.kind) if declared else None
        return f"{self.say.of(kind)} ({name})" if kind else name

    def category_of(self, store: str, population: str) -> str | None:
        mapped = self.bundle.stores.get(store)
        return next((p.category for p in mapped.declared.populations if p.name == population), None) if mapped else None

    def rule(self, rule_id: str | None) -> str:
        return reasons.rule_title(self.bundle.rules, rule_id, self.language)

    def reason(self, code: str) -> str:
        return reasons.reason(code, self.language)

    def day(self, day: dt.date | None) -> dt.date | str | None:
        """An anchor's date; a contract without an end is said to have none."""
        return self.say("open_end") if day == OPEN_END else day

    def lines(self, *, latest: bool = False) -> Iterable[tuple[str, ScanLine]]:
        """Store and line of every scan before disposal, or of the last scan each run got to."""
        for store, night in self.nights.items():
            yield from ((store, line) for line in (night.latest if latest else night.before))

    def rows(self, *codes: str) -> int:
        """Rows that the last scans left with one of these reasons."""
        return sum(line.rows for _, line in self.lines(latest=True) if line.reason in codes)
