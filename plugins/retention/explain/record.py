"""Why one record is kept, or gone: its disposition, the rule and the words of the policy behind it, holds, receipts.

The verdict is the one a night compiles, asked for one key. Of the record itself nothing is read but its anchors and its state.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, literal, select
from sqlalchemy import case as sql_case

from retention import dates
from retention.declare.bundle import Bundle
from retention.declare.stores import Population
from retention.declare.words import Action, Language, Text, period_text
from retention.errors import NotFound
from retention.evidence.database import Evidence
from retention.evidence.records import Hold, Receipt
from retention.explain.answer import Children, Explanation, HoldOn, RuleOutcome, RuleSays
from retention.explain.grounds import anchor_title, clauses, grounds
from retention.explain.reader import Reader, judge_row, named
from retention.night.scan import anchor_date
from retention.night.verdicts import ERASURE, Compiled
from retention.report import reasons
from retention.resolve import Term, children_of
from retention.stores import tables
from retention.stores.keys import is_key, key_sqltype, normal_key, typed
from retention.traces import traces
from retention.workspace import Workspace


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
        notes = tuple(_where_to(population, key, last, language))
        return Explanation(
            reader.store.name, population.name, key, reader.as_of, None, why, rule, (), holds, (), receipts, notes
        )
    verdict = compiled.verdicts[row["code"] - 1]
    judged = judge_row(verdict, row["freeze"], both=bool(row["erased"]))
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
        (*_notes(reader, compiled, children, language), *_where_from(workspace, evidence, reader, population, key, language)),
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
    query = compiled.select(*columns).where(is_key(compiled.rows.c.record_key, compiled.population, key))
    with reader.session.reading("explaining a record") as connection:
        row = connection.execute(query).mappings().first()
    return dict(row) if row is not None else None


def _flag(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return sql_case((condition, 1), else_=0)


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
        anchor_title=anchor_title(bundle, term.anchor, language),
        anchor_date=None if open_ended else day,
        open_ended=open_ended,
        period=period_text(term.months, language) if term.months else None,
        last_day=term.last_day(day) if day else None,
        **grounds(bundle, term.rule, language),
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
            clauses=clauses(bundle, bundle.rules.erasure_cites, language),
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
        anchor_title=anchor_title(bundle, term.anchor, language),
        anchor_date=None,
        open_ended=False,
        period=period_text(term.months, language) if term.months else None,
        last_day=None,
        **grounds(bundle, term.rule, language),
    )


def _holds(
    reader: Reader, compiled: Compiled, evidence: Evidence | None, bundle: Bundle, key: str, exists: bool, language: Language
) -> tuple[HoldOn, ...]:
    """Holds in force on the record: those its own store sees, and those still on their way there."""
    known = {hold.hold_id: hold for hold in evidence.holds()} if evidence is not None else {}
    there: set[str] = set()
    if exists:
        hold = tables.hold.alias("on_it")
        query = select(hold.c.hold_id).select_from(compiled.source.join(hold, compiled.on_hold.matches(hold)))
        with reader.session.reading("looking for holds") as connection:
            rows = connection.execute(query.where(is_key(compiled.rows.c.record_key, compiled.population, key)))
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
    me = literal(typed(compiled.population, key), key_sqltype(compiled.population.key_type))
    for child in children_of(reader.store, compiled.population):
        below = reader.compile(child.name)
        query = below.select(below.code.label("code"), below.freeze.label("freeze"), func.count().label("rows"))
        mine = query.where(below.rows.c.parent_key == me).group_by("code", "freeze")
        with reader.session.reading("looking at dependent records") as connection:
            for code, freeze, rows in connection.execute(mine).all():
                judged = judge_row(below.verdicts[code - 1], freeze)
                why = reasons.reason(judged.reason, language)
                found.append(Children(child.name, judged.disposition, judged.reason, why, rows))
    return tuple(found)


def _notes(reader: Reader, compiled: Compiled, children: tuple[Children, ...], language: Language) -> Iterable[str]:
    if compiled.asked.needs_facts and reader.facts_old and reader.facts_age is not None:
        yield _said("facts_old", language, days=reader.facts_age)
    if children and all(child.disposition == "due" for child in children):
        yield _said("children_first", language)


def _where_to(population: Population, key: str, last: Receipt, language: Language) -> Iterable[str]:
    """Of a record that was archived, where what is left of it lies."""
    if last.action == Action.ARCHIVE and population.archive is not None:
        left = f"{population.archive.population}:{key}"
        yield _said("archived_to", language, day=_day(last), batch=last.receipt_id, left=left)


def _where_from(
    workspace: Workspace, evidence: Evidence | None, reader: Reader, population: Population, key: str, language: Language
) -> Iterable[str]:
    """Of a record in an archive, which batch put it there: the last that names its key."""
    source = reader.store.declared.archived_from(population)
    if source is None:
        return
    found = traces(workspace, evidence, reader.session, reader.store.name, source.name, key)
    moved = [receipt for receipt in found if receipt.action == Action.ARCHIVE]
    if moved:
        yield _said("archived_from", language, day=_day(moved[-1]), batch=moved[-1].receipt_id, source=source.name)


def _day(receipt: Receipt) -> dt.date:
    return dates.paris_date(receipt.disposed_at.replace(tzinfo=dt.UTC))


def _said(note: str, language: Language, **values: object) -> str:
    return reasons.words(_NOTES, note, language).format(**values)


_NOTES = {
    "facts_old": Text(
        fr="Les faits sur les personnes datent ici de {days} jours ; une nuit les met à jour avant de juger.",
        en="Facts of data subjects are {days} days old here; a night brings them up to date before it judges.",
    ),
    "children_first": Text(
        fr="Tout ce qui en dépend est échu : une nuit s'en défait d'abord, puis juge à nouveau cet enregistrement.",
        en="Everything that depends on it is due: a night disposes of that first, then judges this record again.",
    ),
    "archived_to": Text(
        fr="Archivé le {day} (lot {batch}) : ce que la loi en fait garder est {left}.",
        en="Archived on {day} (batch {batch}): what the law keeps of it is {left}.",
    ),
    "archived_from": Text(
        fr="Archivé depuis {source} le {day} (lot {batch}).",
        en="Archived from {source} on {day} (batch {batch}).",
    ),
}
