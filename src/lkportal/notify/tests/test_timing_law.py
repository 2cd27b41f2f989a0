"""Quiet hours, gathered letters and escalation held against a slow and obvious reading of the same rules, on days when clocks change too."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given, settings
from hypothesis import strategies as st

from lkportal.core.module import Topic
from lkportal.notify.choosing.planning import Chosen, Habits, Rules, Step, plan
from lkportal.notify.choosing.timing import DAY_MINUTES, Quiet, next_gathering, opens

_ZONES = [
    ZoneInfo(name)
    for name in (
        "Europe/Moscow",
        "Europe/Berlin",
        "America/New_York",
        "Asia/Kamchatka",
        "Australia/Lord_Howe",
        "Asia/Beirut",
    )
]
_MINUTE = timedelta(minutes=1)
minutes = st.integers(0, DAY_MINUTES - 1)
zones = st.sampled_from(_ZONES)
_CHANGES = [
    datetime(2026, month, day, hour, tzinfo=UTC)
    for month, day, hour in ((3, 29, 1), (10, 25, 1), (3, 8, 7), (11, 1, 6))
]
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
moments = st.one_of(
    st.timedeltas(timedelta(), timedelta(days=730)).map(lambda later: _BEGINNING + later),
    st.builds(
        lambda change, away: change + timedelta(minutes=away), st.sampled_from(_CHANGES), st.integers(-1500, 1500)
    ),
)
quiets = st.builds(Quiet, minutes, minutes).filter(lambda quiet: quiet.since != quiet.until)


def _clock(moment: datetime, zone: ZoneInfo) -> int:
    local = moment.astimezone(zone)
    return local.hour * 60 + local.minute


def _is_quiet(moment: datetime, quiet: Quiet, zone: ZoneInfo) -> bool:
    """Go through the quiet minutes of a day one by one from their beginning, as a person would on a clock face."""
    face, shown = quiet.since, _clock(moment, zone)
    while face != quiet.until:
        if face == shown:
            return True
        face = (face + 1) % DAY_MINUTES
    return False


def _slow_opens(moment: datetime, quiet: Quiet | None, zone: ZoneInfo) -> datetime:
    """Wait minute by minute until it is not quiet."""
    if quiet is None:
        return moment
    wait, quiet_minutes = moment, _face(quiet)
    while _clock(wait, zone) in quiet_minutes:
        wait = wait.replace(second=0, microsecond=0) + _MINUTE
    return wait


def _face(quiet: Quiet) -> set[int]:
    found, face = set(), quiet.since
    while face != quiet.until:
        found.add(face)
        face = (face + 1) % DAY_MINUTES
    return found


def _slow_gathering(moment: datetime, minute: int, weekday: int | None, zone: ZoneInfo) -> datetime:
    """Walk on minute by minute to the first one of a right day whose clock shows the minute or later, the day's first such."""
    wait = moment.replace(second=0, microsecond=0) + _MINUTE
    while True:
        now, before = wait.astimezone(zone), (wait - _MINUTE).astimezone(zone)
        reached = _clock(wait, zone) >= minute and (before.date() < now.date() or _clock(wait - _MINUTE, zone) < minute)
        right = weekday is None or now.weekday() == weekday
        if reached and right and not _reached_before(wait, minute, zone):
            return wait
        wait += _MINUTE


def _reached_before(moment: datetime, minute: int, zone: ZoneInfo) -> bool:
    """Whether this day's clock showed the minute earlier: clocks that go back show it twice."""
    day = moment.astimezone(zone).date()
    earlier = moment - _MINUTE
    while earlier.astimezone(zone).date() == day and moment - earlier < timedelta(hours=3):
        if _clock(earlier, zone) >= minute:
            return True
        earlier -= _MINUTE
    return False


@settings(max_examples=150, deadline=None)
@given(moments, quiets, zones)
@example(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), Quiet(22 * 60, 2 * 60 + 30), ZoneInfo("Europe/Berlin"))
@example(datetime(2026, 10, 25, 1, 10, tzinfo=UTC), Quiet(22 * 60, 2 * 60 + 30), ZoneInfo("Europe/Berlin"))
@example(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), Quiet(2 * 60 + 45, 2 * 60 + 30), ZoneInfo("Europe/Berlin"))
def test_a_message_waits_until_the_first_minute_that_is_not_quiet(
    moment: datetime, quiet: Quiet, zone: ZoneInfo
) -> None:
    assert quiet.holds(_clock(moment, zone)) == _is_quiet(moment, quiet, zone)
    assert opens(moment, quiet, zone) == _slow_opens(moment, quiet, zone)


