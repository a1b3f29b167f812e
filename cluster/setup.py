"""Airflow's own tables, our roles, and users from standard input: in one process, for each import of Airflow takes seconds."""

from __future__ import annotations

import sys


def main() -> int:
    from airflow.utils.db import initdb

    from retention.airflow import roles

    initdb()
    return roles.main(["--users", "-"])


if __name__ == "__main__":
    sys.exit(main())
