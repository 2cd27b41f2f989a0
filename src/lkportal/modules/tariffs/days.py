"""Days of charges: the same day of each month, or its last one. Pure functions."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, datetime
from zoneinfo import ZoneInfo

_YEAR = 12


def months_on(day: date, months: int, anchor: int) -> date:
    """Return the day `months` later that keeps to the day `anchor` of the month: of the 31st it is the last one of a shorter month."""
    year, month = divmod(day.year * _YEAR + day.month - 1 + months, _YEAR)
    return date(year, month + 1, min(anchor, monthrange(year, month + 1)[1]))


def local_day(moment: datetime, zone: str) -> date:
    """Return the date in a time zone."""
    return moment.astimezone(ZoneInfo(zone)).date()
