"""The scan: one set-based pass over each population, in which every row gets exactly one disposition and is counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, delete, func, insert, literal_column, not_, select
from sqlalchemy import case as sql_case
from sqlalchemy.sql.elements import False_

from retention import dates
from retention.declare.words import Action
from retention.evidence import tables as evidence_tables
from retention.evidence.records import ScanLine
from retention.night import small_cells
from retention.night.context import Night
from retention.night.facts import facts_stale
from retention.night.on_hold import present
from retention.night.verdicts import ERASURE, About, Bool, Compiled, Expr, Verdict
from retention.resolve import Term
from retention.stores import tables
from retention.stores.dialect import apart
from retention.stores.lease import check_lease


@dataclass(frozen=True)
class Scanned:
    """What a scan found: lines per population, and rows per table."""

    lines: tuple[ScanLine, ...]
    rows: dict[str, int]


def scan(night: Night) -> Scanned:
    """Scans every population and keeps the lines as evidence (stage `before`). The store only notes small cells."""
    stale = facts_stale(night)
    lines: list[ScanLine] = []
    rows: dict[str, int] = {}
    for number, population in enumerate(night.populations):
        night.progress(f"scan {night.store.name}", number, len(night.populations))
        with night.session.writing("scanning") as connection:
            check_lease(connection, night.run_id)
            holds = present(connection)  # under the lease none can change
            small_cells.mark(connection, night.compile(population.name, facts_stale=stale, holds=holds))
        with night.session.reading("scanning") as connection:
            found = _scanned(night, connection, population.name, stale=stale, children_gone=False)
        rows[population.name] = sum(line.rows for line in found)
        lines += found
    night.progress(f"scan {night.store.name}", len(night.populations), len(night.populations))
    keep_lines(night, "before", lines)
    return Scanned(tuple(lines), rows)


def rescan(night: Night) -> Scanned:
    """Counts verdicts again, read-only, after disposal (stage `after`)."""
    stale = facts_stale(night)
    lines: list[ScanLine] = []
    rows: dict[str, int] = {}
    with night.session.reading("scanning after disposal") as connection:
        for population in night.populations:
            found = _scanned(night, connection, population.name, stale=stale, children_gone=True)
            rows[population.name] = sum(line.rows for line in found)
            lines += found
    keep_lines(night, "after", lines)
    return Scanned(tuple(lines), rows)


def _scanned(night: Night, connection: Connection, population: str, *, stale: bool, children_gone: bool) -> list[ScanLine]:
    """Every row of a population, counted by its disposition. In one reading transaction, which sees one moment.

    Rows that name nobody need no facts: they are counted apart where the population's query is plain enough.
    """
    holds = present(connection)
    forms: tuple[About | None, ...] = (None,)
    if night.inlines(population):
        forms = ("nobody", "named") if night.asked[population].needs_facts else ("anybody",)
    lines: list[ScanLine] = []
    for form in forms:
        compiled = night.compile(population, facts_stale=stale, children_gone=children_gone, inline=form, holds=holds)
        lines += counted(connection, compiled)
    return _merged(
        sorted(
            lines, key=lambda line: (line.disposition, line.rule or "", line.reason, line.hold_kind or "", line.action or "")
        )
    )


def counted(connection: Connection, compiled: Compiled) -> list[ScanLine]:
    """The scan itself: rows grouped by verdict and by the hold that freezes them."""
    zone = ZoneInfo(compiled.asked.store.declared.timezone)
    asked_on = connection.execute(
        select(func.min(tables.hold.c.placed_on)).where(tables.hold.c.rank == tables.ERASURE_RANK)
    ).scalar()
    found: list[ScanLine] = []
    for query in _countings(compiled):
        found += (line_of(compiled, Group(dict(row), zone, asked_on)) for row in connection.execute(query).mappings())
    return found


def _countings(compiled: Compiled) -> Iterator[Select[Any]]:
    """The statements that count every row once: those that nothing freezes, and those that a hold does.

    Which hold is the strongest is looked for row by row, which PostgreSQL does in one process: it is asked of those few only.
    """
    where: list[Bool] = []
    if compiled.inline in ("nobody", "named"):
        where = [compiled.naming.is_(None) if compiled.inline == "nobody" else compiled.naming.is_not(None)]
    if isinstance(compiled.frozen, False_):
        yield _counting(compiled, None, where)
        return
    yield _counting(compiled, None, [*where, not_(compiled.frozen)])
    yield _counting(compiled, compiled.freeze, [*where, compiled.on_hold.about(), compiled.frozen])


def _counting(compiled: Compiled, freeze: Expr | None, where: Sequence[Bool]) -> Select[Any]:
    """Rows by their verdict, by the rank of what freezes them, and by whether a request is about them.

    Grouped by no more than what differs: a database takes the groups to be many where they are made of several values, and
    sorts the whole table for them.
    """
    anchors = anchors_of(compiled)
    never: Expr = literal_column("0")
    told = {"code": compiled.code}
    if freeze is not None:
        told["freeze"] = freeze
    if not isinstance(compiled.requested, False_):
        told["erased"] = sql_case((compiled.requested, literal_column("1")), else_=never)
    named = [value.label(name) for name, value in (told | anchors).items()]
    judged = apart(compiled.select(*named).where(*where), compiled.setting.dialect).subquery("judged")
    key = [judged.c[name] for name in told]
    alike = [never.label(name) for name in ("freeze", "erased") if name not in told]
    spans = [
        column
        for name in anchors
        for column in (func.min(judged.c[name]).label(f"{name}__min"), func.max(judged.c[name]).label(f"{name}__max"))
    ]
    return select(*key, *alike, func.count().label("rows"), *spans).group_by(*key)


def anchors_of(compiled: Compiled) -> dict[str, Any]:
    """Every anchor some rule looks at, from the row or from the subject's facts."""
    anchors: dict[str, Any] = {name: compiled.rows.c[name] for name in compiled.population.anchors}
    if compiled.inline == "nobody":
        return anchors
    for term in compiled.asked.terms:
        if term.on_fact:
            anchors[term.anchor] = compiled.anchor(term)
        if term.open_until and term.open_on_fact:
            anchors[term.open_until] = compiled.fact_anchor(term.open_until)
    return anchors


