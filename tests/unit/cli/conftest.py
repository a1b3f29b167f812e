"""A small sample, before and after its night, copied for every test; and a watch over everything that is printed."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from retention import clock
from retention.cli.app import app
from retention.night.steps import open_night, run_night
from retention.sample.labels import Label
from retention.sample.stage import Stage, prepare
from retention.workspace import Workspace

PERSONAL = {
    "account": {"accounts": ("company_name", "email", "telephone"), "contacts": ("full_name", "email", "mobile")},
    "transaction": {"invoices": ("customer_name", "contact_name", "contact_email", "contact_phone")},
    "subscription": {"subscribers": ("email", "full_name", "telephone")},
    "usage": {"visits": ("visitor_id",)},
}


@dataclass
class Outcome:
    """What a command did."""

    exit_code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Retention = Callable[..., Outcome]


@pytest.fixture(scope="session")
def staged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Stage]:
    """A sample on which no night has been run."""
    folder = tmp_path_factory.mktemp("staged")
    workspace = Workspace.at(folder, decision_set="example")
    return folder, prepare(workspace, workspace.bundle(), as_of=clock.today(), seed=3, usage_rows=0)


@pytest.fixture(scope="session")
def finished(staged: tuple[Path, Stage], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same sample after a night of all four stores."""
    folder = tmp_path_factory.mktemp("finished") / "copy"
    shutil.copytree(staged[0], folder)
    workspace = Workspace.at(folder, decision_set="example")
    for store in ("account", "subscription", "transaction", "usage"):
        run_night(open_night(workspace, store, as_of=staged[1].as_of, run_id=f"{store}:first"))
    return folder


@pytest.fixture(scope="session")
def secrets(staged: tuple[Path, Stage]) -> frozenset[str]:
    """Every name, address and number of a person that the sample holds."""
    found: set[str] = set()
    for store, tables in PERSONAL.items():
        connection = sqlite3.connect(Workspace.at(staged[0]).store_file(store))
        for table, columns in tables.items():
            for column in columns:
                found |= {str(value) for (value,) in connection.execute(f"SELECT {column} FROM {table}") if value}
        connection.close()
    return frozenset(value for value in found if len(value) > 4)


@pytest.fixture
def retention(monkeypatch: pytest.MonkeyPatch, secrets: frozenset[str]) -> Iterator[Retention]:
    """Runs a command; whatever it printed is searched for personal data."""
    runner = CliRunner()

    def run(*arguments: str, home: Path | None = None) -> Outcome:
        if home is not None:
            monkeypatch.setenv("RETENTION_HOME", str(home / "var"))
            monkeypatch.setenv("RETENTION_OUTPUT", str(home / "output"))
            monkeypatch.setenv("RETENTION_DECISIONS", "example")
        result = runner.invoke(app, list(arguments))
        for text in (result.stdout, result.stderr):
            told = [secret for secret in secrets if secret in text]
            assert not told, f"{arguments[0]} shows personal data ({len(told)} values)"
            assert "Traceback" not in text
        return Outcome(result.exit_code, result.stdout, result.stderr)

    yield run


@pytest.fixture
def before(staged: tuple[Path, Stage], tmp_path: Path) -> Path:
    shutil.copytree(staged[0], tmp_path / "before")
    return tmp_path / "before"


@pytest.fixture
def after(finished: Path, tmp_path: Path) -> Path:
    shutil.copytree(finished, tmp_path / "after")
    return tmp_path / "after"


@pytest.fixture
def label_of(staged: tuple[Path, Stage]) -> Callable[..., Label]:
    """A labelled record that was to come out in a certain way."""

    def find(expected: str, store: str = "account", population: str = "accounts") -> Label:
        return next(
            label
            for label in staged[1].labels
            if (label.expected, label.store, label.population) == (expected, store, population)
        )

    return find
