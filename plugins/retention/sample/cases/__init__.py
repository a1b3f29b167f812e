"""The edge cases, each with the rows a person would show to explain it. One module a theme, one function a case."""

from __future__ import annotations

from retention.sample.book import Book
from retention.sample.cases import broken, contracts, erasures, holds, subscriptions, transactions, trials, unclear, usage

_THEMES = (trials, contracts, transactions, subscriptions, usage, holds, erasures, unclear, broken)


def write_cases(book: Book) -> None:
    """All cases, in an order that never changes: the same seed gives the same keys."""
    for theme in _THEMES:
        for case in theme.CASES:
            case(book)
