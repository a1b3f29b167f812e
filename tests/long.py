"""Tests that a run leaves out unless it is asked for all of them (`make test-all`): each says once more, on another database or
at another instant, what a test of the ordinary run says.

The ordinary run asks every question on at least one server; whole nights, kills and rows changed by others on each kind.
"""

from __future__ import annotations

import os

import pytest

ALL = "RETENTION_TEST_ALL"
# File -> parts of a test's name that mark the repetition.
REPEATED: dict[str, tuple[str, ...]] = {
    "dags/test_night.py": ("of_nothing[transaction]", "of_nothing[account]"),
    "faults/test_archived.py": ("mariadb", "listed"),
    "faults/test_clock.py": ("mariadb", "postgresql"),
    "faults/test_commit_lost.py": ("sqlite-range", "postgresql-listed", "mariadb-listed"),
    "faults/test_conflicts.py": ("mariadb", "let_go[postgresql-listed]"),
    "faults/test_disk_full.py": ("mariadb", "sqlite"),
    "faults/test_holds_under_way.py": ("sqlite-range", "postgresql-listed", "mariadb-listed"),
    "faults/test_killed.py": ("sqlite-range", "postgresql-listed", "mariadb-listed"),
    "faults/test_odd_servers.py": ("mariadb",),
    "faults/test_partitions_broken.py": ("session_ended", "killed_at_each"),
    "faults/test_rows_change.py": ("sqlite-range", "postgresql-listed", "mariadb-listed"),
    "faults/test_server_killed.py": ("mariadb",),
    "faults/test_two_at_once.py": ("mariadb", "sqlite"),
    "integration/test_apart.py": ("mariadb",),
    "integration/test_approvals.py": ("mariadb",),
    "integration/test_archive.py": ("mariadb", "sqlite"),
    "integration/test_benchmarks.py": ("test_large", "test_the_profile", "test_page"),
    "integration/test_due.py": ("sqlite", "mariadb"),
    # SQLite's nights and what changes during them are asked of in files of their own.
    "integration/test_engine_nights.py": (
        *("honoured[sqlite", "honoured[mariadb-subject]", "honoured[mariadb-category]", "term[sqlite]", "term[mariadb]"),
        *("stays[sqlite", "stays[mariadb-transaction]", "to_do[sqlite]", "day_only[sqlite]", "the_night_does[sqlite]"),
        *("the_night_does[mariadb]", "stops_the_night[sqlite]", "stops_the_night[mariadb]"),
    ),
    "integration/test_forms.py": ("mariadb", "sqlite"),
    "integration/test_keys.py": ("mariadb", "sqlite", "exact text"),
    "integration/test_negative_keys.py": ("sqlite", "listed"),
    "integration/test_oracle_night.py": (
        *("production-listed-0", "production-ranges-0", "example-listed-1", "example-ranges-0"),
        *("variant-listed-1", "variant-ranges-0"),
    ),
    "integration/test_outputs.py": ("command_line",),
    "integration/test_production.py": ("[night]",),
    "integration/test_outlook.py": ("sqlite", "mariadb"),
    "integration/test_outlook_oracle.py": ("1-production",),
    # Whole nights on a running Airflow, which takes minutes where two cores are shared with all other tests.
    "running/test_acts.py": ("hands_laid_on_it",),
    "running/test_approved.py": ("waits_for_the_approval",),
    "running/test_backfill.py": ("overlapping",),
    "running/test_page_in_browser.py": ("compliance_works", "keyboard"),
    "running/test_told.py": ("test_a_store", "test_a_night"),
    "system/test_cli_demo.py": ("demonstration",),  # CI has it as a step of its own
    "unit/cli/test_cli.py": ("demo_then_again",),  # the same
}
# Files that take minutes begin first, or a worker would be at one of them when the others have long gone home.
FIRST = (
    *("integration/test_oracle_night.py", "integration/test_engine_nights.py", "integration/test_partitions.py"),
    *("integration/test_oracle_cases.py", "integration/test_night_changes.py", "integration/test_archive.py"),
    *("integration/test_outlook_oracle.py", "integration/test_beforehand.py", "dags/test_night.py", "faults/"),
)


def in_order(item: pytest.Item) -> int:
    """Where an item's file begins."""
    return next((place for place, file in enumerate(FIRST) if file in item.nodeid), len(FIRST))


def left_out(items: list[pytest.Item]) -> tuple[list[pytest.Item], list[pytest.Item]]:
    """The items of an ordinary run, and the others."""
    if os.environ.get(ALL):
        return items, []
    return [item for item in items if not _repeats(item.nodeid)], [item for item in items if _repeats(item.nodeid)]


def _repeats(name: str) -> bool:
    return any(file in name and any(part in name for part in parts) for file, parts in REPEATED.items())
