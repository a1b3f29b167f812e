"""Whether every store is in order, from the evidence alone: what its last run left due, held, quarantined or undecided."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from retention.declare.bundle import Bundle
from retention.declare.mapped import MappedStore
from retention.declare.words import CATEGORIES, Category, Text
from retention.evidence.database import Evidence
from retention.evidence.figures import NightFigures, Overdue, figures_of, last_nights, oldest
from retention.evidence.records import Run, ScanLine

LATE_DAYS = 2  # a nightly run that is this many days behind is not nightly any more
_UNDECIDED = ("undecided", "no_criterion")

Trouble = Literal["never", "failed", "unfinished", "waiting", "rehearsed", "late", "overdue"]
_LAST_RUN: dict[str, Trouble] = {"failed": "failed", "running": "unfinished", "waiting": "waiting", "rehearsal": "rehearsed"}


@dataclass(frozen=True)
class Problem:
    """Why a store is not in order. `number`: days without a run, or records overdue."""

    trouble: Trouble
    number: int = 0

    def __str__(self) -> str:
        if self.trouble == "overdue":
            return f"{self.number} record{'s' if self.number != 1 else ''} overdue"
        return f"no run for {self.number} days" if self.trouble == "late" else _WORDS[self.trouble]


_WORDS = {
    "never": "never run",
    "failed": "the last run failed",
    "unfinished": "the last run did not finish",
    "waiting": "the last run waits for approval",
    "rehearsed": "only ever rehearsed",
}


@dataclass(frozen=True)
class CategoryStatus:
    """One category of data in one store, as its last run left it."""

    category: Category
    records: int
    due: int  # what that run found due, before it disposed of anything
    overdue: Overdue
    held: int
    frozen: Overdue  # of the held: those that would be due
    quarantined: int
    undecided: int


@dataclass(frozen=True)
class StoreStatus:
    """One store. `problems` is empty when it is in order."""

    store: str
    title: Text
    last: Run | None
    counted: Run | None  # the run whose figures these are
    categories: tuple[CategoryStatus, ...]
    problems: tuple[Problem, ...]

    @property
    def overdue(self) -> Overdue:
        return oldest(category.overdue for category in self.categories)


@dataclass(frozen=True)
class Status:
    """All stores on a day."""

    as_of: dt.date
    stores: tuple[StoreStatus, ...]

    @property
    def overdue(self) -> Overdue:
        return oldest(store.overdue for store in self.stores)

    @property
    def in_order(self) -> bool:
        return not any(store.problems for store in self.stores)


def status(bundle: Bundle, evidence: Evidence | None, as_of: dt.date) -> Status:
    """What is known on a day. Without evidence no store has ever been run."""
    stores = list(bundle.stores.values())
    publisher = bundle.publisher()
    stores.sort(key=lambda store: (publisher is None or store.name != publisher.name, store.name))
    return Status(as_of, tuple(_store(evidence, store, as_of) for store in stores))


def _store(evidence: Evidence | None, store: MappedStore, as_of: dt.date) -> StoreStatus:
    night = last_nights(evidence, [store.name], as_of)[store.name]
    figures = night.figures
    if evidence is not None and night.last is not None and (figures is None or night.last != figures.run):
        newest = figures_of(evidence, night.last)  # also of a run that failed, if it got as far as counting
        figures = newest if newest.latest else figures
    declared = {population.category for population in store.declared.populations}
    categories = tuple(_category(figures, category) for category in CATEGORIES if category in declared)
    problems = tuple(_problems(night.last, categories, as_of))
    counted = figures.run if figures is not None else None
    return StoreStatus(store.name, store.declared.title, night.last, counted, categories, problems)


def _category(figures: NightFigures | None, category: Category) -> CategoryStatus:
    def about(line: ScanLine) -> bool:
        return line.category == category

    if figures is None:
        nothing = Overdue(0, None)
        return CategoryStatus(category, 0, 0, nothing, 0, nothing, 0, 0)
    lines = [line for line in figures.latest if about(line)]
    return CategoryStatus(
        category=category,
        records=sum(line.rows for line in lines),
        due=_rows([line for line in figures.before if about(line)], "due"),
        overdue=figures.overdue(about),
        held=_rows(lines, "held"),
        frozen=figures.frozen(about),
        quarantined=_rows(lines, "quarantine"),
        undecided=sum(line.rows for line in lines if line.disposition == "keep" and line.reason in _UNDECIDED),
    )


def _rows(lines: list[ScanLine], disposition: str) -> int:
    return sum(line.rows for line in lines if line.disposition == disposition)


def _problems(last: Run | None, categories: tuple[CategoryStatus, ...], as_of: dt.date) -> Iterator[Problem]:
    if last is None:
        yield Problem("never")
        return
    if last.status in _LAST_RUN:
        yield Problem(_LAST_RUN[last.status])
    late = (as_of - last.as_of).days
    if late > LATE_DAYS:
        yield Problem("late", late)
    overdue = sum(category.overdue.rows for category in categories)
    if overdue:
        yield Problem("overdue", overdue)
