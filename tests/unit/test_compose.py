"""docker-compose.yaml: what the compose specification allows, what production needs, and what the cluster check starts."""

from __future__ import annotations

import contextlib
import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import check_jsonschema
import jsonschema
import pytest
import yaml

from cluster import topology
from cluster.parts import env_file

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
ONCE = {"init", "seed"}
# The image of PostgreSQL begins as root to own its folder, and then runs as its own user.
OWN_USER = {"postgres", "stores"}


def in_profile(profile: str) -> set[str]:
    return {name for name, service in SERVICES.items() if profile in service["profiles"]}


@pytest.fixture(scope="module")
def specification() -> jsonschema.Draft202012Validator:
    """The compose specification's own schema, as a package of the lock brings it along."""
    path = Path(check_jsonschema.__file__).parent / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert "2020-12" in schema["$schema"]
    return jsonschema.Draft202012Validator(schema)


def test_it_is_what_the_specification_allows(specification: jsonschema.Draft202012Validator) -> None:
    specification.validate(COMPOSE)


@pytest.mark.parametrize("slip", [{"imagee": "x:1"}, {"image": 7}, {"deploy": {"resources": {"limits": {"memroy": "1G"}}}}])
def test_the_specification_would_refuse_a_slip(specification: jsonschema.Draft202012Validator, slip: dict[str, Any]) -> None:
    assert not specification.is_valid({**COMPOSE, "services": {**SERVICES, "worker": {**SERVICES["worker"], **slip}}})


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_fit_for_production(name: str) -> None:
    service = SERVICES[name]
    assert re.fullmatch(r"[a-z]+:\d+\.\d+[0-9a-z.-]*", service["image"]), "an image is pinned by its version"
    limits = service["deploy"]["resources"]["limits"]
    assert {"cpus", "memory"} <= set(limits)
    assert service["restart"] == ("no" if name in ONCE else "unless-stopped")
    assert name in ONCE or "test" in service["healthcheck"]
    assert name in OWN_USER or service["user"] == "${RETENTION_UID:-1000}:${RETENTION_GID:-1000}"
    assert all(secret in COMPOSE["secrets"] for secret in service.get("secrets", []))
    for needed in service.get("depends_on", {}):
        assert set(service["profiles"]) <= set(SERVICES[needed]["profiles"]), f"{name} would wait for {needed} in vain"


def test_no_secret_stands_in_it() -> None:
    """Addresses and keys come from files; the environment names files at most."""
    for name, service in SERVICES.items():
        for variable, value in (service.get("environment") or {}).items():
            assert variable not in COMPOSE["secrets"], (name, variable)
            secret = re.search("PASS|SECRET|KEY|CONN|TOKEN", variable)
            assert not secret or str(value).startswith("/run/secrets/"), (name, variable)


def test_secrets_are_made_as_they_are_asked_for_and_for_their_owner_alone(tmp_path: Path) -> None:
    script = [str(ROOT / "include" / "airflow" / "secrets.sh"), "--sample"]
    environment = {"SECRETS": str(tmp_path / "secrets"), "PATH": "/usr/bin:/bin"}
    subprocess.run(script, env=environment, check=True, capture_output=True)
    made = {path.name: path for path in (tmp_path / "secrets").iterdir()}
    assert {each["file"].removeprefix("secrets/") for each in COMPOSE["secrets"].values()} == set(made)
    assert all(path.stat().st_mode & 0o777 == 0o600 and path.stat().st_size for path in made.values())
    before = {name: path.read_bytes() for name, path in made.items()}
    subprocess.run(script, env=environment, check=True, capture_output=True)
    assert {name: path.read_bytes() for name, path in made.items()} == before, "what is there stays"


