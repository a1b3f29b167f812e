"""Whether a row is named by a hold or a request, as conditions on the row.

Each is asked as membership in a set that no row changes: the database makes it once for all rows. Where a transaction has
looked which kinds of holds there are at all, while none can change, the others are not asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from sqlalchemy import ColumnElement, Connection, Select, String, and_, case, cast, exists, false, func, not_, or_, select

from retention.night.conditions import both, either, negated
from retention.stores import tables

Bool = ColumnElement[bool]
Expr = ColumnElement[Any]
# It asks for disposal, freezes but yields to a request, or freezes and yields to nothing.
Does = Literal["request", "insurance", "firm"]
Present = frozenset[tuple[str, str]]  # what a hold does, and what it names: "subject", "category", or the name of a population

INSURANCE = tables.HOLD_RANK["insurance"]


def present(connection: Connection) -> Present:
    """Which kinds of holds the store has. True for as long as its lease is locked by this transaction."""
    h = tables.hold.c
    kinds = select(h.rank, h.population, h.subject_key.is_not(None), h.category.is_not(None)).distinct()
    found: set[tuple[str, str]] = set()
    for rank, population, subject, category in connection.execute(kinds):
        does = "request" if rank >= tables.ERASURE_RANK else "insurance" if rank == INSURANCE else "firm"
        named = (population, "subject" if subject else None, "category" if category else None)
        found |= {(does, name) for name in named if name is not None}
    return frozenset(found)


class OnHold:
    """Conditions about one row: its `subject` (None where the population has none), its `records` (itself and those it hangs
    from, as population and key) and its `category`.
    """

    def __init__(
        self,
        alias: str,
        subject: Expr | None,
        records: Sequence[tuple[str, Expr]],
        category: str,
        there: Present | None,
    ) -> None:
        self.alias, self.subject, self.records, self.category, self.there = alias, subject, records, category, there

    def named(self, does: Does, populations: Sequence[str], *, subject: bool) -> Bool:
        """Whether a hold names the record of one of these populations, or the subject. Never NULL."""
        hold = tables.hold.alias(f"{self.alias}_{does}")
        found: list[Bool] = []
        if subject and self.subject is not None and self._may(does, "subject"):
            known = hold.c.subject_key.is_not(None)
            found.append(self._among(self.subject, select(hold.c.subject_key).where(_does(hold, does), known)))
        for name, key in self.records:
            if name in populations and self._may(does, name):
                keys = select(hold.c.record_key).where(_does(hold, does), hold.c.population == name)
                found.append(self._among(cast(key, String), keys))
        return either(*found)

    def frozen(self, erasure: Bool) -> Bool:
        """Whether a hold freezes the row: one that yields to nothing, or insurance where no request is granted."""
        firm, yielding = self._held("firm"), both(self._held("insurance"), negated(erasure))
        if self.there is not None:
            return either(firm, yielding)
        hold = tables.hold.alias(f"{self.alias}_any")
        any_such = exists(select(hold.c.hold_id).where(hold.c.rank < tables.ERASURE_RANK))
        return case((any_such, either(firm, yielding)), else_=false())

    def about(self) -> Bool:
        """A necessary condition of being frozen that indexes can serve. It may be NULL, and decides nothing."""
        hold = tables.hold.alias(f"{self.alias}_about")
        freezing = hold.c.rank < tables.ERASURE_RANK
        paths: list[Bool] = [exists(select(hold.c.hold_id).where(freezing, hold.c.category == self.category))]
        if not self._may_freeze("category"):
            paths.clear()
        if self.subject is not None and self._may_freeze("subject"):
            paths.append(self.subject.in_(select(hold.c.subject_key).where(freezing, hold.c.subject_key.is_not(None))))
        for name, key in self.records:
            if self._may_freeze(name):
                paths.append(cast(key, String).in_(select(hold.c.record_key).where(freezing, hold.c.population == name)))
        return either(*paths)

    def strongest(self, erasure: Bool) -> Expr:
        """The rank of the strongest hold that freezes the row. It is looked for row by row."""
        hold = tables.hold.alias(f"{self.alias}_hold")
        yields = and_(hold.c.rank == INSURANCE, erasure)
        ranks = select(func.min(hold.c.rank)).where(hold.c.rank < tables.ERASURE_RANK, self.matches(hold), not_(yields))
        return ranks.correlate_except(hold).scalar_subquery()

    def matches(self, hold: Any) -> Bool:
        """Whether a hold is about this row: its subject, itself or a record above it, or its category."""
        return or_(*self.reaches(hold))

    def reaches(self, hold: Any) -> list[Bool]:
        """The ways in which a hold may be about this row: each alone can be searched for from the hold's side."""
        reached = [and_(hold.c.population == name, hold.c.record_key == cast(key, String)) for name, key in self.records]
        reached.append(hold.c.category == self.category)
        if self.subject is not None:
            reached.append(hold.c.subject_key == self.subject)
        return reached

    def _held(self, does: Does) -> Bool:
        named = self.named(does, [name for name, _ in self.records], subject=True)
        if not self._may(does, "category"):
            return named
        hold = tables.hold.alias(f"{self.alias}_{does}_category")
        return either(exists(select(hold.c.hold_id).where(_does(hold, does), hold.c.category == self.category)), named)

    def _may_freeze(self, named: str) -> bool:
        return self._may("firm", named) or self._may("insurance", named)

    def _may(self, does: Does, named: str) -> bool:
        return self.there is None or (does, named) in self.there

    def _among(self, value: Expr, keys: Select[Any]) -> Bool:
        found: Bool = func.coalesce(value.in_(keys), false())
        return found if self.there is not None else case((exists(keys), found), else_=false())


def _does(hold: Any, does: Does) -> Bool:
    if does == "request":
        asked: Bool = hold.c.rank == tables.ERASURE_RANK
        return asked
    insurance: Bool = hold.c.rank == INSURANCE
    return insurance if does == "insurance" else and_(hold.c.rank < tables.ERASURE_RANK, hold.c.rank != INSURANCE)
