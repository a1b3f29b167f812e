"""A mail server of a test's own: it takes every letter and keeps it."""

from __future__ import annotations

import contextlib
import email
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage
from typing import Any
from urllib.parse import quote

from aiosmtpd.controller import Controller

FROM, TO = "retention@localhost", ("dpo@localhost", "engineer@localhost")


@dataclass
class Mailbox:
    """Letters in the order in which they came."""

    port: int
    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # the server's own name
        self.letters.append(email.message_from_bytes(envelope.content, policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"

    @property
    def environment(self) -> dict[str, str]:
        """The settings with which everything is sent here."""
        return environment(self.port)

    def about(self, run: str, *, seconds: float = 120) -> list[EmailMessage]:
        """The letters about a run, once there is one: a letter about an earlier test's may come late. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while not (found := [letter for letter in self.letters if quote(run, safe="") in body(letter)]):
            if time.monotonic() > end:
                raise TimeoutError(f"no letter about {run} after {seconds:.0f} s, and {len(self.letters)} others")
            time.sleep(0.1)
        return found


def environment(port: int) -> dict[str, str]:
    connection = {
        "conn_type": "smtp",
        "host": "127.0.0.1",
        "port": port,
        "extra": {"disable_ssl": True, "disable_tls": True, "retry_limit": 0, "timeout": 5},
    }
    return {
        "RETENTION_NOTIFY_TO": ", ".join(TO),
        "RETENTION_NOTIFY_FROM": FROM,
        "AIRFLOW_CONN_SMTP_DEFAULT": json.dumps(connection),
    }


@contextlib.contextmanager
def mailbox(port: int) -> Iterator[Mailbox]:
    """A server on a port that is free."""
    box = Mailbox(port)
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def body(letter: EmailMessage) -> str:
    """The page a letter shows."""
    part = letter.get_body(("html",))
    assert part is not None
    return str(part.get_content())
