"""Population queries: read, held to their contract before anything runs, and turned into something SQLAlchemy can build on."""

from __future__ import annotations

from functools import cache
from typing import Any

import sqlglot
from sqlalchemy import BigInteger, String, Subquery, column, text
from sqlalchemy.types import TypeEngine, UserDefinedType
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokens import TokenType

from retention.declare.mapped import MappedStore
from retention.declare.stores import Population
from retention.errors import DeclarationError
from retention.stores.dialect import Word, anchor_sqltype
from retention.stores.keys import key_sqltype


def contract_columns(population: Population) -> tuple[str, ...]:
    """The columns the population's SELECT must return."""
    parent = ("parent_key",) if population.parent else ()
    return ("record_key", "subject_key", *parent, "state", *population.anchors)


def column_types(population: Population) -> dict[str, TypeEngine[Any]]:
    """The type of each column of the population's SELECT, in their order."""
    types: dict[str, TypeEngine[Any]] = {
        "record_key": key_sqltype(population.key_type),
        "subject_key": String(),
        "parent_key": BigInteger(),
        "state": Word(),
        **{anchor: anchor_sqltype(kind) for anchor, kind in population.anchors.items()},
    }
    return {name: types[name] for name in contract_columns(population)}


def check_query(store: MappedStore, population: Population) -> None:
    """Holds a population query to its contract.

    Raises DeclarationError, with the query's file and line, for a syntax error, a write, several statements, a parameter, an
    aggregate, DISTINCT or LIMIT, or a column that is missing, twice there, or not part of the contract.
    """
    path, sql = store.query_path(population), store.queries[population.name]
    try:
        statements = [
            statement
            for statement in sqlglot.parse(sql, read="sqlite")
            if statement is not None and not isinstance(statement, exp.Semicolon)  # a comment behind the last one
        ]
    except SqlglotError as broken:
        details = getattr(broken, "errors", None) or [{}]
        raise DeclarationError(
            f"syntax error: {details[0].get('description') or 'the statement cannot be read'}",
            file=path,
            line=details[0].get("line"),
            mend="correct the SQL",
        ) from None
    if len(statements) != 1 or not isinstance(statements[0], exp.Select):
        raise DeclarationError(
            "a population query is exactly one SELECT",
            file=path,
            line=_line_of_write(sql),
            mend="say what rows are, in one SELECT; what is to be done with them is never written here",
        )
    select = statements[0]
    _forbid(select, path, sql)
    _check_columns(select, population, path)
    _check_keys(select, population, path)


def _check_keys(select: exp.Select, population: Population, path: object) -> None:
    """The keys must be the table's own columns, unaltered: they say which rows a DELETE is about."""
    source = select.args.get("from_") or select.args.get("from")
    table = source.this if source is not None else None
    wanted = {"record_key": population.key, **({"parent_key": population.parent.column} if population.parent else {})}
    for projection in select.expressions:
        column = wanted.get(projection.alias_or_name)
        if column is None:
            continue
        node = projection.unalias()
        own = isinstance(table, exp.Table) and (table.db, table.name) == (population.schema_name or "", population.table)
        if not (
            own
            and isinstance(node, exp.Column)
            and node.name == column
            and node.table in ("", table.alias_or_name if table else "")
        ):
            raise DeclarationError(
                f"{projection.alias_or_name} of population {population.name} is not {population.full_table}.{column} itself",
                file=str(path),
                line=1,
                mend=f"select FROM {population.full_table} and give {column} unaltered; other tables are joined to it",
            )


_FORBIDDEN: tuple[tuple[type[exp.Expr], str], ...] = (
    (exp.DML, "a write"),
    (exp.DDL, "a change of the schema"),
    (exp.Into, "SELECT INTO"),
    (exp.Placeholder, "a parameter"),
    (exp.Parameter, "a parameter"),
    (exp.AggFunc, "an aggregate"),
    (exp.Distinct, "DISTINCT"),
    (exp.Limit, "LIMIT"),
    (exp.Window, "a window function"),
    (exp.CurrentTimestamp, "the wall clock"),
    (exp.CurrentDate, "the wall clock"),
    (exp.CurrentTime, "the wall clock"),
    (exp.Rand, "chance"),
)


