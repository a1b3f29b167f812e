"""Real PostgreSQL and MariaDB servers for the tests.

Where RETENTION_TEST_POSTGRESQL or RETENTION_TEST_MARIADB gives the URL of a database whose user may create databases, that
server is used. Else a server of this run's own is started from the binaries of this machine when the first test asks for it;
every worker of the run shares it, and it ends with the run. Where there are no binaries the test is skipped, or fails where
CI is set.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pymysql
import pytest
from sqlalchemy import URL, create_engine, make_url

KINDS = ("postgresql", "mariadb")
_FOLDER = "RETENTION_TEST_SERVERS"  # this run's folder, for its workers
_ADDRESS = {"postgresql": "RETENTION_TEST_POSTGRESQL", "mariadb": "RETENTION_TEST_MARIADB"}
_DRIVER = {"postgresql": "postgresql+psycopg", "mariadb": "mariadb+pymysql"}
_HOME = {"postgresql": "postgres", "mariadb": "mysql"}  # the database a server is made with
_USER = {"postgresql": "postgres", "mariadb": "root"}
_BINARIES = {"postgresql": ("initdb", "postgres"), "mariadb": ("mariadb-install-db", "mariadbd")}
_PREFIX = "retention_test_"
_START_SECONDS = 60.0
_FAST = Path("/dev/shm")  # nothing here outlives a power cut


# Nothing is flushed to a disk; all of it is with the operating system, so that a killed server comes back with every commit.
_POSTGRESQL = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "dynamic_shared_memory_type": "mmap",  # a killed server leaves nothing outside its folder
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10s",
    "max_connections": "120",
    "max_wal_size": "256MB",
}
_MARIADB = {
    "bind_address": "127.0.0.1",
    "innodb_flush_log_at_trx_commit": "2",
    "innodb_doublewrite": "0",
    "innodb_flush_method": "nosync",
    "innodb_log_file_size": "32M",
    "innodb_buffer_pool_size": "128M",
    "skip_log_bin": "",
    "skip_name_resolve": "",
    "max_connections": "120",
}


@dataclass
class Server:
    """A server that a test may stop, kill and start again. `url` names its home database."""

    kind: str
    folder: Path
    port: int
    settings: dict[str, str]
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> URL:
        return self.url_of(_HOME[self.kind])

    def url_of(self, database: str) -> URL:
        return URL.create(_DRIVER[self.kind], _USER[self.kind], host="127.0.0.1", port=self.port, database=database)

    def start(self) -> None:
        """Returns when the server takes connections."""
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen(
                self._command(),
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                cwd="/",
                **_as_other(),
            )
        self._running.write_text(f"{self.process.pid}\n", encoding="utf-8")
        self.wait()

    def wait(self) -> None:
        """Until it takes connections: it recovers by itself where one of its processes was killed."""
        assert self.process is not None
        end = time.monotonic() + _START_SECONDS
        while not _answers(self.url):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.kind} did not start:\n{(self.folder / 'log').read_text(errors='replace')[-2000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """In good order, every session broken off."""
        self._end(signal.SIGINT if self.kind == "postgresql" else signal.SIGTERM)

    def kill(self) -> None:
        """As when the machine is switched off: the server and all its processes at once."""
        assert self.process is not None
        if self.process.poll() is None:
            _kill_family(self.process.pid)
            self.process.wait()
        self._running.unlink(missing_ok=True)

    def kill_backend(self, backend: int, *, hard: bool = False) -> None:
        """Ends one session by the number its connection gives it; `hard` (PostgreSQL) kills its process, and so all others."""
        if hard:
            assert self.kind == "postgresql", "MariaDB serves sessions by threads"
            os.kill(backend, signal.SIGKILL)
        else:
            statement = "SELECT pg_terminate_backend({})" if self.kind == "postgresql" else "KILL CONNECTION {}"
            run(self.url, statement.format(int(backend)))

    def _end(self, sign: signal.Signals) -> None:
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(sign)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(_START_SECONDS)
        self.kill()

    @property
    def _running(self) -> Path:
        """Holds the number of the process while there is one: whoever cleans up must not end another's."""
        return self.folder / "running"

    def _command(self) -> list[str]:
        data = self.folder / "data"
        if self.kind == "postgresql":
            options = [part for name, value in self.settings.items() for part in ("-c", f"{name}={value}")]
            return [binary("postgres"), "-D", str(data), "-p", str(self.port), *options]
        options = [f"--{name.replace('_', '-')}" + (f"={value}" if value else "") for name, value in self.settings.items()]
        own = [f"--datadir={data}", f"--port={self.port}", f"--socket={self.folder}/socket", f"--pid-file={self.folder}/pid"]
        return [binary("mariadbd"), "--no-defaults", *own, *options]


