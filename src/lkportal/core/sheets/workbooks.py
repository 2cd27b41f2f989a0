"""Workbooks of strangers (XLSX, XLS, ODS) as plain tables: opened by workbooks_open, a process of its own with little of everything.
Tables that leave as files are in sheets, what a table means in imports."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text

MOST_ROWS = 5_000
"""The rows a table may have below its header."""
_OPEN = Path(__file__).with_name("workbooks_open.py")
_SECONDS, _WAIT = 15.0, 20.0
_MOST_BYTES = 8 * 1024 * 1024
_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def is_workbook(sent: bytes) -> bool:
    """Whether the bytes begin as a workbook does: a ZIP (XLSX, ODS) or an old compound file (XLS)."""
    return sent.startswith(_STARTS)


class Workbooks:
    """Opens workbooks, a few at once: however many are sent, so much memory and no more is taken by their processes."""

    def __init__(self, at_once: int = 2) -> None:
        self._places = threading.BoundedSemaphore(at_once)

    def table(self, sent: bytes) -> bytes:
        """Return the first sheet that has rows as CSV: UTF-8, semicolons, numbers with a point, dates as 2026-11-25.

        Raises PortalError 422 when it cannot be opened or is larger than a table may be, 503 when too many wait. Takes a process
        for some tenths of a second: not inside a unit.
        """
        if not self._places.acquire(timeout=_WAIT):
            words = text("core.workbooks.busy", "Many files arrive now. Send it again in a minute.")
            raise PortalError("workbooks_busy", words, 503)
        try:
            return _opened(sent)
        finally:
            self._places.release()


def _opened(sent: bytes) -> bytes:
    # The answer goes to a file, which the process cannot grow beyond its limit; a pipe would have none.
    with tempfile.TemporaryFile() as answer:
        try:
            done = subprocess.run(  # noqa: S603 - our own file, nothing of the upload in the command
                [sys.executable, "-I", str(_OPEN), str(MOST_ROWS)],
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
    if done.returncode == 4:
        raise _empty()
    if done.returncode or not said or len(said) > _MOST_BYTES:
        raise _unreadable()
    return said


def _unreadable() -> PortalError:
    words = text(
        "core.workbooks.unreadable",
        "This workbook cannot be opened, or its table is too large. Keep one sheet of at most %(most)s rows, or save it as CSV.",
        most=MOST_ROWS,
    )
    return PortalError("workbook_unreadable", words, 422)


def _empty() -> PortalError:
    return PortalError("workbook_empty", text("core.workbooks.empty", "There is no table in this workbook."), 422)
