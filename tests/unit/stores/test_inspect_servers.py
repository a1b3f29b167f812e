"""What is read of a server's schema, and what of it stops the run."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import URL

from retention.declare.mapped import MappedStore
from retention.errors import StoreError
from retention.installation import install_store
from retention.stores.connect import make_engine
from retention.stores.inspect import Schema, check_types, fingerprint, read_schema
from retention.workspace import Workspace
from tests import servers

VISITS = "CREATE TABLE visits (visit_id INTEGER PRIMARY KEY, customer_ref VARCHAR(16), visited_at {type}, country CHAR(2))"
QUERY = (
    "SELECT v.visit_id AS record_key, v.customer_ref AS subject_key, 'recorded' AS state, v.visited_at AS recorded_at "
    "FROM visits AS v"
)


def schema_of(url: URL) -> Schema:
    engine = make_engine(url, readonly=True)
    with engine.begin() as connection:
        found = read_schema(connection, ())
    engine.dispose()
    return found


@pytest.fixture(scope="module")
def usage() -> MappedStore:
    return Workspace.at(Path("unused"), decision_set="example").bundle().store("usage")


def test_tables_keys_references_and_triggers(server_database: URL) -> None:
    servers.run(
        server_database,
        "CREATE TABLE people (id INTEGER PRIMARY KEY, name VARCHAR(20) NOT NULL, born DATE)",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, a INTEGER, twice INTEGER GENERATED ALWAYS AS (a * 2) STORED,"
        " person INTEGER, FOREIGN KEY (person) REFERENCES people (id) ON DELETE CASCADE)",
        "CREATE VIEW everybody AS SELECT id FROM people",
    )
    install_store("s", server_database.render_as_string(hide_password=False))
    schema = schema_of(server_database)
    assert list(schema) == ["notes", "people"]
    assert schema["notes"].foreign_keys == (("person", "people", "CASCADE"),)
    assert schema["people"].primary_key == ("id",)
    assert [column["nullable"] for column in schema["people"].columns.values()] == [False, False, True]
    assert schema["notes"].columns["twice"]["generated"]
    assert not any(facts.unfit or facts.triggers or facts.unchecked for facts in schema.values())
    before = fingerprint(schema)
    assert fingerprint(schema_of(server_database)) == before
    servers.run(server_database, "ALTER TABLE people ADD COLUMN nick VARCHAR(3)")
    assert fingerprint(schema_of(server_database)) != before


def test_partitions_are_part_of_their_table(postgresql: URL) -> None:
    servers.run(
        postgresql,
        "CREATE TABLE visits (id INTEGER, at DATE, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)",
        "CREATE TABLE visits_old PARTITION OF visits FOR VALUES FROM ('2000-01-01') TO ('2020-01-01')",
        "CREATE TABLE visits_rest PARTITION OF visits DEFAULT",
        "CREATE TABLE clicks (id INTEGER PRIMARY KEY, visit INTEGER, at DATE, FOREIGN KEY (visit, at) REFERENCES visits)",
        "CREATE FUNCTION copy() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "CREATE TRIGGER keep_all AFTER DELETE ON visits FOR EACH ROW EXECUTE FUNCTION copy()",
        "CREATE TRIGGER keep_old AFTER DELETE ON visits_old FOR EACH ROW EXECUTE FUNCTION copy()",
    )
    schema = schema_of(postgresql)
    assert list(schema) == ["clicks", "visits"]
    assert schema["visits"].triggers == ("keep_all", "keep_old")
    assert schema["visits"].partitioned_by == ("at",)
    assert schema["visits"].primary_key == ("id", "at")
    assert schema["clicks"].foreign_keys == (("visit,at", "visits", "NO ACTION"),)


def test_other_schemas_rules_unchecked_keys_and_copies(postgresql: URL) -> None:
    servers.run(
        postgresql,
        "CREATE TABLE people (id INTEGER PRIMARY KEY)",
        "CREATE TABLE notes (id INTEGER PRIMARY KEY, person INTEGER)",
        "ALTER TABLE notes ADD FOREIGN KEY (person) REFERENCES people (id) NOT VALID",
        "CREATE SCHEMA other CREATE TABLE people (id INTEGER) CREATE TABLE fans (person INTEGER REFERENCES public.people (id))",
        "CREATE MATERIALIZED VIEW copies AS SELECT id FROM people",
        "CREATE RULE keep AS ON DELETE TO people DO ALSO NOTIFY gone",
    )
    schema = schema_of(postgresql)
    assert list(schema) == ["copies", "notes", "people"]
    assert schema["notes"].unchecked == ("person",)
    assert schema["people"].triggers == ("keep",)
    assert [words for words, _ in schema["people"].unfit] == ["other.fans.person of another schema refers to people"]


def test_rows_that_a_policy_hides(postgresql: URL) -> None:
    user = f"u_{postgresql.database}"
    servers.run(
        postgresql,
        "CREATE TABLE people (id INTEGER PRIMARY KEY)",
        "ALTER TABLE people ENABLE ROW LEVEL SECURITY",
        f"CREATE ROLE {user} LOGIN PASSWORD 'x'",
        f"GRANT SELECT ON people TO {user}",
    )
    try:
        (unfit,) = schema_of(postgresql.set(username=user, password="x"))["people"].unfit
        assert "hides rows" in unfit[0]
    finally:
        servers.run(postgresql, f"DROP OWNED BY {user}", f"DROP ROLE {user}")


def test_tables_that_keep_what_is_deleted(mariadb: URL) -> None:
    other = servers.create_database("mariadb")
    try:
        servers.run(
            mariadb,
            "CREATE TABLE people (id INTEGER PRIMARY KEY) WITH SYSTEM VERSIONING",
            "CREATE TABLE notes (id INTEGER PRIMARY KEY) ENGINE=Aria",
            "CREATE TABLE fine (id INTEGER PRIMARY KEY)",
            "CREATE TRIGGER keep AFTER DELETE ON fine FOR EACH ROW INSERT INTO notes VALUES (OLD.id)",
            f"CREATE TABLE {other.database}.fans (p INTEGER, FOREIGN KEY (p) REFERENCES {mariadb.database}.fine (id))",
        )
        schema = schema_of(mariadb)
    finally:
        servers.drop_database(other)
    says = {table: [words for words, _ in facts.unfit] for table, facts in schema.items()}
    assert "system versioned" in says["people"][0]
    assert "not an InnoDB table" in says["notes"][0]
    assert says["fine"] == [f"{other.database}.fans.p of another database refers to fine"]
    assert schema["fine"].triggers == ("keep",)


TYPES = {
    ("postgresql", "TIMESTAMP", "UTC"): "",
    ("postgresql", "TIMESTAMP", "Europe/Paris"): "",
    ("postgresql", "TIMESTAMPTZ", "UTC"): "",
    ("postgresql", "TIMESTAMPTZ", "Europe/Paris"): "a time zone of its own",
    ("postgresql", "DATE", "UTC"): "not a date with time",
    ("postgresql", "VARCHAR(30)", "UTC"): "not a date with time",
    ("mariadb", "DATETIME(6)", "Europe/Paris"): "",
    ("mariadb", "TIMESTAMP NULL", "UTC"): "",
    ("mariadb", "TIMESTAMP NULL", "Europe/Paris"): "a time zone of its own",
    ("mariadb", "DATE", "UTC"): "not a date with time",
    ("mariadb", "TEXT", "UTC"): "not a date with time",
}


@pytest.mark.parametrize("kind", servers.KINDS)
def test_anchors_that_could_only_be_compared_wrongly_are_refused(kind: str, usage: MappedStore) -> None:
    with servers.database(kind) as url:
        engine = make_engine(url, readonly=True)
        for (about, sqltype, zone), says in TYPES.items():
            if about != kind:
                continue
            servers.run(url, "DROP TABLE IF EXISTS visits", VISITS.format(type=sqltype))
            (visits,) = (population for population in usage.declared.populations if population.name == "visits")
            declared = usage.declared.model_copy(update={"timezone": zone, "populations": (visits,)})
            store = replace(usage, declared=declared, queries={"visits": QUERY})
            with engine.begin() as connection:
                if not says:
                    check_types(connection, store, visits)
                    continue
                with pytest.raises(StoreError) as error:
                    check_types(connection, store, visits)
            assert says in str(error.value)
            assert error.value.mend
        engine.dispose()
