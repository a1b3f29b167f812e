"""The verdict in two more forms: of rows that another verdict is about as well, and of groups of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import FromClause, Subquery, false, literal, null, type_coerce
from sqlalchemy import case as sql_case
from sqlalchemy import literal_column as constant

from retention.night.verdicts import About, Bool, Compiled, Expr
from retention.resolve import Asked, Term
from retention.stores import tables
from retention.stores.inline import InlineRows
from retention.stores.query import column_types

_CONTRADICTORY, _CONTRACTS, _TRIALS, _NEITHER = range(4)  # what is known of a subject, as far as a verdict asks


class Beside(Compiled):
    """The verdicts of another declaration about the rows of a first one, to be asked in the same statement."""

    def __init__(self, first: Compiled, every: dict[str, Asked]) -> None:
        self._first = first
        super().__init__(first.population.name, every, first.setting, alias="q", inline=first.inline, table=first.table)

    def _rows(self, place: bool) -> Subquery | InlineRows:
        self.naming = self._first.naming
        return self._first.rows

    def _facts(self) -> FromClause | InlineRows:
        self.known = self._first.known
        return self._first.facts


class Grouped(Compiled):
    """The verdicts of groups of rows that compare alike with everything that a verdict compares them with.

    Never of rows that a request is about, nor of those that may come to disposal where that depends on the row itself.
    """

    def __init__(
        self, first: Compiled, every: dict[str, Asked], groups: Subquery, state: Expr | None, form: About | None
    ) -> None:
        self._groups, self._state = groups, state
        quiet = replace(first.setting, holds=frozenset(), sound=frozenset(every))
        super().__init__(first.population.name, every, quiet, alias="g", inline=form, table=first.table)

    @staticmethod
    def state(first: Compiled) -> Expr:
        """What a row is, as far as a verdict asks."""
        state: Expr = first.rows.c.state
        return state

    @staticmethod
    def standing(first: Compiled) -> Expr:
        """What a known subject is to the company, as far as a verdict asks."""
        known = first.known.c
        told = ((known.problem.is_not(None), _CONTRADICTORY), (known.contracts > 0, _CONTRACTS), (known.trials > 0, _TRIALS))
        return sql_case(*((condition, constant(str(number))) for condition, number in told), else_=constant(str(_NEITHER)))

    def _rows(self, place: bool) -> Subquery | InlineRows:
        types = column_types(self.population)
        nothing: dict[str, Expr] = {name: type_coerce(null(), kind) for name, kind in types.items()}
        said: dict[str, Expr] = {
            name: type_coerce(self._groups.c[f"day_{name}"], types[name]) for name in self.population.anchors
        }
        said["state"] = self._state if self._state is not None else type_coerce(self._groups.c.state, types["state"])
        return InlineRows(self._groups, {**nothing, **said})  # type: ignore[arg-type]

    def _facts(self) -> FromClause | InlineRows:
        nothing: dict[str, Any] = {c.name: type_coerce(null(), c.type) for c in tables.fact.c}
        if not self.asked.needs_facts or self.inline == "nobody":
            return InlineRows(self.table, nothing)
        standing = self._groups.c.standing
        contracts, trials = (sql_case((standing == number, 1), else_=0) for number in (_CONTRACTS, _TRIALS))
        told = {
            "subject_key": sql_case((standing.is_not(None), literal("?"))),
            "problem": sql_case((standing == _CONTRADICTORY, literal("?"))),
            "contracts": contracts,
            "trials": trials,
        }
        names = {"relationship_end": "contract_until"}
        days = {
            names.get(name, name): self._groups.c[f"day_{name}"]
            for name in ("relationship_end", "trial_start", "trial_end")
            if name not in self.population.anchors and f"day_{name}" in self._groups.c
        }
        return InlineRows(self.table, {**nothing, **told, **days})

    @property
    def source(self) -> FromClause:
        return self._groups

    def not_blank(self, blanked: Sequence[str]) -> Bool:
        return false()

    def _archived(self, stand: Bool, term: Term | None, rule: str, blanked: tuple[str, ...]) -> Iterable[tuple[Bool, Expr]]:
        return ()

    @property
    def _child_stays(self) -> Bool | None:
        return None

    def _in_small_cell(self, rule: str) -> Bool:
        return false()
