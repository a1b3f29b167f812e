"""Puts a finished file in its place: whatever fails, the former file stays whole."""

from __future__ import annotations

import os
from pathlib import Path

from retention.errors import OutputError


def put(content: bytes, folder: Path, name: str) -> Path:
    """Writes beside the target and then takes its place. Raises OutputError where it cannot."""
    target = folder / name
    draft = folder / f".{name}.{os.getpid()}.tmp"
    try:
        if target.exists():
            target.open("ab").close()  # write-protected, or a folder: it may have been frozen on purpose
        draft.write_bytes(content)
        draft.replace(target)
    except OSError as reason:
        draft.unlink(missing_ok=True)
        raise OutputError(
            f"the register cannot be written ({type(reason).__name__})",
            file=target,
            mend="close it where it is open, check free space and write permission, then run again",
        ) from None
    return target
