"""Records that a store holds or has set aside, one by one and by opaque reference, read from the store as they come."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, Connection, String, cast, literal_column, null, or_
from sqlalchemy import case as sql_case

from retention.dates import paris_date
from retention.declare.bundle import Bundle
from retention.evidence.records import Hold
from retention.explain.reader import Reader, judge_row
from retention.night.verdicts import Compiled
from retention.stores import tables
from retention.stores.dialects.sqlite import spare_memory
from retention.stores.inspect import sound_populations
from retention.workspace import Workspace

ROWS_AT_ONCE = 2_000


@dataclass(frozen=True)
class Apart:
    """A record that is neither kept for a reason of its own nor due: held, or in quarantine.

    `since` and `review_by`, of a held record: the day on which the first hold of that kind on it was placed, and the first day
    by which one of them is to be looked at again. None where the evidence does not know the hold.
    """

    store: str
    population: str
    record: str
    disposition: Literal["held", "quarantine"]
    rule: str | None
    reason: str
    hold_kind: str | None
    overdue: bool
    since: dt.date | None
    review_by: dt.date | None


def records_apart(workspace: Workspace, bundle: Bundle, store: str, as_of: dt.date, holds: Iterable[Hold]) -> Iterator[Apart]:
    """Every such record of a store, all of them at one moment, in the order in which the store gives them.

    One pass over each table, as a scan is. `holds`: those in force. Raises StoreError where the store cannot be read.
    """
    known = _Holds(holds, store)
    with Reader(workspace, bundle, store, as_of) as reader, reader.session.reading("listing what is held") as connection:
        spare_memory(connection)
        sound = sound_populations(connection, reader.store)
        for population in reader.store.declared.populations:
            yield from _of_population(connection, reader.compile(population.name, sound=sound), store, known)


def _of_population(connection: Connection, compiled: Compiled, store: str, known: _Holds) -> Iterator[Apart]:
    codes = [verdict.code for verdict in compiled.verdicts if verdict.disposition == "quarantine"]
    unreadable: list[ColumnElement[int]] = [literal_column(str(code)) for code in codes]
    records = [
        (name, cast(key, String).label(f"record_{number}")) for number, (name, key) in enumerate(compiled.on_hold.records)
    ]
    subject = compiled.on_hold.subject
    query = compiled.select(
        compiled.code.label("code"),
        compiled.freeze.label("freeze"),
        sql_case((compiled.requested, 1), else_=0).label("requested"),
        (null() if subject is None else subject).label("subject"),
        *(key for _, key in records),
    ).where(or_(compiled.code.in_(unreadable), compiled.frozen))
    name, category = compiled.population.name, compiled.population.category
    for code, freeze, requested, whose, *keys in connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
        verdict = compiled.verdicts[code - 1]
        judged = judge_row(verdict, freeze, both=bool(requested))
        hold_kind = tables.HOLD_BY_RANK.get(freeze) if judged.disposition == "held" else None
        named = zip((population for population, _ in records), keys, strict=True)
        since, review_by = known.of(hold_kind, whose, list(named), category) if hold_kind else (None, None)
        disposition: Literal["held", "quarantine"] = "held" if hold_kind else "quarantine"
        late = hold_kind is not None and (judged.overdue or verdict.reason == "child_kept")  # as the scan counts it
        yield Apart(store, name, str(keys[0]), disposition, judged.rule, judged.reason, hold_kind, late, since, review_by)


Named = tuple[str, str]  # kind of a hold, and what it names


class _Holds:
    """Holds in force by what they name: when the first was placed, when the first is to be reviewed."""

    def __init__(self, holds: Iterable[Hold], store: str) -> None:
        self._subjects: dict[Named, list[Hold]] = defaultdict(list)
        self._categories: dict[Named, list[Hold]] = defaultdict(list)
        self._records: dict[tuple[str, str, str], list[Hold]] = defaultdict(list)
        for hold in holds:
            if hold.subject_key:
                self._subjects[hold.kind, hold.subject_key].append(hold)
            elif hold.category:
                self._categories[hold.kind, hold.category].append(hold)
            elif hold.store == store and hold.population and hold.record_key:
                self._records[hold.kind, hold.population, hold.record_key].append(hold)

    def of(
        self, kind: str, subject: object, records: Iterable[tuple[str, object]], category: str
    ) -> tuple[dt.date | None, dt.date | None]:
        """Of the holds of a kind on a record: the first day one was placed, and the first review."""
        found = [*self._subjects.get((kind, str(subject)), ()), *self._categories.get((kind, category), ())]
        for population, key in records:
            found += self._records.get((kind, population, str(key)), ())
        if not found:
            return None, None
        placed = min(hold.placed_at for hold in found)
        return paris_date(placed.replace(tzinfo=dt.UTC)), min(hold.review_by for hold in found)
