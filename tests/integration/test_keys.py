"""Keys that are UUIDs, or text of any collation, on each kind of database: a night, its receipts and proofs, holds, explain."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from databases import create, many
from test_fifth_store import DUE, mapped
from workbench import AS_OF, DAY, UNTIL_DISPOSAL, WITHOUT_REPORT, Bench, copy, take

from retention import holds
from retention.errors import NotFound, StoreError
from retention.explain import explain
from retention.installation import install_store
from retention.night.due import due_now
from retention.proof import prove

STORE = """
store: support
title: {fr: Assistance, en: Support}
technical_tables:
  pins: what nobody declared as a child
populations:
  - name: papers
    query: papers.sql
    table: papers
    key: id
    key_type: KEY_TYPE
    category: account
    kind: ticket
    subject: required
    anchors: {recorded_at: instant}
    states: {written: as it was written}
    columns: {id: record_id, who: subject_reference, at: dates}
  - name: notes
    query: notes.sql
    table: notes
    key: id
    key_type: KEY_TYPE
    category: account
    kind: ticket_note
    subject: required
    parent: {population: papers, column: paper}
    anchors: {recorded_at: instant}
    states: {written: as it was written}
    columns: {id: record_id, paper: parent_reference, who: subject_reference, at: dates}
"""
PAPERS = "SELECT p.id AS record_key, p.who AS subject_key, 'written' AS state, p.at AS recorded_at FROM papers AS p"
NOTES = (
    "SELECT n.id AS record_key, n.who AS subject_key, n.paper AS parent_key, 'written' AS state, n.at AS recorded_at "
    "FROM notes AS n"
)
TABLES = (
    "CREATE TABLE papers (id TYPE PRIMARY KEY, who VARCHAR(16), at INSTANT)",
    "CREATE TABLE notes (id TYPE PRIMARY KEY, paper TYPE NOT NULL, who VARCHAR(16), at INSTANT, "
    "FOREIGN KEY (paper) REFERENCES papers (id))",
    "CREATE INDEX notes_paper ON notes (paper)",
    "CREATE TABLE pins (id INTEGER PRIMARY KEY, note TYPE)",
)
INSTANT = {"sqlite": "TIMESTAMP", "postgresql": "TIMESTAMP", "mariadb": "DATETIME"}
EXACT = {"sqlite": "VARCHAR(40)", "postgresql": 'VARCHAR(40) COLLATE "C"', "mariadb": "VARCHAR(40) COLLATE utf8mb4_bin"}
LENIENT = {  # a key that differs in case only is the same
    "sqlite": "VARCHAR(40) COLLATE NOCASE",
    "postgresql": "VARCHAR(40) COLLATE lenient",
    "mariadb": "VARCHAR(40) COLLATE utf8mb4_general_ci",
}


@dataclass(frozen=True)
class Way:
    """How keys are kept: the column's type by database, and the key of a name as a table has it and as another may write it."""

    key_type: str
    types: dict[str, str]
    key: Callable[[str], str]
    otherwise: Callable[[str], str]


def as_uuid(name: str) -> str:
    return f"{ord(name[0]):08x}-aaaa-4bbb-8ccc-{int(name[1:] or 0):012x}"


WAYS = {
    "uuid": Way("uuid", dict.fromkeys(("postgresql", "mariadb"), "UUID"), as_uuid, lambda name: as_uuid(name).upper()),
    "exact text": Way("text", EXACT, lambda name: f"Key {name}", lambda name: f"Key {name}"),
    "lenient text": Way("text", LENIENT, lambda name: f"Key {name}", lambda name: f"kEY {name}"),
}


@dataclass
class Keyed:
    bench: Bench
    way: Way

    def left(self, population: str) -> set[str]:
        return {str(key) for key in self.bench.keys("support", population)}

    def all_but(self, population: str, *names: str) -> set[str]:
        return {self.way.key(name) for name in NAMES[population] if name not in names}

    def explained(self, population: str, key: str) -> Any:
        bench = self.bench
        record = f"{population}:{key}"
        (found,) = explain(bench.workspace, bench.bundle, bench.evidence, "support", record, as_of=AS_OF, language="en")
        return found

    def hold(self, population: str, key: str) -> Any:
        """As the command line places it."""
        bench = self.bench
        request = holds.Request("legal_claim", "T", "T-1", "Test", AS_OF + 90 * DAY, store="support", population=population)
        return holds.place_if_there(bench.workspace, bench.bundle, bench.evidence, replace(request, record_key=key))


NAMES = {"papers": ("p1", "p2", "p3", "p4"), "notes": ("n1", "n2", "n3", "n4")}
FRESH = {"p4", "n4"}


