"""Proofs that anybody can check: true ones hold, and whatever is changed in one, it no longer does."""

from __future__ import annotations

import copy
import importlib.util
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from retention.evidence import keysets, ledger, tables
from retention.proof import prove
from retention.sample.labels import Label
from retention.workspace import Workspace

VERIFIER = Path(__file__).resolve().parents[3] / "docs" / "verify_proof.py"


@pytest.fixture(scope="session")
def check() -> Callable[[Any], str]:
    spec = importlib.util.spec_from_file_location("verify_proof", VERIFIER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.check  # type: ignore[no-any-return]


def run(file: Path) -> subprocess.CompletedProcess[str]:
    """As a stranger runs it: another Python, none of our code within reach, even asserts switched off."""
    return subprocess.run([sys.executable, "-I", "-O", str(VERIFIER), str(file)], capture_output=True, text=True, check=False)


@pytest.fixture
def proof(retention: Any, after: Path, label_of: Callable[..., Label]) -> dict[str, Any]:
    key = label_of("deleted").record_key
    found: dict[str, Any] = retention("prove", "-s", "account", "-r", f"accounts:{key}", "--json", home=after).json
    return found


def text_proof(folder: Path) -> dict[str, Any]:
    """A proof of a record whose key is a text."""
    workspace = Workspace.at(folder, decision_set="example")
    evidence, population = (
        workspace.evidence(),
        workspace.bundle().store("subscription").declared.population("suppression_list"),
    )
    sealed = keysets.seal(workspace.digest_key(), "r/s/1", "subscription", population.name, ["é", "b", "c", "d", "e"])
    with sqlite3.connect(folder / "var" / "evidence.db") as file:
        names = "run_id, unit, batch, rule, action, as_of, plan_hash, spared, disposed_at"
        row = dict(zip(names.split(", "), file.execute(f"SELECT {names} FROM receipt").fetchone(), strict=True))
    typed = next(r for r in evidence.receipts() if r.run_id == row["run_id"])
    row |= {"as_of": typed.as_of, "disposed_at": typed.disposed_at, "receipt_id": "r/s/1", "run_id": "r", "rows": 5}
    row |= {"store": "subscription", "population": population.name, **sealed.columns()}
    with evidence.writing() as connection:
        connection.execute(insert(tables.receipt).values(row))
        ledger.append(connection, [ledger.Entry("receipt", "r/s/1", ledger.receipt_payload(row), "r", "subscription")])
    return prove(workspace, evidence, "subscription", population, "é")


def test_a_proof_holds_for_whoever_has_nothing_but_the_file(
    retention: Any, after: Path, tmp_path: Path, label_of: Callable[..., Label]
) -> None:
    file, key = tmp_path / "proof.json", label_of("deleted").record_key
    answer = retention("prove", "-s", "account", "-r", f"accounts:00{key}", "--output", str(file), home=after)
    assert answer.exit_code == 0 and str(file) in answer.out.replace("\n", "")

    told = run(file)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(f"PROVEN: record {key} of account.accounts: delete under rule ")
    head = sqlite3.connect(after / "var" / "evidence.db").execute("SELECT hash FROM ledger").fetchall()
    assert told.stdout.split()[-1] in {row[0] for row in head}

    other = json.loads(file.read_text(encoding="utf-8"))
    other["key"] = str(int(key) + 1)
    file.write_text(json.dumps(other), encoding="utf-8")
    assert run(file).returncode == 1 and "NOT PROVEN" in run(file).stderr
    assert run(tmp_path / "nothing.json").returncode == 1


def changed(document: Any) -> Iterator[Any]:
    """Every way to change one value of a document, take one away or add one."""
    if isinstance(document, dict):
        yield {**document, "more": 1}
        for name, value in document.items():
            yield {other: document[other] for other in document if other != name}
            yield from ({**document, name: one} for one in changed(value))
    elif isinstance(document, list):
        yield [*document, *(document[-1:] or [["left", "0" * 64]])]
        for at, value in enumerate(document):
            yield document[:at] + document[at + 1 :]
            yield from ([*document[:at], one, *document[at + 1 :]] for one in changed(value))
    elif isinstance(document, str):
        yield from (
            "",
            document + "0",
            *(f"{document[:at]}{_other(document[at])}{document[at + 1 :]}" for at in range(len(document))),
        )
    else:
        yield from (None, 1 if document != 1 else 2, str(document))


def _other(character: str) -> str:
    return "1" if character == "0" else "0"


def assert_every_change_shows(proof: dict[str, Any], check: Callable[[Any], str]) -> None:
    whole = copy.deepcopy(proof)
    assert check(proof).startswith("PROVEN")
    count = 0
    for broken in changed(proof):
        count += 1
        with pytest.raises(Exception):  # noqa: B017 - rubbish may fail in any way, and the script turns each into a refusal
            check(broken)
            pytest.fail(f"not noticed: {[name for name in broken if broken.get(name) != whole.get(name)]}", pytrace=False)
    assert count > 1000


def test_every_change_of_a_proof_shows(proof: dict[str, Any], check: Callable[[Any], str]) -> None:
    assert len(proof["leaf"]["bitmap"]) == 64
    assert_every_change_shows(proof, check)


def test_every_change_of_a_proof_of_a_text_key_shows(retention: Any, after: Path, check: Callable[[Any], str]) -> None:
    proof = text_proof(after)
    assert proof["key"] == "é" and set(proof["leaf"]) == {"salt"} and proof["path"]
    assert_every_change_shows(proof, check)


def test_there_is_no_proof_of_what_was_not_disposed_of(
    retention: Any, after: Path, tmp_path: Path, label_of: Callable[..., Label]
) -> None:
    def refused(record: str, home: Path = after) -> tuple[int, str]:
        answer = retention("prove", "-s", "account", "-r", record, home=home)
        return answer.exit_code, " ".join(answer.err.split())

    code, text = refused(f"accounts:{label_of('held').record_key}")
    assert code == 8 and "still exists" in text
    code, text = refused("accounts:99999999")
    assert code == 8 and "has no such record, and no receipt names it" in text
    assert refused("accounts:x")[0] == refused("900")[0] == refused("nobody:1")[0] == 8
    assert refused("accounts:1", home=tmp_path / "empty")[0] == 6


def test_a_receipt_that_is_not_sealed_yet_proves_nothing(retention: Any, after: Path, label_of: Callable[..., Label]) -> None:
    with sqlite3.connect(after / "var" / "evidence.db") as file:
        file.execute("DELETE FROM receipt WHERE store = 'account'")
    record = f"accounts:{label_of('deleted').record_key}"
    answer = retention("prove", "-s", "account", "-r", record, home=after)
    assert answer.exit_code == 8 and "only" in answer.err and "has it yet" in " ".join(answer.err.split())
