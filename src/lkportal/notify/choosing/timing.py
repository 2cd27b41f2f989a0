"""When a message leaves, in the person's own time: quiet hours, the hour of gathered letters. Plain functions of moments; days when
the clocks change are theirs to know. What leaves by which way stands in planning."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

DAY_MINUTES = 24 * 60
_MINUTE = timedelta(minutes=1)


class Quiet(NamedTuple):
    """Quiet hours: minutes of the day, from the first until before the second, over midnight when the second is smaller."""

    since: int
    until: int

    def holds(self, minute: int) -> bool:
        """Whether a minute of the day is quiet."""
        if self.since <= self.until:
            return self.since <= minute < self.until
        return minute >= self.since or minute < self.until


def opens(moment: datetime, quiet: Quiet | None, zone: ZoneInfo) -> datetime:
    """Return `moment`, or the first whole minute after it whose wall clock in `zone` is not quiet."""
    local = moment.astimezone(zone)
    if quiet is None or not quiet.holds(_minute(local)):
        return moment
    day = local.date() if _minute(local) < quiet.until else local.date() + timedelta(days=1)
    found = first_minute(day, quiet.until, zone)
    if found <= moment:  # the clock went back and it is this time of day for the second time
        found = _wall(day, quiet.until, fold=1).replace(tzinfo=zone).astimezone(UTC)
    return opens(found, quiet, zone)  # where clocks leap over the end of quiet hours, they may have begun again


def first_minute(day: date, minute: int, zone: ZoneInfo) -> datetime:
    """Return the first moment of `day` whose wall clock shows `minute` or later: where clocks leap over it, the leap itself."""
    wall = _wall(day, minute)
    late = wall.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if late.astimezone(zone).replace(tzinfo=None) == wall:
        return late
    early = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
    while late - early > _MINUTE:
        middle = early + (late - early) // _MINUTE // 2 * _MINUTE
        if middle.astimezone(zone).replace(tzinfo=None) < wall:
            early = middle
        else:
            late = middle
    return late


def next_gathering(moment: datetime, minute: int, weekday: int | None, zone: ZoneInfo) -> datetime:
    """Return the first moment after `moment` when letters are gathered: at `minute` of each day, or of each `weekday` (Monday 0)."""
    day = moment.astimezone(zone).date()
    if weekday is not None:
        day += timedelta(days=(weekday - day.weekday()) % 7)
    found = first_minute(day, minute, zone)
    if found <= moment:
        found = first_minute(day + timedelta(days=1 if weekday is None else 7), minute, zone)
    return found


def _minute(local: datetime) -> int:
    return local.hour * 60 + local.minute


def _wall(day: date, minute: int, fold: int = 0) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60, fold=fold))
