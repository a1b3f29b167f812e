"""Who may see and do what on the page, and what it refuses: forged forms, oversized requests, hostile text."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from typing import Any

import pytest

from retention import clock
from retention.workspace import Workspace

Browser = Callable[..., Any]

READ = ("/", "/holds", "/explain", "/papers", "/workbooks/register/register.xlsx")
FORMS = ("/explain", "/holds/check", "/holds/place", "/holds/release/check", "/holds/release")
HOSTILE = "\"><script>alert(1)</script>'; DROP TABLE run; --{{7*7}}"
SECRET = "jane.doe@example.org"


@pytest.mark.parametrize("path", READ)
def test_a_stranger_sees_nothing(browser: Browser, stage: Workspace, path: str) -> None:
    answer = browser(None).get(path)
    assert answer.status_code == 401
    assert "Log in to Airflow" in answer.text and "Overdue" not in answer.text


@pytest.mark.parametrize("path", FORMS)
def test_a_stranger_sends_nothing(browser: Browser, stage: Workspace, path: str) -> None:
    assert browser(None).send(path, {}, token="x").status_code == 401


def test_a_token_that_airflow_did_not_make_is_refused(browser: Browser, stage: Workspace) -> None:
    stranger = browser(None)
    stranger.http.cookies.set("_token", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsInJvbGUiOiJhZG1pbiJ9.")
    assert stranger.get("/").status_code in (401, 403)


@pytest.mark.parametrize("role", ["viewer", "op"])
def test_who_may_only_read_reads_and_does_nothing(browser: Browser, stage: Workspace, role: str) -> None:
    reader, admin = browser(role), browser("admin")
    assert [reader.get(path).status_code for path in READ[:2]] == [200, 200]
    assert reader.get("/papers").status_code == 200
    assert reader.get("/explain").status_code == 403
    assert "Place a hold" not in reader.text("/holds") and "Place a hold" in admin.text("/holds")
    before = _holds(stage)
    for path in FORMS:
        answer = reader.send(path, {"hold_id": "H-1"}, token=admin.token())
        assert answer.status_code == 403, path
        assert "does not allow this" in answer.text
    assert _holds(stage) == before


def test_a_user_without_a_role_sees_nothing(browser: Browser, stage: Workspace) -> None:
    assert browser("nobody").get("/").status_code == 403


# forms that the page did not send


def test_a_form_from_elsewhere_is_refused(browser: Browser, stage: Workspace) -> None:
    admin = browser("admin")
    form = {"store": "usage", "record": "visits:1"}
    good = admin.token()
    assert admin.send("/explain", form, token=good).status_code in (200, 404)
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        answer = admin.send("/explain", form, token=good, **headers)
        assert answer.status_code == 403, headers
        assert "does not come from this page" in answer.text
    quiet = admin.http.post("/retention/explain", data={"token": good, **form})
    assert quiet.status_code == 403


def test_a_form_needs_the_token_of_its_own_user_and_browser(browser: Browser, stage: Workspace) -> None:
    admin, other_browser, other_user = browser("admin"), browser("admin"), browser("admin", name="second")
    form = {"store": "usage", "record": "visits:1"}
    for token in ("", "x", admin.token()[:-2] + "xx", other_browser.token(), other_user.token()):
        assert admin.send("/explain", form, token=token).status_code == 403
    stolen = admin.token()
    other_user.http.cookies.set("retention_form", admin.http.cookies["retention_form"], path="/retention")
    assert other_user.send("/explain", form, token=stolen).status_code == 403


def test_a_token_ends(browser: Browser, stage: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    from retention.airflow.page import guard

    admin = browser("admin")
    token = admin.token()
    monkeypatch.setattr(guard, "TOKEN_SECONDS", -1)
    assert admin.send("/explain", {}, token=token).status_code == 403


def test_the_cookie_of_forms_stays_on_this_site(browser: Browser, stage: Workspace) -> None:
    said = browser("admin").get("/holds").headers["set-cookie"]
    assert re.search(r"retention_form=[\w-]{43}; HttpOnly; Path=/retention; SameSite=strict", said)


# what is no form, or too much of one


def test_oversized_requests_are_refused(browser: Browser, stage: Workspace) -> None:
    admin = browser("admin")
    headers = {"Origin": "http://testserver", "Content-Type": "application/x-www-form-urlencoded"}

    def in_pieces() -> Any:
        for _ in range(40):
            yield b"a" * 1024

    assert admin.http.post("/retention/explain", content=b"record=" + b"a" * 20_000, headers=headers).status_code == 413
    assert admin.http.post("/retention/explain", content=in_pieces(), headers=headers).status_code == 413
    assert admin.get("/?" + "a" * 3_000).status_code == 414
    assert admin.get("/workbooks/" + "a" * 3_000).status_code == 414


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b'{"record": "visits:1"}', "application/json", 415),
        (b"--x\r\n\r\n--x--", "multipart/form-data; boundary=x", 415),
        (b"record=1&record=2", "application/x-www-form-urlencoded", 422),
        (b"record=%00", "application/x-www-form-urlencoded", 422),
        (b"record=%ff%fe", "application/x-www-form-urlencoded", 422),
        (b"record=\xff", "application/x-www-form-urlencoded", 422),
        (b"&".join(b"f%d=1" % number for number in range(30)), "application/x-www-form-urlencoded", 422),
    ],
)
def test_what_is_no_form_is_refused(browser: Browser, stage: Workspace, content: bytes, kind: str, status: int) -> None:
    answer = browser("admin").http.post("/retention/explain", content=content, headers={"Content-Type": kind})
    assert answer.status_code == status
    assert "Nothing was done" in answer.text


@pytest.mark.parametrize(
    "path", ["/nothing", "/holds/H-1", "/static/../app.py", "/static/..%2Fapp.py", "/openapi.json", "/docs"]
)
def test_what_is_not_there_is_said_plainly(browser: Browser, stage: Workspace, path: str) -> None:
    answer = browser("admin").get(path)
    assert answer.status_code == 404
    assert "nothing at this address" in answer.text or "Not Found" in answer.text


# hostile text


def test_hostile_text_is_shown_as_text(browser: Browser, stage: Workspace) -> None:
    admin = browser("admin")
    day = clock.today().replace(year=clock.today().year + 1, day=1).isoformat()
    form = {"kind": "legal_claim", "scope": "subject", "subject": HOSTILE, "reason": HOSTILE, "reference": HOSTILE}
    answers = [
        admin.send("/explain", {"store": HOSTILE, "record": HOSTILE}),
        admin.send("/holds/check", {**form, "kind": HOSTILE}),
        admin.send("/holds/check", {**form, "review_by": day}),
        admin.get("/holds", params={"done": HOSTILE, "waiting": HOSTILE}),
        admin.get("/", params={"lang": HOSTILE}),
        admin.get("/workbooks/" + HOSTILE),
        admin.http.get("/retention/", headers={"Accept-Language": HOSTILE}),
    ]
    placed = admin.send("/holds/place", {**form, "review_by": day})
    assert placed.status_code == 303
    answers.append(admin.get("/holds"))
    for answer in answers:
        assert "<script>alert" not in answer.text and "49" not in re.findall(r"--(\d+)", answer.text)
    assert "&lt;script&gt;alert(1)" in answers[-1].text
    hold = re.search(r"done=(H-\w+)", placed.headers["location"])
    assert hold and admin.send("/holds/release", {"hold_id": hold[1], "note": HOSTILE}).status_code == 303
    assert "<script>alert" not in admin.get("/holds").text


@pytest.mark.parametrize(
    "record",
    [
        "visits:1' OR '1'='1",
        "visits:1; DROP TABLE visits",
        "visits:99999999999999999999999999",
        "visits:-99999999999999999999999999",
        "visits:1e9",
        "visits:\u0661",
        "visits:",
        ":1",
        "visits UNION SELECT:1",
        "%:%",
        "page_events:" + "9" * 200,
        "\N{RIGHT-TO-LEFT OVERRIDE}visits:1",
    ],
)
def test_sql_and_odd_keys_in_explain_find_nothing(browser: Browser, stage: Workspace, record: str) -> None:
    answer = browser("admin").send("/explain", {"store": "usage", "record": record})
    assert answer.status_code == 404, answer.text
    assert "no such record" in answer.text


# what is logged


def test_nothing_personal_is_logged(
    browser: Browser, stage: Workspace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from retention.airflow.page import reading_routes

    def stumble(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError(f"a value of {SECRET}")

    admin = browser("admin")
    with caplog.at_level(logging.INFO):
        admin.send("/explain", {"store": "usage", "record": f"visits:{SECRET}"})
        admin.send("/holds/check", {"scope": "subject", "subject": SECRET, "reason": SECRET, "reference": SECRET})
        monkeypatch.setattr(reading_routes, "explain", stumble)
        answer = admin.send("/explain", {"store": "usage", "record": f"visits:{SECRET}"})
    assert answer.status_code == 500
    assert "An unforeseen error happened" in answer.text and SECRET not in answer.text
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("retention")]
    assert ours == ["the page stumbled: ZeroDivisionError"]
    assert SECRET not in caplog.text and not any(record.exc_info for record in caplog.records)


def test_every_answer_has_the_headers_that_protect_it(browser: Browser, stage: Workspace) -> None:
    admin = browser("admin")
    answers = [
        browser(None).get("/"),
        admin.get("/"),
        admin.get("/nothing"),
        admin.get("/static/page.css"),
        admin.send("/explain", {}, token="x"),
        admin.send("/holds/release", {"hold_id": "H-0"}),
    ]
    for answer in answers:
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "frame-ancestors 'self'" in policy and "unsafe" not in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["referrer-policy"] == "same-origin"
        kept = "immutable" in answer.headers["cache-control"]
        assert kept == (answer.headers["content-type"].startswith("text/css")) or answer.headers["cache-control"] == "no-store"


def _holds(stage: Workspace) -> int:
    return len(stage.evidence(readonly=True).holds(active_only=False))
