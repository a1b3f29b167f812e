"""Bulk rows of the usage store, made and written a chunk at a time: a million of them need no more memory than a thousand."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import count

from retention.sample.book import Book
from retention.sample.bulk.ages import Ages
from retention.sample.bulk.profiles import Profile, of_kinds
from retention.sample.rows import PageEvent, Visit
from retention.sample.write import Writer

_AGENTS = (
    ("Chrome", "Windows"),
    ("Chrome", "Android"),
    ("Safari", "iOS"),
    ("Firefox", "Windows"),
    ("Edge", "Windows"),
    ("Safari", "macOS"),
    ("Chrome", "macOS"),
    ("Firefox", "Linux"),
)
_AGENT_WEIGHTS = (30, 16, 14, 12, 10, 8, 6, 4)
_PLACES = (
    ("FR", "Marseille", "43.30,5.37"),
    ("FR", "Lyon", "45.76,4.84"),
    ("FR", "Lille", "50.63,3.06"),
    ("FR", "Nantes", "47.22,-1.55"),
    ("FR", "Toulouse", "43.60,1.44"),
    ("BE", "Namur", "50.47,4.87"),
    ("CH", "Lausanne", "46.52,6.63"),
)
_REFERRALS = (None, "https://recherche.example/", "https://annuaire.example/sms", "https://lettre.example/")
_INTERESTS = (None, "api", "tarifs", "campagnes", "api,campagnes")
_PATHS = ("/", "/tarifs", "/api", "/essai-gratuit", "/contact", "/blog/campagnes", "/blog/rgpd", "/connexion")
_PATH_PAIRS = tuple((here, before) for here in _PATHS for before in (None, *_PATHS[:4]))
_VERSIONS = tuple(f"{major}.0" for major in range(110, 142))
_NETWORKS = ("192.0.2", "198.51.100", "203.0.113")  # reserved for documentation
_CHUNK = 1_000  # visits
_DUE_SHARE, _ANONYMISED_SHARE, _SIGNED_IN_SHARE = 0.09, 0.06, 0.25
_DUE_AGES, _KEPT_AGES, _ANONYMISED_AGES = (770, 900), (1, 750), (790, 1_500)
_EVENTS = (1, 2, 3, 4, 5)


class Visits:
    """Visits with their page events."""

    def __init__(self, book: Book, ages: Ages, rng: random.Random, profiles: Sequence[Profile]) -> None:
        self._ages, self._rng = ages, rng
        self._signed_in = [who.ref for who in of_kinds(profiles, "live", "ended")]
        self._trials = of_kinds(profiles, "trial", "trial_due")
        self._visit_ids, self._event_ids = count(book.key(Visit)), count(book.key(PageEvent))

    def write(self, writer: Writer, rows: int) -> None:
        """At least so many rows of both tables together."""
        written = 0
        while written < rows:
            wanted = min(_CHUNK, (rows - written) // 4 + 1)
            visits: list[Visit] = []
            events: list[PageEvent] = []
            for agent in self._rng.choices(_AGENTS, weights=_AGENT_WEIGHTS, k=wanted):
                self._one(agent, visits, events)
            writer.add(Visit, visits)
            writer.add(PageEvent, events)
            written += len(visits) + len(events)

    def _one(self, agent: tuple[str, str], visits: list[Visit], events: list[PageEvent]) -> None:
        draw = self._rng.random()
        if draw < _ANONYMISED_SHARE:
            visits.append(self._anonymised(agent))
            return
        age = self._between(_DUE_AGES if draw > 1 - _DUE_SHARE else _KEPT_AGES)
        visit, second = self._visit(agent, age)
        visits.append(visit)
        events.extend(self._events(visit, age, second))

    def _visit(self, agent: tuple[str, str], age: int) -> tuple[Visit, int]:
        random = self._rng.random
        country, city, location = _PLACES[int(random() * len(_PLACES))]
        host, second, key = int(random() * 750), int(random() * 46_000), next(self._visit_ids)
        return Visit(
            key,
            self._customer(age),
            f"v-{key % 300_007:08d}",
            self._ages.at(age, second),
            f"{_NETWORKS[host % 3]}.{host // 3 + 1}",
            country,
            city,
            location,
            agent[0],
            _VERSIONS[host % 32],
            agent[1],
            _REFERRALS[host % 4],
            30 + host,
            _INTERESTS[host % 5],
        ), second

    def _events(self, visit: Visit, age: int, second: int) -> list[PageEvent]:
        random = self._rng.random
        events = []
        for number in range(_EVENTS[int(random() * len(_EVENTS))]):
            path, before = _PATH_PAIRS[int(random() * len(_PATH_PAIRS))]
            events.append(
                PageEvent(
                    next(self._event_ids),
                    visit.visit_id,
                    visit.customer_ref,
                    self._ages.at(age, second + 40 * number),
                    path,
                    before,
                    5 + int(random() * 35),
                )
            )
        return events

    def _anonymised(self, agent: tuple[str, str]) -> Visit:
        month = f"{self._ages.day(self._between(_ANONYMISED_AGES))[:7]}-01 00:00:00"
        return Visit(
            next(self._visit_ids), None, None, month, None, None, None, None, agent[0], None, agent[1], None, None, None
        )

    def _customer(self, age: int) -> str | None:
        """Who signed in, if anybody did; a trial only visits from its start on."""
        draw = self._rng.random()
        if draw > _SIGNED_IN_SHARE:
            return None
        if draw < 0.02 and self._trials:
            who = self._trials[int(self._rng.random() * len(self._trials))]
            return who.ref if who.trial is not None and who.trial >= age else None
        return self._signed_in[int(self._rng.random() * len(self._signed_in))]

    def _between(self, ages: tuple[int, int]) -> int:
        first, last = ages
        return first + int(self._rng.random() * (last - first))
