"""The processor's record: what article 30(2) asks for, letter by letter, and what is missing of it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from retention.workspace import Workspace
from ropa.register.editions import processor, reading
from ropa.register.making import make_register
from tests.unit.register.editions.sentinels import publication, register

MADE = register()
NOWHERE = "Not stated in the policy"
TABLES: dict[str, dict[str, Any]] = {  # sheet → header → value of the last row
    "a - Parties": {
        "Role": "Controller (processor.activities.1.ref)",
        "Name": "en processor.activities.1.controllers.1",
        "Address": NOWHERE,
        "Telephone": NOWHERE,
        "Email address": NOWHERE,
        "Representative": NOWHERE,
        "Data protection officer": NOWHERE,
    },
    "b - Categories of processing": {
        "Ref.": "processor.activities.1.ref",
        "Activity": "en processor.activities.1.title",
        "On behalf of": "en processor.activities.1.controllers.1",
        "Categories of processing": "en processor.activities.1.processing",
        "Source": "processor.activities.1.lines",
    },
    "c - Transfers": {
        "Ref.": "processor.activities.1.ref",
        "Activity": "en processor.activities.1.title",
        "On behalf of": "en processor.activities.1.controllers.1",
        "Third countries or international organisations": "• en processor.activities.1.transfers.0\n"
        "• en processor.activities.1.transfers.1",
        "Documentation of safeguards": NOWHERE,
    },
    "d - Security measures": {
        "Ref.": "processor.activities.1.ref",
        "Activity": "en processor.activities.1.title",
        "Technical and organisational measures": "• en processor.activities.1.security.items.0.title\n"
        "• en processor.activities.1.security.items.1.title",
    },
    "Gaps": {
        "Ref.": "processor.activities.1.ref",
        "Activity": "en processor.activities.1.title",
        "What is missing": "en processor.activities.1.missing.1.title",
        "Identifier": "processor.activities.1.missing.1.id",
    },
}
GAP = {
    "Rank": MADE.gaps[1].rank,
    "Gap or contradiction": "en gaps.1.title",
    "What is wrong": "en gaps.1.detail",
    "What closes it": "en gaps.1.closes",
    "Who owes it": "en gaps.1.owner",
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("processor")
    return {language: processor.write(publication(MADE), language, folder) for language in ("fr", "en")}


@pytest.fixture(scope="module")
def sheets(files: dict[str, Path]) -> dict[str, reading.Grid]:
    return reading.open_sheets(files["en"])


@pytest.mark.parametrize(("sheet", "header"), [(sheet, header) for sheet, row in TABLES.items() for header in row])
def test_columns(sheets: dict[str, reading.Grid], sheet: str, header: str) -> None:
    assert reading.read_table(sheets[sheet], list(TABLES[sheet]))[-1][header] == TABLES[sheet][header]


@pytest.mark.parametrize("header", GAP)
def test_columns_of_the_gaps(sheets: dict[str, reading.Grid], header: str) -> None:
    assert reading.read_table(sheets["Gaps"], list(GAP))[-1][header] == GAP[header]


def test_the_sheets_follow_the_article(sheets: dict[str, reading.Grid]) -> None:
    assert list(sheets) == ["Cover", *TABLES]


def test_the_cover_names_our_company_as_the_processor(sheets: dict[str, reading.Grid]) -> None:
    facts = reading.read_facts(sheets["Cover"])
    assert facts["Name"] == "controller.name"
    assert facts["Registration number"] == "controller.registration_number"
    assert facts["Address"] == "controller.street, controller.postcode controller.city, en controller.country"
    assert facts["Data protection officer"] == "en controller.dpo.title (controller.dpo.lines)"
    assert facts["Telephone"] == facts["Email address"] == facts["Representative"] == NOWHERE
    assert facts["Record"] == "en processor.title"
    assert any("en processor.notice" in row for row in sheets["Cover"])
    first = reading.read_table(sheets["a - Parties"], list(TABLES["a - Parties"]))[0]
    assert (first["Role"], first["Name"]) == ("Processor", "controller.name")


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_read_back_is_what_the_model_says(files: dict[str, Path], language: Any) -> None:
    assert reading.read_processor(files[language]) == processor.processor_register(MADE, language)


def test_what_the_policy_leaves_out_is_seen(tmp_path: Path) -> None:
    made = make_register(Workspace.at(Path("unused"), decision_set="production").bundle(), None, dt.date(2026, 11, 23))
    read = reading.read_processor(processor.write(publication(made), "en", tmp_path))
    assert read == processor.processor_register(made, "en")
    assert [line.controller for line in read.processing] == [NOWHERE]
    assert [line.measures for line in read.measures] == [NOWHERE]
    assert {line.id for line in read.missing} == {missing.id for missing in made.processor.activities[0].missing}
    assert {line.matter for line in read.gaps} == {gap.title.en for gap in made.processor.activities[0].gaps}
