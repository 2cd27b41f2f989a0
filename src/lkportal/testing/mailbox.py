"""Letters that were really sent: over SMTP, to a server that listens on this machine."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from lkportal.notify.post.mailbox import Mailbox as Kept

_MOST = 10_000
_LINK = re.compile(r"https?://[^\s<>\"']+")


@dataclass(frozen=True, slots=True)
class Letter:
    """A letter as it arrived. `raw` is the whole of it, headers too; `text` and `html` are its two bodies."""

    to: str
    subject: str
    text: str
    html: str
    raw: bytes

    @property
    def links(self) -> list[str]:
        """The addresses in its text, in order."""
        return _LINK.findall(self.text)

    @property
    def whole(self) -> str:
        """Headers, both bodies, decoded: where to look for what must not be there."""
        return "\n".join(
            (self.raw.partition(b"\r\n\r\n")[0].decode("utf-8", "replace"), self.subject, self.text, self.html)
        )


@dataclass(frozen=True, slots=True)
class Mailbox:
    """Everything that was sent since the test began, oldest first."""

    folder: Path

    @property
    def letters(self) -> list[Letter]:
        """All letters."""
        kept = Kept(self.folder)
        found = (kept.read(name) for name in reversed(kept.names(_MOST)))
        return [_letter(message) for message in found if message is not None]

    def to(self, address: str) -> list[Letter]:
        """Return the letters to one address."""
        return [letter for letter in self.letters if address in letter.to]

    @property
    def last(self) -> Letter:
        """The newest letter; AssertionError when none came."""
        letters: Sequence[Letter] = self.letters
        assert letters, "No letter was sent. Did the work run (work_off())?"
        return letters[-1]

    def clear(self) -> None:
        """Throw all letters away."""
        for path in self.folder.glob("*.eml"):
            path.unlink(missing_ok=True)

    def __len__(self) -> int:
        return len(self.letters)


def _letter(message: EmailMessage) -> Letter:
    def body(kind: str) -> str:
        part = message.get_body((kind,))
        return str(part.get_content()) if part is not None else ""

    return Letter(str(message["to"]), str(message["subject"]), body("plain"), body("html"), message.as_bytes())
