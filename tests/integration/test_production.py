"""What docker-compose.yaml runs in its containers, run here as processes on a PostgreSQL that asks for passwords.

In the order of a first start: secrets, databases, Airflow's tables and our roles, the sample stores; then backups.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from sqlalchemy import URL, create_engine, text

from cluster.parts import ROOT, env_file, kill_family
from retention import clock
from tests import servers

SCRIPTS = ROOT / "include" / "airflow"
SEEDED = {"account": "accounts", "subscription": "subscribers", "transaction": "invoices", "usage": "page_events"}
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yaml").read_text(encoding="utf-8"))["services"]


@dataclass(frozen=True)
class Machine:
    """The server, the secrets, and a folder for everything else."""

    server: servers.Server
    secrets: Path
    folder: Path

    def url(self, database: str) -> URL:
        return self.server.url_of(database)

    @property
    def password(self) -> str:
        return (self.secrets / "postgres_password").read_text(encoding="utf-8")

    @property
    def client(self) -> dict[str, str]:
        """What the containers of PostgreSQL have in their environment."""
        return {
            "PATH": os.pathsep.join([str(Path(servers.binary("pg_dump")).parent), os.environ["PATH"]]),
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.server.port),
            "PGUSER": "retention",
            "PGPASSFILE_SECRET": str(self.secrets / "postgres_password"),
        }

    @property
    def airflow(self) -> dict[str, str]:
        """What the containers of Airflow have in theirs: the image's, the compose file's, and no secret."""
        return {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join([str(ROOT / "plugins"), str(ROOT)]),
            "HOME": str(self.folder),
            "AIRFLOW_HOME": str(self.folder / "airflow"),
            "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
            "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
            **{name: value for file in COMPOSE["scheduler-small"]["env_file"] for name, value in env_file(ROOT / file).items()},
            "RETENTION_HOME": str(self.folder / "var"),
            "RETENTION_OUTPUT": str(self.folder / "output"),
            "RETENTION_DECISIONS": "example",
            "SECRETS": str(self.secrets),
        }

    def run(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        """In a container of Airflow: everything goes through the entrypoint."""
        return run([str(SCRIPTS / "entrypoint.sh"), *command], {**self.airflow, **more})

    def backup(self, *command: str, **more: str) -> subprocess.CompletedProcess[str]:
        return run([str(SCRIPTS / "backup.sh"), *command], {**self.client, "BACKUPS": str(self.folder / "backups"), **more})

    def shown_by(self, done: subprocess.CompletedProcess[str]) -> list[str]:
        """Names of the secrets that stand in what a process printed; of addresses and users also the password alone."""
        found = {path.name: path.read_text(encoding="utf-8") for path in self.secrets.iterdir()}
        found["the first login"] = json.loads(found["users.json"])[0]["password"]
        return [name for name, secret in found.items() if secret in done.stdout + done.stderr]


def run(command: list[str], environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=dict(environment), cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Before the first start: secrets, and a server as the image makes it, with a user whose password is one of them."""
    folder = tmp_path_factory.mktemp("production")
    (folder / "backups").mkdir()
    secrets = folder / "secrets"
    secrets.mkdir()
    one_password = "of both servers, which are one here"
    for name in ("postgres_password", "stores_password"):
        (secrets / name).write_text(one_password.replace(" ", "-"), encoding="utf-8")
        (secrets / name).chmod(0o600)
    made = run([str(SCRIPTS / "secrets.sh"), "--sample"], {"SECRETS": str(secrets), "PATH": os.environ["PATH"]})
    assert made.returncode == 0, made.stderr
    with servers.private_postgresql() as server:
        for path in secrets.iterdir():
            address = re.sub(r"@(postgres|stores)/", f"@127.0.0.1:{server.port}/", path.read_text(encoding="utf-8"))
            path.write_text(address, encoding="utf-8")
        machine = Machine(server, secrets, folder)
        servers.run(server.url, f"CREATE ROLE retention SUPERUSER LOGIN PASSWORD '{machine.password}'")
        servers.run(server.url, "CREATE DATABASE airflow OWNER retention")
        access = server.folder / "data" / "pg_hba.conf"
        access.write_text("host all retention all scram-sha-256\nhost all postgres 127.0.0.1/32 trust\n", encoding="utf-8")
        servers.run(server.url, "SELECT pg_reload_conf()")
        done = run(
            [str(SCRIPTS / "postgres.sh")], {**machine.client, "POSTGRES_USER": "retention", "PGPASSWORD": machine.password}
        )
        assert done.returncode == 0, done.stderr
        yield machine


