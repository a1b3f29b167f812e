"""Why one record is kept, or gone: its disposition, the rule and the words of the policy behind it, holds, receipts.

The verdict is the one a night compiles, asked for one key. Of the record itself nothing is read but its anchors and its state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, inspect, select
from sqlalchemy import case as sql_case

from retention import clock, dates
from retention.declare.bundle import Bundle
from retention.declare.decisions import Decision
from retention.declare.rules import Rule, decision_ids
from retention.declare.stores import Population
from retention.declare.words import Action, Language, period_text
from retention.errors import NotFound, StoreError
from retention.evidence.database import Evidence
from retention.evidence.records import Disposition, Hold, Receipt
from retention.night.scan import anchor_date
from retention.night.verdicts import ERASURE, Compiled, Setting, Verdict
from retention.report import reasons
from retention.resolve import Asked, Term, children_of, resolve
from retention.stores import tables
from retention.stores.session import StoreSession
from retention.traces import traces
from retention.workspace import Workspace

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


class Reader:
    """A store as a night of `as_of` would judge it, opened for reading only."""

    def __init__(self, workspace: Workspace, bundle: Bundle, store: str, as_of: dt.date) -> None:
        self.store = bundle.store(store)
        self.session = StoreSession(store, workspace.store_url(store))
        self.as_of, self.horizon = as_of, max(as_of, clock.today())
        self.asked: dict[str, Asked] = resolve(bundle, self.store, as_of)
        self.limits = bundle.decisions.limits
        self.zone = ZoneInfo(self.store.declared.timezone)

    def __enter__(self) -> Reader:
        with self.session.reading("looking at the store") as connection:
            ready = inspect(connection).has_table(tables.fact_state.name)
            self.facts_of: dt.date | None = connection.execute(select(tables.fact_state.c.as_of)).scalar() if ready else None
        if not ready:
            self.session.close()
            raise StoreError(
                f"store {self.store.name} has never been prepared, so nothing can be said about its records",
                mend=f"rehearse a night first, which disposes of nothing: `retention plan --store {self.store.name}`",
            )
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

    def compile(self, population: str) -> Compiled:
        """Judged on the facts at hand, however old: a night would refresh them first. Without any, a record is kept."""
        setting = Setting(self.as_of, self.horizon, self.facts_of is None, self.session.dialect)
        return Compiled(population, self.asked, setting)

    def judge(self, population: str, keys: Sequence[str]) -> dict[str, Judged]:
        """The verdicts of those of these records that exist."""
        compiled, found = self.compile(population), {}
        with self.session.reading("judging records") as connection:
            for start in range(0, len(keys), 500):
                wanted = [_typed(compiled.population, key) for key in keys[start : start + 500]]
                columns = (compiled.rows.c.record_key, compiled.code, compiled.freeze)
                query = compiled.select(*columns).where(compiled.rows.c.record_key.in_(wanted))
                found.update(
                    {str(key): _judged(compiled.verdicts[code - 1], freeze) for key, code, freeze in connection.execute(query)}
                )
        return found


def explain(
    workspace: Workspace,
    bundle: Bundle,
    evidence: Evidence | None,
    store: str,
    record: str,
    *,
    as_of: dt.date,
    language: Language,
) -> tuple[Explanation, ...]:
    """Explains `population:key`, or a bare key in every population of the store.

    Raises NotFound where neither a record nor a receipt answers to it, StoreError where the store cannot be read.
    """
    with Reader(workspace, bundle, store, as_of) as reader:
        populations, key = named(reader.store.declared.populations, record)
        found = (_explain_one(workspace, bundle, evidence, reader, population, key, language) for population in populations)
        explained = tuple(explanation for explanation in found if explanation is not None)
    if not explained:
        where = f"population {populations[0].name}" if len(populations) == 1 else "any population"
        raise NotFound(
            f"store {store} has no such record in {where}, and no receipt names it",
            mend="check the key; a record that was never there leaves no trace",
        )
    return explained


def named(populations: Sequence[Population], record: str) -> tuple[tuple[Population, ...], str]:
    """The populations meant by `population:key` or a bare key, and the key."""
    name, colon, rest = record.partition(":")
    chosen = tuple(population for population in populations if colon and population.name == name)
    return (chosen, rest) if chosen else (tuple(populations), record)


def normal_key(population: Population, key: str) -> str | None:
    """The key as the database writes it: `007` is 7 where keys are numbers. None where no record can have it."""
    if population.key_type == "text":
        return key
    try:
        return str(int(key)) if key.isascii() else None
    except ValueError:
        return None


def _typed(population: Population, key: str) -> int | str:
    return int(key) if population.key_type == "integer" else key


def _explain_one(
    workspace: Workspace,
    bundle: Bundle,
    evidence: Evidence | None,
    reader: Reader,
    population: Population,
    typed_in: str,
    language: Language,
) -> Explanation | None:
    key = normal_key(population, typed_in)
    if key is None:
        return None
    compiled = reader.compile(population.name)
    row = _look(reader, compiled, key)
    receipts = traces(workspace, evidence, reader.session, reader.store.name, population.name, key)
    if row is None and not receipts:
        return None
    holds = _holds(reader, compiled, evidence, bundle, key, row is not None, language)
    if row is None:
        last = receipts[-1]
        why = (
            f"{reasons.words(reasons.ACTIONS, last.action, language)}: {reasons.rule_title(bundle.rules, last.rule, language)}"
        )
        rule = _statement_of(bundle, last.rule, compiled, language)
        return Explanation(reader.store.name, population.name, key, reader.as_of, None, why, rule, (), holds, (), receipts, ())
    verdict = compiled.verdicts[row["code"] - 1]
    judged = _judged(verdict, row["freeze"], both=bool(row["erased"]))
    rules = tuple(
        _says(bundle, compiled, term, row, number, reader.zone, language)
        for number, term in enumerate(compiled.asked.terms)
        if row[f"applies_{number}"]
    )
    decisive = next((said for said in rules if said.rule == verdict.rule), None) or _statement_of(
        bundle, verdict.rule, compiled, language
    )
    children = _children(reader, compiled, key, language) if verdict.reason == "child_kept" else ()
    return Explanation(
        reader.store.name,
        population.name,
        key,
        reader.as_of,
        judged,
        reasons.reason(judged.reason, language),
        decisive,
        rules,
        holds,
        children,
        receipts,
        tuple(_notes(reader, compiled, children)),
    )


def _look(reader: Reader, compiled: Compiled, key: str) -> dict[str, Any] | None:
    """The record's verdict and what each rule makes of it."""
    columns: list[ColumnElement[Any]] = [
        compiled.code.label("code"),
        compiled.freeze.label("freeze"),
        _flag(compiled.erasure).label("erased"),
    ]
    for number, term in enumerate(compiled.asked.terms):
        columns += [
            compiled.anchor(term).label(f"anchor_{number}"),
            _flag(compiled.applies(term)).label(f"applies_{number}"),
            _flag(compiled.is_due(term)).label(f"due_{number}"),
        ]
        if term.blanked:
            columns.append(_flag(compiled.not_blank(term.blanked)).label(f"left_{number}"))
    query = compiled.select(*columns).where(compiled.rows.c.record_key == _typed(compiled.population, key))
    with reader.session.reading("explaining a record") as connection:
        row = connection.execute(query).mappings().first()
    return dict(row) if row is not None else None


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return sql_case((condition, 1), else_=0)


