"""What an explanation says, as data classes: the border between it and whoever prints it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from retention.evidence.records import Disposition, Receipt

RuleOutcome = Literal["keeps", "due", "done", "undecided"]


@dataclass(frozen=True)
class Clause:
    """What the policy says, and on which lines."""

    statement: str
    title: str
    lines: str
    quotes: tuple[str, ...]


@dataclass(frozen=True)
class Ground:
    """An operator's decision a rule rests on. `value` is None while nobody has decided; `awaited` then says what is missing."""

    decision: str
    question: str
    value: str | None
    source: str | None
    approver: str | None
    checked_on: dt.date | None
    review_by: dt.date | None
    awaited: str | None


@dataclass(frozen=True)
class RuleSays:
    """One rule that applies to the record. `done` is due and carried out already."""

    rule: str
    title: str
    outcome: RuleOutcome
    action: str
    anchor: str
    anchor_title: str
    anchor_date: dt.date | None
    open_ended: bool  # the anchor is the end of a contract that has none
    period: str | None
    last_day: dt.date | None
    clauses: tuple[Clause, ...]
    law: str | None
    decisions: tuple[Ground, ...]

    @property
    def due_on(self) -> dt.date | None:
        """The first day on which the rule lets go of the record."""
        return self.last_day + dt.timedelta(days=1) if self.last_day else None


@dataclass(frozen=True)
class HoldOn:
    """A hold or an erasure request that reaches the record. `delivered`: the store knows of it already."""

    hold_id: str
    kind: str
    title: str
    reference: str
    review_by: dt.date
    delivered: bool


@dataclass(frozen=True)
class Judged:
    """What a night would tell a record now."""

    disposition: Disposition
    reason: str
    rule: str | None
    action: str | None
    overdue: bool = False  # due, and lawfully frozen


@dataclass(frozen=True)
class Children:
    """Records that refer to this one and were told the same."""

    population: str
    disposition: Disposition
    reason: str
    why: str
    rows: int


@dataclass(frozen=True)
class Explanation:
    """Everything there is to say about one record. `judged` is None where it is gone: its receipts then say when and why."""

    store: str
    population: str
    record_key: str
    as_of: dt.date
    judged: Judged | None
    why: str
    rule: RuleSays | None  # the rule that decided
    rules: tuple[RuleSays, ...]
    holds: tuple[HoldOn, ...]
    children: tuple[Children, ...]
    receipts: tuple[Receipt, ...]
    notes: tuple[str, ...]

    @property
    def exists(self) -> bool:
        return self.judged is not None