# what tests use


def server_url(kind: str) -> URL:
    """The server that this run's tests share: the URL of a database whose user may create others. Skips where there is none."""
    given = os.environ.get(_ADDRESS[kind])
    if given:
        return make_url(given)
    _need(kind)
    address = run_folder() / f"{kind}.url"
    with alone(kind):
        if not address.exists():
            server = _made(kind, run_folder() / kind, {})
            address.write_text(server.url.render_as_string(hide_password=False), encoding="utf-8")
    return make_url(address.read_text(encoding="utf-8"))


@contextlib.contextmanager
def database(kind: str, *, template: str | None = None) -> Iterator[URL]:
    """An empty database of one's own, or (PostgreSQL) a copy of another that nobody is connected to; dropped at the end."""
    url = create_database(kind, template=template)
    try:
        yield url
    finally:
        drop_database(url)


@contextlib.contextmanager
def evidence(kind: str, folder: Path, *, installed: bool = True) -> Iterator[str]:
    """The address of an evidence database of one's own: a file in the folder, which its first night makes, or on a server."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'evidence.db'}"
        return
    from retention.installation import install_evidence

    with database(kind) as url:
        address = url.render_as_string(hide_password=False)
        if installed:
            install_evidence(address)
        yield address


def create_database(kind: str, *, template: str | None = None, beside: URL | None = None) -> URL:
    """Makes a database of a random name, on the shared server or on that of another database."""
    home = server_url(kind) if beside is None else _home(beside)
    url = home.set(database=f"{_PREFIX}{secrets.token_hex(6)}")
    # A copy by files is the quicker where nothing is flushed.
    copied = f" TEMPLATE {template} STRATEGY file_copy" if template else ""
    run(home, f"CREATE DATABASE {url.database}{copied}")
    return url


def _home(url: URL) -> URL:
    """A database on the same server that is always there."""
    shared = server_url(kind_of(url))
    return shared if (shared.host, shared.port) == (url.host, url.port) else url.set(database=_HOME[kind_of(url)])


def drop_database(url: URL) -> None:
    """Removes a database that was made here, whoever is still connected to it."""
    assert made_here(url), "a database of somebody else's"
    kind = kind_of(url)
    run(_home(url), f"DROP DATABASE IF EXISTS {url.database}" + (" WITH (FORCE)" if kind == "postgresql" else ""))
    if kind == "mariadb":  # what lies apart is a database of its own there
        run(_home(url), f"DROP DATABASE IF EXISTS {url.database}_archive")


def made_here(url: URL) -> bool:
    """Whether a database was made by `create_database`: no other is ever removed."""
    return re.fullmatch(f"{_PREFIX}[0-9a-f]{{12}}", url.database or "") is not None


def disconnect(url: URL) -> None:
    """Ends every session on a PostgreSQL database: only one that nobody is connected to can be copied."""
    ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{}'"
    run(_home(url), ended.format(url.database))


def private_postgresql(**settings: object) -> contextlib.AbstractContextManager[Server]:
    """A PostgreSQL of one's own to stop, kill and start again, with settings of postgresql.conf."""
    return _private("postgresql", settings)


