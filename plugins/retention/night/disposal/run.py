"""Having a plan's work done: wave after wave, the units of a wave shared out among workers, and a sweep at the end."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import func, select, update

from retention.errors import PlanError, Refused, Transient
from retention.night import facts
from retention.night.context import Night
from retention.night.disposal import units
from retention.night.disposal.batch import Batch, Job, one_batch
from retention.night.disposal.strategy import Choice
from retention.night.disposal.units import Unit, units_of
from retention.night.pace import Controller
from retention.night.plan import Plan, check_plan, check_validated, load_plan
from retention.night.throttle import Throttle
from retention.stores import tables
from retention.stores.lease import check_lease


@dataclass(frozen=True)
class Outcome:
    """What a disposal did: rows by action, and rows on the list that it spared because they were no longer due."""

    disposed: dict[str, int]
    spared: int
    batches: int


Done = Callable[[Batch], None]


def dispose(night: Night) -> Outcome:
    """Does the whole work of the plan: every wave, each shared out among threads, then the sweep.

    Raises PlanError where the plan no longer fits or a later run has taken the store; what is receipted stays receipted.
    """
    if night.dry_run:
        load_plan(night)
        return Outcome({}, 0, 0)
    with _at_work(night) as work:
        for wave in range(number_of_waves(night)):
            work.in_threads(shares_of(night, wave))
        _sweep(work)
    return outcome_of(night)


def dispose_share(night: Night, wave: int, share: int) -> Outcome:
    """Does one worker's share of a wave: what a mapped task does. A share that is not there (any more) is nothing to do."""
    if night.dry_run:
        return Outcome({}, 0, 0)
    with _at_work(night) as work:
        shares = shares_of(night, wave)
        if share < len(shares):
            work.through(shares[share])
    return outcome_of(night)


def sweep(night: Night) -> Outcome:
    """Does what walking over ranges may have missed: rows that moved behind a worker's back while others wrote."""
    if night.dry_run:
        return Outcome({}, 0, 0)
    with _at_work(night) as work:
        _sweep(work)
    return outcome_of(night)


def ready(night: Night) -> Plan:
    """The plan, once it is known that it still fits and has passed its validation. Raises PlanError."""
    plan = load_plan(night)
    check_plan(night, plan)
    check_validated(night)
    return plan


def number_of_waves(night: Night) -> int:
    return 1 + max(units.waves(night).values(), default=-1)


def shares_of(night: Night, wave: int) -> list[list[int]]:
    """The units of a wave that still have work, by number, for each worker. Made alike wherever and whenever it is asked."""
    with night.session.reading("reading the units of work") as connection:
        there = units_of(connection, night.run_id, wave=wave)
    return shared_out(night, there)


def shared_out(night: Night, there: Sequence[Unit]) -> list[list[int]]:
    """Units that must be done in order go to the first worker, the others in turn to each."""
    workers = 1 if _one_at_a_time(night) else night.store.declared.pace.workers
    in_order = {p.name for p in night.populations if p.suppression is not None}
    shares: list[list[int]] = [[] for _ in range(workers)]
    turn = 0
    for unit in there:
        if unit.population in in_order:
            shares[0].append(unit.unit)
        else:
            shares[turn % workers].append(unit.unit)
            turn += 1
    return [share for share in shares if share]


def _one_at_a_time(night: Night) -> bool:
    """SQLite has one writer; and where facts are published, batches would compute those of the same subject at once."""
    publisher = night.bundle.publisher()
    return night.session.dialect == "sqlite" or (publisher is not None and publisher.name == night.store.name)


