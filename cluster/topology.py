"""What production on several machines consists of, part by part: docker-compose.yaml is held to it, and the check starts it."""

from __future__ import annotations

from dataclasses import dataclass

COMMON = "include/airflow.env"
CLUSTER = "include/airflow/cluster.env"


@dataclass(frozen=True)
class Role:
    """One part of Airflow: its command, and the files that its settings come from, the later ones first to be believed."""

    command: tuple[str, ...]
    settings: tuple[str, ...]
    replicas: int = 1


PARTS = {
    "api-server": Role(("api-server",), (COMMON,)),
    "scheduler": Role(("scheduler",), (COMMON, CLUSTER)),
    "dag-processor": Role(("dag-processor",), (COMMON,)),
    "triggerer": Role(("triggerer",), (COMMON,)),
    "worker": Role(("celery", "worker"), (COMMON, CLUSTER), replicas=2),
}
# What else the compose file has in that profile: no settings of Airflow's, and made otherwise by the check.
BESIDE = {"postgres", "redis", "init", "backup"}

# What the check sets otherwise than production, and why. Nothing else may differ.
OTHERWISE = {
    "AIRFLOW__CELERY__WORKER_CONCURRENCY": "1",  # two workers on one machine: each has a share at a time
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "25",  # a check should end within minutes
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "5",
    "RETENTION_RETRY_SECONDS": "3",
}
