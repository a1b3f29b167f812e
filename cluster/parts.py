"""Airflow's parts (api-server, scheduler, …), each a process of its own with a log of its own, on ports that were free."""

from __future__ import annotations

import base64
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

ROOT = Path(__file__).resolve().parents[1]
ALWAYS = ("api-server", "scheduler", "dag-processor", "triggerer")
SETTINGS = ("include/airflow.env", "include/airflow/small.env")
START_SECONDS = 300.0  # on a machine with much else to do


@dataclass
class Part:
    """One running process of Airflow. `name` is unique in its installation."""

    name: str
    process: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """With everything it started, at once: as when its machine is switched off."""
        kill_family(self.process.pid)
        self.process.wait()

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None


@dataclass(frozen=True)
class Installation:
    """Folders and settings of one Airflow; `environment` is what each of its parts is started with."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        return self.environment["AIRFLOW__API__BASE_URL"]

    def start(self, *command: str, name: str = "", extra: Mapping[str, str] | None = None) -> Part:
        """Starts `airflow <command>` in a folder of its own, which holds its log and, while it runs, its number."""
        name = name or command[0]
        place = self.folder / f"airflow-{name}"
        place.mkdir(parents=True, exist_ok=True)
        log = place / "log"
        with log.open("ab") as out:
            process = subprocess.Popen(
                [sys.executable, "-m", "airflow", *command],
                env={**self.environment, **(extra or {})},
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd=ROOT,
            )
        (place / "running").write_text(f"{process.pid}\n", encoding="utf-8")
        return Part(name, process, log)

    def run(self, *command: str, text: str = "", module: str = "airflow") -> str:
        """Runs `airflow <command>` to its end and returns what it printed. Raises RuntimeError with its last words."""
        done = subprocess.run(
            [sys.executable, "-m", module, *command],
            env=dict(self.environment),
            input=text,
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
        )
        if done.returncode:
            raise RuntimeError(f"{module} {' '.join(command)} failed:\n{done.stdout[-2000:]}{done.stderr[-3000:]}")
        return done.stdout


def installation(
    folder: Path, database: str, workspace: Mapping[str, str], *, files: Sequence[str] = SETTINGS, **settings: str
) -> Installation:
    """An Airflow in a folder, on an empty PostgreSQL database, with the repository's DAGs and plugins.

    `files` are the settings that production has too; `workspace` are the RETENTION_ variables; `settings` are further variables
    of Airflow, which win.
    """
    port = free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "RETENTION_", "PYTEST"))},
        **{name: value for file in files for name, value in env_file(ROOT / file).items()},
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__API__SECRET_KEY": secrets.token_urlsafe(32),
        "AIRFLOW__API_AUTH__JWT_SECRET": secrets.token_urlsafe(64),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__FERNET_KEY": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": database,
        "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT": str(free_port()),
        "AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port()),
        "AIRFLOW__LOGGING__TRIGGER_LOG_SERVER_PORT": str(free_port()),
        "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)]),
        "PYTHONUNBUFFERED": "1",
        **workspace,
        **settings,
    }
    (folder / "airflow").mkdir(parents=True, exist_ok=True)
    return Installation(folder, environment)


def env_file(path: Path) -> dict[str, str]:
    """NAME=value, one a line; comments and empty lines aside."""
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def wait_until_healthy(installed: Installation, parts: Sequence[Part], *, seconds: float = START_SECONDS) -> None:
    """Returns when all parts work. Raises RuntimeError with the last words of a part that ended."""
    end = time.monotonic() + seconds
    while not _healthy(installed.url):
        for part in parts:
            if part.ended:
                raise RuntimeError(f"Airflow's {part.name} ended:\n{last_words(part.log)}")
        if time.monotonic() > end:
            words = "\n".join(f"--- {part.name}\n{last_words(part.log, 1000)}" for part in parts)
            raise RuntimeError(f"Airflow was not healthy after {seconds:.0f} s:\n{words}")
        time.sleep(0.2)


def _healthy(url: str) -> bool:
    try:
        health = httpx.get(f"{url}/api/v2/monitor/health", timeout=2).json()
    except (httpx.HTTPError, json.JSONDecodeError):
        return False
    return all(health[part]["status"] == "healthy" for part in ("metadatabase", "scheduler", "dag_processor", "triggerer"))


def last_words(log: Path, characters: int = 3000) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-characters:]


def kill_family(pid: int) -> None:
    """A process and all that it started, none of which may start another meanwhile."""
    try:
        parent = psutil.Process(pid)
        parent.suspend()
        family = [parent, *parent.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in family:
        try:
            process.kill()
        except psutil.NoSuchProcess:
            continue
    psutil.wait_procs(family[1:], timeout=10)


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
