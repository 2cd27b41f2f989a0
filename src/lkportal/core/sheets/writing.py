"""Tables that leave as files for spreadsheets: XLSX with real numbers and dates, CSV that any program reads. Whatever a cell says,
it is never a formula: what people typed once must not run on the computer of whoever opens the file."""

from __future__ import annotations

import csv as csv_format
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from io import BytesIO, TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Literal, TypeVar

import xlsxwriter

C = TypeVar("C")
Kind = Literal["text", "money", "number", "day"]
Cell = str | int | date | None
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
_IN_MEMORY, _PIECE = 1 << 20, 1 << 16

_FORMATS: dict[Kind, dict[str, Any]] = {
    "text": {},
    "money": {"num_format": "#,##0.00"},
    "number": {"num_format": "#,##0.###"},
    "day": {"num_format": "dd.mm.yyyy", "align": "left"},
}
_WIDTHS: dict[Kind, int] = {"text": 32, "money": 14, "number": 14, "day": 12}
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
"""How a text begins that some program takes for a formula (OWASP, CSV Injection; "%" and "|" start a DDE call)."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title and what stands in it. `money` are minor units of two digits, `number` thousandths, `day` dates."""

    title: str
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of a file. `head` are lines above it (a name, a value), `rows` are cells by column; None is an empty cell.

    `rows` may be a generator: of XLSX one row is held at a time.
    """

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    head: Sequence[tuple[str, str]] = ()


def xlsx(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook of these tables. Cells of text are text whatever they begin with; numbers and days are their own kind."""
    out = BytesIO()
    write_xlsx(out, sheets)
    return out.getvalue()


def write_xlsx(out: IO[bytes], sheets: Sequence[Sheet]) -> None:
    """Write a workbook of these tables to `out`."""
    # Links, formulas and numbers are never guessed from texts; rows go to a temporary file, so memory stays flat.
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "dd.mm.yyyy",
    }
    with xlsxwriter.Workbook(out, options) as book:
        formats = {kind: book.add_format(rule) for kind, rule in _FORMATS.items()}
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top"})
        for sheet in sheets:
            _fill(book.add_worksheet(_name(sheet.name)), sheet, formats, bold)


def csv(sheet: Sheet, decimal: str = ",") -> bytes:
    """Return a table as CSV: UTF-8 with its mark, semicolons, numbers with `decimal`. Its head is left out."""
    out = BytesIO()
    write_csv(out, sheet, decimal)
    return out.getvalue()


def write_csv(out: IO[bytes], sheet: Sheet, decimal: str = ",") -> None:
    """Write a table as CSV to `out`, row by row."""
    text = TextIOWrapper(out, encoding="utf-8-sig", newline="")
    writer = csv_format.writer(text, delimiter=";", lineterminator="\r\n")
    writer.writerow([harmless(column.title) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_plain(cell, column.kind, decimal) for cell, column in zip(row, sheet.columns, strict=True)])
    text.flush()
    text.detach()


def table_pieces(
    reading: Callable[[], AbstractContextManager[C]], sheet_of: Callable[[C], Sheet], form: str, decimal: str
) -> Iterator[bytes]:
    """Yield a table as a file, "csv" or "xlsx", piece by piece: it is written to a temporary one first, row by row, so memory stays
    flat. `reading` opens the connection the rows come from, and it is given back before the first piece leaves."""
    with SpooledTemporaryFile(_IN_MEMORY) as out:
        with reading() as connection:
            sheet = sheet_of(connection)
            if form == "csv":
                write_csv(out, sheet, decimal)
            else:
                write_xlsx(out, [sheet])
        out.seek(0)
        while piece := out.read(_PIECE):
            yield piece


def harmless(cell: str) -> str:
    """Return a text that no spreadsheet takes for a formula: one that begins like it gets an apostrophe."""
    return f"'{cell}" if cell.startswith(_STARTS) else cell


def _fill(page: Any, sheet: Sheet, formats: dict[Kind, Any], bold: Any) -> None:
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, _WIDTHS[column.kind])
    at = 0
    for name, value in sheet.head:
        page.write_string(at, 0, name, bold)
        page.write_string(at, 1, value)
        at += 1
    at += bool(sheet.head)
    for place, column in enumerate(sheet.columns):
        page.write_string(at, place, column.title, bold)
    page.freeze_panes(at + 1, 0)
    for row in sheet.rows:
        at += 1
        for place, (cell, column) in enumerate(zip(row, sheet.columns, strict=True)):
            _write(page, at, place, cell, column.kind, formats)


def _write(page: Any, at: int, place: int, cell: Cell, kind: Kind, formats: dict[Kind, Any]) -> None:
    if cell is None:
        return
    match cell:
        case date():
            page.write_datetime(at, place, cell, formats["day"])
        case int() if kind == "money":
            page.write_number(at, place, cell / 100, formats["money"])
        case int() if kind == "number":
            page.write_number(at, place, cell / 1000, formats["number"])
        case _:
            page.write_string(at, place, str(cell), formats["text"])


def _plain(cell: Cell, kind: Kind, decimal: str) -> str:
    match cell:
        case None:
            return ""
        case date():
            return cell.isoformat()
        case int() if kind in ("money", "number"):
            digits = 2 if kind == "money" else 3
            whole, part = divmod(abs(cell), 10**digits)
            tail = f"{part:0{digits}d}" if kind == "money" else f"{part:03d}".rstrip("0")
            return f"{'-' if cell < 0 else ''}{whole}{decimal + tail if tail else ''}"
    return harmless(str(cell))


def _name(typed: str) -> str:
    """Return a name a workbook takes for a sheet: 31 characters without []:*?/\\."""
    kept = "".join(" " if char in "[]:*?/\\" else char for char in typed).strip("' ")
    return kept[:31] or "1"
