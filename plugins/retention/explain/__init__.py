"""Why one record is kept, or gone."""

from retention.explain.answer import Explanation, Ground, Judged, RuleSays
from retention.explain.reader import Reader
from retention.explain.record import explain

__all__ = ["Explanation", "Ground", "Judged", "Reader", "RuleSays", "explain"]
