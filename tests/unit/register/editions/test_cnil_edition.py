"""The CNIL's layout: its sheets and labels, each value under its own header, nothing lost on the way into a file and back."""

from __future__ import annotations

import datetime as dt
import zipfile
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from retention.workspace import Workspace
from ropa.register.editions import cnil, reading
from ropa.register.editions.cnil.labels import LABELS
from ropa.register.editions.cnil.rows import ELEMENT_ROWS, RECIPIENT_TYPES, ROWS, SENSITIVE
from ropa.register.making import make_register
from ropa.register.model import Register
from tests.unit.register.editions.sentinels import publication, register

NBSP = "\u00a0"
SHEETS = [
    "Tutoriel",
    "2 - Liste des traitements",
    "3 - Modèle de fiche de registre",
    "4 - Exemple de fiche",
    "5 - Listes",
]
SILENT, STATED_NOWHERE = "Non indiqué", "Non indiqué par la politique"
WRITERS = {"xlsx": cnil.write, "ods": cnil.write_ods}
MADE = register()


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("cnil")
    return {
        f"{language}.{suffix}": write(publication(MADE), language, folder)  # type: ignore[arg-type]
        for suffix, write in WRITERS.items()
        for language in ("fr", "en")
    }


@pytest.fixture(scope="module", params=["xlsx", "ods"])
def sheets(request: pytest.FixtureRequest, files: dict[str, Path]) -> dict[str, reading.Grid]:
    return reading.open_sheets(files[f"fr.{request.param}"])


@pytest.fixture(scope="module")
def production() -> Register:
    return make_register(Workspace.at(Path("unused"), decision_set="production").bundle(), None, dt.date(2026, 11, 23))


def test_the_sheets_bear_the_names_of_the_layout(sheets: dict[str, reading.Grid]) -> None:
    assert list(sheets) == [*SHEETS, "activities.0.ref", "activities.1.ref"]


def test_the_files_are_named_for_layout_day_and_language(files: dict[str, Path]) -> None:
    day = MADE.as_of.isoformat()
    assert sorted(path.name for path in files.values()) == [
        f"register-cnil-{day}.ods", f"register-cnil-{day}.xlsx", f"registre-cnil-{day}.ods", f"registre-cnil-{day}.xlsx",
    ]  # fmt: skip


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Nom du traitement", "fr activities.{n}.title"),
        ("N° / RÉF", "activities.{n}.ref"),
        ("Date de création de la fiche", MADE.grounding.created_on),
        ("Dernière mise à jour de la fiche", MADE.grounding.updated_on),
        ("Finalité du traitement", "fr activities.{n}.purpose"),
        (f"Données sensibles{NBSP}? (Oui/non)", "Non"),
    ],
)
def test_columns_of_the_list(sheets: dict[str, reading.Grid], number: int, header: str, expected: Any) -> None:
    headers = [
        "Nom du traitement", "N° / RÉF", "Date de création de la fiche", "Dernière mise à jour de la fiche",
        "Finalité du traitement", f"Données sensibles{NBSP}? (Oui/non)",
    ]  # fmt: skip
    lines = reading.read_table(sheets[SHEETS[1]], headers)
    assert len(lines) == 2
    assert lines[number][header] == (expected.format(n=number) if isinstance(expected, str) else expected)


def test_the_head_of_the_list_names_who_answers(sheets: dict[str, reading.Grid]) -> None:
    facts = reading.read_facts(sheets[SHEETS[1]])
    address = "controller.name, controller.street, controller.postcode controller.city, fr controller.country"
    assert (facts["Responsable"], facts["Représentant"], facts["DPO"]) == (address, SILENT, "fr controller.dpo.title")


FACTS = {
    "Nom": "fr activities.{n}.title",
    "N°/RÉF": "activities.{n}.ref",
    "Date de création": MADE.grounding.created_on,
    "Mise à jour": MADE.grounding.updated_on,
    "Finalité principale": "fr activities.{n}.purpose",
    "Sous-finalité 1": "fr activities.{n}.purposes.0.title",
    "Sous-finalité 2": "fr activities.{n}.purposes.1.title",
    "Délais d’effacement annoncés": "fr activities.{n}.time_limit",
    f"Conservation et effacement conformes{NBSP}?": "Oui",
    f"Sinon, pourquoi{NBSP}; réserves": "• fr activities.{n}.why.0\n• fr activities.{n}.why.1",
    "Source": f"Lignes de la politique{NBSP}: activities.{{n}}.lines",
    "Base légale": "• fr activities.{n}.bases.0.title (fr activities.{n}.bases.0.article) – fr activities.{n}.bases.0.note\n"
    "• fr activities.{n}.bases.1.title (fr activities.{n}.bases.1.article) – fr activities.{n}.bases.1.note",
}


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("label", FACTS)
def test_labels_of_a_fiche(sheets: dict[str, reading.Grid], number: int, label: str) -> None:
    expected: Any = FACTS[label]
    found = reading.read_facts(sheets[f"activities.{number}.ref"])[label]
    assert found == (expected.format(n=number) if isinstance(expected, str) else expected)


