"""Tasks that are forks of the scheduler find imported what each of them would import anew."""

from __future__ import annotations

import subprocess
import sys

import pytest

PROGRAM = """\
import sys
from types import SimpleNamespace as Named
from retention.airflow.listener import HEAVY, on_starting
for job in ("TriggererJob", "SchedulerJob"):
    on_starting(component=Named(job_type=job))
    print(job, sum(name in sys.modules for name in HEAVY) == len(HEAVY), "great_expectations" in sys.modules)
"""


@pytest.mark.parametrize(("executor", "imported"), [("LocalExecutor", True), ("CeleryExecutor", False)])
def test_the_scheduler_imports_for_them(airflow_environment: dict[str, str], executor: str, imported: bool) -> None:
    environment = {**airflow_environment, "AIRFLOW__CORE__EXECUTOR": executor}
    done = subprocess.run([sys.executable, "-c", PROGRAM], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-1500:]
    assert done.stdout.splitlines()[-2:] == ["TriggererJob False False", f"SchedulerJob {imported} {imported}"]
