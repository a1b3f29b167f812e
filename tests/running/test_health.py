"""Health checks of docker-compose.yaml, put to the running Airflow."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from cluster.parts import ROOT
from tests.airflows import Airflow

SERVICES = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))["services"]
SECRET = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"


def check(airflow: Airflow, secrets: Path, part: str, **more: str) -> int:
    """The exit code of a part's check, as a container has it: the environment without the secret, which is a file."""
    settings = airflow.installed.environment
    (secrets / SECRET).write_text(settings[SECRET], encoding="utf-8")
    kind, *command = SERVICES[part]["healthcheck"]["test"]
    ports = {
        "http://localhost:8080": settings["AIRFLOW__API__BASE_URL"],
        "localhost:8974": f"localhost:{settings['AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT']}",
    }
    for ours, theirs in ports.items():
        command = [word.replace(ours, theirs) for word in command]
    environment = {
        **{name: value for name, value in settings.items() if name != SECRET},
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        "HOSTNAME": socket.gethostname(),
        "SECRETS": str(secrets),
        **more,
    }
    words = ["sh", "-c", command[0].replace("$$", "$")] if kind == "CMD-SHELL" else command
    return subprocess.run(words, env=environment, cwd=ROOT, capture_output=True, check=False).returncode


@pytest.mark.parametrize("part", ["api-server", "scheduler-small", "dag-processor", "triggerer"])
def test_a_part_that_works_is_healthy(airflow: Airflow, tmp_path: Path, part: str) -> None:
    assert check(airflow, tmp_path, part) == 0


def test_a_part_that_does_not_run_here_is_not(airflow: Airflow, tmp_path: Path) -> None:
    assert check(airflow, tmp_path, "dag-processor", HOSTNAME="another-machine") != 0
