"""Having a plan's work done: wave after wave, the units of a wave shared out among workers, and a sweep at the end."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property, partial

from sqlalchemy import func, literal_column, select, text, update

from retention import holds
from retention.errors import Busy, Conflict, Refused, StoreError, Transient
from retention.night import facts
from retention.night.approval import check_approved
from retention.night.context import Night
from retention.night.disposal import units, whole
from retention.night.disposal.batch import Batch, Job, Shared, one_batch
from retention.night.disposal.strategy import Choice
from retention.night.disposal.units import Unit, units_of
from retention.night.pace import TRIES, Controller
from retention.night.plan import Plan, check_plan, check_validated, load_plan
from retention.night.throttle import Throttle
from retention.stores import tables
from retention.stores.lease import check_lease, holds_lease, superseded
from retention.stores.session import StoreSession, open_store


@dataclass(frozen=True)
class Outcome:
    """What a disposal did: rows by action, and rows on the list that it spared because they were no longer due."""

    disposed: dict[str, int]
    spared: int
    batches: int


Done = Callable[[Batch], None]
A_MOMENT = (0.01, 0.2)  # seconds
WAITING = (0.001, 0.05)  # seconds between two looks at what others are at: at first, and at most
STUCK = 4  # statements of a batch that may each take as long as they are allowed
STUCK_WHOLE = 40  # of a whole partition, whose keys are read and sealed a part at a time


def dispose(night: Night) -> Outcome:
    """Does the whole work of the plan, shared out among threads.

    Raises PlanError where the plan no longer fits or a later run has taken the store; what is receipted stays receipted.
    """
    if night.dry_run:
        load_plan(night)
        return Outcome({}, 0, 0)
    with _at_work(night) as work:
        work.in_threads(len(shares(night)))
        work.sweep()
        return outcome_of(night, work.plan)


def dispose_share(night: Night, share: int) -> Outcome:
    """Does one worker's share of every wave, and helps with the others': what a mapped task does. The first also sweeps."""
    if night.dry_run:
        load_plan(night)
        return Outcome({}, 0, 0)
    with _at_work(night) as work:
        work.through_the_waves(share)
        if share == 0:
            work.sweep()
        return outcome_of(night, work.plan)


def shares(night: Night) -> list[str]:
    """The shares of the plan's work, named after the populations in them. At least one, where there is nothing to do."""
    with night.session.reading("reading the units of work") as connection:
        there = units_of(connection, night.run_id)
    found: list[list[str]] = [[] for _ in range(_workers(night))]
    for wave in range(number_of_waves(night)):
        for share, mine in enumerate(shared_out(night, [unit for unit in there if unit.wave == wave])):
            found[share] += [unit.population for unit in mine]
    names = [", ".join(dict.fromkeys(populations)) for populations in found if populations] or ["nothing due"]
    return [name if len(names) == 1 else f"{name} ({number} of {len(names)})" for number, name in enumerate(names, start=1)]


def ready(night: Night) -> Plan:
    """The plan, once it is known that it still fits, is validated and has the approval it needs. Raises PlanError."""
    plan = load_plan(night)
    check_plan(night, plan)
    check_validated(night)
    check_approved(night, plan)
    return plan


def number_of_waves(night: Night) -> int:
    return 1 + max(units.waves(night).values(), default=-1)


def shared_out(night: Night, there: Sequence[Unit]) -> list[list[Unit]]:
    """The units of a wave for each worker: those that must be done in order are the first's, the others go in turn to each.

    Made alike wherever it is asked: it depends on the units, not on how far they have got.
    """
    in_order = {p.name for p in night.populations if p.suppression is not None}
    found: list[list[Unit]] = [[] for _ in range(_workers(night))]
    turn = 0
    for unit in there:
        if unit.population in in_order:
            found[0].append(unit)
        else:
            found[turn % len(found)].append(unit)
            turn += 1
    return found


def share_of(night: Night, there: Sequence[Unit], share: int) -> list[Unit]:
    """A worker's units of a wave, in the order it takes them. Each other one that may begin at the far end does.

    Old rows lie together, mostly at the front: while one worker deletes there, which the log of the database bounds, the other
    reads where little is due.
    """
    mine = shared_out(night, there)
    found = mine[share] if share < len(mine) else []
    return found[::-1] if share % 2 else found


