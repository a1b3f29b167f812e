"""What the page shows: the state of every store, twelve months, documents, one record explained."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import insert, text, update

from retention import clock, outputs
from retention.errors import OutputError
from retention.evidence import approvals, tables
from retention.evidence.trends import trend
from retention.explain import explain
from retention.report.approval import why
from retention.status import status
from retention.stores.session import StoreSession
from retention.workspace import Workspace
from tests import buckets

Browser = Callable[..., Any]

PAGES = ("/", "/holds", "/explain", "/papers")


def test_the_state_of_every_store_and_category_is_that_of_the_library(browser: Browser, stage: Workspace) -> None:
    found = status(stage.bundle(), stage.evidence(readonly=True), clock.today())
    shown = browser().text("/")
    for store in found.stores:
        card = re.search(rf'<article[^>]*"store-{store.store}">.*?</article>', shown, re.DOTALL)
        assert card is not None and store.title.en in card[0]
        for row, category in zip(
            re.findall(r"<tr>\s*<th scope=\"row\">.*?</tr>", card[0], re.DOTALL), store.categories, strict=True
        ):
            numbers = [cell.replace(",", "") for cell in re.findall(r'number">(?:<strong[^>]*>)?([\d,–]+)', row)]
            age, late = category.overdue.days(clock.today()), category.overdue.rows
            expected = (category.records, category.due, late, age, category.held, category.frozen.rows)
            if store.counted is None:
                expected = (None,) * 6
            assert numbers[:6] == ["–" if number is None else str(number) for number in expected]
        assert all(problem in card[0] for problem in map(str, store.problems) if problem == "never run")
    assert sum(category.due for store in found.stores for category in store.categories) > 0
    assert shown.count("No run yet.") == 1


def test_a_run_leads_to_its_dag_run(browser: Browser, stage: Workspace) -> None:
    shown = browser().text("/")
    assert re.findall(r'data-airflow href="([^"]+)"', shown) == [
        f"/dags/retention_{store}/runs/manual__2026-11-08T03%3A00%3A00%2B00%3A00"
        for store in ("subscription", "account", "subscription")  # the first because it waits
    ]  # that of the command line has none


def test_what_waits_for_a_person_is_shown_with_its_reasons(browser: Browser, stage: Workspace) -> None:
    (asked,) = approvals.waiting(stage.evidence(readonly=True))
    shown = browser().text("/")
    section = re.search(r'<h2 id="waiting">.*?</section>', shown, re.DOTALL)
    assert section is not None and asked.rows > 0
    assert asked.plan_hash in section[0] and f"records to dispose of, {asked.rows:,}" in section[0]
    assert asked.reasons and all(why(reason, "en") in section[0] for reason in asked.reasons)
    assert "the last run waits for approval" in shown


def test_before_the_first_night_it_says_so(browser: Browser, empty: Workspace) -> None:
    admin = browser()
    shown = admin.text("/")
    assert shown.count("never run") == 4 and "The charts come with the first night." in shown
    assert "No hold and no request is in force." in admin.text("/holds")
    assert "No document yet." in admin.text("/papers")
    assert admin.send("/explain", {"store": "usage", "record": "visits:1"}).status_code == 503


def test_evidence_that_cannot_be_read_is_said_plainly(browser: Browser, empty: Workspace) -> None:
    empty.home.mkdir()
    (empty.home / "evidence.db").write_bytes(b"no database" * 100)
    answer = browser(language="fr").get("/")
    assert answer.status_code == 503
    assert "La base de preuves ne répond pas" in answer.text and '<p lang="en">the evidence database' in answer.text


def test_the_note_of_a_run_is_shown_as_text(browser: Browser, empty: Workspace) -> None:
    day = clock.today()
    run = {
        "run_id": "usage:scheduled__x", "store": "usage", "as_of": day, "horizon": day, "policy_hash": "0" * 64,
        "decision_set": "example", "dry_run": False, "status": "failed", "started_at": clock.now(), "note": "<b>locked</b>",
    }  # fmt: skip
    with empty.evidence().writing() as connection:
        connection.execute(insert(tables.run), run)
    shown = browser().get("/").text
    assert "&lt;b&gt;locked&lt;/b&gt;" in shown and "the last run failed" in shown


# languages


@pytest.mark.parametrize("path", PAGES)
def test_every_page_has_two_languages(browser: Browser, stage: Workspace, path: str) -> None:
    french, english = browser(language="fr-CA,fr;q=0.9,en;q=0.5").get(path), browser(language="en-GB").get(path)
    assert '<html lang="fr">' in french.text and '<html lang="en">' in english.text
    assert french.headers["content-language"] == "fr" and english.headers["content-language"] == "en"
    titles = [re.findall(r"<h1>(.*?)</h1>", answer.text) for answer in (french, english)]
    assert all(len(title) == 1 for title in titles) and titles[0] != titles[1]


def test_a_language_that_was_chosen_is_kept(browser: Browser, stage: Workspace) -> None:
    admin = browser(language="en")
    assert '<html lang="fr">' in admin.text("/papers?lang=fr")
    assert '<html lang="fr">' in admin.text("/holds")
    assert '<html lang="en">' in admin.text("/holds?lang=en")


def test_who_asks_for_another_language_gets_french(browser: Browser, stage: Workspace) -> None:
    assert '<html lang="fr">' in browser(language="de-DE, nl;q=nonsense").text("/")


# twelve months


def test_the_year_is_that_of_the_evidence_and_follows_it(browser: Browser, stage: Workspace, empty: Workspace) -> None:
    from retention.airflow.page.year import Year
    from retention.report.trends import by_month, year_until

    evidence, today = empty.evidence(), dt.date(2026, 11, 22)
    for number in range(0, 300, 7):
        _night(empty, today - dt.timedelta(days=number), held=number)
    year, stores = Year(), ("account", "usage")

    def whole() -> Any:
        return by_month(trend(evidence, stores, year_until(today), today))

    assert year.months(evidence, stores, today) == whole()
    with evidence.writing() as connection:
        connection.execute(update(tables.scan).where(tables.scan.c.rows == 7).values(rows=70))
        connection.execute(update(tables.run).where(tables.run.c.run_id == "usage:2026-11-15").values(finished_at=clock.now()))
    assert year.months(evidence, stores, today) == whole()
    _night(empty, dt.date(2025, 1, 1), held=1)  # nights since then were missing
    assert year.months(evidence, stores, today) == whole()
    assert year.months(evidence, stores, dt.date(2026, 2, 10)) == by_month(
        trend(evidence, stores, dt.date(2025, 3, 1), dt.date(2026, 2, 10))
    )
    assert len(year._known) == 12


def test_charts_say_in_words_what_they_draw(browser: Browser, stage: Workspace) -> None:
    shown = browser().text("/")
    assert shown.count('<svg viewBox="0 0 440 170" role="img"') == 4
    bars = re.findall(r"<g><title>(.*?)</title>", shown)
    (asked,) = approvals.waiting(stage.evidence(readonly=True))
    late = status(stage.bundle(), stage.evidence(readonly=True), clock.today()).overdue
    assert late.rows == asked.rows and f"{clock.today():%m/%y}: {late.days(clock.today()):,} days" in bars
    gone = sum(receipt.rows for receipt in stage.evidence(readonly=True).receipts())
    assert gone > 0 and f"{clock.today():%m/%y}: {gone:,} records" in bars
    assert "The numbers as a table" in shown


def test_numbers_over_bars_are_short() -> None:
    from retention.airflow.page.charts import short
    from retention.airflow.page.words import WORDS
    from retention.typography import Words

    say, dire = Words(WORDS, "en"), Words(WORDS, "fr")
    assert [short(number, say) for number in (0, 9_999, 10_000, 123_456, 3_400_000)] == [
        "0",
        "9,999",
        "10\u202fk",
        "123\u202fk",
        "3.4\u202fM",
    ]
    assert short(3_400_000, dire) == "3,4\u202fM"


def _night(workspace: Workspace, day: dt.date, *, held: int) -> None:
    run_id = f"usage:{day}"
    with workspace.evidence().writing() as connection:
        connection.execute(insert(tables.run).values(
            run_id=run_id, store="usage", as_of=day, horizon=day, policy_hash="0" * 64, decision_set="example", dry_run=False,
            status="passed", started_at=dt.datetime.combine(day, dt.time(3)), finished_at=dt.datetime.combine(day, dt.time(4)),
        ))  # fmt: skip
        for stage in ("before", "after"):
            connection.execute(insert(tables.scan).values(
                run_id=run_id, stage=stage, population="visits", line=0, category="usage", kind="visit", disposition="held",
                reason="hold", overdue=False, rows=held + 1,
            ))  # fmt: skip


# documents


def test_documents_can_be_downloaded_and_nothing_else(browser: Browser, empty: Workspace, tmp_path: Path) -> None:
    book = empty.output_folder("register") / "registre d'essai <1>.xlsx"
    book.write_bytes(b"book")
    outside = tmp_path / "outside.xlsx"
    outside.write_bytes(b"elsewhere")
    (empty.output_folder("reports") / "link.xlsx").symlink_to(outside)
    (empty.output / "reports" / "rapport-2026-11-22-detail.xlsx").write_bytes(b"keys of records")
    (empty.output / "reports" / "~$open.xlsx").write_bytes(b"open")
    (empty.output / "ledger-head.json").write_text("{}", encoding="ascii")
    empty.home.mkdir()
    (empty.home / "digest.key").write_text("secret", encoding="ascii")
    (empty.home / "secret.xlsx").write_text("secret", encoding="ascii")

    reader = browser("viewer")
    shown = reader.get("/papers").text
    assert "registre d&#39;essai &lt;1&gt;.xlsx" in shown and "detail" not in shown and "link.xlsx" not in shown
    (link,) = re.findall(r'download href="/retention([^"]+)"', shown)
    answer = reader.get(html.unescape(link))
    assert answer.content == b"book"
    assert "attachment" in answer.headers["content-disposition"]
    for path in (
        "reports/rapport-2026-11-22-detail.xlsx",
        "reports/link.xlsx",
        "reports/~$open.xlsx",
        "ledger-head.json",
        "../var/secret.xlsx",
        "..%2Fvar%2Fsecret.xlsx",
        "..%252Fvar%252Fsecret.xlsx",
        "register/..%2F..%2Fvar%2Fsecret.xlsx",
        "..\\var\\secret.xlsx",
        "%2Fetc%2Fpasswd",
        "/etc/passwd",
        "register",
        "register%00.xlsx",
        "",
    ):
        assert reader.get(f"/workbooks/{path}").status_code == 404, path


def test_the_newest_documents_come_first_and_the_others_when_asked_for(browser: Browser, empty: Workspace) -> None:
    import os

    for number in range(40):
        path = empty.output_folder("reports") / f"rapport-{number:02}.xlsx"
        path.write_bytes(b"x")
        os.utime(path, (1_700_000_000 + number, 1_700_000_000 + number))
    admin = browser()
    names = re.findall(r"rapport-(\d\d)\.xlsx</a>", admin.text("/papers"))
    assert names == [f"{number:02}" for number in range(39, 9, -1)]
    assert "Older, not shown: 10." in admin.text("/papers")
    assert len(re.findall(r"rapport-(\d\d)\.xlsx</a>", admin.text("/papers?every=1"))) == 40


def test_documents_on_an_object_store_are_listed_and_downloaded_alike(
    browser: Browser, bucket: Any, empty: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RETENTION_OUTPUT", f"s3://{buckets.NAME}/retention")
    reader = browser("viewer")
    assert "No document yet." in reader.text("/papers")
    book = b"b" * 1_500_000
    bucket.put_object(Key="retention/register/registre d'été <1>.xlsx", Body=book)
    bucket.put_object(Key="retention/reports/rapport-2026-11-22.xlsx", Body=b"report")
    hidden = ("reports/rapport-2026-11-22-detail.xlsx", "reports/ledger-head.json", "../secret.xlsx", ".draft.xlsx")
    for name in hidden:
        bucket.put_object(Key=f"retention/{name}", Body=b"secret")
    bucket.put_object(Key="secret.xlsx", Body=b"secret")

    shown = reader.get("/papers").text
    assert "Register of processing" in shown and "1,465 KB" in shown and "detail" not in shown and "secret" not in shown
    links = re.findall(r'download href="/retention([^"]+)"', shown)
    answer = reader.get(html.unescape(links[0]))
    assert answer.content == book and answer.headers["content-length"] == str(len(book))
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''registre%20d%27%C3%A9t%C3%A9%20%3C1%3E.xlsx"
    assert [reader.get(html.unescape(link)).status_code for link in links] == [200, 200]
    for path in (*hidden, "..%2Fsecret.xlsx", "reports%2F..%2F..%2Fsecret.xlsx", "s3:%2F%2Fpapers%2Fsecret.xlsx", "retention"):
        assert reader.get(f"/workbooks/{path}").status_code == 404, path


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("fr", "L’endroit où sont rangés les documents ne répond pas. Le reste de cette page fonctionne."),
        ("en", "The place where documents are kept does not answer. The rest of this page works."),
    ],
)
@pytest.mark.parametrize("place", ["s3://nowhere/retention", "s3://no_such_connection@papers/retention"])
def test_documents_out_of_reach_are_said_in_a_sentence_and_the_rest_works(
    browser: Browser, bucket: Any, empty: Workspace, monkeypatch: pytest.MonkeyPatch, place: str, language: str, sentence: str
) -> None:
    monkeypatch.setenv("RETENTION_OUTPUT", place)
    admin = browser(language=language)
    for path in ("/papers", "/workbooks/reports/rapport-2026-11-22.xlsx"):
        answer = admin.get(path)
        assert answer.status_code == 503 and sentence in html.unescape(answer.text), path
    assert '<a href="/retention/holds"' in admin.get("/papers").text, "one can go on from there"
    assert all(admin.get(path).status_code == 200 for path in PAGES if path != "/papers")


def test_a_download_that_breaks_off_is_no_whole_one(
    browser: Browser, bucket: Any, empty: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What has begun can only be cut short: the browser was told how long it should have been."""
    monkeypatch.setenv("RETENTION_OUTPUT", f"s3://{buckets.NAME}/retention")
    bucket.put_object(Key="retention/reports/a.xlsx", Body=b"a" * 5_000_000)
    there = Workspace.from_env()
    (listed,) = outputs.listed(there)
    pieces = outputs.content(there, listed)
    got = next(pieces)
    bucket.put_object(Key="retention/reports/a.xlsx", Body=b"b" * 5_000_000)
    with pytest.raises(OutputError, match=r"does not give reports/a\.xlsx"):
        for piece in pieces:
            got += piece
    assert set(got) == {ord("a")} and len(got) < listed.size


