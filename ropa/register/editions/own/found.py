"""What the runs found, as columns: of a category, an activity or a rule. Missing and old evidence say so in the cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

from retention.declare.words import Text
from retention.status import LATE_DAYS
from retention.workbook import Column, Field, Kind, Marked, Tone, Value
from ropa.register.editions.own.edition import Edition, bullets
from ropa.register.model import Activity, Finding, Night, Verdict

T = TypeVar("T")
TONES: dict[Verdict, Tone] = {"yes": "good", "partly": "warn", "unknown": "warn", "no": "bad"}
COUNTS: dict[str, Callable[[Finding], int | None]] = {
    "records": lambda finding: finding.records,
    "due": lambda finding: finding.due,
    "overdue": lambda finding: finding.overdue.rows if finding.overdue else None,
    "frozen": lambda finding: finding.held,
    "quarantined": lambda finding: finding.quarantined,
    "undecided": lambda finding: finding.undecided,
    "last_run": lambda finding: finding.last_run.total if finding.last_run else None,
    "days_30": lambda finding: finding.days_30.total if finding.days_30 else None,
    "months_12": lambda finding: finding.months_12.total if finding.months_12 else None,
}


def field(
    edition: Edition, name: str, width: float, of: Callable[[T], Finding], *, group: str = "", short: bool = False
) -> Field[T]:
    """The column `name` of whatever has a finding. `short`: it has no room for a sentence where a count is missing."""
    column = Column(edition.say(f"holdings.{name}"), width, _KINDS.get(name, "count"), group)
    say = _VALUES.get(name)
    if say is not None:
        return Field(column, lambda item: say(edition, of(item)))
    brief = short or name != "records"
    return Field(column, lambda item: _count(edition, name, of(item), short=brief))


def total(name: str, findings: list[Finding]) -> int | None:
    """A column's total; None where one of them was not counted."""
    counts = [COUNTS[name](finding) for finding in findings]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def _missing(edition: Edition, *, short: bool = True) -> Value:
    """For want of a count: nobody has counted; or, where every store was counted, there is no rule or store to count by."""
    if _all_counted(edition):
        return None if short else Marked(nothing(edition), "muted")
    return Marked(edition.say("holdings.uncounted"), "muted") if short else Marked(nothing(edition), "bad")


def nothing(edition: Edition) -> str:
    """That there are no figures, in a sentence."""
    return edition.say("holdings.nothing" if _all_counted(edition) else "holdings.nobody")


def _all_counted(edition: Edition) -> bool:
    return all(night.counted is not None for night in edition.register.nights)


def old(edition: Edition, finding: Finding) -> bool:
    """Whether the figures are older than a nightly run's may be."""
    return finding.counted_on is not None and (edition.register.as_of - finding.counted_on).days > LATE_DAYS


def verdict(edition: Edition, judged: Verdict) -> Marked:
    return Marked(edition.say(f"verdict.{judged}"), TONES[judged])


def checks(edition: Edition, finding: Finding) -> Value:
    """Expectations by outcome."""
    found, say = finding.checks, edition.say
    if found is None:
        return _missing(edition)
    counts = {name: getattr(found, name) for name in ("passed", "warnings", "failed", "errors") if getattr(found, name)}
    if not counts:
        return say("holdings.checks.none")
    tone: Tone = "bad" if found.failed or found.errors else "note" if found.warnings else "plain"
    return Marked("\n".join(say(f"holdings.checks.{name}", count=say.count(count)) for name, count in counts.items()), tone)


def runs(edition: Edition, finding: Finding) -> Value:
    """The runs whose figures these are, with their days; old ones say how old."""
    lines = [run_line(edition, night) for night in edition.register.nights if _counted(night, finding)]
    if not lines:
        return _missing(edition, short=False)
    return Marked(bullets(lines), "warn" if old(edition, finding) else "plain")


def run_line(edition: Edition, night: Night) -> str:
    """A store's run in a sentence, then its id."""
    say, run = edition.say, night.counted
    assert run is not None
    late = night.late_days is not None and night.late_days > LATE_DAYS
    words = say(
        "holdings.run_old" if late else "holdings.run",
        store=say.of(night.store.title),
        date=say.date(run.as_of),
        status=say(f"status.{run.status}").lower(),
        days=night.late_days,
    )
    return f"{words}\n{run.run_id}"


def _counted(night: Night, finding: Finding) -> bool:
    return night.counted is not None and night.counted.run_id in finding.runs


def _count(edition: Edition, name: str, finding: Finding, *, short: bool) -> Value:
    count = COUNTS[name](finding)
    if count is None:
        return _missing(edition, short=short)
    if name == "overdue" and count:
        return Marked(count, "bad")
    return Marked(count, "note") if old(edition, finding) else count


def _oldest(edition: Edition, finding: Finding) -> Value:
    if finding.records is None:
        return _missing(edition)
    return finding.oldest or (edition.say("holdings.no_oldest") if finding.records else None)


def since(edition: Edition, finding: Finding) -> Value:
    """The first day on which the oldest overdue record was due."""
    late = finding.overdue
    if late is None:
        return _missing(edition)
    if not late.rows:
        return None
    return Marked(late.since or edition.say("unknown_date"), "bad")


def _grounds(edition: Edition, finding: Finding) -> Value:
    say = edition.say
    return (
        bullets(
            say("holdings.ground", title=say.of(ground.kind.title), count=say.count(ground.rows)) for ground in finding.grounds
        )
        or None
    )


def why(edition: Edition, finding: Finding) -> Value:
    return bullets(edition.say.of(text) for text in finding.why) or None


def why_of_activity(edition: Edition, activity: Activity) -> Value:
    """The reasons of an activity's verdict: those that not all of its categories share name the categories."""
    say = edition.say
    categories: dict[tuple[Text, ...], list[str]] = {}
    for part in activity.found:
        categories.setdefault(part.finding.why, []).append(say.of(part.category.title))
    if len(categories) < 2:
        return bullets(say.of(text) for text in activity.why) or None
    return bullets(
        f"{', '.join(names)}{say.colon}{edition.semicolon.join(say.of(text) for text in reasons)}"
        for reasons, names in categories.items()
        if reasons
    )


def _verdict(edition: Edition, finding: Finding) -> Value:
    return verdict(edition, finding.verdict)


_KINDS: dict[str, Kind] = {
    "oldest": "date",
    "since": "date",
    "grounds": "text",
    "runs": "text",
    "checks": "text",
    "verdict": "text",
    "why": "text",
}
_VALUES: dict[str, Callable[[Edition, Finding], Value | dt.date]] = {
    "oldest": _oldest,
    "since": since,
    "grounds": _grounds,
    "runs": runs,
    "checks": checks,
    "verdict": _verdict,
    "why": why,
}
