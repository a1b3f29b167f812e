"""A sample prepared once and kept: its stores, its labels, and what was asked of the product before its night."""

from __future__ import annotations

import csv
import datetime as dt
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from retention import holds
from retention.declare.bundle import Bundle
from retention.errors import RetentionError
from retention.evidence.database import Evidence
from retention.night.record import HEAD_FILE
from retention.sample.generate import generate
from retention.sample.labels import Label, write_labels
from retention.sample.rows import STORES
from retention.workspace import Workspace


@dataclass(frozen=True)
class Stage:
    """A prepared sample. `fresh`: it was made just now."""

    as_of: dt.date
    seed: int
    usage_rows: int
    rows: dict[str, dict[str, int]]
    labels: tuple[Label, ...]
    fresh: bool


def prepare(workspace: Workspace, bundle: Bundle, *, as_of: dt.date, seed: int, usage_rows: int, anew: bool = False) -> Stage:
    """The sample that lies in the workspace, or a new one where there is none or `anew` asks for it.

    Raises RetentionError where stores lie there that no sample made: they are somebody's data.
    """
    known = _read(workspace)
    strangers = [store for store in STORES if workspace.store_file(store).exists()] if known is None else []
    if strangers:
        raise RetentionError(
            f"a store lies there that the demonstration did not make: {', '.join(strangers)}",
            file=workspace.home / "stores",
            mend="choose another folder with --folder; nothing was touched",
        )
    if known is not None and known.get("ready") and not anew:
        day = dt.date.fromisoformat(known["as_of"])
        return Stage(day, known["seed"], known["usage_rows"], known["rows"], _read_labels(workspace), fresh=False)
    _clear(workspace)
    _write(workspace, {"ready": False})
    sample = generate(workspace.store_file, as_of=as_of, seed=seed, usage_rows=usage_rows)
    write_labels(sample.labels, _folder(workspace) / "labels.csv")
    evidence = workspace.evidence()
    for instruction in sample.instructions:
        form = {name: value for name, value in asdict(instruction).items() if name != "scope"}
        holds.place_if_there(workspace, bundle, evidence, holds.Request(**form))
    made = {"ready": True, "as_of": as_of.isoformat(), "seed": seed, "usage_rows": usage_rows, "rows": sample.rows}
    _write(workspace, made)
    return Stage(as_of, seed, usage_rows, sample.rows, sample.labels, fresh=True)


def in_force(evidence: Evidence) -> tuple[int, int]:
    """How many holds and how many erasure requests are in force."""
    kinds = [hold.kind == holds.ERASURE for hold in evidence.holds()]
    return kinds.count(False), kinds.count(True)


def _clear(workspace: Workspace) -> None:
    """Removes what an earlier sample left: its stores, and the evidence that is about them."""
    files = [*(workspace.store_file(store) for store in STORES), workspace.home / "evidence.db"]
    files += [beside for store in STORES for beside in workspace.store_file(store).parent.glob(f"{store}.*.db")]
    for path in [*files, workspace.output / "reports" / HEAD_FILE]:
        for name in (path.name, f"{path.name}-journal", f"{path.name}-wal", f"{path.name}-shm"):
            path.with_name(name).unlink(missing_ok=True)


def _folder(workspace: Workspace) -> Path:
    folder = workspace.home / "sample"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _write(workspace: Workspace, what: dict[str, Any]) -> None:
    (_folder(workspace) / "sample.json").write_text(json.dumps(what) + "\n", encoding="utf-8")


def _read(workspace: Workspace) -> dict[str, Any] | None:
    path = workspace.home / "sample" / "sample.json"
    found: dict[str, Any] | None = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None
    return found


def _read_labels(workspace: Workspace) -> tuple[Label, ...]:
    with (workspace.home / "sample" / "labels.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Label(**row) for row in csv.DictReader(file))  # type: ignore[arg-type]
