"""`retention register`: published, written again as it stood, listed, compared, approved; and what it refuses."""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from retention import clock
from retention.cli import app as application
from retention.declare.words import Text
from retention.evidence.database import Evidence
from ropa.register import issuing, versions
from ropa.register.editions import EDITIONS
from ropa.register.model import RegisterCheck

TODAY = dt.date(2026, 11, 23)
YESTERDAY, TOMORROW = TODAY - dt.timedelta(days=1), TODAY + dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(clock, "today", lambda: TODAY)
    monkeypatch.setattr(issuing, "check", lambda register: register)  # which takes a second, and seconds the first time
    yield


def database(home: Path) -> Path:
    return home / "var" / "evidence.db"


def execute(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(database(home))) as file, file:
        file.execute(statement)


def files(home: Path) -> set[str]:
    return {path.name for path in (home / "output" / "register").iterdir()}


def test_bare_it_publishes_today_and_writes_our_own_workbook(retention: Any, tmp_path: Path) -> None:
    answer = retention("register", home=tmp_path)
    assert answer.exit_code == 0, answer.err
    assert answer.out.startswith("Version 1.0 of 2026-11-23, draft: it rests on example decisions")
    assert files(tmp_path) == {"registre-art30-2026-11-23.xlsx"}
    again = retention("register", "--lang", "en", "--json", home=tmp_path).json
    assert again["version"] == "1.0" and again["draft"] and again["approval"] is None
    assert [Path(path).name for path in again["files"]] == ["register-art30-2026-11-23.xlsx"]
    assert retention("verify", "--json", home=tmp_path).json["holds"]


def test_every_edition(retention: Any, tmp_path: Path) -> None:
    assert len(retention("register", "--all", "--json", home=tmp_path).json["files"]) == len(EDITIONS)
    for name in EDITIONS:
        chosen = retention("register", "--edition", name, "-e", name, "--json", home=tmp_path).json["files"]
        assert len(chosen) == 1 and Path(chosen[0]).is_file()
    assert len(files(tmp_path)) == len(EDITIONS)
    assert [each["version"] for each in retention("register", "versions", "--json", home=tmp_path).json] == ["1.0"]