@contextlib.contextmanager
def postgresql_standby(primary: Server) -> Iterator[Server]:
    """A hot standby of a private PostgreSQL, replaying what it streams."""
    folder = Path(tempfile.mkdtemp(prefix="standby-", dir=run_folder()))
    if other := _other_user():
        os.chown(folder, other.pw_uid, other.pw_gid)
    source = ["-h", "127.0.0.1", "-p", str(primary.port), "-U", _USER["postgresql"]]
    subprocess.run(
        [binary("pg_basebackup"), *source, "-D", str(folder / "data"), "-R", "-c", "fast", "--no-sync"],
        check=True,
        capture_output=True,
        cwd="/",
        **_as_other(),
    )
    standby = Server("postgresql", folder, free_port(), _POSTGRESQL)
    try:
        standby.start()
        yield standby
    finally:
        standby.kill()
        _wait_until_unseen(primary)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_unseen(primary: Server) -> None:
    """A primary goes on counting a replica that is gone until it next writes to it."""
    if primary.process is None or primary.process.poll() is not None:
        return
    engine = create_engine(primary.url, isolation_level="AUTOCOMMIT")
    end = time.monotonic() + _START_SECONDS
    with engine.connect() as connection:
        while connection.exec_driver_sql("SELECT count(*) FROM pg_stat_replication").scalar_one() and time.monotonic() < end:
            time.sleep(0.02)
    engine.dispose()


def private_mariadb(**settings: object) -> contextlib.AbstractContextManager[Server]:
    """A MariaDB of one's own to stop, kill and start again, with options of mariadbd."""
    return _private("mariadb", settings)


def run(url: URL, *statements: str) -> None:
    """Statements in autocommit, by another hand than the product's."""
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def kind_of(url: URL) -> str:
    return "postgresql" if url.get_backend_name() == "postgresql" else "mariadb"


# the run


