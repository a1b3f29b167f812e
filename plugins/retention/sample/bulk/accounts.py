"""Bulk rows of the account store."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from retention.sample.book import Book
from retention.sample.bulk.ages import Ages
from retention.sample.bulk.profiles import Profile
from retention.sample.rows import Account, Contact, Contract, Trial
from retention.sample.write import Writer

_SEGMENTS = ("PME", "TPE", "ETI", "association", "collectivité")
_PLANS = ("Forfait Pro", "Forfait Volume", "Sur mesure")
_TRIAL_DAYS = 30


class Accounts:
    """Accounts, contacts, trials and contracts of the profiles, table by table."""

    def __init__(self, book: Book, ages: Ages, rng: random.Random, profiles: Sequence[Profile]) -> None:
        self._book, self._ages, self._rng, self._profiles = book, ages, rng, profiles

    def write(self, writer: Writer) -> None:
        writer.add(Account, self._accounts())
        writer.add(Contact, self._contacts())
        writer.add(Trial, self._trials())
        writer.add(Contract, self._contracts())

    def _accounts(self) -> Iterator[Account]:
        names, at = self._book.names, self._ages.instant
        for who in self._profiles:
            status = "active" if who.kind in ("live", "trial", "prospect") else self._rng.choice(("dormant", "closed"))
            yield Account(
                who.account_id,
                who.ref,
                names.company(),
                names.address(),
                names.person().email,
                names.telephone(),
                self._rng.choice(_SEGMENTS),
                at(who.created),
                at(who.contact),
                status,
            )

    def _contacts(self) -> Iterator[Contact]:
        names, at = self._book.names, self._ages.instant
        for who in self._profiles:
            for _ in range(self._rng.choices((1, 2, 3), weights=(6, 3, 1))[0]):
                person = names.person()
                yield Contact(
                    self._book.key(Contact),
                    who.account_id,
                    person.full_name,
                    person.email,
                    names.mobile(),
                    at(who.created),
                    at(who.contact),
                    "active",
                )

    def _trials(self) -> Iterator[Trial]:
        for who in self._profiles:
            if who.trial is not None:
                yield self._trial(who, who.trial, converted=who.started is not None)
            if who.kind == "live" and self._rng.random() < 0.05:
                yield self._trial(who, self._rng.randint(40, 700), converted=False)

    def _trial(self, who: Profile, start: int, *, converted: bool) -> Trial:
        ended = self._ages.instant(start - _TRIAL_DAYS) if start > _TRIAL_DAYS else None
        return Trial(
            self._book.key(Trial), who.account_id, "Essai 100 SMS", 100, self._ages.instant(start), ended, int(converted)
        )

    def _contracts(self) -> Iterator[Contract]:
        for who in self._profiles:
            if who.started is None:
                continue
            yield self._contract(who, who.started, who.ended)
            if self._rng.random() < 0.15:  # an earlier one that lapsed
                yield self._contract(who, who.started + 500, who.started + 30)

    def _contract(self, who: Profile, started: int, ended: int | None) -> Contract:
        key, day = self._book.key(Contract), self._ages.day
        plan = self._rng.choice(_PLANS)
        return Contract(key, who.account_id, f"CT-{key:06d}", plan, day(started), None if ended is None else day(ended))
