"""What leaves when and by which way: a topic, what a person chose and how they can be reached become steps. Pure, so that it can be
held against a slow and obvious reading of the same rules. How steps become messages stands in telling."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from lkportal.core.module import Topic
from lkportal.notify.choosing.timing import Quiet, next_gathering, opens

Frequency = Literal["at_once", "daily", "weekly", "off"]
FREQUENCIES: tuple[Frequency, ...] = ("at_once", "daily", "weekly", "off")
OUTSIDE = ("email", "push", "sms")


@dataclass(frozen=True, slots=True)
class Chosen:
    """How a person wants to be told about one topic."""

    in_app: bool
    email: Frequency
    push: bool
    sms: bool

    def has(self, channel: str) -> bool:
        """Whether a way is chosen."""
        return self.email != "off" if channel == "email" else bool(getattr(self, channel))


@dataclass(frozen=True, slots=True)
class Habits:
    """When a person is told at all: quiet hours and zone, ways one after the other or at once, what push shows."""

    zone: ZoneInfo
    quiet: Quiet | None = None
    step_by_step: bool = True
    push_titles: bool = False


@dataclass(frozen=True, slots=True)
class Rules:
    """What the company set: the pause before a way that follows another, the minute of the day and weekday of gathered letters."""

    pauses: Mapping[str, timedelta]
    gather_minute: int
    gather_weekday: int


@dataclass(frozen=True, slots=True)
class Step:
    """One message: by which way, when, whether it waits for a gathered letter, and whether it leaves only while unread."""

    channel: str
    at: datetime
    gathered: bool = False
    unless_read: bool = False


def usual(topic: Topic) -> Chosen:
    """Return what holds until a person chooses. Push needs a browser they allowed it in, and that is a choice already."""
    return Chosen(
        in_app="in_app" in topic.default,
        email=topic.frequency if "email" in topic.default else "off",
        push="push" in topic.channels,
        sms="sms" in topic.default,
    )


def held_to(topic: Topic, chosen: Chosen) -> Chosen:
    """Return what a person chose as far as the topic allows it: only its ways, and an obligatory one keeps those it must have."""
    email: Frequency = chosen.email if "email" in topic.channels else "off"
    must = topic.default if topic.obligatory else ()
    return Chosen(
        in_app=("in_app" in topic.channels and chosen.in_app) or "in_app" in must,
        email="at_once" if "email" in must else email,
        push=("push" in topic.channels and chosen.push) or "push" in must,
        sms=("sms" in topic.channels and chosen.sms) or "sms" in must,
    )


def plan(
    topic: Topic, chosen: Chosen, habits: Habits, reach: Collection[str], moment: datetime, rules: Rules
) -> list[Step]:
    """Return the messages of a notice told at `moment`, each way at most once. `reach` are the ways the person can be reached by.

    Ways of the topic's escalation follow one another while the notice is unread, each a pause after the one before it and
    never in quiet hours; all others leave at once, or wait for the gathered letter.
    """
    quiet = None if topic.urgent else habits.quiet
    ways = [way for way in OUTSIDE if way in reach and chosen.has(way)]
    steps: list[Step] = []
    if "email" in ways and chosen.email != "at_once":
        weekday = rules.gather_weekday if chosen.email == "weekly" else None
        slot = next_gathering(moment, rules.gather_minute, weekday, habits.zone)
        steps.append(Step("email", opens(slot, quiet, habits.zone), gathered=True))
        ways.remove("email")
    chain = [way for way in topic.escalate if way in ways] if habits.step_by_step else []
    steps += [Step(way, opens(moment, quiet, habits.zone)) for way in ways if way not in chain]
    at = moment
    for place, way in enumerate(chain):
        at = opens(at + rules.pauses[way] if place else at, quiet, habits.zone)
        steps.append(Step(way, at, unless_read=place > 0))
    return steps
