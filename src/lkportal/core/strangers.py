"""Files of strangers, opened: a program reads one in a process of its own that has little of everything. What takes from it what it
does not need is protection.confined; which files there are, and what people are told of them, is for the rooms to say."""

from __future__ import annotations

import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from structlog.typing import FilteringBoundLogger

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.protection import confined

Outcome = Literal["answered", "bad", "large", "slow"]
"""What became of a file: its answer is there, it is not what the program reads, it is larger than may be, it took too long."""
_SAID: dict[int, Outcome] = {0: "answered", confined.BAD: "bad", confined.LARGE: "large"}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may take: bytes of memory, bytes of answer, seconds of a processor and seconds by the clock."""

    memory: int
    answer: int
    cpu: int
    seconds: float


class Opener:
    """Opens files of strangers, a few at once: however many are sent, so much memory and no more is taken by their processes."""

    def __init__(self, log: FilteringBoundLogger | None = None, at_once: int = 2, wait: float = 20.0) -> None:
        self._log = log
        self._wait = wait
        self._places = threading.BoundedSemaphore(at_once)

    def open(
        self, program: Path, sent: IO[bytes] | bytes, answer: IO[bytes], limits: Limits, words: Sequence[str] = ()
    ) -> Outcome:
        """Let `program` read `sent` from its start and write into the empty file `answer`; return what came of it.

        A program is a file with a function `answer(sent, *words) -> bytes`. What it reads with it imports at its top: once it has the
        file it can open nothing else. It raises MemoryError or OverflowError for what is too large, anything else for what it
        cannot read. An open file is handed over as it is, and nothing of it comes into this process.
        Raises PortalError 503 when too many wait, or the machine could not. Takes some tenths of a second: not inside a unit.
        """
        if not self._places.acquire(timeout=self._wait):
            raise PortalError(
                "files_busy", text("core.strangers.busy", "Many files arrive now. Send it again in a minute."), 503
            )
        try:
            ended = _run(program, sent, answer, limits, words)
        finally:
            self._places.release()
        outcome = _outcome(ended)
        if outcome is None:
            if self._log is not None:
                self._log.error("file_not_opened", program=program.stem, ended=ended)
            words_of_it = text("core.strangers.unable", "The file could not be opened now. Send it again in a minute.")
            raise PortalError("file_not_opened", words_of_it, 503)
        answer.seek(0)
        return outcome


def _run(
    program: Path, sent: IO[bytes] | bytes, answer: IO[bytes], limits: Limits, words: Sequence[str]
) -> int | Outcome:
    """Return how the program ended: its code, the signal that killed it (negative), or that its time was over."""
    shares = (str(limits.memory), str(limits.cpu), str(limits.answer))
    with _on_disk(sent) as handed:
        try:
            # The answer goes to a file, which the process cannot grow beyond its limit; a pipe would have none.
            return subprocess.run(  # noqa: S603 - our own files, nothing of the upload in the command
                [sys.executable, "-I", confined.__file__, *shares, str(program), *words],
                stdin=handed,
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=limits.seconds,
                env={},
                cwd=tempfile.gettempdir(),
                start_new_session=True,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            return "slow"
        except OSError:
            return confined.UNABLE


def _outcome(ended: int | Outcome) -> Outcome | None:
    """Return what came of the file; None when how the program ended says nothing about the file."""
    if isinstance(ended, str):
        return ended
    if ended >= 0:
        return _SAID.get(ended)
    killed = signal.Signals(-ended).name
    if killed == "SIGXCPU":
        return "slow"
    return None if killed in ("SIGKILL", "SIGTERM") else "bad"  # a reader that crashes was crashed by what it read


@contextmanager
def _on_disk(sent: IO[bytes] | bytes) -> Iterator[int]:
    """The descriptor of a file at its start, of bytes after they were written to one."""
    if not isinstance(sent, bytes):
        handed = sent.fileno()
        sent.seek(0)
        yield handed
        return
    with tempfile.TemporaryFile() as file:
        file.write(sent)
        file.seek(0)
        yield file.fileno()
