"""The retention report: verdict, figures, balance, plain words, and nothing that points at a person."""

from __future__ import annotations

import ast
import datetime as dt
import importlib
import inspect
import string
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from retention.declare.bundle import Bundle
from retention.declare.words import Text
from retention.errors import NotFound, OutputError
from retention.evidence.database import Evidence
from retention.evidence.figures import figures_of
from retention.report import reasons, write_report
from retention.report.labels import LABELS
from retention.workspace import Workspace
from tests.unit.register.reading import check_strictly, opened, table, texts
from tests.unit.report.nights import LINES, SECRETS, STATUS, add_nights, seeded

CODES = {
    "REASONS": """contract_live period_running interest_holds trial_open floor_running undecided no_criterion facts_stale
        child_kept already_anonymised already_minimised erasure_contract_live hold restriction_and_erasure anchor_missing
        anchor_unreadable anchor_future end_before_start unknown_state quarantined_state parent_missing subject_missing
        subject_unknown subject_contradictory period_over relationship_over interest_over interest_lapsed erasure_request
        fields_period_over ceiling_reached floor_remains floor_over small_cell archive_key_taken""",
    "MENDS": """anchor_missing anchor_unreadable anchor_future end_before_start unknown_state quarantined_state parent_missing
        subject_missing subject_unknown subject_contradictory archive_key_taken""",
    "EXPECTATIONS": """keys_unique every_row_seen anchors_present anchors_not_future end_after_start known_state no_card_number
        nothing_refused
        no_verification_code candidates_not_held candidates_really_due candidate_share quarantine_share parents_present
        nothing_overdue nothing_held_gone rows_balance no_new_orphans no_suppressed_live receipts_match""",
    "DISPOSITIONS": "keep held quarantine due",
    "ACTIONS": "delete anonymise minimise archive",
    "STATUSES": "running waiting passed reservations failed rehearsal",
    "SCOPES": "subject record category",
}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Workspace.at(Path("unused"), decision_set="example").bundle()


def written(folder: Path, bundle: Bundle, evidence: Evidence, language: Any = "fr") -> Workbook:
    return opened(write_report(Workspace.at(folder), bundle, evidence, [run.run_id for run in evidence.runs()], language))


@pytest.fixture(scope="module")
def french(tmp_path_factory: pytest.TempPathFactory, bundle: Bundle) -> Workbook:
    folder = tmp_path_factory.mktemp("report")
    return written(folder, bundle, seeded(folder, bundle))


def verdict(book: Workbook) -> str:
    return next(str(row[0].value) for row in book["Synthèse"].iter_rows() if row[0].style == "verdict")


def fact(book: Workbook, label: str) -> str:
    rows = ([cell.value for cell in row if cell.value is not None] for row in book["Synthèse"].iter_rows())
    return next(str(row[1]) for row in rows if row and row[0] == label)


HEADLINE = "Plus ancien enregistrement échu, non gelé à bon droit"
FROZEN = "En retard, mais gelé à bon droit"


def test_the_name_follows_day_and_language(tmp_path: Path, bundle: Bundle) -> None:
    evidence = seeded(tmp_path, bundle)
    runs = [run.run_id for run in evidence.runs()]
    path = write_report(Workspace.at(tmp_path), bundle, evidence, runs)
    assert path.name == "rapport-2026-11-22.xlsx"
    check_strictly(path)
    assert write_report(Workspace.at(tmp_path), bundle, evidence, runs, "en").name == "report-2026-11-22.xlsx"


def test_the_summary_says_what_matters(french: Workbook) -> None:
    assert verdict(french) == "EN ORDRE, AVEC RÉSERVES"
    assert fact(french, HEADLINE).startswith("Aucun")
    assert fact(french, FROZEN) == "1\u202f054 jours (échu depuis le 03/01/2024)\u00a0; enregistrements concernés\u00a0: 3"
    waiting = {line["Ce qui attend"]: line["Nombre"] for line in table(french, "Synthèse", 2)}
    assert waiting["Enregistrements en quarantaine"] == 36
    assert waiting["Gels dont la revue est en retard"] == 1
    assert waiting["Demandes d’effacement qu’une personne doit trancher"] == 1