@pytest.fixture(scope="module")
def first(machine: Machine) -> subprocess.CompletedProcess[str]:
    """The service init, the first time."""
    done = machine.run(*COMPOSE["init"]["command"])
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-3000:]
    return done


@pytest.fixture(scope="module")
def seeded(machine: Machine, first: object) -> Machine:
    """And the service seed, with few rows."""
    done = machine.run(*COMPOSE["seed"]["command"], "300")
    assert done.returncode == 0, done.stderr[-3000:]
    assert "Four stores with invented data" in done.stdout
    return machine


def counts(url: URL) -> dict[str, int]:
    """Rows of every table."""
    engine = create_engine(url)
    ours = "schemaname NOT IN ('pg_catalog', 'information_schema')"
    listing = f"SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE {ours}"
    with engine.connect() as connection:
        tables = connection.execute(text(listing)).scalars().all()
        found = {table: int(connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()) for table in tables}
    engine.dispose()
    return found


def asked(url: URL, query: str) -> list[tuple[object, ...]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.execute(text(query))]
    engine.dispose()
    return found


# init


def test_the_first_start_makes_tables_roles_and_users(machine: Machine, first: subprocess.CompletedProcess[str]) -> None:
    airflow = machine.url("airflow")
    users = "SELECT u.username, r.name FROM ab_user u JOIN ab_user_role ON user_id = u.id JOIN ab_role r ON r.id = role_id"
    assert asked(airflow, users) == [("admin", "Admin")]
    roles = {name for (name,) in asked(airflow, "SELECT name FROM ab_role")}
    assert {"Admin", "Auditor", "Compliance", "Data engineer"} <= roles
    assert {"dag_run", "hitl_detail", "deadline"} <= {table.removeprefix("public.") for table in counts(airflow)}
    assert "public.ledger" in counts(machine.url("evidence"))


def test_the_first_start_shows_no_secret(machine: Machine, first: subprocess.CompletedProcess[str]) -> None:
    assert machine.shown_by(first) == []


def test_the_second_start_makes_nothing_more(machine: Machine, first: object) -> None:
    before = {name: counts(machine.url(name)) for name in ("airflow", "evidence")}
    again = machine.run(*COMPOSE["init"]["command"])
    assert again.returncode == 0, again.stderr[-3000:]
    assert "Roles and users are as they should be." in again.stdout and "nothing to do" in again.stdout
    after = {name: counts(machine.url(name)) for name in before}
    for found in (before, after):
        del found["airflow"]["public.log"]  # in which Airflow notes every command
    assert after == before
    assert machine.shown_by(again) == []


def test_a_secret_that_cannot_be_read_stops_what_needs_it(tmp_path: Path, machine: Machine) -> None:
    (tmp_path / "AIRFLOW__CORE__FERNET_KEY").symlink_to(tmp_path / "nowhere")
    done = machine.run("echo", "went on without it", SECRETS=str(tmp_path))
    assert done.returncode != 0 and "went on" not in done.stdout


@pytest.mark.parametrize("name", ["postgres", "stores"])
def test_the_databases_are_asked_whether_they_take_connections(machine: Machine, name: str) -> None:
    check = COMPOSE[name]["healthcheck"]["test"][1:]
    assert run(check, machine.client).returncode == 0
    assert run(check, {**machine.client, "PGPORT": str(servers.free_port())}).returncode != 0


