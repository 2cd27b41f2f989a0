"""Rejected rows: kept in core_import_rejects batch by batch, written as a CSV file that is safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from lkportal.core.i18n import Text, text
from lkportal.core.importing.read import Reject
from lkportal.core.importing.tables import rejects

_PAGE = 5_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_HEADER = (
    text("core.imports.rejects_line", "Line"),
    text("core.imports.rejects_column", "Column"),
    text("core.imports.rejects_value", "Value"),
    text("core.imports.rejects_reason", "Reason"),
    text("core.imports.rejects_original", "Original row"),
)


def refused_row(import_id: int, reject: Reject, render: Callable[[Text], str]) -> dict[str, Any]:
    """Return a reject as a row of core_import_rejects; PostgreSQL keeps no NUL, so it becomes a visible sign."""
    return {
        "import_id": import_id,
        "line": reject.line,
        "column_name": reject.column,
        "value": _storable(reject.value),
        "reason": render(reject.reason),
        "original": _storable(reject.original),
    }


def rejects_csv(connection: Connection, import_id: int, render: Callable[[Text], str] = str) -> Iterator[str]:
    """Yield the rejects of an import as pieces of a CSV file (semicolons, byte order mark: spreadsheets open it as it is)."""
    yield "\ufeff" + _csv([tuple(render(title) for title in _HEADER)])
    after = -1
    while True:
        page = select(rejects).where(rejects.c.import_id == import_id, rejects.c.line > after)
        rows = connection.execute(page.order_by(rejects.c.line).limit(_PAGE)).all()
        if not rows:
            return
        after = rows[-1].line
        yield _csv([(str(r.line), r.column_name, r.value, r.reason, r.original) for r in rows])


def write_rejects(connection: Connection, import_id: int, path: Path, render: Callable[[Text], str] = str) -> None:
    """Write the rejects of an import to `path`, whole or not at all; an older file there is replaced.

    What is no file (a pipe, a device such as /dev/null) is written to and stays what it is.
    """
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as stream:
            stream.writelines(rejects_csv(connection, import_id, render))
        return
    unfinished = path.with_name(f"{path.name}.part")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        file.writelines(rejects_csv(connection, import_id, render))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def formula_safe(cell: str) -> str:
    """Return a cell that no spreadsheet runs as a formula: an apostrophe goes before what could begin one."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _csv(rows: list[tuple[str, ...]]) -> str:
    text_of_rows = io.StringIO()
    csv.writer(text_of_rows, delimiter=";", lineterminator="\r\n").writerows(
        [tuple(formula_safe(cell) for cell in row) for row in rows]
    )
    return text_of_rows.getvalue()


def _storable(value: str) -> str:
    return value.replace("\x00", "\ufffd")
