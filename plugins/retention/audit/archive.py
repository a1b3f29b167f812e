"""A zip whose bytes depend on nothing but its contents, with the SHA-256 of every file. Files are written as they come."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from retention.errors import OutputError

MANIFEST = "MANIFEST.sha256"
_WHEN = (1980, 1, 1, 0, 0, 0)  # the first moment a zip knows
_AT_ONCE = 1 << 16
_MODE = 0o644 << 16


class Archive:
    """A pack that is being written."""

    def __init__(self, zip_file: zipfile.ZipFile) -> None:
        self._zip = zip_file
        self.digests: dict[str, str] = {}

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Adds a file. `name` is its path inside the pack."""
        digest = hashlib.sha256()
        with self._zip.open(_entry(name), "w", force_zip64=True) as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
        self.digests[name] = digest.hexdigest()

    def text(self, name: str, text: str) -> None:
        self.write(name, [text.encode()])

    def copy(self, name: str, path: Path) -> None:
        """Adds a file as it lies on the disk."""
        with path.open("rb") as file:
            self.write(name, iter(lambda: file.read(_AT_ONCE), b""))

    def manifest(self) -> str:
        """Adds the manifest, which is sealed by its own last line, and returns the hash in it."""
        lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(self.digests.items()))
        seal = hashlib.sha256(lines.encode()).hexdigest()
        with self._zip.open(_entry(MANIFEST), "w") as file:
            file.write(f"{lines}{seal}  (the lines above)\n".encode())
        return seal


@contextmanager
def writing(path: Path) -> Iterator[Archive]:
    """A pack at a path; it is there when it is whole. Raises OutputError where it cannot be written."""
    part = path.with_name(f".{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as zip_file:
            yield Archive(zip_file)
        part.replace(path)
    except OSError as reason:
        raise OutputError(
            f"the audit pack cannot be written ({type(reason).__name__})", file=path, mend="check the folder and its room"
        ) from None
    finally:
        part.unlink(missing_ok=True)


def settled(workbook: bytes, moment: str) -> bytes:
    """The same workbook with bytes that do not depend on when it was written: openpyxl notes the time in two places."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*", rb"\g<1>" + moment.encode(), content)
            new.writestr(_entry(name), content)
    return out.getvalue()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _WHEN)
    entry.compress_type, entry.external_attr, entry.create_system = zipfile.ZIP_DEFLATED, _MODE, 3
    return entry
