"""An approver who says yes to whatever is asked, for tests that are about something else."""

from __future__ import annotations

from retention.night import approval, steps
from retention.night.context import Night


def say_yes(night: Night) -> None:
    """Has a night's plan approved by the road that a person takes, where it needs a person."""
    if steps.STEPS["approve"](night)["approval"] == "waiting":
        approval.approve(night.evidence, night.bundle, night.run_id, who="approver", note="seen", via="test")
        assert steps.STEPS["approve"](night)["approval"] == "approved"
