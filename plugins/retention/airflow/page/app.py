"""The page as an application: its routes, and one clear message for whatever is refused."""

from __future__ import annotations

import logging

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from retention.airflow.page import holds_routes, reading_routes
from retention.airflow.page.guard import Shield
from retention.airflow.page.pages import STATIC, YEAR, page, static
from retention.airflow.page.refusal import Refusal, refusal_of
from retention.errors import RetentionError

KNOWN = {401: "not_logged_in", 403: "not_allowed", 404: "no_page", 405: "no_page"}

log = logging.getLogger(__name__)


def make_application() -> Shield:
    """Everything of it, for users who are logged in to Airflow."""
    application = FastAPI(openapi_url=None, redirect_slashes=False)
    application.include_router(reading_routes.router)
    application.include_router(holds_routes.router)
    application.get("/static/{name}")(static_file)
    application.exception_handler(Refusal)(refused)
    application.exception_handler(RetentionError)(refused_by_the_library)
    application.exception_handler(HTTPException)(refused_by_airflow)
    application.exception_handler(RequestValidationError)(not_understood)
    application.exception_handler(Exception)(stumbled)
    return Shield(application)


def static_file(name: str) -> Response:
    """Looks and script. They say nothing of anybody, and their address changes with them."""
    content = static(name)
    if content is None:
        raise HTTPException(404)
    return Response(content, media_type=STATIC[name], headers={"Cache-Control": f"public, max-age={YEAR}, immutable"})


async def refused(request: Request, refusal: Refusal) -> Response:
    if refusal.said is not None and refusal.status >= 500:
        log.warning("the page could not answer: %s", refusal.said.message)
    return page(request, "message", status=refusal.status, words=refusal.words, said=refusal.said)


async def refused_by_the_library(request: Request, error: RetentionError) -> Response:
    return await refused(request, refusal_of(error))


async def refused_by_airflow(request: Request, error: HTTPException) -> Response:
    """Nobody is logged in, or there is no such page."""
    return await refused(request, Refusal(error.status_code, KNOWN.get(error.status_code, "refused")))


async def not_understood(request: Request, _: RequestValidationError) -> Response:
    """What it was is not repeated: it may say anything."""
    return await refused(request, Refusal(422, "not_a_form"))


async def stumbled(request: Request, _: Exception) -> Response:
    return await refused(request, Refusal(500, "stumbled"))
