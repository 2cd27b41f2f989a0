"""Workbooks of strangers (XLSX, XLS, ODS) as plain tables, read by workbooks_open in a process of its own.
Tables that leave as files are in sheets, what a table means in imports."""

from __future__ import annotations

from pathlib import Path
from typing import IO

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text
from lkportal.core.strangers import Limits, Opener

MOST_ROWS = 5_000
"""The rows a table may have below its header."""
_OPEN = Path(__file__).with_name("workbooks_open.py")
_LIMITS = Limits(memory=448 * 1024 * 1024, answer=8 * 1024 * 1024, cpu=10, seconds=15.0)
_STARTS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")


def is_workbook(start: bytes) -> bool:
    """Whether a file that starts like this is a workbook: a ZIP (XLSX, ODS) or an old compound file (XLS)."""
    return start.startswith(_STARTS)


def open_workbook(opener: Opener, sent: IO[bytes], table: IO[bytes]) -> None:
    """Write the first sheet that has rows into the empty file `table`, as CSV: UTF-8, semicolons, numbers with a point, dates as
    2026-11-25.

    Raises PortalError 422 when it cannot be opened or is larger than a table may be, and what the opener raises.
    """
    if opener.open(_OPEN, sent, table, _LIMITS, (str(MOST_ROWS),)) != "answered":
        words = text(
            "core.workbooks.unreadable",
            "This workbook cannot be opened, or its table is too large. Keep one sheet of at most %(most)s rows, or save it as CSV.",
            most=MOST_ROWS,
        )
        raise PortalError("workbook_unreadable", words, 422)
    if not table.read(1):
        raise PortalError("workbook_empty", text("core.workbooks.empty", "There is no table in this workbook."), 422)
    table.seek(0)
