"""What other users of a server feel: short point queries and small inserts at a steady rate, from a process of their own."""

from __future__ import annotations

import multiprocessing
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import create_engine, text

EVERY = 0.005  # seconds from one query to the next, whatever the last one took


@contextmanager
def probing(url: str, rows: int) -> Iterator[list[float]]:
    """Latencies in seconds, filled in when the block ends."""
    context = multiprocessing.get_context("spawn")
    stop, ready, queue = context.Event(), context.Event(), context.Queue()
    process = context.Process(target=_probe, args=(url, rows, stop, ready, queue))
    process.start()
    ready.wait(20)
    found: list[float] = []
    try:
        yield found
    finally:
        stop.set()
        found += queue.get(timeout=60)
        process.join()


def p99(latencies: list[float]) -> float:
    return statistics.quantiles(latencies, n=100)[98] if len(latencies) > 1 else 0.0


def _probe(url: str, rows: int, stop: Any, ready: Any, queue: Any) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    found: list[float] = []
    with engine.connect() as connection:
        look = text("SELECT path FROM page_events WHERE event_id = :key")
        write = text("INSERT INTO visits (visit_id, visited_at) VALUES (:key, CURRENT_TIMESTAMP)")
        connection.execute(look, {"key": 1})
        ready.set()
        due, number = time.perf_counter(), 0
        while not stop.is_set():
            number += 1
            if number % 10:
                connection.execute(look, {"key": number * 7919 % rows + 1}).all()
            else:
                connection.execute(write, {"key": 10**9 + number})
            now = time.perf_counter()
            found.append(now - due)  # from when it was due: waiting behind a slow one counts
            due = max(due + EVERY, due)
            time.sleep(max(0.0, due - now))
    engine.dispose()
    queue.put(found)