def test_a_secret_becomes_the_setting_it_is_named_after(tmp_path: Path) -> None:
    (tmp_path / "RETENTION_EVIDENCE").write_text("an address with 'quotes' and $signs", encoding="utf-8")
    (tmp_path / "postgres_password").write_text("not for this one", encoding="utf-8")
    environment = {"SECRETS": str(tmp_path), "PATH": "/usr/bin:/bin"}
    shown = subprocess.run(
        [str(ROOT / "include" / "airflow" / "entrypoint.sh"), "env"],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "RETENTION_EVIDENCE=an address with 'quotes' and $signs\n" in shown
    assert "not for this one" not in shown


@pytest.mark.parametrize(
    ("status", "body", "parts", "healthy"),
    [
        (200, '{"metadatabase": {"status": "healthy"}, "scheduler": {"status": "unhealthy"}}', ["metadatabase"], True),
        (
            200,
            '{"metadatabase": {"status": "healthy"}, "scheduler": {"status": "unhealthy"}}',
            ["metadatabase", "scheduler"],
            False,
        ),
        (200, '{"metadatabase": {"status": "healthy"}}', ["triggerer"], False),
        (200, '{"metadatabase": {"status": null}}', ["metadatabase"], False),
        (200, '{"metadatabase": null}', ["metadatabase"], False),
        (200, "[]", ["metadatabase"], False),
        (200, "<html>a login page</html>", ["metadatabase"], False),
        (500, '{"metadatabase": {"status": "healthy"}}', ["metadatabase"], False),
        (200, "", [], True),
        (503, "", [], False),
        (None, "", [], False),
    ],
)
def test_a_part_is_healthy_only_if_it_says_so(status: int | None, body: str, parts: list[str], healthy: bool) -> None:
    with answering(status, body) as url:
        done = subprocess.run(
            [sys.executable, str(ROOT / "include" / "airflow" / "health.py"), url, *parts],
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode == 0) == healthy
    assert done.stderr == ""


@contextlib.contextmanager
def answering(status: int | None, body: str) -> Iterator[str]:
    """The address of a server that gives this answer to whatever it is asked, or, without a status, of none."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert status is not None
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        if status is not None:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        else:
            server.server_close()
        yield f"http://127.0.0.1:{server.server_address[1]}/health"
        if status is not None:
            server.shutdown()


def test_what_asks_airflow_for_its_health_has_the_secrets() -> None:
    """A health check has the container's environment, in which no secret stands."""
    asking = {name: str(SERVICES[name]["healthcheck"]["test"][-1]) for name in SERVICES if name not in ONCE}
    asking = {name: check for name, check in asking.items() if re.search(r"\b(airflow jobs|celery)\b", check)}
    assert set(asking) == {"dag-processor", "triggerer", "worker"}
    assert all(check.startswith("include/airflow/entrypoint.sh ") for check in asking.values())


def test_a_server_is_ready_when_others_reach_it() -> None:
    """While the image of PostgreSQL sets a server up, it answers on its socket alone, and has no evidence database yet."""
    for name in ("postgres", "stores"):
        check = SERVICES[name]["healthcheck"]["test"]
        assert check[1:4] == ["pg_isready", "--host", "localhost"]


def test_several_machines_are_the_parts_that_the_check_starts() -> None:
    assert in_profile("cluster") == set(topology.PARTS) | topology.BESIDE
    for name, part in topology.PARTS.items():
        service = SERVICES[name]
        assert service["command"] == ["airflow", *part.command]
        assert service["env_file"] == list(part.settings)
        assert service["deploy"].get("replicas", 1) == part.replicas


def test_the_check_differs_only_where_it_says_so() -> None:
    """What production sets for Airflow beside the shared files are addresses of its own network."""
    files = {name for part in topology.PARTS.values() for file in part.settings for name in env_file(ROOT / file)}
    assert set(topology.OTHERWISE) <= files, "a setting that the check changes is one that production has"
    beside = {name for service in topology.PARTS for name in SERVICES[service]["environment"]}
    assert beside == {
        "AIRFLOW__API__BASE_URL",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL",
        "DUMB_INIT_SETSID",
        "RETENTION_DECISIONS",
        "RETENTION_OUTPUT",
    }


def test_one_machine_needs_neither_redis_nor_workers() -> None:
    assert in_profile("small") == in_profile("cluster") - {"redis", "scheduler", "worker"} | {"scheduler-small"}
    assert env_file(ROOT / "include/airflow/small.env")["AIRFLOW__CORE__EXECUTOR"] == "LocalExecutor"
