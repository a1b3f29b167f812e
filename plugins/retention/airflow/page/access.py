"""Who may do what on the page. Airflow's auth manager decides: rights of our own where it knows some, else its roles."""

from __future__ import annotations

from typing import Any, Literal, get_args

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.simple.simple_auth_manager import SimpleAuthManager, SimpleAuthManagerRole

from retention.airflow import roles

What = Literal["page", "papers", "records", "holds"]
EVERYTHING: tuple[What, ...] = get_args(What)

RIGHTS: dict[What, tuple[Literal["GET", "PUT"], str]] = {
    "page": ("GET", roles.PAGE),
    "papers": ("GET", roles.PAPERS),
    "records": ("GET", roles.RECORDS),
    "holds": ("PUT", roles.HOLDS),
}
# The simple auth manager knows four roles and no right of ours: whoever it lets in may read, only its admin goes further.
LEAST: dict[What, str] = {"page": "VIEWER", "papers": "VIEWER", "records": "ADMIN", "holds": "ADMIN"}


def may(user: Any, what: What) -> bool:
    """Whether a user may see the page, download papers, have a record explained, place and release holds."""
    manager = get_auth_manager()
    if isinstance(manager, SimpleAuthManager):  # which says yes to everybody about whatever it does not know
        role = SimpleAuthManagerRole.__members__.get((user.role or "").upper())
        return bool(role is not None and role.order >= SimpleAuthManagerRole[LEAST[what]].order)
    method, resource = RIGHTS[what]
    return bool(manager.is_authorized_custom_view(method=method, resource_name=resource, user=user))
