"""The generated sample: the same for a seed, sound, and right about itself."""

from __future__ import annotations

import csv
import datetime as dt
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from sample_oracle import Oracle, opened

from retention.errors import StoreError
from retention.sample import Sample, generate
from retention.sample.rows import TABLES

ROW_CASES = {
    "trial-boundary",
    "trial-converted",
    "trial-second-unconverted",
    "trial-still-running",
    "trial-two",
    "contract-boundary",
    "contract-lapsed-renewed",
    "contract-several",
    "contract-open-ended",
    "contract-not-started",
    "prospect-boundary",
    "parent-stays-with-child",
    "contact-shared",
    "transaction-boundary",
    "invoice-account-gone",
    "invoice-outlives-account",
    "accounting-floor",
    "invoice-already-minimised",
    "invoice-past-floor",
    "invoice-in-archive",
    "archive-key-taken",
    "archived-and-held",
    "archived-and-erasure",
    "trial-invoice",
    "card-boundary",
    "card-already-blank",
    "subscription-after-contract",
    "subscription-contract-live",
    "subscription-prospect",
    "unsubscribed",
    "unsubscribed-customer",
    "unsubscribed-account-gone",
    "resubscribed-suppressed",
    "undecided",
    "visit-boundary",
    "visit-small-cell",
    "visit-cell-large-enough",
    "visit-already-anonymised",
    "claim-on-subject",
    "claim-on-record",
    "claim-on-account-record",
    "restriction",
    "hold-legal-obligation",
    "hold-vital-interests",
    "hold-insurance",
    "hold-unsubscribed",
    "erasure-trial",
    "erasure-prospect",
    "erasure-accounting-floor",
    "erasure-insurance",
    "restriction-and-erasure",
    "erasure-yields-to-hold",
    "erasure-live-contract",
    "ambiguous-duplicate",
    "ambiguous-match",
    "orphan",
    "anchor-future",
    "anchor-null",
    "end-before-start",
    "anchor-unreadable",
    "unknown-state",
}
CLIPPED_CASES = {"trial-clipped-month", "contract-clipped-month"}
# An ordinary day, the day after a clipped February, new year (the floor's own boundary), a leap day, both clock changes.
DAYS = [
    dt.date.fromisoformat(day) for day in ("2026-06-15", "2026-03-01", "2026-01-01", "2024-02-29", "2025-03-30", "2025-10-26")
]


def make(folder: Path, as_of: dt.date = DAYS[0], **options: int) -> Sample:
    return generate(lambda store: folder / f"{store}.db", as_of=as_of, **options)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return make(tmp_path_factory.mktemp("stores"))


def texts(sample: Sample) -> Iterator[str]:
    for store, table in TABLES.values():
        for row in opened(sample.places[store]).execute(f"SELECT * FROM {table}"):
            yield from (str(value) for value in row if value is not None)


def files(sample: Sample) -> list[Path]:
    """The files of the stores and of what lies apart."""
    return sorted({beside for path in sample.places.values() for beside in Path(str(path)).parent.glob("*.db")})


def dump(sample: Sample) -> list[str]:
    return [line for path in files(sample) for line in sqlite3.connect(path).iterdump()]


def test_a_seed_gives_the_same_stores(tmp_path: Path) -> None:
    first = make(tmp_path / "first", seed=3, usage_rows=1_000)
    again = make(tmp_path / "again", seed=3, usage_rows=1_000)
    other = make(tmp_path / "other", seed=4, usage_rows=1_000)

    assert dump(first) == dump(again)
    assert (first.labels, first.instructions) == (again.labels, again.instructions)
    assert dump(first) != dump(other)


def test_a_store_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "usage.db").write_bytes(b"precious")

    with pytest.raises(StoreError):
        make(tmp_path, usage_rows=100)

    assert (tmp_path / "usage.db").read_bytes() == b"precious"
    assert not (tmp_path / "account.db").exists()


def test_labelled_records_exist_and_are_labelled_once(sample: Sample) -> None:
    seen = Counter((label.store, label.population, label.record_key) for label in sample.labels)
    fates = Oracle(sample).fates

    assert set(seen.values()) == {1}
    assert all((population, key) in fates for _, population, key in seen)


def test_every_row_case_is_there(sample: Sample) -> None:
    assert {label.case for label in sample.labels} - CLIPPED_CASES == ROW_CASES
    assert all(label.because for label in sample.labels)


