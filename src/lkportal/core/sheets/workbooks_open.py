"""Run by strangers.Opener alone, never imported: reads a workbook of a stranger and answers with its first sheet that has rows, as CSV.
Formulas are not counted, links not followed: what a cell showed when it was saved is what it says."""

import csv
import io
from datetime import date, datetime
from typing import BinaryIO

from python_calamine import CalamineWorkbook

MOST_COLUMNS = 60


def answer(sent: BinaryIO, most: str) -> bytes:
    """Return the rows of the first sheet that has any; b"" when none has. Raises OverflowError when it is too large."""
    book = CalamineWorkbook.from_filelike(sent)
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height == 0:
            continue
        if sheet.total_height > int(most) + 1 or sheet.total_width > MOST_COLUMNS:
            raise OverflowError
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";", lineterminator="\n")
        for row in sheet.to_python(skip_empty_area=True):
            writer.writerow([said(cell) for cell in row])
        return out.getvalue().encode()
    return b""


def said(cell: object) -> str:
    """Return what a cell says. A number keeps all its digits and no more: 416.306, and 412778215 without a point."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    return str(cell).replace("\r", " ").replace("\n", " ")
