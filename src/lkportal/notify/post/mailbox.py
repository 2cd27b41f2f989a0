"""The demo's mailbox: a folder of letters, and a small real SMTP server that fills it. Never part of a live portal: the command
`lkportal demo` starts the server on a loopback port and points [mail] at it. The pages that show it are in mailbox_pages."""

from __future__ import annotations

import re
import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from socketserver import StreamRequestHandler, ThreadingTCPServer
from time import time_ns
from typing import cast

MAX_BYTES = 2_000_000
MAX_LINE = 1_002
IDLE_SECONDS = 60
_NAME = re.compile(r"[0-9]{16}-[0-9a-f]{8}")
_PATH = re.compile(rb"(?:from|to):\s*<([^<>\s]{0,320})>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A folder with one .eml file for each letter, named by the moment it came."""

    folder: Path

    def put(self, letter: bytes) -> str:
        """Keep a letter whole or not at all; return its name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        name = f"{time_ns() // 1_000:016d}-{secrets.token_hex(4)}"
        waiting = self.folder / f".{name}"
        waiting.write_bytes(letter)
        waiting.rename(self.folder / f"{name}.eml")
        return name

    def names(self, most: int) -> list[str]:
        """Return the names of the newest letters, newest first."""
        return sorted((path.stem for path in self.folder.glob("[0-9]*.eml")), reverse=True)[:most]

    def read(self, name: str) -> EmailMessage | None:
        """Return a letter, or None when there is none of that name."""
        path = self.folder / f"{name}.eml"
        if not _NAME.fullmatch(name) or not path.is_file():
            return None
        return message_from_bytes(path.read_bytes(), policy=default)


@contextmanager
def serving(folder: Path, host: str = "127.0.0.1", port: int = 0) -> Iterator[tuple[str, int]]:
    """Run a real SMTP server (RFC 5321, as far as a sender that wants nothing special needs) that puts every letter into the
    mailbox of `folder`; yield where it listens. Port 0 takes a free one. The portal reads data_dir/"mailbox".
    """
    with _Server((host, port), _Session) as server:
        server.mailbox = Mailbox(folder)
        thread = threading.Thread(target=server.serve_forever, name="lkportal-mailbox", daemon=True)
        thread.start()
        try:
            yield host, int(server.server_address[1])
        finally:
            server.shutdown()
            thread.join(IDLE_SECONDS)


class _Server(ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    mailbox: Mailbox


class _Session(StreamRequestHandler):
    """One client. Everything it may say is a line; what we do not know is answered 502 and changes nothing."""

    timeout = IDLE_SECONDS

    def handle(self) -> None:
        """Answer commands until QUIT, silence or nonsense."""
        self._begin()
        self._say("220 mailbox ESMTP")
        try:
            while (line := self._line()) is not None and self._answer(line):
                pass
        except OSError:
            return

    def _answer(self, line: bytes) -> bool:
        verb, rest = line[:4].upper(), line[4:].strip()
        if verb == b"QUIT":
            self._say("221 bye")
            return False
        if verb == b"EHLO":
            self._begin()
            self._say(f"250-mailbox\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE {MAX_BYTES}")
        elif verb in (b"HELO", b"RSET"):
            self._begin()
            self._say("250 ok")
        elif verb == b"NOOP":
            self._say("250 ok")
        elif verb in (b"MAIL", b"RCPT"):
            self._envelope(verb, rest)
        elif verb == b"DATA":
            return self._data()
        else:
            self._say("502 this mailbox does not know that")
        return True

    def _begin(self) -> None:
        self._from: bytes | None = None
        self._to: list[bytes] = []

    def _envelope(self, verb: bytes, rest: bytes) -> None:
        path = _PATH.match(rest)
        if path is None:
            self._say("501 write the address in angle brackets")
        elif verb == b"MAIL":
            self._begin()
            self._from = path[1]
            self._say("250 ok")
        elif self._from is None:
            self._say("503 say MAIL first")
        else:
            self._to.append(path[1])
            self._say("250 ok")

    def _data(self) -> bool:
        """Take the letter, dots undone (RFC 5321, 4.5.2). Return whether the talk goes on."""
        if not self._to:
            self._say("503 say RCPT first")
            return True
        self._say("354 end with a dot on a line of its own")
        lines: list[bytes] = []
        size = 0
        while (line := self._line()) != b".":
            if line is None:
                return False
            size += len(line) + 2
            if size <= MAX_BYTES:
                lines.append(line.removeprefix(b"."))
        if size > MAX_BYTES:
            self._say("552 too large")
        else:
            cast(_Server, self.server).mailbox.put(b"\r\n".join(lines) + b"\r\n")
            self._say("250 kept")
        self._begin()
        return True

    def _line(self) -> bytes | None:
        """Return the next line without its end; None when the client is gone or sends an endless one."""
        line = self.rfile.readline(MAX_LINE)
        return line.rstrip(b"\r\n") if line.endswith(b"\n") else None

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")
