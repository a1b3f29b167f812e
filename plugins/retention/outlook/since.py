"""What tonight's declaration changes in a store, against the one it was last disposed of under: for whoever has to approve."""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from retention.declare.bundle import Bundle
from retention.declare.files import read_back
from retention.errors import DeclarationError, EvidenceBusy, EvidenceError
from retention.evidence import declarations, history
from retention.evidence.database import Evidence
from retention.evidence.records import Comparison
from retention.outlook.impact import CHANGES, Impact, impact
from retention.outlook.impact_book import write_change
from retention.workspace import Workspace

log = logging.getLogger(__name__)


def compare(workspace: Workspace, evidence: Evidence, bundle: Bundle, store: str, as_of: dt.date) -> Comparison:
    """Judges a store's records under both, and writes the workbook in both languages. Reads, and raises nothing.

    Where it cannot be done, the outcome says why: whoever is asked is asked all the same.
    """
    before: str | None = None
    try:
        with evidence.snapshot() as connection:
            before = history.last_policy_hash(connection, store)
        return _against(workspace, evidence, bundle, store, as_of, before)
    except Exception as reason:  # whatever it is: the plan, its report and the question stand without it
        log.warning("What the declaration changes could not be told: %s", type(reason).__name__)
        return Comparison("failed", before or None)


def _against(
    workspace: Workspace, evidence: Evidence, bundle: Bundle, store: str, as_of: dt.date, before: str | None
) -> Comparison:
    if before is None:
        return Comparison("first")
    try:
        files = declarations.files(evidence, before)
    except EvidenceBusy:
        raise
    except EvidenceError:
        return Comparison("altered", before)
    if files is None:
        return Comparison("not_kept", before or None)
    with ExitStack() as open_while_judged:
        try:
            earlier = open_while_judged.enter_context(read_back(files, before))
        except DeclarationError:
            return Comparison("unreadable", before)
        return _judged(workspace, earlier, bundle, store, as_of)


def _judged(workspace: Workspace, earlier: Bundle, bundle: Bundle, store: str, as_of: dt.date) -> Comparison:
    before = earlier.policy_hash
    if not _mapped_alike(earlier, bundle, store):
        return Comparison("mapping", before)
    found = impact(workspace, earlier, bundle, as_of, stores=[store])
    if found.changes_nothing:
        return Comparison("same", before)
    found = replace(found, before=_name(earlier), after=_name(bundle))
    return Comparison(
        "made", before, {change: found.rows(change) for change in CHANGES}, _books(workspace, earlier, bundle, found)
    )


def _mapped_alike(earlier: Bundle, bundle: Bundle, store: str) -> bool:
    """Whether rows of the store are read alike: both declarations are judged on the same rows, or they are not compared."""
    old, new = earlier.stores.get(store), bundle.stores.get(store)
    if old is None or new is None:
        return False
    same = (old.declared.populations, old.declared.timezone) == (new.declared.populations, new.declared.timezone)
    return same and old.queries == new.queries


def _name(bundle: Bundle) -> str:
    """A decision set and the declaration it is part of: both may bear the same name."""
    return f"{bundle.decisions.set} {bundle.policy_hash[:8]}"


def _books(workspace: Workspace, earlier: Bundle, bundle: Bundle, found: Impact) -> dict[str, str]:
    paths = [write_change(workspace, earlier, bundle, found, language) for language in ("fr", "en")]
    return {path.relative_to(workspace.output).as_posix(): _digest(path) for path in paths}


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
