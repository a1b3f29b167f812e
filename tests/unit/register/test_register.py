"""The register: every activity and field, headers above their own values, numbers equal to the evidence, nothing personal."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from retention.dates import cutoff, cutoff_from_year_close
from retention.declare.bundle import Bundle
from retention.errors import OutputError
from retention.evidence.database import Evidence
from retention.workspace import Workspace
from ropa.register.editions import own
from ropa.register.making import make_register
from ropa.register.publication import Publication
from tests.unit.register.reading import opened, table, tables, texts
from tests.unit.report.nights import LINES, SECRETS, STATUS, seeded

AS_OF = dt.date(2026, 11, 23)
NOW = dt.datetime.combine(AS_OF, dt.time(6))
VERDICT, WHY = "Conservées et effacées conformément à la politique\u00a0?", "Sinon, pourquoi\u00a0; réserves"
DOUBLE_PAGES = ("Traitements", "Conservation", "Données détenues")


@pytest.fixture(scope="module")
def example() -> Bundle:
    return Workspace.at(Path("unused"), decision_set="example").bundle()


@pytest.fixture(scope="module")
def production() -> Bundle:
    return Workspace.at(Path("unused"), decision_set="production").bundle()


def file(folder: Path, bundle: Bundle, evidence: Evidence | None, language: Any = "fr", as_of: dt.date = AS_OF) -> Path:
    publication = Publication(0, 0, NOW, make_register(bundle, evidence, as_of))
    return own.write(publication, language, Workspace.at(folder).output_folder("register"))


def written(folder: Path, bundle: Bundle, evidence: Evidence | None, language: Any = "fr", as_of: dt.date = AS_OF) -> Workbook:
    return opened(file(folder, bundle, evidence, language, as_of))


@pytest.fixture(scope="module")
def french(tmp_path_factory: pytest.TempPathFactory, example: Bundle) -> Workbook:
    folder = tmp_path_factory.mktemp("fr")
    return written(folder, example, seeded(folder, example))


def schedule(book: Workbook, bundle: Bundle) -> dict[str, dict[str, Any]]:
    """Lines of the schedule by rule id; what stands outside the rules by its own title."""
    titles = {rule.title.fr.replace("'", "’"): rule.id for rule in bundle.rules.rules}
    return {titles.get(str(line["Règle"]), str(line["Règle"])): line for line in table(book, "Conservation")}


def test_names_follow_day_and_language(tmp_path: Path, production: Bundle) -> None:
    assert file(tmp_path, production, None).name == "registre-art30-2026-11-23.xlsx"
    assert file(tmp_path, production, None, "en").name == "register-art30-2026-11-23.xlsx"
    assert sorted(path.name for path in (tmp_path / "output" / "register").iterdir()) == [
        "register-art30-2026-11-23.xlsx", "registre-art30-2026-11-23.xlsx",
    ]  # fmt: skip


def test_every_activity_has_every_field_of_article_30(french: Workbook, example: Bundle) -> None:
    fields = {
        "Réf.", "Traitement", "Finalités", "Personnes concernées", "Catégories de données", "Destinataires",
        "Transferts, pays tiers", "Délais d’effacement", "Mesures de sécurité", "Base légale", "Source", "Lacunes",
        "Conforme à la politique\u00a0?",
    }  # fmt: skip
    lines = table(french, "Traitements")
    assert [line["Réf."] for line in lines] == [f"R{number}" for number in range(1, 20)]
    for line in lines:
        assert set(line) == fields
        assert all(value not in (None, "") for value in line.values()), line
    cards = texts_of(french, "Fiches")
    assert all(any(text.startswith(f"{activity.ref} – ") for text in cards) for activity in example.activities.activities)


def texts_of(book: Workbook, sheet: str) -> list[str]:
    return [str(cell.value) for row in book[sheet].iter_rows() for cell in row if cell.value is not None]


def test_headers_stand_above_their_own_values(french: Workbook, example: Bundle) -> None:
    by_ref = {line["Réf."]: line for line in table(french, "Traitements")}
    titles = {statement.id: statement.title.fr.replace("'", "’") for statement in example.policy.statements()}
    for activity in example.activities.activities:
        line = by_ref[activity.ref]
        assert line["Traitement"].replace("\u00a0", " ") == activity.title.fr.replace("'", "’")
        assert line["Source"] == activity.lines
        assert line["Délais d’effacement"].replace("\u00a0", " ") == activity.time_limit.fr.replace("'", "’")
        for field, names in (("Destinataires", activity.recipients), ("Transferts, pays tiers", activity.transfers)):
            expected = ["Non indiqué par la politique"] if names == "not stated" else [titles[name] for name in names]
            assert all(title in line[field].replace("\u00a0", " ") for title in expected)
        assert ("déduit" in line["Personnes concernées"]) is activity.subjects_inferred
        assert ("douteuse" in line["Base légale"]) is activity.basis_doubtful


def test_recipients_and_decisions_by_header(french: Workbook, example: Bundle) -> None:
    recipients = table(french, "Destinataires")
    assert [line["Source"] for line in recipients] == [recipient.lines for recipient in example.policy.recipients]
    decisions = {line["Identifiant"]: line for line in table(french, "Décisions")}
    for decision in example.decisions.decisions:
        line = decisions[decision.id]
        assert line["Approuvée par"] == (decision.approver or "–")
        assert line["État"] == ("Décidée" if decision.decided else "Non décidée")
        if decision.review_by:
            assert line["À revoir avant"].date() == decision.review_by
            assert line["Vérifiée le"].date() == decision.checked_on


def test_numbers_of_the_schedule_equal_the_evidence(french: Workbook, example: Bundle) -> None:
    lines = [raw for store in LINES.values() for raw in store]
    found = schedule(french, example)
    keys: dict[str, str | None] = {rule.id: rule.id for rule in example.rules.rules}
    keys |= {"Demande d’effacement validée": "erasure-request", "Sans règle": None}
    for shown, rule in keys.items():
        mine = [raw for raw in lines if raw[4] == rule]
        due = [raw for raw in mine if raw[3] == "due"]
        line = found[shown]
        assert line["Analysés"] == sum(raw[9] for raw in mine)
        assert line["Échus"] == sum(raw[9] for raw in due)
        assert line["Gelés"] == sum(raw[9] for raw in mine if raw[3] == "held")
        spared = {raw: 1 if raw[9] > 60 else 0 for raw in due}
        for header, action in (
            ("Supprimés", "delete"),
            ("Anonymisés", "anonymise"),
            ("Réduits", "minimise"),
            ("Archivés", "archive"),
        ):
            assert line[header] == sum(raw[9] - spared[raw] for raw in due if raw[6] == action)
        assert line["Échus, restants"] == 0
        assert line["Échu depuis le"] == "–"
    assert found["Total"]["Analysés"] == sum(raw[9] for raw in lines)


def test_cutoffs_are_those_of_the_calculator(french: Workbook, example: Bundle) -> None:
    found = schedule(french, example)
    assert found["trial-data"]["Date limite"].date() == cutoff(AS_OF, 25)
    assert found["accounting-floor"]["Date limite"].date() == cutoff_from_year_close(AS_OF, 120, "12-31")
    assert found["suppression-list"]["Date limite"] == "non décidé"
    assert "Critère non décidé" in found["suppression-list"]["Source"]
    assert found["suppression-list"][VERDICT] == "Non établi"
    assert "L214, L216" in found["trial-data"]["Source"]


def test_compliance_is_told_from_what_happened(tmp_path: Path, example: Bundle) -> None:
    statuses = STATUS | {"usage": "failed", "transaction": "rehearsal"}
    book = written(tmp_path, example, seeded(tmp_path, example, statuses=statuses, left=5))
    found = schedule(book, example)
    assert found["account-relationship"][VERDICT] == "Non"
    assert "échus et non gelés\u00a0: 10" in found["account-relationship"][WHY]
    assert found["account-relationship"]["Échu depuis le"].date() == dt.date(2026, 11, 16)
    assert found["usage-visits"][VERDICT] == "Non établi"
    assert found["usage-visits"]["Analysés"] == "non compté"
    assert "échouée" in found["usage-visits"][WHY]
    assert "répétition" in found["payment-card"][WHY]
    assert found["account-prospect"][VERDICT] == "Oui"


def test_a_later_run_than_the_register_is_not_in_it(tmp_path: Path, example: Bundle) -> None:
    book = written(tmp_path, example, seeded(tmp_path, example), as_of=dt.date(2026, 11, 21))
    assert {line["Analysés"] for line in table(book, "Conservation")} == {"non compté", "–"}
    assert {line["Issue"] for line in table(book, "Couverture")} == {"Aucune passe"}


@pytest.mark.parametrize("empty", [False, True])
def test_without_evidence_the_register_says_so(tmp_path: Path, production: Bundle, empty: bool) -> None:
    evidence = Evidence(f"sqlite:///{tmp_path / 'evidence.db'}") if empty else None
    book = written(tmp_path, production, evidence)
    lines = [line for line in table(book, "Conservation") if line["Règle"] != "Total"]
    assert all(line["Analysés"] == "non compté" for line in lines)
    assert all("aucune passe" in line[WHY] for line in lines if line["Durée"] != "–")
    held = [line for each in tables(book["Données détenues"]) for line in each if line["Catégorie de données"] != "Total"]
    assert {line["Détenus"] for line in held} == {line["Dernières passes"] for line in held} == {"aucune passe n’a compté"}
    assert {line["Chiffres tirés de la passe"] for line in table(book, "Couverture")} == {
        "aucune passe achevée\u00a0: aucun chiffre"
    }


def test_an_example_set_is_marked_on_every_page(french: Workbook, tmp_path: Path, production: Bundle) -> None:
    for sheet in french.worksheets:
        assert sheet.oddHeader.center.text.startswith("PROJET – non approuvé – JEU DE DÉCISIONS D’EXEMPLE")
        assert sheet.oddFooter.center.color == "C00000"
        head = [str(cell.value) for row in sheet.iter_rows(max_row=4) for cell in row]
        assert any(text.startswith("PROJET – non approuvé – JEU DE DÉCISIONS") for text in head)
    assert not any("EXEMPLE" in text for text in texts(written(tmp_path, production, None)))


def test_pages_are_ready_to_print(french: Workbook) -> None:
    for sheet in french.worksheets:
        setup = sheet.page_setup
        assert (setup.orientation, setup.paperSize) == ("landscape", 9)
        if sheet.title in DOUBLE_PAGES:
            assert setup.scale >= 75
            assert sheet.col_breaks.brk and sheet.print_title_cols and setup.pageOrder == "overThenDown"
        else:
            assert (setup.fitToWidth, setup.fitToHeight) == (1, 0)
            assert sheet.sheet_properties.pageSetUpPr.fitToPage
            assert 148 / sum(sheet.column_dimensions[name].width for name in sheet.column_dimensions) >= 0.75
        assert sheet.print_title_rows
        assert "&P" in sheet.oddFooter.right.text
        assert all((row.height or 15) < 406 for row in sheet.row_dimensions.values())
        assert len(sheet.title) <= 31
    assert french["Traitements"].freeze_panes
    assert french["Conservation"].auto_filter.ref
    assert french.properties.language == "fr"


def test_links_lead_to_sheets_that_exist(french: Workbook) -> None:
    targets = {
        cell.hyperlink.location.rpartition("!")[0].strip("'")
        for sheet in french.worksheets for row in sheet.iter_rows() for cell in row if cell.hyperlink
    }  # fmt: skip
    assert targets <= set(french.sheetnames)
    contents = table(french, "Sommaire")
    assert [line["Feuille"] for line in contents] == french.sheetnames[2:]


def test_every_citation_is_among_the_sources(french: Workbook, example: Bundle) -> None:
    shown = {(line["Identifiant"], line["Lignes"], line["Mots cités"].strip("«»\u00a0")) for line in table(french, "Sources")}
    for statement in example.policy.statements():
        for cite in statement.cites:
            assert (statement.id, cite.label, cite.quote) in shown
    assert len(table(french, "Sources")) == len(make_register(example, None, AS_OF).quotations)


def test_gaps_are_ranked_and_complete(french: Workbook, example: Bundle, production: Bundle, tmp_path: Path) -> None:
    lines = table(french, "Lacunes")
    ranks = [int(line["Rang"][0]) for line in lines]
    assert ranks == sorted(ranks)
    assert all(line["Ce qui le clôt"] and line["Qui le doit"] for line in lines)
    doubtful = [activity.ref for activity in example.activities.activities if activity.basis_doubtful]
    assert all(any(line["Où"] == ref and line["Rang"].startswith("4") for line in lines) for ref in doubtful)
    undecided = [decision for decision in production.decisions.decisions if not decision.decided]
    questions = {line["Objet"].replace("\u00a0", " ") for line in table(written(tmp_path, production, None), "Lacunes")}
    assert {decision.question.fr.replace("'", "’") for decision in undecided} <= questions


def test_a_decision_past_its_review_is_a_gap(tmp_path: Path, example: Bundle) -> None:
    book = written(tmp_path, example, None, as_of=dt.date(2028, 1, 1))
    assert any(line["Rang"].startswith("2") for line in table(book, "Lacunes"))
    assert "À revoir" in {line["État"] for line in table(book, "Décisions")}


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_personal_is_printed(tmp_path: Path, example: Bundle, language: Any) -> None:
    book = written(tmp_path, example, seeded(tmp_path, example), language)
    assert not [text for text in texts(book) for secret in SECRETS if secret in text]


def test_english_is_english_and_french_is_well_set(tmp_path: Path, example: Bundle, french: Workbook) -> None:
    english = written(tmp_path, example, seeded(tmp_path, example), "en")
    assert english.sheetnames[:4] == ["Cover", "Contents", "Activities", "Records"]
    assert len(english.sheetnames) == len(french.sheetnames)
    for sheet in french.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                words = str(cell.value or "")
                if isinstance(cell.value, str) and not str(cell.style).startswith(("quote", "code")):
                    assert not any(f" {mark}" in words.split("«")[0] for mark in (":", ";", "?", "!")), (sheet.title, words)


def test_an_unwritable_folder_is_named(tmp_path: Path, production: Bundle) -> None:
    (tmp_path / "output").write_text("a file where a folder should be")
    with pytest.raises(OutputError, match="register"):
        file(tmp_path, production, None)
