"""Tasks that are forks of the scheduler find imported what each of them would import anew."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """\
import sys
from airflow.jobs.job import Job
from retention.airflow.listener import HEAVY
for part in ("triggerer", "scheduler"):
    sys.argv = ["airflow", part]
    Job()
    print(part, all(name in sys.modules for name in HEAVY), "great_expectations" in sys.modules)
"""


@pytest.mark.parametrize(("executor", "imported"), [("LocalExecutor", True), ("CeleryExecutor", False)])
def test_the_scheduler_imports_for_them(airflow_environment: dict[str, str], executor: str, imported: bool) -> None:
    environment = {**airflow_environment, "AIRFLOW__CORE__EXECUTOR": executor}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1500:]
    assert done.stdout.splitlines()[-2:] == ["triggerer False False", f"scheduler {imported} {imported}"]
