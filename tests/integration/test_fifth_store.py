"""A fifth store is mapped with one query and YAML, and no line of Python: tickets with text keys, in local time."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from workbench import AS_OF, DAY, WITHOUT_REPORT, Bench, copy, redeclare

from retention.errors import DeclarationError
from retention.evidence import ledger
from retention.night.record import store_receipts

SCHEMA = """
CREATE TABLE tickets (
    "key"    VARCHAR(24) NOT NULL PRIMARY KEY,
    "group"  VARCHAR(16),
    "select" VARCHAR(200),
    "From"   VARCHAR(160),
    "when"   TIMESTAMP,
    "until"  DATE,
    "values" VARCHAR(16),
    "limit"  INTEGER NOT NULL
);
CREATE TABLE notes (
    "index"  VARCHAR(24) NOT NULL PRIMARY KEY,
    "table"  VARCHAR(24) NOT NULL REFERENCES tickets ("key"),
    "check"  TEXT,
    "at"     TIMESTAMP
);
CREATE INDEX notes_by_ticket ON notes ("table");
CREATE TABLE migrations (version INTEGER PRIMARY KEY);
"""
STORE = """
store: support
title: {fr: Assistance, en: Support}
timezone: Europe/Paris
technical_tables:
  migrations: versions of the schema
populations:
  - name: tickets
    query: tickets.sql
    table: tickets
    key: key
    key_type: text
    category: CATEGORY
    kind: ticket
    subject: required
    anchors: {recorded_at: instant, document_date: date}
    optional_anchors: [document_date]
    states: {open: under way, shut: answered}
    columns:
      key: record_id
      group: subject_reference
      select: contact_details
      From: {element: contact_details}
      when: dates
      until: dates
      values: status
      limit: {element: contact_details, blank: zero}
  - name: notes
    query: notes.sql
    table: notes
    key: index
    key_type: text
    category: CATEGORY
    kind: ticket_note
    subject: required
    parent: {population: tickets, column: table}
    anchors: {recorded_at: instant}
    states: {written: as it was written}
    columns:
      index: record_id
      table: parent_reference
      check: contact_details
      at: dates
"""
TICKETS = """
-- One row per ticket; times are local, and "key" is text: 'A:1' -- a colon, a quote and a comment do no harm
SELECT
    o."key"   AS record_key,
    o."group" AS subject_key,
    CASE WHEN o."values" IN ('open', 'réouvert') THEN 'open' WHEN o."values" = 'shut' THEN 'shut'
         ELSE 'unknown: why?' END AS state,
    o."when"  AS recorded_at,
    o."until" AS document_date
FROM tickets AS o
"""
NOTES = """
SELECT r."index" AS record_key, o."group" AS subject_key, r."table" AS parent_key, 'written' AS state, r."at" AS recorded_at
FROM notes AS r
LEFT JOIN tickets AS o ON o."key" = r."table";
"""
RULES = """
  - id: ticket-closed
    title: {fr: Demandes closes, en: Closed tickets}
    criterion: elapsed
    scope: {categories: [CATEGORY], kinds: [ticket, ticket_note], standings: [customer, prospect]}
    anchor: recorded_at
    period: {decision: account.prospect_max}
    cites: [retention.general]
