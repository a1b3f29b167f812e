"""Versions of the register on every kind of database, and published by several at once."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from retention.errors import EvidenceError
from retention.evidence import ledger, registers, tables
from retention.evidence.database import Evidence
from ropa.register import versions
from tests import servers
from tests.unit.register.versioned import DAY, ONE_DAY, made, numbers, on, proposal

PUBLISHERS, EACH = 4, 5


@pytest.fixture(params=("sqlite", *servers.KINDS))
def evidence_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    with servers.evidence(request.param, tmp_path) as found:
        yield found


def test_a_version_comes_back_to_the_letter_and_approved(evidence_url: str) -> None:
    evidence = Evidence(evidence_url)
    published = versions.publish(evidence, made())
    assert versions.publish(evidence, made()) == published
    done = versions.approve(evidence, "1.0", "Éloïse 🂡 O'Neil", "100 % \\ “lu”\nrien à ajouter")
    versions.publish(evidence, on(DAY + ONE_DAY))
    evidence.engine.dispose()
    reader = Evidence(evidence_url, readonly=True)
    first, second = versions.publications(reader)
    assert first.register == made() and second.register == on(DAY + ONE_DAY)
    assert first.published_at == published.published_at and first.approval == second.approval == done.approval
    assert ledger.verify(reader, head=reader.head()) == []
    reader.engine.dispose()


def test_what_was_touched_is_named(evidence_url: str) -> None:
    evidence = Evidence(evidence_url)
    for days in range(2):
        versions.publish(evidence, on(DAY + days * ONE_DAY))
    t = tables.register_version
    with evidence.writing() as connection:
        connection.execute(update(t).where(t.c.seq == 1).values(published_at=dt.datetime.combine(DAY, dt.time(1, 2, 3))))
    with pytest.raises(EvidenceError, match=r"version 1\.0 of the register was edited: instant"):
        versions.publication(evidence, "1.1")
    with evidence.writing() as connection:
        connection.execute(delete(t).where(t.c.seq == 1))
    assert [finding.where for finding in ledger.verify(evidence)] == ["version 1.0 of the register"]
    evidence.engine.dispose()


def _publish(url: str, publisher: int, gate: object) -> None:
    evidence = Evidence(url)
    gate.wait()  # type: ignore[attr-defined]
    for number in range(EACH):
        registers.publish(evidence, proposal("a", DAY, f"said by all: {number}"))
        registers.publish(evidence, proposal("a", DAY, f"said by {publisher}: {number}"))
    evidence.engine.dispose()


def test_several_publish_at_once(evidence_url: str) -> None:
    """Nothing is lost, no number is given twice, none is left out; and what is on top already makes no new version."""
    Evidence(evidence_url).engine.dispose()
    fork = multiprocessing.get_context("fork")
    gate = fork.Barrier(PUBLISHERS)
    publishers = [fork.Process(target=_publish, args=(evidence_url, number, gate)) for number in range(PUBLISHERS)]
    for publisher in publishers:
        publisher.start()
    for publisher in publishers:
        publisher.join()
    assert [publisher.exitcode for publisher in publishers] == [0] * PUBLISHERS
    evidence = Evidence(evidence_url)
    shelf = registers.shelf(evidence)
    assert numbers(evidence) == [f"1.{minor}" for minor in range(len(shelf.versions))]
    said = [registers.content(evidence, version) for version in shelf.versions]
    assert {f"said by {publisher}: {number}" for publisher in range(PUBLISHERS) for number in range(EACH)} <= set(said)
    assert all(one != next_one for one, next_one in pairwise(said))
    assert ledger.verify(evidence, head=evidence.head()) == []
    evidence.engine.dispose()


def _publish_the_same(url: str, gate: object) -> None:
    evidence = Evidence(url)
    gate.wait()  # type: ignore[attr-defined]
    registers.publish(evidence, proposal("a", DAY, "the same"))
    evidence.engine.dispose()


def test_the_same_published_by_several_at_once_is_one_version(evidence_url: str) -> None:
    Evidence(evidence_url).engine.dispose()
    fork = multiprocessing.get_context("fork")
    gate = fork.Barrier(PUBLISHERS)
    publishers = [fork.Process(target=_publish_the_same, args=(evidence_url, gate)) for _ in range(PUBLISHERS)]
    for publisher in publishers:
        publisher.start()
    for publisher in publishers:
        publisher.join()
    evidence = Evidence(evidence_url)
    assert [publisher.exitcode for publisher in publishers] == [0] * PUBLISHERS
    assert numbers(evidence) == ["1.0"]
    evidence.engine.dispose()
