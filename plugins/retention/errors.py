"""Errors that tell a person what is wrong, where, and how to mend it.

Every error the product raises on purpose is a `RetentionError`. Its exit code is what the command line returns.
Messages never carry values read from a store: only names of tables, columns, files and counts.
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar


class RetentionError(Exception):
    """Something a person can mend. `exit_code` is the command line's answer."""

    exit_code: ClassVar[int] = 1

    def __init__(
        self,
        message: str,
        *,
        mend: str = "",
        file: Path | str | None = None,
        line: int | None = None,
    ) -> None:
        self.message = message
        self.mend = mend
        self.file = str(file) if file is not None else None
        self.line = line
        super().__init__(str(self))

    @property
    def where(self) -> str:
        """`file:line`, `file` or the empty string."""
        if self.file is None:
            return ""
        return f"{self.file}:{self.line}" if self.line is not None else self.file

    def __str__(self) -> str:
        parts = [f"{self.where}: {self.message}" if self.where else self.message]
        if self.mend:
            parts.append(f"Mend: {self.mend}")
        return " ".join(parts)


class DeclarationError(RetentionError):
    """A declaration (YAML or population query) is wrong."""

    exit_code = 2


class StoreError(RetentionError):
    """A store is missing, locked, read-only, or is not what its declaration says."""

    exit_code = 3


class Transient(StoreError):
    """A lock, a deadlock, a time limit or a lost connection: the same transaction may succeed when it is tried again."""


class Conflict(Transient):
    """Other programs changed the rows of the transaction meanwhile."""


class Busy(Transient):
    """Another worker holds the same unit of work."""


class Refused(StoreError):
    """The database refuses to let go of a row, because another row refers to it: trying again changes nothing."""


class Denied(StoreError):
    """The login or a right is refused, or the database takes no writes: until that is granted, another try changes nothing."""


class ValidationFailed(RetentionError):
    """A blocking expectation failed or could not be evaluated: nothing after it disposes."""

    exit_code = 4


class PlanError(RetentionError):
    """The plan no longer fits: other policy, other schema, superseded by a later run, or a future as-of."""

    exit_code = 5


class EvidenceError(RetentionError):
    """The evidence database is missing, unwritable, or its ledger does not verify."""

    exit_code = 6


class EvidenceBusy(EvidenceError):
    """The evidence database was locked or out of reach: the same transaction may succeed when it is tried again."""


class RegisterError(RetentionError):
    """A version of the register cannot be published or approved as asked."""


class OutputError(RetentionError):
    """A workbook cannot be written."""

    exit_code = 7


class NotFound(RetentionError):
    """What was asked for does not exist."""

    exit_code = 8
