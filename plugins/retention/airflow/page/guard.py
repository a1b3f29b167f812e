"""What keeps the page from being turned against those who use it: headers, sizes, forms that only it can have sent."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from airflow.configuration import conf
from fastapi import Request
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.datastructures import MutableHeaders

from retention.airflow.page.refusal import Refusal

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

MOST_ADDRESS = 2_048  # bytes of path and query
MOST_FORM = 16_384  # bytes; the longest honest form is a tenth of it
MOST_FIELDS = 20
FORM_TYPE = "application/x-www-form-urlencoded"
TOKEN_SECONDS = 8 * 3600
NONCE_COOKIE = "retention_form"

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'self'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # with no-referrer a browser would hide the origin of our own forms too
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "SAMEORIGIN",
}

log = logging.getLogger(__name__)


class Shield:
    """Around the whole application: headers on every answer, and no traceback in the log, for it may hold values."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                headers.setdefault("Cache-Control", "no-store")
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Exception as unforeseen:
            log.error("the page stumbled: %s", type(unforeseen).__name__)
            if not begun:  # else it has been answered already, in plain words
                await sending({"type": "http.response.start", "status": 500, "headers": [(b"content-type", b"text/plain")]})
                await send({"type": "http.response.body", "body": b"unexpected error"})


def check_address(request: Request) -> None:
    """Raises Refusal for an address that nobody would write."""
    if len(request.scope["path"]) + len(request.scope["query_string"]) > MOST_ADDRESS:
        raise Refusal(414, "too_large")


# forms


async def read_form(request: Request) -> dict[str, str]:
    """A form as its fields, each at most once. Raises Refusal for one that is too large, or is no form of ours."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != FORM_TYPE:
        raise Refusal(415, "not_a_form")
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_FORM:
            raise Refusal(413, "too_large")
    try:
        fields = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, strict_parsing=bool(body), errors="strict", max_num_fields=MOST_FIELDS
        )
    except ValueError:
        raise Refusal(422, "not_a_form") from None
    form = dict(fields)
    if len(form) != len(fields) or any(
        character < " " and character not in "\r\n\t" for text in form.values() for character in text
    ):
        raise Refusal(422, "not_a_form")
    return {name: text.strip() for name, text in form.items()}


def nonce_of(request: Request) -> str:
    """What ties a browser to its forms: kept in a cookie that other sites cannot make it send."""
    known = request.cookies.get(NONCE_COOKIE, "")
    return known if len(known) == 43 and known.isascii() else secrets.token_urlsafe(32)


def token_of(user: Any, nonce: str) -> str:
    """What every form of ours carries: signed, for this user in this browser, for some hours."""
    return str(_signer().dumps([str(user.get_id()), nonce]))


def check_sent_by_us(request: Request, user: Any, form: dict[str, str]) -> None:
    """Raises Refusal for a form that was not filled in on our page, by this user, in this browser."""
    if not _same_origin(request):
        raise Refusal(403, "forged")
    try:
        signed = _signer().loads(form.get("token", ""), max_age=TOKEN_SECONDS)
    except BadData:
        raise Refusal(403, "forged") from None
    if signed != [str(user.get_id()), request.cookies.get(NONCE_COOKIE, "")]:
        raise Refusal(403, "forged")


def _same_origin(request: Request) -> bool:
    """A browser says where a form comes from. What does not say so is no browser, or one that was told to keep quiet."""
    if request.headers.get("sec-fetch-site", "same-origin") != "same-origin":
        return False
    ours = {request.url.netloc, urlsplit(conf.get("api", "base_url", fallback="")).netloc}
    return urlsplit(request.headers.get("origin", "")).netloc in ours - {""}


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(conf.get_mandatory_value("api", "secret_key"), salt="retention-page")
