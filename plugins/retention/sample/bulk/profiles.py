"""Who the bulk's subjects are: customers, past customers, trials and prospects, as ages in days.

Ages keep clear of the boundaries of the example decisions; the cases are about those.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

Kind = Literal["live", "ended", "long_ended", "gone", "trial", "trial_due", "prospect", "prospect_due"]

_SHARES: dict[Kind, float] = {
    "live": 0.56,
    "ended": 0.11,  # less than three years ago
    "long_ended": 0.07,  # three to five years ago
    "gone": 0.055,  # more than five years ago: due
    "trial": 0.10,
    "trial_due": 0.03,
    "prospect": 0.06,
    "prospect_due": 0.015,
}


class Profile(NamedTuple):
    """One subject. Ages are days before the as-of date; `ended` is None without an end, negative for an end ahead."""

    kind: Kind
    account_id: int
    ref: str
    created: int
    contact: int
    started: int | None = None
    ended: int | None = None
    trial: int | None = None


def draw(rng: random.Random, account_id: int, ref: str, kind: Kind) -> Profile:
    """A subject of one kind."""
    days = rng.randint
    if kind.startswith("prospect"):
        contact = days(1_110, 1_400) if kind == "prospect_due" else days(1, 1_060)
        return Profile(kind, account_id, ref, contact + days(0, 500), contact)
    if kind.startswith("trial"):
        start = days(775, 930) if kind == "trial_due" else days(1, 730)
        return Profile(kind, account_id, ref, start, min(start, days(1, 60)), trial=start)
    ended = _ENDS[kind](rng)
    started = (max(ended, 0) if ended is not None else 0) + days(400, 2_800)
    trial = started + days(20, 60) if rng.random() < 0.65 else None
    return Profile(kind, account_id, ref, started + days(60, 200), max(1, ended or days(1, 300)), started, ended, trial)


def kinds(rng: random.Random, count: int) -> list[Kind]:
    return rng.choices(list(_SHARES), weights=list(_SHARES.values()), k=count)


def of_kinds(profiles: Sequence[Profile], *wanted: Kind) -> list[Profile]:
    return [profile for profile in profiles if profile.kind in wanted]


def _live_end(rng: random.Random) -> int | None:
    return -rng.randint(30, 700) if rng.random() < 0.3 else None


_ENDS: dict[str, Callable[[random.Random], int | None]] = {
    "live": _live_end,
    "ended": lambda rng: rng.randint(20, 1_000),
    "long_ended": lambda rng: rng.randint(1_120, 1_780),
    "gone": lambda rng: rng.randint(1_850, 2_600),
}
