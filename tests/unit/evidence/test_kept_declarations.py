"""A declaration is kept once, is read back as what it was, and cannot be touched unnoticed: on every kind of database."""

from __future__ import annotations

import json
import multiprocessing
import shutil
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import func, select, text

from retention import clock
from retention.declare.files import files_of, read_back
from retention.errors import DeclarationError, EvidenceError
from retention.evidence import declarations, ledger, tables
from retention.evidence.database import Evidence
from retention.workspace import Workspace
from tests import servers

HASH, FILES = "a" * 64, {"compliance/policy.yaml": "policy: été\r\n", "stores/usage/store.yaml": "store: usage\n"}


@pytest.fixture(params=["sqlite", *servers.KINDS])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with servers.evidence(request.param, tmp_path) as found:
        yield found


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(f"sqlite:///{tmp_path / 'evidence.db'}")


@pytest.fixture
def there(tmp_path: Path) -> Workspace:
    """The installation's declaration in a folder of one's own."""
    origin = Workspace.at(tmp_path, decision_set="example")
    made = replace(origin, declarations=tmp_path / "declarations", sql=tmp_path / "sql")
    shutil.copytree(origin.declarations, made.declarations)
    shutil.copytree(origin.sql, made.sql)
    return made


def files(workspace: Workspace) -> dict[str, str]:
    return files_of(workspace.bundle(), workspace.declarations, workspace.sql)


# round trip


def test_what_is_kept_is_read_back_as_the_same_declaration(there: Workspace, evidence: Evidence) -> None:
    """Byte by byte, line ends included: the text of a query is part of the hash."""
    query, rules = there.sql / "usage" / "visits.sql", there.declarations / "retention.yaml"
    query.write_bytes(query.read_bytes().replace(b"\n", b"\r\n") + b"-- \xc3\xa9t\xc3\xa9\r")
    rules.write_bytes(b"\xef\xbb\xbf" + rules.read_bytes())  # a byte order mark, as some editors leave one
    bundle = there.bundle()
    assert declarations.keep(evidence, bundle.policy_hash, "example", files(there))
    shutil.rmtree(there.declarations)
    shutil.rmtree(there.sql)
    found = declarations.files(evidence, bundle.policy_hash)
    assert found is not None
    with read_back(found, bundle.policy_hash) as again:
        assert again.hashes == bundle.hashes
        assert again.activities == bundle.activities and again.processor == bundle.processor
        folder = again.store("usage").folder
    assert not folder.exists()


def test_only_what_the_declaration_is_made_of_is_kept(there: Workspace) -> None:
    names = set(files(there))
    assert "stores/usage/schema.sql" not in names and "compliance/decisions/production.yaml" not in names
    assert {"compliance/decisions/example.yaml", "compliance/privacy-policy.fr.txt", "stores/usage/visits.sql"} < names


EDITS: dict[str, Callable[[dict[str, str]], object]] = {
    "reads it as another": lambda each: each.update({"stores/usage/visits.sql": each["stores/usage/visits.sql"] + "\n"}),
    "compliance/policy.yaml:1: not valid": lambda each: each.update({"compliance/policy.yaml": "a: b: c"}),
    "does not exist": lambda each: each.pop("compliance/retention.yaml"),
    "exactly one decision set": lambda each: each.pop("compliance/decisions/example.yaml"),
    "lies elsewhere": lambda each: each.update({"compliance/../../escaped.yaml": "a: 1"}),
    "that lies elsewhere": lambda each: each.update({"/escaped.yaml": "a: 1"}),
}


@pytest.mark.parametrize("words", EDITS)
def test_what_is_not_that_declaration_is_refused(there: Workspace, words: str) -> None:
    edited = files(there)
    EDITS[words](edited)
    with pytest.raises(DeclarationError, match=words) as error, read_back(edited, there.bundle().policy_hash):
        pytest.fail("was read")
    assert "retention-declaration-" not in str(error.value)  # the folder is gone: nobody could look there


