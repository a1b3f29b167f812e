"""Which errors a task is tried again after: by their class alone, never by their words.

| tried again | not tried again |
|---|---|
| a lost connection, a server that cannot be reached, a lock, a deadlock, a time limit (`Transient`) | a declaration, a plan, a doubt of validation |
| rows changed by another program (`Conflict`), a unit of work another worker holds (`Busy`) | a login or a right refused (`Denied`), a row another refers to (`Refused`) |
| the evidence database locked or out of reach (`EvidenceBusy`) | whatever else the product raises on purpose: a person has to look |
| what nobody foresaw: a worker without memory, a broken file system | |
"""

from __future__ import annotations

import datetime as dt
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

TRIED_AGAIN: dict[str, Any] = {"retries": 2, "retry_delay": dt.timedelta(minutes=5), "retry_policy": RETRIES}
