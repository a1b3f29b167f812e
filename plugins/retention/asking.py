"""What driving Great Expectations takes everywhere: quiet, and telling a failure from what could not be evaluated."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Iterator
from typing import Any


def raised(result: Any) -> bool:
    """Whether an expectation could not be evaluated. There is either one exception info or one for each metric."""
    info = result.exception_info or {}
    infos = [info] if "raised_exception" in info else [value for value in info.values() if isinstance(value, dict)]
    return any(each.get("raised_exception") for each in infos)


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """No telemetry, no progress bars, no prints: what it says on its own may contain a query, and helps nobody."""
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    os.environ.setdefault("TQDM_DISABLE", "1")
    level = logging.getLogger("great_expectations").level
    logging.getLogger("great_expectations").setLevel(logging.CRITICAL)
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        warnings.simplefilter("ignore")
        try:
            yield
        finally:
            logging.getLogger("great_expectations").setLevel(level)
