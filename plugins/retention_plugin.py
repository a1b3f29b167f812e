"""What Airflow loads: the page, links from tasks to what they made, and a listener to what people do by hand."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.plugins_manager import AirflowPlugin

from retention.airflow import listener
from retention.airflow.deadline import RunMade
from retention.airflow.links import LINKS

Scope = MutableMapping[str, Any]

MOUNTED = "/retention"
ADDRESS = urlsplit(conf.get("api", "base_url", fallback="") or "").path.rstrip("/") + MOUNTED


class Page:
    """The page's web application, made at its first request: every task loads the plugins too, and need not wait for it."""

    def __init__(self) -> None:
        self.application: Any = None

    async def __call__(self, scope: Scope, receive: Callable[..., Awaitable[Any]], send: Callable[..., Awaitable[Any]]) -> None:
        if self.application is None:
            from retention.airflow.page.app import make_application

            self.application = make_application()
        await self.application(scope, receive, send)


class RetentionPlugin(AirflowPlugin):  # type: ignore[misc]  # Airflow's classes are not typed here
    """State of every store, holds, explanations, reports and the article 30 register, inside Airflow's own navigation."""

    name = "retention"
    fastapi_apps: ClassVar[list[Any]] = [{"app": Page(), "url_prefix": MOUNTED, "name": "Retention"}]
    external_views: ClassVar[list[Any]] = [
        {
            "name": "Retention",
            "href": f"{ADDRESS}/",
            "destination": "nav",
            "url_route": "retention",
            "icon": f"{ADDRESS}/static/icon.svg",
            "icon_dark_mode": f"{ADDRESS}/static/icon-dark.svg",
        }
    ]
    operator_extra_links: ClassVar[list[Any]] = list(LINKS)
    deadline_references: ClassVar[list[Any]] = [RunMade]
    listeners: ClassVar[list[Any]] = [listener]
