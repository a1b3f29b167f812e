"""From declaration and evidence to files: which day is published, which is found again, and what the editions are told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from retention import clock
from retention.declare.bundle import Bundle
from retention.errors import NotFound, OutputError, RegisterError
from retention.evidence.database import Evidence
from retention.night.record import noted_head
from retention.workspace import Workspace
from ropa.register import editions as registry
from ropa.register import issuing
from ropa.register.changes import Change
from ropa.register.publication import Publication
from tests.unit.register.versioned import DAY, ONE_DAY, numbers


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    monkeypatch.setattr(clock, "today", lambda: DAY)
    monkeypatch.setattr(issuing, "check", lambda register: register)  # which takes a second, and seconds the first time
    return Workspace.at(tmp_path, decision_set="example")


@pytest.fixture
def bundle(workspace: Workspace) -> Bundle:
    return workspace.bundle()


@pytest.fixture
def evidence(workspace: Workspace) -> Evidence:
    return workspace.evidence()


def test_a_day_to_come_is_not_published(workspace: Workspace, bundle: Bundle, evidence: Evidence) -> None:
    for publish in (issuing.publish, issuing.publish_or_find):
        with pytest.raises(RegisterError, match="2026-11-24 lies ahead"):
            publish(workspace, bundle, evidence, DAY + ONE_DAY)
    assert numbers(evidence) == []


def test_a_run_that_comes_late_is_published_unless_a_later_day_was(
    workspace: Workspace, bundle: Bundle, evidence: Evidence
) -> None:
    late, later = DAY - 5 * ONE_DAY, DAY - 2 * ONE_DAY
    found = [issuing.publish_or_find(workspace, bundle, evidence, day) for day in (late, later, late, DAY, DAY - ONE_DAY)]
    assert [publication.number for publication in found] == ["1.0", "1.1", "1.0", "1.2", "1.1"]
    assert found[2] == found[0]
    with pytest.raises(NotFound, match=r"the first is 1\.0 of 2026-11-18"):
        issuing.publish_or_find(workspace, bundle, evidence, late - ONE_DAY)
    assert noted_head(workspace) == evidence.head()


class Scribe:
    """An edition that notes what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str, int, str | None]] = []

    def __call__(
        self,
        publication: Publication,
        language: str,
        folder: Path,
        *,
        changes: Sequence[Change] = (),
        previous: str | None = None,
    ) -> Path:
        self.told.append((publication.number, language, len(changes), previous))
        return folder / f"{language}.txt"


def test_editions_are_told_what_changed_since_the_version_before(
    workspace: Workspace, bundle: Bundle, evidence: Evidence, monkeypatch: pytest.MonkeyPatch
) -> None:
    scribe = Scribe()
    monkeypatch.setitem(registry.EDITIONS, "scribe", scribe)
    first = issuing.publish(workspace, bundle, evidence, DAY)
    second = issuing.publish(workspace, Workspace.at(workspace.home, decision_set="production").bundle(), evidence, DAY)
    for publication in (first, second):
        issuing.write_editions(workspace, evidence, publication, ("fr", "en"), ["scribe", "scribe"])
    counts = [count for _, _, count, _ in scribe.told]
    assert [(number, language, previous) for number, language, _, previous in scribe.told] == [
        ("1.0", "fr", None), ("1.0", "en", None), ("2.0", "fr", "1.0"), ("2.0", "en", "1.0"),
    ]  # fmt: skip
    assert counts[:2] == [0, 0] and counts[2] == counts[3] > 50


def test_an_unknown_edition_writes_nothing(workspace: Workspace, bundle: Bundle, evidence: Evidence) -> None:
    publication = issuing.publish(workspace, bundle, evidence, DAY)
    with pytest.raises(NotFound, match="there is no edition 'parchment'"):
        issuing.write_editions(workspace, evidence, publication, ["fr"], [registry.OWN, "parchment"])
    assert not (workspace.output / "register").exists()


def test_an_output_folder_that_is_a_file(workspace: Workspace, bundle: Bundle, evidence: Evidence) -> None:
    publication = issuing.publish(workspace, bundle, evidence, DAY)
    (workspace.output / "register").write_text("in the way")
    with pytest.raises(OutputError, match="cannot be written"):
        issuing.write_editions(workspace, evidence, publication, ["fr"], [registry.OWN])
    assert numbers(evidence) == ["1.0"]


def test_every_edition_s_module_is_there_and_writes(
    workspace: Workspace, bundle: Bundle, evidence: Evidence, tmp_path: Path
) -> None:
    publication = issuing.publish(workspace, bundle, evidence, DAY)
    names: list[Any] = [writer(publication, "fr", tmp_path).name for writer in registry.EDITIONS.values()]
    assert len(set(names)) == len(names)
    assert all((tmp_path / name).is_file() and dt.date.isoformat(DAY) in name for name in names)
