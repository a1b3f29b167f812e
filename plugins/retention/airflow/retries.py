"""Which errors a task is tried again after: by their class alone, never by their words.

Tried again: a lost connection, a server out of reach, a lock, a deadlock, a time limit (`Transient`), rows that another program
changed (`Conflict`), a unit of work that another worker holds (`Busy`), evidence locked or out of reach (`EvidenceBusy`), and
what nobody foresaw: a worker without memory, a broken file system.

Not tried again: everything else that the product raises on purpose, for a person has to look. A declaration, a plan, a doubt of
validation, a login or a right refused (`Denied`), a row that another refers to (`Refused`).

| variable | default | meaning |
|---|---|---|
| `RETENTION_RETRY_SECONDS` | `300` | how long a task waits before it is tried again |
"""

from __future__ import annotations

import datetime as dt
import os
from typing import Any

from airflow.sdk import ExceptionRetryPolicy, RetryAction, RetryRule

from retention.errors import EvidenceBusy, RetentionError, Transient

# The first rule that fits decides. What fits none is tried again as the task itself says.
RETRIES = ExceptionRetryPolicy(
    rules=[
        RetryRule([Transient, EvidenceBusy], RetryAction.RETRY, reason="this may pass by itself"),
        RetryRule([RetentionError], RetryAction.FAIL, reason="a person has to look at this"),
    ]
)

_DELAY = dt.timedelta(seconds=float(os.environ.get("RETENTION_RETRY_SECONDS", "300")))  # between two tries
TRIED_AGAIN: dict[str, Any] = {"retries": 2, "retry_delay": _DELAY, "retry_policy": RETRIES}
