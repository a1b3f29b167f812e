"""Whether a store should be left alone for a while: asked between batches, never in the middle of one."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from retention.declare.stores import Pace
from retention.errors import StoreError, Transient
from retention.stores.dialects.pressure import Pressure, Sender, look, replica_lag
from retention.stores.session import StoreSession

log = logging.getLogger(__name__)

_NAP = 0.1  # seconds between two questions whether to stop


@dataclass(frozen=True)
class Pause:
    """How long batches waited, in seconds, and for what. Nothing but counts and names of what was declared."""

    seconds: float
    reasons: tuple[str, ...]


def never() -> bool:
    """Nobody asks to stop."""
    return False


def replica_urls(pace: Pace, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The declared replica connections, from `RETENTION_REPLICA_<NAME>`. Raises StoreError where one is not set."""
    found = {}
    for name in pace.replica_connections:
        variable = f"RETENTION_REPLICA_{name.upper()}"
        if not environment.get(variable):
            raise StoreError(
                f"the address of the replica {name} is not known",
                mend=f"set {variable}, or take {name} out of replica_connections under `pace` in store.yaml",
            )
        found[name] = environment[variable]
    return found


class Throttle:
    """Looks at one store, at most every `pause_seconds`. The threads of one process share one; close it at the end.

    `replicas` are URLs by declared name: a MariaDB primary cannot tell how far its replicas are. Raises StoreError where
    replicas are declared that nobody could be asked about.
    """

    def __init__(self, session: StoreSession, pace: Pace, replicas: Mapping[str, str] | None = None) -> None:
        self._session, self._pace = session, pace
        self._expected = max(pace.replicas, len(pace.replica_connections))
        self._replicas: list[StoreSession] = []
        if session.dialect in ("mariadb", "mysql") and self._expected:
            urls = replica_urls(pace) if replicas is None else replicas
            if len(urls) < self._expected:
                raise StoreError(
                    f"store {session.name} declares {self._expected} replicas and names {len(urls)} connections to them",
                    mend="name each under `replica_connections` of `pace` in store.yaml: the primary cannot tell their lag",
                )
            self._replicas = [StoreSession(f"replica {name}", url) for name, url in urls.items()]
        self._lock = threading.Lock()
        self._looked_at: float | None = None
        self._found: dict[str, str] = {}
        self._paused = 0.0
        self._told: set[str] = set()
        self._log: deque[tuple[float, int]] = deque()  # when we looked, how many bytes of the server's log there were

    def wait_until_clear(self, should_stop: Callable[[], bool] = never) -> Pause:
        """Returns once nothing speaks against the next batch, or `should_stop` says so.

        Raises StoreError when batches have been paused for `patience_seconds` in all.
        """
        began, seen = time.monotonic(), dict[str, str]()
        while found := self._current():
            seen |= found
            if should_stop():
                break
            self._be_patient(found)
            self._sleep(should_stop)
        return Pause(time.monotonic() - began if seen else 0.0, tuple(seen.values()))

    def close(self) -> None:
        """Ends the connections to replicas; the store's session is its owner's."""
        for replica in self._replicas:
            replica.close()

    def _current(self) -> dict[str, str]:
        """What speaks against a batch, by kind: as found a moment ago, or now."""
        with self._lock:
            now = time.monotonic()
            if self._looked_at is None or now - self._looked_at >= self._pace.pause_seconds:
                if self._looked_at is not None and self._found:
                    self._paused += now - self._looked_at  # however many threads are waiting
                self._found = self._reasons()
                self._looked_at = now
            return self._found

    def _be_patient(self, found: Mapping[str, str]) -> None:
        if self._paused >= self._pace.patience_seconds:
            raise StoreError(
                f"store {self._session.name} was paused for {self._paused:.0f} s in all: {'; '.join(found.values())}",
                mend="relieve the store, or adjust `pace` in store.yaml; what is left is the next night's",
            )

    def _sleep(self, should_stop: Callable[[], bool]) -> None:
        end = time.monotonic() + self._pace.pause_seconds
        while (left := end - time.monotonic()) > 0 and not should_stop():
            time.sleep(min(left, _NAP))

    def _reasons(self) -> dict[str, str]:
        found: dict[str, str] = {}
        if self._pace.load is not None:
            load = os.getloadavg()[0] / (os.cpu_count() or 1)
            if load > self._pace.load:
                found["load"] = f"the worker's load is {load:.1f} per core (limit {self._pace.load:g})"
        if self._session.dialect == "sqlite":
            return found
        try:
            with self._session.reading("looking at its load") as connection:
                pressure = look(connection, senders=bool(self._expected))
        except Transient as busy:  # a store that takes no connection, or loses one, is under pressure
            return {**found, "store": busy.message}
        found |= self._crowding(pressure)
        return found | (self._lagging_replicas() if self._replicas else self._lagging_senders(pressure))

    def _crowding(self, pressure: Pressure) -> dict[str, str]:
        found: dict[str, str] = {}
        if pressure.waiters is None:
            self._tell("which sessions wait for our locks", "PROCESS")
        elif pressure.waiters >= self._pace.lock_waiters:
            found["waiters"] = f"{pressure.waiters} sessions wait for locks of ours (limit {self._pace.lock_waiters})"
        if pressure.active is None:
            self._tell("how many sessions are active", "pg_read_all_stats")
        elif pressure.active > self._pace.active_sessions:
            found["active"] = f"{pressure.active} sessions are active (limit {self._pace.active_sessions})"
        return found

    def _lagging_senders(self, pressure: Pressure) -> dict[str, str]:
        """PostgreSQL: replicas as their primary sees them."""
        if not self._expected:
            return {}
        if pressure.senders is None or pressure.written is None:
            self._tell("how far its replicas are", "pg_read_all_stats")
            return {"replicas": "its user may not see how far its replicas are (grant pg_read_all_stats)"}
        due = self._written_before(pressure.written)
        judged = [self._in_step(sender, pressure.written, due) for sender in pressure.senders]
        return self._judged(judged)

    def _written_before(self, written: int) -> int:
        """Bytes of the log that were there `replica_lag_seconds` ago, as far as we looked; 0 before that."""
        now = time.monotonic()
        self._log.append((now, written))
        while len(self._log) > 1 and now - self._log[1][0] >= self._pace.replica_lag_seconds:
            self._log.popleft()
        at, bytes_then = self._log[0]
        return bytes_then if now - at >= self._pace.replica_lag_seconds else 0

    def _in_step(self, sender: Sender, written: int, due: int) -> bool | None:
        """Whether a receiver is near enough; None where nobody knows.

        A replica that is idle and has everything shows no lag at all. One whose replay stands still goes on showing its last
        lag, so its position is held against what was written before.
        """
        if sender.replayed is not None and sender.replayed >= written:
            return True
        if sender.replayed is not None and sender.replayed < due:
            return False
        return None if sender.lag is None or sender.replayed is None else sender.lag <= self._pace.replica_lag_seconds

    def _lagging_replicas(self) -> dict[str, str]:
        """MariaDB: each replica is asked itself."""
        judged: list[bool | None] = []
        for replica in self._replicas:
            try:
                with replica.reading("asking how far it is") as connection:
                    lag = replica_lag(connection)
            except StoreError as silent:
                self._say(f"The {replica.name} of store {self._session.name} cannot be asked: {silent}")
                lag = None
            judged.append(None if lag is None else lag <= self._pace.replica_lag_seconds)
        return self._judged(judged)

    def _judged(self, judged: list[bool | None]) -> dict[str, str]:
        """An unknown lag is no reason against a batch where enough others are in step: an archive of the log has none."""
        late, in_step = judged.count(False), judged.count(True)
        if not late and in_step >= self._expected:
            return {}
        return {
            "replicas": f"{in_step} of {self._expected} replicas are in step ({late} more than "
            f"{self._pace.replica_lag_seconds:g} s late, {judged.count(None)} with an unknown lag)"
        }

    def _tell(self, what: str, right: str) -> None:
        self._say(f"The user of store {self._session.name} may not see {what}: grant {right}")

    def _say(self, line: str) -> None:
        """Once a night, not at every look."""
        if line not in self._told:
            self._told.add(line)
            log.warning("%s", line)
