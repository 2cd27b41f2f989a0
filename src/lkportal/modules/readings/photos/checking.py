"""Whether an upload is a photo: the quick looks here, the reading of the file in redraw, a process of its own with little of
everything. What is kept of a photo is in keeping."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text

ACCEPT = "image/jpeg,image/png,image/webp"
_REDRAW = Path(__file__).with_name("redraw.py")
_SECONDS, _WAIT = 10.0, 20.0
_MOST_BYTES = 4 * 1024 * 1024
_STARTS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF")
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


class Darkroom:
    """Draws photos anew, a few at once: however many are sent, so much memory and no more is taken by their processes."""

    def __init__(self, at_once: int = 2) -> None:
        self._places = threading.BoundedSemaphore(at_once)

    def cleaned(self, sent: bytes, most_mb: int) -> Cleaned:
        """Return what is kept of an upload. Raises NotAPhoto. Takes a process for some tenths of a second: not inside a unit."""
        _look(sent, most_mb)
        if not self._places.acquire(timeout=_WAIT):
            raise PortalError(
                "photos_busy", text("readings.photo.busy", "Many photos arrive now. Send it again in a minute."), 503
            )
        try:
            return _redrawn(sent)
        finally:
            self._places.release()


def _look(sent: bytes, most_mb: int) -> None:
    if len(sent) > most_mb * 1_000_000:
        raise NotAPhoto(text("readings.photo.large", "The photo is larger than %(mb)s MB.", mb=most_mb))
    if sent[4:8] == b"ftyp" and sent[8:12] in _HEIF:
        raise NotAPhoto(
            text(
                "readings.photo.heic",
                "This is a HEIC picture. Send it as JPEG: choose “Most compatible” in the camera.",
            )
        )
    if not sent.startswith(_STARTS):
        raise NotAPhoto(text("readings.photo.kind", "Send a photo as JPEG, PNG or WebP."))


def _redrawn(sent: bytes) -> Cleaned:
    # The answer goes to a file, which the process cannot grow beyond its limit; a pipe would have none.
    with tempfile.TemporaryFile() as answer:
        try:
            done = subprocess.run(  # noqa: S603 - our own file, nothing of the upload in the command
                [sys.executable, "-I", str(_REDRAW)],
                input=sent,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=_SECONDS,
                env={},
                cwd=tempfile.gettempdir(),
                start_new_session=True,
                check=False,
            )
        except subprocess.TimeoutExpired:
            raise _unreadable() from None
        answer.seek(0)
        said = answer.read(_MOST_BYTES + 1)
    size, _, body = said.partition(b"\n")
    parts = size.split()
    if done.returncode or len(said) > _MOST_BYTES or len(parts) != 2 or not body.startswith(b"\xff\xd8"):
        raise _unreadable()
    return Cleaned(body, int(parts[0]), int(parts[1]))


def _unreadable() -> NotAPhoto:
    return NotAPhoto(
        text("readings.photo.broken", "This photo cannot be read. Take another one, or send the reading without.")
    )
