"""The Airflow that tests share does what it is for: it runs a night."""

from __future__ import annotations

from tests.airflows import Airflow


def test_a_rehearsal_runs_on_it(nights: Airflow) -> None:
    client = nights.client()
    run = client.trigger("retention_usage", dry_run=True)
    assert client.wait_for("retention_usage", run) == "success", client.states("retention_usage", run)
    recorded = nights.workspace.evidence(readonly=True).run(f"usage:{run}")
    assert recorded is not None
    assert recorded.status == "rehearsal"