@pytest.fixture(params=WAYS)
def keyed(request: pytest.FixtureRequest, kind: str, folder: Path, untouched_in_files: Bench) -> Iterator[Keyed]:
    """Four papers with a note each: three pairs are due, the last is fresh. Notes refer to papers in the other spelling."""
    way = WAYS[request.param]
    if kind not in way.types:
        pytest.skip(f"{kind} has no such type")
    bench = support(folder, untouched_in_files, kind, way.key_type, way.types[kind])
    who = bench.sql("account", "SELECT customer_ref FROM accounts JOIN contracts USING (account_id) WHERE ends_on IS NULL")[0][
        0
    ]
    at = {name: f"{AS_OF - DAY if name in FRESH else DUE} 12:00:00" for names in NAMES.values() for name in names}
    many(bench.url("support"), "INSERT INTO papers VALUES (?, ?, ?)", [(way.key(n), who, at[n]) for n in NAMES["papers"]])
    notes = [(way.key(n), way.otherwise(f"p{n[1:]}"), who, at[n]) for n in NAMES["notes"]]
    many(bench.url("support"), "INSERT INTO notes VALUES (?, ?, ?, ?)", notes)
    yield Keyed(bench, way)
    bench.close()


def support(folder: Path, source: Bench, kind: str, key_type: str, sqltype: str) -> Bench:
    """The four stores and a fifth beside them, empty, whose keys are of that type."""
    places = mapped(folder, "account")
    texts = {"store.yaml": STORE.replace("KEY_TYPE", key_type), "papers.sql": PAPERS, "notes.sql": NOTES}
    for name, text in texts.items():
        (places["sql"] / "support" / name).write_text(text, encoding="utf-8")
    workspace = copy(source.workspace, folder / "bench", **places)
    if kind == "sqlite":
        workspace.store_file("support").touch()
    else:
        workspace = replace(workspace, store_urls={**workspace.store_urls, "support": create(kind)})
    bench = Bench(workspace, source.sample)
    if "lenient" in sqltype:
        bench.sql("support", "CREATE COLLATION lenient (provider = icu, locale = 'und-u-ks-level2', deterministic = false)")
    for statement in TABLES:
        bench.sql("support", statement.replace("TYPE", sqltype).replace("INSTANT", INSTANT[kind]))
    install_store("support", bench.url("support"))
    return bench


def test_a_whole_night_its_receipts_and_its_proofs(keyed: Keyed) -> None:
    bench, way = keyed.bench, keyed.way

    ran = bench.run("support", WITHOUT_REPORT)

    assert (ran["scan"]["due"], ran["dispose"]["delete"]) == (6, 6)
    gone = {"papers": NAMES["papers"][:3], "notes": NAMES["notes"][:3]}
    for population, names in gone.items():
        assert keyed.left(population) == keyed.all_but(population, *names)
        known = [way.key(name) for name in NAMES[population]]
        assert sorted(bench.receipted("support", known)[population, "delete"]) == sorted(map(way.key, names))
        declared = bench.bundle.store("support").declared.population(population)
        for name in names:
            document = prove(bench.workspace, bench.evidence, "support", declared, way.key(name))
            assert f"PROVEN: record {way.key(name)} of support.{population}: delete" in verified(document)
            assert keyed.explained(population, way.key(name)).judged is None
    assert bench.findings(["support"]) == []
    assert bench.run("support", WITHOUT_REPORT)["dispose"] == {"batches": 0, "spared": 0}


def verified(document: dict[str, Any]) -> str:
    spec = importlib.util.spec_from_file_location("verify_proof", Path("docs/verify_proof.py"))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.check(document))


def test_a_hold_on_one_record_keeps_it_and_what_hangs_from_it(keyed: Keyed) -> None:
    bench, way = keyed.bench, keyed.way
    night = bench.night("support")
    take(night, UNTIL_DISPOSAL)
    hold = keyed.hold("papers", way.key("p1")).hold
    keyed.hold("notes", way.key("n2"))

    take(night, ("dispose", "record"))

    assert keyed.left("papers") == keyed.all_but("papers", "p3")
    assert keyed.left("notes") == keyed.all_but("notes", "n3")
    assert hold.hold_id in {found.hold_id for found in keyed.explained("notes", way.key("n1")).holds}
    with pytest.raises(NotFound, match="already disposed of"):
        keyed.hold("papers", way.key("p3"))


