"""The table that companies send: its columns, and an upload read into rows of it. What becomes of a row is in judging."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from os import SEEK_END
from pathlib import Path
from typing import IO, Any

from sqlalchemy.orm import Session

from lkportal.core.errors import PortalError
from lkportal.core.i18n import Text, text
from lkportal.core.importing.rows import read_blocks, understand
from lkportal.core.importing.sniff import Scan
from lkportal.core.imports import (
    Applied,
    Column,
    ImportKind,
    Layout,
    Reading,
    Staged,
    account_number,
    day,
    volume,
    words,
)
from lkportal.core.sheets.workbooks import MOST_ROWS, is_workbook, open_workbook
from lkportal.core.strangers import Opener

__all__ = ["ACCEPT", "MOST_BYTES", "MOST_ROWS", "Line", "Misread", "rows_in", "rows_of", "table_of"]
MOST_BYTES = 4 * 1024 * 1024
"""The largest upload."""
_LOOKED_AT = 64 * 1024
ACCEPT = ".xlsx,.xls,.ods,.csv,text/csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class Line:
    """A row that could be read: `line` is where it stands in the table, `value_milli` None where nothing was typed."""

    line: int
    account: str
    serial: str
    register: str
    value_milli: int | None
    taken_on: date | None


@dataclass(frozen=True, slots=True)
class Misread:
    """A row with a cell that could not be read: `column` names it, `said` is what stood there."""

    line: int
    column: Text | str
    said: str
    why: Text


def _never(_db: Session, _staged: Staged) -> Applied:
    """Refuse: rows of companies go through the rule of readings, one account after the other, never through an import."""
    raise AssertionError("readings_by_file is read as a table and never applied as an import")


KIND = ImportKind(
    name="readings_by_file",
    title=text("readings.import.readings", "Meter readings"),
    columns=(
        Column(
            "account",
            text("readings.import.account", "Account"),
            account_number(),
            ("лицевой счёт", "лс", "номер счёта", "account number"),
        ),
        Column(
            "serial",
            text("readings.import.serial", "Serial number"),
            words(40),
            ("заводской номер", "номер счётчика", "номер прибора", "serial number"),
        ),
        Column(
            "value",
            text("readings.import.value", "Reading"),
            volume(),
            ("показание", "показания", "новое показание", "reading", "new reading"),
            required=False,
        ),
        Column(
            "taken_on",
            text("readings.import.taken_on", "Date"),
            day(),
            ("дата", "дата показания", "дата снятия", "date"),
            required=False,
        ),
        Column(
            "register",
            text("readings.import.register", "Register"),
            words(4),
            ("тарифная зона", "зона", "tariff zone"),
            required=False,
        ),
    ),
    apply=_never,
)
"""How the table is read. It is no kind of the company's own imports: nothing is written past the rules a person meets."""


@contextmanager
def table_of(sent: IO[bytes], opener: Opener) -> Iterator[IO[bytes]]:
    """An upload as a table of text: a workbook opened, anything else as it is. Raises PortalError 422 with what to do, and what the
    opener raises."""
    size = sent.seek(0, SEEK_END)
    if size > MOST_BYTES:
        raise _too_large()
    sent.seek(0)
    start = sent.read(_LOOKED_AT)
    if not start.strip() and not any(piece.strip() for piece in iter(lambda: sent.read(_LOOKED_AT), b"")):
        raise PortalError("file_empty", text("readings.file.empty", "The file is empty. Choose another one."), 422)
    if not is_workbook(start):
        yield sent
        return
    with tempfile.TemporaryFile() as table:
        open_workbook(opener, sent, table)
        yield table


def rows_of(table: IO[bytes]) -> tuple[list[Line], list[Misread]]:
    """Return the rows of a table and those that could not be read. Raises PortalError imports.* when it is no such table."""
    table.seek(0)
    return rows_in(iter(lambda: table.read(_LOOKED_AT), b""))


def rows_in(pieces: Iterable[bytes]) -> tuple[list[Line], list[Misread]]:
    """Do what `rows_of` does with a table that comes in pieces."""
    lines: list[Line] = []
    misread: list[Misread] = []
    titles = {column.name: column.title for column in KIND.columns}
    with _kept(pieces) as path:
        _scan, layout = _understood(path)
        with path.open("rb") as handle:
            for block in read_blocks(handle, KIND, layout, layout.start, layout.line):
                rows = zip(block.lines, *block.columns, strict=True)
                lines += [_line(*row) for row in rows]
                misread += [
                    Misread(each.line, titles.get(each.column, ""), each.value[:60], each.reason)
                    for each in block.rejects
                ]
                if len(lines) + len(misread) > MOST_ROWS:
                    raise _too_large()
    return lines, misread


def _understood(path: Path) -> tuple[Scan, Layout]:
    try:
        return understand(KIND, path, Reading(ignore_unknown=True, form="table"))
    except PortalError as error:
        if error.code != "imports.columns":
            raise
        words = text(
            "readings.file.columns",
            "The first row must name the columns: “Account”, “Serial number” and “Reading”. Begin with our table.",
        )
        raise PortalError("file_columns", words, 422) from error


def _line(line: int, account: Any, serial: Any, value: Any, taken_on: Any, register: Any) -> Line:
    taken = date.fromisoformat(taken_on) if taken_on else None
    return Line(line, account, serial, (register or "T1").upper(), value, taken)


@contextmanager
def _kept(pieces: Iterable[bytes]) -> Iterator[Path]:
    """A path at which the engine reads the table: it reads files, block by block."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "readings.csv"
        with path.open("wb") as file:
            file.writelines(pieces)
        yield path


def _too_large() -> PortalError:
    words = text(
        "readings.file.large",
        "The file is too large: at most %(most)s rows and %(mb)s MB. Send it in parts.",
        most=MOST_ROWS,
        mb=MOST_BYTES // (1024 * 1024),
    )
    return PortalError("file_large", words, 422)
