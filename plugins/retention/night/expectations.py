"""What must hold before and after disposal, as SELECTs that return the rows that break it.

They are written apart from the verdict: a second opinion on the candidates, not an echo of how they were found. Each returns
the constant 1 and never a value of a row.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Label,
    Select,
    String,
    Subquery,
    and_,
    case,
    cast,
    column,
    exists,
    func,
    inspect,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
    union_all,
)
from sqlalchemy.sql.selectable import CompoundSelect

from retention.declare.rules import Elapsed, Floor, LegitimateInterest
from retention.declare.stores import Population, Suppression
from retention.declare.words import Action
from retention.evidence.records import ScanLine
from retention.night.cards import card_numbers, verification_columns
from retention.night.context import Night
from retention.night.disposal.units import candidate_key
from retention.night.plan import Plan
from retention.resolve import Asked, Term
from retention.stores import tables
from retention.stores.dialect import readable
from retention.stores.keys import key_sqltype
from retention.stores.places import table_of
from retention.stores.query import population_rows

ONE: Label[Any] = literal_column("1").label("unexpected")
LEAVES = (Action.DELETE.value, Action.ARCHIVE.value)  # what takes a row out of its table
Severity = Literal["blocking", "warning"]


@dataclass(frozen=True)
class Expectation:
    """A named SELECT that must return nothing."""

    code: str
    population: str
    severity: Severity
    unexpected: Select[Any] | CompoundSelect[Any]


def _rows(night: Night, population: Population, alias: str = "p") -> Any:
    return population_rows(population, night.seen(night.detached())[population.name].sql, alias)


def _table(night: Night, population: Population) -> FromClause:
    """Every row of a population's table, those of detached partitions too."""
    parts = night.detached_of(population)
    if not parts:
        return table_of(population)
    there = (table_of(population), *(table(part) for part in parts))
    return union_all(*(select(ONE).select_from(one) for one in there)).subquery("all_there")