def begin_run() -> None:
    """Called once, by the process that starts the workers."""
    os.environ[_FOLDER] = tempfile.mkdtemp(prefix="retention-servers-", dir=_FAST if _FAST.is_dir() else None)
    folder = run_folder()
    folder.chmod(0o711)  # servers of another user look for their own folder in it
    # A run that is killed cleans nothing up; this does.
    # Each was started in a session of its own, in which all that it started still is, even when it is gone itself.
    family = f"for one in $(cat {folder}/*/running); do echo $one; ps -o pid= -s $one; done"
    ending = f"({family}) | xargs kill -9; sleep 1; rm -rf {folder}"
    watch = f"while kill -0 {os.getpid()}; do sleep 1; done; {ending}"
    subprocess.Popen(["sh", "-c", watch], start_new_session=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def end_run() -> None:
    """Stops what was started for this run, and removes it."""
    for file in run_folder().glob("*/running"):
        _kill_family(int(file.read_text(encoding="utf-8")))
    shutil.rmtree(run_folder(), ignore_errors=True)


def run_folder() -> Path:
    return Path(os.environ[_FOLDER])


@contextlib.contextmanager
def alone(kind: str) -> Iterator[None]:
    with (run_folder() / f"{kind}.lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# servers of our own


@contextlib.contextmanager
def _private(kind: str, settings: dict[str, object]) -> Iterator[Server]:
    _need(kind)
    folder = Path(tempfile.mkdtemp(prefix=f"{kind}-", dir=run_folder()))
    server = _made(kind, folder, {name: str(value) for name, value in settings.items()})
    try:
        yield server
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


def _made(kind: str, folder: Path, settings: dict[str, str]) -> Server:
    """A new server, started."""
    folder.mkdir(exist_ok=True)
    folder.chmod(0o711)
    shutil.copytree(_pristine(kind), folder / "data")
    (folder / "log").touch()
    (folder / "data").chmod(0o700)
    if other := _other_user():
        for path in (folder, *folder.rglob("*")):
            os.chown(path, other.pw_uid, other.pw_gid)
    server = Server(kind, folder, 0, (_POSTGRESQL if kind == "postgresql" else _MARIADB) | settings)
    for attempt in range(3):  # somebody may take the port between our looking and the server's
        server.port = free_port()
        try:
            server.start()
        except RuntimeError:
            if attempt == 2:
                raise
        else:
            return server
    raise AssertionError


def _pristine(kind: str) -> Path:
    """The data folder of a server that never ran, made once a run."""
    made = run_folder() / f"{kind}.pristine"
    with alone(made.name):
        if not made.exists():
            draft = Path(tempfile.mkdtemp(dir=run_folder()))
            if other := _other_user():
                os.chown(draft, other.pw_uid, other.pw_gid)
            done = subprocess.run(_initialise(kind, draft), capture_output=True, text=True, cwd="/", check=False, **_as_other())
            if done.returncode:
                raise RuntimeError(f"{kind} could not be set up:\n{done.stdout[-1000:]}{done.stderr[-1000:]}")
            draft.rename(made)
    return made


def _initialise(kind: str, data: Path) -> list[str]:
    if kind == "postgresql":  # an order of words that is not the order of bytes, as in most databases
        collation = ["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
        return [binary("initdb"), "-D", str(data), "-U", _USER[kind], "-E", "UTF8", *collation, "-A", "trust", "--no-sync"]
    options = [f"--{name.replace('_', '-')}={_MARIADB[name]}" for name in ("innodb_log_file_size", "innodb_flush_method")]
    return [
        binary("mariadb-install-db"),
        "--no-defaults",
        f"--datadir={data}",
        "--auth-root-authentication-method=normal",
        "--skip-test-db",
        *options,
    ]


def _other_user() -> pwd.struct_passwd | None:
    """PostgreSQL does not run as root."""
    if os.geteuid() != 0:
        return None
    known = {user.pw_name: user for user in pwd.getpwall()}
    return next(known[name] for name in ("postgres", "nobody") if name in known)


def _as_other() -> dict[str, Any]:
    other = _other_user()
    return {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []} if other else {}


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _answers(url: URL) -> bool:
    try:
        if kind_of(url) == "postgresql":
            psycopg.connect(url.set(drivername="postgresql").render_as_string(), connect_timeout=2).close()
        else:
            pymysql.connect(host=url.host, port=int(url.port or 0), user=url.username, connect_timeout=2).close()
    except (psycopg.OperationalError, pymysql.OperationalError):
        return False
    return True


def _kill_family(pid: int) -> None:
    """Sessions of PostgreSQL are processes of their own, and go on for a moment when their parent is gone."""
    with contextlib.suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        parent.suspend()  # no new session from here on
        family = [parent, *parent.children(recursive=True)]
        for process in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        while any(map(_alive, family)):
            time.sleep(0.005)


def _alive(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _need(kind: str) -> None:
    """Skips the test where this machine has no such server; where CI is set that is a failure, for nobody would notice."""
    missing = [name for name in _BINARIES[kind] if not _found(name)]
    if not missing:
        return
    reason = f"no {kind} server: set {_ADDRESS[kind]} to a database's URL, or install what gives {', '.join(missing)}"
    if os.environ.get("CI"):
        pytest.fail(reason)
    pytest.skip(reason)


def binary(name: str) -> str:
    found = _found(name)
    assert found is not None
    return found


@functools.cache
def _found(name: str) -> str | None:
    """Debian keeps the binaries of PostgreSQL, and those of MariaDB's server, off the path of ordinary users."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    places = [*map(str, folders), os.environ.get("PATH", ""), "/usr/local/sbin", "/usr/sbin", "/sbin"]
    return shutil.which(name, path=os.pathsep.join(places))
