"""The data package: header and value belong together, what is read is what was written, no cell is a formula."""

from __future__ import annotations

import json
import re
import warnings
import zipfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retention.declare.words import Language
from retention.errors import OutputError, RetentionError
from ropa.register.editions import package
from ropa.register.editions.package.cells import plain, read_cell, write_cell
from ropa.register.editions.package.descriptor import describe
from ropa.register.editions.package.labels import COLUMNS, TABLE_TITLES
from ropa.register.editions.package.tables import TABLES
from ropa.register.making import make_register
from ropa.register.model import Register
from ropa.register.publication import Publication
from tests.unit.register.published import AS_OF, bundle, publication, register
from tests.unit.register.sentinels import Sentinels, pattern
from tests.unit.report.nights import SECRETS

# Where each table's values stand in the model. A column is there under its own name, but for `ELSEWHERE`.
BASES = {
    "controller": "controller", "controller_roles": "controller.roles.*", "controller_missing": "controller.missing.*",
    "activities": "activities.*", "activity_purposes": "activities.*.purposes.*",
    "activity_subjects": "activities.*.subjects.items.*", "activity_categories": "activities.*.categories.items.*",
    "activity_elements": "activities.*.elements.items.*", "activity_recipients": "activities.*.recipients.items.*",
    "activity_transfers": "activities.*.transfers.items.*", "activity_bases": "activities.*.bases.*",
    "activity_rules": "activities.*.rules.*", "activity_measures": "activities.*.security.items.*",
    "activity_gaps": "activities.*.gaps.*", "categories": "categories.*", "category_subjects": "categories.*.subjects.*",
    "category_purposes": "categories.*.purposes.*", "category_bases": "categories.*.bases.*",
    "category_sources": "categories.*.sources.*", "elements": "elements.*", "recipients": "recipients.*",
    "transfers": "transfers.*", "transfer_recipients": "transfers.*.recipients.items.*", "schedule": "schedule.*",
    "measures": "security.*", "rights": "rights.*", "exercise": "exercise.*", "cookies": "cookies.*",
    "cookie_practice": "cookie_practice.*", "decisions": "decisions.*", "decision_rules": "decisions.*.rules.*",
    "gaps": "gaps.*",
    "processor": "processor.activities.*", "processor_measures": "processor.activities.*.security.items.*",
    "processor_missing": "processor.activities.*.missing.*", "processor_gaps": "processor.activities.*.gaps.*",
    "processor_record": "processor", "quotations": "quotations.*", "checks": "checks.*",
}  # fmt: skip
LISTS = {  # columns whose cells hold several texts, a line each
    "controller.sites", "activities.notes", "activities.why", "recipients.activities", "transfers.activities", "schedule.scope",
    "schedule.sources", "findings.why", "processor.controllers", "processor.transfers",
}  # fmt: skip
ITEM = {  # an item of a list is named by its id, under what it is
    "activity_purposes": "purpose", "activity_subjects": "subject", "activity_categories": "category",
    "activity_elements": "element", "activity_recipients": "recipient", "activity_transfers": "transfer",
    "activity_rules": "rule", "activity_measures": "measure", "activity_gaps": "gap", "category_subjects": "subject",
    "category_purposes": "purpose", "category_sources": "source", "transfer_recipients": "recipient", "decision_rules": "rule",
    "processor_measures": "measure", "processor_missing": "missing", "processor_gaps": "gap",
}  # fmt: skip
ELSEWHERE = {
    "controller.dpo": "controller.dpo.title", "controller.dpo_detail": "controller.dpo.detail",
    "controller.dpo_lines": "controller.dpo.lines", "stores.id": "nights.*.store.id", "stores.title": "nights.*.store.title",
    "stores.last_run": "nights.*.last.run_id", "stores.counted_run": "nights.*.counted.run_id",
    "stores.late_days": "nights.*.late_days", "publication.title": "title", "publication.as_of": "as_of",
    "publication.policy": "grounding.policy_title", "publication.policy_file": "grounding.policy_file",
    "publication.policy_sha256": "grounding.policy_sha256", "publication.decision_set": "grounding.decision_set.id",
    "publication.decision_set_title": "grounding.decision_set.title", "publication.policy_hash": "grounding.policy_hash",
    "publication.declaration_hash": "grounding.declaration_hash", "publication.created_on": "grounding.created_on",
    "publication.updated_on": "grounding.updated_on", "processor.security_kind": "processor.activities.*.security.kind",
    "transfers.recipients_kind": "transfers.*.recipients.kind", "quotations.lines": "quotations.*.citation.lines",
    "quotations.quote": "quotations.*.citation.quote", "element_columns.element": "elements.*.id",
    "element_columns.column": "elements.*.columns.*", "recipient_data.recipient": "recipients.*.id",
    "recipient_data.category": "recipients.*.data.*.category.id", "recipient_data.element": "recipients.*.data.*.only.*.id",
    "schedule_elements.rule": "schedule.*.id", "schedule_elements.element": "schedule.*.only.*",
    "schedule_awaited.rule": "schedule.*.id", "schedule_awaited.decision": "schedule.*.awaited.*",
    "schedule_categories.rule": "schedule.*.id", "schedule_categories.category": "schedule.*.categories.*",
    "schedule_stores.rule": "schedule.*.id", "schedule_stores.store": "schedule.*.stores.*",
    "check_concerns.check": "checks.*.id", "check_concerns.reference": "checks.*.concerns.*",
} | {
    f"activities.{name}_kind": f"activities.*.{name}.kind"
    for name in ("subjects", "categories", "elements", "recipients", "transfers", "security")
} | {f"{table}.{name}": f"{BASES[table]}.id" for table, name in ITEM.items()}  # fmt: skip
OWNERS = {
    "activity_": ("activity", "activities.*.ref"), "category_": ("category", "categories.*.id"),
    "transfer_": ("transfer", "transfers.*.id"), "decision_": ("decision", "decisions.*.id"),
    "processor_": ("activity", "processor.activities.*.ref"),
}  # fmt: skip
FINDINGS = ("schedule.*.finding", "categories.*.finding", "activities.*.found.*.finding")
IN_FINDING = {
    "overdue": "overdue.rows", "overdue_since": "overdue.since", "frozen": "frozen.rows", "frozen_since": "frozen.since",
    "checks_passed": "checks.passed", "check_warnings": "checks.warnings", "checks_failed": "checks.failed",
    "check_errors": "checks.errors", "why": "why.*",
}  # fmt: skip
COMPOSED = {  # of the publication, or of several values
    "publication.number", "publication.published_at", "publication.content_hash", "publication.approver",
    "publication.approved_at", "publication.approval_note", "publication.approved_number", "findings.id",
    "finding_grounds.finding", "finding_runs.finding",
}  # fmt: skip
UNTOLD = {  # nothing stands there in the example; `test_what_is_rarely_there` fills it
    "category_purposes.detail", "category_sources.detail", "measures.detail", "exercise.detail", "cookie_practice.detail",
    "recipients.safeguards", "transfers.safeguards", "cookies.lifetime", "findings.overdue_since", "processor.controllers",
    "processor.transfers", "processor_measures.activity", "processor_measures.measure", "processor_measures.title",
}  # fmt: skip
ALL = [(table.name, column) for table in TABLES for column in table.columns]
VALUES = [f"{table}.{c.name}" for table, c in ALL if c.kind != "boolean" and c.name != "position"]
TRUTHS = [
    f"{table}.{c.name}"
    for table, c in ALL
    if c.kind == "boolean" and not c.asked and f"{table}.{c.name}" != "publication.draft"
]


