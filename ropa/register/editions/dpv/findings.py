"""What the runs found and did, dated and tied to the runs it was counted in."""

from __future__ import annotations

from collections.abc import Iterator

from ropa.register.editions.dpv.nodes import Node, day, iri, make, moment, ref, refs, text, texts
from ropa.register.editions.dpv.terms import COMPLIANCE
from ropa.register.model import Disposed, Finding, Register, RunRef


def finding(name: str, found: Finding) -> Node:
    """A finding under its own name. A count nobody has taken is left out, and that it is is said."""
    overdue, frozen, checks = found.overdue, found.frozen, found.checks
    counts = {
        key: getattr(found, key)
        for key in ("scanned", "records", "due", "held", "quarantined", "undecided", "spared")
        if getattr(found, key) is not None
    }
    fields = {f"ret:{key}": value for key, value in counts.items()} | {
        "ret:notCounted": True if found.records is None else None,
        "ret:oldest": day(found.oldest),
        "ret:overdue": overdue.rows if overdue else None,
        "ret:overdueSince": day(overdue.since) if overdue else None,
        "ret:frozen": frozen.rows if frozen else None,
        "ret:frozenSince": day(frozen.since) if frozen else None,
        "ret:heldOn": [
            {"@id": f"{name}:ground:{g.kind.id}", "dct:title": text(g.kind.title), "ret:number": g.rows}
            for g in sorted(found.grounds, key=lambda ground: ground.kind.id)
        ],
        "ret:disposedLastRun": _disposed(f"{name}:last-run", found.last_run),
        "ret:disposed30Days": _disposed(f"{name}:30-days", found.days_30),
        "ret:disposed12Months": _disposed(f"{name}:12-months", found.months_12),
        "ret:checksPassed": checks.passed if checks else None,
        "ret:checkWarnings": checks.warnings if checks else None,
        "ret:checksFailed": checks.failed if checks else None,
        "ret:checkErrors": checks.errors if checks else None,
        "ret:verdict": found.verdict,
        "ret:why": texts(found.why),
        "ret:countedOn": day(found.counted_on),
        "dpv:hasComplianceStatus": ref(COMPLIANCE[found.verdict]),
        "prov:wasDerivedFrom": refs(iri("run", run) for run in found.runs),
    }
    return make(name, ["ret:Finding", "prov:Entity"], fields)


def _disposed(name: str, disposed: Disposed | None) -> Node | None:
    if disposed is None:
        return None
    actions = ("deleted", "anonymised", "minimised", "archived")
    return {"@id": name, "ret:number": disposed.total} | {f"ret:{each}": getattr(disposed, each) for each in actions}


def runs(register: Register) -> Iterator[Node]:
    """The databases and their last runs: the last one whatever became of it, and the one whose figures are given."""
    told: dict[str, Node] = {}
    for night in register.nights:
        store = iri("store", night.store.id)
        fields = {
            "dct:title": text(night.store.title),
            "prov:wasInfluencedBy": refs(iri("run", run.run_id) for run in (night.last, night.counted) if run),
        }
        yield make(store, ["ret:Store", "prov:Entity"], fields)
        for run in (night.last, night.counted):
            if run is not None:
                told[run.run_id] = _run(run, store)
    yield from told.values()


def _run(run: RunRef, store: str) -> Node:
    fields = {
        "dct:identifier": run.run_id,
        "prov:startedAtTime": moment(run.started_at),
        "prov:used": ref(store),
        "ret:asOf": day(run.as_of),
        "ret:policyHash": run.policy_hash,
        "ret:runStatus": run.status,
    }
    return make(iri("run", run.run_id), ["prov:Activity"], fields)