def test_a_register_that_lacks_what_the_law_requires_is_written_and_told(
    retention: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    title = Text(fr="Chaque traitement a une finalité", en="Every activity has a purpose")
    failed = RegisterCheck(id="activity.purpose", title=title, article=None, legal=True, outcome="FAIL", concerns=("R1",))
    monkeypatch.setattr(issuing, "check", lambda register: register.model_copy(update={"checks": (failed,)}))
    answer = retention("register", home=tmp_path)
    assert answer.exit_code == 4 and "lacks what the law requires, and says so: activity.purpose" in answer.err
    assert files(tmp_path) == {"registre-art30-2026-11-23.xlsx"}
    assert retention("register", "--json", home=tmp_path).json["unmet"] == ["activity.purpose"]


def test_an_edition_there_is_none_of_publishes_nothing(retention: Any, tmp_path: Path) -> None:
    answer = retention("register", "--edition", "parchment", home=tmp_path)
    assert answer.exit_code == 8 and "choose one of: register" in answer.err
    assert not database(tmp_path).exists()


def test_a_past_day_is_written_again_as_it_stood(retention: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = retention("register", "--json", home=tmp_path).json
    monkeypatch.setattr(clock, "today", lambda: TOMORROW)
    second = retention("register", "--decisions", "production", "--json", home=tmp_path).json
    assert (first["version"], second["version"]) == ("1.0", "2.0")
    for name in files(tmp_path):
        (tmp_path / "output" / "register" / name).unlink()
    past = retention("register", "--as-of", str(TODAY), "--decisions", "nobody", "--json", home=tmp_path).json
    assert (past["version"], past["content_hash"]) == ("1.0", first["content_hash"])  # and the declaration is not even read
    assert [Path(path).name for path in past["files"]] == ["registre-art30-2026-11-23.xlsx"]
    assert len(retention("register", "versions", "--json", home=tmp_path).json) == 2


def test_days_of_which_there_is_no_register(retention: Any, tmp_path: Path) -> None:
    none = retention("register", "--as-of", str(YESTERDAY), home=tmp_path)
    assert none.exit_code == 8 and "no version of the register was published yet" in none.err
    assert not database(tmp_path).exists()
    retention("register", home=tmp_path)
    before = retention("register", "--as-of", str(YESTERDAY), home=tmp_path)
    assert before.exit_code == 8 and "the first is 1.0 of 2026-11-23" in before.err
    ahead = retention("register", "--as-of", str(TOMORROW), home=tmp_path)
    assert ahead.exit_code == 1 and "2026-11-24 lies ahead" in ahead.err
    assert retention("register", "--as-of", "yesterday", home=tmp_path).exit_code == 2


def test_versions_are_listed_with_what_changed(retention: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "No version of the register was published yet" in retention("register", "versions", home=tmp_path).out
    retention("register", home=tmp_path)
    monkeypatch.setattr(clock, "today", lambda: TOMORROW)
    retention("register", home=tmp_path)
    retention("register", "--decisions", "production", home=tmp_path)
    listed = retention("register", "versions", "--json", home=tmp_path).json
    assert [each["version"] for each in listed] == ["1.0", "1.1", "2.0"]
    assert [each["changed"]["en"] for each in listed[:2]] == ["first version", "nothing changed but the day"]
    assert listed[2]["changed"]["fr"].startswith("Fondements du registre – Jeu de décisions modifié\u00a0; et ")
    last = retention("register", "versions", "--last", "1", "--json", home=tmp_path).json
    assert last == listed[2:]
    table = retention("register", "versions", "--lang", "fr", home=tmp_path).out
    assert "première version" in table and "1.1" in table and listed[2]["content_hash"][:12] in table


def test_what_changed_between_numbers_or_dates(retention: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    retention("register", home=tmp_path)
    monkeypatch.setattr(clock, "today", lambda: TOMORROW)
    retention("register", "--decisions", "production", home=tmp_path)
    answer = retention("register", "diff", "1.0", "2.0", "--json", home=tmp_path).json
    assert (answer["before"]["version"], answer["after"]["version"]) == ("1.0", "2.0")
    assert answer == retention("register", "diff", str(TODAY), str(TOMORROW), "--json", home=tmp_path).json
    assert set(answer["changes"][0]) == {"area", "ref", "what", "before", "after"}
    period = next(change for change in answer["changes"] if change["what"]["en"].endswith("retention period changed"))
    assert period["before"] == {"fr": "5 ans", "en": "5 years"} and period["after"] is None and period["ref"]
    table = retention("register", "diff", "1.0", "2.0", "--lang", "fr", home=tmp_path).out
    assert f"From 1.0 (2026-11-23) to 2.0 (2026-11-24): {len(answer['changes'])} changes" in table and "Conservation" in table
    assert "nothing changed." in retention("register", "diff", "1.0", "1.0", home=tmp_path).out
    unknown = retention("register", "diff", "1.0", "7.7", home=tmp_path)
    assert unknown.exit_code == 8 and "'7.7'" in unknown.err
    assert retention("register", "diff", "1.0", str(YESTERDAY), home=tmp_path).exit_code == 8


def test_approval(retention: Any, tmp_path: Path) -> None:
    retention("register", "--decisions", "production", home=tmp_path)
    done = retention("register", "approve", "1.0", "--by", "[bold]M. Durand[/], DPO", "--note", "Lu", home=tmp_path)
    assert done.exit_code == 0 and "Version 1.0 is approved, by [bold]M. Durand[/], DPO on " in done.out
    other = retention("register", "approve", "1.0", "--by", "B. Roux", "--note", "Lu aussi", home=tmp_path)
    assert "approval of [bold]M. Durand[/], DPO" in other.out and "came first, and stands" in other.out
    again = retention("register", "approve", "1.0", "--by", "B. Roux", "--note", "encore", "--json", home=tmp_path).json
    assert again["recorded"] is False and again["approval"]["approver"].endswith("DPO") and again["given"]["note"] == "Lu aussi"
    listed = retention("register", "--decisions", "production", "--json", home=tmp_path).json
    assert listed["version"] == "1.0" and not listed["draft"]
    assert "approved by" in retention("register", "versions", home=tmp_path).out
    assert retention("verify", "--json", home=tmp_path).json["holds"]


def test_approvals_that_are_refused(retention: Any, tmp_path: Path) -> None:
    def asked(number: str, by: str = "A", note: str = "read") -> tuple[int, str]:
        answer = retention("register", "approve", number, "--by", by, "--note", note, home=tmp_path)
        return answer.exit_code, answer.err

    assert asked("1.0")[0] == 8
    retention("register", home=tmp_path)
    code, words = asked("1.0")
    assert code == 1 and "rests on example decisions" in words and "Mend: " in words
    assert asked("9.9")[0] == 8
    retention("register", "--decisions", "production", home=tmp_path)
    assert asked("2.0", by="  ")[1].startswith("Error: an approval needs a name")
    assert asked("2.0", note="")[1].startswith("Error: an approval needs a note")
    assert retention("register", "approve", "2.0", home=tmp_path).exit_code == 2
    retention("register", home=tmp_path)
    code, words = asked("2.0")
    assert code == 1 and "version 3.0 declares something else" in words


def test_options_before_the_name_of_a_command_are_not_lost(retention: Any, tmp_path: Path) -> None:
    answer = retention("register", "--json", "versions", home=tmp_path)
    assert answer.exit_code == 2 and "write it after the command" in answer.err
    assert application.run(["register", "parchment"]) == 64
    assert "versions" in retention("register", "--help").out


def test_an_output_that_cannot_be_written_leaves_the_publication(retention: Any, tmp_path: Path) -> None:
    (tmp_path / "output" / "register" / "registre-art30-2026-11-23.xlsx").mkdir(parents=True)
    answer = retention("register", home=tmp_path)
    assert answer.exit_code == 7 and "move the file away" in answer.err
    assert files(tmp_path) == {"registre-art30-2026-11-23.xlsx"}  # the folder, and nothing half-written beside it
    (tmp_path / "output" / "register" / "registre-art30-2026-11-23.xlsx").rmdir()
    assert retention("register", "--json", home=tmp_path).json["version"] == "1.0"
    assert len(versions.publications(Evidence(f"sqlite:///{database(tmp_path)}"))) == 1


def test_an_edited_version_is_refused_by_name(retention: Any, tmp_path: Path) -> None:
    retention("register", home=tmp_path)
    execute(tmp_path, "UPDATE register_version SET as_of = '2026-01-01'")
    for arguments in (("register",), ("register", "versions"), ("register", "diff", "1.0", "1.0")):
        answer = retention(*arguments, home=tmp_path)
        assert answer.exit_code == 6 and "version 1.0 of the register was edited: day differs" in answer.err, arguments
        assert "Mend:  restore the evidence database from its backup" in answer.err
    found = retention("verify", home=tmp_path)
    assert found.exit_code == 6 and "version 1.0 of the register" in found.out


def test_the_head_of_the_ledger_is_noted_outside_so_that_a_version_cut_off_is_missed(retention: Any, tmp_path: Path) -> None:
    retention("register", home=tmp_path)
    execute(tmp_path, "DELETE FROM register_version")
    execute(tmp_path, "DELETE FROM ledger")
    found = retention("verify", "--json", home=tmp_path).json["findings"]
    assert [finding["where"] for finding in found] == ["ledger head"]
