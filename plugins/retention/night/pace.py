"""How large the next batch is: one that takes about as long as the store's declaration allows."""

from __future__ import annotations

from retention.declare.stores import Pace
from retention.errors import StoreError

GROWTH = 1.2  # at most from one batch to the next: a store warms up slowly and chokes at once
EAGER = 2.0  # at first, for as long as batches take less than a quarter of the target: the next then takes half of it
MEMORY = 0.7  # weight of what is known against the latest batch
TRIES = 3  # timeouts at the smallest size before giving up
_INSTANT = 1e-6  # seconds: a clock may be too coarse for a small batch


class Controller:
    """Steers the size of batches towards a time. One for each unit of work; not for two threads at once.

    Sizes are in units: rows, unless `rows_a_unit` says how many rows a unit holds on average (pages: more than 1, key values
    of a sparse range: less).
    """

    def __init__(self, pace: Pace, *, rows_a_unit: float = 1.0) -> None:
        self._target = pace.target_seconds
        per_unit = max(rows_a_unit, _INSTANT)
        self._smallest = max(1, round(pace.smallest / per_unit))
        self._largest = max(self._smallest, round(pace.largest / per_unit))
        self._size = self._clamped(pace.first_size / per_unit)  # a fraction of a unit is remembered: 1.2 of 1 would stay 1
        self._unit_seconds: float | None = None
        self._stuck = 0
        self._eager = True  # until a batch has taken some of its time: a fast store need not pay for caution
        self._first = True

    def size(self) -> int:
        """Units the next batch may take."""
        return int(self._size)

    def observe(self, size: int, seconds: float) -> None:
        """A batch of `size` units took `seconds`. One far smaller than asked for (the last of a range) tells little.

        The first tells nothing, unless it took too long: with it the statements were made, which later ones use.
        """
        self._stuck = 0
        first, self._first = self._first, False
        if size <= 0 or (first and seconds < self._target):
            return
        weight = (1 - MEMORY) * min(1.0, size / self._size)
        latest = max(seconds, _INSTANT) / size
        known = latest if self._unit_seconds is None else self._unit_seconds
        self._unit_seconds = known + weight * (latest - known)
        self._eager &= seconds < self._target / 4
        growth = EAGER if self._eager else GROWTH
        self._size = self._clamped(min(self._size * growth, self._target / self._unit_seconds))

    def timed_out(self) -> None:
        """A batch met a time limit and was rolled back: the next one is half as large.

        Raises StoreError when batches of the smallest size have met it `TRIES` times in a row.
        """
        self._eager = False
        if self.size() <= self._smallest:
            self._stuck += 1
            if self._stuck >= TRIES:
                raise StoreError(
                    f"even the smallest batches ({self._smallest}) met a time limit {TRIES} times in a row",
                    mend="see what holds locks in the store or which index is missing, or raise lock_timeout_seconds or "
                    "statement_timeout_seconds under `pace` in store.yaml; what is left is the next night's",
                )
        self._size = self._clamped(self._size / 2)
        slowest = self._target / self._size  # what the halved size implies, so that the next success does not undo it
        self._unit_seconds = max(self._unit_seconds or 0.0, slowest)

    def _clamped(self, size: float) -> float:
        return min(max(size, float(self._smallest)), float(self._largest))
