"""What the page refuses, as one clear message."""

from __future__ import annotations

from retention.errors import DeclarationError, EvidenceError, NotFound, OutputError, RetentionError, StoreError

# What the library refuses: the answer's code and our words for it. The first that fits.
STATUS: tuple[tuple[type[RetentionError], int, str], ...] = (
    (NotFound, 404, "not_found"),
    (DeclarationError, 500, "declaration"),
    (StoreError, 503, "store"),
    (EvidenceError, 503, "evidence"),
    (OutputError, 503, "outputs"),
)


class Refusal(Exception):
    """An answer that is no page: its HTTP code, our words for it, and what the library says, which has English words only."""

    def __init__(self, status: int, words: str, said: RetentionError | None = None) -> None:
        self.status, self.words, self.said = status, words, said
        super().__init__(words)


def refusal_of(error: RetentionError) -> Refusal:
    """What the library refused."""
    for kind, status, words in STATUS:
        if isinstance(error, kind):
            return Refusal(status, words, error)
    return Refusal(409, "refused", error)
