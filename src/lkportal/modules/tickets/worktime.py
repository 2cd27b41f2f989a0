"""Working time: when the company works, and what a term of so many working minutes comes to. Pure; days and hours are local,
moments are aware."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

Hours = tuple[time, time]
"""From and until, local time of one day."""

_MOST_DAYS = 3660


@dataclass(frozen=True)
class WorkCalendar:
    """The hours of a company. `week` are the hours of Monday (0) to Sunday (6), a day off is not there; `days` are days that are
    not as their weekday: other hours, or None for a holiday. `zone` is a name of the IANA database."""

    zone: str
    week: Mapping[int, Hours]
    days: Mapping[date, Hours | None] = field(default_factory=dict)

    def after(self, moment: datetime, minutes: int) -> datetime | None:
        """Return the moment when `minutes` of working time have passed since `moment`; none passed: its next working moment.

        None where they do not pass in ten years, as in a calendar without working hours.
        """
        left = timedelta(minutes=minutes)
        for begins, ends in self._spans(moment):
            if left <= ends - begins and (left or begins < ends):
                return begins + left
            left -= ends - begins
        return None

    def between(self, first: datetime, last: datetime) -> int:
        """Return how many whole minutes of working time lie between two moments; 0 when `last` is not later."""
        passed = timedelta()
        for begins, ends in self._spans(first):
            if begins >= last:
                break
            passed += min(ends, last) - begins
        return int(passed.total_seconds()) // 60

    def is_open(self, moment: datetime) -> bool:
        """Whether somebody works at a moment."""
        begins, _ = next(self._spans(moment), (None, None))
        return begins is not None and begins <= moment

    def _spans(self, moment: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Give the working spans from `moment` on, in UTC, so that a day of 23 or 25 hours counts as it passes."""
        since = moment.astimezone(UTC)
        day = moment.astimezone(ZoneInfo(self.zone)).date()
        for number in range(_MOST_DAYS):
            hours = self._hours(day + timedelta(days=number))
            if hours is None:
                continue
            begins, ends = (self._moment(day + timedelta(days=number), each) for each in hours)
            if ends > since:
                yield max(begins, since), ends

    def _hours(self, day: date) -> Hours | None:
        return self.days[day] if day in self.days else self.week.get(day.weekday())

    def _moment(self, day: date, at: time) -> datetime:
        return datetime.combine(day, at, ZoneInfo(self.zone)).astimezone(UTC)
