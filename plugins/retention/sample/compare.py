"""What has become of the labelled records of a sample, held against what was expected of them."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from retention.declare.bundle import Bundle
from retention.evidence import keysets
from retention.evidence.database import Evidence
from retention.explain import Judged, Reader
from retention.sample.labels import Label
from retention.traces import known_key, receipts_of
from retention.workspace import Workspace

_BY_DISPOSITION = {"keep": "kept", "held": "held", "quarantine": "quarantined", "due": "overdue"}
_BY_ACTION = {"delete": "deleted", "anonymise": "anonymised", "minimise": "minimised", "archive": "archived"}


@dataclass(frozen=True)
class Compared:
    """One label and what was found. `lost` is a record that went without a receipt."""

    label: Label
    found: str
    reason: str

    @property
    def matches(self) -> bool:
        return self.found == self.label.expected


def compare(
    workspace: Workspace, bundle: Bundle, evidence: Evidence, labels: Iterable[Label], as_of: dt.date
) -> tuple[Compared, ...]:
    """Every label with what stores and receipts say of its record now, in the order of the labels."""
    wanted: dict[tuple[str, str], list[Label]] = defaultdict(list)
    labels = tuple(labels)
    for label in labels:
        wanted[label.store, label.population].append(label)
    found: dict[Label, Compared] = {}
    for store in sorted({store for store, _ in wanted}):
        with Reader(workspace, bundle, store, as_of) as reader:
            for (owner, population), group in wanted.items():
                if owner == store:
                    found |= _population(workspace, evidence, reader, population, group)
    return tuple(found[label] for label in labels)


def _population(
    workspace: Workspace, evidence: Evidence, reader: Reader, population: str, labels: Sequence[Label]
) -> dict[Label, Compared]:
    judged = reader.judge(population, [label.record_key for label in labels])
    done = _actions(workspace, evidence, reader, population, labels)
    return {label: _compared(label, judged.get(label.record_key), done.get(label.record_key, ())) for label in labels}


def _actions(
    workspace: Workspace, evidence: Evidence, reader: Reader, population: str, labels: Sequence[Label]
) -> dict[str, list[str]]:
    """What receipts say was done to each of these records, oldest first."""
    key = known_key(workspace)
    if key is None:
        return {}
    done: dict[str, list[str]] = defaultdict(list)
    for receipt, keyset in receipts_of(evidence, reader.session, reader.store.name, population):
        gone = keysets.opened(key, keyset)
        for label in labels:
            if label.record_key in gone:
                done[label.record_key].append(receipt.action)
    return done


def _compared(label: Label, judged: Judged | None, actions: Sequence[str]) -> Compared:
    last = actions[-1] if actions else None
    if judged is None:
        return Compared(label, _BY_ACTION[last] if last in ("delete", "archive") else "lost", "")
    found = _BY_DISPOSITION[judged.disposition]
    if last in ("anonymise", "minimise") and judged.disposition in ("keep", "held"):
        found = _BY_ACTION[last]
    return Compared(label, found, judged.reason)
