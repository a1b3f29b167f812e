"""Who is looking: user, rights, language, and the installation they look at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, get_args

from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, Request
from sqlalchemy import make_url

from retention.airflow.connections import databases_connected, outputs_connected
from retention.airflow.page.access import EVERYTHING, What, may
from retention.airflow.page.guard import check_address, check_sent_by_us, nonce_of, read_form
from retention.airflow.page.refusal import Refusal
from retention.airflow.page.words import WORDS
from retention.declare.words import Language
from retention.errors import OutputError, StoreError
from retention.evidence.database import Evidence
from retention.typography import Words
from retention.workspace import Workspace

LANGUAGE_COOKIE = "retention_lang"
LONGEST_NAME = 120  # that the evidence can keep of whoever answers for a hold
LANGUAGES: tuple[Language, ...] = get_args(Language)


@dataclass(frozen=True)
class Visitor:
    """Somebody who is logged in and may see the page."""

    user: Any
    rights: frozenset[What]
    nonce: str

    @property
    def name(self) -> str:
        """Who answers for what is done here: the name they log in with."""
        return str(self.user.get_name())

    def may(self, what: What) -> bool:
        return what in self.rights


def language_of(request: Request) -> Language:
    """What was chosen on the page, else what the browser asks for first, else French."""
    for wanted in (request.query_params.get("lang"), request.cookies.get(LANGUAGE_COOKIE)):
        if wanted in LANGUAGES:
            return wanted
    ranked = []
    for number, part in enumerate(request.headers.get("accept-language", "")[:200].split(",")):
        name, _, quality = part.strip().partition(";q=")
        try:
            ranked.append((-float(quality or 1), number, name[:2].lower()))
        except ValueError:
            continue
    return next((name for _, _, name in sorted(ranked) if name in LANGUAGES), "fr")


def words_of(request: Request) -> Words:
    return Words(WORDS, language_of(request))


# what routes depend on


def visiting(request: Request, user: Annotated[Any, Depends(get_user)]) -> Visitor:
    """Whoever asks. Raises Refusal for one who may not see the page."""
    check_address(request)
    rights = {what for what in EVERYTHING if may(user, what)}
    if "page" not in rights:
        raise Refusal(403, "not_allowed")
    if len(str(user.get_name())) > LONGEST_NAME:
        rights.discard("holds")
    return Visitor(user, frozenset(rights), nonce_of(request))


def allowed_to(what: What) -> Any:
    """A visitor who also has this right."""

    def allowed(visitor: Annotated[Visitor, Depends(visiting)]) -> Visitor:
        if not visitor.may(what):
            raise Refusal(403, "not_allowed")
        return visitor

    return allowed


def form_from(what: What) -> Any:
    """The fields of a form that somebody with this right has filled in on our own page."""

    allowed = Depends(allowed_to(what))  # as a default: an annotation is text here, and knows no name of this function

    async def filled_in(request: Request, visitor: Visitor = allowed) -> dict[str, str]:
        form = await read_form(request)
        check_sent_by_us(request, visitor.user, form)
        return form

    return filled_in


def workspace() -> Workspace:
    """The installation that this Airflow looks after. Where its outputs lie is asked by who wants them: `with_outputs`."""
    return databases_connected(Workspace.from_env())


def with_outputs(workspace: Workspace) -> Workspace:
    """The same with what it takes to reach its outputs. Raises OutputError."""
    try:
        return outputs_connected(workspace)
    except StoreError as error:  # of the connection that names them
        raise OutputError(error.message, mend=error.mend) from None


@contextmanager
def evidence_of(workspace: Workspace) -> Iterator[Evidence | None]:
    """The evidence for reading, None before the first run. Closed afterwards: a page leaves no connection behind."""
    url = make_url(workspace.evidence_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        yield None
        return
    evidence = workspace.evidence(readonly=True)
    try:
        yield evidence
    finally:
        evidence.engine.dispose()