# what tasks made, where their links lead


def test_a_night_is_shown_as_the_evidence_has_it(browser: Browser, stage: Workspace) -> None:
    evidence = stage.evidence(readonly=True)
    run = evidence.latest_run("account")
    assert run is not None
    shown = browser().text(f"/runs/account/{quote(run.run_id, safe='')}")
    plan = evidence.plan(run.run_id)
    assert plan is not None and plan[0] in shown and run.policy_hash in shown
    for part, count in (
        ("plan", len(evidence.scan(run.run_id, "before"))),
        ("validation", len(evidence.validation(run.run_id))),
        ("receipts", len(evidence.disposed([run.run_id]))),
    ):
        section = re.search(rf'<h2 id="{part}">.*?</section>', shown, re.DOTALL)
        assert section is not None and section[0].count('<th scope="row">') == count > 0


@pytest.mark.parametrize(
    "path", ["/runs/usage/nothing", "/runs/usage/account:x", "/runs/../etc", "/versions/9.9", "/versions/%3Cb%3E"]
)
def test_what_nobody_made_is_not_there(browser: Browser, stage: Workspace, path: str) -> None:
    answer = browser().get(path)
    assert answer.status_code == 404 and "<b>" not in answer.text.replace("<body>", "")


def test_a_version_of_the_register_says_who_approved_it(browser: Browser, stage: Workspace) -> None:
    from retention.evidence import registers

    evidence = stage.evidence()
    registers.publish(evidence, registers.Proposal(clock.today(), "d" * 64, "{}", hashlib.sha256(b"{}").hexdigest()))
    admin = browser()
    assert "none: it is a draft" in admin.text("/versions/1.0")
    registers.approve(evidence, "1.0", "<i>Anna</i>", "read")
    assert "&lt;i&gt;Anna&lt;/i&gt;" in admin.get("/versions/1.0").text and "d" * 64 in admin.text("/versions/1.0")


