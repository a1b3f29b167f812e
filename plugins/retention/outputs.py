"""Outputs in a folder, or on an object store: `RETENTION_OUTPUT=s3://bucket/prefix`, `gs://…`, or whatever else fsspec knows.

For an object store files are made in a folder of this process and are put there whole, when the work is over; nobody ever sees
half of one. Credentials come from where the store's own client looks for them (`AWS_…`, a role,
`GOOGLE_APPLICATION_CREDENTIALS`), or under Airflow from a connection: `s3://connection@bucket/prefix`.
"""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retention.errors import OutputError

if TYPE_CHECKING:
    from retention.workspace import Workspace

LISTING_SECONDS = 5.0  # after which an object store counts as out of reach: somebody waits for the page
_PIECE = 1 << 20  # bytes
_MOMENTS = ("LastModified", "mtime", "last_modified", "created")  # what clients call the time of writing


@dataclass(frozen=True)
class Output:
    """A finished file. `name` is its path below the place of the outputs; `size` is in bytes, `written` in UTC."""

    name: str
    size: int
    written: dt.datetime


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


def listed(workspace: Workspace) -> tuple[Output, ...]:
    """Every finished file, by name. Raises OutputError where an object store does not tell within LISTING_SECONDS.

    An object store is asked once, for all that is under the prefix.
    """
    return _place(workspace).listed()


def content(workspace: Workspace, output: Output) -> Iterator[bytes]:
    """What a listed file holds, in pieces. Raises OutputError; of a file that cannot be read at all, before the first piece."""
    pieces = _place(workspace).content(output.name)
    return chain([next(pieces, b"")], pieces)


def address(workspace: Workspace, path: Path) -> str:
    """Where people find a file that was just made: its path, or what it will be called on the object store."""
    if workspace.output_url and path.is_relative_to(workspace.output):
        return f"{workspace.output_url}/{path.relative_to(workspace.output).as_posix()}"
    return str(path)


def _place(workspace: Workspace) -> _Folder | _ObjectStore:
    return _ObjectStore(workspace) if workspace.output_url else _Folder(workspace.output)


def _finished(folder: Path) -> list[Path]:
    """Files that have their final name."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _in_pieces(file: Any) -> Iterator[bytes]:
    with file:
        while piece := file.read(_PIECE):
            yield piece


class _Folder:
    """An ordinary folder. What a link leads to elsewhere is not in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def listed(self) -> tuple[Output, ...]:
        inside, found = self.folder.resolve(), []
        for path in _finished(self.folder):
            with suppress(FileNotFoundError):  # gone since it was seen
                stat = path.stat()
                if path.resolve().is_relative_to(inside):
                    written = dt.datetime.fromtimestamp(stat.st_mtime, dt.UTC)
                    found.append(Output(path.relative_to(self.folder).as_posix(), stat.st_size, written))
        return tuple(found)

    def content(self, name: str) -> Iterator[bytes]:
        try:
            yield from _in_pieces((self.folder / name).open("rb"))
        except OSError as reason:
            raise OutputError(
                f"the output folder does not give {name} ({type(reason).__name__})",
                file=self.folder,
                mend="see that the file is still there, and that this process may read it",
            ) from None


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

    def listed(self) -> tuple[Output, ...]:
        with self._told("does not say what it holds"):
            self.files.invalidate_cache()
            under = f"{self.files._strip_protocol(self.root)}/"
            found = [(path.removeprefix(under), told) for path, told in self._found().items() if path.startswith(under)]
            outputs = [Output(name, int(told["size"]), _written(told)) for name, told in found if _plain(name)]
        return tuple(sorted(outputs, key=lambda output: output.name))

    def content(self, name: str) -> Iterator[bytes]:
        with self._told(f"does not give {name}"):
            yield from _in_pieces(self.files.open(f"{self.root}/{name}", "rb", block_size=_PIECE))

    def _found(self) -> Mapping[str, Mapping[str, Any]]:
        """What is under the prefix. Clients that go on trying for minutes are given up before."""
        from fsspec.asyn import AsyncFileSystem, sync  # type: ignore[import-untyped]

        if isinstance(self.files, AsyncFileSystem):
            return dict(sync(self.files.loop, self.files._find, self.root, timeout=LISTING_SECONDS, detail=True))
        return dict(self.files.find(self.root, detail=True))

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


def _plain(name: str) -> bool:
    """Whether a name is one that `put` gives: an object store takes any, also with steps upwards that a client might follow."""
    parts = name.split("/")
    return not {"", ".", ".."} & set(parts) and not parts[-1].startswith(".")


def _written(told: Mapping[str, Any]) -> dt.datetime:
    moment = next(told[name] for name in _MOMENTS if told.get(name))
    return moment if isinstance(moment, dt.datetime) else dt.datetime.fromtimestamp(float(moment), dt.UTC)
