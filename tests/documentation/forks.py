"""`retention` for tests that call it often: a process that has imported everything, and a fork of it for each call.

Half of a command's time is imports. A fork is the command all the same: arguments, folder, environment, standard streams and
exit code are its own.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import socket
import sys
from pathlib import Path

# What a shell calls: it hands on what it was called with, and ends as the fork ends.
CALLER = """#!{python} -ISE
import json, os, socket, sys
with socket.socket(socket.AF_UNIX) as there:
    there.connect({address!r})
    called = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ)]).encode()
    socket.send_fds(there, [len(called).to_bytes(4, "big")], [0, 1, 2])
    there.sendall(called)
    code = there.recv(1)
sys.exit(code[0] if code else 70)
"""


def write_caller(path: Path, address: Path) -> None:
    path.write_text(CALLER.format(python=sys.executable, address=str(address)), encoding="utf-8")
    path.chmod(0o755)


def serve(address: str) -> None:
    """Answers calls, one after the other, until it is ended."""
    _warm()
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(address)
    listening.listen()
    while True:
        calling, _ = listening.accept()
        with calling:
            head, streams, _, _ = socket.recv_fds(calling, 4, 3)
            called = calling.recv(int.from_bytes(head, "big"), socket.MSG_WAITALL)
            child = os.fork()
            if child == 0:
                _become(json.loads(called), streams)
            for stream in streams:
                os.close(stream)
            code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) & 0xFF
            with contextlib.suppress(OSError):  # who called has gone
                calling.send(bytes([code]))


_NEEDED = (
    *("great_expectations", "pandas", "retention.audit.pack", "retention.cli.app", "retention.explain", "retention.holds"),
    *("retention.night.steps", "retention.outlook.forecast_book", "retention.outlook.impact_book", "retention.preflight.check"),
    *("retention.report", "ropa.register.checking", "ropa.register.issuing"),
)


def _warm() -> None:
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    for name in _NEEDED:
        importlib.import_module(name)
    from retention.workspace import Workspace

    for decisions in ("example", "production"):  # kept by their content: what a page changes is read anew
        Workspace.from_env({"RETENTION_DECISIONS": decisions}).bundle()


def _become(called: tuple[list[str], str, dict[str, str]], streams: list[int]) -> None:
    from retention.cli.app import run

    arguments, folder, environment = called
    for place, stream in enumerate(streams):
        os.dup2(stream, place)
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment, GX_ANALYTICS_ENABLED="false")
    code = 70
    try:
        code = run(arguments)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    serve(sys.argv[1])
