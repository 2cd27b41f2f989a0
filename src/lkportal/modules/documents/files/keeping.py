"""How bytes of documents come into the storage: put away before the unit, let go of when nothing came of it, never changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO, cast

from lkportal.core.storage import Storage, StoredFile
from lkportal.modules.documents.files.checking import Checked

ROOM = "documents"


@dataclass(slots=True)
class Kept:
    """Bytes in the storage that wait for their version: pictures are (width, height, key); `used` once there is the version."""

    title: str
    media_type: str
    stored: StoredFile
    pictures: Sequence[tuple[int, int, str]] = ()
    used: bool = False


@contextmanager
def held(storage: Storage, file: Checked) -> Iterator[Kept]:
    """Put a file into the storage for the version that is made within the block; without one it is let go of."""
    kept = keep(storage, file)
    try:
        yield kept
    finally:
        if not kept.used:
            let_go(storage, kept)


def keep(storage: Storage, file: Checked) -> Kept:
    """Put a file and the pictures of its pages into the storage."""
    stored = storage.put(ROOM, cast(BinaryIO, file.file))
    pictures = [(each.width, each.height, storage.put(ROOM, each.body).key) for each in file.pictures]
    return Kept(file.title, file.media_type, stored, pictures)


def let_go(storage: Storage, kept: Kept) -> None:
    """Take back what was kept."""
    for key in (kept.stored.key, *(key for _, _, key in kept.pictures)):
        storage.delete(key)
