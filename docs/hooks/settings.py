"""Settings, read from the modules that know them without importing any: some of them would start Airflow."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from docs.hooks.markdown import code, table

ROOT = Path(__file__).resolve().parents[2]
_ROW = re.compile(r"^\| `(RETENTION_[A-Z_<>]+)` \|(.+)\|$", re.MULTILINE)


def told() -> Iterator[tuple[str, str, str]]:
    """Variable, default and meaning of every table of variables in the docstring of a module, where it first stands."""
    seen: set[str] = set()
    for path in sorted((ROOT / "plugins" / "retention").rglob("*.py"), key=lambda path: (path.name != "workspace.py", path)):
        for name, rest in _ROW.findall(ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""):
            cells = [cell.strip() for cell in rest.split("|")]
            if name not in seen:
                seen.add(name)
                yield name, cells[0] if len(cells) > 1 else "", cells[-1]


def settings() -> str:
    """A table of all of them."""
    return table(("variable", "default", "meaning"), [(code(name), default, meaning) for name, default, meaning in told()])


def roles() -> str:
    """What each role may do in Airflow, as FAB names it: actions by resource."""
    rights = _roles()
    names = sorted(rights)
    resources = sorted({resource for each in rights.values() for _, resource in each})
    rows = [
        (resource, *(", ".join(sorted(_verb(a) for a, of in rights[name] if of == resource)) for name in names))
        for resource in resources
    ]
    return table(("resource", *names), rows)


def _roles() -> dict[str, frozenset[tuple[str, str]]]:
    from retention.airflow.roles import ROLES  # imports Airflow only when it is run

    return ROLES


def _verb(action: str) -> str:
    return {"can_read": "see", "can_create": "create", "can_edit": "change", "menu_access": "menu"}.get(action, action)
