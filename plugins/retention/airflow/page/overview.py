"""What the first page shows: every store and category as its last run left it, and what a person should look at."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from retention.dates import PARIS
from retention.declare.bundle import Bundle
from retention.evidence.records import Asked, Hold, Run
from retention.report import reasons
from retention.report.approval import why
from retention.status import CategoryStatus, Problem, Status, StoreStatus
from retention.typography import Words

Tone = Literal["good", "warn", "bad", "quiet"]
TONES: dict[str, Tone] = {"passed": "good", "failed": "bad", "rehearsal": "quiet"}  # of any other: warn
# What the command line calls its runs; any other run of a store is called after the DAG run that it is.
_BY_COMMAND = re.compile(r"\d{4}-\d\d-\d\d:\d{8}T\d+")


@dataclass(frozen=True)
class RunShown:
    """A run, with where Airflow shows it (below the address of Airflow itself; None for a run of the command line)."""

    run_id: str
    as_of: str
    outcome: str
    tone: Tone
    started: str
    note: str
    path: str | None
    here: str  # where this page shows it, below its own address


@dataclass(frozen=True)
class CategoryShown:
    """A category of a store. `days`: the age of its oldest overdue record, where something is overdue.

    Counts are None where nobody has counted yet.
    """

    title: str
    standing: str
    tone: Tone
    records: int | None
    due: int | None
    overdue: int | None
    days: int | None
    held: int | None
    frozen: int | None
    quarantined: int | None
    undecided: int | None


@dataclass(frozen=True)
class StoreShown:
    name: str
    title: str
    problems: tuple[str, ...]
    run: RunShown | None
    categories: tuple[CategoryShown, ...]

    @property
    def in_order(self) -> bool:
        return not self.problems


@dataclass(frozen=True)
class HoldsShown:
    """Holds and requests in force: how many, how many of them whose review is late, and the next day of review."""

    count: int
    late: int
    next_review: str | None


@dataclass(frozen=True)
class WaitingShown:
    """A plan that waits for a person: what it would dispose of, and why somebody must look."""

    store: str
    run: RunShown
    rows: int
    reasons: tuple[str, ...]
    oldest: str
    newest: str
    two_persons: bool
    answer_by: str
    plan_hash: str


@dataclass(frozen=True)
class Overview:
    as_of: str
    tone: Tone
    headline: str
    more: str
    stores: tuple[StoreShown, ...]
    waiting: tuple[WaitingShown, ...]
    holds: HoldsShown


def overview(bundle: Bundle, found: Status, waiting: Iterable[Asked], holds: Iterable[Hold], say: Words) -> Overview:
    """All of it in one language."""
    tone, headline, more = _headline(found, say)
    stores = tuple(_store(bundle, store, found.as_of, say) for store in found.stores)
    asked = tuple(_waiting(bundle, each, say) for each in waiting)
    return Overview(say.date(found.as_of), tone, headline, more, stores, asked, _holds(holds, found.as_of, say))


def run_shown(run: Run, say: Words) -> RunShown:
    return RunShown(
        run_id=run.run_id,
        as_of=say.date(run.as_of),
        outcome=reasons.words(reasons.STATUSES, run.status, say.language),
        tone=TONES.get(run.status, "warn"),
        started=moment(run.started_at, say),
        note=run.note or "",
        path=path_of(run.run_id, run.store),
        here=f"/runs/{quote(run.store, safe='')}/{quote(run.run_id, safe='')}",
    )


def path_of(run_id: str, store: str) -> str | None:
    """Where Airflow shows the DAG run that a run of ours is."""
    prefix, _, dag_run = run_id.partition(":")
    if prefix != store or not dag_run or _BY_COMMAND.fullmatch(dag_run):
        return None
    return f"/dags/retention_{quote(store, safe='')}/runs/{quote(dag_run, safe='')}"


def moment(instant: dt.datetime, say: Words) -> str:
    """A stored instant (UTC without a zone) as Paris clocks show it."""
    there = instant.replace(tzinfo=dt.UTC).astimezone(PARIS)
    return f"{say.date(there.date())} {there:%H:%M}"


def category_title(bundle: Bundle, category: str, say: Words) -> str:
    declared = next((each for each in bundle.policy.categories if each.id == category), None)
    return say.of(declared.title) if declared else category


def _headline(found: Status, say: Words) -> tuple[Tone, str, str]:
    late = found.overdue
    if late.rows:
        days = late.days(found.as_of)
        age = say("overview.oldest", days=say.count(days)) if days is not None else ""
        return "bad", say("overview.overdue", rows=say.count(late.rows)), age
    if found.in_order:
        return "good", say("overview.in_order"), say("overview.in_order.more")
    count = sum(bool(store.problems) for store in found.stores)
    return "warn", say("overview.attend"), say("overview.attend.more", stores=count)


def _store(bundle: Bundle, store: StoreStatus, as_of: dt.date, say: Words) -> StoreShown:
    never = store.counted is None
    return StoreShown(
        name=store.store,
        title=say.of(store.title),
        problems=tuple(_problem(problem, say) for problem in store.problems),
        run=run_shown(store.last, say) if store.last else None,
        categories=tuple(_category(bundle, each, as_of, say, never=never) for each in store.categories),
    )


def _problem(problem: Problem, say: Words) -> str:
    return say(f"problem.{problem.trouble}", number=say.count(problem.number))


def _category(bundle: Bundle, found: CategoryStatus, as_of: dt.date, say: Words, *, never: bool) -> CategoryShown:
    title = category_title(bundle, found.category, say)
    if never:
        return CategoryShown(title, say("standing.unknown"), "quiet", None, None, None, None, None, None, None, None)
    standing, tone = _standing(found)
    return CategoryShown(
        title=title,
        standing=say(f"standing.{standing}"),
        tone=tone,
        records=found.records,
        due=found.due,
        overdue=found.overdue.rows,
        days=found.overdue.days(as_of),
        held=found.held,
        frozen=found.frozen.rows,
        quarantined=found.quarantined,
        undecided=found.undecided,
    )


def _standing(found: CategoryStatus) -> tuple[str, Tone]:
    if found.overdue.rows:
        return "overdue", "bad"
    return ("reservations", "warn") if found.quarantined or found.undecided else ("in_order", "good")


def _waiting(bundle: Bundle, asked: Asked, say: Words) -> WaitingShown:
    mapped = bundle.stores.get(asked.run.store)
    return WaitingShown(
        store=say.of(mapped.declared.title) if mapped else asked.run.store,
        run=run_shown(asked.run, say),
        rows=asked.rows,
        reasons=tuple(why(reason, say.language) for reason in asked.reasons),
        oldest=say.date(asked.oldest) if asked.oldest else "",
        newest=say.date(asked.newest) if asked.newest else "",
        two_persons=asked.two_persons,
        answer_by=moment(asked.answer_by, say),
        plan_hash=asked.plan_hash,
    )


def _holds(holds: Iterable[Hold], as_of: dt.date, say: Words) -> HoldsShown:
    days = sorted(hold.review_by for hold in holds)
    return HoldsShown(len(days), sum(day < as_of for day in days), say.date(days[0]) if days else None)
