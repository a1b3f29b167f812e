"""A third decision set: what the two real ones leave untried."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.oracle.judge import ROOT

DECLARATIONS = ROOT / "ropa" / "declarations"
OTHERWISE: dict[str, Any] = {
    "trial.anchor": "trial_end",
    "subscription.suppression": "3 years",
    "transaction.assessment": dt.date(2025, 3, 30),  # lapsed on some of the as-of dates
    "transaction.year_close": "06-30",
    "usage.smallest_cell": 2,
    "account.prospect_max": None,
}


def write_variant(folder: Path) -> Path:
    """A copy of the declarations in which the example set says otherwise. Batches are of seven rows."""
    shutil.copytree(DECLARATIONS, folder)
    path = folder / "decisions" / "example.yaml"
    document = YAML(typ="safe").load(path)
    document["limits"]["batch_rows"] = 7
    for entry in document["decisions"]:
        if entry["id"] in OTHERWISE:
            _decide(entry, OTHERWISE[entry["id"]])
    with path.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(document, file)
    return folder


def _decide(entry: dict[str, Any], value: Any) -> None:
    for name in ("undecided", "value", "source", "checked_on", "approver", "review_by"):
        entry.pop(name, None)
    if value is None:
        entry["undecided"] = {"fr": "À décider", "en": "To be decided"}
        return
    day = dt.date(2026, 11, 23)
    entry.update(value=value, source="A test", checked_on=day, approver="Nobody", review_by=day)
