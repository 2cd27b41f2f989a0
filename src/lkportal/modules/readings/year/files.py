"""Usage as files: CSV, JSON and XLSX of every reading of an account."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from io import StringIO
from typing import Any

from lkportal.core.i18n import Text, text
from lkportal.core.language.formats import Locale
from lkportal.core.sheets.writing import Column, Kind, Sheet, xlsx
from lkportal.modules.readings.views import resource_name

COLUMNS = (
    "taken_on", "period", "resource", "place", "serial", "register", "value", "added", "unit", "channel", "corrected",
)  # fmt: skip
_SHEET: Sequence[tuple[Text, Kind]] = (
    (text("readings.history.day", "Date"), "day"),
    (text("readings.chart.month", "Month"), "text"),
    (text("readings.desk.resource", "Resource"), "text"),
    (text("readings.import.place", "Place"), "text"),
    (text("readings.import.serial", "Serial number"), "text"),
    (text("readings.import.register", "Register"), "text"),
    (text("readings.history.value", "Reading"), "number"),
    (text("readings.history.added", "Added"), "number"),
    (text("readings.usage.unit", "Unit"), "text"),
    (text("readings.usage.note", "Note"), "text"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def rows_of(readings: Iterable[Any]) -> list[tuple[str, ...]]:
    """Return a row of COLUMNS a reading; numbers with a point, as programs read them."""
    return [
        (
            f"{row.taken_on}",
            f"{row.period:%Y-%m}",
            row.resource,
            row.place,
            row.serial,
            row.code,
            _number(row.value_milli),
            _number(row.added_milli),
            row.unit,
            row.channel,
            "yes" if row.corrected_by else "",
        )
        for row in readings
    ]


def csv_of(rows: Iterable[Sequence[str]]) -> bytes:
    """Return the rows as CSV with a byte order mark, so that a spreadsheet reads Cyrillic. A cell is never a formula."""
    out = StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in rows:
        writer.writerow([f"'{cell}" if cell.startswith(_FORMULA) and not _is_number(cell) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")


def json_of(rows: Iterable[Sequence[str]]) -> bytes:
    """Return the rows as a JSON list of objects."""
    return json.dumps([dict(zip(COLUMNS, row, strict=True)) for row in rows], ensure_ascii=False, indent=1).encode()


def xlsx_of(readings: Iterable[Any], locale: Locale) -> bytes:
    """Return the readings as a workbook for people: titles and names in their language, real numbers and days."""
    say = locale.render
    rows = [
        (
            row.taken_on,
            f"{row.period:%m.%Y}",
            say(resource_name(row.resource)),
            row.place,
            row.serial,
            row.code,
            int(row.value_milli),
            int(row.added_milli),
            locale.unit(row.unit),
            say(text("readings.history.corrected", "put right later")) if row.corrected_by else "",
        )
        for row in readings
    ]
    return xlsx(
        [
            Sheet(
                say(text("readings.history.title", "History of readings")),
                [Column(say(title), kind) for title, kind in _SHEET],
                rows,
            )
        ]
    )


def _number(milli: int) -> str:
    sign = "-" if milli < 0 else ""
    whole, part = divmod(abs(int(milli)), 1000)
    return f"{sign}{whole}.{part:03}"


def _is_number(cell: str) -> bool:
    return cell.lstrip("-").replace(".", "", 1).isdecimal()
