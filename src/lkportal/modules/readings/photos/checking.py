"""Whether an upload is a photo: the quick looks here, the reading of the file in redraw, a process of its own. What is
kept of a photo is in keeping."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from typing import IO

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.strangers import Limits, Opener

ACCEPT = "image/jpeg,image/png,image/webp"
_REDRAW = Path(__file__).with_name("redraw.py")
_LIMITS = Limits(memory=448 * 1024 * 1024, answer=4 * 1024 * 1024, cpu=6, seconds=10.0)
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
_START = 12
_HEIF = (b"heic", b"heix", b"mif1", b"msf1", b"hevc")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """A photo drawn anew: a JPEG with nothing in it but its picture."""

    body: bytes
    width: int
    height: int


class NotAPhoto(PortalError):
    """The file is not taken; the sentence says what to send instead."""

    def __init__(self, message: Text) -> None:
        super().__init__("not_a_photo", message, 422)
        self.words = message


def cleaned(opener: Opener, sent: IO[bytes], most_mb: int) -> Cleaned:
    """Return what is kept of an upload. Raises NotAPhoto, and what the opener raises."""
    _look(sent, most_mb)
    with tempfile.TemporaryFile() as drawn:
        if opener.open(_REDRAW, sent, drawn, _LIMITS) != "answered":
            raise NotAPhoto(
                text(
                    "readings.photo.broken", "This photo cannot be read. Take another one, or send the reading without."
                )
            )
        width, height = drawn.readline().split()
        return Cleaned(drawn.read(), int(width), int(height))


def _look(sent: IO[bytes], most_mb: int) -> None:
    size = sent.seek(0, SEEK_END)
    sent.seek(0)
    start = sent.read(_START)
    if size > most_mb * 1_000_000:
        raise NotAPhoto(text("readings.photo.large", "The photo is larger than %(mb)s MB.", mb=most_mb))
    if start[4:8] == b"ftyp" and start[8:12] in _HEIF:
        raise NotAPhoto(
            text(
                "readings.photo.heic",
                "This is a HEIC picture. Send it as JPEG: choose “Most compatible” in the camera.",
            )
        )
    if not start.startswith(_STARTS):
        raise NotAPhoto(text("readings.photo.kind", "Send a photo as JPEG, PNG or WebP."))