# seed


def test_four_stores_are_seeded_and_nothing_is_missing_before_a_night(seeded: Machine) -> None:
    assert all(counts(seeded.url(store))[f"public.{table}"] >= 100 for store, table in SEEDED.items())
    done = seeded.run("retention", "preflight", "--json")
    found = json.loads(done.stdout)["findings"]
    assert done.returncode == 0 and [each for each in found if each["level"] == "refuse"] == []


def test_stores_that_hold_something_stay_as_they_are(seeded: Machine) -> None:
    before = {store: counts(seeded.url(store)) for store in SEEDED}
    again = seeded.run(*COMPOSE["seed"]["command"], "300")
    assert again.returncode == 0 and "they stay as they are" in again.stdout
    assert {store: counts(seeded.url(store)) for store in SEEDED} == before


def test_one_store_that_holds_a_row_keeps_all_four_from_being_seeded(machine: Machine, tmp_path: Path) -> None:
    servers.run(machine.url("postgres"), "CREATE DATABASE theirs")
    servers.run(machine.url("theirs"), "CREATE TABLE customers (id INTEGER)", "INSERT INTO customers VALUES (1)")
    names = {"account": "empty_1", "subscription": "empty_2", "transaction": "theirs", "usage": 'odd"name'}
    for store, database in names.items():
        url = machine.url(database).set(username="retention", password=machine.password)
        (tmp_path / f"RETENTION_STORE_{store.upper()}").write_text(url.render_as_string(hide_password=False), encoding="utf-8")
    done = machine.run(*COMPOSE["seed"]["command"], "300", SECRETS=str(tmp_path))
    assert done.returncode == 0 and "they stay as they are" in done.stdout
    assert {database: counts(machine.url(database)) for database in names.values()} == {
        "empty_1": {},
        "empty_2": {},
        "theirs": {"public.customers": 1},
        'odd"name': {},
    }


# backup


def content(url: URL) -> dict[str, str]:
    """A digest of every table, whatever the order of its rows."""
    digest = "SELECT md5(coalesce(string_agg(row::text, '|' ORDER BY row::text), '')) FROM {} row"
    return {table: str(asked(url, digest.format(table))[0][0]) for table in counts(url)}


def hold(machine: Machine) -> None:
    placed = machine.run(
        *("retention", "hold", "place", "--kind", "legal_claim", "--category", "usage", "--reason", "claim announced"),
        *("--reference", "2026-114", "--approver", "Legal", "--review-by", str(clock.today() + dt.timedelta(days=90))),
    )
    assert placed.returncode == 0, placed.stderr


def night(machine: Machine) -> None:
    done = machine.run("retention", "run", "--store", "account")
    assert done.returncode == 0, done.stdout + done.stderr
    assert counts(machine.url("evidence"))["public.receipt"] > 0


@pytest.fixture
def backups(machine: Machine) -> Iterator[Path]:
    folder = machine.folder / "backups"
    yield folder
    for path in folder.iterdir():
        path.unlink()


@pytest.mark.parametrize("lived", [hold, night])
def test_a_backup_restored_into_an_empty_database_is_the_evidence(
    seeded: Machine, backups: Path, lived: Callable[[Machine], None]
) -> None:
    lived(seeded)
    done = seeded.backup("once")
    assert done.returncode == 0, done.stderr
    (dump,) = backups.iterdir()
    assert done.stdout == f"{dump}\n" and dump.stat().st_mode & 0o777 == 0o600
    evidence, before = seeded.url("evidence"), content(seeded.url("evidence"))
    entries = counts(evidence)["public.ledger"]
    assert entries > 0

    servers.run(seeded.server.url, "DROP DATABASE evidence WITH (FORCE)", "CREATE DATABASE evidence OWNER retention")
    restored = seeded.backup("restore", str(dump))
    assert restored.returncode == 0, restored.stderr
    assert content(evidence) == before
    verified = seeded.run("retention", "verify")
    assert verified.returncode == 0, verified.stdout
    assert f"ledger holds: {entries} entr" in verified.stdout

    again = seeded.backup("restore", str(dump))
    assert again.returncode != 0 and content(evidence) == before, "not over one that holds something"