@settings(max_examples=40, deadline=None)
@given(moments, minutes, zones)
@example(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), 2 * 60 + 30, ZoneInfo("Europe/Berlin"))
@example(datetime(2026, 10, 25, 0, 10, tzinfo=UTC), 2 * 60 + 30, ZoneInfo("Europe/Berlin"))
@example(datetime(2026, 10, 25, 0, 40, tzinfo=UTC), 2 * 60 + 30, ZoneInfo("Europe/Berlin"))
def test_letters_are_gathered_once_a_day_at_the_first_such_minute(
    moment: datetime, minute: int, zone: ZoneInfo
) -> None:
    assert next_gathering(moment, minute, None, zone) == _slow_gathering(moment, minute, None, zone)


@settings(max_examples=8, deadline=None)
@given(moments, minutes, zones, st.integers(0, 6))
def test_letters_of_a_week_are_gathered_on_their_weekday(
    moment: datetime, minute: int, zone: ZoneInfo, weekday: int
) -> None:
    assert next_gathering(moment, minute, weekday, zone) == _slow_gathering(moment, minute, weekday, zone)


_RULES = Rules(
    {"push": timedelta(minutes=30), "email": timedelta(hours=2), "sms": timedelta(hours=24)},
    gather_minute=540,
    gather_weekday=0,
)
_WAYS = ("push", "email", "sms")
choices = st.builds(
    Chosen,
    in_app=st.booleans(),
    email=st.sampled_from(("at_once", "daily", "weekly", "off")),
    push=st.booleans(),
    sms=st.booleans(),
)
orders = st.lists(st.sampled_from(_WAYS), unique=True, max_size=3).map(tuple)


def _slow_plan(topic: Topic, chosen: Chosen, habits: Habits, reach: set[str], told: datetime) -> set[Step]:
    """Say of each way alone whether and when it leaves."""
    quiet = None if topic.urgent else habits.quiet
    found = set()
    for way in _WAYS:
        wanted = chosen.email != "off" if way == "email" else {"push": chosen.push, "sms": chosen.sms}[way]
        if not wanted or way not in reach:
            continue
        if way == "email" and chosen.email in ("daily", "weekly"):
            weekday = 0 if chosen.email == "weekly" else None
            slot = next_gathering(told, 540, weekday, habits.zone)
            found.add(Step("email", _slow_opens(slot, quiet, habits.zone), gathered=True))
        elif not habits.step_by_step or way not in topic.escalate:
            found.add(Step(way, _slow_opens(told, quiet, habits.zone)))
        else:
            at = _slow_opens(told, quiet, habits.zone)
            earlier = [each for each in topic.escalate if _follows(each, chosen, reach)]
            place = earlier.index(way)
            for each in earlier[1 : place + 1]:
                at = _slow_opens(at + _RULES.pauses[each], quiet, habits.zone)
            found.add(Step(way, at, unless_read=place > 0))
    return found


def _follows(way: str, chosen: Chosen, reach: set[str]) -> bool:
    wanted = {"push": chosen.push, "sms": chosen.sms, "email": chosen.email == "at_once"}
    return wanted[way] and way in reach


@settings(max_examples=150, deadline=None)
@given(
    moments, choices, orders, st.sets(st.sampled_from(_WAYS)), st.none() | quiets, zones, st.booleans(), st.booleans()
)
def test_each_way_leaves_at_most_once_and_when_its_rule_says(
    told: datetime,
    chosen: Chosen,
    escalate: tuple[str, ...],
    reach: set[str],
    quiet: Quiet | None,
    zone: ZoneInfo,
    step_by_step: bool,
    urgent: bool,
) -> None:
    topic = Topic("a.b", "B", escalate=escalate, urgent=urgent)
    habits = Habits(zone, quiet, step_by_step)
    steps = plan(topic, chosen, habits, reach, told, _RULES)
    assert set(steps) == _slow_plan(topic, chosen, habits, reach, told)
    ways = [step.channel for step in steps]
    assert len(ways) == len(set(ways)), "each way at most once"
