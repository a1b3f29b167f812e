"""What the documentation shows of Airflow's own command line is run on the running Airflow, as it stands there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import servers
from tests.airflows import Airflow
from tests.documentation.blocks import Block, blocks, missing, pages

PAGES = {page: [block for block in blocks(page) if block.run == "airflow"] for page in pages()}


@pytest.mark.parametrize("page", [page for page, chosen in PAGES.items() if chosen], ids=lambda page: page.stem)
def test_a_page_does_what_it_says_on_airflow(airflow: Airflow, page: Path, tmp_path: Path) -> None:
    environment = dict(airflow.installed.environment)
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment["PATH"]])
    with servers.alone("airflow-roles"):
        for block in PAGES[page]:
            _tried(block, environment, tmp_path)


def _tried(block: Block, environment: dict[str, str], folder: Path) -> None:
    for step in block.steps():
        done = subprocess.run(
            ["bash", "-c", step.command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, f"$ {step.command}\n{done.stdout[-3000:]}"
        absent = missing(step.expected, done.stdout)
        assert absent is None, f"$ {step.command}\n{done.stdout[-3000:]}\nis without the line: {absent}"
