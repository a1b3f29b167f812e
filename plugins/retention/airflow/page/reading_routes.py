"""Routes that only read: the state of everything, papers to download, one record explained."""

from __future__ import annotations

import logging
from pathlib import PurePosixPath
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import StreamingResponse

from retention import clock
from retention.airflow.page import charts, explained, made, papers
from retention.airflow.page.holding import LONGEST, Choice
from retention.airflow.page.overview import overview
from retention.airflow.page.pages import page
from retention.airflow.page.refusal import Refusal
from retention.airflow.page.visitor import (
    Visitor,
    allowed_to,
    evidence_of,
    form_from,
    visiting,
    with_outputs,
    words_of,
    workspace,
)
from retention.airflow.page.year import Year
from retention.declare.bundle import Bundle
from retention.errors import NotFound, OutputError
from retention.evidence import approvals
from retention.explain import explain
from retention.outputs import content
from retention.status import status
from retention.typography import Words
from retention.workspace import Workspace

log = logging.getLogger(__name__)
router = APIRouter()
YEAR = Year()

Here = Annotated[Workspace, Depends(workspace)]
Anybody = Annotated[Visitor, Depends(visiting)]


@router.get("/")
def show_overview(request: Request, visitor: Anybody, here: Here) -> Response:
    """Every store and category, what waits, holds, twelve months."""
    say, bundle, today = words_of(request), here.bundle(), clock.today()
    with evidence_of(here) as evidence:
        found = status(bundle, evidence, today)
        months = YEAR.months(evidence, bundle.stores, today)
        holds = evidence.holds() if evidence is not None else ()
        waiting = approvals.waiting(evidence) if evidence is not None else ()
    return page(
        request,
        "overview",
        visitor,
        shown=overview(bundle, found, waiting, holds, say),
        charts=charts.charts(months, say),
        months=charts.table(months, say),
    )


# what tasks made


@router.get("/runs/{store}/{run_id}")
def show_night(request: Request, visitor: Anybody, here: Here, store: str, run_id: str) -> Response:
    """Plan, validation result and receipts of one run."""
    with evidence_of(here) as evidence:
        run = evidence.run(run_id) if evidence is not None else None
        if evidence is None or run is None or run.store != store:
            raise Refusal(404, "no_run")
        return page(request, "night", visitor, shown=made.night(here.bundle(), evidence, run, words_of(request)))


@router.get("/versions/{number}")
def show_version(request: Request, visitor: Anybody, here: Here, number: str) -> Response:
    """One version of the register, and who approved it."""
    with evidence_of(here) as evidence:
        if evidence is None:
            raise Refusal(404, "not_found")
        return page(request, "version", visitor, shown=made.version(evidence, number, words_of(request)))


# papers


@router.get("/papers")
def show_papers(
    request: Request, visitor: Annotated[Visitor, Depends(allowed_to("papers"))], here: Here, every: str = ""
) -> Response:
    """What can be downloaded: the newest, or with `?every=1` everything."""
    try:
        shelves = papers.shelves(with_outputs(here), words_of(request), everything=every == "1")
    except OutputError as error:
        log.warning("the page cannot list documents: %s", error.message)
        return page(request, "papers", visitor, 503, shelves=(), said=error)
    return page(request, "papers", visitor, shelves=shelves, said=None)


@router.get("/workbooks/{name:path}", dependencies=[Depends(allowed_to("papers"))])
def download(name: str, here: Here) -> Response:
    """One of them."""
    there = with_outputs(here)
    found = papers.paper(there, name)
    if found is None:
        raise Refusal(404, "no_paper")
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(PurePosixPath(found.name).name, safe='')}",
        "Content-Length": str(found.size),
    }
    return StreamingResponse(content(there, found), headers=headers, media_type="application/octet-stream")


# one record


@router.get("/explain")
def ask(request: Request, visitor: Annotated[Visitor, Depends(allowed_to("records"))], here: Here) -> Response:
    """The empty form."""
    return _explain_page(request, visitor, here.bundle(), {})


@router.post("/explain")
def answer(
    request: Request,
    visitor: Annotated[Visitor, Depends(allowed_to("records"))],
    form: Annotated[dict[str, str], Depends(form_from("records"))],
    here: Here,
) -> Response:
    """Why the record is kept, or gone. By POST, so that its key stands in no log of addresses."""
    bundle, say = here.bundle(), words_of(request)
    store, record = form.get("store", ""), form.get("record", "")
    wrong = {}
    if store not in bundle.stores:
        wrong["store"] = "mistake.choose"
    if not record:
        wrong["record"] = "mistake.missing"
    elif len(record) > LONGEST["record"]:
        wrong["record"] = "mistake.long"
    if wrong:
        return _explain_page(request, visitor, bundle, form, status=422, wrong=wrong)
    with evidence_of(here) as evidence:
        try:
            found = explain(here, bundle, evidence, store, record, as_of=clock.today(), language=say.language)
        except NotFound as nothing:
            return _explain_page(request, visitor, bundle, form, status=404, wrong={"record": "mistake.unknown"}, said=nothing)
    return _explain_page(request, visitor, bundle, form, answers=[explained.answer(each, say) for each in found])


def _explain_page(
    request: Request,
    visitor: Visitor,
    bundle: Bundle,
    form: dict[str, str],
    *,
    status: int = 200,
    wrong: dict[str, str] | None = None,
    **more: Any,
) -> Response:
    say = words_of(request)
    shown = {"answers": [], "said": None, **more}
    return page(
        request, "explain", visitor, status, form=form, wrong=wrong or {}, stores=_stores(bundle, say),
        populations=_populations(bundle), **shown,
    )  # fmt: skip


def _stores(bundle: Bundle, say: Words) -> list[Choice]:
    return [Choice(name, say.of(store.declared.title)) for name, store in sorted(bundle.stores.items())]


def _populations(bundle: Bundle) -> list[str]:
    """What a record's name may begin with."""
    return sorted({f"{each.name}:" for store in bundle.stores.values() for each in store.declared.populations})