def _count(of: FromClause, *where: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(of).where(*where).scalar_subquery()


def before(night: Night, plan: Plan, lines: tuple[ScanLine, ...], *, facts_stale: bool) -> Iterator[Expectation]:
    """Everything that must hold before the first disposal."""
    for population in night.populations:
        yield from _integrity(night, population)
        yield from _quality(night, population)
        yield from _card_data(night, population)
        yield from _candidates(night, plan, population, facts_stale=facts_stale)
        quarantined = sum(
            line.rows for line in lines if line.population == population.name and line.disposition == "quarantine"
        )
        yield _share(
            night, population, literal(quarantined), "quarantine_share", night.bundle.decisions.limits.quarantine_share
        )


def _integrity(night: Night, population: Population) -> Iterator[Expectation]:
    rows = _rows(night, population)
    twice = select(rows.c.record_key).group_by(rows.c.record_key).having(or_(func.count() > 1, rows.c.record_key.is_(None)))
    yield Expectation("keys_unique", population.name, "blocking", select(ONE).select_from(twice.subquery("twice")))
    differ = _count(_table(night, population)) != _count(_rows(night, population, "q"))
    yield Expectation("every_row_seen", population.name, "blocking", select(ONE).where(differ))


def _quality(night: Night, population: Population) -> Iterator[Expectation]:
    """Rows that go to quarantine: reported each night, blocking only in the mass (`quarantine_share`)."""
    rows = _rows(night, population)
    anchors = {name: (rows.c[name], kind) for name, kind in population.anchors.items()}
    dialect = night.session.dialect
    absent = [
        or_(
            and_(anchor.is_(None), literal(name not in population.optional_anchors)),
            and_(anchor.is_not(None), not_(readable(anchor, kind, dialect))),
        )
        for name, (anchor, kind) in anchors.items()
    ]
    yield Expectation("anchors_present", population.name, "warning", select(ONE).select_from(rows).where(or_(*absent)))
    zone, tomorrow = ZoneInfo(night.store.declared.timezone), night.horizon + dt.timedelta(days=1)
    ahead = [
        anchor >= _first_value(tomorrow, kind, zone)
        for name, (anchor, kind) in anchors.items()
        if name not in population.future_anchors
    ]
    if ahead:
        yield Expectation("anchors_not_future", population.name, "warning", select(ONE).select_from(rows).where(or_(*ahead)))
    if population.ordered:
        turned = [rows.c[later] < rows.c[earlier] for earlier, later in population.ordered]
        yield Expectation("end_after_start", population.name, "warning", select(ONE).select_from(rows).where(or_(*turned)))
    usable = [state for state in population.states if state not in population.quarantined_states]
    strange = func.coalesce(rows.c.state.not_in(usable), literal(True))
    yield Expectation("known_state", population.name, "warning", select(ONE).select_from(rows).where(strange))
    if population.parent is not None:
        yield Expectation(
            "parents_present",
            population.name,
            "warning",
            select(ONE).select_from(rows).where(_orphaned(night, population, rows)),
        )


def _orphaned(night: Night, population: Population, rows: Any) -> ColumnElement[bool]:
    above = night.store.declared.population(str(population.parent and population.parent.population))
    parent = table_of(above, above.key).alias("above")
    known = exists(select(parent.c[above.key]).where(parent.c[above.key] == rows.c.parent_key))
    return and_(rows.c.parent_key.is_not(None), not_(known))


def _first_value(day: dt.date, kind: str, zone: ZoneInfo) -> Any:
    """The first anchor of that type on a day in Paris, by a road of its own: noon is never skipped or doubled."""
    if kind == "date":
        return day
    noon = dt.datetime.combine(day, dt.time(12), tzinfo=ZoneInfo("Europe/Paris"))
    midnight = noon.replace(hour=0)
    return midnight.astimezone(zone).replace(tzinfo=None)


def _card_data(night: Night, population: Population) -> Iterator[Expectation]:
    if population.category != "transaction":
        return
    with night.session.reading("looking for card data") as store:
        columns = [found["name"] for found in inspect(store).get_columns(population.table, schema=population.schema_name)]
        numbers = card_numbers(population, store.dialect)
    yield Expectation("no_verification_code", population.name, "blocking", verification_columns(columns))
    yield Expectation("no_card_number", population.name, "blocking", numbers)


# candidates


def _candidates(night: Night, plan: Plan, population: Population, *, facts_stale: bool) -> Iterator[Expectation]:
    rows = _rows(night, population)
    candidates = _due(night, plan, population, facts_stale=facts_stale)
    c = candidates.c
    listed = candidates.join(rows, c.record_key == rows.c.record_key)
    insurance = tables.HOLD_RANK["insurance"]
    lineage = list(_lineage(night, population, rows))
    frozen = or_(
        *_named(population, rows, lineage, tables.hold.c.rank < insurance),
        and_(c.rule != "erasure-request", or_(*_named(population, rows, lineage, tables.hold.c.rank == insurance))),
    )
    yield Expectation("candidates_not_held", population.name, "blocking", select(ONE).select_from(listed).where(frozen))
    asked = night.asked[population.name]
    early = [_too_early(night, rows, c.rule, term) for term in asked.terms if _judged_by_row(term, asked)]
    if early:
        yield Expectation(
            "candidates_really_due", population.name, "blocking", select(ONE).select_from(listed).where(or_(*early))
        )


def _named(
    population: Population, rows: Any, lineage: list[tuple[str, Any]], which: ColumnElement[bool]
) -> Iterator[ColumnElement[bool]]:
    """What a hold may name of a row. Sets to look into, for holds compared with rows one by one are their product."""
    h = tables.hold.c
    yield exists(select(h.hold_id).where(which, h.category == population.category))
    yield rows.c.subject_key.in_(select(h.subject_key).where(which, h.subject_key.is_not(None)))
    for name, key in lineage:
        yield cast(key, String).in_(select(h.record_key).where(which, h.population == name))


def _due(night: Night, plan: Plan, population: Population, *, facts_stale: bool) -> Subquery:
    """The candidates as (record_key, rule): those of the list, or all that is due where the table is walked or dropped."""
    compiled = night.compile(population.name, facts_stale=facts_stale, alias="c")
    rule_of = {verdict.code: verdict.rule or "" for verdict in compiled.due_verdicts()} or {0: ""}
    if not _listed_only(plan, population):
        judged = compiled.select(compiled.rows.c.record_key, compiled.code.label("code")).where(
            compiled.could_be_due(), compiled.due(compiled.due_verdicts())
        )
        found = judged.subquery("judged")
        return select(found.c.record_key, case(rule_of, value=found.c.code).label("rule")).subquery("candidates")
    c = tables.candidate.c
    key = candidate_key(population)
    if population.key_type == "uuid":
        key = cast(key, key_sqltype(population.key_type))
    listed = select(key.label("record_key"), case(rule_of, value=c.code).label("rule")).where(c.population == population.name)
    return listed.subquery("candidates")


def _lineage(night: Night, population: Population, rows: Any) -> Iterator[tuple[str, Any]]:
    """The row and the records above it, by population and key."""
    yield population.name, rows.c.record_key
    key, child = rows.c.parent_key if population.parent else None, population
    while child.parent is not None:
        parent = night.store.declared.population(child.parent.population)
        if parent.key_type == "text":  # which a row may refer to in another case, where its collation forgets case
            own = table(parent.table, column(parent.key)).alias(f"own_{parent.name}").c[parent.key]
            key = select(own).where(own == key).correlate(rows).scalar_subquery()
        yield parent.name, key
        if parent.parent is not None:
            above = _rows(night, parent, f"above_{parent.name}")
            key = select(above.c.parent_key).where(above.c.record_key == key).correlate_except(above).scalar_subquery()
        child = parent


def _judged_by_row(term: Term, asked: Asked) -> bool:
    """Whether a rule lets go of rows by an anchor of theirs. In an archive a floor does; elsewhere it only keeps."""
    whole = isinstance(term.rule, Elapsed | LegitimateInterest) or asked.is_archive
    return whole and not term.on_fact and not term.lapsed and term.months is not None and not term.awaited


def _too_early(night: Night, rows: Any, rule: Any, term: Term) -> ColumnElement[bool]:
    """A candidate of this rule whose period has not run out, by day-by-day arithmetic instead of a cutoff."""
    months = relativedelta(months=int(term.months or 0))
    day = night.as_of
    while _begins(day, term) + months >= night.as_of:
        day -= dt.timedelta(days=28)
    while _begins(day + dt.timedelta(days=1), term) + months < night.as_of:
        day += dt.timedelta(days=1)
    first_kept = _first_value(day + dt.timedelta(days=1), term.anchor_type, ZoneInfo(night.store.declared.timezone))
    about = literal(True) if isinstance(term.rule, Floor) else rule == term.id  # a floor yields to no rule
    return and_(about, rows.c[term.anchor] >= first_kept)


def _begins(day: dt.date, term: Term) -> dt.date:
    """Where a period begins: on the anchor's day, or on the first day of closing that is not before it."""
    while term.year_close is not None and f"{day:%m-%d}" != term.year_close:
        day += dt.timedelta(days=1)
    return day


def _share(night: Night, population: Population, count: Any, code: str, share: float) -> Expectation:
    floor = night.bundle.decisions.limits.candidate_floor
    above = and_(count > floor, count > literal(share) * _count(_table(night, population)))
    return Expectation(code, population.name, "blocking", select(ONE).where(above))


# after


def after(night: Night, plan: Plan, lines: tuple[ScanLine, ...], *, facts_stale: bool) -> Iterator[Expectation]:
    """Everything that must hold once the night's work is done. `lines` is the scan from before."""
    for population in night.populations:
        # What waits detached until its grace is over is late by declaration: the scan counts it as due, and nobody is alarmed.
        compiled = night.compile(population.name, facts_stale=facts_stale, children_gone=True, attached=True)
        whole = night.compile(population.name, facts_stale=facts_stale, children_gone=True)
        last = plan.document["last_keys"].get(population.name)  # a row that came since the scan is the next night's
        known = [compiled.rows.c.record_key <= last] if last is not None else []
        let_go = cast(compiled.rows.c.record_key, String).not_in(_refused(night, population))
        overdue = compiled.select(ONE).where(compiled.could_be_due(), compiled.due(compiled.due_verdicts()), *known, let_go)
        yield Expectation("nothing_overdue", population.name, "blocking", overdue)
        refused = _refused(night, population).with_only_columns(ONE)
        yield Expectation("nothing_refused", population.name, "warning", refused)
        mine = [line for line in lines if line.population == population.name]
        yield from _balance(night, plan, population, sum(line.rows for line in mine))
        held = sum(line.rows for line in mine if line.disposition == "held")
        if held and plan.document.get("holds") == hold_set(night):
            now = select(func.count()).select_from(whole.source).where(whole.freeze > 0).scalar_subquery()
            yield Expectation("nothing_held_gone", population.name, "blocking", select(ONE).where(now < held))
        if population.parent is not None:
            orphans = sum(line.rows for line in mine if line.reason == "parent_missing")
            rows = _rows(night, population)
            grown = _count(rows, _orphaned(night, population, rows)) > orphans
            yield Expectation("no_new_orphans", population.name, "blocking", select(ONE).where(grown))
        if population.suppression is not None:
            live = _suppressed_live(night, population, population.suppression)
            yield Expectation("no_suppressed_live", population.name, "warning", live)


def _balance(night: Night, plan: Plan, population: Population, rows_before: int) -> Iterator[Expectation]:
    r, w = tables.receipt.c, tables.work.c
    mine = and_(r.run_id == night.run_id, r.population == population.name)
    left = select(func.coalesce(func.sum(r.rows), 0)).where(mine, r.action.in_(LEAVES)).scalar_subquery()
    there = _count(_table(night, population))
    vanished = there + left < rows_before + _arrived(night, population)  # others that came are no loss
    yield Expectation("rows_balance", population.name, "blocking", select(ONE).where(vanished))
    units = and_(w.run_id == night.run_id, w.population == population.name)
    undone = select(w.unit).where(units, w.position < w.high).exists()
    receipted = select(func.coalesce(func.sum(r.rows), 0)).where(mine, r.plan_hash == plan.plan_hash).scalar_subquery()
    done = select(func.coalesce(func.sum(w.rows), 0)).where(units).scalar_subquery()
    laid_out = select(func.coalesce(func.sum(w.high - w.low), 0)).where(units, w.strategy == "listed").scalar_subquery()
    wrong = [undone, receipted != done]
    if _listed_only(plan, population):
        wrong.append(laid_out != plan.candidates_of(population.name))
    yield Expectation("receipts_match", population.name, "blocking", select(ONE).where(or_(*wrong)))


def _arrived(night: Night, population: Population) -> Any:
    """The rows that this run has put into an archive; of any other population none."""
    source, r = night.store.declared.archived_from(population), tables.receipt.c
    if source is None:
        return literal(0)
    put = and_(r.run_id == night.run_id, r.population == source.name, r.action == Action.ARCHIVE.value)
    return select(func.coalesce(func.sum(r.rows), 0)).where(put).scalar_subquery()


def _listed_only(plan: Plan, population: Population) -> bool:
    return all(c["strategy"] == "listed" for c in plan.document["strategies"] if c["population"] == population.name)


def _refused(night: Night, population: Population) -> Select[Any]:
    """The rows the database would not let go of in this run, by key as text."""
    r = tables.refused.c
    return select(r.record_key).where(r.run_id == night.run_id, r.population == population.name)


def _suppressed_live(night: Night, population: Population, suppression: Suppression) -> Select[Any]:
    rows = _rows(night, population)
    source = table_of(population, *population.columns).alias("live")
    known = table(suppression.table, *(column(name) for name in suppression.columns)).alias("known")
    fingerprint = source.c[suppression.columns[suppression.key]]
    silent = [*suppression.states, *population.quarantined_states]
    joined = rows.join(source, source.c[population.key] == rows.c.record_key)
    opposed = exists(select(known.c[suppression.key]).where(known.c[suppression.key] == fingerprint))
    return select(ONE).select_from(joined).where(rows.c.state.not_in(silent), opposed)


def hold_set(night: Night) -> list[str]:
    """The holds in force in the store, by id."""
    with night.session.reading() as connection:
        return sorted(connection.execute(select(tables.hold.c.hold_id)).scalars())
