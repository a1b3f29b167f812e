"""The report of a month: its verdict, its sums, nights that are missing, and every number under its run id."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from retention import clock
from retention.declare.bundle import Bundle
from retention.errors import NotFound, OutputError
from retention.evidence.database import Evidence
from retention.report import write_monthly
from retention.report.trends import month_end, year_until
from retention.workspace import Workspace
from tests.unit.register.reading import check_strictly, opened, table, texts
from tests.unit.report.months import add_months
from tests.unit.report.nights import SECRETS, add_holds

NOVEMBER, BEGUN, ENDED = dt.date(2026, 11, 1), dt.date(2026, 10, 28), dt.date(2026, 11, 30)
MISSING = {("usage", dt.date(2026, 11, 5)), ("usage", dt.date(2026, 11, 6))}
FAILED = {("transaction", dt.date(2026, 11, 9))}
LATE = {("account", dt.date(2026, 11, 12))}


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return Workspace.at(Path("unused"), decision_set="example").bundle()


@pytest.fixture(autouse=True)
def _december(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: dt.date(2026, 12, 1))


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory, bundle: Bundle) -> Evidence:
    found = Evidence(f"sqlite:///{tmp_path_factory.mktemp('months') / 'evidence.db'}")
    add_months(found, bundle, BEGUN, ENDED, missing=MISSING, failed=FAILED, late=LATE)
    add_holds(found)
    return found


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory, bundle: Bundle, evidence: Evidence) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(clock, "today", lambda: dt.date(2026, 12, 1))
        return write_monthly(Workspace.at(tmp_path_factory.mktemp("monthly")), bundle, evidence, NOVEMBER)


@pytest.fixture(scope="module")
def french(path: Path) -> Workbook:
    return opened(path)


def facts(book: Workbook) -> dict[str, str]:
    rows = ([cell.value for cell in row if cell.value is not None] for row in book["Synthèse"].iter_rows())
    return {str(row[0]): str(row[1]) for row in rows if len(row) == 2}


def verdict(book: Workbook) -> str:
    return next(str(row[0].value) for row in book["Synthèse"].iter_rows() if row[0].style == "verdict")


def plain(text: str) -> str:
    return text.replace("\u202f", "").replace("\u00a0", " ")


def test_the_page_says_how_the_month_was(path: Path, french: Workbook) -> None:
    assert path.name == "rapport-mensuel-2026-11.xlsx"
    assert verdict(french) == "EN ORDRE, AVEC RÉSERVES"
    said = facts(french)
    assert (
        "passe transaction:scheduled__2026-11-09" in said["Pire retard du mois"] or "12/11/2026" in said["Pire retard du mois"]
    )
    assert said["En retard à la fin du mois"] == "Rien"
    nights = plain(said["Nuits, toutes bases"])
    assert nights == "attendues : 120 ; faites : 118, dont échouées : 1 ; manquantes : 2"
    waiting = {line["Ce qui attend"]: line["Nombre"] for line in table(french, "Synthèse", 1)}
    assert waiting["Usage du site\u00a0: nuits manquantes"] == 2
    assert waiting["Transactions\u00a0: nuits échouées"] == 1
    assert waiting["Comptes clients\u00a0: nuits avec retard, résorbé depuis"] == 1


def test_sums_are_those_of_the_receipts(french: Workbook, evidence: Evidence) -> None:
    receipts = [receipt for receipt in evidence.receipts() if NOVEMBER <= receipt.as_of <= ENDED]
    total = sum(receipt.rows for receipt in receipts)
    categories = table(french, "Synthèse")
    assert categories[-1]["Traités"] == total == sum(line["Traités"] for line in categories[:-1])
    assert categories[-1]["Anonymisés"] == sum(receipt.rows for receipt in receipts if receipt.action == "anonymise")
    assert table(french, "Traités")[-1]["Nombre"] == total
    shares: Counter[str] = Counter()
    for line in table(french, "Traités par passe"):
        shares[line["Passe"]] += line["Nombre"]
    by_run: Counter[str] = Counter()
    for receipt in receipts:
        by_run[receipt.run_id] += receipt.rows
    assert shares == by_run
    assert {line["Passe"]: line["Traités"] for line in table(french, "Passes")} == by_run


def test_missing_nights_are_said_to_be_missing(french: Workbook) -> None:
    lines = table(french, "Nuit par nuit")
    assert len(lines) == 30 * 5
    missing = [line for line in lines if line["Issue"] == "Nuit manquante"]
    assert {(line["Base"], line["Au titre du"].date()) for line in missing} == {("Usage du site", day) for _, day in MISSING}
    assert {line["Analysés"] for line in missing} == {None}, "a gap in the chart, never a zero"
    (november, october) = table(french, "Tendances")
    assert (november["Mois"], november["dont manquantes"], november["dont échouées"]) == ("11/2026", 2, 1)
    assert (october["Mois"], october["Nuits attendues"]) == ("10/2026", 4 * 4)


def test_charts_are_native_lines(french: Workbook) -> None:
    charts = {sheet.title: sheet._charts for sheet in french.worksheets if sheet._charts}
    assert {title: len(found) for title, found in charts.items()} == {"Courbes du mois": 4, "Tendances": 4}
    assert {type(chart).__name__ for found in charts.values() for chart in found} == {"LineChart"}
    dashes = [line.graphicalProperties.line.dashStyle for line in charts["Courbes du mois"][1].series]
    assert len(set(dashes)) == len(dashes) == 4, "lines are told apart without colour"


def test_a_month_that_ends_badly_is_to_attend_to(tmp_path: Path, bundle: Bundle) -> None:
    for number, options in enumerate(
        ({"late": {("usage", ENDED)}}, {"failed": {("usage", ENDED)}}, {"missing": {("usage", ENDED)}})
    ):
        evidence = Evidence(f"sqlite:///{tmp_path / f'{number}.db'}")
        add_months(evidence, bundle, ENDED - dt.timedelta(days=2), ENDED, **options)
        book = opened(write_monthly(Workspace.at(tmp_path), bundle, evidence, NOVEMBER))
        assert verdict(book) == "À TRAITER", options


def test_a_month_under_way_says_so(tmp_path: Path, bundle: Bundle, evidence: Evidence, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: dt.date(2026, 11, 20))
    book = opened(write_monthly(Workspace.at(tmp_path), bundle, evidence, NOVEMBER, "en"))
    assert any("under way" in text and "20 Nov 2026" in text for text in texts(book))
    assert len(table(book, "Night by night")) == 20 * 5


@pytest.mark.parametrize("language", ["fr", "en"])
def test_nothing_personal_is_printed(tmp_path: Path, bundle: Bundle, evidence: Evidence, language: Any) -> None:
    book = opened(write_monthly(Workspace.at(tmp_path), bundle, evidence, NOVEMBER, language))
    assert not [text for text in texts(book) for secret in SECRETS if secret in text]


def test_links_lead_to_sheets_and_the_file_is_whole(path: Path, french: Workbook) -> None:
    targets = {
        cell.hyperlink.location.rpartition("!")[0].strip("'")
        for sheet in french.worksheets for row in sheet.iter_rows() for cell in row if cell.hyperlink
    }  # fmt: skip
    assert targets <= set(french.sheetnames)
    check_strictly(path)


def test_months_without_a_night_are_refused(tmp_path: Path, bundle: Bundle, evidence: Evidence) -> None:
    workspace = Workspace.at(tmp_path)
    with pytest.raises(NotFound, match=r"2027-01 has not begun.*2026-12"):
        write_monthly(workspace, bundle, evidence, dt.date(2027, 1, 1))
    with pytest.raises(NotFound, match=r"no night of 2025-03 is on record.*from 2026-10 on"):
        write_monthly(workspace, bundle, evidence, dt.date(2025, 3, 1))
    with pytest.raises(NotFound, match="run a night first"):
        write_monthly(workspace, bundle, Evidence(f"sqlite:///{tmp_path / 'empty.db'}"), NOVEMBER)


def test_an_open_workbook_is_not_replaced(tmp_path: Path, bundle: Bundle, evidence: Evidence) -> None:
    workspace = Workspace.at(tmp_path)
    (workspace.output_folder("reports") / "~$rapport-mensuel-2026-11.xlsx").touch()
    with pytest.raises(OutputError, match="close it"):
        write_monthly(workspace, bundle, evidence, NOVEMBER)


def test_calendars() -> None:
    assert year_until(dt.date(2026, 11, 30)) == dt.date(2025, 12, 1)
    assert year_until(dt.date(2026, 12, 31)) == dt.date(2026, 1, 1)
    assert month_end(dt.date(2028, 2, 1)) == dt.date(2028, 2, 29)
