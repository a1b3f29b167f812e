"""The four stores as mapped: every query honours the contract a population query has."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sample_oracle import opened

from retention.declare.source import Source
from retention.declare.stores import Population, Store
from retention.sample import Sample, generate
from retention.sample.rows import STORES, TABLES

SQL = Path(__file__).resolve().parents[3] / "include" / "sql"
POPULATIONS = [
    (store, population) for store in STORES for population in Source(SQL / store / "store.yaml").parse(Store).populations
]
each_population = pytest.mark.parametrize(("store", "population"), POPULATIONS, ids=[p.name for _, p in POPULATIONS])


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    folder = tmp_path_factory.mktemp("stores")
    return generate(lambda store: folder / f"{store}.db", as_of=dt.date(2026, 3, 1), usage_rows=2_000)


def expected_columns(population: Population) -> list[str]:
    parent = ["parent_key"] if population.parent else []
    return ["record_key", "subject_key", *parent, "state", *population.anchors]


@each_population
def test_a_query_returns_the_columns_of_the_contract(sample: Sample, store: str, population: Population) -> None:
    cursor = opened(sample.places[store]).execute((SQL / store / population.query).read_text())

    assert [column[0] for column in cursor.description] == expected_columns(population)


@each_population
def test_a_query_returns_one_row_per_row_of_its_table(sample: Sample, store: str, population: Population) -> None:
    db = opened(sample.places[store])
    keys = [row[0] for row in db.execute((SQL / store / population.query).read_text())]
    table_keys = {row[0] for row in db.execute(f"SELECT {population.key} FROM {population.table}")}

    assert len(keys) == len(table_keys) == sample.rows[store][population.table]
    assert set(keys) == table_keys


@each_population
def test_every_column_of_a_table_is_declared(sample: Sample, store: str, population: Population) -> None:
    columns = opened(sample.places[store]).execute(f"PRAGMA table_info({population.table})").fetchall()

    assert [column[1] for column in columns] == list(population.columns)


@each_population
def test_what_becomes_null_may_be_null(sample: Sample, store: str, population: Population) -> None:
    """Columns an anonymisation or a minimisation would blank must accept what is left there."""
    kept_by_law = {"record_id", "invoice_number", "invoice_date", "invoice_amounts", "invoice_customer", "status", "dates"}
    blanked = {
        "invoice": lambda element: element not in kept_by_law,
        "payment": lambda element: element == "card_details",
        "visit": lambda element: element not in {"record_id", "browser_type", "operating_system"},
    }.get(population.kind, lambda element: False)
    table = opened(sample.places[store]).execute(f"PRAGMA table_info({population.table})")
    required = {row[1] for row in table if row[3]}

    for name, column in population.columns.items():
        if name in required and blanked(column.element):
            assert column.blank != "null", name


@each_population
def test_foreign_keys_anchors_and_subject_references_are_indexed(sample: Sample, store: str, population: Population) -> None:
    db = opened(sample.places[store])
    leading = {
        db.execute(f"PRAGMA index_info({index[1]})").fetchone()[2]
        for index in db.execute(f"PRAGMA index_list({population.table})")
    }
    foreign = {row[3] for row in db.execute(f"PRAGMA foreign_key_list({population.table})")}
    subjects = {name for name, column in population.columns.items() if column.element == "subject_reference"}

    assert foreign | subjects <= leading


@pytest.mark.parametrize("store", STORES)
def test_no_table_is_left_unmapped(sample: Sample, store: str) -> None:
    db = opened(sample.places[store])
    places = [row[1] for row in db.execute("PRAGMA database_list")]
    found = (db.execute(f"SELECT name FROM {place}.sqlite_master WHERE type = 'table'") for place in places)
    tables = {row[0] for rows in found for row in rows}

    assert tables == {population.table for name, population in POPULATIONS if name == store}
    assert tables == {table for name, table in TABLES.values() if name == store}


@pytest.mark.parametrize("store", STORES)
def test_no_foreign_key_cascades(sample: Sample, store: str) -> None:
    db = opened(sample.places[store])
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        for key in db.execute(f"PRAGMA foreign_key_list({table})"):
            assert (key[5], key[6]) == ("NO ACTION", "NO ACTION")
