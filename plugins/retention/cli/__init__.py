"""The `retention` command. It renders what the library answers and decides nothing itself."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """The entry point. Everything else is imported only now, so that completion and `--help` answer at once."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    from retention.cli.app import run

    sys.exit(run(sys.argv[1:]))
