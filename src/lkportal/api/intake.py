"""What takes the body of a push in: onto the disk from the offset that was agreed, or, for one that is known already, past a
hash that tells whether it is the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from typing import BinaryIO

from lkportal.api.spool import too_large

_PIECE = 1 << 20


class Arriving:
    """Writes to the file of a run, which it holds until it is closed. What came stays when the sender goes away; `offset` is how many bytes are there."""

    def __init__(self, run: int, handle: BinaryIO, limit: int, keep: Callable[[int], None]) -> None:
        self.run = run
        self._handle = handle
        self._limit = limit
        self._keep = keep
        self.offset = handle.tell()
        self._hash = None if self.offset else hashlib.sha256()

    def write(self, piece: bytes) -> None:
        """Add a piece. Raises PortalError api.too_large."""
        if self.offset + len(piece) > self._limit:
            raise too_large(self._limit)
        if self._hash is not None:
            self._hash.update(piece)
        view = memoryview(piece)
        while view:
            view = view[self._handle.write(view) :]
        self.offset += len(piece)

    @property
    def digest(self) -> str:
        """The hash of the whole body, "" when only its end came this way."""
        return "" if self._hash is None else self._hash.hexdigest()

    def close(self) -> None:
        """Bring what came onto the disk and note how far it goes; the next connection goes on from there."""
        os.fsync(self._handle.fileno())
        self._handle.close()
        self._keep(self.offset)


class Known:
    """Takes the body of a push that came whole before: only its hash is kept, and its `size` in bytes."""

    def __init__(self, run: int) -> None:
        self.run = run
        self.size = 0
        self._digest = hashlib.sha256()

    def write(self, piece: bytes) -> None:
        """Go past a piece."""
        self.size += len(piece)
        self._digest.update(piece)

    def close(self) -> None:
        """Nothing is to be kept."""

    @property
    def digest(self) -> str:
        """The hash of what came."""
        return self._digest.hexdigest()


def digest_of(handle: BinaryIO) -> str:
    """Return the SHA-256 of a file from its beginning."""
    handle.seek(0)
    found = hashlib.sha256()
    while piece := handle.read(_PIECE):
        found.update(piece)
    return found.hexdigest()
