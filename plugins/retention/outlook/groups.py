"""One pass over a population: its rows grouped by all that one or two declarations make their verdict and due month depend on.

Where the query is plain, rows are grouped by what the verdict depends on (ranges of anchor days, state, what is known of the
subject), and the verdict is asked once for each group instead of once for each row: in a range all comparisons come out alike.
Rows whose verdict depends on themselves (a request, columns still to be blanked, rows that hang from them) are few; they, and
populations whose query joins tables, are asked row by row, by the verdict as a night compiles it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from sqlalchemy import (
    Connection,
    FromClause,
    String,
    Subquery,
    cast,
    false,
    func,
    literal_column,
    not_,
    null,
    or_,
    select,
)
from sqlalchemy import case as sql_case
from sqlalchemy.sql.elements import BindParameter, False_, Label, Null, True_, TypeCoerce

from retention.declare.stores import AnchorType
from retention.declare.words import Action
from retention.explain.reader import Reader
from retention.night.on_hold import Present, present
from retention.night.verdicts import About, Bool, Compiled, Expr, Setting, Verdict
from retention.outlook.calendar import Buckets, Months, buckets_of
from retention.outlook.prospects import Signature
from retention.outlook.verdicts import Beside, Grouped
from retention.resolve import Asked, Term, children_of
from retention.stores.dialect import apart, readable
from retention.stores.inline import inline_rows
from retention.stores.inspect import sound_populations
from retention.stores.places import table_of

Declared = Mapping[str, Asked]  # what one declaration asks of each population of a store
_EXEMPLARY = ("record_id", "fingerprint")  # elements a key may be shown as: an opaque reference, never what it means


@dataclass(frozen=True)
class Group:
    """Rows of which all declarations say the same: the verdict of each, and what the due month depends on."""

    verdicts: tuple[Verdict, ...]
    frozen: bool
    rows: int
    example: str | None  # the key of one of them
    row: Signature


class Pass:
    """One pass over each population of a store, in one reading transaction, under one declaration or two."""

    def __init__(self, reader: Reader, connection: Connection, declared: Sequence[Declared], months: Months) -> None:
        self.reader, self.connection, self.declared, self.months = reader, connection, declared, months
        self.sound = sound_populations(connection, reader.store)
        self.holds: Present = present(connection)
        self.setting = Setting(
            reader.as_of, reader.horizon, reader.facts_of is None, reader.session.dialect, self.sound, holds=self.holds
        )

    def groups(self, population: str, *, recorded: str | None = None, since: Sequence[dt.date] = ()) -> Iterator[Group]:
        """The rows of a population in groups. Those recorded (by that anchor) before and after days `since` come apart."""
        part = _Population(self, population, recorded, tuple(since))
        for query, read in part.queries():
            for row in self.connection.execute(query).mappings():
                yield read(row)

    def count(self, population: str) -> int:
        """How many rows there are, where nothing else is to be known of them."""
        asked = self.declared[0][population]
        plain = _plain(asked)
        rows = table_of(asked.population) if plain else Compiled(population, dict(self.declared[0]), self.setting).rows
        assert isinstance(rows, FromClause)
        return int(self.connection.execute(select(func.count()).select_from(rows)).scalar_one())


def _plain(asked: Asked) -> bool:
    return inline_rows(asked.population, asked.sql, table_of(asked.population, *asked.population.columns)) is not None


@dataclass(frozen=True)
class _Parts:
    """The columns of a pass: expressions by name, and how a row of the result is read."""

    columns: dict[str, Expr]
    fixed: dict[str, Any]  # what is the same in every row

    @classmethod
    def of(cls, columns: Mapping[str, Expr]) -> _Parts:
        fixed = {name: isinstance(c, True_) for name, c in columns.items() if isinstance(c, True_ | False_)}
        return cls({name: c for name, c in columns.items() if name not in fixed}, fixed)


def _flag(condition: Bool) -> Expr:
    """Whether, as a number; a constant as it is."""
    return (
        condition
        if isinstance(condition, True_ | False_)
        else sql_case((condition, literal_column("1")), else_=literal_column("0"))
    )


class _Population:
    """The statements about one population."""

    def __init__(self, all_: Pass, name: str, recorded: str | None, since: tuple[dt.date, ...]) -> None:
        self.all, self.name, self.recorded, self.since = all_, name, recorded, since
        self.asked = [declared[name] for declared in all_.declared]
        self.population = self.asked[0].population

    # what the rows depend on

    @cached_property
    def buckets(self) -> dict[str, Buckets]:
        """The ranges of every anchor that some rule of some declaration runs from."""
        terms = [term for asked in self.asked for term in asked.terms]
        names = {term.anchor for term in terms} | {term.open_until for term in terms if term.open_until}
        names |= {"relationship_end"} if self.asked[0].needs_facts and self._requests_there else set()
        names |= {self.recorded} if self.recorded else set()
        made = {}
        for name in sorted(names):
            also = self.since if name == self.recorded else ()
            made[name] = buckets_of(terms, name, self.all.months, self.all.setting.horizon, also)
        return made

    @property
    def _requests_there(self) -> bool:
        return any(does == "request" for does, _ in self.all.holds)

    @cached_property
    def delicate(self) -> bool:
        """Whether a verdict that comes to disposal looks at more of the row: its columns, what hangs from it, its archive."""
        blanks = any(term.blanked for asked in self.asked for term in (*asked.whole, *asked.ceilings, *asked.partial))
        floors = any(asked.floors and not asked.is_archive for asked in self.asked)
        return blanks or floors or bool(children_of(self.asked[0].store, self.population))

    @cached_property
    def groupable(self) -> bool:
        """Whether the verdict of a row that is not special can be told from groups."""
        whole = self.population.parent is None or self.name in self.all.sound
        return _plain(self.asked[0]) and not self.population.ordered and whole

    # statements

    def queries(self) -> Iterator[tuple[Any, Any]]:
        for form in self._forms():
            first = self._compiled(form)
            special = self._special(first) if self.groupable else None
            narrowed = self._narrowed(first, form)
            if special is None:
                yield self._by_row(first, narrowed)
                continue
            few = not isinstance(special, False_)
            if few:
                yield self._by_row(first, [*narrowed, special])
            yield self._by_group(first, form, [*narrowed, not_(func.coalesce(special, false()))] if few else narrowed)

    def _forms(self) -> tuple[About | None, ...]:
        if not _plain(self.asked[0]):
            return (None,)
        return ("nobody", "named") if self.asked[0].needs_facts else ("anybody",)

    def _compiled(self, form: About | None) -> Compiled:
        return Compiled(self.name, dict(self.all.declared[0]), self.all.setting, inline=form)

    @staticmethod
    def _narrowed(first: Compiled, form: About | None) -> list[Bool]:
        if form not in ("nobody", "named"):
            return []
        return [first.naming.is_(None) if form == "nobody" else first.naming.is_not(None)]

    def _special(self, first: Compiled) -> Bool:
        """Rows whose verdict depends on more than ranges of days, state and subject."""
        found: list[Bool] = [first.requested] if _there(first, "request") else []
        if self.delicate:
            others = [Beside(first, dict(declared)) for declared in self.all.declared[1:]]
            found += [one.could_be_due() for one in (first, *others)]
        return or_(*found) if found else false()

    def _by_row(self, first: Compiled, where: Sequence[Bool]) -> tuple[Any, Any]:
        """Every verdict asked of every row."""
        every = [first, *(Beside(first, dict(declared)) for declared in self.all.declared[1:])]
        codes = {f"code_{number}": one.code for number, one in enumerate(every)}
        requested = _flag(first.requested) if _there(first, "request") else false()
        parts = _Parts.of({**codes, "requested": requested, **self._outer(every), **self._inner(first, facts=True)})
        inner = first.select(*_named(parts.columns), self._key(first).label("record")).where(*where).subquery("asked")
        names = [inner.c[name] for name in parts.columns]
        query = select(*names, func.count().label("n"), func.min(inner.c.record).label("example")).group_by(*names)
        return query, self._reading([one.verdicts for one in every], parts.fixed)

    def _by_group(self, first: Compiled, form: About | None, where: Sequence[Bool]) -> tuple[Any, Any]:
        """Rows grouped first, verdicts asked of the groups. What is known of a subject is looked at once for each subject."""
        state = Grouped.state(first)
        inner = _Parts.of(self._inner(first, facts=False))
        columns = {**inner.columns, **({} if _constant(state) else {"state": state})}
        days = {f"day_{name}": first.rows.c[name] for name in self.population.anchors}
        origin: FromClause = first.origin
        if self.asked[0].needs_facts and form != "nobody":
            known = self._known(first)
            origin = origin.outerjoin(known, known.c.subject_key == first.rows.c.subject_key)
            days |= {name: known.c[name] for name in known.c.keys() if name.startswith("day_")}  # noqa: SIM118
            columns |= {name: known.c[name] for name in known.c.keys() if name.startswith(("in_", "standing"))}  # noqa: SIM118
        key, dialect = self._key(first).label("record"), self.all.setting.dialect
        asked = apart(select(*_named({**columns, **days}), key).select_from(origin).where(*where), dialect).subquery("asked")
        names = [asked.c[name] for name in columns]
        least = [func.min(asked.c[name]).label(name) for name in days]
        counted = select(*names, *least, func.count().label("n"), func.min(asked.c.record).label("example"))
        groups = (counted.group_by(*names) if names else counted.having(func.count() > 0)).subquery("groups")
        judged = [
            Grouped(first, dict(declared), groups, state if _constant(state) else None, form) for declared in self.all.declared
        ]
        codes = {f"code_{number}": one.code for number, one in enumerate(judged)}
        outer = _Parts.of({**codes, **self._outer(judged)})
        told = [groups.c[name] for name in (*columns, "n", "example")]
        query = select(*_named(outer.columns), *told).select_from(groups)
        return query, self._reading([one.verdicts for one in judged], {**inner.fixed, **outer.fixed})

    def _known(self, first: Compiled) -> Subquery:
        """Of each subject: what it is to the company, and the ranges of its days."""
        names = [name for name in self.buckets if self._on_fact(name)]
        days = {f"day_{name}": first.fact_anchor(name) for name in names}
        ranges = {f"in_{name}": self._range(first, name) for name in names}
        told = {"subject_key": first.known.c.subject_key, "standing": Grouped.standing(first), **days, **ranges}
        return apart(select(*_named(told)).select_from(first.known), self.all.setting.dialect).subquery("known")

    # columns

    def _on_fact(self, name: str) -> bool:
        return name not in self.population.anchors

    def _inner(self, first: Compiled, *, facts: bool) -> dict[str, Expr]:
        """What can only be told from the row: its ranges, whether it is frozen, whether its columns are blank.

        `facts`: also the ranges of what is known of its subject.
        """
        frozen = _there(first, "insurance", "firm")
        # Among rows that are grouped none has a request that a hold could yield to.
        found: dict[str, Expr] = {
            "frozen": _flag(first.frozen if facts else first.on_hold.frozen(false())) if frozen else false()
        }
        for name in self.buckets:
            if not self._on_fact(name) or (facts and first.inline != "nobody"):
                found[f"in_{name}"] = self._range(first, name)
        for number, term in enumerate(self._blanking):
            found[f"full_{number}"] = _flag(first.not_blank(term.blanked))
        return found

    def _range(self, first: Compiled, name: str) -> Expr:
        """The number of the range in which an anchor lies."""
        on_fact, dialect = self._on_fact(name), self.all.setting.dialect
        anchor: Expr = first.fact_anchor(name) if on_fact else first.rows.c[name]
        kind: AnchorType = "date" if on_fact else self.population.anchors[name]
        fit = readable(anchor, kind, dialect)
        return self.buckets[name].number(anchor, lambda day: first.anchors.bound(kind, day), fit, typed=dialect != "sqlite")

    def _outer(self, every: Sequence[Compiled]) -> dict[str, Expr]:
        """What can be told from state and facts as well: which rules are about the row."""
        return {f"about_{n}_{m}": _flag(one.applies(t)) for n, one in enumerate(every) for m, t in enumerate(one.asked.terms)}

    @cached_property
    def _blanking(self) -> list[Term]:
        """Rules whose due month depends on whether their columns are blank; one for each set of columns."""
        found: dict[tuple[str, ...], Term] = {}
        for asked in self.asked:
            in_place = asked.archive is None and not asked.is_archive
            for term in (*asked.whole, *asked.ceilings, *asked.partial, *(asked.floors if in_place else ())):
                if term.blanked and term.rule.action in (Action.ANONYMISE, Action.MINIMISE):
                    found.setdefault(term.blanked, term)
        return list(found.values())

    def _key(self, first: Compiled) -> Expr:
        """The key of an example, or nothing where the key itself says something of somebody."""
        if self.population.columns[self.population.key].element not in _EXEMPLARY:
            return cast(null(), String)
        key: Expr = first.rows.c.record_key
        return cast(key, String) if self.population.key_type == "uuid" else key

    # reading

    def _reading(self, verdicts: Sequence[Sequence[Verdict]], fixed: Mapping[str, Any]) -> Any:
        """How a row of the result becomes a group."""
        terms = [asked.terms for asked in self.asked]
        blanking = {term.blanked: f"full_{number}" for number, term in enumerate(self._blanking)}

        def read(row: Mapping[str, Any]) -> Group:
            said = {**fixed, **row}
            days = {name: buckets.day(said.get(f"in_{name}")) for name, buckets in self.buckets.items()}
            applied = {f"{n}:{term.id}" for n, of in enumerate(terms) for m, term in enumerate(of) if said[f"about_{n}_{m}"]}
            full = {f"{n}:{t.id}" for n, of in enumerate(terms) for t in of if said.get(blanking.get(t.blanked, ""), False)}
            signature = Signature(days, frozenset(applied), frozenset(full), bool(said.get("requested", False)))
            told = tuple(verdicts[n][said[f"code_{n}"] - 1] for n in range(len(verdicts)))
            example = said["example"]
            return Group(told, bool(said["frozen"]), int(said["n"]), str(example) if example is not None else None, signature)

        return read


def under(row: Signature, number: int) -> Signature:
    """What a signature says of the rules of one declaration."""
    mark = f"{number}:"

    def of(names: frozenset[str]) -> frozenset[str]:
        return frozenset(name.removeprefix(mark) for name in names if name.startswith(mark))

    return replace(row, applies=of(row.applies), full=of(row.full))


def _there(compiled: Compiled, *does: str) -> bool:
    """Whether the store has holds that do one of these things, as far as they may concern such rows."""
    nobody = compiled.inline == "nobody"
    return any(one in does and not (nobody and named == "subject") for one, named in compiled.setting.holds or ())


def _named(columns: Mapping[str, Expr]) -> list[Label[Any]]:
    return [expression.label(name) for name, expression in columns.items()]


def _constant(expression: Expr) -> bool:
    inside = expression.clause if isinstance(expression, TypeCoerce) else expression
    return isinstance(inside, BindParameter | Null)
