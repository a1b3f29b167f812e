"""A store opened for reading, its records named and judged as a night would judge them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from zoneinfo import ZoneInfo

from sqlalchemy import inspect, select

from retention import clock
from retention.declare.bundle import Bundle
from retention.declare.stores import Population
from retention.errors import StoreError
from retention.explain.answer import Judged
from retention.night.verdicts import Compiled, Setting, Verdict
from retention.resolve import Asked, resolve
from retention.stores import partitions, tables
from retention.stores.keys import typed
from retention.stores.places import placed
from retention.stores.session import open_store
from retention.workspace import Workspace


class Reader:
    """A store as a night of `as_of` would judge it, opened for reading only."""

    def __init__(self, workspace: Workspace, bundle: Bundle, store: str, as_of: dt.date) -> None:
        url = workspace.store_url(store)
        self.store = placed(bundle.store(store), url)
        self.session = open_store(self.store, url)
        self.as_of, self.horizon = as_of, max(as_of, clock.today())
        self.asked: dict[str, Asked] = resolve(bundle, self.store, as_of)
        self.limits = bundle.decisions.limits
        self.zone = ZoneInfo(self.store.declared.timezone)

    def __enter__(self) -> Reader:
        with self.session.reading("looking at the store") as connection:
            ready = inspect(connection).has_table(tables.fact_state.name)
            self.facts_of: dt.date | None = connection.execute(select(tables.fact_state.c.as_of)).scalar() if ready else None
            detached = partitions.detached(connection)
        if not ready:
            self.session.close()
            raise StoreError(
                f"store {self.store.name} has never been prepared, so nothing can be said about its records",
                mend=f"rehearse a night first, which disposes of nothing: `retention plan --store {self.store.name}`",
            )
        if detached:  # their rows are there until they are dropped
            seen = partitions.seeing_detached(self.store, detached)
            self.asked = {name: replace(asked, store=seen) for name, asked in self.asked.items()}
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self.session.close()

    @property
    def facts_age(self) -> int | None:
        """Days since the store's facts of data subjects were brought up to date; None where it never got any."""
        return (self.horizon - self.facts_of).days if self.facts_of else None

    @property
    def facts_old(self) -> bool:
        return self.facts_age is None or self.facts_age > self.limits.fact_age_days

    def compile(self, population: str, *, sound: frozenset[str] = frozenset()) -> Compiled:
        """Judged on the facts at hand, however old: a night would refresh them first. Without any, a record is kept.

        `sound`: populations that cannot have lost a parent, where somebody has looked.
        """
        setting = Setting(self.as_of, self.horizon, self.facts_of is None, self.session.dialect, sound)
        return Compiled(population, self.asked, setting)

    def judge(self, population: str, keys: Sequence[str]) -> dict[str, Judged]:
        """The verdicts of those of these records that exist."""
        compiled, found = self.compile(population), {}
        with self.session.reading("judging records") as connection:
            for start in range(0, len(keys), 500):
                wanted = [typed(compiled.population, key) for key in keys[start : start + 500]]
                columns = (compiled.rows.c.record_key, compiled.code, compiled.freeze)
                query = compiled.select(*columns).where(compiled.rows.c.record_key.in_(wanted))
                for record, code, freeze in connection.execute(query):
                    found[str(record)] = judge_row(compiled.verdicts[code - 1], freeze)
        return found


def named(populations: Sequence[Population], record: str) -> tuple[tuple[Population, ...], str]:
    """The populations meant by `population:key` or a bare key, and the key."""
    name, colon, rest = record.partition(":")
    chosen = tuple(population for population in populations if colon and population.name == name)
    return (chosen, rest) if chosen else (tuple(populations), record)


def judge_row(verdict: Verdict, freeze: int, *, both: bool = False) -> Judged:
    """A verdict under the hold that freezes its row, as the scan would count it."""
    kind = tables.HOLD_BY_RANK.get(freeze)
    action = verdict.action.value if verdict.action and verdict.disposition == "due" else None
    if kind is None or verdict.disposition == "quarantine":
        return Judged(verdict.disposition, verdict.reason, verdict.rule, action)
    reason = "restriction_and_erasure" if kind == "restriction" and both else "hold"
    return Judged("held", reason, verdict.rule, action, overdue=verdict.disposition == "due")
