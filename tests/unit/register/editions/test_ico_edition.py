"""The ICO's layout: the template's columns in its order, each value under its own header, the last two from evidence."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from retention.declare.bundle import Bundle
from retention.workspace import Workspace
from ropa.register.editions import ico, reading
from ropa.register.making import make_register
from tests.unit.register.editions.sentinels import publication, register
from tests.unit.report.nights import seeded

NBSP = "\u00a0"
MADE = register()
NOWHERE = "Not stated in the policy"
BASES = (
    "• en activities.1.bases.0.title (en activities.1.bases.0.article) – en activities.1.bases.0.note\n"
    "• en activities.1.bases.1.title (en activities.1.bases.1.article) – en activities.1.bases.1.note"
)
COUNTED = MADE.activities[1].found[0].finding.counted_on
assert COUNTED is not None
EXPECTED = {  # the template's headers, in its order, and what stands under them for the second activity
    "Business function": "activities.1.ref – en activities.1.title",
    "Purpose of processing": "• en activities.1.purpose\n• en activities.1.purposes.0.title\n"
    "• en activities.1.purposes.1.title",
    "Name and contact details of joint controller": NOWHERE,
    "Categories of individuals": "• en activities.1.subjects.items.0.title\n• en activities.1.subjects.items.1.title",
    "Categories of personal data": "en activities.1.found.0.category.title: en element.interests, en element.card_details, "
    "en element.ip_address, en element.location, en element.unheard_of",
    "Categories of recipients": "en recipients.1.name (provider)",
    "Link to contract with processor": NOWHERE,
    "Names of third countries or international organisations": "en transfers.1.title: en transfers.1.country",
    "Safeguards for exceptional transfers": "en transfers.1.title: en transfers.1.safeguards",
    "Retention schedule": "en schedule.1.title: undecided (decisions awaited: schedule.1.awaited.0, schedule.1.awaited.1) – "
    "en schedule.1.criterion",
    "General description of technical and organisational security measures": "en security.1.title",
    "Article 6 lawful basis": BASES,
    "Article 9 condition": "Not stated: no special category data is declared",
    "Legitimate interests for the processing": "• en activities.1.purpose\n• en activities.1.bases.0.note",
    "Link to record of legitimate interests assessment": "Decision 1.assessment: en decisions.1.value (en decisions.1.source)",
    "Rights available to individuals": "• en rights.0.title (en rights.0.article)\n• en rights.1.title (en rights.1.article)",
    "Existence of automated decision-making": NOWHERE,
    "The source of the personal data": "en categories.1.title: en categories.1.sources.0.title (categories.1.sources.0.lines), "
    "en categories.1.sources.1.title (categories.1.sources.1.lines)",
    "Link to record of consent": "Not applicable: consent is not a stated basis",
    "Location of personal data": "• Stores: en nights.1.store.title\n• en transfers.1.title",
    "DPIA required?": NOWHERE,
    "DPIA progress": NOWHERE,
    "Link to DPIA": NOWHERE,
    "Has a personal data breach occurred?": NOWHERE,
    "Link to record of breach": NOWHERE,
    "DPA 2018 Schedule 1 condition": "Not stated: no special category data is declared",
    "GDPR Article 6 lawful basis for processing": BASES,
    "Link to retention and erasure policy document": "en grounding.policy_title (grounding.policy_file, SHA-256 grounding.po…) "
    "and retention schedule, declaration grounding.de…",
    "Is personal data retained and erased in accordance with the policy document?": "Yes\n"
    f"(figures of {COUNTED.day} {COUNTED:%b %Y})",
    "Reasons for not adhering": "• en activities.1.why.0\n• en activities.1.why.1\n"
    "• Runs: activities.1.found.0.finding.runs.0, activities.1.found.0.finding.runs.1",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("ico")
    return {language: ico.write(publication(MADE), language, folder) for language in ("fr", "en")}


@pytest.fixture(scope="module")
def lines(files: dict[str, Path]) -> list[dict[str, object]]:
    return reading.read_table(reading.open_sheets(files["en"])["Controller"], list(EXPECTED))


@pytest.mark.parametrize("header", EXPECTED)
def test_columns(lines: list[dict[str, object]], header: str) -> None:
    assert lines[1][header] == EXPECTED[header]


def test_one_line_an_activity_and_no_cell_in_silence(lines: list[dict[str, object]]) -> None:
    assert len(lines) == len(MADE.activities)
    assert all(all(line.values()) for line in lines)


def test_an_assessment_nobody_has_made_is_awaited() -> None:
    basis = MADE.activities[1].bases
    activity = MADE.activities[0].model_copy(update={"bases": basis})
    made = MADE.model_copy(update={"activities": (activity,)})
    assert ico.ico_register(made, "en").lines[0].interests_record == "Decision 0.assessment: undecided"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_read_back_is_what_the_model_says(files: dict[str, Path], language: Any) -> None:
    assert reading.read_ico(files[language]) == ico.ico_register(MADE, language)


def test_the_french_edition_carries_the_original_labels(files: dict[str, Path]) -> None:
    sheet = load_workbook(files["fr"])["Registre"]
    row = next(row for row in sheet.iter_rows() if row[0].value == "Fonction de l’entreprise")
    comments = [cell.comment.text if cell.comment else "" for cell in row]
    assert comments == [f"Intitulé d’origine{NBSP}: {label}" for label in EXPECTED]


def test_the_head_names_the_parties(files: dict[str, Path]) -> None:
    sheet = reading.open_sheets(files["en"])["Contact details"]
    rows = reading.read_table(sheet, ["Name and contact details", "Name", "Address", "Email", "Telephone"])
    address = "controller.street, controller.postcode controller.city, en controller.country"
    assert [tuple(row.values()) for row in rows] == [
        ("Controller", "controller.name", address, NOWHERE, NOWHERE),
        ("Data Protection Officer", "en controller.dpo.title", NOWHERE, NOWHERE, NOWHERE),
        ("Representative", NOWHERE, NOWHERE, NOWHERE, NOWHERE),
    ]


@pytest.fixture(scope="module")
def example() -> Bundle:
    return Workspace.at(Path("unused"), decision_set="example").bundle()


def test_the_last_two_columns_come_from_evidence(tmp_path: Path, example: Bundle) -> None:
    """Without a run nothing is shown; after the nights of the evidence each activity has its verdict, day and runs."""
    day = dt.date(2026, 11, 23)
    without = ico.ico_register(make_register(example, None, day), "en").lines
    assert {line.adhered for line in without} == {"Not shown\n(no run has counted)"}
    made = make_register(example, seeded(tmp_path, example), day)
    lines = dict(zip((activity.ref for activity in made.activities), ico.ico_register(made, "en").lines, strict=True))
    assert lines["R1"].adhered.endswith("(figures of 22 Nov 2026)")
    assert "Runs: account-20261122" in lines["R1"].not_adhered
    assert "Account data: " in lines["R3"].not_adhered
    assert "Transaction data: " in lines["R3"].not_adhered
    assert lines["R13"].adhered == "Not shown\n(no run has counted)"


def test_the_declared_register_comes_back_whole(tmp_path: Path, example: Bundle) -> None:
    made = make_register(example, None, dt.date(2026, 11, 23))
    assert reading.read_ico(ico.write(publication(made), "fr", tmp_path)) == ico.ico_register(made, "fr")