def _workers(night: Night) -> int:
    """SQLite has one writer; and where facts are published, batches would compute those of the same subject at once."""
    alone = night.session.dialect == "sqlite" or night.publishes
    return 1 if alone else night.store.declared.pace.workers


class _Worker:
    """What one worker keeps from unit to unit: what it needs for a batch, and how large batches may be by now."""

    def __init__(self, work: _Work) -> None:
        self._work = work
        self._controllers: dict[tuple[str, str], Controller] = {}

    @cached_property
    def job(self) -> Job:
        """Made when there is something to do: a night of which nothing is due needs no secret."""
        night = self._work.night
        secret = night.workspace.digest_key(make=not night.evidence.disposed())
        return Job(night, self._work.session, self._work.plan, secret, facts.facts_stale(night), self._work.shared)

    def controller(self, unit: Unit) -> Controller:
        name = (unit.population, unit.strategy)
        if name not in self._controllers:
            self._controllers[name] = controller_for(self._work.night, self._work.plan, unit)
        return self._controllers[name]


@dataclass
class _Work:
    """What the workers of one process share."""

    night: Night
    session: StoreSession
    plan: Plan
    throttle: Throttle
    report: Done
    stop: threading.Event
    shared: Shared
    holds_seen: tuple[object, ...] | None = None
    tries: Counter[int] = field(default_factory=Counter)  # at whole partitions, by unit, whichever worker made them
    _holds_lock: threading.Lock = field(default_factory=threading.Lock)

    def in_threads(self, number: int) -> None:
        """So many workers, each a thread. Where one fails the others stop after their batch, and its error goes on."""
        if number == 1:
            self.through_the_waves(0)
            return
        with ThreadPoolExecutor(number, thread_name_prefix="dispose") as pool:
            futures = [pool.submit(self.through_the_waves, share) for share in range(number)]
            finished, _ = wait(futures, return_when=FIRST_EXCEPTION)
            if any(future.exception() for future in finished):
                self.stop.set()
        for future in (*(f for f in finished if f.exception()), *futures):
            future.result()

    def through_the_waves(self, share: int) -> None:
        """This worker's units of a wave, then whatever others have left of it, then the next wave.

        Units are locked batch by batch, so helping repeats nothing; and nobody waits for a worker that was killed.
        """
        worker = _Worker(self)
        for wave in range(number_of_waves(self.night)):
            self.through(share_of(self.night, self._units(wave), share), worker)
            self._finish(partial(self._units, wave), worker)

    def _units(self, wave: int | None = None) -> tuple[Unit, ...]:
        with self.night.session.reading("reading the units of work") as connection:
            return units_of(connection, self.night.run_id, wave=wave)

    def _finish(self, units: Callable[[], Sequence[Unit]], worker: _Worker) -> None:
        """Does what is left of these units, and waits for what others are at. Raises Busy where nothing moves on."""
        seen: list[Unit] = []
        end, pause = 0.0, WAITING[0]
        while not self.stop.is_set() and (left := [unit for unit in units() if not unit.done]):
            if self.through(left, worker) or left != seen:
                seen, end = left, time.monotonic() + self._patience(left)
            elif time.monotonic() > end:
                raise Busy(
                    f"another worker holds a unit of work of {left[0].population} and does not go on with it",
                    mend="end its session in the database, then run the night again: what it had not committed is not done",
                )
            else:
                self.stop.wait(pause)
                pause = min(2 * pause, WAITING[1])

    def _patience(self, left: Sequence[Unit]) -> float:
        """Seconds in which others must have got on with one of these units."""
        statements = STUCK_WHOLE if any(unit.strategy == "partition" for unit in left) else STUCK
        return statements * self.night.store.declared.pace.statement_timeout_seconds

    def through(self, share: Sequence[Unit], worker: _Worker) -> bool:
        """Units one after the other, each to its end or until another worker is met there. Whether anything was done."""
        moved = False
        for unit in (one for one in share if not one.done):
            if unit.strategy == "partition":
                moved |= self._whole(worker.job, unit.unit)
            else:
                moved |= self._to_its_end(worker.job, unit.unit, worker.controller(unit))
        return moved

    def _to_its_end(self, job: Job, number: int, controller: Controller) -> bool:
        moved = False
        while not self.stop.is_set():
            self.throttle.wait_until_clear(self.stop.is_set)
            if self.stop.is_set():  # it waited until somebody gave up, and the store is no better for it
                return moved
            started = time.monotonic()
            try:
                self._bring_holds()
                batch = _one_batch(job, number, controller.size())
            except Busy:
                return moved
            except Transient as reason:
                _give_way(controller, reason)
                self.stop.wait(random.uniform(*A_MOMENT))
                continue
            if batch is None:
                return moved
            moved = True
            controller.observe(batch.size, time.monotonic() - started)
            self.report(batch)
        return moved

    def _whole(self, job: Job, number: int) -> bool:
        """A partition as a whole: until it is gone, given back, left to a later run, or found with another worker."""
        while not self.stop.is_set():
            self.throttle.wait_until_clear(self.stop.is_set)
            if self.stop.is_set():
                return False
            try:
                self._bring_holds()
                if self.tries[number] < TRIES:
                    batch = whole.dispose(job, number)
                else:
                    whole.give_up(job, number)
                    return True
            except Busy:
                return False
            except Transient:
                self.tries[number] += 1
                if self.tries[number] > 2 * TRIES:
                    raise
                self.stop.wait(random.uniform(*A_MOMENT))
                continue
            if batch is not None:
                self.report(batch)
            return batch is not None
        return False

    def _bring_holds(self) -> None:
        """Delivers holds that were placed or released since the last batch, and that the store could not be told of."""
        with self._holds_lock:
            now = holds.mark(self.night.evidence)
            if now != self.holds_seen:
                holds.reconcile(self.night.evidence, self.night.store, self.session)
                self.holds_seen = now

    def sweep(self) -> None:
        """Lists what is still due of populations that were walked over in ranges, and does that.

        A row that was updated by others may have moved behind a worker's back. Nobody looks where as many rows went as the
        plan counted: that would be to read the whole table once more.
        """
        night, stale = self.night, facts.facts_stale(self.night)
        left = self._left()
        chosen = {choice["population"]: Choice(**choice) for choice in self.plan.document["strategies"]}
        last_keys = self.plan.document["last_keys"]
        missed = [chosen[name] for name, rows in left.items() if rows and _any_due(night, name, last_keys[name], stale)]
        if not missed:
            return
        with night.session.writing("sweeping") as connection:
            check_lease(connection, night.run_id)
            t = tables.work
            mine = (t.c.run_id == night.run_id, t.c.population.in_([c.population for c in missed]), t.c.strategy == "listed")
            connection.execute(update(t).where(*mine).values(position=t.c.high))  # those of an earlier try: listed anew
            before = connection.execute(select(func.max(t.c.unit)).where(t.c.run_id == night.run_id)).scalar() or 0
            listed = [Choice(c.population, "listed", c.why, c.rows, 1) for c in missed]
            units.add(night, connection, listed, (), stale, last_keys)
        worker = _Worker(self)
        for wave in range(number_of_waves(night)):
            self._finish(partial(self._added, wave, before), worker)

    def _left(self) -> dict[str, int]:
        """Of each population that was walked over in ranges, how many more rows the plan counted than have gone."""
        there, gone = self._units(), Counter[str]()
        for unit in there:
            gone[unit.population] += unit.rows
        walked = {unit.population for unit in there if unit.strategy == "range"}  # a partition too, after all
        return {name: self.plan.candidates_of(name) - gone[name] for name in sorted(walked)}

    def _added(self, wave: int, before: int) -> list[Unit]:
        return [unit for unit in self._units(wave) if unit.unit > before]


