"""The hook of mkdocs.yml: a line `{{ name }}` of a page becomes what is generated under that name.

Nothing generated is kept in a file, so it cannot differ from what it describes.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "plugins"), str(ROOT)]  # the code beside this file, whatever is installed

from docs.hooks import commands, declared, settings  # noqa: E402

GENERATED: dict[str, Callable[[], str]] = {
    "commands": commands.commands,
    "exit_codes": commands.exit_codes,
    "settings": settings.settings,
    "store_keys": declared.store_keys,
    "pace_keys": declared.pace_keys,
    "decision_keys": declared.decision_keys,
    "decisions": declared.decisions,
    "rules": declared.rules,
    "kinds": declared.kinds,
    "checks": declared.checks,
    "reasons": declared.reasons,
    "roles": settings.roles,
}
_PLACE = re.compile(r"^\{\{ (\w+) \}\}$", re.MULTILINE)


def filled(markdown: str) -> str:
    """A page with every place filled. Raises KeyError where nothing is generated under a name."""
    return _PLACE.sub(lambda place: GENERATED[place[1]](), markdown)


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Called by MkDocs for each page."""
    return filled(markdown)
