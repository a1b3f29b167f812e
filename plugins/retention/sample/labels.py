"""What a person expects of single rows, and what is asked of the product before the night.

Both live outside the stores: nothing the product reads knows them.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path
from typing import Literal

Expected = Literal["kept", "held", "quarantined", "deleted", "anonymised", "minimised", "archived"]
InstructionKind = Literal["legal_claim", "restriction", "legal_obligation", "vital_interests", "insurance", "erasure"]


def fate(due: bool) -> Expected:
    """What becomes of a row that is simply due, or not."""
    return "deleted" if due else "kept"


@dataclass(frozen=True)
class Label:
    """One row and what has become of it after a night over all stores with the example decisions."""

    case: str
    store: str
    population: str
    record_key: str
    expected: Expected
    because: str


@dataclass(frozen=True)
class Instruction:
    """A hold or an erasure request to be placed before the night."""

    kind: InstructionKind
    scope: Literal["subject", "record", "category"]
    reason: str
    reference: str
    approver: str
    review_by: dt.date
    subject_key: str | None = None
    store: str | None = None
    population: str | None = None
    record_key: str | None = None
    category: str | None = None


def write_labels(labels: Iterable[Label], path: Path) -> None:
    """The labels as CSV, one a line under a heading."""
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(field.name for field in fields(Label))
        out.writerows(astuple(label) for label in labels)