def test_clipped_months_are_there_when_the_calendar_allows(tmp_path: Path) -> None:
    february = make(tmp_path / "2026", dt.date(2026, 3, 1), usage_rows=100)
    after_a_leap_day = make(tmp_path / "2029", dt.date(2029, 3, 1), usage_rows=100)

    assert "trial-clipped-month" in {label.case for label in february.labels}
    assert "contract-clipped-month" in {label.case for label in after_a_leap_day.labels}


@pytest.mark.parametrize("as_of", DAYS, ids=str)
def test_labels_agree_with_a_second_opinion(tmp_path: Path, as_of: dt.date) -> None:
    sample = make(tmp_path, as_of, usage_rows=3_000)
    fates = Oracle(sample).fates

    wrong = [
        (label.case, label.population, label.record_key, label.expected, fates[(label.population, label.record_key)])
        for label in sample.labels
        if fates[(label.population, label.record_key)] != label.expected
    ]
    assert wrong == []


def test_due_and_quarantined_rows_are_a_small_share(sample: Sample) -> None:
    outcomes: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (population, _), fate in Oracle(sample).fates.items():
        outcomes[population][fate] += 1

    for population, fates in outcomes.items():
        total = sum(fates.values())
        due = (fates["deleted"] + fates["anonymised"] + fates["archived"]) / total
        assert total >= 300, population
        assert fates["quarantined"] / total < 0.0125, population
        if population != "suppression_list":  # nobody has decided about it
            assert 0.05 < due < 0.18, population


def test_only_the_cases_are_quarantined(sample: Sample) -> None:
    labelled = {(label.population, label.record_key) for label in sample.labels}
    quarantined = [key for key, fate in Oracle(sample).fates.items() if fate == "quarantined" and key not in labelled]

    # Unlabelled ones stand beside a broken trial or contract, whose subject as a whole is unclear.
    assert {population for population, _ in quarantined} <= {"accounts"}
    assert len(quarantined) < 6


def test_foreign_keys_hold(sample: Sample) -> None:
    for path in files(sample):
        assert sqlite3.connect(path).execute("PRAGMA foreign_key_check").fetchall() == []


def test_instructions_name_records_and_subjects_that_exist(sample: Sample) -> None:
    oracle = Oracle(sample)
    assert {i.kind for i in sample.instructions} == {
        "legal_claim",
        "restriction",
        "legal_obligation",
        "vital_interests",
        "insurance",
        "erasure",
    }
    for instruction in sample.instructions:
        if instruction.scope == "record":
            assert (instruction.population, instruction.record_key) in oracle.rows
        else:
            assert instruction.scope == "subject"
            assert instruction.subject_key in oracle.known
        assert instruction.review_by > sample.as_of


def test_instants_lie_on_both_sides_of_midnight_in_paris(sample: Sample) -> None:
    """Two trials that started on one UTC day are told apart, because one of them began on the next day in Paris."""
    trials = {
        label.record_key: label.expected
        for label in sample.labels
        if (label.case, label.population) == ("trial-boundary", "trials")
    }
    db = sqlite3.connect(sample.places["account"])
    by_utc_day: defaultdict[str, set[str]] = defaultdict(set)
    for key, started in db.execute("SELECT trial_id, started_at FROM trials"):
        if str(key) in trials:
            by_utc_day[started[:10]].add(trials[str(key)])

    assert {"deleted", "kept"} in by_utc_day.values()


def test_nothing_looks_like_a_card_number(sample: Sample) -> None:
    """No run of 13 digits or more, whatever its check digit."""
    run = re.compile(r"\d(?:[ -]?\d){12,}")

    assert [text for text in texts(sample) if run.search(text)] == []


def test_addresses_belong_to_nobody(sample: Sample) -> None:
    assert all(text.endswith(".example") for text in texts(sample) if "@" in text)


def test_labels_are_written_as_csv(sample: Sample, tmp_path: Path) -> None:
    sample.write_labels(tmp_path / "labels.csv")
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    assert len(rows) == len(sample.labels)
    assert list(rows[0]) == ["case", "store", "population", "record_key", "expected", "because"]


def test_usage_rows_is_what_was_asked_for(sample: Sample) -> None:
    assert 20_000 <= sum(sample.rows["usage"].values()) < 20_500
