"""The verdict of a row: one SQL CASE compiled from what is asked of its population.

Scan, candidate list and DELETE use the same expression, so they cannot disagree. The order of the branches is the order of
`docs/design/overview.md`, "Rules and how they combine": what is unreadable first, then requests, ceilings, reasons to keep, and
only when none of these speaks, disposal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import combinations
from typing import Any, Literal

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    FromClause,
    Select,
    Subquery,
    case,
    exists,
    false,
    func,
    literal_column,
    null,
    select,
    true,
    type_coerce,
    union_all,
)
from sqlalchemy import table as sql_table
from sqlalchemy.sql.elements import BindParameter, ColumnClause, False_, True_, TypeCoerce
from sqlalchemy.sql.expression import TableClause
from sqlalchemy.sql.expression import column as sql_column

from retention.declare.rules import LegitimateInterest, Relationship
from retention.declare.stores import Population
from retention.declare.words import Action, Standing
from retention.evidence.records import Disposition
from retention.night.anchors import Anchors, Granted
from retention.night.conditions import both, either, negated
from retention.night.on_hold import OnHold, Present
from retention.night.small_cells import in_small_cell
from retention.resolve import Asked, Term, children_of
from retention.stores import tables
from retention.stores.dialect import month_start
from retention.stores.inline import InlineRows, inline_rows
from retention.stores.keys import Uuid
from retention.stores.places import table_of
from retention.stores.query import TID, population_rows

ERASURE = "erasure-request"
# Whose rows an inlined verdict is about: anybody's; those that name nobody, and need no facts; those that name somebody; those
# of somebody who is known, where the statement sees to it that the facts are there.
About = Literal["anybody", "nobody", "named", "known"]
Bool = ColumnElement[bool]
Expr = ColumnElement[Any]


@dataclass(frozen=True)
class Verdict:
    """What a row is told. `code` is its number in the compiled CASE of its population."""

    code: int
    disposition: Disposition
    reason: str
    term: Term | None = None
    rule: str | None = None
    action: Action | None = None
    blanked: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, str, str]:
        """Rule, reason and action, as a candidate carries them."""
        return (self.rule or "", self.reason, self.action.value if self.action else "")


@dataclass(frozen=True, eq=False)
class Way:
    """One way in which a row may be due. `met`: the row's condition. `open`: what must be so in our own tables for any row."""

    met: Bool
    open: Bool | None = None


@dataclass(frozen=True)
class Setting:
    """What a compilation depends on besides the declaration."""

    as_of: dt.date
    horizon: dt.date  # nothing recorded may lie after it
    facts_stale: bool
    dialect: str
    sound: frozenset[str] = frozenset()  # populations whose parents exist for certain: the database sees to it
    children_gone: bool = False  # rows that were to go before their parents have gone: any that is left stays
    holds: Present | None = None  # the kinds of holds there are, where that is known
    partitioned: frozenset[str] = frozenset()  # populations whose table is kept in parts
    detached: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # parts of them that their table no longer shows


