"""Files of messages: what kinds are taken, kept under random keys, given as attachments alone. Nothing in them is opened here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.ids import public_id
from lkportal.core.storage import Storage

MOST = 5
"""Files of one message."""
ACCEPT = ".jpg,.jpeg,.png,.webp,.pdf,.docx,.xlsx,.txt"
_ROOM = "tickets"
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


def looked_at(sent: Sequence[tuple[str, bytes]], most_mb: int) -> list[tuple[str, str, bytes]]:
    """Return (title, media type, bytes) of files (name, bytes) as they may be kept. Raises NotTaken."""
    if len(sent) > MOST:
        raise NotTaken(text("tickets.file.many", "At most %(most)s files go with one message.", most=MOST))
    return [(*_kind(name, body, most_mb), body) for name, body in sent]


def keep(storage: Storage, files: Iterable[tuple[str, str, bytes]]) -> list[Kept]:
    """Put files into the storage; they get their message in the unit that follows, or are let go with `let_go`."""
    return [
        Kept(title, media, len(body), sha256(body).hexdigest(), storage.put(_ROOM, body).key)
        for title, media, body in files
    ]


def let_go(storage: Storage, files: Iterable[Kept]) -> None:
    """Remove files whose message was not written."""
    for each in files:
        storage.delete(each.file_key)


def _kind(name: str, body: bytes, most_mb: int) -> tuple[str, str]:
    title = " ".join("".join(char for char in name if char.isprintable()).split())[-120:]
    known = _KINDS.get(title.rpartition(".")[2].lower())
    if known is None:
        raise NotTaken(
            text(
                "tickets.file.kind", "“%(name)s” is not taken. Send a photo, PDF, DOCX, XLSX or TXT.", name=title[-60:]
            )
        )
    if len(body) > most_mb * 1_000_000:
        raise NotTaken(text("tickets.file.large", "“%(name)s” is larger than %(mb)s MB.", name=title[-60:], mb=most_mb))
    if not body or not body.startswith(known[1]) or (known[0] == "text/plain" and b"\x00" in body):
        raise NotTaken(
            text(
                "tickets.file.broken",
                "“%(name)s” is damaged or not what its name says. Save it anew.",
                name=title[-60:],
            )
        )
    return title, known[0]