def _forbid(select: exp.Select, path: object, sql: str) -> None:
    for node in select.walk():
        name = next((name for kind, name in _FORBIDDEN if isinstance(node, kind)), None)
        if isinstance(node, exp.Literal) and node.is_string and str(node.this).lower() == "now":
            name = "the wall clock"
        if name is not None and not isinstance(node, exp.Select | exp.Subquery):
            raise DeclarationError(
                f"a population query must not contain {name}",
                file=str(path),
                line=_line_of_write(sql),
                mend="return one plain row per row of the table: joins on keys, CASE, scalar functions",
            )


def _line_of_write(sql: str) -> int:
    """The first line that is not blank or comment: a fair place to start looking."""
    for number, line in enumerate(sql.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("--"):
            return number
    return 1


def _check_columns(select: exp.Select, population: Population, path: object) -> None:
    names = [projection.alias_or_name for projection in select.expressions]
    wanted = contract_columns(population)
    for name in wanted:
        if names.count(name) != 1:
            what = "does not return" if name not in names else "returns twice"
            raise DeclarationError(
                f"the query of population {population.name} {what} the column {name}",
                file=str(path),
                line=1,
                mend=f"select it once, as {name}",
            )
    for name in names:
        if name not in wanted:
            raise DeclarationError(
                f"the query of population {population.name} returns {name or 'an unnamed column'}, which nothing declares",
                file=str(path),
                line=1,
                mend="remove it, or declare it as an anchor in store.yaml",
            )


@cache
def _bare(sql: str) -> str:
    """The statement without the semicolon that ends it, and what follows that."""
    ends = [token.start for token in sqlglot.tokenize(sql, read="sqlite") if token.token_type is TokenType.SEMICOLON]
    return sql[: ends[0]] if ends else sql


def statement_of(sql: str) -> exp.Expr:
    """A population query that has passed `check_query`, as a tree; what stands behind its semicolon is no part of it."""
    return sqlglot.parse_one(_bare(sql), read="sqlite")


@cache
def over(sql: str, source: str) -> str:
    """A population query over another source of the same columns: a part of its table, or more than its table."""
    plain, statement = _bare(sql), statement_of(sql)
    table = (statement.args.get("from_") or statement.args["from"]).this
    start, end = table.this.meta["start"], table.this.meta["end"] + 1
    named = "" if table.args.get("alias") is not None else f" AS {plain[start:end]}"
    return f"{plain[:start]}{source}{named}{plain[end:]}"


class TID(UserDefinedType[str]):
    """The physical place of a row in a PostgreSQL table."""

    cache_ok = True

    def get_col_spec(self, **_options: Any) -> str:
        return "tid"


@cache
def _with_place(sql: str) -> str:
    """The statement with the physical place of each row of its table as one more column. PostgreSQL only."""
    plain = _bare(sql)
    statement = statement_of(sql)
    source = (statement.args.get("from_") or statement.args["from"]).this
    start = next(token for token in sqlglot.tokenize(plain, read="sqlite") if token.token_type is TokenType.SELECT)
    alias = source.args.get("alias")
    name = (alias.this if alias is not None else source.this).sql(dialect="postgres")
    place = f"{name}.ctid AS record_tid, {name}.tableoid AS record_part"
    return f"{plain[: start.end + 1]} {place},{plain[start.end + 1 :]}"


def population_rows(population: Population, sql: str, name: str, *, place: bool = False) -> Subquery:
    """The population as a FROM clause with typed columns, under an alias of its own.

    With `place` (PostgreSQL) the physical place of each row stands beside them: `record_tid` within the table `record_part`,
    for where a table is partitioned two rows may have the same place in two parts of it.
    """
    said = _with_place(sql) if place else _bare(sql)
    plain = text(said.replace("\\", "\\\\").replace(":", "\\:") + "\n")
    placed: list[Any] = [column("record_tid", TID()), column("record_part", BigInteger())] if place else []
    return plain.columns(*placed, *(column(c, kind) for c, kind in column_types(population).items())).subquery(name)
