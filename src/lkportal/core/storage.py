"""Kept files: bytes under random keys. Who may read a file, what it is called and what is in it is for others to say:
uploads are in web, scanning and titles in documents; keeping them in an object store is in objects."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Protocol

from lkportal.core.errors import NotFound, PortalError
from lkportal.core.i18n import text
from lkportal.core.ids import public_id

CHUNK = 64 * 1024
KEY = re.compile(r"[a-z][a-z0-9_]{0,39}/[A-Za-z0-9]{16}")


@dataclass(frozen=True, slots=True)
class StoredFile:
    """What was stored: `key` finds it again, `size` is in bytes, `sha256` is the hex digest of its content."""

    key: str
    size: int
    sha256: str


class Storage(Protocol):
    """Keeps files by key. Keys are made here, never by people, and tell nothing about the content."""

    def put(self, room: str, content: bytes | BinaryIO | Iterable[bytes], *, limit: int | None = None) -> StoredFile:
        """Store `content` for the module `room` and return its key; more than `limit` bytes is a PortalError 413.

        The whole file is on disk when this returns, or nothing is.
        """
        ...

    def get(self, key: str) -> bytes:
        """Return the whole content; NotFound when there is none. For small files: large ones are read with `open`."""
        ...

    def open(self, key: str) -> Iterator[bytes]:
        """Return the content in pieces of at most 64 KiB; NotFound at once when there is none."""
        ...

    def size(self, key: str) -> int:
        """Return the size in bytes; NotFound when there is none."""
        ...

    def exists(self, key: str) -> bool:
        """Whether there is a file under `key`."""
        ...

    def delete(self, key: str) -> None:
        """Remove the file; a file that is already gone is no error."""
        ...


class LocalStorage:
    """Storage in a folder of this machine, outside anything that is served."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, room: str, content: bytes | BinaryIO | Iterable[bytes], *, limit: int | None = None) -> StoredFile:
        key = new_key(room)
        target = self._path(key)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".new-")
        try:
            with os.fdopen(handle, "wb") as file:
                size, digest = copied(pieces(content), file, limit)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        _sync_folder(target.parent)
        return StoredFile(key, size, digest)

    def get(self, key: str) -> bytes:
        return b"".join(self.open(key))

    def open(self, key: str) -> Iterator[bytes]:
        try:
            file = self._path(key).open("rb")
        except FileNotFoundError as error:
            raise absent() from error
        return _read(file)

    def size(self, key: str) -> int:
        try:
            return self._path(key).stat().st_size
        except FileNotFoundError as error:
            raise absent() from error

    def exists(self, key: str) -> bool:
        return KEY.fullmatch(key) is not None and self._path(key).is_file()

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        room, _, name = checked(key).partition("/")
        return self._folder / room / name[:2] / name


def new_key(room: str) -> str:
    """Return a key for a new file of a room. Raises NotFound for what is no name of a room."""
    return checked(f"{room}/{public_id()}")


def checked(key: str) -> str:
    """Return a key that looks like one of ours: no dots, no second slash, so no way out of where files are. Raises NotFound."""
    if not KEY.fullmatch(key):
        raise absent()
    return key


def pieces(content: bytes | BinaryIO | Iterable[bytes]) -> Iterable[bytes]:
    """Return content piece by piece."""
    if isinstance(content, bytes):
        return (content,)
    read = getattr(content, "read", None)
    return content if read is None else iter(lambda: read(CHUNK), b"")


def copied(parts: Iterable[bytes], file: IO[bytes], limit: int | None) -> tuple[int, str]:
    """Write pieces into a file; return their size and SHA-256. More than `limit` bytes is a PortalError 413."""
    size, digest = 0, hashlib.sha256()
    for piece in parts:
        size += len(piece)
        if limit is not None and size > limit:
            raise too_large(limit)
        digest.update(piece)
        file.write(piece)
    return size, digest.hexdigest()


def _read(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def absent() -> NotFound:
    """Return what is said of a file that is not there."""
    return NotFound("file_absent", text("core.storage.absent", "This file is no longer kept here."))


def too_large(limit: int) -> PortalError:
    """Return what is said of a file over the limit."""
    megabytes = max(1, limit // 1_000_000)
    sentence = text(
        "core.storage.too_large",
        "The file is larger than %(megabytes)s MB. Choose a smaller one.",
        megabytes=megabytes,
    )
    return PortalError("file_too_large", sentence, 413)
