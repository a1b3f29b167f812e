"""From when a night's deadline counts.

Airflow 3.3 has a reference of its own, `DAGRUN_QUEUED_AT`, which it counts anew when a run is cleared; it trips over the
interval it has stored, and clearing answers 500 for as long as the deadline lies ahead. This one is counted once.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from airflow.sdk.definitions.deadline import BaseDeadlineReference, deadline_reference

from retention import clock


@deadline_reference
class RunMade(BaseDeadlineReference):  # type: ignore[misc]  # Airflow's classes are not typed here
    """The instant at which a run is made, which is when Airflow asks."""

    def _evaluate_with(self, *, session: Any, **_known: Any) -> dt.datetime:
        return clock.now().replace(tzinfo=dt.UTC)