@dataclass
class _Work:
    """What the workers of one process share."""

    night: Night
    plan: Plan
    throttle: Throttle
    report: Done
    stop: threading.Event

    def in_threads(self, shares: list[list[int]]) -> None:
        """Each share in a thread of its own. Where one fails the others stop after their batch, and its error goes on."""
        if len(shares) == 1:
            self.through(shares[0])
        elif shares:
            with ThreadPoolExecutor(len(shares), thread_name_prefix="dispose") as pool:
                futures = [pool.submit(self.through, share) for share in shares]
                finished, _ = wait(futures, return_when=FIRST_EXCEPTION)
                if any(future.exception() for future in finished):
                    self.stop.set()
            for future in (*(f for f in finished if f.exception()), *futures):
                future.result()

    def through(self, share: Sequence[int]) -> None:
        """The units of one share, each to its end."""
        secret = self.night.workspace.digest_key(make=not self.night.evidence.disposed())
        job = Job(self.night, self.plan, secret, facts.facts_stale(self.night))
        controllers: dict[tuple[str, str], Controller] = {}
        for number in share:
            unit = _read(self.night, number)
            name = (unit.population, unit.strategy)
            if name not in controllers:
                controllers[name] = controller_for(self.night, self.plan, unit)
            self._to_its_end(job, number, controllers[name])

    def _to_its_end(self, job: Job, number: int, controller: Controller) -> None:
        while not self.stop.is_set():
            self.throttle.wait_until_clear(self.stop.is_set)
            started = time.monotonic()
            try:
                batch = _one_batch(job, number, controller.size())
            except Transient:
                controller.timed_out()
                continue
            if batch is None:
                return
            controller.observe(batch.size, time.monotonic() - started)
            self.report(batch)


@contextmanager
def _at_work(night: Night) -> Iterator[_Work]:
    plan = ready(night)
    throttle = Throttle(night.session, night.store.declared.pace)
    try:
        yield _Work(night, plan, throttle, _reporting(night, plan), threading.Event())
    finally:
        throttle.close()


def _one_batch(job: Job, number: int, size: int) -> Batch | None:
    try:
        return one_batch(job, number, size)
    except Refused:
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


def _read(night: Night, number: int) -> Unit:
    with night.session.reading("reading the units of work") as connection:
        found = [unit for unit in units_of(connection, night.run_id) if unit.unit == number]
    if not found:
        raise PlanError("the units of this plan are no longer in the store", mend="start the night again")
    return found[0]


def _sweep(work: _Work) -> None:
    """Lists what is still due of populations that were walked over in ranges, and does that."""
    night, plan = work.night, work.plan
    ranged = [Choice(**choice) for choice in plan.document["strategies"] if choice["strategy"] == "range"]
    if not ranged:
        return
    stale = facts.facts_stale(night)
    with night.session.writing("sweeping") as connection:
        check_lease(connection, night.run_id)
        t = tables.work
        mine = (t.c.run_id == night.run_id, t.c.population.in_([c.population for c in ranged]), t.c.strategy == "listed")
        connection.execute(update(t).where(*mine).values(position=t.c.high))  # those of an earlier try: the list is made anew
        before = connection.execute(select(func.max(t.c.unit)).where(t.c.run_id == night.run_id)).scalar() or 0
        left = [Choice(c.population, "listed", c.why, c.rows, 1) for c in ranged]
        units.add(night, connection, left, (), stale, plan.document["last_keys"])
        added = [unit for unit in units_of(connection, night.run_id) if unit.unit > before]
    for wave in range(number_of_waves(night)):
        work.in_threads(shared_out(night, [unit for unit in added if unit.wave == wave]))


def _reporting(night: Night, plan: Plan) -> Done:
    """Adds up what workers do and tells the night's progress."""
    lock, done = threading.Lock(), 0

    def report(batch: Batch) -> None:
        nonlocal done
        with lock:
            done += batch.rows + batch.spared
            night.progress(f"dispose {night.store.name}", min(done, plan.candidates), plan.candidates)

    return report


def outcome_of(night: Night) -> Outcome:
    """What the run has done so far, by its units."""
    disposed: dict[str, int] = {}
    with night.session.reading("reading the units of work") as connection:
        done = units_of(connection, night.run_id)
    for unit in done:
        if unit.rows:
            disposed[unit.action.value] = disposed.get(unit.action.value, 0) + unit.rows
    r = tables.receipt.c
    with night.session.reading("counting receipts") as connection:
        batches = connection.execute(select(func.count()).where(r.run_id == night.run_id)).scalar_one()
    return Outcome(disposed, sum(unit.spared for unit in done), int(batches))
