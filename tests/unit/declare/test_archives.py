"""Archives that could lose a row, keep too much, or be governed by two rules are refused where they are declared."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from retention.declare.bundle import load_bundle
from retention.errors import DeclarationError

ROOT = Path(__file__).parents[3]
STORE, RULES, DECISIONS = "sql/transaction/store.yaml", "declarations/retention.yaml", "declarations/decisions/example.yaml"
ARCHIVE = "archive: archived_invoices "


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Declarations and mappings, to be spoiled."""
    shutil.copytree(ROOT / "ropa" / "declarations", tmp_path / "declarations")
    shutil.copytree(ROOT / "include" / "sql", tmp_path / "sql")
    return tmp_path


Refused = Callable[..., DeclarationError]


@pytest.fixture
def refused(folder: Path) -> Refused:
    """Replaces text in a file, and returns the error that loading then ends in."""

    def spoil(file: str, before: str, after: str, *, decided: str = "example") -> DeclarationError:
        path = folder / file
        text = path.read_text(encoding="utf-8")
        assert before in text
        path.write_text(text.replace(before, after, 1), encoding="utf-8")
        with pytest.raises(DeclarationError) as caught:
            load_bundle(folder / "declarations", folder / "sql", decided)
        assert caught.value.mend
        assert caught.value.file == str(folder / STORE)
        return caught.value

    return spoil


def archived(column: str) -> str:
    """The mapping with one more column in the archive."""
    return f"      created_at: dates\n      status: status\n{column}\n  - name: payments"


NAMED = "      customer_address: invoice_customer\n"
LAST = "      created_at: dates\n      status: status\n\n  - name: payments"


@pytest.mark.parametrize(
    "column", ["contact_phone: contact_details", "order_id: parent_reference", "customer_ref: subject_reference"]
)
def test_a_column_that_no_floor_covers(refused: Refused, folder: Path, column: str) -> None:
    """Neither contact nor link to the person or the order; the line told is that of the column."""
    error = refused(STORE, LAST, archived(f"      {column}\n"))
    assert "no floor covers that" in error.message
    lines = (folder / STORE).read_text(encoding="utf-8").splitlines()
    assert error.line is not None and lines[error.line - 1].strip() == column


def test_a_column_that_the_law_requires_and_the_archive_lacks(refused: Refused) -> None:
    error = refused(STORE, LAST, "      status: status\n\n  - name: payments")
    assert "a floor covers invoices.created_at" in error.message


def test_nothing_is_said_of_fields_before_it_is_decided_what_the_law_covers(folder: Path) -> None:
    path = folder / STORE
    text = path.read_text(encoding="utf-8").replace(LAST, archived("      contact_phone: contact_details\n"))
    path.write_text(text, encoding="utf-8")
    assert load_bundle(folder / "declarations", folder / "sql", "production")


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (ARCHIVE, "archive: archives ", "no population of this store"),
        (ARCHIVE, "archive: invoices ", "has an archive itself"),
        (ARCHIVE, "archive: payments ", "cannot be an archive"),
        (ARCHIVE, "archive: {population: archived_invoices, columns: {other: total_cents}} ", "has no column other"),
        (
            ARCHIVE,
            "archive: {population: archived_invoices, columns: {invoice_id: total_cents}} ",
            "is declared to hold 'record_id', but invoices.total_cents holds 'invoice_amounts'",
        ),
        ("      total_cents: invoice_amounts\n      created_at: dates", "      sum: invoice_amounts", "nothing fills"),
        (f"{NAMED}      net_cents", "      customer_address: status\n      net_cents", "does not change what it is"),
        ("    kind: archived_invoice\n", "    kind: invoice\n", "of the same kind"),
        ("    kind: archived_invoice\n", "    kind: archived_invoice\n    key_type: text\n", "key type"),
        ("    kind: order\n", "    kind: order\n    archive: archived_invoices\n", "archive of orders and invoices"),
    ],
)
def test_what_is_no_archive(refused: Refused, before: str, after: str, said: str) -> None:
    error = refused(STORE, before, after)
    assert said in f"{error.message} {error.mend}"


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("kinds: [invoice, archived_invoice]", "kinds: [invoice]", "keeps invoices and not its archive"),
        ("kinds: [invoice, archived_invoice]", "kinds: [payment]", "no floor covers population invoices"),
        (", except_kinds: [archived_invoice]}", "}", "rule transaction-interest concerns the archive"),
        ("archived_invoice]}\n    anchor: document", "archived_invoice], states: [paid]}\n    anchor: document", "asks for a"),
    ],
)
def test_the_law_alone_governs_an_archive(refused: Refused, before: str, after: str, said: str) -> None:
    assert said in refused(RULES, before, after).message


def test_a_query_names_the_schema_of_its_table(folder: Path) -> None:
    from retention.stores.query import check_query

    path = folder / "sql" / "transaction" / "archived_invoices.sql"
    path.write_text(path.read_text(encoding="utf-8").replace("FROM archive.", "FROM "), encoding="utf-8")
    store = load_bundle(folder / "declarations", folder / "sql", "example").store("transaction")
    with pytest.raises(DeclarationError, match=r"archive\.archived_invoices\.invoice_id itself"):
        check_query(store, store.declared.population("archived_invoices"))
