"""What-if and forecast as commands: what they answer, what they refuse, and the workbooks they write."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from retention.outlook.labels import LABELS
from retention.typography import typeset

ROOT = Path(__file__).resolve().parents[3]
EXAMPLE = (ROOT / "ropa/declarations/decisions/example.yaml").read_text(encoding="utf-8")


def draft(folder: Path, *changes: tuple[str, str]) -> str:
    """The example set with some of its text changed."""
    text = EXAMPLE
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    path = folder / "draft.yaml"
    path.write_text(text, encoding="utf-8")
    return str(path)


SHORTER = ("value: 25 months", "value: 13 months")


def sheets_of(path: str) -> dict[str, list[list[Any]]]:
    return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in load_workbook(path)}


def heading(key: str, language: Any = "fr") -> str:
    return typeset(LABELS[key].in_(language), language)


def below(rows: list[list[Any]], first: str) -> list[list[Any]]:
    """The rows of a table, from the one after its header that begins so."""
    start = next(number for number, row in enumerate(rows) if row[0] == first)
    return rows[start + 1 :]


def test_a_shorter_period_is_told_by_category_month_and_example(retention: Any, after: Path, tmp_path: Path) -> None:
    answer = retention("impact", "--decisions", draft(tmp_path, SHORTER), "--json", home=after)
    assert answer.exit_code == 0
    told = answer.json
    assert told["differences"] == [
        {
            "what": "usage.max",
            "title": told["differences"][0]["title"],
            "before": {"fr": "25 mois", "en": "25 months"},
            "after": {"fr": "13 mois", "en": "13 months"},
        }
    ]
    assert {line["store"] for line in told["lines"]} == {"usage"}
    assert {one["store"] for one in told["unchanged"]} >= {"account", "subscription", "transaction"}
    changes = Counter[str]()
    for line in told["lines"]:
        changes[line["change"]] += line["rows"]
    same = sum(one["rows"] for one in told["unchanged"])
    assert changes["dispose"] > 0 and changes["release"] == changes["longer"] == 0
    assert told["changes"] == {change: changes[change] for change in told["changes"]}
    for example in told["examples"]:
        assert re.fullmatch(r"usage:(visits|page_events):\d+", example["reference"])

    book = sheets_of(told["workbook"])
    assert list(book) == [heading(f"impact.{name}.sheet") for name in ("summary", "rules", "months", "examples")]
    summary = book[heading("impact.summary.sheet")]
    counted = {row[0]: row[-1] for row in below(summary, heading("col.change"))[:7]}
    assert counted[heading("change.dispose")] == changes["dispose"]
    assert counted[heading("change.same")] == changes["same"] + same
    rules = below(book[heading("impact.rules.sheet")], heading("col.store"))
    assert sum(row[8] for row in rules if row[0]) == sum(changes.values())
    months = below(book[heading("impact.months.sheet")], heading("col.month"))
    free = sum(line["rows"] for line in told["lines"] if not line["frozen"])
    assert sum(row[1] for row in months if row[0]) == sum(row[2] for row in months if row[0]) == free
    charts = [chart for sheet in load_workbook(told["workbook"]) for chart in sheet._charts]
    assert len(charts) == 2


def test_the_tables_for_people_and_the_english_edition(retention: Any, after: Path, tmp_path: Path) -> None:
    answer = retention("impact", "--decisions", "production", "--store", "usage", "--lang", "en", home=after)
    assert answer.exit_code == 0
    assert "example → production" in answer.out and "usage.max" in answer.out and "undecided" in answer.out
    book = load_workbook(after / "output/impact" / f"impact-example-production-{date_in(answer.out)}.xlsx")
    assert book.sheetnames == ["Summary", "By rule", "By month", "Examples"]
    assert book.properties.language == "en"


def date_in(text: str) -> str:
    found = re.search(r"\d{4}-\d\d-\d\d", text)
    assert found
    return found[0]


def test_nothing_differs(retention: Any, after: Path, tmp_path: Path) -> None:
    answer = retention("impact", "--decisions", "example", home=after)
    assert answer.exit_code == 0 and "No difference" in answer.out
    limits = draft(tmp_path, ("candidate_floor: 50", "candidate_floor: 60"))
    assert retention("impact", "--decisions", limits, "--json").json["difference"] is False
    assert not (after / "output/impact").exists()


@pytest.mark.parametrize(
    ("change", "line", "message", "mend"),
    [
        (
            ("id: usage.max", "id: usage.maxx"),
            "id: usage.maxx",
            "no rule waits for a decision called 'usage.maxx'",
            "usage.max",
        ),
        (("value: 25 months", "value: 0 months"), "value: 0 months", "0 months is no retention period", "undecided"),
        (("decisions:\n", "decisions: [\n"), None, "not valid YAML", "correct the syntax"),
        (("set: example", "set: example\nset: example"), "set: example", "stands twice", "keep one"),
    ],
)
def test_what_is_wrong_with_a_draft_is_said_with_file_line_and_mend(
    retention: Any, after: Path, tmp_path: Path, change: tuple[str, str], line: str | None, message: str, mend: str
) -> None:
    path = draft(tmp_path, change)
    answer = retention("impact", "--decisions", path, "--json", home=after)
    assert answer.exit_code == 2
    error = answer.json["error"]
    assert message in error["message"] and mend in error["mend"]
    file, _, number = error["where"].rpartition(":")
    assert file == path
    text = Path(path).read_text(encoding="utf-8").splitlines()
    assert line is None or line in text[int(number) - 1] or line in text[int(number) - 2]


@pytest.mark.parametrize("given", ["nowhere/draft.yaml", "nobody", "."])
def test_a_draft_that_is_not_there(retention: Any, after: Path, given: str) -> None:
    answer = retention("impact", "--decisions", given, home=after)
    assert answer.exit_code == 2
    assert "Where:" in answer.err and "Mend:" in answer.err


def test_a_draft_of_the_rules(retention: Any, after: Path, tmp_path: Path) -> None:
    text = (ROOT / "ropa/declarations/retention.yaml").read_text(encoding="utf-8")
    path = tmp_path / "rules.yaml"
    path.write_text(text.replace("action: anonymise\n    elements: [subject", "elements: [subject"), encoding="utf-8")
    answer = retention("impact", "--rules", str(path), "--store", "usage", "--json", home=after)
    assert answer.exit_code == 0
    assert [one["what"] for one in answer.json["differences"]] == ["usage-visits"]


def test_something_must_be_proposed(retention: Any, after: Path) -> None:
    assert retention("impact", home=after).exit_code == 2  # of the parser; the real command line says 64


def test_facts_that_are_not_there_are_said(retention: Any, before: Path) -> None:
    answer = retention("forecast", "--store", "transaction", home=before)
    assert answer.exit_code == 0 and "facts of data subjects are not there" in answer.err


def test_the_forecast_adds_up(retention: Any, after: Path) -> None:
    answer = retention("forecast", "--json", home=after)
    assert answer.exit_code == 0
    told = answer.json
    rows = sum(line["rows"] for line in told["lines"])
    sizes = told["sizes"]["all"]
    assert len(sizes) == 25
    assert rows >= sizes[0]["alone"] >= sizes[-1]["alone"] >= 0
    assert all(one["alone"] >= two["alone"] for one, two in pairwise(sizes))
    assert sizes[-1]["alone"] == sum(told["sizes"][s][-1]["alone"] for s in told["sizes"] if s != "all")
    book = sheets_of(told["workbook"])
    months = below(book[heading("forecast.months.sheet")], heading("col.month"))
    free = sum(line["rows"] for line in told["lines"] if not line["frozen"])
    assert sum(row[1] for row in months if row[0]) == free
    assert all(row[1] == sum(row[2:]) for row in months if row[0])
    assert len([chart for sheet in load_workbook(told["workbook"]) for chart in sheet._charts]) == 2


def test_the_forecast_for_people_in_english(retention: Any, after: Path) -> None:
    answer = retention("forecast", "--store", "transaction", "--months", "3", "--lang", "en", home=after)
    assert answer.exit_code == 0
    assert "left without new ones" in answer.out and "transaction" in answer.out
    (path,) = (after / "output/forecast").glob("forecast-*.xlsx")
    assert load_workbook(path).sheetnames == ["Summary", "By month", "Size"]
