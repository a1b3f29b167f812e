"""The page in Airflow's own UI, by headless Chromium: found, held, explained, downloaded; without eyes, without a mouse."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from retention import clock
from retention.night import steps
from tests.airflows import Airflow

CHROMIUM = Path(os.environ.get("RETENTION_TEST_CHROMIUM", "/usr/bin/chromium"))
OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 60_000  # milliseconds: of a machine that does other things too

pytestmark = pytest.mark.skipif(
    not CHROMIUM.exists() and os.environ.get("CI") != "true",
    reason="no Chromium here: install it (`apt-get install chromium`) or set RETENTION_TEST_CHROMIUM",
)

# What a reader who does not see the page depends on: asked of the page itself.
UNREADABLE = r"""() => {
  const wrong = [];
  const named = (each) => each.getAttribute("aria-label") || each.textContent.trim() ||
    (each.getAttribute("aria-labelledby") || "").split(" ").some((id) => document.getElementById(id)?.textContent.trim());
  if (!["fr", "en"].includes(document.documentElement.lang)) wrong.push("no language");
  if (!document.title) wrong.push("no title");
  for (const landmark of ["main", "header"]) if (document.querySelectorAll(landmark).length !== 1) wrong.push(landmark);
  if (document.querySelectorAll("h1").length !== 1) wrong.push("h1");
  let level = 0;
  for (const heading of document.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) wrong.push(`heading skipped: ${heading.textContent}`);
    level = next;
  }
  for (const field of document.querySelectorAll("input:not([type=hidden]),select,textarea"))
    if (!field.labels?.length) wrong.push(`no label: ${field.name}`);
  for (const each of document.querySelectorAll("a[href],button,nav,section,[role=region],[role=img]"))
    if (!named(each)) wrong.push(`no name: ${each.outerHTML.slice(0, 80)}`);
  for (const table of document.querySelectorAll("table"))
    if (!table.caption || !table.querySelector("th[scope=col]") || !table.querySelector("th[scope=row]")) wrong.push("table");
  for (const image of document.querySelectorAll("img")) if (!image.hasAttribute("alt")) wrong.push("no alt");
  const ids = [...document.querySelectorAll("[id]")].map((each) => each.id);
  for (const id of ids) if (ids.indexOf(id) !== ids.lastIndexOf(id)) wrong.push(`twice: ${id}`);
  for (const each of document.querySelectorAll("[aria-describedby],[aria-labelledby]"))
    for (const name of ["aria-describedby", "aria-labelledby"])
      for (const id of (each.getAttribute(name) || "").split(" ").filter(Boolean))
        if (!ids.includes(id)) wrong.push(`leads nowhere: ${id}`);
  if (document.documentElement.scrollWidth > innerWidth + 1) wrong.push("wider than the window");
  return wrong;
}"""

# Text whose colour differs too little from what it stands on: the least ratio of WCAG AA is 4.5.
FAINT = r"""() => {
  const light = (colour) => {
    const [r, g, b] = colour.match(/[\d.]+/g).slice(0, 3).map((v) => {
      const c = v / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (each) => {
    for (let at = each; at; at = at.parentElement) {
      const colour = getComputedStyle(at).backgroundColor;
      if (!/, 0\)$|transparent/.test(colour)) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  const faint = [];
  for (const each of document.querySelectorAll("body *")) {
    const text = [...each.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!text || !each.getClientRects().length) continue;
    const style = getComputedStyle(each);
    const on = light(ground(each)), ink = light(each.closest("svg") ? style.fill : style.color);
    const ratio = (Math.max(on, ink) + 0.05) / (Math.min(on, ink) + 0.05);
    if (ratio < 4.5) faint.push(`${each.tagName} ${each.textContent.trim().slice(0, 30)} ${ratio.toFixed(2)}`);
  }
  return faint;
}"""


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=OPTIONS)
        yield browser
        browser.close()


Open = Callable[..., Any]


@pytest.fixture
def open_page(chromium: Any, airflow: Airflow) -> Iterator[Open]:
    """Logs somebody in by Airflow's own form; a word on the console, or a request to anybody else, fails the test."""
    said: list[str] = []
    contexts = []

    def opened(user: str, *, theme: str = "light", locale: str = "en-GB", width: int = 1280) -> Any:
        context = chromium.new_context(color_scheme=theme, locale=locale, viewport={"width": width, "height": 900})
        contexts.append(context)
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        page.goto(f"{airflow.url}/auth/login/")
        page.fill("input[name=username]", user)
        page.fill("input[name=password]", airflow.passwords[user])
        page.click("input[type=submit], button[type=submit]")
        page.wait_for_url(lambda url: "/auth/login" not in url)
        page.on("console", lambda message: said.append(message.text) if _ours(message) else None)
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("request", lambda asked: said.append(asked.url) if _elsewhere(asked, airflow) else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert said == []


def _ours(message: Any) -> bool:
    """What the page has said, save that it is framed as Airflow frames it, and that what is not there is not there."""
    where = str(message.location.get("url", ""))
    if message.type not in ("error", "warning") or "/retention/" not in where:
        return False
    refused_form = "status of 422" in message.text  # which a test has sent with mistakes
    return "sandbox attribute" not in message.text and not where.endswith("/nothing") and not refused_form


def _elsewhere(asked: Any, airflow: Airflow) -> bool:
    """Airflow's own UI asks whom it likes; the page asks nobody."""
    return "/retention/" in asked.frame.url and not asked.url.startswith((airflow.url, "data:"))


def _run_a_night(airflow: Airflow) -> None:
    """A store whose night has run, and so a record to explain and a report to download."""
    night = steps.open_night(airflow.workspace, "usage", as_of=clock.today(), run_id="usage:manual__browser")
    steps.run_night(night)
    night.session.close()


def test_compliance_works_with_it_in_airflow(nights: Airflow, open_page: Open, tmp_path: Path) -> None:
    _run_a_night(nights)
    record = "visits:1"
    page = open_page("compliance")
    page.goto(nights.url)
    page.get_by_role("link", name="Retention").or_(page.get_by_role("button", name="Retention")).first.click()
    frame = page.frame_locator("iframe[title=Retention]")
    frame.get_by_role("heading", name="Overview", level=1).wait_for()
    assert frame.locator("[data-airflow]").first.get_attribute("href") == "/dags/retention_usage/runs/manual__browser"

    # a hold, asked and confirmed
    frame.get_by_role("link", name="Holds", exact=True).click()
    frame.get_by_label("Ground").select_option("legal_claim")
    frame.get_by_label("Opaque reference of the person").fill("C-000001")
    frame.get_by_label("Reason").fill("Dispute about an invoice")
    frame.get_by_label("Reference", exact=True).fill("CASE-BROWSER")
    frame.get_by_label("Review by").fill(f"{clock.today().year + 1}-03-01")
    frame.get_by_role("button", name="Check before placing").click()
    frame.get_by_role("button", name="Place the hold").click()
    said = frame.get_by_role("status").inner_text()
    (hold,) = [each for each in nights.workspace.evidence(readonly=True).holds() if each.reference == "CASE-BROWSER"]
    assert hold.hold_id in said and hold.approver == "compliance"

    # and its release
    frame.get_by_role("button", name=re.compile(f"Release.*{hold.hold_id}")).click()
    frame.get_by_label("Why it ends").fill("Settled")
    frame.get_by_role("button", name="Release the hold").click()
    assert "is released" in frame.get_by_role("status").inner_text()
    ended = next(
        each for each in nights.workspace.evidence(readonly=True).holds(active_only=False) if each.hold_id == hold.hold_id
    )
    assert ended.released_by == "compliance"

    # one record explained
    frame.get_by_role("link", name="Explain", exact=True).click()
    frame.get_by_label("Store").select_option("usage")
    frame.get_by_label("Record").fill(record)
    frame.get_by_role("button", name="Explain").click()
    frame.get_by_role("heading", name=re.compile(f"Answer.*{record}")).wait_for()
    assert "Published policy" in frame.locator("main").inner_text()

    # a report downloaded
    frame.get_by_role("link", name="Documents", exact=True).click()
    with page.expect_download() as downloading:
        frame.get_by_role("link", name=re.compile(r"rapport-.*\.xlsx")).first.click()
    downloading.value.save_as(tmp_path / "report.xlsx")
    assert (tmp_path / "report.xlsx").read_bytes()[:2] == b"PK"

    # the theme of Airflow around it
    page.evaluate("document.documentElement.classList.add('dark')")
    frame.locator("html[data-theme=dark]").wait_for()

    # a link into Airflow leaves the frame
    frame.get_by_role("link", name="Overview", exact=True).click()
    frame.get_by_role("link", name=re.compile("See the run in Airflow")).click()
    page.wait_for_url(re.compile("/dags/retention_usage/runs/manual__browser"))


@pytest.mark.parametrize(
    ("theme", "locale", "width"), [("light", "en-GB", 1280), ("dark", "fr-FR", 1280), ("light", "fr-FR", 390)]
)
def test_it_can_be_read_by_anybody(airflow: Airflow, open_page: Open, theme: str, locale: str, width: int) -> None:
    page = open_page("compliance", theme=theme, locale=locale, width=width)
    for path in ("/", "/holds", "/explain", "/papers", "/nothing", "/runs/usage/nothing"):
        page.goto(f"{airflow.url}/retention{path}")
        assert page.evaluate(UNREADABLE) == [], path
        assert page.evaluate(FAINT) == [], path


def test_the_keyboard_is_enough(airflow: Airflow, open_page: Open) -> None:
    page = open_page("compliance")
    page.goto(f"{airflow.url}/retention/holds")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    assert page.evaluate("document.activeElement.getBoundingClientRect().width > 50")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.focus("#kind")
    reached = []
    while "submit" not in reached[-1:]:  # the last of the form; a date has several stops
        reached.append(page.evaluate("document.activeElement.name || document.activeElement.type"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", reached
        assert len(reached) < 20, reached
        page.keyboard.press("Tab")
    assert [name for name in dict.fromkeys(reached)][:6] == ["kind", "scope", "subject", "reason", "reference", "review_by"]
    page.fill("#subject", "someone@example.org")
    page.eval_on_selector("form[data-scopes]", "form => { form.noValidate = true; form.requestSubmit(); }")
    page.wait_for_selector("#mistakes")
    assert page.evaluate("document.activeElement.id") == "mistakes"


@pytest.mark.parametrize(
    ("user", "places"),
    [
        ("admin", ["Overview", "Holds", "Explain", "Documents"]),
        ("compliance", ["Overview", "Holds", "Explain", "Documents"]),
        ("auditor", ["Overview", "Holds", "Explain", "Documents"]),
        ("engineer", ["Overview", "Holds"]),
    ],
)
def test_each_role_finds_what_is_its_own(airflow: Airflow, user: str, places: list[str]) -> None:
    client = airflow.client(user)
    shown = client.get("/retention/", headers={"Accept-Language": "en"}).text
    found = re.findall(r"<li><a href=\"/retention/\w*\"(?: aria-current=\"page\")?>(\w+)</a>", shown)
    assert found == places
    assert client.get("/retention/explain").status_code == (200 if "Explain" in places else 403)
    assert client.get("/retention/papers").status_code == (200 if "Documents" in places else 403)
    holds = client.get("/retention/holds", headers={"Accept-Language": "en"}).text
    assert ("Place a hold" in holds) == (user in ("admin", "compliance"))
    token = re.search(r'name="token" value="([^"]+)"', client.get("/retention/explain").text)
    sent = {"token": token[1] if token else "x", "hold_id": "H-0", "note": "over"}
    answer = client.post("/retention/holds/release", data=sent, headers={"Origin": airflow.url})
    assert answer.status_code == (404 if user in ("admin", "compliance") else 403)


def test_strangers_are_sent_to_airflows_login(airflow: Airflow) -> None:
    import httpx

    for path in ("/retention/", "/retention/holds", "/retention/workbooks/reports/x.xlsx"):
        answer = httpx.get(airflow.url + path, timeout=60, headers={"Accept-Language": "en"})
        assert answer.status_code == 401 and "Log in to Airflow" in answer.text


def test_no_key_stands_in_the_log(airflow: Airflow) -> None:
    client, key = airflow.client("compliance"), "visits:777777777"
    token = re.search(r'name="token" value="([^"]+)"', client.get("/retention/explain").text)
    assert token is not None
    asked = {"token": token[1], "store": "usage", "record": key}
    answer = client.post("/retention/explain", data=asked, headers={"Origin": airflow.url})
    assert answer.status_code in (404, 503)
    log = airflow.log("api-server").read_text(encoding="utf-8", errors="replace")
    assert "/retention/explain" in log and "777777777" not in log
