"""Routes that the tasks of a run lead to: what it made, and the version of the register that was published. They only read."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response

from retention.airflow.page.made import MOST, made, moment
from retention.airflow.page.pages import page
from retention.airflow.page.refusal import Refusal
from retention.airflow.page.visitor import Visitor, evidence_of, visiting, words_of, workspace
from retention.evidence import registers
from retention.report.reasons import expectation
from retention.workspace import Workspace

router = APIRouter()
TONES = {"passed": "good", "reservations": "warn", "failed": "bad", "PASS": "good", "FAIL": "bad", "ERROR": "bad"}

Here = Annotated[Workspace, Depends(workspace)]
Anybody = Annotated[Visitor, Depends(visiting)]


@router.get("/runs/{store}/{run_id:path}")
def show_run(request: Request, store: str, run_id: str, visitor: Anybody, here: Here) -> Response:
    """Plan, checks, receipts and entries of the ledger of one run: counts and hashes, no record."""
    say = words_of(request)
    with evidence_of(here) as evidence:
        found = made(evidence, store, run_id) if evidence is not None else None
    if found is None:
        raise Refusal(404, "no_page")
    declared = here.bundle().stores.get(store)
    title = say.of(declared.declared.title) if declared is not None else store
    return page(
        request, "run", visitor, found=found, title=title, tones=TONES, most=MOST,
        moment=lambda instant: moment(instant, say), expected=expectation,
    )  # fmt: skip


@router.get("/versions/{number}")
def show_version(request: Request, number: str, visitor: Anybody, here: Here) -> Response:
    """One publication of the register: when, under which declaration, approved by whom."""
    say = words_of(request)
    with evidence_of(here) as evidence:
        shelf = registers.shelf(evidence) if evidence is not None else None
    found = next((version for version in shelf.versions if version.number == number), None) if shelf is not None else None
    if shelf is None or found is None:
        raise Refusal(404, "no_page")
    approval = shelf.approval(found)
    return page(request, "version", visitor, version=found, approval=approval, moment=lambda instant: moment(instant, say))
