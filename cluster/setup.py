"""Airflow's own tables and the users of a test, in one process, for each import of Airflow takes seconds.

Reads the users from standard input as JSON: a list of {"username", "password", "role"}.
"""

from __future__ import annotations

import json
import sys


def main() -> int:
    from airflow.utils.db import initdb

    initdb()
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        builder.add_permissions(update_perms=True)
        builder.sm.sync_roles()
        for user in json.load(sys.stdin):
            role = builder.sm.find_role(user["role"])
            name = user["username"]
            made = builder.sm.add_user(name, name.title(), "Test", f"{name}@localhost", role, password=user["password"])
            assert made, name
    return 0


if __name__ == "__main__":
    sys.exit(main())
