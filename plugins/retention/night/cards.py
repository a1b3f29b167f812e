"""Finds payment card numbers in text, in SQL, so that no number leaves the database.

A card number is a run of digits, alone or in groups of four, of a length and beginning that card schemes use, which passes the
Luhn check. Numbers of 14 digits are not judged: a French SIRET has 14 digits and passes the same check.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Dialect, Select, String, cast, column, false, literal_column, select, text, union_all
from sqlalchemy.sql.selectable import CompoundSelect

from retention.declare.stores import Population
from retention.stores.literal import literal_sql
from retention.stores.places import table_of

_DIGIT = "[0-9]"
_FOUR = _DIGIT * 4
_GROUPED = "[ -]".join([_FOUR] * 4)
_BARE = "replace(replace(v, ' ', ''), '-', '')"


def _like(dialect: str, value: str, pattern: str) -> str:
    """Whether a value is like a pattern of character classes; a star at either end stands for anything."""
    if dialect == "sqlite":
        return f"{value} GLOB '{pattern}'"
    expression = ("" if pattern.startswith("*") else "^") + pattern.strip("*") + ("" if pattern.endswith("*") else "$")
    return f"{value} {'~' if dialect == 'postgresql' else 'REGEXP'} '{expression}'"


# S608: no value and no identifier goes into this text; what is searched is the compiled SELECT put in place of {source}.
def _find(dialect: str, source: str) -> str:
    def like(value: str, pattern: str) -> str:
        return _like(dialect, value, pattern)

    before, within, after = "substr(v, a.i, 1)", "substr(v, a.i + 1, b.i)", "substr(v, a.i + b.i + 1, 1)"
    window = "substr('x' || v || 'x', {}, {})".format
    digit = f"CAST(substr(d, n.i, 1) AS {'SIGNED' if dialect in ('mariadb', 'mysql') else 'INTEGER'})"
    sizes = " UNION ALL ".join(f"SELECT {size}" for size in (13, 15, 16, 17, 18, 19))
    return f"""
WITH RECURSIVE
  raw(v) AS ({source}),
  suspect(v) AS (SELECT DISTINCT v FROM raw WHERE length(v) >= 13 AND {like(_BARE, f"*{_DIGIT * 13}*")}),
  n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= (SELECT max(length(v)) + 2 FROM suspect)),
  size(i) AS ({sizes}),
  bare(v) AS (SELECT 'x' || {_BARE} || 'x' FROM suspect),
  run(d) AS (
    SELECT {within} FROM bare, n a, size b
    WHERE a.i + b.i < length(v)
      AND {like(before, "[^0-9]")} AND {like(after, "[^0-9]")} AND NOT ({like(within, "*[^0-9]*")})
    UNION
    SELECT replace(replace({window("i + 1", 19)}, ' ', ''), '-', '') FROM suspect, n
    WHERE {like(window("i", 1), "[^0-9]")} AND {like(window("i + 20", 1), "[^0-9]")} AND {like(window("i + 1", 19), _GROUPED)}),
  card(d) AS (
    SELECT d FROM run WHERE (length(d) = 15 AND {like("d", "3[47]*")})
      OR (length(d) = 16 AND {like("d", "[23456]*")}) OR (length(d) IN (13, 19) AND {like("d", "[46]*")})
      OR (length(d) IN (17, 18) AND {like("d", "[56]*")})),
  luhn(total) AS (
    SELECT sum(CASE WHEN (length(d) - n.i) % 2 = 0 THEN {digit} WHEN {digit} < 5 THEN {digit} * 2 ELSE {digit} * 2 - 9 END)
    FROM card, n WHERE n.i <= length(d) GROUP BY d)
SELECT 1 AS hit FROM luhn WHERE total % 10 = 0
"""  # noqa: S608


def card_numbers(population: Population, dialect: Dialect) -> Select[tuple[int]]:
    """A row for every distinct card number in the population's table, its keys and references left out."""
    keys = {population.key, *([population.parent.column] if population.parent else [])}
    source = table_of(population, *population.columns)
    columns = [select(cast(source.c[name], String).label("v")) for name in population.columns if name not in keys]
    query = _find(dialect.name, literal_sql(union_all(*columns), dialect))
    found = text(query.replace(":", "\\:")).columns(column("hit")).subquery("cards")
    return select(literal_column("1").label("unexpected")).select_from(found)


_CODE_WORDS = ("cvv", "cvc", "cvx", "csc", "cid_code", "cryptogram", "verification_code", "security_code", "card_code")


def verification_columns(columns: Iterable[str]) -> Select[tuple[int]] | CompoundSelect[tuple[int]]:
    """A row for every column of a table, as the database names them, whose name is that of a card verification code."""
    coded = [name for name in columns if any(word in name.lower() for word in _CODE_WORDS)]
    one: Select[tuple[int]] = select(literal_column("1").label("unexpected"))
    return union_all(*[one] * len(coded)) if coded else one.where(false())
