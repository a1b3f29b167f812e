"""Keys below zero are keys like any other: disposed of, receipted, held and proven."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest
from databases import kind_of
from sqlalchemy import create_engine, text
from workbench import AS_OF, UNVALIDATED, Bench, copy

from retention import holds
from retention.errors import NotFound
from retention.night.disposal import strategy
from retention.proof import prove

VERIFIER = Path(__file__).resolve().parents[2] / "docs" / "verify_proof.py"
UNCHECKED = {"postgresql": "SET session_replication_role = replica", "mariadb": "SET SESSION foreign_key_checks = 0"}
TURNED = (
    "UPDATE visits SET visit_id = -visit_id",
    "UPDATE page_events SET event_id = -event_id, visit_id = -visit_id",
)


@pytest.fixture(params=["listed", "range"])
def below_zero(
    request: pytest.FixtureRequest, folder: Path, untouched_there: Bench, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bench]:
    """Every key of the usage store with its sign turned."""
    if request.param == "range":
        monkeypatch.setattr(strategy, "DENSE_ROWS", 0)
        monkeypatch.setattr(strategy, "DENSE_SHARE", 0.0)
    made = Bench(copy(untouched_there.workspace, folder / "bench"), untouched_there.sample)
    engine = create_engine(made.url("usage"))
    with engine.begin() as connection:
        if kind_of(made.url("usage")) in UNCHECKED:
            connection.execute(text(UNCHECKED[kind_of(made.url("usage"))]))
        for statement in TURNED:
            connection.execute(text(statement))
    engine.dispose()
    yield made
    made.close()


def test_a_night_over_keys_below_zero(below_zero: Bench, untouched_there: Bench) -> None:
    bench, before = below_zero, {name: below_zero.keys("usage", name) for name in ("visits", "page_events")}
    held = sorted(_due(untouched_there))[0]
    key = str(-held)
    bench.place("legal_claim", store="usage", population="page_events", record_key=key)

    bench.run("usage", UNVALIDATED)

    receipted = bench.receipted("usage")
    left = {name: bench.keys("usage", name) for name in before}
    for name in before:
        assert sorted(receipted.get((name, "delete"), [])) == sorted(before[name] - left[name])
    assert {-one for one in receipted["page_events", "delete"]} >= _due(untouched_there) - {held}
    assert -held in left["page_events"]
    assert bench.findings(["usage"]) == []
    gone = max(receipted["page_events", "delete"])
    assert gone < 0
    population = bench.bundle.store("usage").declared.population("page_events")
    proof = prove(bench.workspace, bench.evidence, "usage", population, str(gone))
    assert _check(proof).startswith(f"PROVEN: record {gone} of usage.page_events")
    with pytest.raises(NotFound, match="still exists"):
        prove(bench.workspace, bench.evidence, "usage", population, key)
    with pytest.raises(NotFound, match="already disposed of"):
        about = {"store": "usage", "population": "page_events", "record_key": str(gone)}
        holds.place_if_there(
            bench.workspace, bench.bundle, bench.evidence, holds.Request("legal_claim", "T", "T", "T", AS_OF, **about)
        )


def _due(bench: Bench) -> set[int]:
    """Labelled page events that a night deletes."""
    labels = (one for one in bench.sample.labels if (one.store, one.population) == ("usage", "page_events"))
    return {int(one.record_key) for one in labels if one.expected == "deleted"}


def _check(proof: object) -> str:
    spec = importlib.util.spec_from_file_location("verify_proof", VERIFIER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return str(module.check(proof))