# one record


def _keys(stage: Workspace, store: str, query: str) -> list[Any]:
    session = StoreSession(store, stage.store_url(store))
    try:
        with session.reading("looking for keys") as connection:
            return list(connection.execute(text(query)).scalars())
    finally:
        session.close()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_record_is_explained_as_the_library_does(browser: Browser, stage: Workspace, language: Any) -> None:
    keys = _keys(stage, "account", "SELECT account_id FROM accounts ORDER BY account_id")
    keys = keys[:: len(keys) // 3]
    admin, bundle, evidence = browser(language=language), stage.bundle(), stage.evidence(readonly=True)
    seen = set()
    for key in keys:
        record = f"accounts:{key}"
        (expected,) = explain(stage, bundle, evidence, "account", record, as_of=clock.today(), language=language)
        answer = admin.send("/explain", {"store": "account", "record": record})
        shown = html.unescape(answer.text)
        assert answer.status_code == 200
        assert f"<dd>{expected.why}</dd>" in shown
        for rule in (expected.rule, *expected.rules):
            if rule is not None:
                assert rule.title in shown
        if expected.rule is not None:
            for clause in expected.rule.clauses:
                assert clause.lines in shown and all(quote in shown for quote in clause.quotes)
        assert all(hold.hold_id in shown for hold in expected.holds)
        assert expected.judged is not None
        seen.add(expected.judged.disposition)
    assert "keep" in seen


def test_what_has_gone_is_told_by_its_receipt(browser: Browser, stage: Workspace) -> None:
    evidence, bundle = stage.evidence(readonly=True), stage.bundle()
    receipt = next(each for each in evidence.receipts() if each.action == "delete" and each.rows)
    there = set(_keys(stage, receipt.store, f"SELECT {_key(stage, receipt)} FROM {_table(stage, receipt)}"))
    admin = browser()
    for number in range(1, 20_000):
        if number not in there:
            record = f"{receipt.population}:{number}"
            answer = admin.send("/explain", {"store": receipt.store, "record": record})
            if answer.status_code == 200:
                assert "Gone since" in answer.text and receipt.run_id in html.unescape(answer.text)
                (said,) = explain(stage, bundle, evidence, receipt.store, record, as_of=clock.today(), language="en")
                assert said.why in html.unescape(answer.text)
                return
    raise AssertionError("no record that went was found")


def _declared(stage: Workspace, receipt: Any) -> Any:
    return stage.bundle().store(receipt.store).declared.population(receipt.population)


def _key(stage: Workspace, receipt: Any) -> str:
    return str(_declared(stage, receipt).key)


def _table(stage: Workspace, receipt: Any) -> str:
    return str(_declared(stage, receipt).table)


def test_a_key_is_never_part_of_an_address(browser: Browser, stage: Workspace) -> None:
    admin = browser()
    answer = admin.send("/explain", {"store": "account", "record": "accounts:1"})
    assert "1" not in str(answer.url.query, "ascii") and not answer.is_redirect
    assert admin.get("/explain?store=account&record=accounts:1").text.count("<dt>") == 0
    assert not re.search(r'href="[^"]*(accounts:|accounts%3A)1', answer.text)