class Compiled:
    """One population's verdicts, ready to be put into statements.

    `rows` is the population under an alias, `facts` the subject facts beside it, `code` the CASE, `frozen` whether a hold
    freezes the row, `freeze` the rank of the strongest that does (0: none), `erasure` whether an approved request asks for it
    and nothing stands against that, `requested` whether one asks at all.
    """

    def __init__(
        self,
        name: str,
        every: dict[str, Asked],
        setting: Setting,
        alias: str = "p",
        *,
        place: bool = False,
        inline: About | None = None,
        table: TableClause | None = None,
        granted: Granted | None = None,
    ) -> None:
        """`inline`: over the table itself, where the query can be read so (`stores.inline`).

        `table`: the one that other verdicts of the same statement are about. `granted`: what each of the rows is known to meet,
        by a condition that the statement adds (`anchors.what_is_granted`).
        """
        self.asked = every[name]
        self.population = self.asked.population
        self.every, self.setting, self.alias, self.inline = every, setting, alias, inline
        placed: list[Any] = [sql_column("ctid", TID()), sql_column("tableoid", BigInteger())] if place else []
        typed = {self.population.key: Uuid()} if self.population.key_type == "uuid" else {}
        columns = (sql_column(name, typed.get(name)) for name in self.population.columns)
        named = table_of(self.population, *columns, *placed)
        self.table = named if table is None else table
        self.known = tables.fact.alias(f"{alias}_fact")
        self.naming: Expr = null()  # inlined: the row's own subject, whatever is known of it
        self.rows: Subquery | InlineRows = self._rows(place)
        self.facts: FromClause | InlineRows = self._facts()
        kinds, zone = self.population.anchors, self.asked.store.declared.timezone
        self.anchors = Anchors(self.rows.c, kinds, zone, setting.dialect, granted)
        self.verdicts: list[Verdict] = []
        subject = self.rows.c.subject_key if self.asked.needs_facts and inline != "nobody" else None
        self.on_hold = OnHold(alias, subject, self._records(), self.population.category, setting.holds)
        yielding, unconditional = self._requests()
        self.requested: Bool = either(yielding, unconditional)
        self.erasure: Bool = either(unconditional, both(yielding, negated(self._contract_live())))
        self.frozen: Bool = self.on_hold.frozen(self.erasure)
        self.freeze: Expr = literal_column("0")
        if not isinstance(self.frozen, False_):
            self.freeze = case((self.frozen, self.on_hold.strongest(self.erasure)), else_=self.freeze)
        self.code: Expr = self._code()

    def _rows(self, place: bool) -> Subquery | InlineRows:
        if self.inline is None:
            return population_rows(self.population, self.asked.sql, self.alias, place=place)
        rows = inline_rows(self.population, self.asked.sql, self.table)
        assert rows is not None, "asked to inline what cannot be"
        self.naming = rows.c.subject_key
        if self.inline == "nobody":
            return rows.naming(type_coerce(null(), self.naming.type))
        # In the facts it is asked about once for each subject, in the row once for each row.
        return rows.naming(self.known.c.subject_key) if self.inline == "known" else rows

    def _facts(self) -> FromClause | InlineRows:
        nothing = InlineRows(self.table, {c.name: type_coerce(null(), c.type) for c in tables.fact.c})
        return nothing if self.inline == "nobody" else self.known

    # statements

    @property
    def origin(self) -> FromClause:
        """What the rows are read from."""
        return self.rows.table if isinstance(self.rows, InlineRows) else self.rows

    @property
    def source(self) -> FromClause:
        """Rows with their facts."""
        if not self.asked.needs_facts or self.inline == "nobody":
            return self.origin
        return self.origin.outerjoin(self.known, self.known.c.subject_key == self.rows.c.subject_key)

    def select(self, *columns: Expr) -> Select[Any]:
        return select(*columns).select_from(self.source)

    def due(self, verdicts: Iterable[Verdict]) -> Bool:
        """Rows with one of these verdicts that nothing freezes. The whole predicate of a disposal."""
        codes = [str(verdict.code) for verdict in verdicts]
        if not codes:
            return false()
        if isinstance(self.code, ColumnClause):  # every row is told the same
            told: Bool = true() if self.code.name in codes else false()
        else:
            told = self.code.in_([literal_column(code) for code in codes])
        return both(told, negated(self.frozen))

    def due_verdicts(self) -> tuple[Verdict, ...]:
        return tuple(verdict for verdict in self.verdicts if verdict.disposition == "due")

    def could_be_due(self) -> Bool:
        """A necessary condition of being due that indexes can serve. It narrows the search and decides nothing."""
        return either(*(way.met for way in self.ways_to_be_due()))

    def ways_to_be_due(self) -> list[Way]:
        """The ways of which a row that is due meets at least one."""
        ways: list[Way] = []
        for term in (*self.asked.whole, *self.asked.ceilings, *self.asked.partial, *self._floors_of_archive):
            if term.awaited:
                continue
            if term.lapsed or term.cutoff is None:
                return [Way(true())]
            if term.on_fact:
                facts = tables.fact.alias("due_fact")
                column = facts.c.contract_until if term.anchor == "relationship_end" else facts.c[term.anchor]
                ways.append(self._by_subject(select(facts.c.subject_key).where(column <= term.cutoff)))
            else:
                ways.append(Way(self.anchors.reached(term.anchor, term.cutoff)))
        request = tables.hold.alias("due_request")
        asked_for = request.c.rank == tables.ERASURE_RANK
        if self.asked.needs_facts:
            ways.append(self._by_subject(select(request.c.subject_key).where(asked_for, request.c.subject_key.is_not(None))))
        # A request about one record may concern any row below it; such requests are few, and then every row is looked at.
        some = exists(select(request.c.hold_id).where(asked_for, request.c.record_key.is_not(None)))
        return [*ways, Way(some, some)]

    def _by_subject(self, subjects: Select[Any]) -> Way:
        return Way(self.rows.c.subject_key.in_(subjects), exists(subjects))

    def surely(self, verdicts: Sequence[Verdict]) -> Bool | None:
        """A necessary condition of having one of these verdicts: the anchor has reached the cutoff. None if none is."""
        terms = _of_the_row(verdicts)
        return either(*(self.anchors.reached(term.anchor, day) for term, day in terms)) if terms else None

    def grant(self, verdicts: Sequence[Verdict]) -> Granted | None:
        """What every row with one of these verdicts meets; None where that is not one anchor that has reached one cutoff."""
        granted = {self.anchors.grant(term.anchor, day) for term, day in _of_the_row(verdicts)}
        return granted.pop() if len(granted) == 1 else None

    # anchors and facts

    def anchor(self, term: Term) -> Expr:
        """The term's anchor, from the row or from the subject's facts."""
        if not term.on_fact:
            return self.rows.c[term.anchor]
        return self.fact_anchor(term.anchor)

    def fact_anchor(self, name: str) -> Expr:
        return self.facts.c.contract_until if name == "relationship_end" else self.facts.c[name]

    # requests and holds

    def _records(self) -> list[tuple[str, Expr]]:
        """The row itself and the records it hangs from."""
        return [(self.population.name, self.rows.c.record_key), *self._ancestors()]

    def _ancestors(self) -> list[tuple[str, Expr]]:
        """The records this row hangs from, as (population, key)."""
        found: list[tuple[str, Expr]] = []
        population: Population = self.population
        key: Expr = self.rows.c.record_key
        while population.parent is not None:
            key = self._parent_of(population, key) if found else self.rows.c.parent_key
            above = self.every[population.parent.population].population
            found.append((above.name, self._spelled(above, key)))
            if above.name == population.name:
                break
            population = above
        return found

    def _spelled(self, above: Population, key: Expr) -> Expr:
        """The key as the record above has it: where a collation forgets case a row may refer to `a` as `A`; a hold may not."""
        if above.key_type != "text":
            return key
        table = table_of(above, above.key).alias(f"{self.alias}_{above.name}_spelled")
        own = table.c[above.key]
        return select(own).where(own == key).correlate_except(table).scalar_subquery()

    def _parent_of(self, population: Population, key: Expr) -> Expr:
        rows = population_rows(population, self.every[population.name].sql, f"{self.alias}_{population.name}_up")
        return select(rows.c.parent_key).where(rows.c.record_key == key).correlate_except(rows).scalar_subquery()

    def _requests(self) -> tuple[Bool, Bool]:
        """Whether an approved request concerns the row: one that a live contract stands against, and one that none can.

        A request about a customer, or about a record that is the relationship itself (account, contract, trial), yields to a
        live contract. One about any other record concerns a person or a thing of theirs, whatever contract the employer has.
        """
        names = [name for name, _ in self.on_hold.records]
        relational = [name for name in names if self.every[name].population.role]
        personal = [name for name in names if name not in relational]
        return self.on_hold.named("request", relational, subject=True), self.on_hold.named("request", personal, subject=False)

    def _contract_live(self) -> Bool:
        """Whether the subject has a contract that has not ended. Never NULL."""
        if not self.asked.needs_facts:
            return false()
        return func.coalesce(both(self.facts.c.contracts > 0, self.facts.c.contract_until >= self.setting.as_of), false())

    # the CASE

    def _say(
        self,
        disposition: Disposition,
        reason: str,
        term: Term | None = None,
        *,
        rule: str | None = None,
        action: Action | None = None,
        blanked: tuple[str, ...] = (),
    ) -> Expr:
        """Registers a verdict and returns its code."""
        verdict = Verdict(
            len(self.verdicts) + 1, disposition, reason, term, rule or (term.id if term else None), action, blanked
        )
        self.verdicts.append(verdict)
        return literal_column(str(verdict.code))

    def _code(self) -> Expr:
        branches = [
            *self._unreadable(),
            *self._facts_missing(),
            *self._erased(),
            *self._ceilings_reached(),
            *self._all_due(),
            *self._law_over(),
            *self._fields_due(),
            *self._request_refused(),
            *self._reasons_to_keep(),
        ]
        kept = self._say("keep", "no_criterion")
        return _case(branches, kept)

    def _unreadable(self) -> Iterable[tuple[Bool, Expr]]:
        population, rows = self.population, self.rows
        for name in population.anchors:
            if name not in population.optional_anchors:
                yield self.anchors.missing(name), self._say("quarantine", "anchor_missing")
            yield self.anchors.unreadable(name), self._say("quarantine", "anchor_unreadable")
            if name not in population.future_anchors:
                yield self.anchors.after(name, self.setting.horizon), self._say("quarantine", "anchor_future")
        for earlier, later in population.ordered:
            yield rows.c[later] < rows.c[earlier], self._say("quarantine", "end_before_start")
        known = self._in_state(population.states)
        unknown = negated(known) if isinstance(known, True_ | False_) else func.coalesce(negated(known), true())
        yield unknown, self._say("quarantine", "unknown_state")
        if population.quarantined_states:
            yield self._in_state(population.quarantined_states), self._say("quarantine", "quarantined_state")
        for term in self.asked.terms:  # an anchor that may be absent, but not where a rule runs from it
            if not term.on_fact and term.anchor in population.optional_anchors and term.anchor != term.open_until:
                yield (
                    both(self.applies(term), self.anchors.missing(term.anchor)),
                    self._say("quarantine", "anchor_missing", term),
                )
        if population.parent is not None and population.name not in self.setting.sound:
            above = self.every[population.parent.population].population
            parent = table_of(above, above.key).alias(f"{self.alias}_parent")
            found = select(parent.c[above.key]).where(parent.c[above.key] == rows.c.parent_key)
            gone = negated(exists(found.correlate_except(parent)))
            yield both(rows.c.parent_key.is_not(None), gone), self._say("quarantine", "parent_missing")

    def _facts_missing(self) -> Iterable[tuple[Bool, Expr]]:
        if not self.asked.needs_facts:
            return
        named = self._named
        if self.population.subject == "required":
            yield negated(named), self._say("quarantine", "subject_missing")
        stale = self._say("keep", "facts_stale")
        if self.setting.facts_stale:
            yield named, stale
        unknown = false() if self.inline == "known" else self.facts.c.subject_key.is_(None)
        yield both(named, unknown), self._say("quarantine", "subject_unknown")
        contradictory = false() if self.inline == "nobody" else self.facts.c.problem.is_not(None)
        yield contradictory, self._say("quarantine", "subject_contradictory")

    @property
    def _named(self) -> Bool:
        """Whether the row names a subject."""
        if self.inline in (None, "anybody"):
            return self.rows.c.subject_key.is_not(None)
        return false() if self.inline == "nobody" else true()

    def _erased(self) -> Iterable[tuple[Bool, Expr]]:
        yield self.erasure, self._final(None, "erasure_request", Action.DELETE)

    def _request_refused(self) -> Iterable[tuple[Bool, Expr]]:
        """A request that yields to a live contract changes nothing, but a person must hear of it."""
        if self.asked.needs_facts:
            yield self.requested, self._say("keep", "erasure_contract_live", rule=ERASURE)

    def _ceilings_reached(self) -> Iterable[tuple[Bool, Expr]]:
        for term in self.asked.ceilings:
            yield both(self.applies(term), self.is_due(term)), self._final(term, "ceiling_reached", term.rule.action)

    def _all_due(self) -> Iterable[tuple[Bool, Expr]]:
        terms = self.asked.whole
        if not terms:
            return
        kept = either(*(both(self.applies(term), negated(self.is_due(term))) for term in terms))
        for term in terms:
            if not term.awaited:
                yield both(self.applies(term), negated(kept)), self._final(term, _due_reason(term), term.rule.action)

    @property
    def _floors_of_archive(self) -> tuple[Term, ...]:
        """The floors that are all there is to keep a row."""
        return self.asked.floors if self.asked.is_archive else ()

    def _law_over(self) -> Iterable[tuple[Bool, Expr]]:
        """In an archive the law alone keeps a row: kept while any floor runs or is undecided, due when all are over."""
        for floor in self._floors_of_archive:
            waiting = self._say("keep", "undecided", floor) if floor.awaited else None
            yield self.applies(floor), waiting if waiting is not None else self._final(floor, "floor_over", Action.DELETE)

    def _fields_due(self) -> Iterable[tuple[Bool, Expr]]:
        for term in self.asked.partial:
            if not term.awaited and term.blanked:
                code = self._say("due", "fields_period_over", term, action=Action.ANONYMISE, blanked=term.blanked)
                yield both(self.applies(term), self.is_due(term), self.not_blank(term.blanked)), code

    def _reasons_to_keep(self) -> Iterable[tuple[Bool, Expr]]:
        for term in (*self.asked.whole, *self.asked.ceilings):
            applies = (
                self.applies(term) if term in self.asked.ceilings else both(self.applies(term), negated(self.is_due(term)))
            )
            if term.awaited:
                yield applies, self._say("keep", "undecided", term)
                continue
            if term.open_until:
                yield both(applies, self._open(term)), self._say("keep", "trial_open", term)
            if isinstance(term.rule, Relationship):
                yield both(applies, self.anchor(term) >= self.setting.as_of), self._say("keep", "contract_live", term)
            reason = "interest_holds" if isinstance(term.rule, LegitimateInterest) else "period_running"
            yield applies, self._say("keep", reason, term)

    def applies(self, term: Term) -> Bool:
        """Whether the rule is about this row."""
        scope, conditions = term.rule.scope, []
        standings = set(scope.standings) & self.asked.standings if scope.standings else set(self.asked.standings)
        if standings != self.asked.standings:
            conditions.append(either(*(self._has_standing(standing) for standing in sorted(standings))))
        states = [state for state in scope.states if state in self.population.states]
        if states:
            conditions.append(self._in_state(states))
        return both(*conditions) if conditions else true()

    def _has_standing(self, standing: Standing) -> Bool:
        by_state = self.population.standing_by_state
        stated = [state for state, means in by_state.items() if means is standing]
        if set(self.population.states) - set(self.population.quarantined_states) <= set(by_state):
            return self._in_state(stated)
        contracts, trials = self.facts.c.contracts, self.facts.c.trials
        known = self._named  # spelled out, for a row without subject has facts of NULL
        from_facts = {
            Standing.ANONYMOUS: negated(known),
            Standing.CUSTOMER: both(known, contracts > 0),
            Standing.TRIAL: both(known, contracts == 0, trials > 0),
            Standing.PROSPECT: both(known, contracts == 0, trials == 0),
        }[standing]
        if not by_state:
            return from_facts
        return either(self._in_state(stated), both(negated(self._in_state(by_state)), from_facts))

    def _in_state(self, states: Iterable[str]) -> Bool:
        """Whether the row is in one of these states; certain where its query says but one."""
        wanted, state = list(states), self.rows.c.state
        said = state.clause if isinstance(state, TypeCoerce) else state
        if isinstance(said, BindParameter):
            return true() if said.value in wanted else false()
        found: Bool = state.in_(wanted) if wanted else false()
        return found

    def _open(self, term: Term) -> Bool:
        """Whether the matter has not ended yet."""
        name = str(term.open_until)
        if not term.open_on_fact:
            return self.anchors.open_on(name, self.setting.as_of)
        anchor = self.fact_anchor(name)
        return either(anchor.is_(None), anchor >= self.setting.as_of)

    def is_due(self, term: Term) -> Bool:
        """Whether the rule no longer keeps the row. Never NULL, and never true while a decision is awaited."""
        if term.awaited or term.cutoff is None:
            return false()
        if term.lapsed:
            return true()
        if term.on_fact:
            reached = self.anchors.at_last(self.anchor(term), term.anchor_type, term.cutoff)
        else:
            reached = self.anchors.reached(term.anchor, term.cutoff)
        if term.open_until:
            reached = both(reached, negated(self._open(term)))
        return func.coalesce(reached, false()) if term.on_fact else reached

    def _final(self, term: Term | None, reason: str, action: Action) -> Expr:
        """A row that nothing keeps any longer, but for floors, for children that stay, and for what has been done already."""
        rule = term.id if term else ERASURE
        branches: list[tuple[Bool, Expr]] = []
        for floor in self.asked.floors:
            if floor.awaited:
                branches.append((self.applies(floor), self._say("keep", "undecided", floor)))
        branches += self._floors_stand(term, rule)
        blanked = term.blanked if term and action is Action.ANONYMISE else ()
        if action is Action.ANONYMISE:
            branches.append((negated(self.not_blank(blanked)), self._say("keep", "already_anonymised", term)))
        staying = self._child_stays
        if staying is not None:
            branches.append((staying, self._say("keep", "child_kept", term, rule=rule)))
        if action is Action.ANONYMISE and term is not None and term.smallest_cell and self.population.cell:
            small = self._say("due", "small_cell", term, rule=rule, action=Action.DELETE)
            branches.append((self._in_small_cell(rule), small))
        code = self._say("due", reason, term, rule=rule, action=action, blanked=blanked)
        return _case(branches, code)

    def _floors_stand(self, term: Term | None, rule: str) -> Iterable[tuple[Bool, Expr]]:
        """While floors run only what none of them covers goes: first where all of them run, last where one does."""
        floors = [floor for floor in self.asked.floors if not floor.awaited]
        for number in range(len(floors), 0, -1):
            for standing in combinations(floors, number):
                stand = both(*(both(self.applies(floor), negated(self.is_due(floor))) for floor in standing))
                blanked = tuple(name for name in standing[0].blanked if all(name in floor.blanked for floor in standing))
                if self.asked.archive is not None:
                    yield from self._archived(stand, term, rule, blanked)
                    continue
                if not self.asked.is_archive:
                    minimise = self._say("due", "floor_remains", term, rule=rule, action=Action.MINIMISE, blanked=blanked)
                    yield both(stand, self.not_blank(blanked)), minimise
                yield stand, self._say("keep", "floor_running", standing[0])

    def _archived(self, stand: Bool, term: Term | None, rule: str, blanked: tuple[str, ...]) -> Iterable[tuple[Bool, Expr]]:
        """What a floor keeps is moved, unless a row of that key stays in the archive, or children stay."""
        yield both(stand, self._key_stays), self._say("quarantine", "archive_key_taken", term, rule=rule)
        if self._child_stays is not None:
            yield both(stand, self._child_stays), self._say("keep", "child_kept", term, rule=rule)
        yield stand, self._say("due", "floor_remains", term, rule=rule, action=Action.ARCHIVE, blanked=blanked)

    @cached_property
    def _key_stays(self) -> Bool:
        """Whether the archive has a row of this key that is not about to go: before disposal its own verdict is asked."""
        archive = self.asked.archive
        assert archive is not None
        if self.setting.children_gone:
            there = table_of(archive, archive.key).alias(f"{self.alias}_archive")
            same = select(there.c[archive.key]).where(there.c[archive.key] == self.rows.c.record_key)
            return exists(same.correlate_except(there))
        above = Compiled(archive.name, self.every, self.setting, alias=f"{self.alias}_archive")
        left = self._without(above, above.due_verdicts(), above.rows.c.record_key)
        return exists(select(left.c.record_key).where(left.c.record_key == self.rows.c.record_key).correlate(self.origin))

    def not_blank(self, blanked: Sequence[str]) -> Bool:
        """Whether any of these columns of the row still says something."""
        if not blanked:
            return false()
        if self.inline is not None:
            return either(*(self._differs(self.table.c[name], name) for name in blanked))
        table = self.table.alias(f"{self.alias}_t")
        full = either(*(self._differs(table.c[name], name) for name in blanked))
        mine = table.c[self.population.key] == self.rows.c.record_key
        return exists(select(table.c[self.population.key]).where(mine, full).correlate_except(table))

    def _differs(self, column: Expr, name: str) -> Bool:
        blank = self.population.columns[name].blank
        if blank == "null":
            return column.is_not(None)
        wanted = {"empty": "", "zero": 0}.get(blank)
        return column != (month_start(column, self.setting.dialect) if blank == "month" else wanted)

    @cached_property
    def _child_stays(self) -> Bool | None:
        """Whether a row that refers to this one is not about to let go of it.

        Before disposal the child's own verdict is asked: what is due, not held, and will no longer refer to this row is
        about to go. During disposal it has gone already, and any that is there stays.
        """
        staying: list[Bool] = []
        for child in children_of(self.asked.store, self.population):
            left = self._left_behind(child)
            mine = left.c.parent_key == self.rows.c.record_key
            staying.append(exists(select(left.c.parent_key).where(mine).correlate(self.origin)))
        return either(*staying) if staying else None

    def _left_behind(self, child: Population) -> FromClause:
        """The parent keys of child rows that stay."""
        if self.setting.children_gone:
            column = child.parent.column if child.parent is not None else ""
            named = f"{self.alias}_{child.name}"
            apart = (sql_table(part, sql_column(column)) for part in self.setting.detached.get(child.name, ()))
            there = [
                select(table.alias(f"{named}_{n}" if n else named).c[column].label("parent_key"))
                for n, table in enumerate((table_of(child, column), *apart))
            ]
            return (union_all(*there) if len(there) > 1 else there[0]).subquery(f"{named}_there")
        below = Compiled(child.name, self.every, self.setting, alias=f"{self.alias}_{child.name}")
        releasing = tuple(verdict for verdict in below.due_verdicts() if _releases(verdict, child))
        return self._without(below, releasing, below.rows.c.parent_key)

    def _without(self, others: Compiled, verdicts: Sequence[Verdict], column: Expr) -> CTE:
        """A column of the rows of another population but for those that have one of these verdicts and are not held."""
        # By name, for the verdict of a grandchild inside that of a child inside this one is more than a parser bears.
        left = others.select(column).where(negated(others.due(verdicts))).cte(f"{others.alias}_left")
        return left if self.setting.dialect in ("mysql", "mariadb") else left.prefix_with("NOT MATERIALIZED")

    def _in_small_cell(self, rule: str) -> Bool:
        """Whether too few rows would look like this one after anonymisation, as the scan found before it judged."""
        return in_small_cell(self.population, rule, self.rows.c.record_key, self.alias)


