"""Which population queries are read as expressions over their table, and what is made of them."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import column, select, table
from sqlalchemy.dialects import sqlite

from retention.declare.stores import Population
from retention.stores.inline import inline_rows

COLUMNS = ("visit_id", "customer_ref", "kind", "seen_at", "flag")
VISITS = Population.model_validate(
    {
        "name": "visits",
        "query": "visits.sql",
        "table": "visits",
        "key": "visit_id",
        "category": "usage",
        "kind": "visit",
        "subject": "optional",
        "anchors": {"recorded_at": "instant"},
        "states": {"a": "a", "b": "b"},
        "columns": dict.fromkeys(COLUMNS, "record_id"),
    }
)
TABLE = table("visits", *(column(name) for name in COLUMNS))


def query(state: str = "'a'", source: str = "visits AS v", subject: str = "v.customer_ref") -> str:
    return (
        f"-- a comment with a 'quote'\nSELECT v.visit_id AS record_key, {subject} AS subject_key, {state} AS state, "
        f"v.seen_at AS recorded_at FROM {source}"
    )


@pytest.mark.parametrize(
    "sql",
    [
        query(source="visits AS v LEFT JOIN people AS p ON p.ref = v.customer_ref"),
        query(source="visits AS v, people AS p"),
        query(source="(SELECT * FROM visits) AS v"),
        query(source="other.visits AS v"),
        query(source="visits AS v WHERE v.flag = 1"),
        query(state="lower(v.kind)"),
        query(state="v.kind || 'x'"),
        query(state="CASE v.kind WHEN 'x' THEN 'a' ELSE 'b' END"),
        query(state="(SELECT max(kind) FROM people)"),
        query(state="CASE WHEN v.kind IN (SELECT kind FROM people) THEN 'a' ELSE 'b' END"),
        query(state="CASE WHEN v.flag = 1.5 THEN 'a' ELSE 'b' END"),
        query(state="CASE WHEN v.kind LIKE 'x%' THEN 'a' ELSE 'b' END"),
        query(state="CASE WHEN v.nothing = 1 THEN 'a' ELSE 'b' END"),
        query(state="CASE WHEN v.flag IS TRUE THEN 'a' ELSE 'b' END"),
        query(state="CASE WHEN v.flag = NULL THEN 'a' ELSE 'b' END"),
    ],
)
def test_what_says_more_is_joined(sql: str) -> None:
    assert inline_rows(VISITS, sql, TABLE) is None


CONDITIONS = st.recursive(
    st.sampled_from(
        [
            "v.kind = 'x'",
            "v.kind <> 'x'",
            "v.flag > 0",
            "v.flag <= 1",
            "v.kind IS NULL",
            "v.flag IS NOT NULL",
            "v.kind IN ('x', 'y')",
            "v.kind NOT IN ('x', 'y')",
            "COALESCE(v.kind, 'x') = 'x'",
            "kind = 'it''s'",
            "v.flag IN (1, NULL)",
        ]
    ),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda two: f"({two[0]} AND {two[1]})"),
        st.tuples(inner, inner).map(lambda two: f"({two[0]} OR {two[1]})"),
        st.tuples(inner, inner, inner).map(lambda three: f"({three[0]} OR {three[1]} AND {three[2]})"),
        inner.map(lambda one: f"NOT ({one})"),
    ),
    max_leaves=6,
)
ROWS = [
    (number, ref, kind, f"2026-01-0{number % 9 + 1} 10:00:00", flag)
    for number, (ref, kind, flag) in enumerate(
        (ref, kind, flag) for ref in (None, "C1") for kind in (None, "x", "y", "it's") for flag in (None, 0, 1, 2)
    )
]


@given(condition=CONDITIONS)
def test_what_is_read_gives_what_the_query_gives(condition: str) -> None:
    sql = query(state=f"CASE WHEN {condition} THEN 'a' WHEN v.flag = 2 THEN 'b' END")
    rows = inline_rows(VISITS, sql, TABLE)
    assert rows is not None
    ours = select(rows.c.record_key, rows.c.subject_key, rows.c.state, rows.c["recorded_at"]).select_from(TABLE)
    with sqlite3.connect(":memory:") as base:
        base.execute(f"CREATE TABLE visits ({', '.join(COLUMNS)})")
        base.executemany("INSERT INTO visits VALUES (?, ?, ?, ?, ?)", ROWS)
        compiled = str(ours.compile(dialect=sqlite.dialect(), compile_kwargs={"literal_binds": True}))
        assert base.execute(compiled).fetchall() == base.execute(sql).fetchall()


def test_the_subject_may_be_put_otherwise() -> None:
    rows = inline_rows(VISITS, query(), TABLE)
    assert rows is not None
    other = rows.naming(column("known"))
    assert str(other.c.subject_key) == "known"
    assert str(other.c.record_key) == str(rows.c.record_key)
    with pytest.raises(AttributeError):
        _ = rows.c.parent_key
