"""The calendar of windows as a page and as a file (iCalendar, RFC 5545) that a calendar program keeps up to date."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from lkportal.modules.readings.settings import ReadingsSettings
from lkportal.modules.readings.windows import Window, window

AHEAD = 6
_FOLD = 75
State = Literal["sent", "waiting", "late", "later"]


@dataclass(frozen=True, slots=True)
class Term:
    """The window of one month, and how many of the account's dials are in for it."""

    days: Window
    state: State
    sent: int
    dials: int


def terms(today: date, settings: ReadingsSettings, last_periods: Sequence[date | None]) -> list[Term]:
    """Return the windows from the month before to AHEAD months on, by what the dials were read for last."""
    now = window(today, settings)
    month, found = _month(now.period, -1), []
    for _ in range(AHEAD + 1):
        days = window(month, settings)
        sent = sum(1 for period in last_periods if period is not None and period >= month)
        found.append(Term(days, _state(days, now, sent, len(last_periods)), sent, len(last_periods)))
        month = _month(month, 1)
    return found


def _state(days: Window, now: Window, sent: int, dials: int) -> State:
    if dials and sent == dials:
        return "sent"
    if days.period < now.period:
        return "late"
    return "waiting" if days.period == now.period else "later"


def _month(month: date, by: int) -> date:
    count = month.year * 12 + month.month - 1 + by
    return date(count // 12, count % 12 + 1, 1)


def ics(name: str, host: str, key: str, made_at: datetime, events: Sequence[tuple[Term, str, str]]) -> bytes:
    """Return a calendar of all-day events (term, summary, description). `key` names the account for good and tells nothing of it."""
    stamp = f"{made_at:%Y%m%dT%H%M%SZ}"
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", f"PRODID:-//{host}//readings//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_escaped(name)}", "REFRESH-INTERVAL;VALUE=DURATION:P1D", "X-PUBLISHED-TTL:P1D",
    ]  # fmt: skip
    for term, summary, description in events:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{term.days.period:%Y-%m}-{key}@{host}",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{term.days.first:%Y%m%d}",
            f"DTEND;VALUE=DATE:{term.days.last + timedelta(days=1):%Y%m%d}",
            f"SUMMARY:{_escaped(summary)}",
            f"DESCRIPTION:{_escaped(description)}",
            "TRANSP:TRANSPARENT",
            *_alarm(term, summary),
            "END:VEVENT",
        ]
    return "".join(f"{part}\r\n" for line in [*lines, "END:VCALENDAR"] for part in _folded(line)).encode()


def _alarm(term: Term, summary: str) -> list[str]:
    if term.state == "sent":
        return []
    length = (term.days.last - term.days.first).days
    # Nine in the morning of the day before the last one.
    before = f"P{length - 1}DT9H" if length > 0 else "PT9H"
    return ["BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:{before}", f"DESCRIPTION:{_escaped(summary)}", "END:VALARM"]


def _escaped(text: str) -> str:
    for sign, written in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n"), ("\r", "")):
        text = text.replace(sign, written)
    return text


def _folded(line: str) -> Iterator[str]:
    """Lines of at most 75 octets, never cut within a letter; what goes on begins with a space."""
    part = ""
    for sign in line:
        if len((part + sign).encode()) > _FOLD:
            yield part
            part = " "
        part += sign
    yield part