def _judged(verdict: Verdict, freeze: int, *, both: bool = False) -> Judged:
    """A verdict under the hold that freezes its row, as the scan would count it."""
    kind = tables.HOLD_BY_RANK.get(freeze)
    action = verdict.action.value if verdict.action and verdict.disposition == "due" else None
    if kind is None or verdict.disposition == "quarantine":
        return Judged(verdict.disposition, verdict.reason, verdict.rule, action)
    reason = "restriction_and_erasure" if kind == "restriction" and both else "hold"
    return Judged("held", reason, verdict.rule, action, overdue=verdict.disposition == "due")


def _says(
    bundle: Bundle, compiled: Compiled, term: Term, row: dict[str, Any], number: int, zone: ZoneInfo, language: Language
) -> RuleSays:
    day = anchor_date(row[f"anchor_{number}"], zone)
    due = bool(row[f"due_{number}"])
    outcome: RuleOutcome = "undecided" if term.awaited else "due" if due else "keeps"
    if due and term.blanked and not row[f"left_{number}"] and term.rule.action is Action.ANONYMISE:
        outcome = "done"
    open_ended = day == dates.OPEN_END
    return RuleSays(
        rule=term.id,
        title=term.rule.title.in_(language),
        outcome=outcome,
        action=term.rule.action.value,
        anchor=term.anchor,
        anchor_title=_anchor_title(bundle, term.anchor, language),
        anchor_date=None if open_ended else day,
        open_ended=open_ended,
        period=period_text(term.months, language) if term.months else None,
        last_day=term.last_day(day) if day else None,
        **_grounds(bundle, term.rule, language),
    )


def _statement_of(bundle: Bundle, rule: str | None, compiled: Compiled, language: Language) -> RuleSays | None:
    """A rule without a record at hand: its title, its clause, its decisions."""
    if rule == ERASURE:
        return RuleSays(
            rule=ERASURE,
            title=bundle.rules.erasure.in_(language),
            outcome="due",
            action=Action.DELETE.value,
            anchor="",
            anchor_title="",
            anchor_date=None,
            open_ended=False,
            period=None,
            last_day=None,
            law=None,
            decisions=(),
            clauses=_clauses(bundle, bundle.rules.erasure_cites, language),
        )
    term = next((term for term in compiled.asked.terms if term.id == rule), None)
    if term is None:
        return None
    return RuleSays(
        rule=term.id,
        title=term.rule.title.in_(language),
        outcome="undecided" if term.awaited else "due",
        action=term.rule.action.value,
        anchor=term.anchor,
        anchor_title=_anchor_title(bundle, term.anchor, language),
        anchor_date=None,
        open_ended=False,
        period=period_text(term.months, language) if term.months else None,
        last_day=None,
        **_grounds(bundle, term.rule, language),
    )


