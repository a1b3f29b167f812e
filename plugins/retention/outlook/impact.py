"""What another declaration would dispose of, release or keep: every record judged under both, counted by outcome and month."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from retention.declare.bundle import Bundle
from retention.declare.words import Category
from retention.explain.reader import Reader
from retention.outlook.calendar import Months
from retention.outlook.change import Difference, differences, missing
from retention.outlook.groups import Declared, Group, Pass, under
from retention.outlook.prospects import Due, Outlook, Prospect
from retention.resolve import Asked, children_of, resolve
from retention.workspace import Workspace

# Due at once though not before; due before and no longer; due later than before, or never; due earlier; due as before but
# something else is done; as before; cannot be judged.
Change = Literal["dispose", "release", "longer", "sooner", "otherwise", "same", "unjudged"]
CHANGES: tuple[Change, ...] = ("dispose", "release", "sooner", "longer", "otherwise", "same", "unjudged")
EXAMPLES = 3
MONTHS = 36


@dataclass(frozen=True)
class Outcome:
    """What one declaration says of some records. `action` where they are due."""

    disposition: str
    reason: str
    rule: str | None
    action: str | None
    due: Due


@dataclass(frozen=True)
class ImpactLine:
    """Records of one population of which both declarations say the same. `frozen`: a hold keeps them under either."""

    store: str
    population: str
    category: Category
    change: Change
    before: Outcome
    after: Outcome
    frozen: bool
    rows: int


@dataclass(frozen=True)
class Example:
    """One record by its opaque reference, `store:population:key`."""

    reference: str
    change: Change
    category: Category
    before: Outcome
    after: Outcome
    frozen: bool


@dataclass(frozen=True)
class StoreState:
    """What the figures of a store rest on: the day of its facts of data subjects (None: it never got any)."""

    store: str
    facts_of: dt.date | None
    facts_old: bool


@dataclass(frozen=True)
class Impact:
    """Two declarations beside each other, on the records as they are."""

    as_of: dt.date
    months: Months
    before: str  # names of the decision sets
    after: str
    differences: tuple[Difference, ...]
    missing: tuple[str, ...]  # decisions that the proposed set leaves out
    lines: tuple[ImpactLine, ...]
    examples: tuple[Example, ...]
    unchanged: tuple[tuple[str, str, Category, int], ...]  # store, population, category, records: judged alike, so only counted
    stores: tuple[StoreState, ...]

    @property
    def changes_nothing(self) -> bool:
        """Whether both declarations ask the same of every population."""
        return not self.lines

    def rows(self, *changes: Change, frozen: bool | None = None) -> int:
        return sum(line.rows for line in self.lines if line.change in changes and frozen in (None, line.frozen))


def impact(
    workspace: Workspace,
    before: Bundle,
    after: Bundle,
    as_of: dt.date,
    *,
    stores: Sequence[str] = (),
    months: int = MONTHS,
    called: str | None = None,
) -> Impact:
    """Judges the records of these stores (default: all) under two declarations. Reads, and changes nothing.

    `called`: what the proposed set is to be called, if not by its own name, which a draft has in common with its origin.

    Raises StoreError where a store cannot be read or was never prepared.
    """
    ahead = Months(as_of, months)
    lines: list[ImpactLine] = []
    examples: list[Example] = []
    unchanged: list[tuple[str, str, Category, int]] = []
    states: list[StoreState] = []
    for store in stores or before.stores:
        with Reader(workspace, before, store, as_of) as reader, reader.session.reading("judging under both") as connection:
            both = (reader.asked, _asked(reader, after))
            states.append(
                StoreState(store, reader.facts_of, reader.facts_old and any(a.needs_facts for a in reader.asked.values()))
            )
            everything = Pass(reader, connection, both, ahead)
            for population in reader.store.declared.populations:
                if _same(population.name, both):
                    unchanged.append((store, population.name, population.category, everything.count(population.name)))
                    continue
                found = list(_judged(store, population.name, everything, both, ahead))
                lines += _merged(line for line, _ in found)
                examples += _examples(found)
    return Impact(
        as_of, ahead, before.decisions.set, called or after.decisions.set, differences(before, after), missing(after),
        tuple(lines), tuple(examples), tuple(unchanged), tuple(states),
    )  # fmt: skip


def _asked(reader: Reader, bundle: Bundle) -> dict[str, Asked]:
    """What another declaration asks of the reader's store, its detached partitions included."""
    asked = resolve(bundle, reader.store, reader.as_of)
    return {name: replace(one, store=reader.asked[name].store) for name, one in asked.items()}


def _same(population: str, both: Sequence[Declared]) -> bool:
    """Whether both ask the same of a population and of everything that hangs from it, which its own verdict waits for."""
    one, other = (declared[population] for declared in both)
    below = children_of(one.store, one.population)
    return one == other and all(_same(child.name, both) for child in below)


Found = tuple[ImpactLine, str | None]


def _judged(store: str, population: str, all_: Pass, both: Sequence[Declared], months: Months) -> Iterator[Found]:
    outlooks = [Outlook(declared[population], months) for declared in both]
    declared = both[0][population].population
    for group in all_.groups(population):
        before, after = (_outcome(o.prospect(group.verdicts[n], under(group.row, n))) for n, o in enumerate(outlooks))
        change = change_of(before, after)
        yield (
            ImpactLine(store, population, declared.category, change, before, after, _frozen(group), group.rows),
            group.example,
        )


def _frozen(group: Group) -> bool:
    """Whether a hold keeps the rows, which it does whatever else is said of them, save where they cannot be read."""
    return group.frozen and all(verdict.disposition != "quarantine" for verdict in group.verdicts)


def _outcome(said: Prospect) -> Outcome:
    verdict = said.verdict
    action = verdict.action.value if verdict.disposition == "due" and verdict.action else None
    return Outcome(verdict.disposition, verdict.reason, said.rule, action, said.due)


def change_of(before: Outcome, after: Outcome) -> Change:
    """What the second declaration changes."""
    if "unjudged" in (before.due.when, after.due.when):
        return "unjudged"
    due = before.due.when == "due", after.due.when == "due"
    if due == (True, True):
        return "same" if before.action == after.action else "otherwise"
    if due[0] != due[1]:
        return "dispose" if due[1] else "release"
    earlier, later = _rank(before.due), _rank(after.due)
    return "same" if earlier == later else "longer" if later > earlier else "sooner"


def _rank(due: Due) -> tuple[int, dt.date]:
    """Later is greater; what has no date comes after everything that has one."""
    if due.month is not None:
        return (0, due.month)
    return (1 if due.when == "later" else 2, dt.date.max)


def _merged(lines: Iterable[ImpactLine]) -> list[ImpactLine]:
    rows: Counter[ImpactLine] = Counter()
    for line in lines:
        rows[replace(line, rows=0)] += line.rows
    return [replace(line, rows=number) for line, number in rows.items()]


def _examples(found: Iterable[Found]) -> Iterator[Example]:
    """A few records of each change that is one, the most numerous outcomes first."""
    taken: Counter[Change] = Counter()
    for line, key in sorted(found, key=lambda one: -one[0].rows):
        if key is not None and line.change not in ("same", "unjudged") and taken[line.change] < EXAMPLES:
            taken[line.change] += 1
            reference = f"{line.store}:{line.population}:{key}"
            yield Example(reference, line.change, line.category, line.before, line.after, line.frozen)
