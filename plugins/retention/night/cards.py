"""Finds payment card numbers in text, in SQL, so that no number leaves the database.

A card number is a run of digits, alone or in groups of four, of a length and beginning that card schemes use, which passes the
Luhn check. Numbers of 14 digits are not judged: a French SIRET has 14 digits and passes the same check.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, String, cast, column, func, literal_column, select, table, text, union_all

from retention.declare.stores import Population

_FOUR = "[0-9]" * 4
_GROUPED = "[ -]".join([_FOUR] * 4)

# S608: no value and no identifier goes into this text; what is searched is the compiled SELECT put in place of {source}.
_FIND = """
WITH RECURSIVE
  raw(v) AS ({source}),
  suspect(v) AS (SELECT v FROM raw WHERE replace(replace(v, ' ', ''), '-', '') GLOB '*{thirteen}*'),
  n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= (SELECT max(length(v)) + 2 FROM suspect)),
  bare(v) AS (SELECT 'x' || replace(replace(v, ' ', ''), '-', '') || 'x' FROM suspect),
  run(d) AS (
    SELECT substr(v, a.i + 1, b.i) FROM bare, n a, n b
    WHERE b.i BETWEEN 13 AND 19 AND b.i <> 14 AND a.i + b.i < length(v)
      AND substr(v, a.i, 1) GLOB '[^0-9]' AND substr(v, a.i + b.i + 1, 1) GLOB '[^0-9]'
      AND substr(v, a.i + 1, b.i) NOT GLOB '*[^0-9]*'
    UNION
    SELECT replace(replace(substr('x' || v || 'x', i + 1, 19), ' ', ''), '-', '') FROM suspect, n
    WHERE substr('x' || v || 'x', i, 1) GLOB '[^0-9]' AND substr('x' || v || 'x', i + 20, 1) GLOB '[^0-9]'
      AND substr('x' || v || 'x', i + 1, 19) GLOB '{grouped}'),
  card(d) AS (
    SELECT d FROM run WHERE (length(d) = 15 AND d GLOB '3[47]*')
      OR (length(d) = 16 AND d GLOB '[23456]*') OR (length(d) IN (13, 19) AND d GLOB '[46]*')
      OR (length(d) IN (17, 18) AND d GLOB '[56]*')),
  luhn(total) AS (
    SELECT sum(CASE WHEN (length(d) - n.i) % 2 = 0 THEN substr(d, n.i, 1) + 0
                    ELSE (substr(d, n.i, 1) * 2) % 10 + (substr(d, n.i, 1) * 2) / 10 END)
    FROM card, n WHERE n.i <= length(d) GROUP BY d)
SELECT 1 AS hit FROM luhn WHERE total % 10 = 0
"""


def card_numbers(population: Population, dialect: Any) -> Select[Any]:
    """A row for every distinct card number in the population's table, its keys and references left out."""
    keys = {population.key, *([population.parent.column] if population.parent else [])}
    source = table(population.table, *(column(name) for name in population.columns))
    columns = [select(cast(source.c[name], String).label("v")) for name in population.columns if name not in keys]
    compiled = str(union_all(*columns).compile(dialect=dialect, compile_kwargs={"literal_binds": True}))
    query = _FIND.format(source=compiled, thirteen="[0-9]" * 13, grouped=_GROUPED)
    found = text(query.replace(":", "\\:")).columns(column("hit")).subquery("cards")
    return select(literal_column("1").label("unexpected")).select_from(found)


_CODE_WORDS = ("cvv", "cvc", "cvx", "csc", "cid_code", "cryptogram", "verification_code", "security_code", "card_code")


def verification_columns(population: Population) -> Select[Any]:
    """A row for every column of the table, as the database knows it, whose name is that of a card verification code."""
    info = func.pragma_table_info(population.table).table_valued("name").alias("info")
    coded = [func.lower(info.c.name).contains(word) for word in _CODE_WORDS]
    condition = coded[0]
    for one in coded[1:]:
        condition = condition | one
    return select(literal_column("1").label("unexpected")).select_from(info).where(condition)