def test_a_key_written_otherwise_is_the_same_uuid_and_another_text(keyed: Keyed) -> None:
    bench, way = keyed.bench, keyed.way
    bench.run("support", UNTIL_DISPOSAL)
    other = way.otherwise("p1")
    if other == way.key("p1"):
        other = other.lower()
    if way.key_type == "uuid":
        for written in (other, f"{{{other}}}", other.replace("-", "")):
            assert keyed.hold("papers", written).hold.record_key == way.key("p1")
            assert keyed.explained("papers", written).record_key == way.key("p1")
        with pytest.raises(NotFound, match="its keys are UUIDs"):
            keyed.hold("papers", f"{other}0")
        return
    with pytest.raises(NotFound, match="has no such record"):
        keyed.hold("papers", other)
    with pytest.raises(NotFound, match="no such record"):
        keyed.explained("papers", other)


def test_an_explanation_and_the_live_count(keyed: Keyed) -> None:
    bench, way = keyed.bench, keyed.way
    bench.run("support", UNTIL_DISPOSAL)
    paper, note = keyed.explained("papers", way.key("p1")), keyed.explained("notes", way.key("n1"))
    assert (paper.judged.disposition, note.judged.disposition) == ("due", "due")
    bench.sql("support", "UPDATE notes SET at = ? WHERE id = ?", f"{AS_OF - DAY} 12:00:00", way.key("n1"))
    paper = keyed.explained("papers", way.key("p1"))
    assert paper.judged.reason == "child_kept"
    assert [(child.population, child.rows) for child in paper.children] == [("notes", 1)]
    assert due_now(bench.workspace, bench.bundle, "support", AS_OF).rows == {"account": 4}


def test_a_row_the_database_refuses_is_spared(keyed: Keyed) -> None:
    """The batch is halved by its keys."""
    bench, way, kind = keyed.bench, keyed.way, keyed.bench.workspace.store_url("support").split("+")[0].split(":")[0]
    night = bench.night("support")
    take(night, UNTIL_DISPOSAL)
    refuse = f"CREATE TABLE later (note {way.types[kind]}, FOREIGN KEY (note) REFERENCES notes (id))"
    bench.sql("support", "DROP TABLE pins")
    bench.sql("support", refuse.replace("TABLE later", "TABLE pins"))
    bench.sql("support", "CREATE INDEX pins_note ON pins (note)")
    bench.sql("support", "INSERT INTO pins VALUES (?)", way.otherwise("n2"))
    from retention.night.disposal import run

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(run, "check_plan", lambda _night, _plan: None)  # the schema has changed: a night would stop for that
        take(night, ("dispose", "record"))

    assert keyed.left("notes") == keyed.all_but("notes", "n1", "n3")
    assert keyed.left("papers") == keyed.all_but("papers", "p1", "p3")
    assert bench.sql("support", "SELECT record_key FROM retention_refused") == [(way.key("n2"),)]


# what is refused

REFUSED = {
    "a UUID declared as text": (("postgresql", "mariadb"), "UUID", "text", "is a UUID, and declared as text"),
    "text declared as a UUID": (("sqlite", "postgresql", "mariadb"), "CHAR(36)", "uuid", "one may be written in several ways"),
    "bytes": (("mariadb",), "BINARY(16)", "text", "holds bytes"),
    "bytes declared as a UUID": (("mariadb",), "BINARY(16)", "uuid", "holds bytes"),
    "bytes of PostgreSQL": (("postgresql",), "BYTEA", "text", "holds bytes"),
    "a decimal": (("postgresql", "mariadb"), "NUMERIC(20)", "integer", "is not a whole number to the database"),
}


@pytest.mark.parametrize("what", REFUSED)
def test_a_key_of_another_type_is_refused(what: str, kind: str, folder: Path, untouched_in_files: Bench) -> None:
    kinds, sqltype, key_type, says = REFUSED[what]
    if kind not in kinds:
        pytest.skip(f"not of {kind}")
    bench = support(folder, untouched_in_files, kind, key_type, sqltype)
    with pytest.raises(StoreError, match=says) as error:
        bench.run("support", ("prepare",))
    assert error.value.mend
    bench.close()


def test_a_composite_key_is_refused_once_and_says_what_to_do(kind: str, folder: Path, untouched_in_files: Bench) -> None:
    bench = support(folder, untouched_in_files, kind, "text", EXACT[kind])
    bench.sql("support", "DROP TABLE notes")
    bench.sql("support", f"CREATE TABLE notes (id {EXACT[kind]}, paper {EXACT[kind]}, who VARCHAR(16), at {INSTANT[kind]}, "
              "PRIMARY KEY (id, paper), FOREIGN KEY (paper) REFERENCES papers (id))")  # fmt: skip
    bench.sql("support", "CREATE INDEX notes_paper ON notes (paper)")
    with pytest.raises(StoreError) as error:
        bench.run("support", ("prepare",))
    assert error.value.message == (
        "store support: the primary key of notes is composite (id, paper): holds and receipts name a record by one column"
    )
    assert "give the table a primary key of one column" in error.value.mend
    bench.close()
