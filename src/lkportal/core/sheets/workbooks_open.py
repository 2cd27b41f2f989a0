"""Run as a program of its own, never imported: reads a workbook of a stranger from stdin and writes its first sheet that has rows to
stdout as CSV. Formulas are not counted, links not followed: what a cell showed when it was saved is what it says.

It has no secrets (an empty environment), little memory, little time, and can write no more than a small file. Whatever is wrong with
the workbook ends it with an exit code; what people are told stands in workbooks.
"""

import csv
import io
import sys
from datetime import date, datetime

MEMORY, SECONDS, WRITTEN = 448 * 1024 * 1024, 10, 8 * 1024 * 1024
MOST_COLUMNS = 60


def limit() -> None:
    """Take from this process what it does not need. Where the system knows no limits, the parent's clock is left."""
    try:
        import resource  # noqa: PLC0415 - not on every system
    except ImportError:
        return
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, SECONDS),
        (resource.RLIMIT_FSIZE, WRITTEN),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NPROC, 0),
    ):
        resource.setrlimit(what, (most, most))


def table(sent: bytes, most: int) -> bytes:
    """Return the rows of the first sheet that has any; b"" when none has. Raises ValueError when it is too large."""
    from python_calamine import CalamineWorkbook  # noqa: PLC0415 - loaded under the limits

    book = CalamineWorkbook.from_filelike(io.BytesIO(sent))
    for name in book.sheet_names:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height == 0:
            continue
        if sheet.total_height > most + 1 or sheet.total_width > MOST_COLUMNS:
            raise ValueError("size")
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


if __name__ == "__main__":
    limit()
    try:
        answer = table(sys.stdin.buffer.read(), int(sys.argv[1]))
    except MemoryError:
        sys.exit(3)
    except BaseException:  # noqa: BLE001 - whatever a stranger's file does to a reader (a panic of Rust too), the answer is one
        sys.exit(2)
    if not answer:
        sys.exit(4)
    sys.stdout.buffer.write(answer)
    sys.stdout.buffer.flush()