def _case(branches: Sequence[tuple[Bool, Expr]], otherwise: Expr) -> Expr:
    """A CASE of those branches that a row can come to."""
    open_ones: list[tuple[Bool, Expr]] = []
    for met, code in branches:
        if isinstance(met, True_):
            otherwise = code
            break
        if not isinstance(met, False_):
            open_ones.append((met, code))
    return case(*open_ones, else_=otherwise) if open_ones else otherwise


def _of_the_row(verdicts: Sequence[Verdict]) -> list[tuple[Term, dt.date]]:
    """The terms of these verdicts with their cutoffs, where all of them run from an anchor of the row itself; else none."""
    found: list[tuple[Term, dt.date]] = []
    for term in {verdict.term for verdict in verdicts}:
        if term is None or term.lapsed or term.on_fact or term.cutoff is None:
            return []
        found.append((term, term.cutoff))
    return found


def _releases(verdict: Verdict, child: Population) -> bool:
    """Whether a child row no longer refers to its parent once this has been done to it."""
    gone = verdict.action in (Action.DELETE, Action.ARCHIVE)
    return gone or (child.parent is not None and child.parent.column in verdict.blanked)


def _due_reason(term: Term) -> str:
    if isinstance(term.rule, Relationship):
        return "relationship_over"
    if isinstance(term.rule, LegitimateInterest):
        return "interest_lapsed" if term.lapsed else "interest_over"
    return "period_over"