def expected(column: str) -> set[str]:
    """Where the values of a column stand in the model."""
    table, name = column.split(".")
    if column in ELSEWHERE:
        return {ELSEWHERE[column]}
    if table == "runs":
        return {f"nights.*.{run}.{name}" for run in ("last", "counted")}
    if table.startswith("finding"):
        return _of_finding(table, name)
    for prefix, (owner, path) in OWNERS.items():
        if table.startswith(prefix) and name == owner and table != "processor_record":
            return {path}
    return {f"{BASES[table]}.{name}" + (".*" if column in LISTS else "")}


def _of_finding(table: str, name: str) -> set[str]:
    if table == "findings" and name in ("rule", "activity"):
        return {{"rule": "schedule.*.id", "activity": "activities.*.ref"}[name]}
    if table == "findings" and name == "category":
        return {"categories.*.id", "activities.*.found.*.category.id"}
    spans = re.sub(r"^(last_run|days_30|months_12)_(\w+)$", r"\1.\2", name)
    inside = {
        "findings": IN_FINDING.get(name, spans),
        "finding_grounds": {"ground": "grounds.*.kind.id", "title": "grounds.*.kind.title", "held": "grounds.*.rows"}.get(name),
        "finding_runs": "runs.*",
    }[table]
    return {f"{finding}.{inside}" for finding in FINDINGS}


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> Register:
    return register(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="module")
