"""Outputs on an object store: `RETENTION_OUTPUT=s3://bucket/prefix`, `gs://…`, or whatever else fsspec knows by its scheme.

Files are made in a folder of this process and are put there whole, when the work is over; nobody ever sees half of one.
Credentials come from where the store's own client looks for them (`AWS_…`, a role, `GOOGLE_APPLICATION_CREDENTIALS`), or under
Airflow from a connection: `s3://connection@bucket/prefix`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retention.errors import OutputError

if TYPE_CHECKING:
    from retention.workspace import Workspace


@contextmanager
def delivered(workspace: Workspace) -> Iterator[Workspace]:
    """The workspace with its outputs in a folder of its own, whose files are put on the object store at the end.

    One that writes to an ordinary folder is given back as it is. What was finished before an error is put there too.
    """
    if not workspace.output_url:
        yield workspace
        return
    with tempfile.TemporaryDirectory(prefix="retention-output-") as folder:
        try:
            yield replace(workspace, output=Path(folder))
        finally:
            if finished := _finished(Path(folder)):
                there = _ObjectStore(workspace)
                for path in finished:
                    there.put(path, path.relative_to(folder).as_posix())


def try_out(workspace: Workspace) -> None:
    """Raises OutputError where the object store cannot be written: before anything is done that would have to be reported."""
    _ObjectStore(workspace).try_out()


def read(workspace: Workspace, name: str) -> str | None:
    """The text of a file that was put there, if there is one."""
    return _ObjectStore(workspace).read(name)


def _finished(folder: Path) -> list[Path]:
    """Files that have their final name."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def address(workspace: Workspace, name: str) -> str:
    """Where a file of that name below the output folder lies, or will lie."""
    return f"{workspace.output_url}/{name}" if workspace.output_url else str(workspace.output / name)


class _ObjectStore:
    """The place that RETENTION_OUTPUT names. Errors never carry what the store's client says: it might show a key."""

    def __init__(self, workspace: Workspace) -> None:
        import fsspec  # type: ignore[import-untyped]

        scheme, _, self.root = workspace.output_url.partition("://")
        self.url = workspace.output_url
        try:
            self.files: Any = fsspec.filesystem(scheme, **dict(workspace.output_options))
        except (ValueError, ImportError) as reason:
            raise self._error("cannot be spoken to", reason) from None

    def try_out(self) -> None:
        with self._told("cannot be written"):
            self.files.pipe_file(f"{self.root}/.writable", b"")
            self.files.rm_file(f"{self.root}/.writable")

    def put(self, path: Path, name: str) -> None:
        with self._told(f"did not take {name}"):
            self.files.put_file(str(path), f"{self.root}/{name}")

    def read(self, name: str) -> str | None:
        with self._told(f"does not give {name}"):
            self.files.invalidate_cache()  # another process may have written since
            there = self.files.exists(f"{self.root}/{name}")
            return str(self.files.cat_file(f"{self.root}/{name}").decode("utf-8")) if there else None

    @contextmanager
    def _told(self, what: str) -> Iterator[None]:
        try:
            yield
        except Exception as reason:  # each object store's client raises classes of its own
            raise self._error(what, reason) from None

    def _error(self, what: str, reason: Exception) -> OutputError:
        return OutputError(
            f"the object store of the outputs {what} ({type(reason).__name__})",
            file=self.url,
            mend="see that the bucket is there, and that this process may read and write under the prefix",
        )
