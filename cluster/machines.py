"""The parts of production on several machines, started as processes of this one: PostgreSQL, Redis, Airflow, Celery workers."""

from __future__ import annotations

import json
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import redis

from cluster import topology
from cluster.client import Client
from cluster.parts import Installation, Part, free_port, installation, wait_until_healthy

WORKERS = "worker-1", "worker-2"
_REDIS_SECONDS = 20.0


@dataclass
class Machines:
    """A running cluster. `workers` are by name; one that was killed stays among them."""

    installed: Installation
    passwords: dict[str, str]
    workers: dict[str, Part] = field(default_factory=dict)

    def client(self, user: str) -> Client:
        return Client(self.installed.url, user, self.passwords[user])

    def worker_of(self, pid: int | None) -> str | None:
        """The worker among whose processes one is, while both run."""
        if pid is None:
            return None
        try:
            ancestors = {each.pid for each in psutil.Process(pid).parents()}
        except psutil.NoSuchProcess:
            return None
        return next((name for name, part in self.workers.items() if part.process.pid in ancestors), None)

    def start_worker(self, name: str) -> None:
        (self.installed.folder / f"airflow-{name}" / "log").unlink(missing_ok=True)  # what it said before it was killed
        self.workers[name] = self.installed.start(
            *topology.PARTS["worker"].command,
            "--celery-hostname",
            f"{name}@%h",
            name=name,
            extra={"AIRFLOW__LOGGING__WORKER_LOG_SERVER_PORT": str(free_port())},
        )

    def wait_for_workers(self, *names: str, seconds: float = 120) -> None:
        """Returns when these workers take tasks. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while missing := [name for name in names if "ready." not in self.workers[name].log.read_text(errors="replace")]:
            if time.monotonic() > end:
                raise TimeoutError(f"not ready after {seconds:.0f} s: {', '.join(missing)}")
            time.sleep(0.3)


@contextmanager
def redis_server(folder: Path) -> Iterator[str]:
    """A Redis of one's own with a password; its address."""
    binary = shutil.which("redis-server", path="/usr/bin:/usr/local/bin:/bin")
    if binary is None:
        raise RuntimeError("no redis-server on this machine: install Redis")
    place, port, password = folder / "redis", free_port(), secrets.token_hex(16)
    place.mkdir()
    settings = f"bind 127.0.0.1\nport {port}\nrequirepass {password}\nsave ''\nappendonly no\ndir {place}\n"
    with (place / "log").open("ab") as log:
        process = subprocess.Popen([binary, "-"], stdin=subprocess.PIPE, stdout=log, stderr=log, start_new_session=True)
    assert process.stdin is not None
    process.stdin.write(settings.encode())
    process.stdin.close()
    (place / "running").write_text(f"{process.pid}\n")
    address = f"redis://:{password}@127.0.0.1:{port}/0"
    try:
        _wait_for_redis(address)
        yield address
    finally:
        process.terminate()
        process.wait()


def _wait_for_redis(address: str) -> None:
    end = time.monotonic() + _REDIS_SECONDS
    while True:
        try:
            redis.Redis.from_url(address).ping()
        except redis.ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)
        else:
            return


def start(folder: Path, database: str, broker: str, workspace: Mapping[str, str]) -> Machines:
    """Airflow's tables and users, then every part but the workers. Returns when all are healthy."""
    files = list(dict.fromkeys(file for part in topology.PARTS.values() for file in part.settings))
    celery = {
        "AIRFLOW__CELERY__BROKER_URL": broker,
        "AIRFLOW__CELERY__RESULT_BACKEND": f"db+{database}",
    }
    installed = installation(folder, database, workspace, files=files, **celery, **topology.OTHERWISE)
    passwords = {user: secrets.token_urlsafe(12) for user in ("engineer", "compliance")}
    roles = {"engineer": "Data engineer", "compliance": "Compliance"}
    users = [{"username": user, "password": passwords[user], "role": roles[user]} for user in passwords]
    installed.run(module="cluster.setup", text=json.dumps(users))
    parts = [installed.start(*part.command, name=name) for name, part in topology.PARTS.items() if name != "worker"]
    wait_until_healthy(installed, parts)
    machines = Machines(installed, passwords)
    machines.client("engineer").wait_for_dags(5)
    return machines