def test_every_row_has_one_outcome(french: Workbook) -> None:
    lines = table(french, "Synthèse")
    assert len(lines) == 5
    for line in lines:
        outcomes = ("Conservés", "Gelés", "En quarantaine", "Traités", "Épargnés", "Échus restants")
        assert line["Analysés"] == sum(line[name] for name in outcomes)
    assert {line["Total vérifié"] for line in lines[:4]} == {"Juste"}
    assert lines[4]["Analysés"] == sum(raw[9] for store in LINES.values() for raw in store)


def test_rows_left_overdue_are_the_headline(tmp_path: Path, bundle: Bundle) -> None:
    book = written(tmp_path, bundle, seeded(tmp_path, bundle, left=2))
    assert verdict(book) == "À TRAITER"
    assert fact(book, HEADLINE).startswith("20 jours (échu depuis le 02/11/2026)")
    assert {line["Total vérifié"] for line in table(book, "Synthèse")[:4]} == {"Juste"}


def test_rows_without_an_outcome_are_a_fault(tmp_path: Path, bundle: Bundle) -> None:
    evidence = seeded(tmp_path, bundle)
    with evidence.writing() as db:
        db.exec_driver_sql("UPDATE receipt SET rows = rows - 3 WHERE population = 'trials'")
    book = written(tmp_path, bundle, evidence)
    assert verdict(book) == "À TRAITER"
    assert "Écart\u00a0: 3" in {line["Total vérifié"] for line in table(book, "Synthèse")}


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        (STATUS | {"usage": "failed"}, "À TRAITER"),
        (STATUS | {"usage": "running"}, "À TRAITER"),
        (STATUS | {"usage": "waiting"}, "À TRAITER"),
        ({"account": "passed"}, "À TRAITER"),
        (dict.fromkeys(STATUS, "rehearsal"), "RÉPÉTITION – rien n’a été effacé"),
    ],
)
def test_the_verdict_follows_the_runs(tmp_path: Path, bundle: Bundle, statuses: dict[str, str], expected: str) -> None:
    book = written(tmp_path, bundle, seeded(tmp_path, bundle, statuses=statuses))
    assert verdict(book) == expected
    rehearsed = "rehearsal" in statuses.values()
    assert rehearsed is any("RÉPÉTITION" in str(sheet.oddHeader.center.text) for sheet in book.worksheets)


def test_only_the_latest_of_several_runs_counts(tmp_path: Path, bundle: Bundle) -> None:
    evidence = seeded(tmp_path, bundle)
    add_nights(evidence, bundle, as_of=dt.date(2026, 11, 23), prefix="later-")
    book = written(tmp_path, bundle, evidence)
    assert {str(line["Passe"]).split("-")[0] for line in table(book, "Registre des preuves")} == {"later"}


def test_lines_and_receipts_are_those_of_the_evidence(french: Workbook, tmp_path: Path, bundle: Bundle) -> None:
    lines = [raw for store in LINES.values() for raw in store]
    shown = table(french, "Par catégorie et règle")[:-1]
    assert sorted(line["Nombre"] for line in shown) == sorted(raw[9] for raw in lines)
    by_reason = {line["Raison"]: line for line in shown}
    stale = by_reason["faits sur la personne absents ou trop anciens\u00a0: rien n’est supprimé sur leur foi"]
    assert (stale["Nombre"], stale["Issue"], stale["Règle"]) == (14, "Conservé", "Abonnement d’un client")
    evidence = seeded(tmp_path, bundle)
    receipts = {receipt.receipt_id: receipt for receipt in evidence.receipts()}
    for line in table(french, "Reçus")[:-1]:
        receipt = receipts[line["Reçu"]]
        assert (line["Nombre"], line["Épargnés"], line["Racine de Merkle"]) == (receipt.rows, receipt.spared, receipt.root)
    assert table(french, "Traités")[-1]["Nombre"] == sum(receipt.rows for receipt in receipts.values())


def test_checks_that_did_not_pass_come_first(french: Workbook) -> None:
    first = table(french, "Contrôles")[0]
    assert (first["Résultat"], first["Lignes en faute"], first["Gravité"]) == ("Échec (FAIL)", 21, "avertissement")


def test_holds_show_neither_persons_nor_grounds(french: Workbook) -> None:
    holds = {line["Identifiant"]: line for line in table(french, "Gels et exceptions")}
    assert set(holds) == {"H-0001", "H-0002", "H-0003"}
    assert (holds["H-0001"]["Revue"], holds["H-0002"]["Revue"]) == ("En retard", "Dans les temps")
    assert holds["H-0002"]["Référence"] == "DSR-2026-031"
    erasure = table(french, "Gels et exceptions", 1)[0]
    assert erasure["Référence"] == "=DSR-2026-044"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_personal_is_printed(tmp_path: Path, bundle: Bundle, language: Any) -> None:
    book = written(tmp_path, bundle, seeded(tmp_path, bundle), language)
    assert not [text for text in texts(book) for secret in SECRETS if secret in text]


