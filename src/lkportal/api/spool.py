"""Bodies on disk: each push has a file that grows as it comes, held by one process at a time. Whoever holds it is alive: the
hold ends with the process, so a killed run is free to be taken up at once."""

from __future__ import annotations

import os
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text

if sys.platform != "win32":
    import fcntl

_PIECE = 1 << 16
_GZIP = 16 + zlib.MAX_WBITS
# Rows of JSON pack 10 to 40 times; what unpacks to far more was made to fill the disk.
_MOST_RATIO = 200
_ALWAYS_FINE = 16 << 20


class Held(Exception):
    """Another process, or another connection, has this push in its hands."""


class Spool:
    """The files of pushes, in one folder that all processes of a portal share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, run: str) -> Path:
        """Return the file of a push, as it was sent."""
        return self.folder / f"{run}.body"

    @contextmanager
    def hold(self, run: str) -> Iterator[BinaryIO]:
        """Hold the file of a push, open for reading and writing. Raises Held."""
        handle = self.take(run)
        try:
            yield handle
        finally:
            handle.close()

    def take(self, run: str) -> BinaryIO:
        """Hold the file of a push until it is closed. Raises Held."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = os.open(self.path(run), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if sys.platform != "win32":
            try:
                fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(number)
                raise Held from None
        return os.fdopen(number, "r+b", buffering=0)

    def is_free(self, run: str) -> bool:
        """Whether nobody holds the file of a push at this moment."""
        try:
            self.take(run).close()
        except Held:
            return False
        return True

    def plain(self, run: str, packing: str, limit: int) -> Path:
        """Return the file with the rows of a whole push, unpacked if it came packed. Raises PortalError api.packing, .too_large."""
        sent = self.path(run)
        if packing != "gzip":
            return sent
        rows, unfinished = self.folder / f"{run}.rows", self.folder / f"{run}.part"
        if not rows.exists():
            unpack(sent, unfinished, limit)
            unfinished.replace(rows)
        return rows

    def drop(self, run: str) -> None:
        """Let the files of a push go."""
        for ending in ("rows", "part", "body"):
            (self.folder / f"{run}.{ending}").unlink(missing_ok=True)


def unpack(packed: Path, plain: Path, limit: int) -> int:
    """Unpack a gzip file (of one part or several) piece by piece; return the size of what was in it.

    Raises PortalError api.packing for what is no gzip, api.too_large for more than `limit` bytes or far more than was sent.
    """
    most = min(limit, max(_ALWAYS_FINE, packed.stat().st_size * _MOST_RATIO))
    size, unpacker, is_open = 0, zlib.decompressobj(_GZIP), True
    try:
        with packed.open("rb") as source, plain.open("wb") as out:
            while piece := source.read(_PIECE):
                while piece:
                    if unpacker.eof:
                        unpacker = zlib.decompressobj(_GZIP)
                    found = unpacker.decompress(piece, _PIECE * 16)
                    size += out.write(found)
                    if size > most:
                        raise too_large(most)
                    piece = unpacker.unconsumed_tail or unpacker.unused_data
                    is_open = not unpacker.eof
                while is_open and (found := unpacker.decompress(b"", _PIECE * 16)):
                    size += out.write(found)
                    is_open = not unpacker.eof
    except zlib.error:
        raise _not_packed() from None
    if is_open:
        raise _not_packed()
    return size


def too_large(most: int) -> PortalError:
    """Return the error by which a push of more than `most` bytes is refused."""
    megabytes = max(1, most >> 20)
    message = text("api.feed.too_large", "More than %(mb)s MB of rows: send them in several pushes.", mb=megabytes)
    return PortalError("api.too_large", message, 413)


def _not_packed() -> PortalError:
    message = text(
        "api.feed.packing",
        "The body is not whole gzip, though Content-Encoding says so. Pack it again or send it plain.",
    )
    return PortalError("api.packing", message, 400)
