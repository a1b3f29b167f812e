"""A night of the product beside a night of the oracle: every difference, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.oracle import nights
from tests.oracle.judge import STORES, TABLES, Cells, Night, Values, World, judge
from tests.oracle.worlds import Scene

WALKED = TABLES.keys() - {"subscribers", "suppression_list"}  # rows that leave a fingerprint, and text keys, are listed


def play(
    scene: Scene,
    folder: Path,
    declarations: Path,
    decision_set: str,
    values: Values,
    order: tuple[str, ...] = STORES,
    *,
    times: int = 2,
    ranges: bool = False,
) -> list[str]:
    """Nights over a scene in a folder of their own. Returns the differences between product and oracle.

    `ranges`: due rows are found by walking ranges of the tables instead of from a list.
    """
    workspace = workspace_at(folder, declarations, decision_set)
    nights.load(scene, workspace)
    nights.place(scene, workspace)
    world, remembered, problems = scene.rows, {}, []
    for number in ("first", "second")[:times]:
        expected = judge(world, scene.requests, values, scene.as_of, scene.today, remembered)
        for store in order:
            seen = nights.run(workspace, store, scene.as_of, scene.today, f"{number}-{store}", ranges=ranges)
            problems += [f"{number} night, {store}: {words}" for words in _differences(seen, expected, store)]
            if ranges and not seen.walked and any(name[0] in WALKED for name in expected.disposed(store)):
                problems.append(f"{number} night, {store}: no range was walked")
        world = nights.read(workspace)
        problems += [f"after the {number} night: {words}" for words in _morning(world, expected)]
        if problems:
            return problems
        remembered = expected.facts
    return problems


def workspace_at(folder: Path, declarations: Path, decision_set: str) -> nights.Cached:
    return nights.Cached(
        home=folder / "var",
        output=folder / "output",
        declarations=declarations,
        sql=nights.SQL,
        decision_set=decision_set,
        evidence_url=f"sqlite:///{folder / 'var' / 'evidence.db'}",
    )


def _differences(seen: nights.Seen, expected: Night, store: str) -> Iterator[str]:
    wanted, found = expected.counts(store), seen.counts()
    if wanted != found:
        yield f"scan counted {_only(found, wanted)}, the oracle {_only(wanted, found)}"
    disposed = expected.disposed(store)
    actions = Counter((name[0], action) for name, action in disposed.items())
    if actions != seen.actions():
        yield f"scan planned {_only(seen.actions(), actions)}, the oracle {_only(actions, seen.actions())}"
    parts = sum(int(seen.counted[part]) for part in ("keep", "held", "quarantine", "due"))
    if parts != seen.counted["rows"]:
        yield f"{seen.counted['rows']} rows scanned, but {parts} have a disposition"
    receipted = Counter((name[0], action, name[1]) for name, action in disposed.items())
    if receipted != seen.gone:
        missing = [f"{name} {action}" for name, action in disposed.items() if not seen.gone[(name[0], action, name[1])]]
        yield f"receipts differ: none for {missing}, {sum((seen.gone - receipted).values())} too many"
    if seen.spared:
        yield f"{seen.spared} candidates were spared though nothing changed"
    if seen.swept:
        yield f"{seen.swept} rows were left to the sweep though nothing changed"


def _only(these: Counter[Any], those: Counter[Any]) -> dict[Any, int]:
    return {key: these[key] for key in sorted(these.keys() | those.keys()) if these[key] != those[key]}


def _morning(world: World, expected: Night) -> Iterator[str]:
    for table, spec in TABLES.items():
        there = {row[spec.key]: row for row in world[table]}
        wanted = {row[spec.key]: row for row in expected.world[table]}
        if table == "suppression_list":
            yield from _fingerprints(there, wanted, expected)
        for key in sorted(wanted.keys() - there.keys(), key=str):
            yield f"{table} {key} is gone; the oracle says {expected.fates[(table, key)]}"
        for key in sorted(there.keys() - wanted.keys(), key=str):
            fate = expected.fates.get((table, key))
            yield f"{table} {key} is still there; the oracle says {fate}"
        for key in sorted(there.keys() & wanted.keys(), key=str):
            if there[key] != wanted[key]:
                yield f"{table} {key}: {_columns(there[key], wanted[key])}; the oracle says {expected.fates.get((table, key))}"


def _fingerprints(there: dict[Any, Cells], wanted: dict[Any, Cells], expected: Night) -> Iterator[str]:
    """New fingerprints are taken out of the comparison once they are found right."""
    for fingerprint, instants in expected.suppressed.items():
        row = there.pop(fingerprint, None)
        wanted.pop(fingerprint, None)
        if row is None or row["suppressed_at"] not in instants:
            yield f"fingerprint {fingerprint} should have been kept with one of {sorted(map(str, instants))}: {row}"


def _columns(there: Cells, wanted: Cells) -> str:
    return ", ".join(f"{c} is {there[c]!r}, not {wanted[c]!r}" for c in wanted if there[c] != wanted[c])
