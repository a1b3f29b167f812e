"""How many records fall due in each of the months to come, and how the stores shrink or grow meanwhile."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from retention import dates
from retention.declare.bundle import Bundle
from retention.declare.stores import Population
from retention.declare.words import Category
from retention.explain.reader import Reader
from retention.outlook.calendar import Months
from retention.outlook.groups import Group, Pass, under
from retention.outlook.impact import StoreState
from retention.outlook.prospects import Due, Outlook
from retention.workspace import Workspace

MONTHS = 24
PACE_MONTHS = 12  # how many whole months before this one the pace of new records is taken from


@dataclass(frozen=True)
class ForecastLine:
    """Records of one population that fall due, and leave the store, alike.

    `due`: when they first fall due, whatever is done to them then; `leaves`: when nothing of them is left in the store, be it
    in an archive. `recorded`: the month in which they were recorded, where that is one of the last twelve.
    """

    store: str
    population: str
    category: Category
    rule: str | None
    due: Due
    leaves: Due
    frozen: bool
    recorded: dt.date | None
    rows: int


@dataclass(frozen=True)
class Size:
    """How many records a store or a category holds at the end of a month: as it stands, and with new ones as before."""

    month: dt.date
    due: int  # of those that are there today
    due_of_new: int  # of those yet to come, on average
    alone: int  # records left where none is added
    at_pace: int


@dataclass(frozen=True)
class Forecast:
    """What lies ahead on the records as they are."""

    as_of: dt.date
    months: Months
    decision_set: str
    lines: tuple[ForecastLine, ...]
    stores: tuple[StoreState, ...]
    paceless: tuple[tuple[str, str], ...]  # populations whose records do not tell when they came

    def sizes(self, store: str | None = None, category: str | None = None) -> tuple[Size, ...]:
        """Month by month, of one store, one category, or all."""
        return _sizes(
            self.months, [one for one in self.lines if store in (None, one.store) and category in (None, one.category)]
        )


def forecast(
    workspace: Workspace, bundle: Bundle, as_of: dt.date, *, stores: Sequence[str] = (), months: int = MONTHS
) -> Forecast:
    """Looks ahead over the records of these stores (default: all). Reads, and changes nothing.

    Raises StoreError where a store cannot be read or was never prepared.
    """
    ahead, since = Months(as_of, months), pace_months(as_of)
    lines: Counter[ForecastLine] = Counter()
    states, paceless = [], []
    for store in stores or bundle.stores:
        with Reader(workspace, bundle, store, as_of) as reader, reader.session.reading("looking ahead") as connection:
            old = reader.facts_old and any(asked.needs_facts for asked in reader.asked.values())
            states.append(StoreState(store, reader.facts_of, old))
            everything = Pass(reader, connection, (reader.asked,), ahead)
            for population in reader.store.declared.populations:
                recorded = _recorded(population, archive=reader.asked[population.name].is_archive)
                if recorded is None:
                    paceless.append((store, population.name))
                outlook = Outlook(reader.asked[population.name], ahead)
                for group in everything.groups(population.name, recorded=recorded, since=since):
                    lines[_line(store, population, group, outlook, recorded, since)] += group.rows
    told = tuple(replace(line, rows=rows) for line, rows in lines.items())
    return Forecast(as_of, ahead, bundle.decisions.set, told, tuple(states), tuple(paceless))


def pace_months(as_of: dt.date) -> tuple[dt.date, ...]:
    """The first days of the last twelve whole months, and of this one, which ends them."""
    first = as_of.replace(day=1)
    return tuple(dates.shift_months(first, -number) for number in range(PACE_MONTHS, -1, -1))


def _recorded(population: Population, *, archive: bool) -> str | None:
    """The anchor that tells when a record came into the store. In an archive none does: rows came there from elsewhere."""
    if archive:
        return None
    firm = [name for name in population.anchors if name not in population.optional_anchors]
    return "recorded_at" if "recorded_at" in firm else next(iter(firm), None)


def _line(
    store: str, population: Population, group: Group, outlook: Outlook, recorded: str | None, since: Sequence[dt.date]
) -> ForecastLine:
    said = outlook.prospect(group.verdicts[0], under(group.row, 0))
    frozen = group.frozen and said.verdict.disposition != "quarantine"
    came = group.row.days.get(recorded) if recorded else None
    month = came.replace(day=1) if came is not None and since[0] <= came < since[-1] else None
    return ForecastLine(store, population.name, population.category, said.rule, said.due, said.leaves, frozen, month, 0)


# sizes


def _sizes(months: Months, lines: Sequence[ForecastLine]) -> tuple[Size, ...]:
    """Held records stay. What has no date stays. New records come and go as those of the last twelve months do."""
    free = [line for line in lines if not line.frozen]
    firsts = months.firsts
    due, leaves = _by_month(free, months, "due"), _by_month(free, months, "leaves")
    due_of_new, gone_of_new = _of_new(free, months, "due"), _of_new(free, months, "leaves")
    pace = sum(line.rows for line in lines if line.recorded is not None) / PACE_MONTHS
    left = total = sum(line.rows for line in lines)
    found, added, lost = [], 0.0, 0.0
    for number, first in enumerate(firsts):
        left -= leaves[first]
        if number:  # this month counts with the records it has by now
            added, lost = added + pace, lost + gone_of_new[first]
        found.append(Size(first, due[first], round(due_of_new[first]), left, round(left + added - lost)))
    assert total >= left >= 0
    return tuple(found)


def _by_month(lines: Sequence[ForecastLine], months: Months, what: str) -> Counter[dt.date]:
    """Rows by month; what is due already goes in the nights to come, so in the first."""
    found: Counter[dt.date] = Counter()
    for line in lines:
        due: Due = getattr(line, what)
        if due.when == "due":
            found[months.firsts[0]] += line.rows
        elif due.month is not None:
            found[due.month] += line.rows
    return found


def _of_new(lines: Sequence[ForecastLine], months: Months, what: str) -> dict[dt.date, float]:
    """Of records yet to come, how many a month: each month's twelfth is due as long after it came as those before it."""
    lags: Counter[int] = Counter()
    for line in lines:
        due: Due = getattr(line, what)
        if line.recorded is not None and due.month is not None:
            lags[_between(line.recorded, due.month)] += line.rows
    found = dict.fromkeys(months.firsts, 0.0)
    for number, first in enumerate(months.firsts):
        # those that came in the months 1 … number - lag after this one
        found[first] = sum(rows / PACE_MONTHS for lag, rows in lags.items() if number - lag >= 1)
    return found


def _between(earlier: dt.date, later: dt.date) -> int:
    return (later.year - earlier.year) * 12 + later.month - earlier.month
