"""Whether an upload may be a document: the quick looks here, the reading of the file in look, a process of its own."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Any

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.strangers import Limits, Opener

ACCEPT = ".pdf,.docx,.xlsx,.jpg,.jpeg,.png,.txt"
_LOOK = Path(__file__).with_name("look.py")
_LIMITS = Limits(memory=768 * 1024 * 1024, answer=48 * 1024 * 1024, cpu=25, seconds=30.0)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS = {
    "pdf": ("application/pdf", b"%PDF-", "pdf"),
    "jpg": ("image/jpeg", b"\xff\xd8\xff", "picture"),
    "jpeg": ("image/jpeg", b"\xff\xd8\xff", "picture"),
    "png": ("image/png", b"\x89PNG\r\n\x1a\n", "picture"),
    "docx": (_WORD, b"PK\x03\x04", "office"),
    "xlsx": (_EXCEL, b"PK\x03\x04", "office"),
    "txt": ("text/plain", b"", "plain"),
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page as a picture."""

    width: int
    height: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be a document: what it is called, its open bytes, pictures of its first pages."""

    title: str
    media_type: str
    file: IO[bytes]
    pictures: Sequence[Drawn]


class NotTaken(PortalError):
    """A file is not taken; the sentence says what to send instead."""

    def __init__(self, message: Text) -> None:
        super().__init__("file_not_taken", message, 422)
        self.words = message


def checked(opener: Opener, name: str, file: IO[bytes], size: int, most_mb: int, pages: int) -> Checked:
    """Return a file as it may be kept. Raises NotTaken, and what the opener raises. Takes up to seconds: not inside a unit."""
    title = " ".join("".join(char for char in name if char.isprintable()).split())[-120:]
    known = _KINDS.get(title.rpartition(".")[2].lower())
    if known is None:
        raise NotTaken(text("documents.file.kind", "Send a PDF, DOCX, XLSX, JPEG, PNG or TXT file."))
    if size > most_mb * 1_000_000:
        raise NotTaken(text("documents.file.large", "The file is larger than %(mb)s MB.", mb=most_mb))
    media_type, start, reader = known
    file.seek(0)
    if not size or not file.read(len(start) or 1).startswith(start):
        raise NotTaken(_BROKEN)
    with tempfile.TemporaryFile() as answer:
        outcome = opener.open(
            _LOOK, file.getvalue() if isinstance(file, BytesIO) else file, answer, _LIMITS, (reader, str(pages))
        )
        if outcome != "answered":
            raise NotTaken(_BROKEN if outcome == "bad" else _HEAVY)
        pictures = _pictures(answer)
    file.seek(0)
    return Checked(title, media_type, file, pictures)


def _pictures(answer: IO[bytes]) -> list[Drawn]:
    head: dict[str, Any] = json.loads(answer.readline())
    return [Drawn(width, height, answer.read(size)) for width, height, size in head["pictures"]]


_BROKEN = text(
    "documents.file.broken",
    "The file is damaged, protected by a password, or runs programs when opened. Save it anew as a plain PDF.",
)
_HEAVY = text("documents.file.heavy", "The file is too heavy to be shown. Save it anew with fewer or smaller pictures.")
