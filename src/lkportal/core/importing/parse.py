"""How cells are read: account numbers, money, volumes, dates, periods, tax numbers, words. Each has an exact `one` and, where
it pays, a fast `many` for a whole column of plain cells; tests hold the two equal."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import date
from functools import cache

from babel.dates import get_month_names

from lkportal.core.i18n import Text, text
from lkportal.core.importing.kind import Cell, Parser, Unfit
from lkportal.core.money import MAX_MINOR, MILLI

_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'")
_ACCOUNT = re.compile(r"[0-9A-Za-zА-Яа-яЁё](?:[0-9A-Za-zА-Яа-яЁё/._-]{0,30}[0-9A-Za-zА-Яа-яЁё])?")
_MONEY = re.compile(r"([+-]?)([0-9]{1,40})(?:[.,]([0-9]{1,2}))?")
_VOLUME = re.compile(r"([+-]?)([0-9]{1,40})(?:[.,]([0-9]{1,3})0*)?")
_INTEGER = re.compile(r"[+-]?[0-9]{1,40}")
_RUSSIAN_DATE = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_ISO_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[T ]00:00(?::00)?)?")
_MONTH_FIRST = re.compile(r"([0-9]{1,2})[./-]([0-9]{4})")
_MONTH_NAMED = re.compile(r"([^\W\d_]+) +([0-9]{4})(?: *г\.?)?")
_YEAR_FIRST = re.compile(r"([0-9]{4})[./-]([0-9]{1,2})")

# Whole columns of numbers that are within MAX_MINOR, whatever they are: by their decimals.
_PLAIN = {
    0: re.compile(rb"(?:-?[0-9]{1,15}+\n)*+"),
    2: re.compile(rb"(?:-?[0-9]{1,13}+[.,][0-9]{2}\n)*+"),
    3: re.compile(rb"(?:-?[0-9]{1,12}+[.,][0-9]{3}\n)*+"),
}

_NUMBER = ["string", "number"]
_NOT_ACCOUNT = text("core.imports.not_account", "Write an account number: up to 32 letters and digits, without spaces.")
_NOT_MONEY = text("core.imports.not_money", "Write an amount such as 1482,60 or 1482.60.")
_NOT_VOLUME = text("core.imports.not_volume", "Write a volume with at most three decimals, such as 11,125.")
_NOT_INTEGER = text("core.imports.not_integer", "Write a whole number.")
_NOT_DATE = text("core.imports.not_date", "Write a date that exists, such as 25.11.2026 or 2026-11-25.")
_NOT_PERIOD = text("core.imports.not_period", "Write a month such as 11.2026, 2026-11 or November 2026.")
_NOT_INN = text("core.imports.not_inn", "Write a tax number (INN) of 10 or 12 digits; the check digit must be right.")
_NOT_WORDS = text("core.imports.not_words", "Remove the invisible characters from the cell.")


def account_number() -> Parser:
    """Read an account number: kept as text, leading zeros included."""
    return Parser(_account_number, "text", schema={"maxLength": 32, "examples": ["0412778215"]})


def money() -> Parser:
    """Read an amount into minor units: "1 482,60", "1482.6" and "1482" are understood."""
    return Parser(_money, "integer", _money_column, _shown(100), {"type": _NUMBER, "examples": ["1482.60"]})


def volume() -> Parser:
    """Read a volume into thousandths of its unit: "11,125", "11.1" and "11" are understood."""
    return Parser(_volume, "integer", _volume_column, _shown(MILLI), {"type": _NUMBER, "examples": ["11.125"]})


def integer() -> Parser:
    """Read a whole number."""
    return Parser(_integer, "integer", _integer_column, schema={"type": ["string", "integer"], "examples": [5]})


def day() -> Parser:
    """Read a date, 25.11.2026 or 2026-11-25."""
    return Parser(_day, "date", schema={"examples": ["2026-11-25"]})


def period() -> Parser:
    """Read a month, 11.2026 or 2026-11 (or any date in it), into its first day."""
    return Parser(_period, "date", schema={"examples": ["2026-11"]})


def inn() -> Parser:
    """Read a Russian tax number of a company (10 digits) or a person (12), its check digits verified."""
    return Parser(_inn, "text", schema={"minLength": 10, "maxLength": 12, "examples": ["7707083893"]})


def words(longest: int = 255) -> Parser:
    """Read a text of at most `longest` characters."""
    too_long = text("core.imports.too_long", "Shorten the text to %(longest)s characters.", longest=longest)

    def one(cell: str) -> str:
        if len(cell) > longest:
            raise Unfit(too_long)
        if "\x00" in cell:
            raise Unfit(_NOT_WORDS)
        return cell

    def many(cells: Sequence[str]) -> Sequence[Cell]:
        trimmed = list(map(str.strip, cells))
        if "" in trimmed or max(map(len, trimmed)) > longest or "\x00" in "".join(trimmed):
            raise ValueError
        return trimmed

    return Parser(one, "text", many, schema={"maxLength": longest})


def one_of(choices: dict[str, str], reason: Text) -> Parser:
    """Read a word out of a list: `choices` maps what may be written (compared without case) to the stored code."""
    folded = {written.casefold(): code for written, code in choices.items()}

    def one(cell: str) -> str:
        code = folded.get(cell.casefold())
        if code is None:
            raise Unfit(reason)
        return code

    return Parser(one, "text", schema={"enum": list(dict.fromkeys(choices.values()))})


def _shown(scale: int) -> Callable[[Cell], str]:
    digits = len(str(scale)) - 1

    def show(value: Cell) -> str:
        number = int(value or 0)
        whole, part = divmod(abs(number), scale)
        return f"{'-' if number < 0 else ''}{whole}.{part:0{digits}d}"

    return show


def _account_number(cell: str) -> Cell:
    if _ACCOUNT.fullmatch(cell) is None:
        raise Unfit(_NOT_ACCOUNT)
    return cell


def _bare(cell: str) -> str:
    return cell.replace("\u2212", "-").translate(_SPACES)


def _money(cell: str) -> Cell:
    match = _MONEY.fullmatch(_bare(cell).removesuffix("₽").removesuffix("руб."))
    if match is None:
        raise Unfit(_NOT_MONEY)
    sign, whole, part = match.groups()
    minor = int(whole) * 100 + int((part or "").ljust(2, "0"))
    if minor > MAX_MINOR:
        raise Unfit(_NOT_MONEY)
    return -minor if sign == "-" else minor


def _money_column(cells: Sequence[str]) -> Sequence[Cell]:
    return _scaled(cells, 2)


def _volume(cell: str) -> Cell:
    match = _VOLUME.fullmatch(_bare(cell))
    if match is None:
        raise Unfit(_NOT_VOLUME)
    sign, whole, part = match.groups()
    milli = int(whole) * MILLI + int((part or "").ljust(3, "0"))
    if milli > MAX_MINOR:
        raise Unfit(_NOT_VOLUME)
    return -milli if sign == "-" else milli


def _volume_column(cells: Sequence[str]) -> Sequence[Cell]:
    return _scaled(cells, 3)


def _integer(cell: str) -> Cell:
    bare = _bare(cell)
    if _INTEGER.fullmatch(bare) is None or abs(int(bare)) > MAX_MINOR:
        raise Unfit(_NOT_INTEGER)
    return int(bare)


def _integer_column(cells: Sequence[str]) -> Sequence[Cell]:
    return _scaled(cells, 0)


def _scaled(cells: Sequence[str], decimals: int) -> list[int]:
    """Return the numbers of a column whose cells all have the same decimals: the mark is dropped, the rest is an integer."""
    joined = "\n".join([*cells, ""]).encode("ascii")
    if _PLAIN[decimals].fullmatch(joined) is None:
        raise ValueError
    values = list(map(int, joined.translate(None, b",.").split()))
    if len(values) != len(cells):
        raise ValueError  # a quoted cell held a line break
    return values


def _iso(year: str, month: str, day_of_month: str, reason: Text) -> str:
    try:
        return date(int(year), int(month), int(day_of_month)).isoformat()
    except ValueError:
        raise Unfit(reason) from None


def _day(cell: str) -> Cell:
    match = _RUSSIAN_DATE.fullmatch(cell)
    if match is not None:
        return _iso(match[3], match[2], match[1], _NOT_DATE)
    match = _ISO_DATE.fullmatch(cell)
    if match is None:
        raise Unfit(_NOT_DATE)
    return _iso(match[1], match[2], match[3], _NOT_DATE)


def _period(cell: str) -> Cell:
    month = _month(cell)
    if not "1900" <= month[:4] < "3000":  # the days of a bill follow its month: a calendar ends with 9999
        raise Unfit(_NOT_PERIOD)
    return month


def _month(cell: str) -> str:
    match = _MONTH_FIRST.fullmatch(cell)
    if match is not None:
        return _iso(match[2], match[1], "1", _NOT_PERIOD)
    match = _YEAR_FIRST.fullmatch(cell)
    if match is not None:
        return _iso(match[1], match[2], "1", _NOT_PERIOD)
    match = _MONTH_NAMED.fullmatch(cell)
    if match is not None and (number := _months().get(match[1].casefold())):
        return _iso(match[2], number, "1", _NOT_PERIOD)
    try:
        return f"{str(_day(cell))[:8]}01"
    except Unfit:
        raise Unfit(_NOT_PERIOD) from None


@cache
def _months() -> dict[str, str]:
    """Return the months as bills of either language name them: {"октябрь": "10"}."""
    named = [get_month_names("wide", "stand-alone", language) for language in ("ru", "en")]
    return {str(name).casefold(): str(number) for names in named for number, name in names.items()}


_INN_WEIGHTS = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)


def _inn(cell: str) -> Cell:
    """The check digit is the weighted sum of the digits before it, modulo 11, modulo 10 (order of the tax service)."""
    if not (cell.isascii() and cell.isdigit() and len(cell) in {10, 12}):
        raise Unfit(_NOT_INN)
    digits = [int(digit) for digit in cell]
    checked = range(len(cell) - (1 if len(cell) == 10 else 2), len(cell))
    for place in checked:
        weights = _INN_WEIGHTS[len(_INN_WEIGHTS) - place :]
        if sum(w * d for w, d in zip(weights, digits[:place], strict=True)) % 11 % 10 != digits[place]:
            raise Unfit(_NOT_INN)
    return cell