def test_the_archive_phase_is_that_of_the_schedule(sheets: dict[str, reading.Grid]) -> None:
    first, second = (reading.read_facts(sheets[f"activities.{n}.ref"])["Phase d’archivage"] for n in (0, 1))
    assert first == f"fr schedule.0.title{NBSP}: 25 mois – fr schedule.0.criterion"
    assert second == "Aucune phase d’archivage intermédiaire déclarée pour ce traitement"


ACTIVITY = MADE.activities[1]
FINDING = ACTIVITY.found[0].finding
assert FINDING.overdue is not None
assert FINDING.months_12 is not None
FIRST_ROWS: dict[str, dict[str, Any]] = {  # of the fiche of activity 1: header → value of the first row
    "Acteurs": {
        "Nom": "controller.name", "Adresse": "controller.street", "Code Postal": "controller.postcode",
        "Ville": "controller.city", "Pays": "fr controller.country", "Téléphone": SILENT, "Adresse mél": SILENT,
    },
    "Catégories de données personnelles concernées": {
        "Description": "fr element.name", "Durée de conservation": "fr activities.1.time_limit",
    },
    "Données sensibles": {
        "Description": "Non – aucune donnée sensible déclarée", "Durée de conservation": "Sans objet",
    },
    "Catégories de personnes concernées": {"Description": "Autre", "Précisions": "fr activities.1.subjects.items.0.title"},
    "Destinataires": {
        "Type": "Prestataire, qualité non précisée *", "Précisions": f"fr recipients.1.name{NBSP}: fr recipients.1.purpose",
    },
    "Mesures de sécurité": {"Type": "Autres mesures", "Précisions": "fr security.1.title (security.1.lines)"},
    "Transferts hors UE": {
        "Destinataire": "fr transfers.1.title (fr transfers.1.recipients.items.0.title, "
        "fr transfers.1.recipients.items.1.title)",
        "Pays": "fr transfers.1.country",
        "Garanties": f"Sans objet{NBSP}: pays de l’Union",
        "Documentation": f"{STATED_NOWHERE} (transfers.1.citations.0.lines, transfers.1.citations.1.lines)",
    },
    "Constat fondé sur les preuves": {
        "Enregistrements détenus": FINDING.records, "Le plus ancien": FINDING.oldest, "En retard": FINDING.overdue.rows,
        "Gelés": FINDING.held, "Éliminés sur 12 mois": FINDING.months_12.total, f"Conformes{NBSP}?": "Oui",
        "Chiffres du": FINDING.counted_on,
    },
}  # fmt: skip


@pytest.mark.parametrize(("table", "header"), [(table, header) for table, row in FIRST_ROWS.items() for header in row])
def test_columns_of_a_fiche(sheets: dict[str, reading.Grid], table: str, header: str) -> None:
    rows = reading.read_table(sheets["activities.1.ref"], [table, *FIRST_ROWS[table]])
    assert rows[0][header] == FIRST_ROWS[table][header]


def test_every_row_of_data_has_its_elements_and_the_terms_that_govern_them(sheets: dict[str, reading.Grid]) -> None:
    rows = reading.read_table(
        sheets["activities.1.ref"],
        ["Catégories de données personnelles concernées", "Description", "Durée de conservation"],
    )
    undecided = (
        f"fr schedule.1.title{NBSP}: non décidé (décisions attendues{NBSP}: schedule.1.awaited.0, schedule.1.awaited.1) – "
        "fr schedule.1.criterion"
    )
    assert [tuple(row.values())[1:] for row in rows] == [
        ("fr element.name", "fr activities.1.time_limit"),
        ("fr element.interests", undecided),
        ("fr element.card_details", undecided),
        ("fr element.ip_address", undecided),
        ("fr element.location", undecided),
        ("Non – aucune donnée de cette nature déclarée", "Sans objet"),
        ("fr element.unheard_of", undecided),  # known to no row, and shown all the same
    ]


