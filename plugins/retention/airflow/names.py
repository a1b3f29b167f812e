"""What this product's DAGs are called, and the words under which its tasks leave something for others."""

from __future__ import annotations

NIGHT = "retention_"  # before the name of a store: the DAG of its night
OTHERS = ("article30_register", "monthly_report", "policy_impact")

NOTE = "run_note"  # XCom in which the tasks of a night say what it did so far, in a line


def ours(dag_id: str | None) -> bool:
    """Whether a DAG is one of this product's."""
    return bool(dag_id) and (str(dag_id).startswith(NIGHT) or dag_id in OTHERS)
