"""What an outage is called and how its time is told: codes and moments in, texts out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from lkportal.core.i18n import Text, text

Clock = Callable[[datetime], str]
"""Shows the time of day of a moment: "14:05"."""


@dataclass(frozen=True, slots=True)
class Service:
    """A service that can be out: its name, that it is gone, that it will be, that it is back."""

    name: Text
    gone: Text
    going: Text
    back: Text


SERVICES: Mapping[str, Service] = {
    "cold_water": Service(
        text("news.service.cold_water", "Cold water"),
        text("news.gone.cold_water", "No cold water"),
        text("news.going.cold_water", "There will be no cold water"),
        text("news.back.cold_water", "Cold water is back"),
    ),
    "hot_water": Service(
        text("news.service.hot_water", "Hot water"),
        text("news.gone.hot_water", "No hot water"),
        text("news.going.hot_water", "There will be no hot water"),
        text("news.back.hot_water", "Hot water is back"),
    ),
    "heat": Service(
        text("news.service.heat", "Heating"),
        text("news.gone.heat", "No heating"),
        text("news.going.heat", "There will be no heating"),
        text("news.back.heat", "Heating is back"),
    ),
    "electricity": Service(
        text("news.service.electricity", "Electricity"),
        text("news.gone.electricity", "No electricity"),
        text("news.going.electricity", "There will be no electricity"),
        text("news.back.electricity", "Electricity is back"),
    ),
    "gas": Service(
        text("news.service.gas", "Gas"),
        text("news.gone.gas", "No gas"),
        text("news.going.gas", "There will be no gas"),
        text("news.back.gas", "Gas is back"),
    ),
    "internet": Service(
        text("news.service.internet", "Internet"),
        text("news.gone.internet", "No internet"),
        text("news.going.internet", "There will be no internet"),
        text("news.back.internet", "The internet is back"),
    ),
    "tv": Service(
        text("news.service.tv", "Television"),
        text("news.gone.tv", "No television"),
        text("news.going.tv", "There will be no television"),
        text("news.back.tv", "Television is back"),
    ),
    "telephone": Service(
        text("news.service.telephone", "Telephone"),
        text("news.gone.telephone", "No telephone connection"),
        text("news.going.telephone", "There will be no telephone connection"),
        text("news.back.telephone", "The telephone works again"),
    ),
}
CAUSES: Mapping[str, Text] = {
    "planned": text("news.cause.planned", "Planned works"),
    "accident": text("news.cause.accident", "Accident"),
}


def outage_title(service: str, cause: str, *, ended: bool = False) -> Text:
    """Return "No cold water", "There will be no cold water", "Cold water is back"."""
    known = SERVICES[service]
    if ended:
        return known.back
    return known.going if cause == "planned" else known.gone


def when(begins: datetime, ends: datetime | None, zone: str, clock: Clock, today: date | None = None) -> Text:
    """Return when it begins and ends, in `zone`; with `today` near days are called so."""
    first = begins.astimezone(ZoneInfo(zone)).date()
    since = clock(begins)
    if ends is None:
        if first == today:
            return text("news.when.since_today", "Since %(since)s today, the end is not known yet", since=since)
        return text("news.when.since", "Since %(since)s on %(day)s, the end is not known yet", since=since, day=first)
    last, until = ends.astimezone(ZoneInfo(zone)).date(), clock(ends)
    if first != last:
        days = {"first": first, "last": last, "since": since, "until": until}
        return text("news.when.days", "From %(first)s, %(since)s, to %(last)s, %(until)s", **days)
    hours = {"since": since, "until": until}
    if first == today:
        return text("news.when.today", "Today from %(since)s to %(until)s", **hours)
    if today is not None and first == today + timedelta(days=1):
        return text("news.when.tomorrow", "Tomorrow from %(since)s to %(until)s", **hours)
    return text("news.when.day", "On %(day)s from %(since)s to %(until)s", day=first, **hours)


def ended(moment: datetime, zone: str, clock: Clock) -> Text:
    """Return when the service came back."""
    day = moment.astimezone(ZoneInfo(zone)).date()
    return text("news.when.ended", "Since %(time)s on %(day)s", time=clock(moment), day=day)


def plain_clock(zone: str) -> Clock:
    """Return a clock of 24 hours, for messages that are worded before their reader's habits are known."""
    return lambda moment: f"{moment.astimezone(ZoneInfo(zone)):%H:%M}"


def said(texts: Mapping[str, Mapping[str, str]], language: str) -> Mapping[str, str]:
    """Return the words of an item in `language`, else in the first there are."""
    found = texts.get(language)
    if found and any(found.values()):
        return found
    return next((words for words in texts.values() if any(words.values())), {})
