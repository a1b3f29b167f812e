"""What a population query may be, and what it may not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from retention.declare.mapped import MappedStore
from retention.errors import DeclarationError
from retention.stores.query import check_query
from retention.workspace import Workspace

VISITS = (
    "SELECT v.visit_id AS record_key, v.customer_ref AS subject_key, 'recorded' AS state, v.visited_at AS recorded_at "
    "FROM visits AS v"
)
QUERIES = {
    "a missing column": (VISITS.replace("'recorded' AS state, ", ""), "does not return the column state"),
    "a column twice": (VISITS.replace("'recorded' AS state", "'recorded' AS state, v.country AS state"), "returns twice"),
    "a column nobody declared": (VISITS.replace("'recorded' AS state", "'recorded' AS state, v.city"), "returns city"),
    "everything": ("SELECT * FROM visits", "does not return"),
    "an insert": ("INSERT INTO visits (visit_id) VALUES (1)", "exactly one SELECT"),
    "a delete": ("DELETE FROM visits", "exactly one SELECT"),
    "an update": ("UPDATE visits SET city = NULL", "exactly one SELECT"),
    "a delete in a CTE": (f"WITH gone AS (DELETE FROM visits RETURNING *) {VISITS}", ""),
    "a pragma": ("PRAGMA foreign_keys = OFF", "exactly one SELECT"),
    "attach": ("ATTACH DATABASE 'other.db' AS other", "exactly one SELECT"),
    "drop": ("DROP TABLE visits", "exactly one SELECT"),
    "two statements": (f"{VISITS}; DELETE FROM visits", "exactly one SELECT"),
    "two selects": (f"{VISITS}; {VISITS}", "exactly one SELECT"),
    "a union": (f"{VISITS} UNION ALL {VISITS}", "exactly one SELECT"),
    "nothing": ("-- to be done\n", "exactly one SELECT"),
    "an open bracket": (VISITS.replace("'recorded'", "coalesce('recorded'"), "syntax error"),
    "a named parameter": (f"{VISITS} WHERE v.visited_at < :cutoff", "a parameter"),
    "a numbered parameter": (f"{VISITS} WHERE v.visited_at < ?", "a parameter"),
    "an at parameter": (f"{VISITS} WHERE v.visited_at < @cutoff", "a parameter"),
    "an aggregate": (VISITS.replace("'recorded' AS state", "max('recorded') AS state"), "an aggregate"),
    "distinct": (VISITS.replace("SELECT", "SELECT DISTINCT"), "DISTINCT"),
    "a limit": (f"{VISITS} LIMIT 5", "LIMIT"),
    "a window": (VISITS.replace("'recorded'", "lag('recorded') OVER ()"), "a window function"),
    "the wall clock": (f"{VISITS} WHERE v.visited_at < CURRENT_TIMESTAMP", "the wall clock"),
    "the wall clock in a function": (f"{VISITS} WHERE v.visited_at < datetime('now')", "the wall clock"),
    "chance": (VISITS.replace("'recorded'", "CASE WHEN random() > 0 THEN 'recorded' ELSE 'anonymised' END"), "chance"),
}


@pytest.fixture(scope="module")
def usage() -> MappedStore:
    return Workspace.at(Path("unused"), decision_set="example").bundle().store("usage")


def checked(usage: MappedStore, query: str) -> None:
    changed = replace(usage, queries={**usage.queries, "visits": query})
    check_query(changed, changed.declared.population("visits"))


@pytest.mark.parametrize("what", QUERIES)
def test_refused_with_file_line_and_mend(usage: MappedStore, what: str) -> None:
    query, says = QUERIES[what]
    with pytest.raises(DeclarationError) as error:
        checked(usage, f"-- One row per visit.\n\n{query}\n")
    assert says in str(error.value)
    assert error.value.exit_code == 2
    assert str(error.value.file).endswith("include/sql/usage/visits.sql")
    assert error.value.line is not None
    assert error.value.mend


@pytest.mark.parametrize(
    "query",
    [
        VISITS,
        f"{VISITS};",
        VISITS.lower(),
        f"-- delete from visits; drop table visits?\n{VISITS}",
        VISITS.replace("'recorded'", "'DELETE FROM visits; :not_a_parameter ?'"),
        VISITS.replace("FROM visits AS v", "FROM visits AS v LEFT JOIN page_events AS e ON e.event_id = v.visit_id"),
        VISITS.replace("'recorded'", "CASE WHEN v.city IN ('Paris', 'Lyon') THEN lower('RECORDED') ELSE 'recorded' END"),
        VISITS.replace("v.visit_id AS record_key", 'v."visit_id" AS "record_key"'),
    ],
)
def test_let_through(usage: MappedStore, query: str) -> None:
    checked(usage, query)


def test_every_query_of_the_installation_is_one(usage: MappedStore) -> None:
    for store in Workspace.at(Path("unused"), decision_set="example").bundle().stores.values():
        for population in store.declared.populations:
            check_query(store, population)
