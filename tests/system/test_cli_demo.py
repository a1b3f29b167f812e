"""The demonstration as a person starts it: the real DAGs, in Airflow, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(os.environ.get("CI") != "true", reason="`make demo` shows the same; with CI=true it is a test")
def test_the_demonstration_runs_the_dags_and_every_case_comes_out_as_expected(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("RETENTION_", "AIRFLOW"))}
    environment["PYTHONPATH"] = os.pathsep.join([str(ROOT / "plugins"), str(ROOT)])
    command = [sys.executable, "-m", "retention.cli", "demo", "--rows", "0", "--folder", str(tmp_path), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr
    answer = json.loads(done.stdout)
    assert [dag["state"] for dag in answer["dags"]] == ["success"] * 5
    assert all(len(dag["tasks"]) == 10 for dag in answer["dags"][:4])
    assert answer["labels"]["mismatches"] == [] and answer["labels"]["records"] > 500
    assert len(answer["files"]) >= 3 and all(Path(path).is_relative_to(tmp_path) for path in answer["files"])
    assert answer["register"]["version"] == "1.0" and answer["register"]["draft"]
    written = {path.name for path in (tmp_path / "output" / "register").iterdir()}
    assert (
        written == {Path(path).name for path in answer["files"] if Path(path).parent.name == "register"} and len(written) >= 2
    )
