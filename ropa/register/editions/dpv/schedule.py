"""The retention schedule as storage durations, the decisions they rest on, and what is still open."""

from __future__ import annotations

from collections.abc import Iterator

from ropa.register.editions.dpv.findings import finding
from ropa.register.editions.dpv.nodes import Node, day, iri, make, period, ref, refs, text, texts
from ropa.register.model import Activity, Register, ScheduleLine


def schedule(register: Register) -> Iterator[Node]:
    """Each line of the schedule with its finding: a duration, or a plain statement that none has been decided."""
    for line in register.schedule:
        name = iri("rule", line.id)
        fields = {
            "dct:description": text(line.criterion),
            "dct:identifier": line.id,
            "dct:source": texts(line.sources),
            "dct:title": text(line.title),
            "dpv:hasPersonalData": refs(iri("category", category) for category in line.categories),
            "ret:action": line.action,
            "ret:awaits": refs(iri("decision", decision) for decision in line.awaited),
            "ret:cutoff": day(line.cutoff),
            "ret:finding": ref(iri("finding", "rule", line.id)),
            "ret:scope": texts(line.scope),
            "ret:store": refs(iri("store", store) for store in line.stores),
        }
        yield make(name, ["dpv:StorageDuration", "ret:RetentionRule"], fields | _duration(name, line))
        yield finding(iri("finding", "rule", line.id), line.finding)


def _duration(name: str, line: ScheduleLine) -> Node:
    """A number of calendar months; without one, `indeterminate`, and where a decision is awaited, `not available` besides."""
    if line.months is not None and not line.awaited:
        value = make(f"{name}:period", ["dpv:TemporalDuration"], {"rdf:value": period(line.months)})
        return {"dpv:hasDuration": value}
    if line.awaited:
        return {"dpv:hasApplicability": ref("dpv:NotAvailable"), "dpv:hasDuration": ref("dpv:IndeterminateDuration")}
    return {"dpv:hasDuration": ref("dpv:IndeterminateDuration")}


def unruled(activity: Activity) -> Node:
    """The storage of an activity that no rule governs: the policy's words, and that no duration follows from them."""
    fields = {
        "dct:description": text(activity.time_limit),
        "dpv:hasApplicability": ref("dpv:NotAvailable"),
        "dpv:hasDuration": ref("dpv:IndeterminateDuration"),
    }
    return make(iri("activity", activity.id, "storage"), ["dpv:StorageDuration"], fields)


def decisions(register: Register) -> Iterator[Node]:
    for each in register.decisions:
        fields = {
            "dct:identifier": each.id,
            "dct:source": text(each.source),
            "dct:title": text(each.question),
            "ret:approvedBy": each.approver,
            "ret:awaited": text(each.awaited),
            "ret:checkedOn": day(each.checked_on),
            "ret:decided": each.decided,
            "ret:reviewBy": day(each.review_by),
            "ret:reviewDue": each.review_due,
            "ret:value": text(each.value),
            "dct:relation": refs(iri("rule", rule.id) for rule in each.rules),
        }
        yield make(iri("decision", each.id), ["ret:Decision"], fields)


def gaps(register: Register) -> Iterator[Node]:
    for each in register.gaps:
        fields = {
            "dct:description": text(each.detail),
            "dct:identifier": each.id,
            "dct:title": text(each.title),
            "ret:closes": text(each.closes),
            "ret:owner": text(each.owner),
            "ret:policyLines": each.lines,
            "ret:rank": each.rank,
            "ret:waiting": each.waiting,
            "ret:where": text(each.where),
        }
        yield make(iri("gap", each.id), ["ret:Gap"], fields)


def checks(register: Register) -> Iterator[Node]:
    for each in register.checks:
        fields = {
            "dct:identifier": each.id,
            "dct:title": text(each.title),
            "dpv:hasConformanceStatus": _conformance(each.outcome),
            "ret:article": text(each.article),
            "ret:concerns": sorted(each.concerns),
            "ret:legal": each.legal,
            "ret:outcome": each.outcome,
        }
        yield make(iri("check", each.id), ["ret:Check"], fields)


def _conformance(outcome: str) -> Node | None:
    return {"PASS": ref("dpv:Conformant"), "FAIL": ref("dpv:NonConformant")}.get(outcome)
