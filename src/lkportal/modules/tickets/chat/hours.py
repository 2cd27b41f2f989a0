"""Working hours in words: when somebody answers, and when next. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from lkportal.core.i18n import Text, text
from lkportal.modules.tickets.worktime import Hours, WorkCalendar

_WORKDAYS, _ALL = tuple(range(5)), tuple(range(7))
DAYS = (
    text("tickets.day.mon", "Mon"),
    text("tickets.day.tue", "Tue"),
    text("tickets.day.wed", "Wed"),
    text("tickets.day.thu", "Thu"),
    text("tickets.day.fri", "Fri"),
    text("tickets.day.sat", "Sat"),
    text("tickets.day.sun", "Sun"),
)
"""Monday to Sunday in short."""
_ON = (
    text("tickets.on.mon", "on Monday"),
    text("tickets.on.tue", "on Tuesday"),
    text("tickets.on.wed", "on Wednesday"),
    text("tickets.on.thu", "on Thursday"),
    text("tickets.on.fri", "on Friday"),
    text("tickets.on.sat", "on Saturday"),
    text("tickets.on.sun", "on Sunday"),
)


@dataclass(frozen=True, slots=True)
class Answering:
    """Somebody who answers: whether now, else when next; `week` are their hours in words, None where nobody works."""

    open: bool
    week: Text | None
    next: Text | None


def answering(calendar: WorkCalendar, moment: datetime) -> Answering:
    """Return when somebody with these hours answers, seen at `moment`."""
    begins = calendar.after(moment, 0)
    if begins is None:
        return Answering(False, None, None)
    if begins <= moment:
        return Answering(True, told(calendar.week), None)
    return Answering(False, told(calendar.week), _when(begins, moment, ZoneInfo(calendar.zone)))


def told(week: Mapping[int, Hours]) -> Text | None:
    """Return the hours of a week in words, days of equal hours together; None for a week without any."""
    parts: list[Text] = []
    for first, last, hours in _runs(week):
        since, until = (f"{each:%H:%M}" for each in hours)
        parts.append(
            text(
                "tickets.hours.part",
                "%(days)s from %(since)s to %(until)s",
                days=_days(first, last),
                since=since,
                until=until,
            )
        )
    found: Text | None = None
    for part in reversed(parts):
        found = part if found is None else text("tickets.hours.and", "%(one)s, %(more)s", one=part, more=found)
    return found


def _runs(week: Mapping[int, Hours]) -> list[tuple[int, int, Hours]]:
    runs: list[tuple[int, int, Hours]] = []
    for day in sorted(week):
        if runs and runs[-1][1] == day - 1 and runs[-1][2] == week[day]:
            runs[-1] = (runs[-1][0], day, week[day])
        else:
            runs.append((day, day, week[day]))
    return runs


def _days(first: int, last: int) -> Text:
    days = tuple(range(first, last + 1))
    if days == _WORKDAYS:
        return text("tickets.hours.workdays", "on working days")
    if days == _ALL:
        return text("tickets.hours.every_day", "every day")
    if first == last:
        return DAYS[first]
    return text("tickets.hours.days", "%(first)s–%(last)s", first=DAYS[first], last=DAYS[last])


def _when(begins: datetime, moment: datetime, zone: ZoneInfo) -> Text:
    local, today = begins.astimezone(zone), moment.astimezone(zone).date()
    time, days = f"{local:%H:%M}", (local.date() - today).days
    if days == 0:
        return text("tickets.hours.today", "today from %(time)s", time=time)
    if days == 1:
        return text("tickets.hours.tomorrow", "tomorrow from %(time)s", time=time)
    day: Text | date = _ON[local.weekday()] if days < len(_ON) else local.date()
    return text("tickets.hours.then", "%(day)s from %(time)s", day=day, time=time)