@dataclass(frozen=True)
class Group:
    """Rows with the same verdict, as the database counted them."""

    row: dict[str, Any]
    zone: ZoneInfo
    asked_on: dt.date | None  # when the oldest erasure request in force was placed

    def oldest(self, anchor: str) -> dt.date | None:
        return anchor_date(self.row.get(f"{anchor}__min"), self.zone)

    def newest(self, anchor: str) -> dt.date | None:
        return anchor_date(self.row.get(f"{anchor}__max"), self.zone)


def line_of(compiled: Compiled, group: Group) -> ScanLine:
    row = group.row
    verdict = compiled.verdicts[row["code"] - 1]
    hold_kind = tables.HOLD_BY_RANK.get(row["freeze"])
    anchor = verdict.term.anchor if verdict.term else next(iter(compiled.population.anchors))
    due = verdict.disposition == "due"
    readable = verdict.disposition != "quarantine"
    frozen = hold_kind is not None and readable
    both = frozen and hold_kind == "restriction" and bool(row["erased"])
    late = due or (frozen and verdict.reason == "child_kept")  # nothing but its children, frozen too, keeps it
    return ScanLine(
        population=compiled.population.name,
        category=compiled.population.category,
        kind=compiled.population.kind,
        disposition="held" if frozen else verdict.disposition,
        rule=verdict.rule,
        reason=("restriction_and_erasure" if both else "hold") if frozen else verdict.reason,
        action=verdict.action.value if due and verdict.action and not frozen else None,
        hold_kind=hold_kind if frozen else None,
        overdue=frozen and late,
        rows=row["rows"],
        oldest=group.oldest(anchor) if readable else None,
        newest=group.newest(anchor) if readable else None,
        oldest_due=_due_since(compiled, verdict, group) if late else None,
    )


def anchor_date(value: Any, zone: ZoneInfo) -> dt.date | None:
    """The civil date of an anchor as the store gives it; an open end has none."""
    if isinstance(value, dt.datetime):
        value = dates.paris_date(value.replace(tzinfo=zone)) if value.date() < dates.OPEN_END else None
    return value if isinstance(value, dt.date) and value != dates.OPEN_END else None


def _due_since(compiled: Compiled, verdict: Verdict, group: Group) -> dt.date | None:
    """The first day on which the oldest of these rows was due, or an earlier one: never later.

    A row is due once all that could keep it has ended: the period, the matter it belongs to, a floor where it is to go whole.
    Their ends are known for the group, not for each row, so the latest of the earliest ends is a lower bound.
    """
    if verdict.rule == ERASURE:
        return group.asked_on
    term = verdict.term
    if term is None:
        return None
    floors = () if verdict.action in (Action.MINIMISE, Action.ARCHIVE) else compiled.asked.floors
    ends = [_last_day(one, group) for one in (term, *floors)]
    if term.open_until:
        ends.append(group.oldest(term.open_until))
    known = [end for end in ends if end is not None]
    return max(known) + dt.timedelta(days=1) if known else None


def _last_day(term: Term, group: Group) -> dt.date | None:
    oldest = group.oldest(term.anchor)
    return term.last_day(oldest) if oldest else None


def _merged(lines: Iterable[ScanLine]) -> list[ScanLine]:
    """Lines that say the same become one: several branches of the CASE may give the same verdict."""
    merged: dict[tuple[Any, ...], ScanLine] = {}
    for line in lines:
        key = (line.disposition, line.rule, line.reason, line.action, line.hold_kind, line.overdue)
        known = merged.get(key)
        merged[key] = (
            line
            if known is None
            else ScanLine(
                **{
                    **asdict(known),
                    "rows": known.rows + line.rows,
                    "oldest": _least(known.oldest, line.oldest),
                    "newest": _most(known.newest, line.newest),
                    "oldest_due": _least(known.oldest_due, line.oldest_due),
                }
            )
        )
    return list(merged.values())


def _least(a: dt.date | None, b: dt.date | None) -> dt.date | None:
    return min((d for d in (a, b) if d is not None), default=None)


def _most(a: dt.date | None, b: dt.date | None) -> dt.date | None:
    return max((d for d in (a, b) if d is not None), default=None)


def keep_lines(night: Night, stage: str, lines: Iterable[ScanLine]) -> None:
    """Keeps scan lines as evidence, replacing those of an earlier attempt of the same run."""
    t = evidence_tables.scan
    rows = [asdict(line) | {"run_id": night.run_id, "stage": stage, "line": number} for number, line in enumerate(lines)]
    with night.evidence.writing() as connection:
        connection.execute(delete(t).where(t.c.run_id == night.run_id, t.c.stage == stage))
        if rows:
            connection.execute(insert(t), rows)
