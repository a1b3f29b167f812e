"""Airflow's REST API as one user sees it."""

from __future__ import annotations

import time
from typing import Any

import httpx

ENDED = ("success", "failed")
UNDER_WAY = {"scheduled", "queued", "running", "restarting"}


class Client(httpx.Client):
    """Logged in as one user by Airflow's own login; every path is relative to /api/v2 unless it starts with a slash."""

    def __init__(self, url: str, username: str, password: str) -> None:
        answer = httpx.post(f"{url}/auth/token", json={"username": username, "password": password}, timeout=30)
        answer.raise_for_status()
        super().__init__(
            base_url=f"{url}/api/v2/", headers={"Authorization": f"Bearer {answer.json()['access_token']}"}, timeout=30
        )
        self.url, self.username = url, username

    def _merge_url(self, url: Any) -> httpx.URL:
        return httpx.URL(self.url + url) if str(url).startswith("/") else super()._merge_url(url)

    def wait_for_dags(self, number: int, *, seconds: float = 60) -> None:
        """Returns when so many DAGs have been read. Raises TimeoutError."""
        end = time.monotonic() + seconds
        while (found := self.get("dags").json()["total_entries"]) < number:
            if time.monotonic() > end:
                raise TimeoutError(f"{found} of {number} DAGs after {seconds:.0f} s: {self.get('importErrors').text}")
            time.sleep(0.3)

    def trigger(self, dag: str, **params: Any) -> str:
        """Unpauses a DAG, starts a run of it now and returns the run's id."""
        self.patch(f"dags/{dag}", json={"is_paused": False}).raise_for_status()
        answer = self.post(f"dags/{dag}/dagRuns", json={"logical_date": None, "conf": params})
        answer.raise_for_status()
        return str(answer.json()["dag_run_id"])

    def run(self, dag: str, run: str) -> dict[str, Any]:
        answer = self.get(f"dags/{dag}/dagRuns/{run}")
        answer.raise_for_status()
        return dict(answer.json())

    def tasks(self, dag: str, run: str) -> list[dict[str, Any]]:
        """Task instances of a run, mapped ones apart."""
        answer = self.get(f"dags/{dag}/dagRuns/{run}/taskInstances")
        answer.raise_for_status()
        return list(answer.json()["task_instances"])

    def states(self, dag: str, run: str) -> dict[str, str]:
        """Task to state; of a mapped task the last."""
        return {task["task_id"]: str(task["state"]) for task in self.tasks(dag, run)}

    def wait_for(self, dag: str, run: str, *, seconds: float = 120, states: tuple[str, ...] = ENDED) -> str:
        """The state of a run once it is over. Raises TimeoutError that says where it stands."""
        end = time.monotonic() + seconds
        while (state := self.run(dag, run)["state"]) not in states:
            if time.monotonic() > end:
                raise TimeoutError(f"{dag} {run} is {state} after {seconds:.0f} s: {self.states(dag, run)}")
            time.sleep(0.3)
        return str(state)

    def wait_for_task(self, dag: str, run: str, task: str, state: str, *, seconds: float = 120) -> None:
        """Returns when a task has come to a state ("deferred": it waits for a person). Raises TimeoutError."""
        end = time.monotonic() + seconds
        while (states := self.states(dag, run)).get(task) != state:
            if time.monotonic() > end:
                raise TimeoutError(f"{task} of {dag} {run} is not {state} after {seconds:.0f} s: {states}")
            time.sleep(0.3)

    def settle(self, *, seconds: float = 180) -> None:
        """Ends backfills and what waits, lets tasks under way finish, and pauses every DAG. Raises TimeoutError."""
        for backfill in self.get("backfills", params={"active": True, "dag_id": "~"}).json()["backfills"]:
            self.put(f"backfills/{backfill['id']}/cancel")
        end = time.monotonic() + seconds
        while active := self.active():
            for run in active:
                path = f"dags/{run['dag_id']}/dagRuns/{run['dag_run_id']}"
                if run["state"] == "queued" or not set(self.states(run["dag_id"], run["dag_run_id"]).values()) & UNDER_WAY:
                    self.patch(path, json={"state": "failed"})
            if time.monotonic() > end:
                raise TimeoutError(f"still under way after {seconds:.0f} s: {[run['dag_run_id'] for run in active]}")
            time.sleep(0.3)
        self.patch("dags", params={"dag_id_pattern": "%"}, json={"is_paused": True}).raise_for_status()

    def active(self, dag: str = "~") -> list[dict[str, Any]]:
        """Runs that are queued or under way, of one DAG or of all."""
        answer = self.get(f"dags/{dag}/dagRuns", params={"state": ["queued", "running"]})
        answer.raise_for_status()
        return list(answer.json()["dag_runs"])

    def log(self, dag: str, run: str, task: str, *, attempt: int = 1, map_index: int = -1) -> str:
        """What a try of a task logged."""
        path = f"dags/{dag}/dagRuns/{run}/taskInstances/{task}/logs/{attempt}"
        answer = self.get(
            path, params={"map_index": map_index, "full_content": True}, headers={"Accept": "application/x-ndjson"}
        )
        answer.raise_for_status()
        return answer.text
