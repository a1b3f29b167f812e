"""The page that the plugin adds to Airflow: how the last nights ended, and the workbooks to download."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path
from urllib.parse import quote

from airflow.api_fastapi.core_api.security import requires_authenticated
from fastapi import Depends, FastAPI, HTTPException
from fastapi.responses import FileResponse, HTMLResponse

from retention.airflow.catalogue import store_cards
from retention.airflow.connections import connected
from retention.dates import PARIS
from retention.errors import RetentionError
from retention.evidence.records import Run
from retention.workspace import Workspace

NEWEST_WORKBOOKS = 50
SUFFIXES = (".xlsx", ".ods", ".jsonld", ".zip")

PAGE = """\
<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Retention</title><style>
body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #1a202c; background: #fff; }}
table {{ border-collapse: collapse; margin: 0 0 2rem; }}
th, td {{ text-align: left; padding: .35rem 1.2rem .35rem 0; border-bottom: 1px solid #e2e8f0; vertical-align: top; }}
.failed {{ color: #b91c1c; font-weight: 600; }} .reservations {{ color: #b45309; font-weight: 600; }}
.passed {{ color: #15803d; }}
</style></head><body><h1>Retention</h1>
<h2>The last night of each store</h2>{nights}
<h2>Workbooks</h2>{workbooks}
</body></html>"""


def make_application() -> FastAPI:
    """The page and its downloads, for authenticated users only."""
    application = FastAPI(dependencies=[Depends(requires_authenticated())], openapi_url=None)

    @application.get("/", response_class=HTMLResponse)
    def page() -> str:
        workspace = connected(Workspace.from_env())
        return PAGE.format(nights=_nights(workspace), workbooks=_workbooks(workspace.output))

    @application.get("/workbooks/{name:path}")
    def workbook(name: str) -> FileResponse:
        path = {_name(found, folder): found for folder in [Workspace.from_env().output] for found in _found(folder)}.get(name)
        if path is None:
            raise HTTPException(404, "no such workbook")
        return FileResponse(path, filename=path.name)

    return application


def _nights(workspace: Workspace) -> str:
    try:
        evidence = workspace.evidence(readonly=True)
        last = [(card.name, evidence.latest_run(card.name, finished=False)) for card in store_cards()]
    except RetentionError as reason:
        return f"<p>{escape(str(reason))}</p>"
    return _table(("Store", "As of", "Outcome", "Started", "Finished", "Note"), [_night(store, run) for store, run in last])


def _night(store: str, run: Run | None) -> list[str]:
    if run is None:
        return [escape(store), "", "no night yet", "", "", ""]
    outcome = f'<span class="{run.status}">{run.status}</span>'
    return [escape(store), f"{run.as_of}", outcome, _paris(run.started_at), _paris(run.finished_at), escape(run.note or "")]


def _paris(instant: dt.datetime | None) -> str:
    """A stored instant (UTC without a zone) as Paris clocks show it."""
    return f"{instant.replace(tzinfo=dt.UTC).astimezone(PARIS):%Y-%m-%d %H:%M}" if instant else ""


def _workbooks(folder: Path) -> str:
    newest = sorted(_found(folder), key=lambda path: path.stat().st_mtime, reverse=True)[:NEWEST_WORKBOOKS]
    names = [_name(path, folder) for path in newest]
    links = [[f'<a href="workbooks/{quote(name)}">{escape(name)}</a>'] for name in names]
    return _table(("File",), links) if links else "<p>None yet.</p>"


def _found(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix in SUFFIXES and not path.name.startswith(("~$", "."))]


def _name(path: Path, folder: Path) -> str:
    return path.relative_to(folder).as_posix()


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Cells are HTML already."""
    head = "".join(f"<th>{cell}</th>" for cell in header)
    body = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row) + "</tr>" for row in rows)
    return f"<table><tr>{head}</tr>{body}</table>"