def test_a_term_about_some_elements_stands_beside_these_only() -> None:
    line = MADE.schedule[1].model_copy(update={"only": ("card_details",)})
    made = MADE.model_copy(update={"schedule": (MADE.schedule[0], line)})
    terms = {row.description: row.retention for row in cnil.fiche(made, made.activities[1], "fr").data}
    assert "fr schedule.1.criterion" in terms["fr element.card_details"]
    assert terms["fr element.ip_address"] == "fr activities.1.time_limit"


def test_nine_rows_of_sensitive_data_say_that_none_is_declared(sheets: dict[str, reading.Grid]) -> None:
    rows = reading.read_table(sheets["activities.0.ref"], ["Données sensibles", "Description", "Durée de conservation"])
    assert len(rows) == len(SENSITIVE) == 9
    assert {row["Description"] for row in rows} == {"Non – aucune donnée sensible déclarée"}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_what_is_read_back_is_what_the_model_says(files: dict[str, Path], language: Any, suffix: str) -> None:
    assert reading.read_cnil(files[f"{language}.{suffix}"]) == cnil.cnil_register(MADE, language)


@pytest.mark.parametrize("suffix", ["xlsx", "ods"])
def test_the_declared_register_comes_back_whole(tmp_path: Path, production: Register, suffix: str) -> None:
    if suffix == "ods":  # made of the same book; its own reading is slow
        production = production.model_copy(update={"activities": production.activities[11:14]})
    path = WRITERS[suffix](publication(production), "fr", tmp_path)
    read = reading.read_cnil(path)
    assert read == cnil.cnil_register(production, "fr")
    assert [fiche.ref for fiche in read.fiches] == [activity.ref for activity in production.activities]


def test_sheet_3_is_empty_and_sheet_4_repeats_the_first_fiche(sheets: dict[str, reading.Grid]) -> None:
    says = reading.Says(LABELS, "fr")
    model, example = sheets[SHEETS[2]], sheets[SHEETS[3]]
    assert reading.read_fiche(example, says) == cnil.fiche(MADE, MADE.activities[0], "fr")
    for table, row in FIRST_ROWS.items():
        for line in reading.read_table(model, [table, *row]):
            assert not any(line[header] for header in row)
    labels = {row[0] for row in model if row[0] and not str(row[0]).startswith("←")}
    assert labels >= {"Nom", "N°/RÉF", *(f"Sous-finalité {n}" for n in range(1, 6)), "Numéro de Sécurité Sociale (ou NIR)"}
    assert not any(str(value).startswith(("fr ", "activities.")) for row in model for value in row)


def test_the_lists_offer_no_privacy_shield(sheets: dict[str, reading.Grid]) -> None:
    headers = [
        "Oui / Non", "Catégories de personnes", "Types de destinataires", "Types de mesures de sécurité",
        "Garanties des transferts",
    ]  # fmt: skip
    lists = reading.read_table(sheets["5 - Listes"], headers)
    assert not any("Shield" in str(value) for row in lists for value in row.values())
    assert lists[0]["Garanties des transferts"] == "Décision d’adéquation (art. 45)"


def test_types_are_offered_from_sheet_5(files: dict[str, Path]) -> None:
    for sheet in load_workbook(files["fr.xlsx"], read_only=False).worksheets[2:3]:
        offers = {str(offer.sqref)[0]: offer.formula1 for offer in sheet.data_validations.dataValidation}
        assert set(offers) == {"B", "F"}
        assert all("5 - Listes" in str(formula) for formula in offers.values())
    content = zipfile.ZipFile(files["fr.ods"]).read("content.xml").decode()
    assert content.index("content-validations") < content.index("table:table ")
    assert "5 - Listes'.$" in content


def test_every_element_of_the_policy_has_a_row(production: Register) -> None:
    policy = {element.id for element in production.elements if element.category is not None}
    assert policy <= set(ELEMENT_ROWS), f"without a row: {sorted(policy - set(ELEMENT_ROWS))}"
    assert set(ELEMENT_ROWS) <= policy, f"no longer in the policy: {sorted(set(ELEMENT_ROWS) - policy)}"
    assert set(ELEMENT_ROWS.values()) <= set(ROWS)
    assert {recipient.kind for recipient in production.recipients} <= set(RECIPIENT_TYPES)


def test_what_the_policy_does_not_state_says_so(production: Register) -> None:
    for fiche in cnil.cnil_register(production, "fr").fiches:
        rows = (*fiche.actors, *fiche.data, *fiche.sensitive, *fiche.subjects, *fiche.recipients, *fiche.transfers)
        assert all(all(vars(row).values()) for row in rows), fiche.ref
        assert fiche.data and fiche.recipients and fiche.transfers and fiche.measures
    assert all(row.description == STATED_NOWHERE for row in cnil.fiche(production, production.activities[12], "fr").data)