def _anchor_title(bundle: Bundle, anchor: str, language: Language) -> str:
    title = bundle.rules.anchors.get(anchor)
    return title.in_(language) if title else anchor


def _grounds(bundle: Bundle, rule: Rule, language: Language) -> dict[str, Any]:
    decisions = tuple(_ground(bundle, decision_id, language) for decision_id in decision_ids(rule))
    return {"clauses": _clauses(bundle, rule.cites, language), "law": rule.law, "decisions": decisions}


def _clauses(bundle: Bundle, cites: Iterable[str], language: Language) -> tuple[Clause, ...]:
    found = []
    for cited in cites:
        statement = bundle.policy.statement(cited)
        if statement is not None:
            quotes = tuple(cite.quote for cite in statement.cites)
            found.append(Clause(cited, statement.title.in_(language), statement.lines, quotes))
    return tuple(found)


def _ground(bundle: Bundle, decision_id: str, language: Language) -> Ground:
    decision = bundle.decisions.get(decision_id)
    if decision is None:
        awaited = f"decision set {bundle.decisions.set} does not mention it"
        return Ground(decision_id, decision_id, None, None, None, None, None, awaited)
    return Ground(
        decision_id,
        decision.question.in_(language),
        _value(bundle, decision, language),
        decision.source,
        decision.approver,
        decision.checked_on,
        decision.review_by,
        decision.undecided.in_(language) if decision.undecided else None,
    )


def _value(bundle: Bundle, decision: Decision, language: Language) -> str | None:
    if decision.value is None:
        return None
    if decision.kind == "period":
        return period_text(decision.value, language)
    if decision.kind == "choice":
        return _anchor_title(bundle, decision.value, language)
    if decision.kind == "elements":
        titles = bundle.policy.elements()
        return ", ".join(titles[element].in_(language) if element in titles else element for element in decision.value)
    return str(decision.value)


def _holds(
    reader: Reader, compiled: Compiled, evidence: Evidence | None, bundle: Bundle, key: str, exists: bool, language: Language
) -> tuple[HoldOn, ...]:
    """Holds in force on the record: those its own store sees, and those still on their way there."""
    known = {hold.hold_id: hold for hold in evidence.holds()} if evidence is not None else {}
    there: set[str] = set()
    if exists:
        hold = tables.hold.alias("on_it")
        query = select(hold.c.hold_id).select_from(compiled.source.join(hold, compiled.matches(hold)))
        with reader.session.reading("looking for holds") as connection:
            rows = connection.execute(query.where(compiled.rows.c.record_key == _typed(compiled.population, key)))
            there = set(rows.scalars())
    named_here = {
        hold.hold_id
        for hold in known.values()
        if hold.store == reader.store.name and hold.population == compiled.population.name and hold.record_key == key
    }
    ids = sorted(
        there | named_here, key=lambda hold_id: (known[hold_id].placed_at.isoformat() if hold_id in known else "", hold_id)
    )
    return tuple(_hold_on(bundle, known[hold_id], hold_id in there, language) for hold_id in ids if hold_id in known)


def _hold_on(bundle: Bundle, hold: Hold, delivered: bool, language: Language) -> HoldOn:
    title = reasons.hold_title(bundle.rules, hold.kind, language)
    return HoldOn(hold.hold_id, hold.kind, title, hold.reference, hold.review_by, delivered)


def _children(reader: Reader, compiled: Compiled, key: str, language: Language) -> tuple[Children, ...]:
    """What the records that refer to this one are told."""
    found = []
    for child in children_of(reader.store, compiled.population):
        below = reader.compile(child.name)
        query = below.select(below.code.label("code"), below.freeze.label("freeze"), func.count().label("rows"))
        mine = query.where(below.rows.c.parent_key == _typed(compiled.population, key)).group_by("code", "freeze")
        with reader.session.reading("looking at dependent records") as connection:
            for code, freeze, rows in connection.execute(mine).all():
                judged = _judged(below.verdicts[code - 1], freeze)
                why = reasons.reason(judged.reason, language)
                found.append(Children(child.name, judged.disposition, judged.reason, why, rows))
    return tuple(found)


def _notes(reader: Reader, compiled: Compiled, children: tuple[Children, ...]) -> Iterable[str]:
    if compiled.asked.needs_facts and reader.facts_old and reader.facts_age is not None:
        yield f"Facts of data subjects are {reader.facts_age} days old here; a night brings them up to date before it judges."
    if children and all(child.disposition == "due" for child in children):
        yield "Everything that depends on it is due: a night disposes of that first, then judges this record again."
