"""The calendar of readings: which month a reading counts for and how much time is left. Pure functions of dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from lkportal.modules.readings.settings import ReadingsSettings


@dataclass(frozen=True, slots=True)
class Window:
    """The days in which readings of one month are awaited. `period` is the first day of that month."""

    period: date
    first: date
    last: date
    today: date

    @property
    def is_open(self) -> bool:
        """Whether readings are awaited today."""
        return self.first <= self.today <= self.last

    @property
    def days_left(self) -> int:
        """Days until the last one, today not counted."""
        return (self.last - self.today).days

    @property
    def days(self) -> list[date]:
        """All days of the window."""
        return [self.first + timedelta(days=n) for n in range((self.last - self.first).days + 1)]


def window(today: date, settings: ReadingsSettings) -> Window:
    """Return the window a reading taken `today` belongs to: this month's, or the next one's when its last day is over."""
    month = today.replace(day=1)
    if today.day > settings.window_last:
        month = (month + timedelta(days=31)).replace(day=1)
    return Window(month, month.replace(day=settings.window_first), month.replace(day=settings.window_last), today)
