"""The history of runs as Airflow keeps it, through its REST API: who started what, how it ended, what people did to it.

`airflow db clean` removes that history, so a pack takes it along. Free text (notes, reasons) stays out.

| variable | default | meaning |
|---|---|---|
| `RETENTION_AIRFLOW_TOKEN` | – | a token of Airflow's, for `retention audit-pack --airflow` |
| `RETENTION_AIRFLOW_PASSWORD` | – | for want of one: the password of `--airflow-user` |
"""

from __future__ import annotations

import json
import os
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from retention.audit.span import Span
from retention.errors import NotFound, RetentionError

AT_ONCE = 100
SECONDS = 30
TOKEN, PASSWORD = "RETENTION_AIRFLOW_TOKEN", "RETENTION_AIRFLOW_PASSWORD"

_RUN = ("dag_id", "dag_run_id", "run_type", "state", "triggered_by", "triggering_user_name", "run_after", "logical_date",
        "data_interval_start", "data_interval_end", "queued_at", "start_date", "end_date")  # fmt: skip
_TASK = ("dag_id", "dag_run_id", "task_id", "map_index", "state", "try_number", "max_tries", "start_date", "end_date")
_EVENT = ("event_log_id", "when", "dag_id", "run_id", "task_id", "map_index", "event", "owner")
_PARAMS = ("as_of", "dry_run", "month", "decisions")


@dataclass(frozen=True)
class Airflow:
    """An Airflow to be asked."""

    url: str
    token: str

    @classmethod
    def at(cls, url: str, user: str | None, environment: Mapping[str, str] = os.environ) -> Airflow:
        """Logs in by token, or as a user. Raises RetentionError where that cannot be done."""
        if urllib.parse.urlsplit(url).scheme not in ("http", "https"):
            raise RetentionError("the address of Airflow is not one", mend="write it as https://airflow.example")
        url = url.rstrip("/")
        if token := environment.get(TOKEN):
            return cls(url, token)
        if not user or PASSWORD not in environment:
            raise RetentionError(
                "Airflow asks who wants to know", mend=f"set {TOKEN}, or give --airflow-user and set {PASSWORD}"
            )
        answer = _asked(f"{url}/auth/token", {}, {"username": user, "password": environment[PASSWORD]})
        return cls(url, str(answer["access_token"]))

    def runs(self, dag_id: str, span: Span) -> Iterator[dict[str, Any]]:
        """The runs of a DAG that were due in a span."""
        query = {"run_after_gte": f"{span.begins.isoformat()}Z", "run_after_lt": f"{span.ends.isoformat()}Z"}
        for run in self._pages(f"dags/{dag_id}/dagRuns", "dag_runs", query | {"order_by": "run_after"}):
            conf = run.get("conf") or {}
            yield _only(run, _RUN) | {
                "params": _only(conf, _PARAMS),
                "dag_versions": [version.get("version_number") for version in run.get("dag_versions") or []],
            }

    def tasks(self, dag_id: str, run_id: str) -> Iterator[dict[str, Any]]:
        path = f"dags/{dag_id}/dagRuns/{urllib.parse.quote(run_id, safe='')}/taskInstances"
        for task in self._pages(path, "task_instances", {"order_by": "id"}):
            yield _only(task, _TASK)

    def events(self, dag_id: str, span: Span) -> Iterator[dict[str, Any]]:
        """What its audit log has of a DAG."""
        query = {"dag_id": dag_id, "after": f"{span.begins.isoformat()}Z", "before": f"{span.ends.isoformat()}Z"}
        for event in self._pages("eventLogs", "event_logs", query | {"order_by": "event_log_id"}):
            yield _only(event, _EVENT)

    def _pages(self, path: str, key: str, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """Every row, a page at a time. An Airflow that does not know the DAG has none."""
        offset = 0
        while True:
            asked = urllib.parse.urlencode({**query, "limit": AT_ONCE, "offset": offset})
            try:
                page = _asked(f"{self.url}/api/v2/{path}?{asked}", {"Authorization": f"Bearer {self.token}"})
            except NotFound:
                return
            yield from page[key]
            offset += len(page[key])
            if len(page[key]) < AT_ONCE:
                return


def _only(row: Mapping[str, Any], names: tuple[str, ...]) -> dict[str, Any]:
    return {name: row[name] for name in names if name in row}


def _asked(url: str, headers: Mapping[str, str], body: Mapping[str, str] | None = None) -> dict[str, Any]:
    """The JSON that Airflow answers. Raises RetentionError in words that hold neither address nor answer."""
    data = json.dumps(body).encode() if body is not None else None
    request = urllib.request.Request(url, data, {"Content-Type": "application/json", **headers})
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            told: dict[str, Any] = json.load(answer)
            return told
    except urllib.error.HTTPError as refusal:
        if refusal.code == 404:
            raise NotFound("Airflow has no such thing") from None
        denied = refusal.code in (401, 403)
        mend = "give a user who may read DAG runs and the audit log" if denied else "see the log of Airflow's API server"
        raise RetentionError(f"Airflow refused to tell its history (HTTP {refusal.code})", mend=mend) from None
    except (OSError, ValueError) as reason:
        raise RetentionError(
            f"Airflow's history cannot be read ({type(reason).__name__})", mend="check the address, or leave out --airflow"
        ) from None