def _any_due(night: Night, population: str, last_key: int | None, stale: bool) -> bool:
    """Whether a row of a population that was there at the scan is still due.

    PostgreSQL reads the table: its indexes still hold every row that went, and each would be looked up in vain.
    """
    compiled = night.compile(population, facts_stale=stale, children_gone=True)
    verdicts = compiled.due_verdicts()
    known = [] if last_key is None else [compiled.rows.c.record_key <= last_key]
    due = compiled.select(literal_column("1")).where(compiled.could_be_due(), compiled.due(verdicts), *known).limit(1)
    with night.session.reading("looking for rows that were missed") as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL enable_indexscan = off"))
            connection.execute(text("SET LOCAL enable_bitmapscan = off"))
        return connection.execute(due).first() is not None


@contextmanager
def _at_work(night: Night) -> Iterator[_Work]:
    plan, pace = ready(night), night.store.declared.pace
    limits = {"lock_seconds": pace.lock_timeout_seconds, "statement_seconds": pace.statement_timeout_seconds}
    session = open_store(night.store, night.workspace.store_url(night.store.name), **limits)
    throttle = Throttle(night.session, pace)
    try:
        shared = Shared(threading.Semaphore(max(1, _workers(night) // 2)))
        yield _Work(night, session, plan, throttle, _reporting(night, plan), threading.Event(), shared)
    finally:
        throttle.close()
        session.close()


def _give_way(controller: Controller, reason: Transient) -> None:
    """The next batch is smaller. Raises the reason itself, with what can be done, where batches cannot get smaller."""
    try:
        controller.timed_out()
    except StoreError as stuck:
        raise type(reason)(reason.message, mend=stuck.mend) from None


def _one_batch(job: Job, number: int, size: int) -> Batch | None:
    for told in (False, True):
        try:
            return one_batch(job, number, size, told=told)
        except Conflict:
            if told or job.session.dialect != "postgresql":
                raise
        except Refused:
            break
    return one_batch(job, number, size, careful=True)


def controller_for(night: Night, plan: Plan, unit: Unit) -> Controller:
    """What adapts the size of batches: rows, or pages where a range of PostgreSQL is walked."""
    cap = night.bundle.decisions.limits.batch_rows
    pace = night.store.declared.pace
    sizes = {name: min(getattr(pace, name), cap) for name in ("smallest", "first_size", "largest")}
    return Controller(pace.model_copy(update=sizes), rows_a_unit=_rows_a_unit(night, plan, unit))


def _rows_a_unit(night: Night, plan: Plan, unit: Unit) -> float:
    """How many rows lie in one step of a unit's position: more than one where pages of a table are walked."""
    if unit.strategy == "listed" or night.session.dialect != "postgresql":
        return 1.0
    rows = next(choice["rows"] for choice in plan.document["strategies"] if choice["population"] == unit.population)
    with night.session.reading("reading the units of work") as connection:
        like = [u for u in units_of(connection, night.run_id) if (u.population, u.code) == (unit.population, unit.code)]
    return float(max(1.0, rows / max(1, sum(u.high - u.low for u in like if u.strategy == "range"))))


def _reporting(night: Night, plan: Plan) -> Done:
    """Adds up what workers do and tells the night's progress."""
    lock, done = threading.Lock(), 0

    def report(batch: Batch) -> None:
        nonlocal done
        with lock:
            done += batch.rows + batch.spared
            night.progress(f"dispose {night.store.name}", min(done, plan.candidates), plan.candidates)

    return report


def outcome_of(night: Night, plan: Plan) -> Outcome:
    """What the run has done so far, by its units. Raises PlanError where another run has taken the store and cleared them.

    Who finds no units of its own would else take a work that was taken from it for a work that is done.
    """
    r = tables.receipt.c
    with night.session.reading("reading what has been done") as connection:
        done = units_of(connection, night.run_id)
        left = any(not unit.done for unit in done) or (plan.candidates > 0 and not done)
        if left and not holds_lease(connection, night.run_id):
            raise superseded()
        batches = connection.execute(select(func.count()).where(r.run_id == night.run_id)).scalar_one()
    disposed: dict[str, int] = {}
    for unit in done:
        if unit.rows:
            disposed[unit.action.value] = disposed.get(unit.action.value, 0) + unit.rows
    return Outcome(disposed, sum(unit.spared for unit in done), int(batches))
