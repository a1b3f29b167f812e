"""Every command: what it answers to people and to machines, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from retention.cli import app as application
from retention.cli import demo as demonstration
from retention.cli.airflow_demo import Ran
from retention.sample.labels import Label
from retention.workspace import Workspace

FORM = ("--reason", "Dispute over an invoice", "--reference", "CASE-1", "--approver", "Counsel", "--review-by", "2030-01-31")


# frame


def test_importing_the_command_line_is_cheap() -> None:
    heavy = ("sqlalchemy", "pydantic", "openpyxl", "pandas", "great_expectations", "airflow")
    code = f"import sys, retention.cli.app; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONPATH": "plugins:."}
    )
    assert found.stdout.strip() == "[]"


def test_help_tells_the_exit_codes(retention: Any) -> None:
    for arguments in (("--help",), ("run", "--help"), ("hold", "place", "--help")):
        answer = retention(*arguments)
        assert answer.exit_code == 0
        assert "Exit codes" in answer.out


def test_wrong_usage_has_a_code_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    assert application.run(["explain", "--store", "account"]) == 64
    assert application.run(["no-such-command"]) == 64
    assert application.run(["status", "--as-of", "2026-02-30"]) == 64
    assert "Traceback" not in capsys.readouterr().err


def test_a_wrong_declaration_is_told_with_place_and_mend(retention: Any, before: Path) -> None:
    answer = retention("check", "--decisions", "nobody", home=before)
    assert answer.exit_code == 2
    assert answer.out == ""
    assert (
        "Error: no decision set is called 'nobody'" in answer.err
        and "Where: " in answer.err
        and "Mend:  choose one of" in answer.err
    )


def test_an_error_under_json_is_a_document(retention: Any, before: Path) -> None:
    answer = retention("check", "--decisions", "nobody", "--json", home=before)
    assert answer.exit_code == 2
    assert answer.err == ""
    assert answer.json["error"]["type"] == "DeclarationError" and answer.json["error"]["exit_code"] == 2


def test_an_unexpected_error_shows_its_type_only(retention: Any, before: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stumble(_workspace: Workspace) -> None:
        raise ValueError("marie.durand@example.org")

    monkeypatch.setattr(Workspace, "bundle", stumble)
    answer = retention("status", home=before)
    assert answer.exit_code == 1
    assert "unexpected ValueError" in answer.err and "--debug" in answer.err
    assert "example.org" not in answer.err + answer.out


# plan and run


def test_plan_rehearses_and_changes_nothing(retention: Any, before: Path) -> None:
    rows = _rows(before)
    answer = retention("plan", "--store", "account", home=before)
    assert answer.exit_code == 0
    assert "a rehearsal" in answer.out and "erase" in answer.out and "oldest due" in answer.out
    document = retention("plan", "--json", home=before).json
    assert [store["store"] for store in document["stores"]] == ["account", "subscription", "transaction", "usage"]
    first = document["stores"][0]
    assert first["status"] == "rehearsal" and len(first["plan_hash"]) == 64
    due = [line for line in first["lines"] if line["disposition"] == "due"]
    assert due and all(line["rule"] and line["action"] for line in due)
    assert first["cutoffs"]["trial-data"] < document["as_of"]
    assert _rows(before) == rows


def test_run_disposes_then_has_nothing_left(retention: Any, before: Path) -> None:
    answer = retention("run", home=before)
    assert answer.exit_code == 0, answer.err
    assert "Night of" in answer.out
    again = retention("run", "-s", "usage", "-s", "account", "--json", home=before)
    assert again.exit_code == 0, again.err
    runs = again.json["runs"]
    assert runs[0]["store"] == "account"
    assert all(run["error"] is None and run["run_id"].startswith(f"{run['store']}:{again.json['as_of']}:") for run in runs)
    assert (
        sum(run["steps"]["dispose"].get(action, 0) for run in runs for action in ("delete", "anonymise", "minimise", "archive"))
        == 0
    )
    assert retention("status", home=before).exit_code == 0


def test_a_store_that_fails_does_not_stop_the_others(retention: Any, before: Path) -> None:
    Workspace.at(before).store_file("subscription").write_bytes(b"no database at all, only bytes" * 100)
    answer = retention("run", "--dry-run", "--json", "--store", "subscription", "--store", "usage", home=before)
    assert answer.exit_code == 3
    failed, passed = answer.json["runs"]
    assert failed["status"] == "failed" and failed["error"]["type"] == "StoreError"
    assert passed["status"] == "rehearsal" and passed["error"] is None


def test_an_unknown_store_is_not_found(retention: Any, before: Path) -> None:
    assert retention("run", "--store", "nowhere", home=before).exit_code == 8


# explain


def test_explains_a_record_that_is_gone(retention: Any, after: Path, label_of: Callable[..., Label]) -> None:
    key = label_of("deleted").record_key
    (found,) = retention("explain", "-s", "account", "-r", f"accounts:{key}", "--json", home=after).json
    assert found["exists"] is False and found["judged"] is None
    assert found["rule"]["clauses"][0]["quotes"]
    receipt = found["receipts"][-1]
    assert receipt["run_id"] == "account:first" and receipt["action"] == "delete" and len(receipt["root"]) == 64
    shown = retention("explain", "-s", "account", "-r", f"accounts:00{key}", home=after).out
    assert "gone since" in shown and "account:first" in shown and "What it rests on" in shown


def test_explains_a_record_that_is_held(retention: Any, after: Path, label_of: Callable[..., Label]) -> None:
    key = label_of("held").record_key
    (found,) = retention("explain", "-s", "account", "-r", f"accounts:{key}", "--json", home=after).json
    assert found["judged"]["disposition"] == "held"
    assert found["holds"] and found["holds"][0]["delivered"] and found["holds"][0]["reference"]


def test_explains_an_archived_invoice_with_its_floor(retention: Any, after: Path, label_of: Callable[..., Label]) -> None:
    key = label_of("archived", "transaction", "invoices").record_key
    (gone,) = retention("explain", "-s", "transaction", "-r", f"invoices:{key}", "--json", home=after).json
    assert gone["judged"] is None and gone["receipts"][-1]["action"] == "archive" and "archived_invoices:" in gone["notes"][0]
    (found,) = retention("explain", "-s", "transaction", "-r", f"archived_invoices:{key}", "--json", home=after).json
    assert found["judged"]["disposition"] == "keep" and gone["receipts"][-1]["receipt_id"] in found["notes"][0]
    floor = next(rule for rule in found["rules"] if rule["rule"] == "accounting-floor")
    assert floor["outcome"] == "keeps" and floor["last_day"] < floor["due_on"] and floor["law"]


def test_explains_a_text_key_and_an_undecided_rule(retention: Any, after: Path, label_of: Callable[..., Label]) -> None:
    key = label_of("kept", "subscription", "suppression_list").record_key
    (found,) = retention("explain", "-s", "subscription", "-r", key, "--json", home=after).json
    assert found["judged"]["reason"] == "undecided"
    assert found["rule"]["decisions"][0]["value"] is None and found["rule"]["decisions"][0]["awaited"]


def test_a_bare_key_is_looked_up_everywhere(retention: Any, after: Path) -> None:
    found = retention("explain", "-s", "account", "-r", "900", "--json", "--lang", "fr", home=after).json
    assert len(found) > 1 and len({explanation["population"] for explanation in found}) == len(found)
    assert {"store", "population", "record_key", "as_of", "why", "rules", "holds", "receipts", "notes"} <= set(found[0])


def test_what_was_never_there_is_not_found(retention: Any, after: Path) -> None:
    assert retention("explain", "-s", "account", "-r", "accounts:99999999", home=after).exit_code == 8
    assert retention("explain", "-s", "account", "-r", "accounts:abc", home=after).exit_code == 8


def test_a_store_never_prepared_cannot_be_explained(retention: Any, before: Path, tmp_path: Path) -> None:
    for path in (before / "var").glob("stores/account.db"):
        _forget_our_tables(path)
    answer = retention("explain", "-s", "account", "-r", "1", home=before)
    assert answer.exit_code == 3 and "retention plan" in answer.err


# holds and requests


def test_a_hold_is_placed_listed_and_released(retention: Any, after: Path, label_of: Callable[..., Label]) -> None:
    record = f"accounts:{label_of('kept').record_key}"
    placed = retention("hold", "place", "--kind", "legal_claim", "-s", "account", "-r", record, *FORM, "--json", home=after)
    assert placed.exit_code == 0, placed.out
    assert placed.json["delivered"] == ["account"] and placed.json["pending"] == []
    hold_id = placed.json["hold"]["hold_id"]
    assert hold_id in retention("hold", "list", home=after).out
    (found,) = retention("explain", "-s", "account", "-r", record, "--json", home=after).json
    assert found["judged"]["disposition"] == "held"
    released = retention("hold", "release", hold_id, "--by", "Counsel", "--note", "Settled", home=after)
    assert released.exit_code == 0 and "ended" in released.out
    assert hold_id not in retention("hold", "list", home=after).out
    assert hold_id in retention("hold", "list", "--all", home=after).out


def test_a_hold_on_a_reference_nobody_knows_says_so(retention: Any, after: Path) -> None:
    placed = retention("hold", "place", "--kind", "legal_claim", "--subject", "C-mistyped", *FORM, "--json", home=after)
    assert placed.exit_code == 0
    assert placed.json["unknown_subject"] is True


def test_a_hold_on_what_is_gone_is_refused(retention: Any, after: Path, label_of: Callable[..., Label]) -> None:
    record = f"accounts:{label_of('deleted').record_key}"
    known = len(retention("hold", "list", "--all", "--json", home=after).json)
    answer = retention("hold", "place", "--kind", "legal_claim", "-s", "account", "-r", record, *FORM, home=after)
    assert answer.exit_code == 8
    assert "already disposed of (run account:first, batch" in answer.err
    assert len(retention("hold", "list", "--all", "--json", home=after).json) == known


def test_a_hold_overtaken_by_a_batch_is_taken_back(
    retention: Any, after: Path, label_of: Callable[..., Label], monkeypatch: pytest.MonkeyPatch
) -> None:
    from retention import holds

    answers = iter([True, False])
    monkeypatch.setattr(holds, "exists", lambda *_: next(answers))
    record = f"accounts:{label_of('deleted').record_key}"
    answer = retention("hold", "place", "--kind", "legal_claim", "-s", "account", "-r", record, *FORM, home=after)
    assert answer.exit_code == 8 and "already disposed of" in answer.err
    last = retention("hold", "list", "--all", "--json", home=after).json[-1]
    assert last["reference"] == "CASE-1" and last["released_at"] and "already disposed of" in last["release_note"]


def test_a_store_out_of_reach_is_named_as_pending(retention: Any, after: Path) -> None:
    Workspace.at(after).store_file("usage").unlink()
    answer = retention("hold", "place", "--kind", "restriction", "--subject", "C000000001", *FORM, home=after)
    assert answer.exit_code == 0
    assert "told:    account, subscription, transaction" in answer.out and "pending: usage" in answer.out


@pytest.mark.parametrize(
    "arguments",
    [
        ("--kind", "legal_claim"),
        ("--kind", "legal_claim", "--subject", "C1", "--category", "usage"),
        ("--kind", "erasure", "--subject", "C1"),
        ("--kind", "nothing", "--subject", "C1"),
        ("--kind", "legal_claim", "--record", "accounts"),
    ],
)
def test_a_hold_that_makes_no_sense_is_refused(retention: Any, after: Path, arguments: tuple[str, ...]) -> None:
    answer = retention("hold", "place", *arguments, *FORM, home=after)
    assert answer.exit_code == 1 and "Mend:" in answer.err


def test_an_email_address_is_no_reference(retention: Any, after: Path) -> None:
    form = [value if value != "CASE-1" else "someone@example.org" for value in FORM]
    answer = retention("hold", "place", "--kind", "legal_claim", "--subject", "C1", *form, home=after)
    assert answer.exit_code == 1 and "example.org" not in answer.err


def test_an_erasure_request_is_entered_and_withdrawn(retention: Any, after: Path, label_of: Callable[..., Label]) -> None:
    record = f"accounts:{label_of('kept').record_key}"
    placed = retention("request", "erasure", "-s", "account", "-r", record, *FORM, "--json", home=after).json
    request = placed["hold"]["hold_id"]
    assert placed["hold"]["kind"] == "erasure"
    assert request in retention("request", "list", home=after).out
    assert request not in retention("hold", "list", home=after).out
    assert retention("hold", "release", request, "--by", "A", "--note", "B", home=after).exit_code == 1
    assert retention("request", "withdraw", request, "--by", "A", "--note", "B", home=after).exit_code == 0
    assert retention("request", "withdraw", "H-none", "--by", "A", "--note", "B", home=after).exit_code == 8


# status, verify, check


def test_status_before_any_run(retention: Any, before: Path) -> None:
    answer = retention("status", "--json", home=before)
    assert answer.exit_code == 9
    assert answer.json["in_order"] is False and answer.json["stores"][0]["problems"] == ["never run"]


def test_status_in_order_and_late(retention: Any, after: Path) -> None:
    answer = retention("status", home=after)
    assert answer.exit_code == 0 and "In order: nothing is overdue." in answer.out
    document = retention("status", "--json", home=after).json
    assert document["oldest_overdue_days"] is None
    wanted = {"category", "records", "overdue", "oldest_overdue_days", "held", "held_overdue", "quarantined", "undecided"}
    assert all(set(category) == wanted for store in document["stores"] for category in store["categories"])
    late = retention("status", "--as-of", "2099-01-01", "--json", home=after)
    assert late.exit_code == 9 and "no run for" in late.json["stores"][0]["problems"][0]


def test_status_tells_what_a_rehearsal_found_overdue(retention: Any, before: Path) -> None:
    retention("plan", "--store", "account", home=before)
    answer = retention("status", "--json", home=before)
    assert answer.exit_code == 9
    account = answer.json["stores"][0]
    assert account["categories"][0]["overdue"] > 0 and answer.json["oldest_overdue_days"] > 0
    assert "overdue, the oldest for" in retention("status", home=before).out


def test_status_counts_what_is_due_now(retention: Any, before: Path) -> None:
    retention("plan", home=before)
    Workspace.at(before).store_file("usage").unlink()
    document = retention("status", "--due", "--json", home=before).json
    for store in document["stores"]:
        for category in store["categories"]:
            assert category["due_now"] == (None if store["store"] == "usage" else category["overdue"])
    answer = retention("status", "--due", home=before)
    assert "due\n" in answer.out and "usage: not counted." in answer.out


def test_verify(retention: Any, after: Path) -> None:
    answer = retention("verify", home=after)
    assert answer.exit_code == 0 and answer.out.startswith("ledger holds: ")
    assert retention("verify", "--json", home=after).json["findings"] == []
    _execute(after / "var" / "evidence.db", "UPDATE receipt SET rows = rows + 1 WHERE batch = 1 AND store = 'usage'")
    broken = retention("verify", home=after)
    assert broken.exit_code == 6 and "differs from what was sealed" in broken.out


def test_verify_names_a_store_out_of_reach(retention: Any, after: Path) -> None:
    Workspace.at(after).store_file("usage").unlink()
    answer = retention("verify", "--json", home=after)
    assert answer.exit_code == 3 and answer.json["out_of_reach"] == ["usage"] and answer.json["holds"]


def test_verify_without_evidence(retention: Any, tmp_path: Path) -> None:
    assert retention("verify", home=tmp_path).exit_code == 6
    assert not (tmp_path / "var").exists()


def test_check(retention: Any, before: Path) -> None:
    answer = retention("check", home=before)
    assert answer.exit_code == 0 and "Declarations agree" in answer.out and "query visits.sql" in answer.out
    _execute(Workspace.at(before).store_file("usage"), "ALTER TABLE visits ADD COLUMN nickname TEXT")
    Workspace.at(before).store_file("account").unlink()
    found = retention("check", "--json", home=before)
    assert found.exit_code == 3
    by = {(row["store"], row["check"]): row for row in found.json["checks"]}
    assert by["usage", "schema"]["outcome"] == "failed" and "nickname" in by["usage", "schema"]["error"]["message"]
    assert by["account", "schema"]["outcome"] == "out of reach"
    assert "subscription.suppression" in found.json["undecided"]


# workbooks


def test_register_and_report(retention: Any, after: Path) -> None:
    for arguments in (("register", "--lang", "en"), ("register",), ("report",), ("report", "--lang", "en")):
        answer = retention(*arguments, "--json", home=after).json
        path = Path(answer["workbook"] if "workbook" in answer else answer["files"][0])
        assert path.is_file() and path.suffix == ".xlsx" and path.is_relative_to(after / "output")


def test_a_report_needs_a_run_and_a_register_does_not(retention: Any, before: Path) -> None:
    assert retention("report", home=before).exit_code == 8
    assert retention("register", home=before).exit_code == 0


# demo, its Airflow replaced by the same steps in this process


@pytest.fixture
def without_airflow(monkeypatch: pytest.MonkeyPatch) -> None:
    from retention.night.steps import STEPS, open_night

    def run_dags(workspace: Workspace, dags: list[str], as_of: Any, watch: Any) -> list[Ran]:
        ran, stores = [], workspace.bundle().stores
        for number, dag in enumerate(dags):
            store = dag.removeprefix("retention_")
            if store in stores:
                run_id = f"{store}:{number}:{len(workspace.evidence().runs())}"
                night = open_night(workspace, store, as_of=as_of, run_id=run_id)
                for name in ("prepare", "scan", "plan", "validate_before", "dispose", "record"):
                    STEPS[name](night)
                    watch({"dag": dag, "task": name, "event": "success"})
            ran.append(Ran(dag, "success", 0.1))
        return ran

    monkeypatch.setattr(demonstration, "migrate", lambda _workspace: None)
    monkeypatch.setattr(demonstration, "run_dags", run_dags)


@pytest.mark.usefixtures("without_airflow")
def test_demo_then_again_on_the_same_data(retention: Any, tmp_path: Path) -> None:
    first = retention("demo", "--rows", "0", "--folder", str(tmp_path), home=tmp_path)
    assert first.exit_code == 0, first.err
    assert (
        "Made four sample stores" in first.out
        and "came out as expected" in first.out
        and "erasure requested and approved" in first.out
    )
    again = retention("demo", "--rows", "0", "--folder", str(tmp_path), "--json", home=tmp_path)
    assert again.exit_code == 0
    assert again.json["fresh"] is False and again.json["labels"]["mismatches"] == []
    assert all(store["tally"]["disposed"] == 0 and store["tally"]["due"] == 0 for store in again.json["stores"].values())
    fresh = retention("demo", "--rows", "0", "--seed", "5", "--fresh", "--folder", str(tmp_path), "--json", home=tmp_path)
    assert fresh.json["fresh"] is True and fresh.json["labels"]["mismatches"] == []
    assert retention("verify", home=tmp_path).exit_code == 0


@pytest.mark.usefixtures("without_airflow")
def test_demo_leaves_stores_alone_that_it_did_not_make(retention: Any, before: Path) -> None:
    (before / "var" / "sample" / "sample.json").unlink()
    rows = _rows(before)
    for options in ((), ("--fresh",)):
        answer = retention("demo", "--folder", str(before), *options, home=before)
        assert answer.exit_code == 1 and "did not make" in answer.err
    assert _rows(before) == rows


# helpers


def _rows(home: Path) -> dict[str, int]:
    import sqlite3

    counted = {}
    for path in sorted((home / "var" / "stores").glob("*.db")):
        connection = sqlite3.connect(path)
        names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for name in names:
            if not name.startswith("retention_"):
                counted[name] = connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0]
        connection.close()
    return counted


def _execute(path: Path, statement: str) -> None:
    import sqlite3

    connection = sqlite3.connect(path)
    connection.execute(statement)
    connection.commit()
    connection.close()


def _forget_our_tables(path: Path) -> None:
    for name in ("hold", "fact", "fact_state", "candidate", "receipt", "claim"):
        _execute(path, f"DROP TABLE IF EXISTS retention_{name}")


def test_json_is_one_document(retention: Any, after: Path) -> None:
    commands = (
        ("status",),
        ("verify",),
        ("check",),
        ("hold", "list"),
        ("request", "list"),
        ("explain", "-s", "usage", "-r", "1"),
    )
    for arguments in commands:
        answer = retention(*arguments, "--json", home=after)
        json.loads(answer.out)
        assert answer.err == ""