"""
DUE = AS_OF - dt.timedelta(days=3 * 365 + 1 + 1)  # three years, one of them a leap year, and the day after


def mapped(folder: Path, category: str) -> dict[str, Path]:
    """The four stores and the fifth beside them."""
    places = redeclare(folder)
    support = places["sql"] / "support"
    support.mkdir()
    for name, text in {"schema.sql": SCHEMA, "store.yaml": STORE, "tickets.sql": TICKETS, "notes.sql": NOTES}.items():
        (support / name).write_text(text.replace("CATEGORY", category), encoding="utf-8")
    rules = places["declarations"] / "retention.yaml"
    text = rules.read_text(encoding="utf-8")
    text = text.replace(
        "anchors:\n", "  ticket: {fr: Demande, en: Ticket}\n  ticket_note: {fr: Note, en: Note}\n\nanchors:\n", 1
    )
    for rule in ("account-relationship", "account-prospect", "transaction-interest"):
        head, tail = text.split(f"  - id: {rule}\n")
        scope = next(line for line in tail.splitlines() if line.strip().startswith("scope:"))
        others = "except_kinds: [ticket, ticket_note"
        if "except_kinds: [" in scope:
            tail = tail.replace(scope, scope.replace("except_kinds: [", f"{others}, "), 1)
        elif "kinds: [" not in scope:
            tail = tail.replace(scope, scope.replace("}", f", {others}]}}"), 1)
        text = f"{head}  - id: {rule}\n{tail}"
    text = text.replace("\nholds:\n", RULES.replace("CATEGORY", category) + "\nholds:\n", 1)
    rules.write_text(text, encoding="utf-8")
    return places


def tickets(bench: Bench) -> list[tuple[object, ...]]:
    customer = bench.sql(
        "account", "SELECT customer_ref FROM accounts JOIN contracts USING (account_id) WHERE ends_on IS NULL"
    )[0][0]
    trial = bench.sql("account", "SELECT customer_ref FROM accounts WHERE account_id = 1")[0][0]
    due = f"{DUE:%Y-%m-%d}"
    kept = f"{DUE + DAY:%Y-%m-%d}"
    return [
        ("A:1", customer, "o'clock", "x@y.example", f"{due} 23:59:59", None, "shut", 5),
        ("A:2", customer, "%(a)s", "x@y.example", f"{kept} 00:00:00", "2020-02-29", "shut", 5),
        ("a:1", customer, "{b}", None, f"{due} 00:00:00", "2020-02-29", "réouvert", 5),
        ("007", customer, None, None, f"{kept} 00:30:00", None, "shut", 5),  # half past ten in the evening before, in UTC
        ("7", customer, None, None, f"{due} 12:00:00", None, "shut", 5),
        ("held", customer, None, None, f"{due} 12:00:00", None, "shut", 5),
        ("with a fresh note", customer, None, None, f"{due} 12:00:00", None, "shut", 5),
        ("odd", customer, None, None, f"{due} 12:00:00", None, "???", 5),
        ("odd date", customer, None, None, f"{due} 12:00:00", "29/02/2020", "shut", 5),
        ("trial", trial, None, None, f"{AS_OF - DAY} 12:00:00", None, "open", 5),
        ("nobody", "C-unknown", None, None, f"{due} 12:00:00", None, "shut", 5),
    ]


GONE = {"A:1", "a:1", "7", "trial"}


@pytest.fixture(params=["account", "transaction"])
def supported(request: pytest.FixtureRequest, folder: Path, untouched: Bench) -> Iterator[Bench]:
    bench = Bench(copy(untouched.workspace, folder / "bench", **mapped(folder, request.param)), untouched.sample)
    with closing(sqlite3.connect(bench.file("support"))) as file, file:
        file.executescript(SCHEMA)
        file.executemany("INSERT INTO tickets VALUES (?, ?, ?, ?, ?, ?, ?, ?)", tickets(bench))
        note = [("n1", "A:1", "o'clock", f"{DUE} 12:00:00"), ("n2", "with a fresh note", "", f"{AS_OF - DAY} 12:00:00")]
        file.executemany("INSERT INTO notes VALUES (?, ?, ?, ?)", note)
    bench.place("legal_claim", store="support", population="tickets", record_key="held")
    yield bench
    bench.close()


def test_a_night_purges_it(supported: Bench) -> None:
    rows = {row[0]: row for row in supported.sql("support", "SELECT * FROM tickets")}

    ran = supported.run("support", WITHOUT_REPORT, run_id="fifth")

    assert supported.keys("support", "tickets") == set(rows) - GONE
    assert supported.keys("support", "notes") == {"n2"}
    assert {row[0]: row for row in supported.sql("support", "SELECT * FROM tickets")} == {
        key: row for key, row in rows.items() if key not in GONE
    }
    assert sorted(supported.receipted("support", rows)["tickets", "delete"]) == sorted(GONE)
    assert ran["scan"]["held"] == 1
    assert ran["scan"]["quarantine"] == 3
    lines = {(line.population, line.disposition, line.reason) for line in supported.evidence.scan("fifth", "after")}
    assert ("tickets", "keep", "child_kept") in lines
    receipts = {"support": store_receipts(supported.workspace, "support")}
    assert ledger.verify(supported.evidence, receipts=receipts) == []

    again = supported.run("support", WITHOUT_REPORT, run_id="fifth-again")
    assert again["dispose"] == {"batches": 0, "spared": 0}


def test_the_others_do_not_mind(supported: Bench) -> None:
    before = supported.content("support")
    ran = supported.run("usage", ("prepare", "scan", "plan", "dispose", "record"))
    assert int(ran["dispose"]["delete"]) > 0
    assert supported.content("support") == before


def test_a_table_may_be_called_what_it_likes(supported: Bench) -> None:
    for file in ("store.yaml", "tickets.sql", "notes.sql"):
        path = supported.workspace.sql / "support" / file
        text = (
            path.read_text(encoding="utf-8").replace("table: tickets", "table: order").replace("FROM tickets", 'FROM "order"')
        )
        path.write_text(text.replace("JOIN tickets", 'JOIN "order"'), encoding="utf-8")
    supported.sql("support", 'ALTER TABLE tickets RENAME TO "order"')
    supported.run("support", WITHOUT_REPORT)


@pytest.mark.parametrize(
    "ending",
    [
        pytest.param("\n-- that is all"),
        pytest.param(";\n-- that is all"),
        " ;  ",
        " /* that is all */",
    ],
)
def test_a_query_may_end_in_a_comment(folder: Path, untouched: Bench, ending: str) -> None:
    mapped = folder / "sql"
    shutil.copytree(untouched.workspace.sql, mapped)
    file = mapped / "usage" / "visits.sql"
    file.write_text(file.read_text(encoding="utf-8").rstrip() + ending, encoding="utf-8")
    bench = Bench(copy(untouched.workspace, folder / "bench", sql=mapped), untouched.sample)
    ran = bench.run("usage", ("prepare", "scan"))
    assert int(ran["scan"]["due"]) > 0
    bench.close()


# a table that refers to itself


def test_a_table_that_refers_to_itself_is_refused(folder: Path, untouched: Bench) -> None:
    places = mapped(folder, "account")
    support = places["sql"] / "support"
    text = STORE.replace("CATEGORY", "account").split("  - name: notes")[0]
    text = text.replace("    anchors:", "    parent: {population: tickets, column: limit}\n    anchors:", 1)
    (support / "store.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(DeclarationError, match="refers to itself") as refused:
        copy(untouched.workspace, folder / "bench", **places).bundle()
    assert refused.value.file == str(support / "store.yaml") and refused.value.mend
