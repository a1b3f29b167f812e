"""A population query read as expressions over its own table, so that a statement that changes the table need not join it.

Only where the query says no more than that: one table, and columns made of plain comparisons and CASE. Everything else is
joined (`query.population_rows`). What is read here means the same on every database.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, not_, null, or_, type_coerce
from sqlalchemy.sql.expression import TableClause
from sqlglot import exp

from retention.declare.stores import Population
from retention.stores.query import column_types, statement_of

Expr = ColumnElement[Any]


class Columns:
    """Expressions by the names of a population's columns, to be used like those of a FROM clause."""

    def __init__(self, expressions: Mapping[str, Expr]) -> None:
        self._expressions = dict(expressions)

    def __getitem__(self, name: str) -> Expr:
        return self._expressions[name]

    def __getattr__(self, name: str) -> Expr:
        try:
            return self._expressions[name]
        except KeyError:
            raise AttributeError(name) from None


class InlineRows:
    """A population as its own table: `c` holds what its query makes of the table's columns."""

    def __init__(self, table: TableClause, expressions: Mapping[str, Expr]) -> None:
        self.table, self.expressions = table, dict(expressions)
        self.c = Columns(self.expressions)

    def naming(self, subject: Expr) -> InlineRows:
        """The same with another expression for the subject, where it is known to be equal."""
        return InlineRows(self.table, {**self.expressions, "subject_key": subject})


def inline_rows(population: Population, sql: str, table: TableClause) -> InlineRows | None:
    """The population over `table`; None where its query says more than can be read here."""
    statement = statement_of(sql)
    source = statement.args.get("from_") or statement.args.get("from")
    if not isinstance(statement, exp.Select) or source is None or not _bare(statement, source.this, population):
        return None
    read = _Reader(source.this.alias_or_name, table)
    try:
        said = {projection.alias_or_name: read(projection.unalias()) for projection in statement.expressions}
    except _TooMuch:
        return None
    types = column_types(population)
    return InlineRows(table, {name: type_coerce(said[name], types[name]) for name in types})


def _bare(statement: exp.Select, table: Any, population: Population) -> bool:
    """Whether nothing but columns and the one table is said."""
    said = {name for name, value in statement.args.items() if value}
    plain = isinstance(table, exp.Table) and not (table.args.get("db") or table.args.get("joins"))
    return plain and table.name == population.table and said <= {"expressions", "from", "from_"}


class _TooMuch(Exception):
    """The query says something that is not read here."""


_COMPARISONS: dict[type[exp.Expr], Callable[[Any, Any], Expr]] = {
    exp.EQ: operator.eq,
    exp.NEQ: operator.ne,
    exp.GT: operator.gt,
    exp.GTE: operator.ge,
    exp.LT: operator.lt,
    exp.LTE: operator.le,
}


class _Reader:
    """Turns a parsed expression into one of SQLAlchemy's."""

    def __init__(self, name: str, table: TableClause) -> None:
        self.name, self.table = name, table

    def __call__(self, node: Any) -> Expr:
        for kind, read in _READERS.items():
            if isinstance(node, kind):
                return read(self, node)
        raise _TooMuch

    def column(self, node: exp.Column) -> Expr:
        if node.table not in ("", self.name) or node.name not in self.table.c:
            raise _TooMuch
        found: Expr = self.table.c[node.name]
        return found

    def constant(self, node: exp.Literal) -> Expr:
        return literal(str(node.this)) if node.is_string else literal(_whole(str(node.this)))

    def case(self, node: exp.Case) -> Expr:
        if node.this is not None:
            raise _TooMuch
        default = node.args.get("default")
        branches = [(self(branch.this), self(branch.args["true"])) for branch in node.args["ifs"]]
        return case(*branches, else_=self(default) if default is not None else None)

    def comparison(self, node: exp.Binary) -> Expr:
        if isinstance(node.left, exp.Null) or isinstance(node.right, exp.Null):
            raise _TooMuch  # SQLAlchemy would make IS NULL of it
        return _COMPARISONS[type(node)](self(node.left), self(node.right))

    def membership(self, node: exp.In) -> Expr:
        if not node.expressions or node.args.get("query"):
            raise _TooMuch
        return self(node.this).in_([self(value) for value in node.expressions])

    def identity(self, node: exp.Is) -> Expr:
        if not isinstance(node.expression, exp.Null):
            raise _TooMuch
        return self(node.this).is_(None)


def _whole(digits: str) -> int:
    if not digits.isdecimal():
        raise _TooMuch
    return int(digits)


_READERS: dict[type[exp.Expr], Callable[[_Reader, Any], Expr]] = {
    exp.Column: _Reader.column,
    exp.Literal: _Reader.constant,
    exp.Null: lambda _read, _node: null(),
    exp.Paren: lambda read, node: read(node.this),
    exp.Case: _Reader.case,
    exp.And: lambda read, node: and_(read(node.left), read(node.right)),
    exp.Or: lambda read, node: or_(read(node.left), read(node.right)),
    exp.Not: lambda read, node: not_(read(node.this)),
    exp.Is: _Reader.identity,
    exp.In: _Reader.membership,
    exp.Coalesce: lambda read, node: func.coalesce(read(node.this), *(read(other) for other in node.expressions)),
    **dict.fromkeys(_COMPARISONS, _Reader.comparison),
}
