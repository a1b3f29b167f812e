"""The verdict on the nights, with its grounds: in order, with reservations, a rehearsal, or something to attend to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from retention.declare.rules import decision_ids
from retention.report.context import Report

Level = Literal["in_order", "reservations", "rehearsal", "attend"]
LEVELS: tuple[Level, ...] = ("in_order", "reservations", "rehearsal", "attend")


@dataclass(frozen=True)
class Matter:
    """One ground of the verdict: what waits, how much of it, for whom, and on which sheet it is shown."""

    level: Level
    what: str
    count: int | None
    whom: str
    sheet: str


def matters(report: Report) -> tuple[Matter, ...]:
    """Everything that stands between these nights and good order, the gravest first."""
    found = [*_runs(report), *_overdue(report), *_unsettled(report), *_holds(report), *_idle(report)]
    return tuple(sorted(found, key=lambda matter: -LEVELS.index(matter.level)))


def verdict(found: tuple[Matter, ...]) -> Level:
    """The gravest level of all grounds."""
    return max((matter.level for matter in found), key=LEVELS.index, default="in_order")


def _runs(report: Report) -> Iterator[Matter]:
    """Stores without a run, runs that failed or rehearsed, rows without an outcome, another declaration than today's."""
    say, operations = report.say, report.say("whom.operations")
    for store in report.bundle.stores:
        night, title = report.nights.get(store), report.store(store)
        if night is None:
            yield Matter("attend", say("matter.never", store=title), None, operations, "summary")
            continue
        if night.run.status in ("failed", "running"):
            yield Matter("attend", say(f"matter.{night.run.status}", store=title), None, operations, "validation")
        if night.run.status == "waiting":
            yield Matter("attend", say("matter.waiting", store=title), night.tally().due, say("whom.compliance"), "breakdown")
        if night.run.status == "rehearsal":
            yield Matter("rehearsal", say("matter.rehearsal", store=title), night.tally().due, operations, "breakdown")
        if gap := night.tally().gap:
            yield Matter("attend", say("matter.gap", store=title), abs(gap), operations, "summary")
        if night.run.policy_hash != report.bundle.policy_hash:
            yield Matter("reservations", say("matter.declaration", store=title), None, say("whom.compliance"), "ledger")
        if warnings := len(night.failures(lambda line: line.severity == "warning")):
            yield Matter("reservations", say("matter.warnings", store=title), warnings, say("whom.owners"), "validation")
        if refused := len(night.failures(lambda line: line.severity == "blocking")):
            yield Matter("attend", say("matter.blocking", store=title), refused, operations, "validation")


def _overdue(report: Report) -> Iterator[Matter]:
    for store, night in report.nights.items():
        late = night.overdue()
        if late.rows and night.run.status != "rehearsal":
            days = late.days(night.run.as_of)
            age = report.say("matter.age", days="?" if days is None else report.say.count(days))
            what = report.say("matter.overdue", store=report.store(store), age=age)
            yield Matter("attend", what, late.rows, report.say("whom.operations"), "breakdown")


def _unsettled(report: Report) -> Iterator[Matter]:
    """Rows that stay because somebody has yet to say or mend something."""
    say = report.say
    quarantined = sum(line.rows for _, line in report.lines(latest=True) if line.disposition == "quarantine")
    awaited = {name for rule in report.bundle.rules.rules for name in decision_ids(rule) if _undecided(report, name)}
    candidates = (
        (say("matter.quarantine"), quarantined, say("whom.owners"), "quarantine"),
        (say("matter.undecided"), report.rows("undecided"), say("whom.operator"), "undecided"),
        (say("matter.awaited"), len(awaited), say("whom.operator"), "undecided"),
        (say("matter.no_criterion"), report.rows("no_criterion"), say("whom.compliance"), "undecided"),
        (say("matter.stale"), report.rows("facts_stale"), say("whom.operations"), "breakdown"),
        (
            say("matter.person"),
            report.rows("restriction_and_erasure", "erasure_contract_live"),
            say("whom.compliance"),
            "holds",
        ),
    )
    yield from (Matter("reservations", what, count, whom, sheet) for what, count, whom, sheet in candidates if count)


def _undecided(report: Report, name: str) -> bool:
    found = report.bundle.decisions.get(name)
    return found is None or not found.decided


def _holds(report: Report) -> Iterator[Matter]:
    late = sum(hold.review_by < report.as_of for hold in report.evidence.holds())
    if late:
        yield Matter("reservations", report.say("matter.review"), late, report.say("whom.approvers"), "holds")


def _idle(report: Report) -> Iterator[Matter]:
    """Populations of which nothing was ever disposed of in many nights: perhaps a mapping that finds nothing."""
    nights = report.bundle.decisions.limits.idle_nights
    for store in report.nights:
        if idle := report.evidence.idle_populations(store, nights):
            what = report.say("matter.idle", store=report.store(store), populations=", ".join(idle), nights=nights)
            yield Matter("reservations", what, len(idle), report.say("whom.operations"), "breakdown")
