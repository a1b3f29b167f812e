"""Holds as the page shows them, and the forms by which they are placed and released."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from retention.airflow.page.overview import category_title, moment
from retention.declare.bundle import Bundle
from retention.evidence.records import Hold
from retention.holds import ERASURE, KINDS, Request, names_somebody
from retention.report import reasons
from retention.typography import Words

HOLD_KINDS = tuple(kind for kind in KINDS if kind != ERASURE)
SCOPES = ("subject", "record", "category")
LONGEST = {"reason": 500, "reference": 120, "note": 500, "subject": 128, "record": 255}  # as the evidence keeps them
FURTHEST_REVIEW = 3660  # days

Mistakes = dict[str, str]  # field → key of our words


@dataclass(frozen=True)
class HoldShown:
    """A hold. `about` names the person or the record, and is for those who may place holds."""

    hold_id: str
    kind: str
    scope: str
    where: str
    about: str
    reference: str
    approver: str
    placed: str
    review_by: str
    late: bool
    releasable: bool


@dataclass(frozen=True)
class Choice:
    value: str
    title: str


@dataclass(frozen=True)
class Choices:
    """What the form offers."""

    kinds: tuple[Choice, ...]
    stores: tuple[Choice, ...]
    categories: tuple[Choice, ...]


def shown(bundle: Bundle, hold: Hold, today: dt.date, say: Words) -> HoldShown:
    return HoldShown(
        hold_id=hold.hold_id,
        kind=reasons.hold_title(bundle.rules, hold.kind, say.language),
        scope=reasons.words(reasons.SCOPES, hold.scope, say.language),
        where=_where(bundle, hold, say),
        about=hold.subject_key or (f"{hold.population}:{hold.record_key}" if hold.record_key else ""),
        reference=hold.reference,
        approver=hold.approver,
        placed=moment(hold.placed_at, say),
        review_by=say.date(hold.review_by),
        late=hold.review_by < today,
        releasable=hold.kind != ERASURE,
    )


@dataclass(frozen=True)
class Wanted:
    """A hold that is about to be placed, to be read again."""

    kind: str
    scope: str
    about: str
    reason: str
    reference: str
    review_by: str
    approver: str


def wanted(bundle: Bundle, request: Request, say: Words) -> Wanted:
    about = request.subject_key or ""
    if request.store is not None:
        about = f"{say.of(bundle.store(request.store).declared.title)}, {request.population}:{request.record_key}"
    return Wanted(
        kind=reasons.hold_title(bundle.rules, request.kind, say.language),
        scope=say(f"holds.scope.{request.scope}"),
        about=category_title(bundle, request.category, say) if request.category else about,
        reason=request.reason,
        reference=request.reference,
        review_by=say.date(request.review_by),
        approver=request.approver,
    )


def choices(bundle: Bundle, say: Words) -> Choices:
    categories = {population.category for store in bundle.stores.values() for population in store.declared.populations}
    return Choices(
        kinds=tuple(Choice(kind, reasons.hold_title(bundle.rules, kind, say.language)) for kind in HOLD_KINDS),
        stores=tuple(Choice(name, say.of(store.declared.title)) for name, store in sorted(bundle.stores.items())),
        categories=tuple(Choice(category, category_title(bundle, category, say)) for category in sorted(categories)),
    )


def read_request(bundle: Bundle, form: Mapping[str, str], approver: str, today: dt.date) -> tuple[Request | None, Mistakes]:
    """What a form asks for, or what is wrong with it, by field."""
    wrong = _texts(form, ("reason", "reference"))
    if form.get("kind") not in HOLD_KINDS:
        wrong["kind"] = "mistake.choose"
    review_by = _review(form, today, wrong)
    about = _about(bundle, form, wrong)
    if wrong or review_by is None:
        return None, wrong
    request = Request(form["kind"], form["reason"], form["reference"], approver, review_by)
    named: dict[str, Any] = about
    return replace(request, **named), {}


def read_note(form: Mapping[str, str]) -> Mistakes:
    """What is wrong with the form that releases a hold."""
    return _texts(form, ("note",))


def same_in_force(holds: Iterable[Hold], request: Request) -> Hold | None:
    """A hold in force that says the same: a form that was sent twice places one hold."""
    names = (
        "kind",
        "reference",
        "approver",
        "subject_key",
        "store",
        "population",
        "record_key",
        "category",
        "review_by",
        "reason",
    )
    wanted = [getattr(request, name) for name in names]
    return next((hold for hold in holds if [getattr(hold, name) for name in names] == wanted), None)


def _where(bundle: Bundle, hold: Hold, say: Words) -> str:
    """Where it applies, without saying to whom."""
    if hold.category:
        return category_title(bundle, hold.category, say)
    store = bundle.stores.get(hold.store or "")
    if store is None:
        return hold.store or say("holds.everywhere")
    return f"{say.of(store.declared.title)}, {hold.population}"


def _texts(form: Mapping[str, str], names: Iterable[str]) -> Mistakes:
    wrong = {}
    for name in names:
        text = form.get(name, "")
        if not text:
            wrong[name] = "mistake.missing"
        elif len(text) > LONGEST[name]:
            wrong[name] = "mistake.long"
        elif names_somebody(text):
            wrong[name] = "mistake.email"
    return wrong


def _review(form: Mapping[str, str], today: dt.date, wrong: Mistakes) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(form.get("review_by", ""))
    except ValueError:
        wrong["review_by"] = "mistake.date"
        return None
    if not today < day <= today + dt.timedelta(days=FURTHEST_REVIEW):
        wrong["review_by"] = "mistake.review"
    return day


def _about(bundle: Bundle, form: Mapping[str, str], wrong: Mistakes) -> dict[str, str]:
    """Person, record or category: the fields of a request that say which."""
    scope = form.get("scope")
    if scope == "subject":
        wrong |= _texts(form, ("subject",))
        return {"subject_key": form.get("subject", "")}
    if scope == "record":
        return _record(bundle, form, wrong)
    if scope == "category":
        if form.get("category") not in {p.category for store in bundle.stores.values() for p in store.declared.populations}:
            wrong["category"] = "mistake.choose"
        return {"category": form.get("category", "")}
    wrong["scope"] = "mistake.choose"
    return {}


def _record(bundle: Bundle, form: Mapping[str, str], wrong: Mistakes) -> dict[str, str]:
    store, (population, _, key) = form.get("store", ""), form.get("record", "").partition(":")
    if store not in bundle.stores:
        wrong["store"] = "mistake.choose"
    elif not key or len(key) > LONGEST["record"]:
        wrong["record"] = "mistake.record"
    elif population not in {each.name for each in bundle.stores[store].declared.populations}:
        wrong["record"] = "mistake.population"
    return {"store": store, "population": population, "record_key": key}
