"""What a night measures, through Airflow's own metrics: StatsD or OpenTelemetry, as Airflow is set (`AIRFLOW__METRICS__…`).

| metric | kind | what |
|---|---|---|
| `retention.<store>.due` | gauge | rows that the scan found due |
| `retention.<store>.held` | gauge | rows frozen by a hold |
| `retention.<store>.disposed` | counter | rows disposed of |
| `retention.<store>.overdue` | gauge | rows due and not held that the night left |
| `retention.<store>.overdue_days` | gauge | age of the oldest of them |
| `retention.<store>.batch` | timer | mean time of a batch of one share, milliseconds |

Counts only: nothing of a record, no key, no name of a person.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import TYPE_CHECKING

from airflow.sdk.observability import stats

if TYPE_CHECKING:
    from retention.night.context import Night

log = logging.getLogger(__name__)


def of_night(night: Night) -> None:
    """Sends what a night that is sealed found, did and left. It is not worth a failure of the night."""
    from retention import clock
    from retention.errors import RetentionError
    from retention.notice.outcome import outcome

    try:
        left = outcome(night.bundle, night.evidence, night.store.name, night.run_id, clock.today())
        found = night.evidence.scan(night.run_id, "before")
    except RetentionError as reason:
        log.warning("What the night measured cannot be told: %s", type(reason).__name__)
        return
    days = left.overdue.days(clock.today()) if left.overdue.rows else 0
    gauges = {
        "due": sum(line.rows for line in found if line.disposition == "due"),
        "held": sum(line.rows for line in found if line.disposition == "held"),
        "overdue": left.overdue.rows,
        "overdue_days": days or 0,
    }
    for name, value in gauges.items():
        stats.gauge(f"retention.{night.store.name}.{name}", value)
    stats.incr(f"retention.{night.store.name}.disposed", left.disposed)


def of_share(store: str, batches: int, seconds: float) -> None:
    """Sends how long a batch took in the mean of one share."""
    if batches:
        stats.timing(f"retention.{store}.batch", dt.timedelta(seconds=seconds / batches))
