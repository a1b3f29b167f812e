"""A register that has been published: number, hash, who approved what it declares. Every edition is written from it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass

from ropa.register.model import Register


@dataclass(frozen=True)
class Approval:
    """Who approved what a publication declares, when, and in which version it was read."""

    approver: str
    at: dt.datetime
    note: str
    number: str


@dataclass(frozen=True)
class Publication:
    """One version of the register. `major` grows with the declaration, `minor` with what the runs found under it."""

    major: int
    minor: int
    published_at: dt.datetime  # UTC
    register: Register
    approval: Approval | None = None  # of its declaration: later versions that declare the same keep it
    sealed_hash: str | None = None  # of its content as it is kept; None: it was never kept

    @property
    def number(self) -> str:
        """`3.14`."""
        return f"{self.major}.{self.minor}"

    @property
    def content_hash(self) -> str:
        return self.sealed_hash or content_hash(self.register)

    @property
    def draft(self) -> bool:
        """Not to be presented as the register: nobody has approved it, or it rests on decisions of no force."""
        return self.approval is None or self.register.grounding.example


def content(register: Register) -> str:
    """Everything a publication says as canonical JSON: sorted keys, no white space. It is what is kept and hashed."""
    return json.dumps(register.model_dump(mode="json"), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def content_hash(register: Register) -> str:
    """SHA-256 of the content."""
    return hashlib.sha256(content(register).encode()).hexdigest()
