"""The site is built strictly, needs nothing from elsewhere, and is found through its own search."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.documentation.blocks import DOCS, ROOT

ELSEWHERE = re.compile(r"^(https?:)?//")


class Fetched(HTMLParser):
    """The addresses that a browser fetches by itself when it shows a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag in ("script", "img", "iframe", "source"):
            self.addresses.append(given.get("src") or "")
        if tag == "link" and given.get("rel") not in ("canonical", "prev", "next"):
            self.addresses.append(given.get("href") or "")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)],
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert (done.stdout + done.stderr).strip() == ""
    return folder


def test_every_page_is_there_and_no_code_of_ours(site: Path) -> None:
    for page in DOCS.rglob("*.md"):
        assert (site / page.relative_to(DOCS).with_suffix(".html")).is_file(), page
    assert not (site / "hooks").exists()
    assert (site / "verify_proof.py").read_bytes() == (DOCS / "verify_proof.py").read_bytes()


def test_nothing_is_fetched_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        found = Fetched()
        found.feed(page.read_text(encoding="utf-8"))
        assert found.addresses
        assert [address for address in found.addresses if ELSEWHERE.match(address)] == [], page.name
    for sheet in site.rglob("*.css"):
        text = sheet.read_text(encoding="utf-8")
        assert re.findall(r"(?:@import\s+|url\()['\"]?(?:https?:)?//", text) == [], sheet.name


def test_every_place_was_filled(site: Path) -> None:
    assert [page.name for page in site.rglob("*.html") if "{{" in page.read_text(encoding="utf-8")] == []


def test_the_search_finds_what_is_generated(site: Path) -> None:
    """It is in a script as well, which a page that was opened as a file can load."""
    text = (site / "search" / "search_index.js").read_text(encoding="utf-8").removeprefix("var __index = ").rstrip(";\n")
    places = [entry["location"] for entry in json.loads(text)["docs"] if "patience_seconds" in entry["text"]]
    assert any(place.startswith("reference/store-yaml.html") for place in places)
