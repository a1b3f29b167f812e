"""Routes about holds: who reads the page sees them, who may place them does so in two steps, asked and confirmed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from retention import clock, holds
from retention.airflow.page import holding
from retention.airflow.page.pages import page
from retention.airflow.page.refusal import Refusal
from retention.airflow.page.visitor import Visitor, allowed_to, evidence_of, form_from, visiting, words_of, workspace
from retention.declare.bundle import Bundle
from retention.errors import NotFound
from retention.evidence.records import Hold
from retention.holds import Placement
from retention.workspace import Workspace

router = APIRouter(prefix="/holds")

Here = Annotated[Workspace, Depends(workspace)]
Holder = Annotated[Visitor, Depends(allowed_to("holds"))]
Form = Annotated[dict[str, str], Depends(form_from("holds"))]


@router.get("")
def show(
    request: Request,
    visitor: Annotated[Visitor, Depends(visiting)],
    here: Here,
    done: str = "",
    waiting: str = "",
    stranger: str = "",
) -> Response:
    """Holds in force. `done`: the one just placed or released; `waiting`: stores that have yet to be told of it."""
    bundle = here.bundle()
    with evidence_of(here) as evidence:
        known = evidence.holds(active_only=False) if evidence is not None else ()
    just = next((hold for hold in known if hold.hold_id == done), None)
    pending = [name for name in waiting.split(",") if name in bundle.stores]
    return _page(request, visitor, bundle, known, just=just, pending=pending, stranger=stranger == "1")


@router.post("/check")
def check(request: Request, visitor: Holder, form: Form, here: Here) -> Response:
    """What would be placed, to be read again before it is."""
    bundle = here.bundle()
    request_for, wrong = holding.read_request(bundle, form, visitor.name, clock.today())
    if request_for is None:
        return _again(request, visitor, here, bundle, form, wrong)
    return page(
        request, "hold_check", visitor, form=form, wanted=holding.wanted(bundle, request_for, words_of(request)),
    )  # fmt: skip


@router.post("/place")
def place(request: Request, visitor: Holder, form: Form, here: Here) -> Response:
    """Places it, under the name of who is logged in. Sent twice, it is placed once."""
    bundle = here.bundle()
    wanted, wrong = holding.read_request(bundle, form, visitor.name, clock.today())
    if wanted is None:
        return _again(request, visitor, here, bundle, form, wrong)
    evidence = here.evidence()
    try:
        there = holding.same_in_force(evidence.holds(), wanted)
        if there is not None:
            return _seen(request, Placement(there, (), ()))
        return _seen(request, holds.place_if_there(here, bundle, evidence, wanted))
    except NotFound as gone:
        return _again(request, visitor, here, bundle, form, {"record": "mistake.unknown"}, status=404, said=gone)
    finally:
        evidence.engine.dispose()


@router.post("/release/check")
def check_release(request: Request, visitor: Holder, form: Form, here: Here) -> Response:
    """The hold that would be released, and why."""
    return _release_page(request, visitor, here, _named(here, form))


@router.post("/release")
def release(request: Request, visitor: Holder, form: Form, here: Here) -> Response:
    """Releases it, under the name of who is logged in."""
    hold = _named(here, form)
    wrong = holding.read_note(form)
    if wrong:
        return _release_page(request, visitor, here, hold, status=422, wrong=wrong, note=form.get("note", ""))
    evidence = here.evidence()
    try:
        done = holds.release(here, here.bundle(), evidence, hold.hold_id, by=visitor.name, note=form["note"])
    finally:
        evidence.engine.dispose()
    return _seen(request, done)


def _named(here: Workspace, form: dict[str, str]) -> Hold:
    """The hold in force that a form names. Raises Refusal."""
    with evidence_of(here) as evidence:
        known = evidence.holds() if evidence is not None else ()
    hold = next((each for each in known if each.hold_id == form.get("hold_id")), None)
    if hold is None or hold.kind == holds.ERASURE:
        raise Refusal(404, "no_hold")
    return hold


def _seen(request: Request, placed: Placement) -> Response:
    """On to the list: whoever loads that again does nothing again."""
    said = {"done": placed.hold.hold_id, "waiting": ",".join(placed.pending), "stranger": "1" if placed.stranger else ""}
    query = "&".join(f"{name}={text}" for name, text in said.items() if text)
    return RedirectResponse(f"{request.scope.get('root_path', '')}/holds?{query}", 303)


def _again(
    request: Request, visitor: Visitor, here: Workspace, bundle: Bundle, form: dict[str, str], wrong: dict[str, str],
    *, status: int = 422, said: NotFound | None = None,
) -> Response:  # fmt: skip
    """The form as it was filled in, with what is wrong with it."""
    with evidence_of(here) as evidence:
        known = evidence.holds() if evidence is not None else ()
    return _page(request, visitor, bundle, known, status=status, form=form, wrong=wrong, said=said)


def _page(
    request: Request, visitor: Visitor, bundle: Bundle, known: tuple[Hold, ...], *, status: int = 200, **more: Any
) -> Response:
    say, today = words_of(request), clock.today()
    in_force = [holding.shown(bundle, hold, today, say) for hold in known if hold.active]
    nothing: dict[str, Any] = {"form": {}, "wrong": {}, "said": None, "just": None, "pending": [], "stranger": False}
    return page(
        request, "holds", visitor, status, holds=in_force, choices=holding.choices(bundle, say), today=today.isoformat(),
        **nothing | more,
    )  # fmt: skip


def _release_page(
    request: Request, visitor: Visitor, here: Workspace, hold: Hold, *, status: int = 200, **more: Any
) -> Response:
    shown = holding.shown(here.bundle(), hold, clock.today(), words_of(request))
    return page(request, "hold_release", visitor, status, hold=shown, **{"wrong": {}, "note": "", **more})
