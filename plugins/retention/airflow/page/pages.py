"""A template filled in for a visitor, with the cookies that their next form needs."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from retention.airflow.page.guard import NONCE_COOKIE, token_of
from retention.airflow.page.visitor import LANGUAGE_COOKIE, LANGUAGES, Visitor, words_of

HERE = Path(__file__).resolve().parent
MOUNTED = "/retention"  # below the address of Airflow itself
STATIC = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml", "icon-dark.svg": "image/svg+xml"}
YEAR = 365 * 86_400
PLACES = {
    "hold_check": "holds",
    "hold_release": "holds",
    "message": "overview",
    "night": "overview",
    "version": "papers",
}  # of templates that are steps on the way
ADDRESSES = {"overview": "/", "holds": "/holds", "explain": "/explain", "papers": "/papers"}

TEMPLATES = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def page(request: Request, name: str, visitor: Visitor | None = None, status: int = 200, **shown: Any) -> Response:
    """A page by the name of its template. Without a visitor it has no navigation."""
    say = words_of(request)
    root = str(request.scope.get("root_path", ""))
    html = TEMPLATES.get_template(f"{name}.html").render(
        say=say,
        root=root,
        airflow=root.removesuffix(MOUNTED),
        version=_version(),
        here=PLACES.get(name, name),
        addresses=ADDRESSES,
        visitor=visitor,
        token=token_of(visitor.user, visitor.nonce) if visitor else "",
        **shown,
    )
    answer = HTMLResponse(html, status, headers={"Content-Language": say.language, "Vary": "Accept-Language, Cookie"})
    kept: dict[str, Any] = {
        "path": root or "/",
        "secure": request.url.scheme == "https",
        "httponly": True,
        "samesite": "strict",
    }
    if visitor is not None and request.cookies.get(NONCE_COOKIE) != visitor.nonce:
        answer.set_cookie(NONCE_COOKIE, visitor.nonce, **kept)
    if request.query_params.get("lang") in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, say.language, max_age=YEAR, **kept)
    return answer


@cache
def static(name: str) -> bytes | None:
    """One of the files that every page asks for."""
    return (HERE / "static" / name).read_bytes() if name in STATIC else None


@cache
def _version() -> str:
    """Changes with the files that browsers keep."""
    return hashlib.sha256(b"".join(static(name) or b"" for name in STATIC)).hexdigest()[:12]