def test_old_backups_go_and_nothing_else(machine: Machine, first: object, backups: Path) -> None:
    ages = {
        "evidence-old.dump": 35.1,
        "evidence-young.dump": 34.9,
        "evidence-broken.dump.part": 1.1,
        "evidence-under-way.dump.part": 0.9,
        "somebody-s.txt": 400.0,
        "another.dump": 400.0,
    }
    for name, days in ages.items():
        (backups / name).touch()
        os.utime(backups / name, (time.time() - days * 86_400,) * 2)
    done = machine.backup("once")
    assert done.returncode == 0, done.stderr
    new = Path(done.stdout.strip()).name
    assert {path.name for path in backups.iterdir()} == {new, *ages} - {"evidence-old.dump", "evidence-broken.dump.part"}
    (backups / "evidence-young.dump").touch()
    os.utime(backups / "evidence-young.dump", (time.time() - 2.1 * 86_400,) * 2)
    assert machine.backup("once", BACKUP_DAYS="2").returncode == 0
    assert not (backups / "evidence-young.dump").exists()


def test_a_dump_that_fails_leaves_nothing_that_looks_whole(
    machine: Machine, first: object, backups: Path, tmp_path: Path
) -> None:
    (tmp_path / "wrong").write_text("not the password", encoding="utf-8")
    refused = machine.backup("once", PGPASSFILE_SECRET=str(tmp_path / "wrong"))
    assert refused.returncode != 0 and list(backups.iterdir()) == []
    assert "not the password" not in refused.stdout + refused.stderr
    full = ["bash", "-c", f"ulimit -f 8; exec {SCRIPTS / 'backup.sh'} once"]  # as a disk that has room for 8 kB
    done = run(full, {**machine.client, "BACKUPS": str(backups)})
    assert done.returncode != 0 and list(backups.iterdir()) == []


def test_the_service_goes_on_after_a_dump_that_failed_and_says_so(
    machine: Machine, first: object, backups: Path, tmp_path: Path
) -> None:
    """As the compose file has it: the container is unhealthy until a dump is there."""
    check = COMPOSE["backup"]["healthcheck"]["test"][1].replace("/backups", str(backups)).replace("$$", "$")
    hours = {**machine.client, "BACKUP_HOURS": "24"}
    (tmp_path / "wrong").write_text("not the password", encoding="utf-8")
    environment = {**hours, "BACKUPS": str(backups), "PGPASSFILE_SECRET": str(tmp_path / "wrong")}
    said = tmp_path / "said"
    with said.open("w") as out:
        service = subprocess.Popen([str(SCRIPTS / "backup.sh")], env=environment, stderr=out, start_new_session=True)
    try:
        end = time.monotonic() + 30
        while "the dump failed; the next try is in 24 h" not in said.read_text(encoding="utf-8"):
            assert time.monotonic() < end and service.poll() is None, said.read_text(encoding="utf-8")
            time.sleep(0.05)
        assert list(backups.iterdir()) == []
        assert run(["sh", "-c", check], hours).returncode != 0
        service.send_signal(signal.SIGTERM)
        assert service.wait(10) == 0, "docker stop need not kill it"
    finally:
        kill_family(service.pid)
    assert machine.backup("once").returncode == 0
    assert run(["sh", "-c", check], hours).returncode == 0
    (dump,) = backups.iterdir()
    os.utime(dump, (time.time() - 49 * 3600,) * 2)
    assert run(["sh", "-c", check], hours).returncode != 0, "the last one is older than two periods"


def test_what_it_does_not_know_it_does_not_do(machine: Machine, backups: Path) -> None:
    assert machine.backup("onec").returncode == 2
    assert machine.backup("restore").returncode != 0
    assert list(backups.iterdir()) == []
