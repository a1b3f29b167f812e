"""The scan: one set-based pass over each population, in which every row gets exactly one disposition.

Inside one transaction on the store it lists the candidates and counts every verdict, so that the two cannot disagree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, String, and_, cast, delete, func, insert, literal, select, union_all, update
from sqlalchemy import case as sql_case

from retention import dates
from retention.declare.words import Action
from retention.errors import StoreError
from retention.evidence import tables as evidence_tables
from retention.evidence.records import ScanLine
from retention.night.claims import check_claim
from retention.night.context import Night
from retention.night.facts import facts_stale
from retention.night.verdicts import ERASURE, Compiled, Verdict
from retention.resolve import Term
from retention.stores import tables


@dataclass(frozen=True)
class Scanned:
    """What a scan found: lines per population, and rows per table."""

    lines: tuple[ScanLine, ...]
    rows: dict[str, int]


def scan(night: Night) -> Scanned:
    """Scans every population, replaces the store's candidate list, and keeps the lines as evidence (stage `before`)."""
    stale = facts_stale(night)
    lines: list[ScanLine] = []
    rows: dict[str, int] = {}
    with night.session.writing("scanning") as connection:
        check_claim(connection, night.run_id)
        connection.execute(delete(tables.candidate))
        for number, population in enumerate(night.populations):
            night.progress(f"scan {night.store.name}", number, len(night.populations))
            compiled = night.compile(population.name, facts_stale=stale)
            rows[population.name] = table_rows(connection, compiled)
            found = count_verdicts(connection, compiled)
            listed = _list_candidates(connection, compiled, night.run_id)
            due = sum(line.rows for line in found if line.disposition == "due")
            if listed != due:
                raise StoreError(
                    f"population {population.name}: {due} rows are due but {listed} were listed",
                    mend="report this: nothing was disposed of",
                )
            lines += _with_small_cells(connection, compiled, found)
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
            compiled = night.compile(population.name, facts_stale=stale)
            rows[population.name] = table_rows(connection, compiled)
            lines += count_verdicts(connection, compiled)
    keep_lines(night, "after", lines)
    return Scanned(tuple(lines), rows)


def table_rows(connection: Connection, compiled: Compiled) -> int:
    return int(connection.execute(select(func.count()).select_from(compiled.table)).scalar_one())


def count_verdicts(connection: Connection, compiled: Compiled) -> list[ScanLine]:
    """The scan itself: rows grouped by verdict and by the hold that freezes them."""
    erased = sql_case((compiled.requested, 1), else_=0)
    spans = [
        column
        for name, a in _anchors(compiled).items()
        for column in (func.min(a).label(f"{name}__min"), func.max(a).label(f"{name}__max"))
    ]
    query = compiled.select(
        compiled.code.label("code"), compiled.freeze.label("freeze"), erased.label("erased"), func.count().label("rows"), *spans
    ).group_by("code", "freeze", "erased")
    zone = ZoneInfo(compiled.asked.store.declared.timezone)
    asked_on = connection.execute(
        select(func.min(tables.hold.c.placed_on)).where(tables.hold.c.rank == tables.ERASURE_RANK)
    ).scalar()
    lines = [_line(compiled, Group(dict(row), zone, asked_on)) for row in connection.execute(query).mappings()]
    return _merged(
        sorted(
            lines, key=lambda line: (line.disposition, line.rule or "", line.reason, line.hold_kind or "", line.action or "")
        )
    )


def _anchors(compiled: Compiled) -> dict[str, Any]:
    """Every anchor some rule looks at, from the row or from the subject's facts."""
    anchors: dict[str, Any] = {name: compiled.rows.c[name] for name in compiled.population.anchors}
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


def _line(compiled: Compiled, group: Group) -> ScanLine:
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
    floors = () if verdict.action is Action.MINIMISE else compiled.asked.floors
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


# candidates


