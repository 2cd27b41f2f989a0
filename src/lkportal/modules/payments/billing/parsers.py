"""How cells that only bills have are read: rates and units. The common ones stand in lkportal.core.imports."""

from __future__ import annotations

import re

from lkportal.core.i18n import text
from lkportal.core.imports import Cell, Parser, Unfit

_RATE = re.compile(r"([+-]?)(\d{1,9})(?:[.,](\d{1,8})0*)?")
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'")
_PER_MINOR = 10**8
_UNITS = {
    "м3": "m3",
    "м³": "m3",
    "куб.м": "m3",
    "куб. м": "m3",
    "куб.м.": "m3",
    "m³": "m3",
    "квт·ч": "kwh",
    "квт*ч": "kwh",
    "квт.ч": "kwh",
    "квтч": "kwh",
    "квт-ч": "kwh",
    "гкал": "gcal",
    "кв.м": "m2",
    "кв. м": "m2",
    "м2": "m2",
    "м²": "m2",
}
_NOT_RATE = text("payments.import.not_rate", "Write a tariff with at most eight decimals, such as 42,18.")
_NOT_UNIT = text("payments.import.not_unit", "Shorten the unit to 10 characters, such as м3.")


def rate() -> Parser:
    """Read a tariff in whole units of currency into millionths of a minor unit: "42,18" is 4 218 000 000."""
    return Parser(_rate, "integer", None, _shown, {"type": ["string", "number"], "examples": ["42.18"]})


def unit() -> Parser:
    """Read a unit of measure: the known ones become codes (m3, kwh, gcal, m2), others stay as written."""
    return Parser(_unit, "text", schema={"maxLength": 10, "examples": ["m3"]})


def _rate(cell: str) -> Cell:
    match = _RATE.fullmatch(cell.translate(_SPACES).removesuffix("₽"))
    if match is None:
        raise Unfit(_NOT_RATE)
    sign, whole, part = match.groups()
    value = int(whole) * _PER_MINOR + int((part or "").ljust(8, "0"))
    return -value if sign == "-" else value


def _shown(value: Cell) -> str:
    whole, part = divmod(abs(int(value or 0)), _PER_MINOR)
    return f"{'-' if int(value or 0) < 0 else ''}{whole}.{f'{part:08d}'.rstrip('0').ljust(2, '0')}"


def _unit(cell: str) -> Cell:
    code = _UNITS.get(cell.casefold(), cell)
    if len(code) > 10:
        raise Unfit(_NOT_UNIT)
    return code