def marked(content: Register) -> Sentinels:
    return Sentinels(content)


def packed(folder: Path, published: Publication, language: Language = "fr") -> dict[str, list[dict[str, Any]]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a sentinel is no word of the model's
        return package.read_package(package.write(published, language, folder))


@pytest.fixture(scope="module")
def read(marked: Sentinels, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[dict[str, Any]]]:
    return packed(tmp_path_factory.mktemp("sentinels"), publication(marked.register, approved=True))


@pytest.mark.parametrize("column", [column for column in VALUES if column not in COMPOSED])
def test_a_value_stands_under_its_own_header(read: dict[str, list[dict[str, Any]]], marked: Sentinels, column: str) -> None:
    table, name = column.split(".")
    found = {pattern(path) for row in read[table] for path in marked.paths(row[name])}
    assert found <= expected(column)
    assert found or column in UNTOLD


@pytest.fixture(scope="module")
def truths(content: Register) -> dict[bool, dict[str, list[dict[str, Any]]]]:
    """Every table of a register in which everything is true, and of one in which nothing is."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            truth: package.tables_of(publication(Sentinels(content, truth=truth).register), "fr") for truth in (True, False)
        }


@pytest.mark.parametrize("column", TRUTHS)
def test_true_and_false_stand_under_their_own_header(truths: dict[bool, Any], column: str) -> None:
    table, name = column.split(".")
    for truth, tables in truths.items():
        assert {row[name] for row in tables[table]} - {None} == {truth}


def test_the_values_of_a_row_are_of_one_thing(read: dict[str, list[dict[str, Any]]], marked: Sentinels) -> None:
    for table, rows in read.items():
        for row in rows:
            paths = [path for value in row.values() for path in marked.paths(value) if pattern(path).startswith(_bases(table))]
            places = {re.match(r"(?:processor\.|controller\.)?\w+\.\d+(?=\.)", path) for path in paths}
            assert len({place[0] for place in places if place}) <= 1, (table, row)


REPEATED = {  # titles of what has a table of its own, where it is titled already
    "activities.*.found.*.category.title", "recipients.*.data.*.category.title", "recipients.*.data.*.only.*.title",
    "controller.dpo.id",
}  # fmt: skip


def test_nothing_of_the_register_is_left_out(
    read: dict[str, list[dict[str, Any]]], marked: Sentinels, content: Register
) -> None:
    told = {pattern(path) for rows in read.values() for row in rows for value in row.values() for path in marked.paths(value)}
    left = {path for path in map(pattern, marked.all_paths()) if path not in told and ".citations." not in path}
    assert left <= REPEATED
    cited = {(q.citation.lines, q.citation.quote) for q in content.quotations}
    assert {
        (c.lines, c.quote) for part in (content.activities, content.rights, content.cookies) for x in part for c in x.citations
    } <= cited


def _bases(table: str) -> tuple[str, ...]:
    return ("nights.",) if table in ("stores", "runs") else ("activities.", "categories.", "schedule.", *BASES.values())


def test_what_is_rarely_there_stands_under_its_header_too(content: Register) -> None:
    """Details, safeguards, lifetimes: the example has none."""
    text = content.title
    filled = content.model_copy(
        update={
            "security": (content.security[0].model_copy(update={"detail": text}),),
            "exercise": (content.exercise[0].model_copy(update={"detail": text}),),
            "cookie_practice": (content.cookie_practice[0].model_copy(update={"detail": text}),),
            "cookies": (content.cookies[0].model_copy(update={"lifetime": text}),),
            "recipients": (content.recipients[0].model_copy(update={"safeguards": text}),),
            "transfers": (content.transfers[0].model_copy(update={"safeguards": text}),),
            "processor": content.processor.model_copy(
                update={"activities": (content.processor.activities[0].model_copy(update={
                    "controllers": (text, text), "transfers": (text,), "security": content.activities[0].security,
                }),)}
            ),
        }
    )  # fmt: skip
    tables = package.tables_of(publication(filled), "fr")
    for table, column in (
        ("measures", "detail"), ("exercise", "detail"), ("cookie_practice", "detail"), ("cookies", "lifetime"),
        ("recipients", "safeguards"), ("transfers", "safeguards"), ("processor", "transfers"),
    ):  # fmt: skip
        assert tables[table][0][column] == text.fr
    assert tables["processor"][0]["controllers"] == f"{text.fr}\n{text.fr}"
    assert [row["measure"] for row in tables["processor_measures"]] == [m.id for m in content.activities[0].security.items]


@pytest.mark.parametrize("language", ["fr", "en"])
def test_what_is_read_back_is_the_register(content: Register, tmp_path: Path, language: Language) -> None:
    published = publication(content, approved=True)
    read = packed(tmp_path, published, language)
    assert read == package.tables_of(published, language)
    assert [row["ref"] for row in read["activities"]] == [activity.ref for activity in content.activities]
    assert [row["title"] for row in read["activities"]] == [activity.title.in_(language) for activity in content.activities]
    assert len(read["quotations"]) == len(content.quotations)
    assert read["publication"][0]["content_hash"] == published.content_hash


def test_rows_are_known_by_their_key_and_links_lead_somewhere(content: Register) -> None:
    tables = package.tables_of(publication(content), "en")
    for table in TABLES:
        keys = [tuple(row[name] for name in table.key) for row in tables[table.name]]
        assert len(set(keys)) == len(keys), table.name
        assert not any(None in key for key in keys)
        for name, to in table.links.items():
            (target,) = next(each.key for each in TABLES if each.name == to)
            known = {row[target] for row in tables[to]}
            assert {row[name] for row in tables[table.name]} - {None} <= known, (table.name, name)


# The file


def test_the_same_publication_gives_the_same_bytes(content: Register, tmp_path: Path) -> None:
    paths = [package.write(publication(content), language, tmp_path) for language in ("fr", "en")]
    assert [path.name for path in paths] == [f"registre-csv-{AS_OF}.zip", f"register-csv-{AS_OF}.zip"]
    before = paths[0].read_bytes()
    again = Register.model_validate_json(content.model_dump_json())
    assert package.write(publication(again), "fr", tmp_path).read_bytes() == before


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_descriptor_says_what_stands_in_each_file(content: Register, tmp_path: Path, language: Language) -> None:
    with zipfile.ZipFile(package.write(publication(content), language, tmp_path)) as archive:
        descriptor = json.loads(archive.read("datapackage.json"))
        assert archive.namelist() == ["datapackage.json", *(each["path"] for each in descriptor["resources"])]
        for each in descriptor["resources"]:
            lines = archive.read(each["path"])
            assert len(lines) == each["bytes"]
            assert lines.splitlines()[0].decode() == ",".join(field["name"] for field in each["schema"]["fields"])
            assert lines.endswith(b"\r\n")
            assert all(field["title"].strip() for field in each["schema"]["fields"])
    assert descriptor["status"] == "draft"
    assert descriptor["version"] == "1.0"
    assert descriptor["language"] == language
    assert ("PROJET" in descriptor["description"]) is (language == "fr")
    assert descriptor["textEscape"]["prefix"] == "'"


def test_an_approved_register_is_no_draft(content: Register) -> None:
    real = content.model_copy(update={"grounding": content.grounding.model_copy(update={"example": False})})
    files = {f"data/{table.name}.csv": b"" for table in TABLES}
    assert describe(publication(real, approved=True), "fr", files)["status"] == "approved"


def test_every_column_and_table_is_named_in_both_languages_and_nothing_else_is() -> None:
    assert {column.name for _, column in ALL} == set(COLUMNS)
    assert {table.name for table in TABLES} == set(TABLE_TITLES)


def test_a_register_nobody_has_counted_is_read_back(tmp_path: Path) -> None:
    published = publication(make_register(bundle("production"), None, AS_OF))
    read = packed(tmp_path, published)
    assert read == package.tables_of(published, "fr")
    assert {row["records"] for row in read["findings"]} == {None}
    assert {row["status"] for row in read["runs"]} == set()


# Cells


@pytest.mark.parametrize(
    "text", ["=1+1", "+33 4", "-5", "@here", "＝1", "\t=1", "\r=1", "\n=1", "'=1", "'", "''", "=HYPERLINK(1)"]
)
def test_no_cell_is_a_formula_and_none_is_lost(text: str) -> None:
    cell = write_cell(text)
    assert cell.startswith("'")
    assert read_cell(cell, "string") == text


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
def test_any_text_comes_back_from_its_cell(text: str) -> None:
    cell = write_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert read_cell(cell, "string") == text


def test_whatever_a_name_holds_is_read_back_as_it_was(content: Register, tmp_path: Path) -> None:
    names = ["\x00\x07\x1b[31m", "🧾 paie", "\u202eesrevni", "=HYPERLINK(1)", 'a"b,c;\r\nd\re\n', "x" * 200_000, "not stated "]
    changed = [
        activity.model_copy(update={"title": activity.title.model_copy(update={"fr": name})})
        for activity, name in zip(content.activities, names, strict=False)
    ]
    read = packed(tmp_path, publication(content.model_copy(update={"activities": (*changed, *content.activities[7:])})))
    assert [row["title"] for row in read["activities"][:7]] == names


def test_silence_is_told_from_nothing_to_say() -> None:
    assert plain("not stated", "string", "fr") == "not stated"
    assert plain("not stated", "boolean", "fr") is None
    assert plain(None, "string", "fr") is None
    assert plain((), "string", "fr") is None


def test_no_key_and_no_reason_is_in_it(content: Register, tmp_path: Path) -> None:
    told = package.write(publication(content), "fr", tmp_path).read_bytes()
    assert not [secret for secret in SECRETS if secret.encode() in told]


# What is not what it says it is


def _repacked(path: Path, change: dict[str, bytes], target: Path) -> Path:
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, change.get(name, old.read(name)))
    return target


def test_an_edited_file_is_refused(content: Register, tmp_path: Path) -> None:
    path = package.write(publication(content), "fr", tmp_path)
    edited = _repacked(path, {"data/gaps.csv": b"id\r\n"}, tmp_path / "edited.zip")
    with pytest.raises(RetentionError, match=r"data/gaps\.csv is not the file that was published"):
        package.read_package(edited)


def test_what_is_no_package_is_refused(content: Register, tmp_path: Path) -> None:
    with pytest.raises(RetentionError, match="cannot be read"):
        package.read_package(tmp_path / "absent.zip")
    (tmp_path / "torn.zip").write_bytes(package.write(publication(content), "fr", tmp_path).read_bytes()[:5000])
    with pytest.raises(RetentionError, match="cannot be read"):
        package.read_package(tmp_path / "torn.zip")


def test_a_folder_that_cannot_be_written_is_said(content: Register, tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="cannot be written"):
        package.write(publication(content), "fr", tmp_path / "absent")
