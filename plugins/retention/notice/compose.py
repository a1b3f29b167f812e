"""The letters: a night that failed, one that left something, one that waits for a person, one that is late."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from retention.declare.words import Language
from retention.evidence.figures import Overdue
from retention.notice.labels import LABELS
from retention.notice.letter import Grade, Letter
from retention.notice.outcome import Outcome
from retention.typography import Words


@dataclass(frozen=True)
class About:
    """What a letter is about. `step` and `said` are empty where nobody knows; `link` leads to the run in Airflow."""

    title: str
    date: dt.date
    run_id: str
    step: str = ""
    said: str = ""
    link: str = ""


def failed(about: About, found: Outcome | None, language: Language) -> Letter:
    """A night that failed. Without an outcome neither evidence nor declaration could be read."""
    say = Words(LABELS, language)
    rehearsal = found is not None and found.rehearsal
    lines = [
        *((("line.step", [about.step]),) if about.step else ()),
        ("line.said", [about.said or say("said.nothing")]),
        ("line.means", [_means(say, found)]),
        *(_state(say, found, about.date) if found is not None else ()),
        ("line.next", _next_of_failure(say, found)),
    ]
    grade: Grade = "amber" if rehearsal or (found is not None and not found.red and found.disposed) else "red"
    title = say("failed.rehearsal" if rehearsal else "failed.title", title=about.title, date=say.date(about.date))
    return _letter(say, grade, title, about, lines)


def done(about: About, found: Outcome, language: Language) -> Letter | None:
    """A night that is over; None where there is nothing to tell: nothing overdue, unproven, or open."""
    say = Words(LABELS, language)
    open_questions = found.quarantined or found.warnings
    if found.rehearsal or not (found.red or open_questions):
        return None
    key = "done.unproven" if found.unproven else "done.overdue" if found.overdue.rows else "done.reserved"
    steps = [say("next.verify")] if found.unproven else []
    steps += [say("next.overdue")] if found.overdue.rows else []
    steps += [say("next.quarantine")] if open_questions else []
    lines = [
        ("line.means", [say("means.done", rows=say.count(found.disposed))]),
        *_state(say, found, about.date),
        ("line.next", steps),
    ]
    title = say(key, title=about.title, date=say.date(about.date))
    return _letter(say, "red" if found.red else "amber", title, about, lines)


def waiting(about: About, rows: int, plan_hash: str, language: Language) -> Letter:
    """A plan that nobody has approved yet."""
    say = Words(LABELS, language)
    lines = [
        ("line.due", [say("rows", rows=say.count(rows))]),
        ("line.plan", [plan_hash]),
        ("line.means", [say("means.waiting")]),
        ("line.next", [say("next.approve")]),
    ]
    return _letter(say, "blue", say("waiting.title", title=about.title), about, lines)


def late(about: About, found: Outcome | None, language: Language, *, night: bool = True) -> Letter:
    """A run that is not over in time."""
    say = Words(LABELS, language)
    lines = [
        ("line.means", [say("means.late" if night else "means.other")]),
        *(_state(say, found, about.date) if found is not None else ()),
        ("line.next", [say("next.late")]),
    ]
    title = say("late.title" if night else "late.other", title=about.title)
    return _letter(say, "red" if night else "amber", title, about, lines)


def other(about: About, language: Language) -> Letter:
    """A DAG that touches no store and failed."""
    say = Words(LABELS, language)
    lines = [
        *((("line.step", [about.step]),) if about.step else ()),
        *((("line.said", [about.said]),) if about.said else ()),
        ("line.means", [say("means.other")]),
        ("line.next", [say("next.other")]),
    ]
    return _letter(say, "amber", say("other.title", title=about.title), about, lines)


def _letter(say: Words, grade: Grade, title: str, about: About, lines: list[tuple[str, list[str]]]) -> Letter:
    told = tuple((say(key), tuple(parts)) for key, parts in [*lines, *([] if about.link else [("line.run", [about.run_id])])])
    links = ((say("line.run"), about.link),) if about.link else ()
    return Letter(say.language, grade, say(f"grade.{grade}"), title, told, say("who"), links)


def _means(say: Words, found: Outcome | None) -> str:
    if found is None:
        return say("means.unread")
    if found.rehearsal:
        return say("means.rehearsal")
    if not found.disposed:
        return say("means.nothing")
    return say("means.part" if found.unproven else "means.checked", rows=say.count(found.disposed))


def _next_of_failure(say: Words, found: Outcome | None) -> list[str]:
    steps = [say("next.mend"), say("next.status")]
    return [say("next.verify"), *steps] if found is not None and found.unproven else steps


def _state(say: Words, found: Outcome, day: dt.date) -> list[tuple[str, list[str]]]:
    """What is late, frozen, unproven or open: overdue is always told, the others where there are any."""
    lines = [("line.overdue", [_overdue(say, found, day)])]
    for key, count in (
        ("line.frozen", found.frozen.rows),
        ("line.unproven", found.unproven),
        ("line.quarantine", found.quarantined),
    ):
        if count:
            lines.append((key, [say("rows", rows=say.count(count))]))
    if found.warnings:
        lines.append(("line.warnings", [say.count(found.warnings)]))
    return lines


def _overdue(say: Words, found: Outcome, day: dt.date) -> str:
    if found.counted is None:
        return say("rows.never")
    return f"{_rows(say, found.overdue, day)} {say('rows.counted', date=say.date(found.counted))}"


def _rows(say: Words, overdue: Overdue, day: dt.date) -> str:
    if not overdue.rows:
        return say("rows.none")
    days = overdue.days(day)
    if days is None:
        return say("rows", rows=say.count(overdue.rows))
    return say("rows.since", rows=say.count(overdue.rows), days=say.count(max(days, 0)))
