"""Who may do what in Airflow: three roles for the FAB auth manager, beside its own Admin.

    python -m retention.airflow.roles                     makes the roles, or brings them in line with this file
    python -m retention.airflow.roles --users FILE        and the users of a file (mode 0600), or of standard input with "-":
                                                          [{"username": …, "password": …, "role": "Auditor"}, …]

Airflow's own tables have to be there (`airflow db migrate`). A right that a role was given elsewhere is taken away again; who
is a user already keeps the password and gets the role. It is in force at once, for who is logged in within half a minute.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retention.errors import DeclarationError

Right = tuple[str, str]  # an action on a resource, as FAB names them

READ, CREATE, EDIT, MENU = "can_read", "can_create", "can_edit", "menu_access"

# What our own page asks for, with `is_authorized_custom_view`.
PAGE = "Retention"  # the state of stores and categories
PAPERS = "Retention Papers"  # reports and registers to download
RECORDS = "Retention Records"  # `explain` for one record
HOLDS = "Retention Holds"  # placing and releasing them

_SEEN = (
    "DAGs",
    "DAG Code",
    "DAG Dependencies",
    "DAG Runs",
    "DAG Versions",
    "DAG Warnings",
    "Task Instances",
    "Task Logs",
    "XComs",
    "HITL Detail",
    "Assets",
    "Asset Aliases",
    "Backfills",
    "Cluster Activity",
    "ImportError",
    "Jobs",
    "Pools",
    "Plugins",
    "Triggers",
    "Website",
    "My Profile",
    "My Password",
    PAGE,
)
_MENUS = ("Browse", "DAGs", "DAG Dependencies", "DAG Runs", "Task Instances", "Assets", "HITL Detail", "Jobs", "XComs")
EVERYBODY: frozenset[Right] = frozenset(
    [*((READ, name) for name in _SEEN), *((MENU, name) for name in _MENUS), (EDIT, "My Password"), (EDIT, "My Profile")]
)
TRAIL: frozenset[Right] = frozenset([(READ, "Audit Logs"), (MENU, "Audit Logs"), (READ, PAPERS), (READ, RECORDS)])

ROLES: dict[str, frozenset[Right]] = {
    "Auditor": EVERYBODY | TRAIL,
    # Airflow asks who answers a required action for the right to edit the DAG too, which is also what pausing takes: who may
    # refuse a disposition may stop the nights. Neither starts nor clears a run.
    "Compliance": EVERYBODY | TRAIL | {(EDIT, "HITL Detail"), (EDIT, "DAGs"), (EDIT, HOLDS)},
    "Data engineer": EVERYBODY
    | {
        (EDIT, "DAGs"),
        *((action, "DAG Runs") for action in (CREATE, EDIT)),
        *((action, "Task Instances") for action in (CREATE, EDIT)),
        *((action, "Backfills") for action in (CREATE, EDIT)),
    },
}


@dataclass(frozen=True)
class NewUser:
    username: str
    password: str
    role: str


def set_up(users: list[NewUser]) -> list[str]:
    """Makes roles and users. Returns what was changed, a line each; none the second time."""
    from airflow.providers.fab.auth_manager.cli_commands.utils import get_application_builder

    with get_application_builder() as builder:
        manager = builder.sm
        if manager.find_role("Admin") is None:  # the first time ever
            builder.add_permissions(update_perms=True)
            manager.sync_roles()
        changed = [line for name, rights in ROLES.items() for line in _bring_in_line(manager, name, rights)]
        if changed:
            manager.update_admin_permission()  # Admin has whatever anybody has
        return changed + [line for user in users for line in _add(manager, user)]


def _bring_in_line(manager: Any, name: str, wanted: frozenset[Right]) -> list[str]:
    role = manager.find_role(name)
    told = [] if role else [f"role {name}: made"]
    role = role or manager.add_role(name)
    has = {(right.action.name, right.resource.name): right for right in role.permissions}
    missing, excess = sorted(wanted - has.keys()), sorted(has.keys() - wanted)
    if not missing and not excess:
        return told
    kept = [has[right] for right in sorted(wanted & has.keys())]
    role.permissions = kept + [manager.create_permission(*right) for right in missing]
    manager.session.commit()
    return [*told, *(f"role {name}: {action} {resource} taken away" for action, resource in excess)] + (
        [f"role {name}: {len(missing)} rights given"] if missing else []
    )


def _add(manager: Any, user: NewUser) -> list[str]:
    role = manager.find_role(user.role)
    found = manager.find_user(username=user.username)
    if found is None:
        if not manager.add_user(
            user.username, user.username.title(), user.role, f"{user.username}@localhost", role, password=user.password
        ):
            raise DeclarationError(f"Airflow did not take the user {user.username}", mend="its log says why")
        return [f"user {user.username}: made, {user.role}"]
    if [each.name for each in found.roles] == [user.role]:
        return []
    found.roles = [role]
    manager.update_user(found)
    return [f"user {user.username}: now {user.role}"]


def read_users(source: str) -> list[NewUser]:
    """The users of a file or of standard input. Raises DeclarationError where a file is open to others or makes no sense."""
    path = None if source == "-" else Path(source)
    if path is not None and path.stat().st_mode & 0o077:
        raise DeclarationError("others may read this file, and it holds passwords", file=path, mend=f"chmod 600 {path}")
    try:
        listed = json.loads(sys.stdin.read() if path is None else path.read_text(encoding="utf-8"))
        users = [NewUser(str(each["username"]), str(each["password"]), str(each["role"])) for each in listed]
    except (ValueError, KeyError, TypeError):  # what it says is not shown: it holds passwords
        raise DeclarationError("not a list of users with username, password and role", file=path, mend="see --help") from None
    unknown = sorted({user.role for user in users} - {*ROLES, "Admin"})
    if unknown:
        raise DeclarationError(f"no such role: {', '.join(unknown)}", file=path, mend=f"one of {', '.join([*ROLES, 'Admin'])}")
    return users


def main(arguments: list[str] | None = None) -> int:
    """The command. Returns 2 where the users cannot be read."""
    parser = argparse.ArgumentParser(
        prog="python -m retention.airflow.roles", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--users", metavar="FILE", help="JSON, mode 0600; - for standard input")
    chosen = parser.parse_args(arguments)
    try:
        users = read_users(chosen.users) if chosen.users else []
        told = set_up(users)
    except (DeclarationError, OSError) as reason:
        print(reason, file=sys.stderr)
        return 2
    print("\n".join(told) if told else "Roles and users are as they should be.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
