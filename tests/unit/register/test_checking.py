"""The register is checked: what the law requires stops a publication, what the policy leaves out is shown and stops nothing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from retention.declare.words import Text
from retention.errors import ValidationFailed
from retention.workspace import Workspace
from ropa.register.checking import check, refuse
from ropa.register.checking.asking import ask
from ropa.register.checking.catalogue import EXPECTED
from ropa.register.checking.frames import COLUMNS, frames
from ropa.register.making import make_register
from ropa.register.model import NOT_STATED, Named, Names, Register

AS_OF = dt.date(2026, 11, 25)
EMPTY = Text.model_construct(fr="", en="")
NOBODY = Names(kind="named")
SILENT = Names(kind="not_stated")
GHOST = Named(id="ghost", title=Text(fr="fantôme", en="ghost"))

# What SMSEnvoi's policy and the production decisions leave open: shown in the register, and no reason not to publish it.
OPEN = {
    "controller.stated", "activity.data_stated", "activity.recipients_stated", "activity.transfers_stated",
    "activity.basis_stated", "activity.category_rule", "cookie.recipient", "transfer.country_stated",
    "transfer.safeguards_stated", "rule.decided", "processor.controllers_stated", "processor.transfers_stated",
    "processor.security_stated",
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped() -> Register:
    return make_register(Workspace.at(Path("unused"), decision_set="production").bundle(), None, AS_OF)


@pytest.fixture(scope="module")
def checked(shipped: Register) -> Register:
    return check(shipped)


def changed(register: Register, part: str, key: str, **fields: Any) -> Register:
    """The register with fields of one activity, transfer, … replaced, whatever the model thinks of them."""
    parts = tuple(
        each.model_copy(update=fields) if key in (each.id, getattr(each, "ref", None)) else each
        for each in getattr(register, part)
    )
    assert parts != getattr(register, part)
    return register.model_copy(update={part: parts})


def of_controller(**fields: Any) -> Callable[[Register], Register]:
    return lambda register: register.model_copy(update={"controller": register.controller.model_copy(update=fields)})


def of(part: str, key: str, **fields: Any) -> Callable[[Register], Register]:
    return lambda register: changed(register, part, key, **fields)


def of_processor(**fields: Any) -> Callable[[Register], Register]:
    def mutilated(register: Register) -> Register:
        activities = tuple(each.model_copy(update=fields) for each in register.processor.activities)
        return register.model_copy(update={"processor": register.processor.model_copy(update={"activities": activities})})

    return mutilated


def with_recipient(register: Register) -> Register:
    """An activity that discloses to somebody the policy never named."""
    first = register.activities[0]
    items = (*first.recipients.items, GHOST)
    return changed(register, "activities", first.ref, recipients=first.recipients.model_copy(update={"items": items}))


def with_rule(register: Register) -> Register:
    first = register.activities[0]
    return changed(register, "activities", first.ref, rules=(*first.rules, GHOST))


def twice(register: Register) -> Register:
    return register.model_copy(update={"activities": (*register.activities, register.activities[0])})


def without_gaps(register: Register) -> Register:
    return register.model_copy(update={"gaps": ()})


def unused_category(register: Register) -> Register:
    extra = register.categories[0].model_copy(update={"id": "ghost"})
    return register.model_copy(update={"categories": (*register.categories, extra)})


def unused_recipient(register: Register) -> Register:
    return register.model_copy(
        update={"recipients": (*register.recipients, register.recipients[0].model_copy(update={"id": "ghost"}))}
    )


def ruleless(register: Register) -> Register:
    rules = tuple(line.id for line in register.schedule if line.declared)
    return changed(register, "schedule", rules[0], months=None, awaited=())


TWICE = {"controller.name", "processor.name"}
MUTILATED: dict[str, tuple[Callable[[Register], Register], tuple[str, ...]]] = {
    "controller.name": (of_controller(name=" "), ("controller",)),
    "controller.contact": (of_controller(street=""), ("controller",)),
    "controller.role": (of_controller(roles=()), ("controller",)),
    "activity.reference": (twice, ("R1",)),
    "activity.purpose": (of("activities", "R4", purpose=EMPTY), ("R4",)),
    "activity.subjects": (of("activities", "R4", subjects=NOBODY), ("R4",)),
    "activity.data": (of("activities", "R13", categories=NOBODY), ("R13",)),
    "activity.recipients": (of("activities", "R5", recipients=NOBODY), ("R5",)),
    "activity.transfers": (of("activities", "R5", transfers=NOBODY), ("R5",)),
    "activity.time_limit": (of("activities", "R12", time_limit=EMPTY), ("R12",)),
    "activity.security": (of("activities", "R1", security=NOBODY), ("R1",)),
    "activity.basis": (of("activities", "R1", bases=()), ("R1",)),
    "activity.security_stated": (of("activities", "R1", security=SILENT), ("R1",)),
    "activity.subjects_stated": (of("activities", "R1", subjects=SILENT), ("R1",)),
    "activity.basis_stated": (of("activities", "R1", bases=NOT_STATED), ("R1",)),
    "activity.transfers_stated": (of("activities", "R1", transfers=SILENT), ("R1",)),
    "activity.recipients_stated": (of("activities", "R1", recipients=SILENT), ("R1",)),
    "activity.category_rule": (of("activities", "R5", rules=()), ("R5/subscription",)),
    "category.activity": (unused_category, ("ghost",)),
    "recipient.declared": (with_recipient, ("R1/ghost",)),
    "recipient.used": (unused_recipient, ("ghost",)),
    "cookie.recipient": (of("cookies", "cookie.youtube", recipient=NOT_STATED), ("cookie.youtube",)),
    "transfer.closed": (without_gaps, ("transfer.uk", "transfer.outside_eea")),
    "transfer.country_stated": (of("transfers", "transfer.uk", country=NOT_STATED), ("transfer.uk",)),
    "transfer.safeguards_stated": (of("transfers", "transfer.ovh_france", third_country=True), ("transfer.ovh_france",)),
    "rule.period": (ruleless, ("trial-data",)),
    "rule.decided": (of("schedule", "trial-data", awaited=("account.after_contract",)), ("trial-data",)),
    "decision.review": (of("decisions", "trial.anchor", review_due=True), ("trial.anchor",)),
    "reference.known": (with_rule, ("R1/ghost",)),
    "controller.dpo": (lambda r: of_controller(dpo=r.controller.dpo.model_copy(update={"title": EMPTY}))(r), ("controller",)),
    "controller.stated": (lambda r: of_controller(missing=(*r.controller.missing, GHOST))(r), ("ghost",)),
    "processor.name": (of_controller(name=""), ("P1",)),
    "processor.processing": (of_processor(processing=EMPTY), ("P1",)),
    "processor.controllers": (of_processor(controllers=()), ("P1",)),
    "processor.transfers": (of_processor(transfers=()), ("P1",)),
    "processor.security": (of_processor(security=NOBODY), ("P1",)),
}  # fmt: skip


def failing(register: Register, before: Register) -> dict[str, tuple[str, ...]]:
    """What fails anew, and for what: expectations of the tables that differ are asked, the others cannot have changed."""
    old, new = frames(before), frames(register)
    differ = {name: rows for name, rows in new.items() if rows != old[name]}
    asked = [expected for expected in EXPECTED if expected.frame in differ]
    was = {each.id: each.concerns for each in before.checks if each.outcome == "FAIL"}
    found = {}
    for expected, (outcome, concerns) in zip(asked, ask(asked, differ), strict=True):
        fresh = tuple(each for each in concerns if each not in was.get(expected.id, ()))
        if outcome != "PASS" and (fresh or outcome == "ERROR"):
            found[expected.id] = fresh
    return found


@pytest.mark.parametrize("expectation", MUTILATED)
def test_a_mutilated_register_fails_exactly_that_expectation(checked: Register, expectation: str) -> None:
    mutilate, concerns = MUTILATED[expectation]
    found = failing(mutilate(checked), checked)
    assert found.pop(expectation) == concerns
    assert set(found) <= (TWICE if expectation in TWICE else set())  # one name stands in both records


def test_every_expectation_is_seen_to_fail(checked: Register) -> None:
    already = {each.id for each in checked.checks if each.outcome == "FAIL"}
    assert {expected.id for expected in EXPECTED} == set(MUTILATED) | already
    assert len({expected.id for expected in EXPECTED}) == len(EXPECTED)
    assert {(e.frame, e.column) for e in EXPECTED} <= {
        (name, column) for name, columns in COLUMNS.items() for column in columns
    }


def test_the_shipped_register_can_be_published_and_shows_what_is_open(checked: Register) -> None:
    refuse(checked)
    assert {each.id for each in checked.checks if each.outcome != "PASS"} == OPEN
    assert not any(each.legal for each in checked.checks if each.id in OPEN)
    concerns = {each.id: each.concerns for each in checked.checks}
    assert concerns["activity.basis_stated"] == ("R8", "R9", "R10", "R11", "R17", "R18", "R19")
    assert concerns["cookie.recipient"] == ("cookie.adsense", "cookie.cloudflare", "cookie.visual_chat")


def test_checks_say_nothing_of_earlier_checks(checked: Register, shipped: Register) -> None:
    assert frames(checked) == frames(shipped)
    assert checked.model_copy(update={"checks": ()}) == shipped


def test_an_activity_without_a_purpose_is_refused_by_name(shipped: Register) -> None:
    with pytest.raises(ValidationFailed) as refused:
        refuse(check(changed(shipped, "activities", "R4", purpose=EMPTY)))
    assert refused.value.message == (
        "the register lacks what the law requires: activity.purpose – Every activity has a purpose (art. 30(1)(b)): R4"
    )
    assert "ropa/declarations" in refused.value.mend


@pytest.mark.parametrize("outcome", ["FAIL", "ERROR"])
def test_what_could_not_be_evaluated_is_no_pass(checked: Register, outcome: str) -> None:
    bad = tuple(each.model_copy(update={"outcome": outcome}) if each.id == "rule.period" else each for each in checked.checks)
    with pytest.raises(ValidationFailed, match=r"rule\.period"):
        refuse(checked.model_copy(update={"checks": bad}))


def test_a_register_nobody_checked_is_refused(shipped: Register) -> None:
    with pytest.raises(ValidationFailed, match="has not been checked"):
        refuse(shipped)
