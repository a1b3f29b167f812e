"""Bulk rows of the subscription store."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal, NamedTuple

from retention.sample.book import Book
from retention.sample.bulk.ages import Ages
from retention.sample.bulk.profiles import Profile, of_kinds
from retention.sample.rows import Preference, Subscriber, Suppressed
from retention.sample.write import CHUNK, Writer, chunks

_TOPICS = ("nouveautes", "tarifs", "incidents", "webinaires", "conseils")
_CHANNELS = ("email", "sms")
Source = Literal["unknown", "live", "ended", "long_ended", "trial", "trial_due"]
_SHARES: dict[Source, float] = {
    "unknown": 0.40,
    "live": 0.42,
    "ended": 0.06,
    "long_ended": 0.025,
    "trial": 0.08,
    "trial_due": 0.015,
}


class Subscription(NamedTuple):
    subscriber: Subscriber
    preferences: list[Preference]


class Subscribers:
    """Subscribers, known as customers or not, their preferences, and the suppression list."""

    def __init__(self, book: Book, ages: Ages, rng: random.Random, profiles: Sequence[Profile]) -> None:
        self._book, self._ages, self._rng = book, ages, rng
        self._pools: dict[Source, list[Profile]] = {kind: of_kinds(profiles, kind) for kind in _SHARES if kind != "unknown"}

    def write(self, writer: Writer, count: int) -> None:
        sources = self._rng.choices(list(_SHARES), weights=list(_SHARES.values()), k=count)
        for batch in chunks((self._subscription(source) for source in sources), CHUNK):
            writer.add(Subscriber, (item.subscriber for item in batch))
            writer.add(Preference, (preference for item in batch for preference in item.preferences))
        writer.add(Suppressed, (self._suppressed() for _ in range(count * 3 // 4)))

    def _subscription(self, source: Source) -> Subscription:
        pool = self._pools.get(source)
        subscriber = self._subscriber(self._rng.choice(pool) if pool else None)
        count = self._rng.randint(1, 3)
        return Subscription(
            subscriber,
            [
                Preference(self._book.key(Preference), subscriber.subscriber_id, topic, self._rng.choice(_CHANNELS))
                for topic in self._rng.sample(_TOPICS, count)
            ],
        )

    def _subscriber(self, who: Profile | None) -> Subscriber:
        names, person, rng, at = self._book.names, self._book.names.person(), self._rng, self._ages.instant
        contact = who.contact if who else self._unknown_contact()
        since = contact + rng.randint(0, 600)
        gone = self._unsubscribed(since)
        return Subscriber(
            self._book.key(Subscriber),
            who.ref if who else None,
            person.email,
            names.fingerprint(),
            person.full_name,
            names.mobile() if rng.random() < 0.3 else None,
            at(since),
            None if gone is None else at(gone),
            at(contact),
            "matched" if who else "unmatched",
        )

    def _unknown_contact(self) -> int:
        return self._rng.randint(1_110, 1_300) if self._rng.random() < 0.08 else self._rng.randint(1, 1_060)

    def _unsubscribed(self, since: int) -> int | None:
        """The age of an objection, made after the subscription; few make one."""
        draw = self._rng.random()
        if draw < 0.02 and since > 25:
            return self._rng.randint(1, 24)
        if draw > 0.97 and since > 90:
            return self._rng.randint(36, 90)
        return None

    def _suppressed(self) -> Suppressed:
        return Suppressed(self._book.names.fingerprint(), self._ages.instant(self._rng.randint(40, 2_500)))
