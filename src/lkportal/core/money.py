"""Exact money and volumes: integers only. Money is minor units (kopecks), volume is thousandths of a unit,
a rate is millionths of a minor unit per whole unit. How they are shown lives in formats."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lkportal.core.errors import PortalError
from lkportal.core.i18n import text

MILLI = 1_000
RATE_SCALE = 1_000_000
MAX_MINOR = 10**15
_AMOUNT = re.compile(r"^([+-]?)(\d{1,13})(?:[.,](\d{1,2}))?$")
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'")


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of a currency (ISO 4217): Money(148260, "RUB") is 1 482,60 ₽."""

    minor: int
    currency: str


@dataclass(frozen=True, slots=True)
class Volume:
    """A consumed quantity in thousandths of `unit`: Volume(11_100, "m3") is 11,1 m³."""

    milli: int
    unit: str


def parse_amount(typed: str) -> int:
    """Return minor units from what a person typed: "1 482,60", "1482.6" and "1482" are understood.

    Raises PortalError("money.amount") for anything else: letters, a third decimal, two separators.
    """
    match = _AMOUNT.match(typed.strip().replace("\u2212", "-").translate(_SPACES).removesuffix("₽"))
    if match is None:
        raise PortalError("money.amount", text("core.money.not_an_amount", "Enter an amount such as 1482.60."), 422)
    sign, whole, part = match.groups()
    minor = int(whole) * 100 + int((part or "").ljust(2, "0"))
    return -minor if sign == "-" else minor


def charge(volume_milli: int, rate_millionths: int) -> int:
    """Return the charge for a volume at a rate, in minor units, rounded half up once (away from zero when negative)."""
    scale = MILLI * RATE_SCALE
    exact = volume_milli * rate_millionths
    rounded = (abs(exact) * 2 + scale) // (2 * scale)
    return -rounded if exact < 0 else rounded


def decimal_string(minor: int) -> str:
    """Return "1482.60" for 148260: the form protocols and files use."""
    sign = "-" if minor < 0 else ""
    return f"{sign}{abs(minor) // 100}.{abs(minor) % 100:02d}"