def test_charts_are_native_and_stand_where_they_belong(french: Workbook) -> None:
    assert {sheet.title: len(sheet._charts) for sheet in french.worksheets if sheet._charts} == {"Synthèse": 1, "Tendances": 4}
    chart = french["Synthèse"]._charts[0]
    assert (chart.grouping, len(chart.series)) == ("percentStacked", 5)


def test_links_lead_to_sheets_that_exist(french: Workbook) -> None:
    targets = {
        cell.hyperlink.location.rpartition("!")[0].strip("'")
        for sheet in french.worksheets for row in sheet.iter_rows() for cell in row if cell.hyperlink
    }  # fmt: skip
    assert targets <= set(french.sheetnames)


def test_a_night_in_which_nothing_happened(tmp_path: Path, bundle: Bundle, monkeypatch: pytest.MonkeyPatch) -> None:
    evidence = seeded(tmp_path, bundle)
    with evidence.writing() as db:
        for name in ("scan", "receipt", "validation", "hold", "ledger"):
            db.exec_driver_sql(f"DELETE FROM {name}")
    book = written(tmp_path, bundle, evidence)
    assert fact(book, HEADLINE).startswith("Aucun")
    assert "Aucun lot n’a été traité." in texts(book)
    assert "le registre est vide" in texts(book)


def test_unknown_and_missing_runs_are_refused(tmp_path: Path, bundle: Bundle) -> None:
    evidence = seeded(tmp_path, bundle)
    with pytest.raises(NotFound, match="no run to report on"):
        write_report(Workspace.at(tmp_path), bundle, evidence, [])
    with pytest.raises(NotFound, match="nowhere"):
        write_report(Workspace.at(tmp_path), bundle, evidence, ["nowhere"])


def test_an_unwritable_folder_is_named(tmp_path: Path, bundle: Bundle) -> None:
    evidence = seeded(tmp_path, bundle)
    (tmp_path / "output").write_text("a file where a folder should be")
    with pytest.raises(OutputError, match="reports"):
        write_report(Workspace.at(tmp_path), bundle, evidence, [run.run_id for run in evidence.runs()])


def test_a_run_cut_short_owes_what_has_no_receipt(tmp_path: Path, bundle: Bundle) -> None:
    evidence = seeded(tmp_path, bundle)
    with evidence.writing() as db:
        db.exec_driver_sql("DELETE FROM scan WHERE stage = 'after'")
        db.exec_driver_sql("DELETE FROM receipt WHERE population = 'contacts'")
    run = evidence.latest_run("account")
    assert run
    night = figures_of(evidence, run)
    assert (night.overdue().rows, night.overdue().since) == (58, dt.date(2026, 11, 16))
    assert night.tally().outstanding == 58
    assert night.tally().gap == 0


@pytest.mark.parametrize("catalogue", CODES)
def test_every_code_has_words_in_both_languages(catalogue: str) -> None:
    known: dict[str, Text] = getattr(reasons, catalogue)
    assert set(CODES[catalogue].split()) == set(known)
    assert all(text.fr.strip() and text.en.strip() for text in known.values())


def test_an_unknown_code_is_shown_as_it_is(bundle: Bundle) -> None:
    assert reasons.reason("brand_new", "fr") == "brand_new"
    assert reasons.rule_title(bundle.rules, "gone-rule", "fr") == "gone-rule"
    assert reasons.rule_title(bundle.rules, "erasure-request", "en") == bundle.rules.erasure.en
    assert reasons.rule_title(bundle.rules, None, "fr") == "–"


def test_labels_are_complete_and_named_rightly() -> None:
    def holes(text: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(text) if name}

    for path in Path(inspect.getfile(write_report)).parent.glob("[a-z]*.py"):
        known = getattr(importlib.import_module(f"retention.report.{path.stem}"), "LABELS", LABELS)  # the room's, or its own
        assert all(holes(text.fr) == holes(text.en) for text in known.values())
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                assert called != "say" or node.args[0].value in known, path.name
