"""Files of messages: what kinds are taken, kept under random keys, given as attachments alone. Nothing in them is opened here."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, BinaryIO, cast

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.storage import Storage
from lkportal.web import Upload

MOST = 5
"""Files of one message."""
ACCEPT = ".jpg,.jpeg,.png,.webp,.pdf,.docx,.xlsx,.txt"
_ROOM, _START = "tickets", 512
_KINDS = {
    "jpg": ("image/jpeg", b"\xff\xd8\xff"),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff"),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    "webp": ("image/webp", b"RIFF"),
    "pdf": ("application/pdf", b"%PDF-"),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", b"PK\x03\x04"),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", b"PK\x03\x04"),
    "txt": ("text/plain", b""),
}


Sent = tuple[str, str, IO[bytes]]
"""A file that may be kept: title, media type, the open file."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A file that lies in the storage and waits for its message."""

    title: str
    media_type: str
    size: int
    sha256: str
    file_key: str

    def row(self, message_id: int, moment: datetime) -> dict[str, Any]:
        """Return the row of the file of a message."""
        return {
            "public_id": public_id(), "message_id": message_id, "title": self.title, "media_type": self.media_type,
            "size": self.size, "sha256": self.sha256, "file_key": self.file_key, "stored_at": moment,
        }  # fmt: skip


class NotTaken(PortalError):
    """A file is not taken; the sentence says what to send instead."""

    def __init__(self, message: Text) -> None:
        super().__init__("file_not_taken", message, 422)
        self.words = message


def looked_at(sent: Sequence[Upload], most_mb: int) -> list[Sent]:
    """Return (title, media type, file) of uploads as they may be kept. Raises NotTaken."""
    if len(sent) > MOST:
        raise NotTaken(text("tickets.file.many", "At most %(most)s files go with one message.", most=MOST))
    return [(*_kind(each, most_mb), each.file) for each in sent]


@dataclass(slots=True)
class Held:
    """Files in the storage that wait for their message; `used` once it is written."""

    files: Sequence[Kept]
    used: bool = False


@contextmanager
def held(storage: Storage, files: Iterable[Sent]) -> Iterator[Held]:
    """Put files into the storage for the message that is written within the block; without one they are let go."""
    made = [(title, media, storage.put(_ROOM, cast(BinaryIO, file))) for title, media, file in files]
    hand = Held([Kept(title, media, stored.size, stored.sha256, stored.key) for title, media, stored in made])
    try:
        yield hand
    finally:
        for each in () if hand.used else hand.files:
            storage.delete(each.file_key)


def _kind(sent: Upload, most_mb: int) -> tuple[str, str]:
    title = " ".join("".join(char for char in sent.name if char.isprintable()).split())[-120:]
    shown, known = title[-60:], _KINDS.get(title.rpartition(".")[2].lower())
    if known is None:
        raise NotTaken(
            text("tickets.file.kind", "“%(name)s” is not taken. Send a photo, PDF, DOCX, XLSX or TXT.", name=shown)
        )
    if sent.size > most_mb * 1_000_000:
        raise NotTaken(text("tickets.file.large", "“%(name)s” is larger than %(mb)s MB.", name=shown, mb=most_mb))
    sent.file.seek(0)
    start = sent.file.read(_START)
    sent.file.seek(0)
    if not start or not start.startswith(known[1]) or (known[0] == "text/plain" and b"\x00" in start):
        raise NotTaken(
            text("tickets.file.broken", "“%(name)s” is damaged or not what its name says. Save it anew.", name=shown)
        )
    return title, known[0]
