"""AND, OR and NOT of conditions, with what is certain left out: a database that folds no constants asks them of every row.

SQLAlchemy does the same for one level only. A NULL behaves as it does in SQL.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, and_, false, not_, or_, true
from sqlalchemy.sql.elements import False_, True_

Bool = ColumnElement[bool]


def both(*conditions: Bool) -> Bool:
    """Whether all of them hold."""
    open_ones = [one for one in conditions if not isinstance(one, True_)]
    if any(isinstance(one, False_) for one in open_ones):
        return false()
    return _joined(and_, open_ones) if open_ones else true()


def either(*conditions: Bool) -> Bool:
    """Whether any of them holds."""
    open_ones = [one for one in conditions if not isinstance(one, False_)]
    if any(isinstance(one, True_) for one in open_ones):
        return true()
    return _joined(or_, open_ones) if open_ones else false()


def negated(condition: Bool) -> Bool:
    if isinstance(condition, False_):
        return true()
    return false() if isinstance(condition, True_) else not_(condition)


def _joined(how: Any, conditions: list[Bool]) -> Bool:
    joined: Bool = how(*conditions) if len(conditions) > 1 else conditions[0]
    return joined