# once


def test_it_is_kept_once(url: str) -> None:
    evidence = Evidence(url)
    assert declarations.files(evidence, HASH) is None and not declarations.is_known(evidence, HASH)
    assert declarations.keep(evidence, HASH, "example", FILES)
    assert not declarations.keep(evidence, HASH, "example", {"compliance/policy.yaml": "something else"})
    assert declarations.files(evidence, HASH) == FILES
    assert ledger.verify(evidence) == []
    evidence.engine.dispose()


def _keep(url: str, writer: int, gate: object, told: object) -> None:
    evidence = Evidence(url)
    gate.wait()  # type: ignore[attr-defined]
    new = declarations.keep(evidence, HASH, "example", {"compliance/policy.yaml": f"by {writer}"})
    told.put((writer, new))  # type: ignore[attr-defined]


def test_of_nights_at_once_one_keeps_it(url: str) -> None:
    Evidence(url).engine.dispose()
    context = multiprocessing.get_context("spawn")
    gate, told = context.Barrier(4), context.Queue()
    writers = [context.Process(target=_keep, args=(url, number, gate, told)) for number in range(4)]
    for writer in writers:
        writer.start()
    answers = dict(told.get(timeout=120) for _ in writers)
    for writer in writers:
        writer.join()
    (first,) = (writer for writer, new in answers.items() if new)
    evidence = Evidence(url)
    assert declarations.files(evidence, HASH) == {"compliance/policy.yaml": f"by {first}"}
    assert ledger.verify(evidence) == []
    with evidence.snapshot() as connection:
        assert connection.execute(select(func.count()).select_from(tables.declaration)).scalar() == 1
    evidence.engine.dispose()


# tampering, behind the library's back

OTHER = zlib.compress(json.dumps({"compliance/policy.yaml": "forged"}).encode())
TAMPERED = {
    "UPDATE declaration SET content = :other": "its content does not have the hash",
    "UPDATE declaration SET content = :other, content_hash = :digest": "content differs",
    "UPDATE declaration SET content = substr(content, 1, 20)": "cannot be unpacked",
    "UPDATE declaration SET decision_set = 'production'": "decision set differs",
    "UPDATE declaration SET kept_at = '2020-01-01 00:00:00.000000'": "instant differs",
    "DELETE FROM declaration": "its record is missing",
    "UPDATE declaration SET policy_hash = 'b'": "is not sealed",
}


@pytest.mark.parametrize("statement", TAMPERED)
def test_what_was_touched_is_found_and_is_not_given_out(evidence: Evidence, statement: str) -> None:
    declarations.keep(evidence, HASH, "example", FILES)
    digest = sha256(zlib.decompress(OTHER)).hexdigest()
    with evidence.writing() as connection:
        names = {"other": OTHER, "digest": digest}
        given = {name: value for name, value in names.items() if f":{name}" in statement}
        assert connection.execute(text(statement), given).rowcount == 1
    assert TAMPERED[statement] in " ".join(finding.what for finding in ledger.verify(evidence))
    with pytest.raises(EvidenceError, match="declaration aaaaaaaaaaaaaaaa"):
        declarations.files(evidence, HASH)
    assert not declarations.keep(evidence, HASH, "example", FILES)  # what was lost is not made up for unnoticed
    assert ledger.verify(evidence) != []


def test_one_that_was_slipped_in_is_not_given_out(evidence: Evidence) -> None:
    with evidence.writing() as connection:
        forged = {"policy_hash": HASH, "decision_set": "example", "content": OTHER, "content_hash": "c" * 64}
        connection.execute(tables.declaration.insert().values(**forged, kept_at=clock.now()))
    assert [finding.what for finding in ledger.verify(evidence)] == ["is not sealed in the ledger"]
    with pytest.raises(EvidenceError, match="not sealed"):
        declarations.files(evidence, HASH)