def candidate_key(compiled: Compiled) -> Any:
    """The column of the candidate list that holds keys of this population's type."""
    return tables.candidate.c.record_int if compiled.population.key_type == "integer" else tables.candidate.c.record_text


def _list_candidates(connection: Connection, compiled: Compiled, run_id: str) -> int:
    """Fills the store's work list with rows that are due and not frozen."""
    verdicts = compiled.due_verdicts()
    if not verdicts:
        return 0
    judged = (  # materialised, for the CASE is long and would be evaluated once for every name derived from it
        compiled.select(compiled.rows.c.record_key, compiled.code.label("code"), _leaves_late(compiled).label("late"))
        .where(compiled.could_be_due(), compiled.due(verdicts))
        .cte("judged")
        .prefix_with("MATERIALIZED")
    )
    said = [sql_case({v.code: v.words[at] for v in verdicts}, value=judged.c.code) for at in range(3)]
    rows = select(literal(run_id), literal(compiled.population.name), *said, judged.c.code, judged.c.late, judged.c.record_key)
    columns = ["run_id", "population", "rule", "reason", "action", "code", "late", candidate_key(compiled).name]
    connection.execute(insert(tables.candidate).from_select(columns, rows))
    listed = select(func.count()).where(tables.candidate.c.population == compiled.population.name)
    return int(connection.execute(listed).scalar_one())


def _leaves_late(compiled: Compiled) -> Any:
    """Whether a row leaves a fingerprint behind: on the list it would stop other profiles of that address in mid-night."""
    suppression = compiled.population.suppression
    if suppression is None:
        return literal(0)
    return sql_case((compiled.rows.c.state.in_(suppression.states), 1), else_=0)


def _with_small_cells(connection: Connection, compiled: Compiled, lines: list[ScanLine]) -> list[ScanLine]:
    """Where too few rows would look alike after anonymisation, deletes them instead."""
    for line in lines:
        term = next((v.term for v in compiled.verdicts if v.rule == line.rule and v.term and v.term.smallest_cell), None)
        if line.action != Action.ANONYMISE.value or term is None or not compiled.population.cell:
            continue
        small = _mark_small_cells(connection, compiled, term.id, int(term.smallest_cell or 0))
        if small:
            rest = [other for other in lines if other is not line]
            if line.rows > small:
                rest.append(ScanLine(**{**asdict(line), "rows": line.rows - small}))
            return [*rest, ScanLine(**{**asdict(line), "rows": small, "reason": "small_cell", "action": Action.DELETE.value})]
    return lines


def _mark_small_cells(connection: Connection, compiled: Compiled, rule: str, smallest: int) -> int:
    """Turns candidates in cells of fewer than `smallest` rows, counting those anonymised before, into deletions."""
    population, candidate, key = compiled.population, tables.candidate, candidate_key(compiled)
    table = compiled.table.alias("t")
    mine = and_(
        candidate.c.population == population.name, candidate.c.rule == rule, candidate.c.action == Action.ANONYMISE.value
    )
    cell = [func.coalesce(cast(table.c[name], String), "").label(name) for name in population.cell]
    listed = select(*cell).where(table.c[population.key].in_(select(key).where(mine)))
    done = [v.code for v in compiled.verdicts if v.reason == "already_anonymised"]
    before = select(*cell).where(
        table.c[population.key].in_(
            compiled.select(compiled.rows.c.record_key).where(compiled.could_be_due(), compiled.code.in_(done))
        )
    )
    alike = union_all(listed, before).subquery("alike")
    small = select(*alike.c).group_by(*alike.c).having(func.count() < smallest).subquery("small")
    same = and_(*(column == small.c[name] for column, name in zip(cell, population.cell, strict=True)))
    inside = select(table.c[population.key]).where(
        table.c[population.key].in_(select(key).where(mine)), select(small).where(same).exists()
    )
    statement = update(candidate).where(mine, key.in_(inside)).values(action=Action.DELETE.value, reason="small_cell")
    return int(connection.execute(statement).rowcount)
