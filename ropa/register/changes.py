"""What changed between two publications, in plain words."""

from __future__ import annotations

from dataclasses import dataclass

from retention.declare.words import Text


@dataclass(frozen=True)
class Change:
    """One change. `ref` is the reference of the activity it is about; `before` or `after` is None where there was nothing."""

    area: Text
    ref: str | None
    what: Text
    before: Text | None
    after: Text | None
