"""Holds placed and released on the page: in the evidence, the ledger and the stores, under the name of who is logged in."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, text

from retention import clock
from retention.evidence import ledger, tables
from retention.evidence.records import Hold
from retention.night.record import noted_head
from retention.stores.session import StoreSession
from retention.workspace import Workspace

Browser = Callable[..., Any]


def form(**other: str) -> dict[str, str]:
    review = clock.today() + dt.timedelta(days=60)
    return {
        "kind": "legal_claim", "scope": "subject", "subject": "C-000001", "reason": "Dispute", "reference": "CASE-1",
        "review_by": review.isoformat(), "store": "", "record": "", "category": "", **other,
    }  # fmt: skip


def _record(stage: Workspace) -> str:
    session = StoreSession("account", stage.store_url("account"))
    try:
        with session.reading("looking for a key") as connection:
            return f"accounts:{connection.execute(text('SELECT min(account_id) FROM accounts')).scalar()}"
    finally:
        session.close()


def _hold(stage: Workspace, hold_id: str) -> Hold:
    return next(hold for hold in stage.evidence(readonly=True).holds(active_only=False) if hold.hold_id == hold_id)


def _placed(answer: Any) -> str:
    assert answer.status_code == 303, answer.text
    found = re.fullmatch(r"/retention/holds\?done=(H-\w{12})(?:&stranger=1)?", answer.headers["location"])
    assert found is not None, answer.headers["location"]
    return found[1]


def _entries(stage: Workspace, hold_id: str) -> list[dict[str, Any]]:
    t = tables.ledger.c
    with stage.evidence(readonly=True).snapshot() as connection:
        found = connection.execute(select(t.payload).where(t.kind == "hold", t.reference.like(f"{hold_id}:%")).order_by(t.seq))
        return [json.loads(payload) for payload in found.scalars()]


@pytest.mark.parametrize("scope", ["subject", "record", "category"])
def test_a_hold_is_placed_and_released_under_the_name_of_who_is_logged_in(
    browser: Browser, stage: Workspace, scope: str
) -> None:
    anna, bert = browser("admin", name="anna"), browser("admin", name="bert")
    about = {
        "subject": {"subject": "C-000002"},
        "record": {"store": "account", "record": _record(stage)},
        "category": {"category": "usage"},
    }[scope]
    asked = form(scope=scope, reference=f"PAGE-{scope}", subject="", approver="somebody else") | about
    check = anna.send("/holds/check", asked)
    assert check.status_code == 200 and "Place this hold?" in check.text and "<dd>anna</dd>" in check.text
    assert not [hold for hold in stage.evidence(readonly=True).holds() if hold.reference == f"PAGE-{scope}"]
    again = {
        name: html.unescape(value) for name, value in re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', check.text)
    }
    hold_id = _placed(anna.send("/holds/place", again, token=again.pop("token")))
    hold = _hold(stage, hold_id)
    assert (hold.approver, hold.scope, hold.kind, hold.active) == ("anna", scope, "legal_claim", True)
    assert "somebody else" not in str(hold)

    shown = bert.text(f"/holds?done={hold_id}")
    assert f"Hold {hold_id} is in force." in shown and f"PAGE-{scope}" in shown
    ask = bert.send("/holds/release/check", {"hold_id": hold_id})
    assert "Release this hold?" in ask.text
    assert _placed(bert.send("/holds/release", {"hold_id": hold_id, "note": "Settled"})) == hold_id
    released = _hold(stage, hold_id)
    assert (released.released_by, released.release_note) == ("bert", "Settled")
    assert f"Hold {hold_id} is released." in bert.text(f"/holds?done={hold_id}")
    placed, ended = _entries(stage, hold_id)
    assert placed["approver"] == "anna" and ended["released_by"] == "bert"
    assert ledger.verify(stage.evidence(readonly=True), head=noted_head(stage)) == []


def test_a_hold_is_in_the_store_at_once(browser: Browser, stage: Workspace) -> None:
    admin = browser()
    hold_id = _placed(admin.send("/holds/place", form(subject="C-000003", reference="PAGE-store")))
    session = StoreSession("account", stage.store_url("account"))

    def known() -> list[Any]:
        with session.reading("looking for a hold") as connection:
            query = text("SELECT subject_key FROM retention_hold WHERE hold_id = :hold")
            return list(connection.execute(query, {"hold": hold_id}).scalars())

    assert known() == ["C-000003"]
    admin.send("/holds/release", {"hold_id": hold_id, "note": "over"})
    assert known() == []
    session.close()


def test_a_form_that_was_sent_twice_places_one_hold(browser: Browser, stage: Workspace) -> None:
    admin = browser()
    asked = form(reference="PAGE-twice")
    assert _placed(admin.send("/holds/place", asked)) == _placed(admin.send("/holds/place", asked))
    assert sum(hold.reference == "PAGE-twice" for hold in stage.evidence(readonly=True).holds()) == 1


def test_a_hold_is_released_once(browser: Browser, stage: Workspace) -> None:
    admin = browser()
    hold_id = _placed(admin.send("/holds/place", form(reference="PAGE-once")))
    _placed(admin.send("/holds/release", {"hold_id": hold_id, "note": "over"}))
    answer = admin.send("/holds/release", {"hold_id": hold_id, "note": "over"})
    assert answer.status_code == 404 and "may have been released already" in answer.text
    assert len(_entries(stage, hold_id)) == 2


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"kind": "erasure"}, "Choose one of what is offered."),
        ({"kind": ""}, "Choose one of what is offered."),
        ({"scope": "everything"}, "Choose one of what is offered."),
        ({"subject": ""}, "This field is empty."),
        ({"subject": "jane@example.org"}, "Name the case, never a person."),
        ({"subject": "x" * 129}, "This text is too long."),
        ({"reason": ""}, "This field is empty."),
        ({"reason": "for jane@example.org"}, "Name the case, never a person."),
        ({"reason": "x" * 501}, "This text is too long."),
        ({"reference": "x" * 121}, "This text is too long."),
        ({"review_by": ""}, "Write a date that exists."),
        ({"review_by": "2027-02-30"}, "Write a date that exists."),
        ({"review_by": "2020-01-01"}, "The review must lie ahead, within ten years."),
        ({"review_by": "2099-01-01"}, "The review must lie ahead, within ten years."),
        ({"scope": "record", "store": "nowhere", "record": "accounts:1"}, "Choose one of what is offered."),
        ({"scope": "record", "store": "account", "record": "accounts"}, "Name the record as population:key."),
        ({"scope": "record", "store": "account", "record": "nothing:1"}, "This store has no such population."),
        ({"scope": "category", "category": "health"}, "Choose one of what is offered."),
    ],
)
def test_a_form_with_a_mistake_says_which_and_does_nothing(
    browser: Browser, stage: Workspace, wrong: dict[str, str], words: str
) -> None:
    admin, asked = browser(), form(reference="PAGE-wrong") | wrong
    before = len(stage.evidence(readonly=True).holds(active_only=False))
    for step in ("/holds/check", "/holds/place"):
        answer = admin.send(step, asked)
        assert answer.status_code == 422, answer.text
        assert words in html.unescape(answer.text) and 'role="alert"' in answer.text
    if asked["reason"] == "Dispute":
        assert 'value="Dispute"' in answer.text  # nothing has to be typed again
    assert len(stage.evidence(readonly=True).holds(active_only=False)) == before


def test_a_hold_on_a_record_that_is_not_there_is_refused(browser: Browser, stage: Workspace) -> None:
    asked = form(scope="record", store="account", record="accounts:987654321", reference="PAGE-gone")
    answer = browser(language="fr").send("/holds/place", asked)
    assert answer.status_code == 404
    assert "n’a pas cet enregistrement" in answer.text and '<p lang="en">' in answer.text
    assert not [hold for hold in stage.evidence(readonly=True).holds() if hold.reference == "PAGE-gone"]


def test_unknown_holds_and_requests_are_not_released(browser: Browser, stage: Workspace) -> None:
    from retention import holds

    request = holds.Request(
        "erasure", "asked for", "PAGE-erasure", "Test", clock.today() + dt.timedelta(9), subject_key="C-000009"
    )
    erasure = holds.place(stage, stage.bundle(), stage.evidence(), request).hold.hold_id
    admin = browser()
    for hold_id in ("", "H-000000000000", "x" * 300, "' OR 1=1", erasure):
        assert admin.send("/holds/release", {"hold_id": hold_id, "note": "over"}).status_code == 404
        assert admin.send("/holds/release/check", {"hold_id": hold_id}).status_code == 404
    assert _hold(stage, erasure).active


def test_a_release_needs_a_reason(browser: Browser, stage: Workspace) -> None:
    admin = browser()
    hold_id = _placed(admin.send("/holds/place", form(reference="PAGE-note")))
    for note in ("", "   ", "jane@example.org", "x" * 501):
        assert admin.send("/holds/release", {"hold_id": hold_id, "note": note}).status_code == 422
    assert _hold(stage, hold_id).active


def test_whom_a_hold_is_about_is_for_those_who_place_them(browser: Browser, stage: Workspace) -> None:
    admin = browser()
    _placed(admin.send("/holds/place", form(subject="C-SECRET", reference="PAGE-about")))
    assert "C-SECRET" in admin.text("/holds")
    read = browser("viewer").text("/holds")
    assert "PAGE-about" in read and "C-SECRET" not in read and "Release" not in read


def test_a_name_that_the_evidence_cannot_keep_places_nothing(browser: Browser, stage: Workspace) -> None:
    long = browser("admin", name="x" * 121)
    assert "Place a hold" not in long.text("/holds")
    assert long.send("/holds/place", form(reference="PAGE-name")).status_code == 403


def test_a_store_that_is_down_is_told_later(browser: Browser, stage: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RETENTION_STORE_USAGE", "sqlite:////nowhere/usage.db")
    answer = browser().send("/holds/place", form(subject="C-000004", reference="PAGE-down"))
    assert answer.status_code == 303 and "waiting=usage" in answer.headers["location"]
    shown = browser().text(answer.headers["location"].removeprefix("/retention"))
    assert "These stores did not answer" in shown and "usage" in shown
