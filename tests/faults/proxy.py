"""A wire between a night and its server that breaks around COMMIT."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from sqlalchemy import make_url

Breaking = Literal["asked", "answered"]  # COMMIT never reaches the server; or its answer never comes back


@dataclass
class Wire:
    """Listens on a port of its own. The COMMIT of every connection's fourth batch (`lasting`) breaks it, `at_most` in all.

    Counted for each connection: a batch that is tried again must not meet the same fault by the rhythm of another worker.
    """

    host: str
    port: int
    breaking: Breaking
    lasting: int = 4
    at_most: int = 8
    broken: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))

    def url(self, url: str) -> str:
        port = int(self._listener.getsockname()[1])
        return make_url(url).set(host="127.0.0.1", port=port).render_as_string(hide_password=False)

    def listen(self) -> None:
        with contextlib.suppress(OSError):  # closed at the end
            while True:
                client, _ = self._listener.accept()
                threading.Thread(target=self._carry, args=(client,), daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _carry(self, client: socket.socket) -> None:
        server = socket.create_connection((self.host, self.port))
        silent, answered = threading.Event(), threading.Event()
        threading.Thread(target=_answers, args=(server, client, silent, answered), daemon=True).start()
        batch, batches = False, 0
        with client, server, contextlib.suppress(OSError):
            while asked := client.recv(1 << 16):
                batch = batch or (b"retention_receipt" in asked and b"INSERT" in asked)
                if batch and b"COMMIT" in asked:
                    batch, batches = False, batches + 1
                    if batches == self.lasting and self._its_turn():
                        if self.breaking == "answered":
                            silent.set()
                            server.sendall(asked)
                            answered.wait(10)
                        break
                server.sendall(asked)
            for end in (server, client):  # while another thread reads it, closing alone tells nobody
                end.shutdown(socket.SHUT_RDWR)

    def _its_turn(self) -> bool:
        with self._lock:
            mine = self.broken < self.at_most
            self.broken += mine
            return mine


def _answers(server: socket.socket, client: socket.socket, silent: threading.Event, answered: threading.Event) -> None:
    with contextlib.suppress(OSError):
        while said := server.recv(1 << 16):
            if silent.is_set():  # the server has done it, and nobody is told
                answered.set()
                return
            client.sendall(said)
    with contextlib.suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def wire(url: str, breaking: Breaking) -> Iterator[Wire]:
    """A wire to the server of a database."""
    place = make_url(url)
    made = Wire(place.host or "127.0.0.1", place.port or {"postgresql": 5432}.get(place.get_backend_name(), 3306), breaking)
    threading.Thread(target=made.listen, daemon=True).start()
    try:
        yield made
    finally:
        made.close()
